"""Dates as articles print them, in English and Russian: read as far as they are stated, never completed by guessing."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping

from retrieval.types import DateOrigin, PartialDate

FIRST_YEAR = 1990  # no article here is older; a stamp before it is a default value, not a date
TRUST: tuple[DateOrigin, ...] = ("front matter", "feed", "page", "data")  # after the dateline, most trusted first
NEAR_DAYS = 3  # between the day a dispatch prints and the day its copy was published

_MONTHS = (
    "january jan января январь янв",
    "february feb февраля февраль февр фев",
    "march mar марта март мар",
    "april apr апреля апрель апр",
    "may мая май",
    "june jun июня июнь июн",
    "july jul июля июль июл",
    "august aug августа август авг",
    "september sept sep сентября сентябрь сент сен",
    "october oct октября октябрь окт",
    "november nov ноября ноябрь нояб ноя",
    "december dec декабря декабрь дек",
)
MONTH_NUMBER = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_MONTH = "(?P<month>" + "|".join(sorted(MONTH_NUMBER, key=len, reverse=True)) + r")\b\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|-?го|-?е)?"
_YEAR = r"(?P<year>(?:19|20)\d\d)(?!\d)"
_OF_YEAR = r"(?:\s?г(?:ода|\b\.?))?"  # 2021 года, 2021 г.
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        r"(?<!\d)(?P<year>\d{4})[-/.](?P<number>\d\d)[-/.](?P<day>\d\d)(?!\d)",  # 2021-12-31
        r"(?<!\d)(?P<day>\d{1,2})\.(?P<number>\d{1,2})\.(?P<year>\d{4})(?!\d)",  # 31.12.2021
        rf"(?<!\w){_MONTH}\s{{0,3}}{_DAY}(?![\d:])(?:\s?,?\s{{0,3}}{_YEAR})?",  # Dec. 31, 2021
        rf"(?<!\w){_DAY}\s{{0,3}}(?:of\s)?{_MONTH}(?:\s?,?\s{{0,3}}{_YEAR}{_OF_YEAR})?",  # 31 мая 2021 г.
        r"(?<!\d)(?P<first>\d{1,2})/(?P<second>\d{1,2})/(?P<year>\d{4})(?!\d)",  # 12/31/2021
    )
)
_MONTH_AND_YEAR = re.compile(rf"{_MONTH},?\s{{0,3}}{_YEAR}{_OF_YEAR}", re.IGNORECASE)
_COMPACT = re.compile(r"((?:19|20)\d\d)([01]\d)([0-3]\d)(?:T?\d{4,6}Z?)?")


def date_at(text: str, position: int) -> tuple[PartialDate, int] | None:
    """The date with a day that is printed at the position, and where it ends; None also for days no calendar has."""
    for form in _FORMS:
        if match := form.match(text, position):
            date = _date(match)
            return (date, match.end()) if date else None
    return None


def parse_date(stamp: str) -> PartialDate | None:
    """The first date in a short stamp ("Updated 31.12.2021, 14:05", ISO 8601, RFC 5322, EDTF), or None.

    A stamp like 03/04/2021, which is in March or in April, gives its year alone.
    """
    stamp = stamp.strip()
    if not stamp or len(stamp) > 100:
        return None
    if compact := _COMPACT.fullmatch(stamp):
        return _checked(*map(int, compact.groups()))
    try:
        return PartialDate.parse(stamp)
    except ValueError:
        pass
    matches = [match for form in _FORMS if (match := form.search(stamp))]
    if not matches and (match := _MONTH_AND_YEAR.search(stamp)):
        matches = [match]
    return _date(min(matches, key=lambda match: match.start())) if matches else None


def article_date(
    dateline: PartialDate | None, stamps: Mapping[DateOrigin, str], today: dt.date
) -> tuple[PartialDate | None, DateOrigin | None]:
    """The article's date and where it comes from: the dateline's, else that of the most trusted stamp.

    A dateline without a year ("December 31") gets it from the most trusted full stamp not more than three days away:
    month and day stay the dateline's, and the origin is the stamp's, since that states the year. If no stamp agrees,
    the year stays missing. A date that cannot be true (after today, or before 1990) is passed over.
    """
    read = [(origin, parse_date(stamps[origin])) for origin in TRUST if stamps.get(origin)]
    believed = [(origin, date) for origin, date in read if date and _can_be(date, today, stamps[origin])]
    if dateline and _can_be(dateline, today):
        if dateline.year is None:
            for origin, date in believed:
                if (whole := _with_year_of(dateline, date)) and _can_be(whole, today):
                    return whole, origin
        return dateline, "dateline"
    return (believed[0][1], believed[0][0]) if believed else (None, None)


def _date(match: re.Match[str]) -> PartialDate | None:
    groups = match.groupdict()
    year = int(groups["year"]) if groups.get("year") else None
    if groups.get("first"):
        first, second = int(groups["first"]), int(groups["second"])
        if first != second and max(first, second) <= 12:
            return PartialDate(year)
        return _checked(year, min(first, second), max(first, second))
    month = int(groups["number"]) if groups.get("number") else MONTH_NUMBER[groups["month"].lower()]
    return _checked(year, month, int(groups["day"]) if groups.get("day") else None)


def _checked(year: int | None, month: int, day: int | None) -> PartialDate | None:
    try:
        return PartialDate.checked(year, month, day)
    except ValueError:
        return None


def _can_be(date: PartialDate, today: dt.date, stamp: str = "") -> bool:
    if date.year is None:
        return True
    first_day = dt.date(date.year, date.month or 1, date.day or 1) if date.year else dt.date.min
    try:
        moment = dt.datetime.fromisoformat(stamp)
        if moment.tzinfo is not None:  # east of Greenwich the printed day begins earlier than ours
            first_day = moment.astimezone(dt.UTC).date()
    except (ValueError, OverflowError):
        pass
    return date.year >= FIRST_YEAR and first_day <= today


def _with_year_of(dateline: PartialDate, stamp: PartialDate) -> PartialDate | None:
    if (day := stamp.full) is None:
        return None
    for year in (day.year, day.year - 1, day.year + 1):  # a dispatch of 31 December, published on 1 January
        whole = _checked(year, dateline.month or 0, dateline.day)
        if whole and whole.full and abs((whole.full - day).days) <= NEAR_DAYS:
            return whole
    return None
