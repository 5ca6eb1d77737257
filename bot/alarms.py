"""What goes wrong, told to the operators: a message for each kind of error, not for each error.

A kind is what the error is and where it stands in the code, so that a thousand of one kind are one line with a count.
Nothing that readers wrote is told: of a log line only the part that the program's authors wrote, and of an exception
its type; the log has the rest.
"""

from __future__ import annotations

import asyncio
import logging
import re
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from telegram.error import TelegramError

from bot.context import BotApplication
from bot.logs import secret_texts, starred
from bot.texts import words_for

log = logging.getLogger(__name__)
_PLACEHOLDER = re.compile(r"%[-#0 +]*\d*(?:\.\d+)?[a-zA-Z]")
# Known words of the database and the operating system: other words may hold what readers wrote.
_AILMENTS = re.compile(
    "disk is full|No space left on device|held by another process|cannot reach the database|damaged or not a database|"
    "check the folder's permissions|disk I/O error|File too large"
)
_EVERY_S = 3600.0  # for each kind
_LOOK_S = 2.0
_KINDS = 200  # remembered; a defect in one place is one kind, so more is the same disaster
_OURS = Path(__file__).parents[1]
# These speak of sources and of the machine, never of readers: what they say is told whole.
_OPEN = ("bot.jobs",)


@dataclass
class _Kind:
    words: str
    count: int = 0  # since it was last told
    told_at: float | None = None


class Alarms(logging.Handler):
    """Counts the errors that are logged; `due` gives what to tell now."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(logging.ERROR)
        self._clock = clock
        self._kinds: dict[tuple[str, str], _Kind] = {}
        self._counting = threading.Lock()  # errors are logged in threads too

    def emit(self, record: logging.LogRecord) -> None:
        kind = (record.name, f"{_template(record)} {_cause(record)}".strip())
        with self._counting:
            if kind in self._kinds or len(self._kinds) < _KINDS:
                known = self._kinds.setdefault(kind, _Kind(""))
                known.words = record.getMessage() if record.name in _OPEN else kind[1]
                known.count += 1

    def due(self) -> list[tuple[str, int]]:
        """(words, how often since it was last told) of each kind that is to be told now; it counts as told then."""
        now, told = self._clock(), []
        with self._counting:
            for kind in self._kinds.values():
                if kind.count and (kind.told_at is None or now - kind.told_at >= _EVERY_S):
                    told.append((kind.words, kind.count))
                    kind.count, kind.told_at = 0, now
        return told


def _template(record: logging.LogRecord) -> str:
    """What our authors wrote of the message; of other programs' only who speaks, as they put values in anywhere."""
    if record.name.split(".")[0] not in ("bot", "storage", "retrieval"):
        return record.name
    return " ".join(_PLACEHOLDER.sub("…", str(record.msg)).split())


def _cause(record: logging.LogRecord) -> str:
    """The exception's type, and the last place in our code that it passed, or what ails the machine."""
    error = record.exc_info[1] if record.exc_info else None
    if error is None:
        told = [each for each in record.args or () if isinstance(each, Exception)]
        return " ".join(f"({type(each).__name__}{_ailment(str(each))})" for each in told)
    frames = [f for f in traceback.extract_tb(error.__traceback__) if Path(f.filename).is_relative_to(_OURS)]
    where = f" at {Path(frames[-1].filename).relative_to(_OURS)}:{frames[-1].lineno}" if frames else ""
    return f"({type(error).__name__}{where})"


def _ailment(text: str) -> str:
    found = _AILMENTS.search(text)
    return f": {found[0]}" if found else ""


async def keep_telling(app: BotApplication, alarms: Alarms) -> None:
    """Tells the operators, for ever."""
    words, secrets = words_for(None), secret_texts(app.settings)
    while True:
        await asyncio.sleep(_LOOK_S)
        for text, count in alarms.due():
            message = words("operator.alarm", text=starred(text, secrets)[:1000], n=count)
            for admin_id in sorted(app.settings.admin_ids):
                try:
                    await app.bot.send_message(admin_id, message)
                except TelegramError as error:  # no error: it would be told in its turn
                    log.warning("operator %d could not be told: %s", admin_id, error)
