"""What kind of thing a question asks for (a person, a number, a time ...), and whether a text offers one.

Source: the answer types of question answering, as in Li and Roth 2002, "Learning Question Classifiers", told apart
here by the question word alone.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Literal

AnswerType = Literal["number", "time", "name", "reason", "other"]

_ASKED: tuple[tuple[AnswerType, re.Pattern[str]], ...] = (
    (
        "number",
        re.compile(
            r"\b(?:how\s+(?:many|much|long|old|far|tall|high|deep|big|large|fast|often)"
            r"|what\s+(?:\w+\s+){0,2}(?:percent|percentage|number|proportion|share|amount|population|price|cost|rate)"
            r"|сколько|сколькими|скольких|какой\s+процент"
            r"|какова?\s+(?:\w+\s+){0,2}(?:доля|численность|сумма|цена|стоимость))\b"
        ),
    ),
    (
        "time",
        re.compile(
            r"\b(?:when|(?:what|which)\s+(?:\w+\s+)?(?:year|years|date|day|month|century|decade|time|era|age)"
            r"|когда|как(?:ой|ом|ого|их|ие)\s+"
            r"(?:году|год|года|дня|день|месяце|веке|век|века|годах|годы|числа|числе))\b"
        ),
    ),
    (
        "reason",
        re.compile(r"\b(?:why|what\s+(?:\w+\s+)?(?:reason|cause|caused)|почему|зачем|отчего|по\s+какой\s+причине)\b"),
    ),
    (
        "name",
        re.compile(
            r"\b(?:who|whom|whose|where|(?:what|which)\s+(?:\w+\s+)?(?:city|country|state|company|person|president|team|"
            r"organization|organisation|agency|university|river|province|county|region|nation|actor|singer|leader|group|"
            r"party|film|movie|book|song|name)|кто|кого|кому|кем|чей|чья|где|куда|откуда|как(?:ой|ая|ое|ие|ую|ом|ого)\s+"
            r"(?:город|стран\w+|компани\w+|человек|президент|команд\w+|университет|рек\w+|провинци\w+))\b"
        ),
    ),
)
_WORD = re.compile(r"\d[\d.,]*|[^\W\d_]+(?:['’-][^\W\d_]+)*")
_NUMBER_WORDS = frozenset(
    "one two three four five six seven eight nine ten eleven twelve dozen dozens twenty thirty forty fifty sixty "
    "seventy eighty ninety hundred hundreds thousand thousands million millions billion billions trillion half "
    "third quarter "
    "once twice double один одна одного два две двух три трёх трех четыре пять шесть семь восемь девять десять "
    "одиннадцать "
    "двенадцать двадцать тридцать сорок пятьдесят сто тысяча тысячи тысяч миллион миллиона миллионов миллиард "
    "миллиарда миллиардов половина половины треть четверть вдвое дважды".split()
)
_TIME_WORDS = frozenset(
    "january february march april may june july august september october november december monday tuesday wednesday "
    "thursday friday saturday sunday spring summer autumn winter century centuries decade year years today yesterday "
    "января февраля марта апреля мая июня июля августа сентября октября ноября декабря январе феврале марте апреле мае "
    "июне июле августе сентябре октябре ноябре декабре понедельник вторник среду четверг пятницу субботу воскресенье "
    "весной летом осенью зимой век века веке веков год года году лет вчера сегодня".split()
)
_REASON_WORDS = frozenset(
    "because due since reason reasons cause caused causes therefore thus so owing thanks result resulted "
    "потому поэтому из-за вследствие причина причиной причины поскольку ради чтобы так".split()
)


def asked_type(question: str) -> AnswerType:
    """What the question asks for; the first question word decides."""
    lower = question.lower()
    found = [(match.start(), kind) for kind, pattern in _ASKED if (match := pattern.search(lower))]
    return min(found)[1] if found else "other"


_QUESTION = re.compile(
    r"\?|\b(?:what|who|whom|whose|when|where|why|which|how)\b|^\W*(?:is|are|was|were|do|does|did|has|have|had|can|could|will|"
    r"would|should|may|might)\b|\b(?:что|кто|кого|кому|кем|когда|где|куда|откуда|почему|зачем|как\w{0,3}|сколько|чем|чей|ли)\b"
)


def is_question(text: str) -> bool:
    """Whether the text asks, rather than repeats a headline or lists words."""
    return _QUESTION.search(text.lower()) is not None


def offers(text: str, kind: AnswerType, asked: Collection[str]) -> bool:
    """Whether the text holds something of that kind that the question (its words, lower case) did not itself say."""
    if kind == "other":
        return True
    for number, match in enumerate(_WORD.finditer(text)):
        word = match.group()
        lower = word.lower().strip(".,")
        if lower in asked:
            continue
        if kind == "name":
            if word[0].isupper() and (number or word[1:2].isupper() or lower not in _COMMON_FIRST):
                return True
        elif kind == "reason":
            if lower in _REASON_WORDS:
                return True
        elif word[0].isdigit() or lower in (_TIME_WORDS if kind == "time" else _NUMBER_WORDS):
            return True
    return False


_COMMON_FIRST = frozenset(
    "the a an this that these those it its he she they we i you his her their our there here in on at by for from with "
    "as after before since when while if although though but and or so yet however who what also other others both "
    "он она оно они мы вы я это эта этот эти его её ее их в во на по при для из с со к о об от до за но а и или".split()
)
