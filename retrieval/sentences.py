"""Where sentences begin and end, in English and Russian, in clean and in machine-made copy."""

from __future__ import annotations

import re
from functools import lru_cache

# A run of terminators, with the stray spaces of machine-made copy ("Why ? ”") and the marks that close after it.
_END = re.compile(r"[.!?…]+(?:[\"”’»)\]]|'(?!\w)){0,4}")
_LOOSE_CLOSER = re.compile(r"[ \u00a0]{1,2}[\"”’»“](?=\s|$|[,.!?])")
_NEXT = re.compile(r"\s*(?P<open>(?:[\"“”„«‘'(\[—–•-]\s{0,2}){0,4})(?P<word>[^\W_]+(?:['’-][^\W_]+)*)?")
_WORD_BEFORE = re.compile(r"(?<!\w)(?:[^\W\d_]{1,2}\.){1,5}[^\W\d_]$|[^\W_]+(?:-[^\W_]+)?$")
_LOOK_BACK = 24  # characters: longer than any abbreviation

# A name, a number or the rest of the sentence follows these; they never end one.
_NEVER_LAST = frozenset(
    "mr mrs ms mx dr prof gen sen sens rep reps gov lt col sgt capt maj adm cmdr brig cpl pvt rev hon pres mt ft fr "
    "supt det insp amb sec vs v no nos art fig figs pp vol cf approx est dept messrs mme mlle "
    "ул пл просп пр-т пер наб корп стр рис см ср им проф акад ген полк подп кап лейт тов гр св напр ст гл "
    "т.е т.к т.н и.о г-н г-жа e.g i.e".split()
)
# These may stand last: they end a sentence only when the next word is one that usually begins one.
_SELDOM_LAST = frozenset(
    "inc corp co ltd llc plc jr sr bros assn ave blvd rd jan feb mar apr jun jul aug sept sep oct nov dec st "
    "mon tue tues wed thu thur thurs fri sat sun ph.d m.d".split()
)
# Followed by a capital, these do end one: "и т. д. Она", "в 2021 г. Москва" (but "г. Москва": a number must precede).
_UNIT = frozenset("г гг в вв".split())
_NOT_BEFORE_NUMBER = frozenset("т с п д о р ч".split())  # т. 2, с. 5, п. 3, д. 7
_STARTERS = frozenset(
    "the a an this that these those it its he she they we i you his her their our there here in on at by for from with "
    "as after before since when while if although though but and or so yet however meanwhile then what who how why "
    "where which no not some many most all both he's it's they're we're that's there's "
    "он она оно они мы вы я это эта этот эти его её ее их в во на по при для из с со к о об от до за но а и или однако "
    "если когда как что чтобы так также тем после затем там здесь кроме вместе".split()
)
_SAYING = re.compile(
    r"(?:[^\W\d_][\w.'’-]{0,30}\s+){0,3}(?:said|says|asked|asks|wrote|writes|added|adds|told|replied|continued|declared|"
    r"shouted|tweeted|exclaimed|did)\b"
)


@lru_cache(4096)  # some 4 MB
def sentences(text: str) -> tuple[tuple[int, int], ...]:
    """The spans of the text's sentences, in order; together they hold every character but white space between them.

    Linear in the length of the text. A full stop before a lower-case word ends nothing ("their means. delivery").
    """
    spans = []
    start = _skip_space(text, 0)
    position = start
    while match := _END.search(text, position):
        end = position = match.end()
        loose = _LOOSE_CLOSER.match(text, end)
        if loose and _closes(text, start, loose.end() - 1):
            end = loose.end()  # "win? ” he said": a mark that stands alone
        if _is_boundary(text, start, match.start(), match.end(), end):
            spans.append((start, end))
            start = position = _skip_space(text, end)
    stop = len(text.rstrip())
    if start < stop:
        spans.append((start, stop))
    return tuple(spans)


def _skip_space(text: str, position: int) -> int:
    while position < len(text) and text[position].isspace():
        position += 1
    return position


def _closes(text: str, start: int, mark: int) -> bool:
    """Whether the mark that stands alone at `mark` closes what the sentence opened, rather than opening the next."""
    before = text[max(start, mark - 2000) : mark]
    rest = text[mark + 1 : mark + 3].strip()
    if text[mark] in "”»":
        return True
    return sum(before.count(m) for m in '"“”„') % 2 == 1 or not rest


def _is_boundary(text: str, start: int, stop: int, stop_end: int, end: int) -> bool:
    """Whether the terminators at `stop` end the sentence from `start`, whose closing marks reach to `end`."""
    if end >= len(text):
        return True
    following = _NEXT.match(text, end)
    word = following["word"] if following else None
    if following is None or word is None:
        return text[end : end + 1].isspace()  # a symbol or an emoji follows
    if not word[0].isdigit() and not word[0].isupper():
        return False
    spaced = text[end].isspace()
    closed = end > stop + 1 and text[end - 1] in "\"”’»“'"
    dot = text[stop:stop_end].rstrip("\"”’»)]'") == "."
    if not spaced and not _glued(text, stop, end, following):
        return False
    if following["open"].strip()[:1] in ("—", "–", "-") and closed:
        return False  # «Почему?» — Антонов promises no new sentence
    if not dot:
        return not (closed and _SAYING.match(text, following.start("word")))  # “Why?” Antonov said
    if closed:
        return not _SAYING.match(text, following.start("word"))
    initial = len(word) == 1 and text[following.end() : following.end() + 1] == "."
    return not _abbreviates(text, start, stop, word, starter=word.lower() in _STARTERS and not initial)


def _glued(text: str, stop: int, end: int, following: re.Match[str]) -> bool:
    """A missing space: "done.Then", 'done."Then' are two sentences; "U.S.A", "v2.0", "Node.JS" are not."""
    word = following["word"]
    if following["open"].strip() or end > stop + 1:
        return True
    before = text[max(0, stop - 3) : stop]
    return len(before) == 3 and before.isalpha() and before.islower() and word[0].isupper() and word[1:2].islower()


def _abbreviates(text: str, start: int, stop: int, following: str, *, starter: bool) -> bool:
    """Whether the full stop belongs to the word before it, and the sentence goes on with `following`."""
    found = _WORD_BEFORE.search(text[max(0, stop - _LOOK_BACK) : stop])
    if found is None:
        return False
    word = found.group()
    lower = word.lower()
    before = text[max(0, stop - len(word) - 3) : stop - len(word)].rstrip()
    if lower in _NEVER_LAST or (len(word) == 1 and lower in _NOT_BEFORE_NUMBER and following[0].isdigit()):
        return not (lower in ("no", "v", "art") and not following[0].isdigit() and (lower == "no" or starter))
    if lower in _UNIT:
        return not before[-1:].isdigit() or stop - start < 16  # "В 2021 г. Москва росла"
    if before.endswith("т.") and lower in ("д", "п"):
        return False
    if before.endswith("т.") and lower in ("е", "к", "н"):
        return True
    if before.endswith("н.") and lower == "э":
        return False
    if len(word) == 1 and word.isalpha():
        # An initial, when a name follows: "J. K. Rowling", "А. И. Иванов"; "Plan B. The", "in 5 s. Then" end.
        return (word.isupper() or lower in "сгдпоул") and not starter
    if "." in word:
        return not starter  # U.S. President, 9 a.m. Monday; "in the U.S. The"
    return lower in _SELDOM_LAST and not starter
