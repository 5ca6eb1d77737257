"""The command line for those who run Quotewire: sources, figures, the database, backups, the audit log."""

from __future__ import annotations

import argparse
import datetime as dt
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

from bot.exceptions import UserError
from bot.services import open_services
from bot.settings import Settings
from storage import audit
from storage.audit import COMMAND_LINE, Act
from storage.backup import backup, restore
from storage.database import Database

Command = Callable[[argparse.Namespace, Settings], Awaitable[int]]
Add = Callable[[str, Command, str], argparse.ArgumentParser]


def add_commands(add: Add) -> None:
    """Adds these commands to the command line's grammar."""
    sources = add("sources", _sources, "the sources that are followed, and how each does")
    sources.add_argument("action", nargs="?", choices=["add", "remove"], help="follow one more, or one less")
    sources.add_argument("address", nargs="?", metavar="ADDRESS", help="folder, file, page or feed")

    stats = add("stats", _stats, "what is loaded")
    stats.add_argument("--json", action="store_true")

    database = add("db", _db, "the database")
    database.add_argument("action", choices=["upgrade"], help="bring it to the newest schema")

    add("backup", _backup, "write everything in the database to a file").add_argument("file", type=Path, metavar="FILE")
    add("restore", _restore, "fill an empty database from such a file").add_argument("file", type=Path, metavar="FILE")

    log = add("audit", _audit, "what operators did, and what others tried in their name; the newest last")
    log.add_argument("--limit", type=int, default=100, metavar="N")


async def _sources(options: argparse.Namespace, settings: Settings) -> int:
    if bool(options.action) != bool(options.address):
        raise UserError("give an action and an ADDRESS, such as: quotewire sources add https://example.org/feed.xml")
    async with open_services(settings) as services:
        if options.action == "add":
            found = await services.polling.try_source(options.address)
            report = (await services.polling.add_source(options.address)).loaded
            await services.refresh()
            print(f"{options.address}: {found.kind}, {found.articles} articles; {report.added} added")
            for source, reason in report.rejected:
                print(f"rejected: {source}: {reason}")
        elif options.action == "remove":
            if not await services.polling.remove_source(options.address):
                raise UserError(f"{options.address} is not followed; quotewire sources lists what is")
            print(f"{options.address}: followed no longer; its articles stay")
        else:
            for one in await services.polling.list_sources():
                read = f"{one.last_success:%Y-%m-%d %H:%M} UTC" if one.last_success else "never"
                state = "off" if one.off_since else "failing" if one.error else "well" if one.last_success else "new"
                print(f"{state:8} {one.articles:8,} articles  {one.per_day:g} a day  read {read}  {one.address}")
                if one.error:
                    print(f"         {one.error}")
        if options.action:
            act = Act(dt.datetime.now(dt.UTC), COMMAND_LINE, f"sources {options.action}", options.address, "done")
            async with services.database.writing() as session:
                await audit.record(session, act)
    return 0


async def _stats(options: argparse.Namespace, settings: Settings) -> int:
    async with open_services(settings) as services:
        stats = await services.stats()
    values = {name: getattr(stats, name) for name in stats.__dataclass_fields__}
    if options.json:
        print(json.dumps(values, ensure_ascii=False))
        return 0
    for name, value in values.items():
        shown = " to ".join(value) if isinstance(value, tuple) else "none" if value is None else f"{value:,}"
        print(f"{name.replace('_', ' '):16} {shown}")
    return 0


async def _db(options: argparse.Namespace, settings: Settings) -> int:
    async with Database(settings.database_url.reveal()) as database:
        await database.upgrade()
    return 0


async def _backup(options: argparse.Namespace, settings: Settings) -> int:
    async with Database(settings.database_url.reveal()) as database:
        rows = await backup(database, options.file)
    print(f"{options.file}: {rows.get('article', 0):,} articles, {sum(rows.values()):,} rows in all")
    return 0


async def _restore(options: argparse.Namespace, settings: Settings) -> int:
    async with Database(settings.database_url.reveal()) as database:
        rows = await restore(database, options.file)
    print(f"{database.shown}: {rows.get('article', 0):,} articles, {sum(rows.values()):,} rows in all")
    return 0


async def _audit(options: argparse.Namespace, settings: Settings) -> int:
    async with Database(settings.database_url.reveal()) as database:
        await database.upgrade()
        async with database.reading() as session:
            acts = await audit.newest(session, max(0, options.limit))
    for act in reversed(acts):
        who = "command line" if act.user_id == COMMAND_LINE else str(act.user_id)
        print("  ".join((f"{act.at:%Y-%m-%d %H:%M:%S} UTC", who, act.name, act.subject or "-", act.outcome)))
    return 0
