"""When to look at a source again: pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

LONGEST = dt.timedelta(days=1)  # between two looks, whatever is asked for or goes wrong
OFF_AFTER = dt.timedelta(days=7)  # of failures alone
OFF_FAILURES = 8  # at least, so that a machine that was off for a week gives each source a fair try
RETRIES = tuple(dt.timedelta(hours=hours) for hours in (1, 6, 24, 72))  # of a page that could not be read


@dataclass(frozen=True, slots=True)
class Schedule:
    """How it stands with a source."""

    failures: int = 0  # since the last success
    failing_since: dt.datetime | None = None
    next_look_at: dt.datetime | None = None  # null: never looked at
    off_at: dt.datetime | None = None  # since when it is not looked at any more


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a look went."""

    error: str | None = None  # one line; null: well
    wait_s: float = 0.0  # what the server asks for: ttl, max-age, Retry-After
    gone: bool = False  # for good: 410


def decide(schedule: Schedule, outcome: Outcome, *, now: dt.datetime, interval_s: float, jitter: float) -> Schedule:
    """The schedule after a look. `jitter`, 0..1, spreads sources that would else always meet.

    After a success the next look comes after the interval, or what the server asks for where that is longer. After a
    failure the wait doubles each time. 410, or nothing but failures for a week, switches the source off.
    """
    wait = max(interval_s, outcome.wait_s)
    if outcome.error is None:
        return Schedule(next_look_at=now + _spread(wait, jitter / 10))
    failures = schedule.failures + 1
    since = schedule.failing_since or now
    wait = max(outcome.wait_s, interval_s * 2 ** min(failures, 20))
    off = outcome.gone or (failures >= OFF_FAILURES and now - since >= OFF_AFTER)
    return Schedule(failures, since, now + _spread(wait, jitter / 4), now if off else None)


def is_due(schedule: Schedule, now: dt.datetime) -> bool:
    """Whether it is time to look. A next look impossibly far ahead comes of a clock that was wrong: then, too."""
    at = schedule.next_look_at
    return schedule.off_at is None and (at is None or at <= now or at - now > 2 * LONGEST)


def retry_at(tries: int, now: dt.datetime) -> dt.datetime | None:
    """When to read a page again that has failed so many times; null: not until its listing says something new."""
    return now + RETRIES[tries - 1] if tries <= len(RETRIES) else None


def _spread(wait_s: float, share: float) -> dt.timedelta:
    return min(dt.timedelta(seconds=wait_s), LONGEST) * (1 + share)
