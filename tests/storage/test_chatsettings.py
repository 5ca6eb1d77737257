"""When a chat wants its alerts."""

from __future__ import annotations

import datetime as dt

import pytest

from storage.chatsettings import ChatSettings, find_zone


def utc(day: int, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime(2024, 3, day, hour, minute, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (utc(5, 20, 59), None),  # 21:59 in Berlin
        (utc(5, 21), utc(6, 6)),  # 22:00 to 07:00
        (utc(6, 2), utc(6, 6)),
        (utc(6, 6), None),
        (utc(30, 23), utc(31, 5)),  # the clocks go forward in that night
    ],
)
def test_quiet_hours_are_those_of_the_chats_clock(now: dt.datetime, until: dt.datetime | None) -> None:
    assert ChatSettings("Europe/Berlin", quiet_from=22, quiet_until=7).held_until(now) == until


def test_mute_and_quiet_hours_hold_until_both_are_over() -> None:
    settings = ChatSettings("UTC", quiet_from=22, quiet_until=7, muted_until=utc(6, 9))

    assert settings.held_until(utc(5, 23)) == utc(6, 9)
    assert settings.held_until(utc(6, 9)) is None


def test_the_digest_comes_at_the_chats_hour_every_day() -> None:
    settings = ChatSettings("Asia/Kolkata", digest_hour=8)

    assert settings.next_digest(utc(5, 2)) == utc(5, 2, 30)
    assert settings.next_digest(utc(5, 2, 30)) == utc(6, 2, 30)


@pytest.mark.parametrize(
    ("name", "hours"), [("UTC", 0), ("UTC+3", 3), ("utc-9", -9), ("GMT+5:30", 5.5), ("Europe/Moscow", 3)]
)
def test_zones_by_name_and_by_offset(name: str, hours: float) -> None:
    zone = find_zone(name)

    assert zone
    assert utc(5, 12).astimezone(zone).utcoffset() == dt.timedelta(hours=hours)


@pytest.mark.parametrize(
    "name", ["", "Mars/Olympus", "UTC+99", "../etc/passwd", "/etc/passwd", "x" * 999, "Europe", "\x00"]
)
def test_what_is_no_zone(name: str) -> None:
    assert find_zone(name) is None
