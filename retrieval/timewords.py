"""Days and spans of time as people write them in questions, English and Russian, seen from a given day."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from retrieval.types import DateRange, PartialDate

_TOKEN = re.compile(
    r"(?:\d{4}|XXXX)-\d\d(?:-\d\d)?(?!\w)|\d{1,2}[./]\d{1,2}[./]\d{4}(?!\w)|(?<![\w-])[^\W_]+(?:['’][^\W_]+)?"
)
_NUMERIC = re.compile(r"(\d{1,2})([./])(\d{1,2})[./](\d{4})")
_DAY = re.compile(r"(\d{1,2})(?:st|nd|rd|th|го|е)?")
_YEAR = re.compile(r"1\d{3}|20\d\d")

_EN_MONTHS = "january february march april may june july august september october november december".split()
_RU_MONTHS = "январ|я е ь,феврал|я е ь,март|а е ,апрел|я е ь,ма|я е й,июн|я е ь,июл|я е ь,август|а е ,сентябр|я е ь"
_RU_MONTHS += ",октябр|я е ь,ноябр|я е ь,декабр|я е ь"
_MONTHS = {"sept": 9}
for _number, (_english, _russian) in enumerate(zip(_EN_MONTHS, _RU_MONTHS.split(","), strict=True), start=1):
    _stem, _endings = _russian.split("|")
    _MONTHS |= dict.fromkeys((_english, _english[:3], *(_stem + e for e in _endings.split(" "))), _number)

_WEEKDAYS = {name: n for n, name in enumerate("monday tuesday wednesday thursday friday saturday sunday".split())}
_WEEKDAYS |= {n: i for i, n in enumerate("понедельник вторник среду четверг пятницу субботу воскресенье".split())}

_UNITS = {
    **dict.fromkeys("day days день дня дней".split(), "day"),
    **dict.fromkeys("week weeks неделя неделю недели недель неделе".split(), "week"),
    **dict.fromkeys("month months месяц месяца месяцев месяце".split(), "month"),
    **dict.fromkeys("year years год года лет году".split(), "year"),
}
_NUMBERS = {n: i for i, n in enumerate("one two three four five six seven eight nine ten".split(), start=1)}
_NUMBERS |= {n: i for i, n in enumerate("один два три четыре пять шесть семь восемь девять десять".split(), start=1)}
_NUMBERS |= {"a": 1, "an": 1, "две": 2, "couple": 2}

_NAMED_DAYS = {"today": 0, "tonight": 0, "сегодня": 0, "yesterday": 1, "вчера": 1, "позавчера": 2}
_LATELY = frozenset("recently lately недавно".split())
_THIS = frozenset("this этой этом эту этот".split())
_LAST = frozenset("last прошлой прошлом прошлую прошлый прошлое".split())
_PAST = frozenset("past last последние последних последнюю последний".split())

_IN = frozenset("in during of on в во за".split())
_IN_ALONE = frozenset("in during в во".split())
_SINCE = frozenset("since from after с со после".split())
_UNTIL = frozenset("until till before by through до по".split())
_BETWEEN = frozenset("between from с со между".split())
_AND = frozenset("and to и по до until till through".split())
_SKIPPED = frozenset("the early late mid of начале конце середине начала конца середины года году г".split())

_FUNCTION_WORDS = frozenset(
    "in on at by for from with to of and or but about as after before during what who how why where did was were is "
    "are has had have do does when that which в во на по при для из с со к о об от до за и или но а что кто как "
    "где".split()
)


@dataclass(frozen=True, slots=True)
class TimeWords:
    """Words that name a span of days: which days, and where they stand in the text, preposition included."""

    dates: DateRange
    start: int
    end: int


def find_times(text: str, now: dt.date) -> tuple[TimeWords, ...]:
    """Every span of time named in the text, in order, none overlapping; days that no calendar has are passed over.

    A month or a day that stands without a year stays without one. "Before" and "after" include the day they name.
    """
    tokens = [(m.group().lower(), m.start(), m.end()) for m in _TOKEN.finditer(text)]
    words = [token[0] for token in tokens]
    found = []
    i = 0
    while i < len(words):
        if here := _relative(words, i, now) or _absolute(words, i):
            dates, stop = here
            if _is_adjective(text, tokens[stop - 1][2], dates):
                i = stop
                continue
            found.append(TimeWords(dates, tokens[i][1], tokens[stop - 1][2]))
            i = stop
        else:
            i += 1
    return tuple(found)


def without_times(text: str, now: dt.date) -> str:
    """The text less the words that name a time."""
    for found in reversed(find_times(text, now)):
        before, after = text[: found.start].rstrip(), text[found.end :].lstrip()
        text = f"{before}{'' if after[:1] in '?!.,;:' else ' '}{after}".strip()
    return text


def _is_adjective(text: str, end: int, dates: DateRange) -> bool:
    """Whether a year stands before `end` that belongs to the noun behind it: "in 2020 elections"."""
    date = dates.since
    if date is None or date != dates.until or date.month or not text[end - 4 : end].isdigit():
        return False
    following = _TOKEN.match(text, end + 1)
    return following is not None and following.group().lower() not in _FUNCTION_WORDS


def leading_time(text: str, now: dt.date) -> TimeWords | None:
    """The span of time that the text begins with, a month or a year alone included; null: it begins with none.

    Of a date that no calendar has ("30 February 2021") nothing is limited, but its words are of it.
    """
    tokens = [(m.group().lower(), m.start(), m.end()) for m in _TOKEN.finditer(text[:60])]
    words = [token[0] for token in tokens]
    if not words:
        return None
    here = _relative(words, 0, now) or _absolute(["in", *words], 0)
    if here is None:
        stop = next((i for i, word in enumerate(words) if not _is_of_date(word)), len(words))
        return TimeWords(DateRange(), tokens[0][1], tokens[stop - 1][2]) if stop else None
    stop = here[1] if _relative(words, 0, now) else here[1] - 1
    return TimeWords(here[0], tokens[0][1], tokens[stop - 1][2])


def _is_of_date(word: str) -> bool:
    return word[0].isdigit() or word in _MONTHS


def _relative(words: Sequence[str], i: int, now: dt.date) -> tuple[DateRange, int] | None:
    word, second, third = (*words[i : i + 3], "", "", "")[:3]
    if word in _NAMED_DAYS:
        return _days(now, _NAMED_DAYS[word], _NAMED_DAYS[word]), i + 1
    if word in _LATELY:
        return _days(now, 30, 0), i + 1
    if word == "last" and second == "night":
        return _days(now, 1, 0), i + 2
    if word in _PAST and (unit := _UNITS.get(third)) and (count := _count(second)):
        return _days(now, count * {"day": 1, "week": 7, "month": 30, "year": 365}[unit], 0), i + 3
    if third in ("ago", "назад") and second in _UNITS and (count := _count(word)):
        return _period(now, _UNITS[second], count), i + 3
    if second == "назад" and word in _UNITS:
        return _period(now, _UNITS[word], 1), i + 2
    unit = _UNITS.get(second, "")
    if word in _THIS and unit:
        # "This week" is asked on a Monday of the days just past, too.
        return (_days(now, 6, 0) if unit == "week" else _period(now, unit, 0)), i + 2
    if word in _LAST and unit:
        return _period(now, unit, 1), i + 2
    if word in _PAST and unit:
        return _days(now, {"day": 1, "week": 7, "month": 30, "year": 365}[unit], 0), i + 2
    if second in _WEEKDAYS and word in (*_LAST, "on", "в", "во"):
        back = (now.weekday() - _WEEKDAYS[second]) % 7 or (7 if word in _LAST else 0)
        return _days(now, back, back), i + 2
    return None


def _absolute(words: Sequence[str], i: int) -> tuple[DateRange, int] | None:
    word = words[i]
    if word in _BETWEEN and (first := _date(words, i + 1)):
        stop = first[1]
        if stop < len(words) and words[stop] in _AND and (last := _date(words, stop + 1)):
            year = first[0].year or last[0].year  # "from 3 May to 5 June 2022"
            return DateRange(replace(first[0], year=year), last[0]), last[1]
    if word in _SINCE and (read := _date(words, i + 1)):
        return DateRange(since=read[0]), read[1]
    if word in _UNTIL and (read := _date(words, i + 1)):
        return DateRange(until=read[0]), read[1]
    if i and word in _MONTHS and _DAY.fullmatch(words[i - 1]):
        return None  # of "30 February 2021" nothing is left
    if read := _date(words, i + 1 if word in _IN else i):
        date, stop = read
        # A month or a year alone is a date only after such a preposition: "may", "march", "1500 people".
        alone = date.day is None and (date.month is None or date.year is None)
        if not alone or word in _IN_ALONE:
            return DateRange(date, date), stop
    return None


def _date(words: Sequence[str], i: int) -> tuple[PartialDate, int] | None:
    """The date that begins at the i-th word, and the number of the word after it."""
    for _ in range(4):  # as many as a phrase has, so that a long row of them costs no more than its length
        i += i < len(words) and words[i] in _SKIPPED
    word, second, third, fourth = (*words[i : i + 4], "", "", "", "")[:4]
    if not word:
        return None
    parts: tuple[int | None, int | None, int | None]
    if word[:4].isdigit() and word[4:5] == "-":
        numbers = [int(n) for n in word.split("-")]
        parts, stop = (numbers[0], numbers[1], numbers[2] if len(numbers) > 2 else None), i + 1
    elif word.startswith("xxxx-"):
        numbers = [int(n) for n in word[5:].split("-")]
        parts, stop = (None, numbers[0], numbers[1] if len(numbers) > 1 else None), i + 1
    elif numeric := _NUMERIC.fullmatch(word):
        day, month = int(numeric[1]), int(numeric[3])
        if numeric[2] == "/":
            if day <= 12 and month <= 12 and day != month:
                return None  # 3/5: the third of May here, the fifth of March there
            day, month = max(day, month), min(day, month)
        parts, stop = (int(numeric[4]), month, day), i + 1
    elif word in _MONTHS:
        day_match = _DAY.fullmatch(second)
        if day_match and _YEAR.fullmatch(third):
            parts, stop = (int(third), _MONTHS[word], int(day_match[1])), i + 3
        elif day_match:
            parts, stop = (None, _MONTHS[word], int(day_match[1])), i + 2
        elif _YEAR.fullmatch(second):
            parts, stop = (int(second), _MONTHS[word], None), i + 2
        else:
            parts, stop = (None, _MONTHS[word], None), i + 1
    elif (day_match := _DAY.fullmatch(word)) and (second in _MONTHS or (second == "of" and third in _MONTHS)):
        of = second == "of"
        month_word, year_word = (third, fourth) if of else (second, third)
        stop = i + 3 if of else i + 2
        year = int(year_word) if _YEAR.fullmatch(year_word) else None
        parts = (year, _MONTHS[month_word], int(day_match[1]))
        stop += year is not None
    elif _YEAR.fullmatch(word):
        parts, stop = (int(word), None, None), i + 1
    else:
        return None
    try:
        date = PartialDate.checked(*parts)
    except ValueError:
        return None
    return date, stop + (stop < len(words) and date.year is not None and words[stop] in ("года", "году", "год", "г"))


def _count(word: str) -> int:
    return int(word) if word.isdecimal() and len(word) <= 3 else _NUMBERS.get(word, 0)


def _days(now: dt.date, first: int, last: int) -> DateRange:
    """From `first` days before now to `last` days before now."""
    since, until = (now - dt.timedelta(days=min(n, now.toordinal() - 1)) for n in (first, last))
    return DateRange(PartialDate(since.year, since.month, since.day), PartialDate(until.year, until.month, until.day))


def _period(now: dt.date, unit: str, back: int) -> DateRange:
    """The calendar day, week (from Monday), month or year that lies `back` of them before now's."""
    if unit == "day":
        return _days(now, back, back)
    if unit == "week":
        return _days(now, now.weekday() + 7 * back, now.weekday() + 7 * back - 6)
    if unit == "month":
        month = now.year * 12 + now.month - 1 - back
        date = PartialDate(max(1, month // 12), month % 12 + 1)
    else:
        date = PartialDate(max(1, now.year - back))
    return DateRange(date, date)
