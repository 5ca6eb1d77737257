"""The allowance of a sender."""

from __future__ import annotations

from bot import pace
from bot.pace import Pace


def test_the_allowance_is_used_at_once_refused_with_one_notice_and_comes_back_evenly() -> None:
    now = 0.0
    asks = Pace(6.0, clock=lambda: now)

    assert [asks.take(1) for _ in range(6)] == ["allowed"] * 6
    assert [asks.take(1) for _ in range(3)] == ["refused once", "refused", "refused"]
    assert asks.take(2) == "allowed"
    now = 11.0  # one more
    assert [asks.take(1) for _ in range(2)] == ["allowed", "refused"]
    now = 60.0  # nearly all again: a new notice when it is used up
    assert [asks.take(1) for _ in range(7)] == ["allowed"] * 5 + ["refused once", "refused"]


def test_who_came_longest_ago_is_forgotten_first() -> None:
    asks = Pace(1.0, clock=lambda: 0.0)
    for sender in range(pace._REMEMBERED + 1):
        asks.take(sender)

    assert asks.take(0) == "allowed"
    assert asks.take(pace._REMEMBERED) == "refused once"
