"""Where a text's quote marks open and close: spans by offset, whatever style or accident set the marks.

Use (any language; the marks decide, not the language)::

    for number, spans in enumerate(marked_spans([p.text for p in article.paragraphs])):
        for span in spans:                                  # outermost only, in text order, never overlapping
            article.paragraphs[number].text[span.start : span.end]       # the words, outer marks left out
            article.paragraphs[number].text[span.outer_start : span.outer_end]   # with them

Read: straight and curly double, two single marks for a double one, British single with apostrophes and plural
possessives, « » and » «, „ “, any of them nested, a quotation left open at a paragraph's end and opened again in the
next. The mark that opened decides which marks may close; a mark's neighbours (white space, punctuation, letters) decide
when its shape contradicts its place, as in machine-made copies (``” Why ? ”``, ``there “, did he``, ``one , “added``,
``change, ”Antonov wrote``), and a mark of another family closes what none of its own does (``«Да", — сказал он``).
Marks typed with other characters (``<<`` ``>>`` ``,,``) are those that they stand for. Dash speech has no marks and is
not read here. Linear in the text's length.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

Family = Literal["double", "single", "angle"]

_MARK = re.compile(r"'{2,3}|``|<<|>>|,,(?=\w)|[\"“”„‟«»‘’‚']")
_FAMILY: dict[str, Family] = {"«": "angle", "»": "angle", "‘": "single", "’": "single", "‚": "single", "'": "single"}
_TYPED = {"''": '"', "'''": '"', "<<": "«", ">>": "»", ",,": "„"}  # with other characters
_FREE_LEFT = frozenset("“„‟«‘‚`([{<—–-/")  # an opening mark may follow these
_FREE_RIGHT = frozenset("”»’)]}>,.;:!?…—–-/")  # these may follow a closing mark
# Words that begin with an apostrophe, and shortened years: such a mark opens nothing.
_ELISION = re.compile(r"(?:\d\ds?\b|em\b|til\b|tis\b|twas\b|cause\b|n\b|round\b|bout\b|s\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Marked:
    """One outermost marked span of a paragraph."""

    start: int  # first character of the words
    end: int  # one past the last; white space between words and marks is left out
    outer_start: int  # the opening mark
    outer_end: int  # one past the closing mark; the paragraph's end when none closes
    family: Family
    closed: bool = True  # a mark closes it in this paragraph (or line)
    continues: bool = False  # goes on from the span before it, which was left open


class _Mark(NamedTuple):
    at: int
    end: int
    glyph: str
    family: Family
    before: str  # the character before, "" at the start
    after: str
    line_start: bool
    opens: bool  # stands as opening marks stand: nothing, space or a dash before, a word after
    closes: bool  # stands as closing marks stand: a word or stop before, nothing, space or a stop after


def marked_spans(paragraphs: Sequence[str]) -> list[list[Marked]]:
    """The outermost marked spans of each paragraph, in the order given; one list a paragraph."""
    out: list[list[Marked]] = []
    left_open: Family | None = None
    for number, text in enumerate(paragraphs):
        following = paragraphs[number + 1].lstrip()[:1] if number + 1 < len(paragraphs) else ""
        spans = _Reader(text, left_open, following if following in _REOPENS else "").read()
        out.append(spans)
        left_open = spans[-1].family if spans and not spans[-1].closed else None
    return out


_REOPENS = frozenset("\"“”„«‘'")


class _Reader:
    """Reads one paragraph from left to right."""

    def __init__(self, text: str, left_open: Family | None, reopened: str) -> None:
        self.text = text
        self.beginning = len(text) - len(text.lstrip())  # the first character that is no space
        self.left_open = left_open  # the family that the paragraph before left open
        self.reopened = reopened  # the mark that the next paragraph opens with, if it does
        self.marks = _marks(text)
        self.spans: list[Marked] = []
        # For each mark, the index of the next one that (could) close a single quotation, or open one.
        self.strong: list[int | None] = []
        self.weak: list[int | None] = []
        self.single_open: list[int | None] = []
        self.angles: list[tuple[int, int]] = []  # how many « and » come after
        self._look_ahead()

    def read(self) -> list[Marked]:
        index = 0
        while index < len(self.marks):
            mark = self.marks[index]
            if mark.family == "single":
                index = self._single(index)
            elif _may_open(mark, self.text):
                index = self._angle(index) if mark.family == "angle" else self._double(index)
            else:
                index += 1
        return self.spans

    def _emit(self, opener: _Mark, end: int, outer_end: int, closed: bool = True) -> None:
        start = opener.end
        while start < end and self.text[start].isspace():
            start += 1
        while end > start and self.text[end - 1].isspace():
            end -= 1
        if start == end:
            return
        family = opener.family
        first = not self.spans and opener.at == self.beginning and self.left_open == family
        after_open_line = bool(self.spans) and not self.spans[-1].closed and opener.line_start
        self.spans.append(Marked(start, end, opener.at, outer_end, family, closed, first or after_open_line))

    def _emit_to(self, opener: _Mark, at: int) -> int:
        self._emit(opener, self.marks[at].at, self.marks[at].end)
        return at + 1

    def _double(self, index: int) -> int:
        """Reads the double quotation opened at `index`; gives the index of the mark to go on with."""
        opener = self.marks[index]
        inner: list[str] = []  # opening marks of nested quotations
        nested = False  # a whole one was read
        angles = 0  # « open
        other: int | None = None  # a » that none of them opened: it closes this one, if no mark of its own does
        for at in range(index + 1, len(self.marks)):
            mark = self.marks[at]
            if mark.family != "double":
                angles += mark.glyph == "«"
                if mark.glyph == "»" and not angles and other is None and mark.closes:
                    other = at
                angles -= mark.glyph == "»" and angles > 0
                continue
            if mark.line_start and mark.opens and not inner and mark.glyph == opener.glyph:
                self._emit(opener, mark.at, mark.at, closed=False)
                return at
            if inner and _closes_inner(mark, inner[-1]):
                inner.pop()
                nested = True
            elif mark.glyph == "„" or (mark.glyph in "“‟``" and self._nests(at, opener)):
                inner.append(mark.glyph)
            elif mark.glyph != "”" and mark.opens and not self._ends_clause(mark):
                if mark.glyph not in (opener.glyph, "“"):
                    inner.append(mark.glyph)
                    continue
                if other is not None:
                    break
                # A second opening with nothing closed: the first mark was astray, unless it began the paragraph.
                if opener.at == self.beginning and self._ends_sentence(mark.at):
                    self._emit(opener, mark.at, mark.at, closed=False)
                return at
            elif mark.before.isdigit() and mark.glyph == '"' and opener.glyph != '"' and self._next_closes(at):
                continue  # inches
            else:
                return self._emit_to(opener, at)
        if other is not None:
            return self._emit_to(opener, other)
        if opener.glyph == '"' and self.reopened not in ('"', "'") and (nested or self.reopened):
            return index + 1  # the text's own marks are of another shape, and nothing goes on: this one is astray
        self._emit(opener, len(self.text), len(self.text), closed=False)
        return len(self.marks)

    def _nests(self, at: int, opener: _Mark) -> bool:
        """Whether the opening mark begins a nested quotation: two closing marks follow, or another style."""
        mark = self.marks[at]
        if not mark.opens or self._ends_clause(mark):
            return False
        after = [m for m in self.marks[at + 1 : at + 12] if m.family == "double"][:2]
        if opener.glyph not in "“":
            return bool(after) and after[0].glyph == "”"
        if len(after) == 2:
            return after[0].glyph == "”" and not after[1].opens and after[1].glyph != "“"
        goes_on = bool(self.reopened) and _FAMILY.get(self.reopened, "double") == "double"
        return goes_on and len(after) == 1 and after[0].glyph == "”"

    def _next_closes(self, at: int) -> bool:
        return at + 1 < len(self.marks) and self.marks[at + 1].glyph == "”"

    def _ends_clause(self, mark: _Mark) -> bool:
        """Stands after a stop (and a space) and before a small letter: `one , “added`."""
        before = self.text[max(0, mark.at - 2) : mark.at].rstrip()[-1:]
        return before in (",", "!", "?", "…") and mark.after.islower()

    def _ends_sentence(self, at: int) -> bool:
        return self.text[max(0, at - 3) : at].rstrip()[-1:] in (".", "!", "?", "…")

    def _angle(self, index: int) -> int:
        opener = self.marks[index]
        opening = opener.glyph
        closing = "»" if opening == "«" else "«"
        depth = 1
        doubles = 0  # open inside
        other: int | None = None  # a double mark that closes what none opened: this one, if no mark of its own does
        for at in range(index + 1, len(self.marks)):
            mark = self.marks[at]
            if mark.family == "double":
                if mark.closes and not doubles and depth == 1 and other is None:
                    other = at
                doubles += mark.opens - (mark.closes and doubles > 0)
            elif mark.glyph == opening:
                if other is not None:
                    break
                depth += 1
            elif mark.glyph == closing:
                openers, closers = self.angles[at] if opening == "«" else (0, depth)
                # Russian lets one » close an inner and an outer quotation that end together.
                depth = 0 if closers < openers + depth - 1 else depth - 1
                if not depth:
                    return self._emit_to(opener, at)
        if other is not None:
            return self._emit_to(opener, other)
        self._emit(opener, len(self.text), len(self.text), closed=False)
        return len(self.marks)

    def _single(self, index: int) -> int:
        opener = self.marks[index]
        if not _opens_single(opener, self.text):
            return index + 1
        strong, weak, again = self.strong[index], self.weak[index], self.single_open[index]
        close = strong
        if weak is not None and (strong is None or (weak < strong and again is not None and again < strong)):
            close = weak
        if close is None or (again is not None and again < close and self._reopens_line(again)):
            if opener.glyph == "‘" and (_FAMILY.get(self.reopened) == "single" or again is not None):
                end = self.marks[again].at if again is not None else len(self.text)
                if again is None or self._reopens_line(again):
                    self._emit(opener, end, end, closed=False)
                    return again if again is not None else len(self.marks)
            return index + 1
        return self._emit_to(opener, close)

    def _reopens_line(self, index: int) -> bool:
        return self.marks[index].line_start

    def _look_ahead(self) -> None:
        strong = weak = single_open = None
        openers = closers = 0
        for at in range(len(self.marks) - 1, -1, -1):
            self.strong.append(strong)
            self.weak.append(weak)
            self.single_open.append(single_open)
            self.angles.append((openers, closers))
            mark = self.marks[at]
            openers += mark.glyph == "«"
            closers += mark.glyph == "»"
            if mark.family != "single":
                continue
            if mark.glyph in "’'" and not mark.after.isalnum() and not (not mark.before or mark.before.isspace()):
                if mark.before in "sS" and mark.after == " ":
                    weak = at  # perhaps a plural's possessive
                else:
                    strong = at
            elif _opens_single(mark, self.text):
                single_open = at
        for table in (self.strong, self.weak, self.single_open):
            table.reverse()
        self.angles.reverse()


def _closes_inner(mark: _Mark, opening: str) -> bool:
    if mark.glyph == "“":
        return opening == "„"
    return mark.glyph in ("”", opening) and not mark.opens


def _marks(text: str) -> list[_Mark]:
    found = []
    for match in _MARK.finditer(text):
        at, end = match.span()
        before, after = text[at - 1 : at] if at else "", text[end : end + 1]
        glyph = _TYPED.get(match[0], match[0])
        family = _FAMILY.get(glyph, "double")
        if family == "single" and before.isalnum() and after.isalnum():
            continue  # an apostrophe
        left = not before or before.isspace() or before in _FREE_LEFT
        right = not after or after.isspace() or after in _FREE_RIGHT
        line_start = not before or before == "\n"
        found.append(_Mark(at, end, glyph, family, before, after, line_start, left and not right, right and not left))
    return found


def _may_open(mark: _Mark, text: str) -> bool:
    """Whether a double or angle mark outside any quotation opens one; else it is astray (or means inches)."""
    if mark.closes:
        return False
    if mark.glyph == "”":
        return not mark.before or mark.before.isspace() or mark.opens
    if mark.glyph == "»":
        return mark.opens
    return bool(mark.after)


def _opens_single(mark: _Mark, text: str) -> bool:
    if mark.glyph == "’" or not mark.opens or not (mark.after.isalnum() or mark.after in '“"…«['):
        return False
    return not _ELISION.match(text, mark.end, mark.end + 8)
