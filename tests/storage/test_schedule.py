from __future__ import annotations

import datetime as dt

import pytest

from storage.schedule import LONGEST, Outcome, Schedule, decide, is_due, retry_at

NOW = dt.datetime(2024, 5, 6, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def after(schedule: Schedule, outcome: Outcome, now: dt.datetime = NOW, jitter: float = 0.0) -> Schedule:
    return decide(schedule, outcome, now=now, interval_s=300, jitter=jitter)


def wait(schedule: Schedule, now: dt.datetime = NOW) -> float:
    assert schedule.next_look_at is not None
    return (schedule.next_look_at - now).total_seconds()


def test_after_a_success_the_next_look_comes_after_the_interval() -> None:
    assert after(Schedule(5, NOW - HOUR), Outcome()) == Schedule(next_look_at=NOW + dt.timedelta(seconds=300))


@pytest.mark.parametrize(("asked", "waited"), [(60, 300), (3600, 3600), (10**9, LONGEST.total_seconds())])
def test_what_a_server_asks_for_is_given_when_it_is_longer(asked: float, waited: float) -> None:
    assert wait(after(Schedule(), Outcome(wait_s=asked))) == waited
    assert wait(after(Schedule(), Outcome("busy", wait_s=max(asked, 700)))) == max(waited, 700)


def test_each_failure_doubles_the_wait_up_to_a_day() -> None:
    schedule, waits = Schedule(), []
    for _ in range(12):
        schedule = after(schedule, Outcome("down"))
        waits.append(wait(schedule))
    assert waits[:3] == [600, 1200, 2400]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST.total_seconds()


def test_jitter_only_ever_lengthens_a_wait() -> None:
    for outcome in (Outcome(), Outcome("down"), Outcome(wait_s=5000)):
        assert wait(after(Schedule(), outcome, jitter=1.0)) > wait(after(Schedule(), outcome))


def test_a_source_goes_off_after_a_week_of_failures_and_not_before() -> None:
    schedule, now = Schedule(), NOW
    while schedule.off_at is None:
        schedule = after(schedule, Outcome("down"), now)
        if schedule.off_at is None:
            assert schedule.next_look_at is not None
            now = schedule.next_look_at
    assert dt.timedelta(days=7) <= now - NOW <= dt.timedelta(days=8)
    assert not is_due(schedule, now + 100 * LONGEST)


def test_a_machine_that_was_off_for_weeks_gives_a_source_some_tries_before_it_goes_off() -> None:
    schedule = after(after(Schedule(), Outcome("down")), Outcome("down"), NOW + dt.timedelta(days=30))
    assert schedule.off_at is None


def test_what_is_gone_for_good_goes_off_at_once() -> None:
    assert after(Schedule(), Outcome("gone", gone=True)).off_at == NOW


def test_a_success_switches_a_source_on_again() -> None:
    assert after(Schedule(9, NOW, NOW, NOW), Outcome()).off_at is None


def test_a_source_is_due_when_its_time_has_come() -> None:
    assert is_due(Schedule(), NOW)
    assert is_due(Schedule(next_look_at=NOW), NOW)
    assert not is_due(Schedule(next_look_at=NOW + HOUR), NOW)


def test_a_clock_that_was_set_back_does_not_put_a_source_off_for_ever() -> None:
    assert is_due(Schedule(next_look_at=NOW + dt.timedelta(days=400)), NOW)


def test_a_page_is_tried_again_some_times_and_then_left() -> None:
    at = [retry_at(tries, NOW) for tries in range(1, 7)]
    assert at[0] == NOW + HOUR
    assert at[3] is not None
    assert at[4:] == [None, None]
