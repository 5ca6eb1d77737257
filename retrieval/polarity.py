"""When a text says the opposite of what is asked: no "not" where the question has one, "ended" for "began"."""

from __future__ import annotations

import re
from collections.abc import Set
from functools import cache

from retrieval.analysis import Analyzer

_DENIAL = re.compile(
    r"\b(?:not|never|no|nor|without|neither|none|cannot|unable|fail(?:s|ed|ing)?|refus\w{1,4}|lack\w{0,3}"
    r"|не|нет|без|никогда|ни)\b|n['’]t\b",
    re.IGNORECASE,
)
# In a longer question "not" mostly belongs to a clause aside ("..., which was not reported by ..."): counted there,
# too, it cost .05 of the AUROC on questions of 40 words and won nothing.
_LONGEST_DENIAL = 16  # words

# Each line: words of one meaning | words of its opposite.
_OPPOSITES = """
begin start open launch found establish create | end stop finish close abolish dissolve destroy conclude
increase rise grow gain raise expand | decrease fall drop decline reduce shrink lose lower
before prior | after following later
north northern | south southern
east eastern | west western
first earliest | last latest final
large big great major largest biggest | small little minor smallest
high highest upper top | low lowest lower bottom
greater | fewer fewest least
old oldest ancient elderly | new newest young youngest modern
win won victory succeed success successful | lose lost defeat fail failure unsuccessful
accept allow approve support permit legal | reject refuse deny ban oppose prohibit forbid illegal veto
good best better positive | bad worst worse negative
strong strongest | weak weakest
rich wealthy | poor
man men husband father son brother king male | woman women wife mother daughter sister queen female
public | private
war | peace
buy bought purchase | sell sold sale
early | late
fast fastest quick | slow slowest
liberal left democratic democrat | conservative right republican
import | export
internal inside inner interior | external outside outer exterior
always often common frequently usually | never rarely rare seldom
enter arrive join | leave depart exit
majority | minority
simple easy | complex difficult hard complicated
same similar | different
alive born | dead die died
hot warm | cold cool
wide | narrow
formal | informal
direct | indirect
possible | impossible
ally friend | enemy
urban city | rural countryside
build built construct | demolish destroy
appoint hire elect | dismiss fire resign
agree | disagree
advantage benefit | disadvantage harm
начало начать начал начался открыть основать создать | конец закончить закончил закончился закрыть распустить отменить
рост вырос увеличить увеличился повысить | падение упал снизить снизился сократить сократился уменьшить
до | после
север северный | юг южный
восток восточный | запад западный
первый | последний
большой крупный | малый небольшой мелкий
высокий верхний | низкий нижний
победить победа выиграть успех | проиграть поражение провал
принять разрешить поддержать одобрить | отклонить запретить отказать осудить
купить | продать
старый древний | новый молодой
"""


@cache
def _opposites() -> dict[str, frozenset[str]]:
    terms = Analyzer().terms
    table: dict[str, frozenset[str]] = {}
    for line in _OPPOSITES.strip().splitlines():
        one, other = (frozenset(terms(side)) for side in line.split("|"))
        for these, those in ((one, other), (other, one)):
            for term in these:
                table[term] = table.get(term, frozenset()) | those
    return table


def denies(question: str) -> bool:
    """Whether the question asks what is *not* so."""
    return _DENIAL.search(question) is not None and len(question.split()) <= _LONGEST_DENIAL


def affirms(text: str) -> bool:
    """Whether the text denies nothing."""
    return _DENIAL.search(text) is None


def says_opposite(missing: Set[str], others: Set[str]) -> bool:
    """Whether a term that the text lacks has its opposite among the text's other terms."""
    return any(not _opposites().get(term, frozenset()).isdisjoint(others) for term in missing)
