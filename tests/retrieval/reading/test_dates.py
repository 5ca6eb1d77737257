"""Dates are read as far as they are stated, and never further."""

from __future__ import annotations

import datetime as dt

import pytest

from retrieval.reading.dates import article_date, date_at, parse_date
from retrieval.types import DateOrigin, PartialDate

TODAY = dt.date(2024, 6, 15)


@pytest.mark.parametrize(
    ("stamp", "edtf"),
    [
        ("9 November 2023", "2023-11-09"),
        ("November 9, 2023", "2023-11-09"),
        ("Nov. 9 2023", "2023-11-09"),
        ("Sept 9th, 2023", "2023-09-09"),
        ("9th of November 2023", "2023-11-09"),
        ("Dec. 31", "XXXX-12-31"),
        ("31 декабря", "XXXX-12-31"),
        ("31 декабря 2021 года", "2021-12-31"),
        ("5 мар 2022 г.", "2022-03-05"),
        ("31.12.2021", "2021-12-31"),
        ("31.12.2021, 14:05", "2021-12-31"),
        ("14:05, 31 декабря 2021", "2021-12-31"),
        ("Updated December 31, 2021 at 10:15 AM EST", "2021-12-31"),
        ("2021-12-31", "2021-12-31"),
        ("2021-12-31T23:30:00-05:00", "2021-12-31"),
        ("20211231T101500Z", "2021-12-31"),
        ("Fri, 31 Dec 2021 10:00:00 +0300", "2021-12-31"),
        ("12/31/2021", "2021-12-31"),
        ("31/12/2021", "2021-12-31"),
        ("December 2021", "2021-12"),
        ("декабрь 2021", "2021-12"),
        ("2021-12", "2021-12"),
        ("2021", "2021"),
        ("XXXX-12-31", "XXXX-12-31"),
    ],
)
def test_a_stamp_is_read_as_far_as_it_goes(stamp: str, edtf: str) -> None:
    assert str(parse_date(stamp)) == edtf


def test_a_stamp_that_may_mean_two_days_gives_its_year_alone() -> None:
    assert parse_date("03/04/2021") == PartialDate(2021)


@pytest.mark.parametrize(
    "stamp",
    ["", "   ", "yesterday", "Friday", "31 February 2021", "30.02.2021", "2021-13-01", "May", "1640908800", "x" * 200],
)
def test_what_is_no_date_is_none(stamp: str) -> None:
    assert parse_date(stamp) is None


def test_a_date_in_a_text_ends_where_its_last_character_stands() -> None:
    assert date_at("OSTHAVN, 9 November 2023 (NORD)", 9) == (PartialDate(2023, 11, 9), 24)
    assert date_at("May 2, 1500 people came", 0) == (PartialDate(None, 5, 2), 5)
    assert date_at("May 25 000 crowns", 4) is None


def test_the_dateline_is_trusted_before_any_stamp() -> None:
    stamps: dict[DateOrigin, str] = {"front matter": "2024-01-01", "data": "2023-01-01"}
    assert article_date(PartialDate(2023, 11, 9), stamps, TODAY) == (PartialDate(2023, 11, 9), "dateline")
    assert article_date(None, stamps, TODAY) == (PartialDate(2024, 1, 1), "front matter")
    assert article_date(None, {"data": "2022-03-04", "page": "2022-03-05"}, TODAY) == (PartialDate(2022, 3, 5), "page")


def test_a_dateline_without_a_year_takes_it_from_a_stamp_of_the_same_days() -> None:
    dateline = PartialDate(None, 3, 12)
    assert article_date(dateline, {"data": "2024-03-12"}, TODAY) == (PartialDate(2024, 3, 12), "data")
    assert article_date(dateline, {"feed": "2024-03-14"}, TODAY) == (PartialDate(2024, 3, 12), "feed")


def test_a_dispatch_of_new_years_eve_published_in_january_belongs_to_the_old_year() -> None:
    dateline = PartialDate(None, 12, 31)
    assert article_date(dateline, {"data": "2022-01-01"}, TODAY) == (PartialDate(2021, 12, 31), "data")


def test_a_stamp_of_other_days_leaves_the_year_missing() -> None:
    dateline = PartialDate(None, 3, 12)
    assert article_date(dateline, {"data": "2024-05-02"}, TODAY) == (dateline, "dateline")
    assert article_date(dateline, {"data": "2024-03"}, TODAY) == (dateline, "dateline")
    assert article_date(dateline, {}, TODAY) == (dateline, "dateline")


def test_29_february_takes_the_year_only_from_a_leap_year() -> None:
    dateline = PartialDate(None, 2, 29)
    assert article_date(dateline, {"data": "2024-03-01"}, TODAY) == (PartialDate(2024, 2, 29), "data")
    assert article_date(dateline, {"data": "2023-03-01"}, TODAY) == (dateline, "dateline")


@pytest.mark.parametrize("stamp", ["2024-06-16", "2099-01-01", "1970-01-01", "1989-12-31", "0001-01-01", "0000-01-01"])
def test_a_stamp_that_cannot_be_true_gives_way_to_the_next(stamp: str) -> None:
    assert article_date(None, {"feed": stamp}, TODAY) == (None, None)
    assert article_date(None, {"feed": stamp, "data": "2024-06-15"}, TODAY) == (PartialDate(2024, 6, 15), "data")


def test_a_dateline_of_the_future_gives_way_to_a_stamp() -> None:
    assert article_date(PartialDate(2099, 1, 1), {"data": "2024-06-01"}, TODAY) == (PartialDate(2024, 6, 1), "data")


def test_a_day_that_has_begun_only_in_the_east_is_believed() -> None:
    stamp = "2024-06-16T08:00:00+12:00"  # 20:00 UTC on the day before
    assert article_date(None, {"feed": stamp}, TODAY) == (PartialDate(2024, 6, 16), "feed")
    assert article_date(None, {"feed": "2024-06-16T23:00:00+01:00"}, TODAY) == (None, None)
