"""What stands before the first words of a dispatch: place, date, agency, as printed in English and Russian."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from retrieval.reading.dates import MONTH_NUMBER, date_at
from retrieval.types import Dateline, PartialDate

_HEAD = 200  # characters in which a dateline ends
_AGENCY = re.compile(
    r"(?<![\w-])(?:(?:the )?associated press|ap|agence france[- ]presse|afp|reuters|thomson reuters foundation|upi"
    r"|united press international|tass|itar-tass|interfax(?:-ukraine|\.ru)?|ria novosti|sputnik|bloomberg|bbc|cnn"
    r"|dpa|efe|ansa|xinhua|kyodo(?: news)?|yonhap|pti|ians|ani|pa(?: media)?|press association|aap|anadolu(?: agency)?"
    r"|aa|antara|bernama|bns|ctk|čtk|pap|stt|ntb|tt|ritzau|belga|anp|lusa|apa|mti|tanjug|hina|bta|agerpres|ukrinform|unian|belta"
    r"|kazinform|azertac|armenpress|trend|irna|kuna|wam|spa|mena|kcna|(?:the )?canadian press|cp|jta"
    r"|(?:итар-)?тасс|риа новости|интерфакс(?:-[а-яё]+)?|прайм|росбалт|рбк|(?:иа )?регнум|спутник|рапси|белта"
    r"|укринформ|унн|уніан|казинформ)(?![\w-])",
    re.IGNORECASE,
)
# A name that says what it is, for agencies on no list.
_AGENCY_LIKE = re.compile(r"\b(?:press|news|agency|wire|agence|presse|агентство|новости|информ\w*)\b", re.IGNORECASE)

_WORD = re.compile(r"[^\W\d_]+(?:[-'’`][^\W\d_]+)*")
_JOINERS = frozenset("de del da do la le el al of and upon on und и на".split())
_ABBREVIATED = frozenset("st ste ft mt pt".split())  # "ST. PETERSBURG"
_REGION = re.compile(r"\s?,\s{0,2}(?P<name>(?:[^\W\d_]\.){2,3}|[^\W\d_][\w-]*\.?(?:\s[^\W\d_][\w-]*\.?){0,2})")
_GAP = re.compile(r"\s{0,2}/\s{0,2}|\.?\s{1,2}")
_PLACE_WORDS = 8
_LONGEST_ACRONYM = 6
_WEEKDAY = re.compile(
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|понедельник|вторник|среда|четверг|пятница|суббота|воскресенье", re.I
)
_BETWEEN = re.compile(r"[\s.,]*")
_SLASHED = re.compile(r"[\s.,]*/\s{0,2}(?P<name>[^/\n]{2,60}?)\s{0,2}/")
_BRACKETED = re.compile(r"[\s.,]*\((?P<name>[^()\n]{2,50})\)")
_NAMED = re.compile(
    r"[\s.,]*(?:[—–-]{1,3}\s{0,2})?(?P<name>[^\W\d_][\w-]*(?:[ .][^\W\d_][\w-]*){0,3})"
    r"(?=\s{0,2}(?:[.:]|[—–-]{1,3}(?!\w)))"
)
_CLOSE = re.compile(r"\s{0,3}(?:[.:,]\s{0,2})?(?:[—–-]{1,3}\s{0,3})?")
_CLOSED = re.compile(r"\s{0,3}[.:—–-]")
_DASH = re.compile(r"\s{0,3}(?:[—–]|\s--?\s)\s{0,3}")
# A name with a capital inside, as agencies have and words at the start of a sentence have not: "АиФ-Урал".
_INNER_CAPITAL = re.compile(r"\w*[a-zа-яё][A-ZА-ЯЁ][\w-]*")
_SOURCE = re.compile(r"[\s,|/–—-]*(?:\d{1,2}:\d\d)?[\s,|/–—-]*(?:source|источник)\s?:\s?(?P<name>[^\n]{2,60})", re.I)
_NO_PLACES = frozenset("release statement published posted update updated breaking urgent".split())
_LABELS = frozenset(
    "breaking exclusive update updated watch video live analysis opinion new news alert urgent corrected correction "
    "editorial commentary review interview factbox explainer timeline abstract letters "
    "срочно молния эксклюзив видео фото обновлено мнение".split()
)


def find_dateline(paragraphs: Sequence[str]) -> Dateline | None:
    """The dateline that the first paragraph begins with, its words as printed, or None.

    `end` is where the dispatch proper begins. A place alone ("ROME — The…") counts only in capitals, before a dash and
    a new sentence, and when no later paragraph has the word in capitals too, as it would an acronym's or a speaker's.
    """
    text = paragraphs[0][:_HEAD]
    for place, after in _places(text):
        if found := _rest(text, place, after, paragraphs):
            return found
    return None


def source_after(text: str, position: int) -> str | None:
    """The source that ends a line behind its date: "10.10.2023 Источник: Коммерсантъ". "" for an address, None if none.

    A time may stand between.
    """
    stated = _SOURCE.fullmatch(text, position)
    if stated is None:
        return None
    name = stated["name"].strip(' ."«»“”')
    if "/" in name or "@" in name or not name:
        return ""
    sentence = len(name.split()) > 5 or re.search(r"[.!?:;]\s", name) or not (name[0].isupper() or "." in name)
    return None if sentence else name


def _places(text: str) -> Iterator[tuple[str | None, int]]:
    """The place that the text may begin with, and where it ends: with a region behind it, without, then none at all."""
    position = end = 0
    capitals: bool | None = None
    for _ in range(_PLACE_WORDS):
        word = _WORD.match(text, position)
        if word is None:
            break
        name = word.group()
        if name.lower() in MONTH_NUMBER or not (name[0].isupper() or (end and name in _JOINERS)):
            break
        if name[0].isupper():
            capitals = name.isupper() if capitals is None else capitals
            if capitals and not name.isupper():
                break
            end = word.end()
        gap = _GAP.match(text, word.end())
        if gap is None or ("." in gap.group() and name.lower() not in _ABBREVIATED):
            break
        position = gap.end()
    if end:
        region = _REGION.match(text, end)
        if region and _is_region(region["name"]):
            yield text[:end], region.end()
        yield text[:end], end
    yield None, 0


def _is_region(name: str) -> bool:
    first = name.split()[0].rstrip(".").lower()
    return name[0].isupper() and first not in MONTH_NUMBER and not _WEEKDAY.match(name) and not _AGENCY.fullmatch(name)


def _rest(text: str, place: str | None, position: int, paragraphs: Sequence[str]) -> Dateline | None:
    """The dateline that goes on after the place: date and agency in either order, at least one of the three sure."""
    capitals = place is not None and place.isupper() and len(place) > 2
    region = re.sub(r"[\W_]", "", text[len(place) : position]) if place else ""
    state = len(region) == len("DC") and region.isupper()  # tells a place that is not in capitals from an author
    date, after = _date(text, position, dashed=capitals or state)
    if date and state and _DASH.match(text, position):
        return _closed(text, place, date, None, after)
    if place and after == position and date is None and (early := _agency(text, position, sure=True, place=capitals)):
        date, late = _date(text, early[1])  # "LONDON (AP), May 2 —"
        if date:
            return _closed(text, place, date, early[0], late)
    agency = _agency(text, after, sure=date is None, place=capitals)
    if agency and (capitals or _AGENCY.fullmatch(agency[0]) or (date and (place or _AGENCY_LIKE.search(agency[0])))):
        return _closed(text, place, date, agency[0], agency[1])
    if place and _AGENCY.fullmatch(place) and date:
        return _closed(text, None, date, place, after)  # "TASS, December 31."
    if capitals and place and date and text[after : after + 3].lstrip()[:1] in (".", "—", "–", "-", ":", ""):
        return _closed(text, place, date, None, after)
    if capitals and place and date is None and (dash := _DASH.match(text, position)):
        following = text[dash.end() : dash.end() + 1]
        sentence = following.isupper() or following.isdigit() or (following and following in "\"“”'‘«")
        if sentence and (position > len(place) or _is_place(place, paragraphs)):
            return Dateline(place, None, None, dash.end())
    return None


def _date(text: str, position: int, *, dashed: bool = False) -> tuple[PartialDate | None, int]:
    start = _BETWEEN.match(text, position).end()  # type: ignore[union-attr]  # it matches the empty string too
    if dashed and (dash := _DASH.match(text, position)):  # "WASHINGTON, DC – March 3, 2023 – The ..."
        found = date_at(text, dash.end())
        if found and (found[1] == len(text.rstrip()) or _DASH.match(text, found[1])):
            return found
    if weekday := _WEEKDAY.match(text, start):
        start = _BETWEEN.match(text, weekday.end()).end()  # type: ignore[union-attr]
    found = date_at(text, start)
    return found if found else (None, position)


def _agency(text: str, position: int, *, sure: bool, place: bool) -> tuple[str, int] | None:
    """The agency printed at the position, and where it ends.

    Names in brackets need a place before them or to be known; names that merely follow need to be known when `sure`.
    """
    if slashed := _SLASHED.match(text, position):
        name = slashed["name"]
        known = _AGENCY.search(name)
        return (known.group() if known and "." in name else name), slashed.end()
    if bracketed := _BRACKETED.match(text, position):
        name = bracketed["name"].strip()
        known = _AGENCY.fullmatch(name) or _AGENCY_LIKE.search(name)
        closed = (place or not sure) and name[:1].isupper() and _CLOSED.match(text, bracketed.end())
        return (name, bracketed.end()) if known or closed else None
    if named := _NAMED.match(text, position):
        name = named["name"]
        written = name.isupper() or all(map(_INNER_CAPITAL.fullmatch, name.split()))
        if _AGENCY.fullmatch(name) or (not sure and written and len(name.split()) <= 2):
            return name, named.end()
    return None


def _closed(text: str, place: str | None, date: PartialDate | None, agency: str | None, position: int) -> Dateline:
    close = _CLOSE.match(text, position)
    if place and not _NO_PLACES.isdisjoint(place.lower().split()):
        place = None  # "FOR IMMEDIATE RELEASE – March 3, 2023 – ..."
    return Dateline(place, date, agency, close.end() if close else position)


def _is_place(place: str, paragraphs: Sequence[str]) -> bool:
    """Whether words in capitals, with nothing but a dash behind them, may name a place."""
    if len(place) < 3 or place.lower() in _LABELS or re.search("[А-Яа-яЁё]|^[IVXLC]+$", place):
        return False
    short = len(place) <= _LONGEST_ACRONYM
    return not any(place in paragraph if short else paragraph.startswith(place) for paragraph in paragraphs[1:])
