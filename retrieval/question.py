"""Understanding a question: what it limits, what it only suggests, and the words to search for."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

from retrieval.analysis import shared_analyzer
from retrieval.operators import read_operators
from retrieval.reading.lexicon import roles
from retrieval.timewords import find_times, without_times
from retrieval.types import DateRange, Limits, Query

_SAY = (
    "say|said|says|saying|tell|told|tells|think|thinks|thought|claim|claims|claimed|argue|argues|argued|write|writes|"
    "wrote|state|states|stated|declare|declares|declared|announce|announced|announces|promise|promised|promises|warn|"
    "warned|warns|suggest|suggested|suggests|comment|commented|mention|mentioned|mentions|note|noted|notes|add|added|"
    "insist|insisted|insists|describe|described|describes|explain|explained|explains|propose|proposed|demand|demanded|"
    "respond|responded|react|reacted|reply|replied|call|called|express|expressed|tweet|tweeted|testify|testified|believe"
)
_SAY_RU = (
    "сказал|сказала|сказали|говорил|говорила|говорили|говорит|говорят|заявил|заявила|заявили|заявляет|отметил|отметила|"
    "отметили|написал|написала|пишет|сообщил|сообщила|сообщили|сообщает|думает|думают|считает|считают|подчеркнул|"
    "подчеркнула|ответил|ответила|ответили|объяснил|объяснила|пообещал|пообещала|обещал|обещала|рассказал|рассказала|"
    "рассказали|предупредил|предупредила|высказался|высказалась|прокомментировал|прокомментировала|добавил|добавила"
)
_SAID = rf"(?!(?-i:States?\b))(?:{_SAY})"  # "What did the State Department say", "... of the United States ..."
SAYING = frozenset(f"{_SAY}|{_SAY_RU}".split("|"))
# No article alone: in "What did the State say" the verb is "say".
_NAME = r"(?P<who>(?:(?:the|an?)\s+)?(?!(?:the|an?)\s)[^\s,?!;:]{1,40}(?:\s+[^\s,?!;:]{1,40}){0,6}?)"
# Russian names after the verb, where the matter may follow at once: "как объяснил министр Ильин рост цен".
_RU_NAME = (
    r"(?P<who>(?:(?!(?:об?о?|про|по|во?|на|из|со?|ко?|за|от|до|для|при|что|насч[её]т)\s)(?-i:[а-яё])[^\s,?!;:]{0,40}\s+){0,3}"
    r"(?-i:[А-ЯЁA-Z])[^\s,?!;:]{0,40}"
    r"(?:\s+(?:(?:фон|дер|ван|де|да|ди|ла|ле|бен|ибн|аль|эль)\s+){0,2}(?-i:[А-ЯЁA-Z])[^\s,?!;:]{0,40})*)"
)
_ABOUT = (
    r"(?:\s+(?:about|on|of|regarding|concerning|over|that|to)\b|\s+(?:о|об|обо|про|насчёт|насчет|по поводу|что)\b)?"
)
_WORDS = (
    "quotes?|quotations?|words|statements?|remarks?|comments?|views?|opinions?|positions?|stance|reactions?|response|"
    "thoughts"
)
_WORDS_RU = "цитат[аы]|слова|высказывани[ея]|заявлени[ея]|комментари[йи]|мнени[ея]|позиция|реакция"
# Where a name opens the text, a clause might, too: "Considering Berg's remarks", "Berg slams Lund's remarks".
_CAPITAL = r"(?-i:[A-ZÀ-ÞА-ЯЁ])[^\s,?!;:]{0,40}"
_FULL_NAME = rf"(?:{_CAPITAL}(?:\s+(?:(?:of|the|de|van|von|al|and)\s+){{0,2}}{_CAPITAL}){{1,4}}?)"
_OWNER = rf"(?P<who>(?!(?:what|how|whos?e?|let|here|\w+ing)\b)(?:{_FULL_NAME}|(?:the\s+\w+\s+)?[^\s,?!;:]{{1,40}}))"
_ON = r"(?:about|on|over|regarding|concerning|to)"
_ON_RU = r"(?:об?о?|про|по|на|насч[её]т)"
_FRAMES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?:what|how|why|when|where)\s+(?:else\s+)?(?:did|does|do|has|have|had)\s+{_NAME}\s+"
        rf"(?:(?:ever|also|just|actually|recently|publicly)\s+)?{_SAID}\b{_ABOUT}",
        rf"\bwhat\s+(?:is|was|are|were)\s+{_NAME}\s+(?:saying|thinking|claiming|promising|proposing)\b{_ABOUT}",
        rf"\b(?:did|does|has|have)\s+{_NAME}\s+{_SAID}\b{_ABOUT}",
        rf"\bwhat\s+{_NAME}\s+{_SAID}\b{_ABOUT}",
        rf"\baccording\s+to\s+{_NAME}(?=\s*[,?.;:!]|\s+(?:what|who|how|when|where|why|is|was|were|are|did|does|the)\b|$)",
        rf"\b(?:quotes?|words|statements?|remarks|comments?)\s+(?:by|from|of)\s+{_NAME}"
        r"(?=\s+(?:about|on|regarding|concerning|in|during|since|last|this|yesterday)\b|\s*[,?.;:!]|$)",
        rf"(?:\b(?:what|when|where|why|how)\s+)?\b(?:did|does|do|has|have|had)\s+{_NAME}\s+(?:speak|spoken|talk|talked)\s+(?:about|of|on)\b",
        rf"^\W*{_OWNER}(?:['’]s|(?<=s)['’])\s+(?:{_WORDS})(?:\s+{_ON}\b|\s*[?.!]*$)",
        rf"\b(?:what|how)\s+(?:is|was|are|were)\s+{_NAME}(?:['’]s|(?<=s)['’])\s+(?:{_WORDS})(?:\s+{_ON}\b|\s*[?.!]*$)",
        rf"^\W*(?P<who>{_FULL_NAME})\s+(?:quotes|quotations)(?:\s+{_ON}\b|\s*[?.!]*$)",
        rf"^\W*(?:как(?:ов[аыо]?|ая|ое|ие)\s+(?:был[аио]?\s+)?)?(?:{_WORDS_RU})\s+{_RU_NAME}"
        rf"(?:\s+{_ON_RU}(?=\s)|\s*[?.!]*$)",
        rf"\b(?:что|как|чего)\s+(?:{_SAY_RU})\s+{_RU_NAME}{_ABOUT}",
        rf"\b(?:что|как|чего)\s+(?:{_SAY_RU})\s+{_NAME}(?=\s+(?:о|об|обо|про|насчёт|насчет|по|в|на|что)\b|\s*[,?.;:!]|$)",
        rf"\b(?:что|как|чего)\s+{_NAME}\s+(?:{_SAY_RU})\b{_ABOUT}",
        rf"\b(?:по\s+словам|по\s+мнению|согласно|как\s+(?:{_SAY_RU}))\s+{_NAME}"
        r"(?=\s*[,?.;:!]|\s+(?:что|кто|как|когда|где|почему|о|об|про)\b|$)",
    )
)
_SPEECH = re.compile(
    rf"\b(?:who|what\s+officials?|кто)\s+(?:(?:has|have|had|also|ещё|еще)\s+)?(?:{_SAY}|{_SAY_RU})\b"
    r"|\bwhat\s+(?:was|has\s+been|is\s+being)\s+said\b",
    re.IGNORECASE,
)
# Words of whomever, and what about. ("Positions on the border" are work, "words on the street" are no words.)
_WORDS_ABOUT = re.compile(
    r"^\W*(?:(?:any|all|some|the)\s+)?(?:quotes?|quotations?|statements|remarks|comments|opinions|views)\s+"
    r"(?:about|on|regarding|concerning)\b|^\W*reactions?\s+to\b"
    r"|^\W*(?:цитаты|высказывания|мнения|комментарии)\s+(?:об?о?|про)(?=\s)"
    r"|^\W*who\s+(?:(?:has|have|had|also|else)\s+)?(?:speaks?|spoken?|talks?|talked)\s+(?:about|on|of)\b"
    r"|^\W*кто\s+(?:(?:ещё|еще|уже)\s+)?(?:высказ(?:ал|ыв)\w*|говорил[аи]?)\s+(?:об?о?|про)(?=\s)",
    re.IGNORECASE,
)
_DAYS = frozenset("today yesterday tomorrow tonight last this next past сегодня вчера завтра".split())
_EXPLAINED = re.compile(r"(?<=\w)\.?\s*[,(;]|(?<=\w)\s+who\s")
_ARTICLES = re.compile(r"^(?:the|a|an|mr|mrs|ms|dr)\.?\s+", re.IGNORECASE)
_PRONOUNS = frozenset("he she they it we you i он она они оно мы вы ты я".split())
_AUXILIARIES = frozenset(
    "is was are were be been did do does has have had will would can could should may might".split()
)
# Those who speak without a name, and what is not a speaker at all.
_UNNAMED = _PRONOUNS | frozenset(
    "people someone anyone everyone others experts officials critics author authors scientists researchers "
    "люди кто эксперты учёные ученые авторы автор".split()
)
_THINGS = frozenset(
    "it this that these those there report reports article articles text study "
    "это оно статья статьи текст исследование".split()
)
_UNSPOKEN = frozenset("о об в во на из за по про".split())  # "что говорят в Кремле"
# Words that ask, and say nothing of what is asked about: without them MRR@10 rises by .003 to .009 on three sets.
_ASKING = re.compile(
    r"(?<![\w-])(?:types?|kinds?|sort|names?|named|called|examples?|happen(?:ed|s)?|thing|things|ways?|articles?|"
    r"according|mention(?:ed|s)?|this week|last week|recently|тип|вид|виды|название|называется|назывался|называлась|"
    r"пример|согласно|статья|статье|на этой неделе|на прошлой неделе|недавно)(?![\w-])"
)
# Words beside a time that name no matter: "what was new in May?"
_NO_MATTER = frozenset(
    "news latest new happening anything everything anyone everyone people reported statements quotes words today "
    "новости нового новое произошло случилось было происходило происходит все всё что-нибудь слова заявления "
    "цитаты".split()
)
# What opens a request and is about nothing.
_REQUEST = re.compile(
    r"^\W*(?:please,?\s+)?(?:tell|show|remind)\s+me\s+(?:about|of|what|who|when|where|why|how)\b"
    r"|^\W*what\s+(?:is|was|do\s+(?:we|you|they))\s+kno(?:wn|w)\s+(?:about|of)\b"
    r"|^\W*(?:пожалуйста,?\s+)?(?:расскажи(?:те)?|напомни(?:те)?|покажи(?:те)?)(?:\s+мне)?,?\s+(?:об?о?|про|что|кто)\b"
    r"|^\W*(?:what(?:['’]s|\s+is|\s+are)\s+)?(?:the\s+|any\s+)?(?:(?:latest|newest|more|recent(?=\s+\w+s\b)|new(?=\s+\w+s\b))"
    r"(?:\s+(?:news|updates?|developments?|headlines?|stories|information))?|news|updates?)\s+(?:on|about|from|regarding)\b"
    r"|^\W*(?:(?:is|was)\s+there\s+|(?:do\s+you\s+)?have\s+(?:you\s+)?(?:got\s+)?)?(?:any|some|every)thing\s+(?:new\s+)?(?:on|about|from)\b"
    r"|^\W*(?:есть(?:\s+ли)?\s+)?(?:что-нибудь|что-то|вс[её])\s+(?:об?о?|про)\b"
    r"|^\W*what(?:['’]s|\s+is)\s+(?:new|happening|going\s+on)(?:\s+(?:about|with|around)\b|(?=\s+(?:on|in|at)\s))"
    r"|^\W*что\s+(?:известно|слышно)\s+(?:об?о?|про)\b"
    r"|^\W*(?:что\s+(?:там\s+)?(?:нового|происходит)|(?:какие\s+|есть\s+)?(?:(?:последние|свежие)\s+)?новости|последнее)"
    r"(?:\s+(?:об?о?|про|по|из)\b|(?=\s+(?:со?|во?|на)\s))",
    re.IGNORECASE,
)


def understand(text: str, *, now: dt.date, filters: Limits = Limits()) -> Query:
    """What a question asks. `filters` were set beside it (a flag, a button) and win over its own operators.

    Operators filter; plain words ("what did X say", "in December") only suggest, as hints. The same text on the
    same day always gives the same query.
    """
    read = read_operators(text, now)
    rest = _REQUEST.sub("", read.rest)
    rest = rest if any(map(str.isalnum, rest)) else read.rest
    speaker, asks_speech, words = _speech(rest)
    times = find_times(rest, now)
    dates = times[0].dates if times else None
    if dates and len(times) > 1 and (dates.since is None) != (dates.until is None):
        second = times[1].dates
        dates = DateRange(dates.since or second.since, dates.until or second.until)
    said = read.filters
    matter = words.replace(speaker, " ") if speaker else rest
    asked = asks_speech or rest != read.rest
    limited = dates or any(one.dates or one.source or one.section for one in (said, filters))
    limits_alone = limited and not (read.phrases or read.any_of) and _names_no_matter(matter, now, asked)
    if limits_alone:
        words = speaker or ""
        said = replace(said, dates=said.dates or dates)
    asked_for = filters.speaker or said.speaker
    limits = Limits(
        speaker=_without_role(_ARTICLES.sub("", _name_first(asked_for))) if asked_for else None,
        dates=filters.dates or said.dates,
        source=filters.source or said.source,
        section=filters.section or said.section,
    )
    return Query(
        text=text,
        words=_without_asking(words),
        language="ru" if _is_russian(rest or text) else "en",
        phrases=read.phrases,
        excluded=read.excluded,
        any_of=read.any_of,
        filters=limits,
        hints=Limits(speaker=None if limits.speaker else speaker, dates=None if limits.dates else dates),
        asks_speech=asks_speech or limits.speaker is not None,
        asked=now,
    )


def _speech(text: str) -> tuple[str | None, bool, str]:
    """Whose words the question asks for, if it names anyone; whether it asks for words at all; and what about."""
    for frame in _FRAMES:
        for match in frame.finditer(text):
            who = _ARTICLES.sub("", match["who"]).removesuffix("'s").removesuffix("’s").strip("'\"“”«»()-–—")
            names = who.lower().split()
            if not names or who.split()[0] in _AUXILIARIES or names[0].isdecimal():  # in small letters: not May, Will
                continue  # "what is the river called"
            if names[0] in _DAYS:
                continue  # "today's response"
            before, after = text[: match.start()], text[match.end() :]
            words = f"{before} {who} {after}".strip()
            speaks = _THINGS.isdisjoint(names)
            unnamed = names[0] in _UNSPOKEN or not _UNNAMED.isdisjoint(names)
            unnamed |= names[0] == "one" and who.split()[-1][0].islower()  # "one resident", not "One Nation"
            if speaks and not unnamed:
                return _without_role(who), True, words
            told = " ".join(word for word in who.split() if word.lower() not in _UNNAMED)
            matter = f"{before} {told} {after}".strip()
            return None, speaks, matter if matter.strip(" ?!.") else words
    if about := _WORDS_ABOUT.match(text):
        return None, True, text[about.end() :]
    return None, bool(_SPEECH.search(text)), text


def _names_no_matter(text: str, now: dt.date, asked: bool) -> bool:
    """Whether the text asks for what was said, or happened, at a time or at all, and not of what."""
    rest = without_times(text, now)
    words = re.findall(r"[\w-]+", _ASKING.sub(" ", rest))
    if not (asked or words or any(map(str.isdecimal, text))):
        return False  # "May" may be anybody
    matter = (word for word in words if word.lower() not in SAYING | _NO_MATTER)
    return not shared_analyzer().terms(" ".join(matter), "ru" if _is_russian(rest) else "en")


def _without_asking(words: str) -> str:
    """The words less those that only ask, if any other remains."""
    rest = " ".join(_ASKING.sub(" ", words).split())
    return rest if any(character.isalpha() for character in rest) else words


def _name_first(who: str) -> str:
    """What stands before an explanation of who it is: "Ada Berg, a pilot", "Rep. Berg (Velm)"."""
    return _EXPLAINED.split(who.strip(), maxsplit=1)[0] or who


def _without_role(who: str) -> str:
    """The name less the role before it: "Foreign Minister Berg", "министр Берг"; a role alone stays."""
    words = who.split() or [who]
    last = max((i for i, word in enumerate(words[:-1]) if word.lower().rstrip(".") in roles()), default=-1)
    rest = words[last + 1 :]
    if rest[0] == "of" and len(rest) > 2:  # "Prime Minister of Norland Anna Berg"
        rest = rest[2:]
    while len(rest) > 1 and rest[0].islower() and rest[-1][:1].isupper():
        rest = rest[1:]
    if len(rest) > 1 and len(rest) < len(words) and re.fullmatch("[А-ЯЁ]{2,}", rest[0]):  # "представитель МИД Захарова"
        rest = rest[1:]
    return " ".join(rest) if rest[0][:1].isupper() else who


def _is_russian(text: str) -> bool:
    letters = [c for c in text if c.isalpha()]
    return 2 * sum("а" <= c.lower() <= "я" or c in "ёЁ" for c in letters) > len(letters)
