"""The command line: `quotewire COMMAND`. Errors that a user can mend are one line and exit status 2."""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import json
import os
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from bot import cli_operator
from bot.exceptions import UserError
from bot.jsonout import answer_json, article_json, hits_json
from bot.logs import set_up_logging
from bot.services import LoadReport, Services, open_services
from bot.settings import Settings, SettingsError
from bot.terminal import print_article, print_message
from bot.texts import words_for
from retrieval.exceptions import ReadingError, RetrievalError
from retrieval.reading import read
from retrieval.types import Answer, DateRange, Limits, PartialDate
from storage.exceptions import StorageError
from storage.sources import read_source

Command = Callable[[argparse.Namespace, Settings], Awaitable[int]]
MENDABLE = (UserError, SettingsError, StorageError, RetrievalError)


def run(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Carries out one command; gives the exit status."""
    options = parser().parse_args(arguments)
    try:
        settings = Settings.read(environment)
        set_up_logging(settings)
        return asyncio.run(_main(options, settings))
    except MENDABLE as error:
        print(f"quotewire: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader of our output has gone (`| head`)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


async def _main(options: argparse.Namespace, settings: Settings) -> int:
    command: Command = options.command
    return await command(options, settings)


def parser() -> argparse.ArgumentParser:
    """The command line's grammar; the docs test reads the commands from it."""
    top = argparse.ArgumentParser(prog="quotewire", description="Who said what, and when: verbatim quotes from news.")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def add(name: str, command: Command, summary: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=summary, description=summary)
        sub.set_defaults(command=command)
        return sub

    add("run", _run, "the Telegram bot; without TELEGRAM_BOT_TOKEN, load the sources and chat here")
    add("chat", _chat, "ask questions in the terminal, a line each")

    for name, command, summary, limit in (
        ("ask", _ask, "answer one question, or a file of them", 3),
        ("search", _search, "show the ranked paragraphs, before any decision what to quote", 10),
    ):
        sub = add(name, command, summary)
        sub.add_argument("question", nargs="?", metavar="QUESTION")
        sub.add_argument("--batch", type=Path, metavar="FILE.jsonl", help='lines of {"id": …, "question": …}')
        sub.add_argument("--speaker", metavar="NAME", help="only what this person or body said")
        sub.add_argument("--since", metavar="DATE", help="2021, 2021-12 or 2021-12-31")
        sub.add_argument("--until", metavar="DATE")
        sub.add_argument("--now", metavar="DATE", help="the day on which it is asked; today by default")
        sub.add_argument("--limit", type=_count, default=limit, metavar="N")
        sub.add_argument("--json", action="store_true")
        if name == "search":
            sub.add_argument("--explain", action="store_true", help="name every number in a score")

    load = add("load", _load, "read articles into the database")
    load.add_argument("sources", nargs="*", metavar="SOURCE", help="folder, file, glob, page or feed")
    load.add_argument("--alert", action="store_true", help="tell subscribers about the new articles")
    load.add_argument("--json", action="store_true")

    parse = add("parse", _parse, "show what is understood of an article, without storing it")
    parse.add_argument("file", metavar="FILE")
    parse.add_argument("--json", action="store_true")

    cli_operator.add_commands(add)
    return top


def _count(value: str) -> int:
    if not value.isdecimal() or not 0 < int(value) <= 1000:
        raise argparse.ArgumentTypeError("must be a whole number from 1 to 1000")
    return int(value)


async def _run(options: argparse.Namespace, settings: Settings) -> int:
    if settings.telegram_bot_token:
        from bot.app import run_bot  # heavy, and the terminal does without

        return await run_bot(settings)
    async with open_services(settings) as services:
        _print_report(await _load_showing(services, None, alert=False), quiet_when_same=True)
        return await _converse(services)


async def _chat(options: argparse.Namespace, settings: Settings) -> int:
    async with open_services(settings) as services:
        return await _converse(services)


async def _converse(services: Services) -> int:
    from bot.chat import chat

    await chat(services, sys.stdin, sys.stdout)
    return 0


async def _ask(options: argparse.Namespace, settings: Settings) -> int:
    async with open_services(settings) as services:
        for item in _questions(options):
            answer = await services.ask(item.question, limit=options.limit, filters=item.filters, now=item.now)
            if options.json:
                _print_json(answer_json(answer, item.id))
            else:
                await _show(services, answer)
    return 0


async def _show(services: Services, answer: Answer) -> None:
    from bot.chat import answer_message

    message = await answer_message(services, answer, words_for(answer.query.language))
    print_message(message.text, Console(highlight=False))


async def _search(options: argparse.Namespace, settings: Settings) -> int:
    async with open_services(settings) as services:
        for item in _questions(options):
            result, articles = await services.search(
                item.question, limit=options.limit, filters=item.filters, now=item.now
            )
            line = hits_json(result.hits, articles, item.id, explain=options.explain)
            if options.json:
                _print_json(line)
            else:
                _print_hits(line)
    return 0


class _Question(argparse.Namespace):
    id: object
    question: str
    filters: Limits
    now: dt.date | None


def _questions(options: argparse.Namespace) -> Iterator[_Question]:
    """The questions of the command line or of the batch file, with their limits."""
    given = {name: getattr(options, name) for name in ("speaker", "since", "until", "now")}
    if (options.batch is None) == (options.question is None):
        raise UserError("give either a QUESTION or --batch FILE.jsonl")
    if options.batch is None:
        yield _question(None, options.question, given, "")
        return
    try:
        lines = options.batch.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise UserError(f"cannot read {options.batch}: {reason}") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        where = f"{options.batch}, line {number}: "
        try:
            item = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise UserError(f"{where}not JSON") from error
        if not isinstance(item, dict) or not isinstance(item.get("question"), str):
            raise UserError(f'{where}needs {{"id": …, "question": "…"}}')
        limits = {name: item[name] for name in given if isinstance(item.get(name), str) and item[name]}
        yield _question(item.get("id"), item["question"], {**given, **limits}, where)


def _question(question_id: object, question: str, given: Mapping[str, str | None], where: str) -> _Question:
    since, until = (_date(given[name], where + name) for name in ("since", "until"))
    now = _date(given["now"], where + "now")
    if now is not None and now.full is None:
        raise UserError(f"{where}now must be a whole date such as 2021-12-31")
    dates = DateRange(since, until) if since or until else None
    return _Question(
        id=question_id,
        question=question,
        filters=Limits(speaker=given["speaker"], dates=dates),
        now=now.full if now else None,
    )


def _date(value: str | None, name: str) -> PartialDate | None:
    if not value:
        return None
    try:
        return PartialDate.parse(value)
    except ValueError:
        raise UserError(f"{name} must be a date such as 2021, 2021-12 or 2021-12-31, not {value!r}") from None


async def _load(options: argparse.Namespace, settings: Settings) -> int:
    async with open_services(settings) as services:
        report = await _load_showing(services, options.sources or None, alert=options.alert)
    if options.json:
        rejected = [{"source": source, "reason": reason} for source, reason in report.rejected]
        counts = {name: getattr(report, name) for name in ("added", "updated", "unchanged", "removed")}
        _print_json({**counts, "rejected": rejected})
    else:
        _print_report(report)
    return 1 if report.rejected and not (report.added or report.updated or report.unchanged) else 0


async def _load_showing(services: Services, sources: Sequence[str] | None, *, alert: bool) -> LoadReport:
    """Loads with a progress line on standard error, when that is a terminal, else a line now and then."""
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    shown = 0
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("reading ...", total=None)

        def progress(articles: int, source: str) -> None:
            nonlocal shown
            bar.update(task, description=f"{articles:,} articles  {source}")
            if not console.is_terminal and articles - shown >= 1000:
                shown = articles
                print(f"{articles:,} articles so far ({source})", file=sys.stderr)

        return await services.load(sources, alert=alert, first_too=alert, progress=progress)


def _print_report(report: LoadReport, *, quiet_when_same: bool = False) -> None:
    for source, reason in report.rejected:
        print(f"rejected: {source}: {reason}", file=sys.stderr)
    if quiet_when_same and not (report.added or report.updated or report.removed):
        return
    print(
        f"{report.added} added, {report.updated} updated, {report.unchanged} unchanged, "
        f"{report.removed} removed, {len(report.rejected)} rejected"
    )


async def _parse(options: argparse.Namespace, settings: Settings) -> int:
    today = dt.datetime.now().astimezone().date()
    console = Console(highlight=False)
    found = 0
    for item in read_source(options.file):
        try:
            if item.document is None:
                raise UserError(item.reason or "cannot be read")
            article = read(item.document, today)
        except (UserError, ReadingError) as error:
            print(f"quotewire: {item.key}: {error}", file=sys.stderr)
            continue
        found += 1
        if options.json:
            _print_json(article_json(article))
        else:
            print_article(article, console)
    return 0 if found else 2


def _print_json(value: Mapping[str, Any]) -> None:
    print(json.dumps(value, ensure_ascii=False), flush=True)


def _print_hits(line: Mapping[str, Any]) -> None:
    if not line["hits"]:
        print("nothing found")
    for rank, hit in enumerate(line["hits"], 1):
        print(f"{rank:2}. {hit['score']:.3f}  article {hit['article']['id']}, paragraph {hit['paragraph']}")
        print(f"    {hit['text']}")
        for name, value in hit.get("parts", {}).items():
            print(f"      {value:10.4f}  {name}")
