"""What users read: one TOML file a language; what a language lacks is taken from English."""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any

from babel import Locale
from babel.dates import format_date, format_timedelta
from babel.numbers import format_decimal

from bot.markup import Html, escape
from retrieval.types import DateRange, PartialDate

FALLBACK = "en"


@cache
def languages() -> tuple[str, ...]:
    """ISO 639-1 codes of the interface languages, English first."""
    found = sorted(item.name[:2] for item in files(__name__).iterdir() if item.name.endswith(".toml"))
    return (FALLBACK, *(language for language in found if language != FALLBACK))


@cache
def load(language: str) -> dict[str, Any]:
    """A language's texts as in its file: section -> key -> text, or a table of plural forms."""
    return tomllib.loads(files(__name__).joinpath(f"{language}.toml").read_text(encoding="utf-8"))


class Words:
    """One language's texts, dates, numbers and plurals. Get one from `words_for`."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._locale = Locale.parse(language)

    def __call__(self, key: str, **values: Any) -> Html:
        """The text `section.name` with its values, which are escaped unless they are Html.

        A text with plural forms takes the form for its value `n`. Whole numbers are written as the language does.
        """
        section, _, name = key.partition(".")
        text = load(self.language).get(section, {}).get(name) or load(FALLBACK)[section][name]
        if isinstance(text, dict):
            text = text.get(self._locale.plural_form(values["n"])) or text["other"]
        shown = {n: self.number(v) if isinstance(v, int) else v for n, v in values.items()}
        return Html(text.strip().format_map({name: escape(value) for name, value in shown.items()}))

    def number(self, value: int) -> str:
        """With the language's separators."""
        return format_decimal(value, locale=self._locale)

    def date(self, date: PartialDate | dt.date) -> str:
        """As far as it is stated, and what is not: "31 December 2021", "31 December, year not stated"."""
        if isinstance(date, dt.date):
            date = PartialDate(date.year, date.month, date.day)
        shown = self.stated_date(date)
        return shown if date.year is not None else str(self("date.no_year", date=shown))

    def stated_date(self, date: PartialDate, *, governed: bool = False) -> str:
        """As far as it is stated: "31 December 2021", "December 2021", "31 December".

        `governed`: a month alone is in the genitive, in languages that have one.
        """
        if date.month is None:
            return str(date.year)
        month = "d MMMM" if date.day else "MMMM" if governed else "LLLL"
        pattern = month + (" y" if date.year is not None else "")
        day = dt.date(2000 if date.year is None else date.year, date.month, date.day or 1)
        return format_date(day, pattern, locale=self._locale)

    def days(self, dates: DateRange) -> str:
        """A span of days: "December", "11–17 November 2024", "3 May – 5 June 2021", "since May 2021"."""
        since, until = dates.since, dates.until
        if until is None or since is None:
            if since:
                return str(self("date.since", date=self.stated_date(since, governed=True)))
            return str(self("date.until", date=self.stated_date(until))) if until else ""
        last = self.stated_date(until)
        if since == until:
            return last
        if since.day and until.day and (since.year, since.month) == (until.year, until.month):
            return f"{since.day}–{last}"
        first = replace(since, year=None) if since.month and since.year == until.year else since
        return f"{self.stated_date(first)} – {last}"

    def short_date(self, date: dt.date) -> str:
        """For the axis of a chart: "3 May 24"."""
        return format_date(date, "d MMM yy", locale=self._locale)

    def age(self, date: dt.date, today: dt.date) -> str:
        """How long ago that was: "3 weeks ago"."""
        return format_timedelta(date - today, granularity="day", add_direction=True, locale=self._locale)


@cache
def words_for(language_code: str | None) -> Words:
    """The words for a Telegram language code (IETF: ``ru``, ``en-GB``); English for what we do not speak."""
    language = (language_code or "").lower()[:2]
    return Words(language if language in languages() else FALLBACK)
