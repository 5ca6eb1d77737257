"""Several processes, one bot: which of them does what only one may do, and how each learns what the others change."""

from __future__ import annotations

import asyncio
import contextlib
import logging

from bot import commands, handlers
from bot.broadcasts import keep_broadcasting
from bot.context import BotApplication
from bot.exceptions import BotError
from bot.jobs import look_for_articles, look_regularly
from retrieval.exceptions import RetrievalError
from storage import bans, chats, chatstates, notices
from storage.exceptions import StorageError
from storage.lock import InstanceLock

log = logging.getLogger(__name__)
_LOOK_S = 2.0  # for articles that another process stored
_MANY = 1000  # chats looked up one by one


async def load_first(app: BotApplication) -> None:
    """Loads the sources when nothing is loaded yet; of that nobody is alerted."""
    if not (await app.services.stats()).articles:
        await look_for_articles(app, alert=False)


async def lead(app: BotApplication, lock: InstanceLock) -> None:
    """Does what only one process may do, whenever the lock is ours; for ever. Alerts have their own way: Courier."""
    while True:
        await lock.until_held()
        log.info("this process leads: it looks at the sources, and sends alerts and broadcasts")
        app.metrics.leads.set(1)
        look = _load_and_look(app) if app.shared else look_regularly(app)
        work = (look, keep_broadcasting(app, lock), introduce(app))
        tasks = [asyncio.create_task(each) for each in work]
        try:
            await lock.until_lost()
        finally:
            app.metrics.leads.set(0)
            for task in tasks:
                task.cancel()
            for failure in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(failure, Exception):
                    log.error("in the background", exc_info=failure)


async def _load_and_look(app: BotApplication) -> None:
    with contextlib.suppress(StorageError):  # the next look meets and tells the same
        await load_first(app)
    await look_regularly(app)


async def introduce(app: BotApplication) -> None:
    """Gives Telegram the menus and descriptions, and each admin their own menu."""
    await commands.introduce(app.bot, handlers.COMMANDS)
    for admin_id in sorted(app.menus_due):
        if await commands.give_admin_menu(app.bot, handlers.COMMANDS, admin_id):
            app.menus_due.discard(admin_id)


async def learn(app: BotApplication) -> None:
    """Takes from the database what every update is looked at with. Raises: DatabaseError."""
    async with app.services.database.reading() as session:
        app.languages = await chats.languages(session)
        app.banned = await bans.bans(session)
        app.unreachable = await chatstates.unreachable(session)


async def follow_chats(app: BotApplication) -> None:
    """Follows what other processes learn of chats, and whom they ban; for ever."""
    while True:
        try:
            async with notices.listen(app.services.database) as heard:
                await learn(app)  # all that went unheard
                while True:
                    await _relearn(app, await heard.next())
        except (StorageError, TimeoutError) as error:
            log.warning("what other processes change is not known for a moment: %s", error)
        await asyncio.sleep(_LOOK_S)


async def _relearn(app: BotApplication, written: set[tuple[str, int]]) -> None:
    changed = {number for table, number in written if table == "chat"}
    if len(changed) > _MANY:
        await learn(app)
        return
    async with app.services.database.reading() as session:
        if len(changed) < len(written):
            app.banned = await bans.bans(session)
        languages, unreachable = await chatstates.find_known(session, changed)
    for chat_id in changed:
        app.languages.pop(chat_id, None)
    app.languages |= languages
    app.unreachable -= changed
    app.unreachable |= unreachable


async def follow_articles(app: BotApplication, lock: InstanceLock) -> None:
    """Makes findable what other processes store, for ever; in an engine that all use, who leads does."""
    shown = ""
    while True:
        try:
            await app.services.refresh(others=lock.held)
            if shown != app.services.version:
                app.metrics.looked(*await app.services.health())
                shown = app.services.version
        except (StorageError, RetrievalError, BotError) as error:
            log.error("articles that others stored are not found yet: %s", error)
        await asyncio.sleep(_LOOK_S)
