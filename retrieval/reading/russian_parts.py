"""Quotations on their way out of a Russian article: what kind each is, which belong together, what is taken already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from retrieval.reading.marks import Marked
from retrieval.reading.russian_attribution import Attribution, Narration
from retrieval.reading.russian_clauses import Sentence
from retrieval.reading.russian_cues import Cue
from retrieval.reading.russian_names import Mention
from retrieval.reading.russian_text import Token
from retrieval.types import Kind, Quotation

_EDGES = " \t\n\r\u00a0,—–-"


@dataclass(slots=True)
class Part:
    """A paragraph, or the title, and what is found in it so far."""

    number: int
    paragraph: int | None
    text: str
    spans: dict[int, Marked]  # by the offset of the opening mark
    tokens: list[Token]
    sentences: list[Sentence]
    mentions: dict[int, Mention]
    used: set[int] = field(default_factory=set)  # offsets of the marks of quotations that have their place
    reported: list[tuple[int, int]] = field(default_factory=list)
    who: dict[int, Attribution] = field(default_factory=dict)  # by the offset of the words
    found: list[Quotation] = field(default_factory=list)


class Collector:
    """Puts quotations into their parts, numbering the utterances."""

    def __init__(self, narration: Narration) -> None:
        self.narration = narration
        self.group = 0

    def next_group(self) -> int:
        self.group += 1
        return self.group

    def direct(self, part: Part, token: Token, who: Attribution, cue: Cue | None, group: int = 0) -> int:
        span = part.spans[token.start]
        part.used.add(token.start)
        self.group += not group
        self.add(part, span.start, span.end, "direct", who, cue.words if cue else None, group or self.group)
        return group or self.group

    def fragment(self, part: Part, token: Token, who: Attribution, cue: Cue) -> None:
        """Words in marks within the writer's sentence (``назвал это «…»``): speech when whole, else mixed."""
        span = part.spans[token.start]
        words = part.text[span.start : span.end].split()
        if len(words) > 2 - (cue.saying.use == "name" or cue.hi == cue.at + 1):
            part.used.add(token.start)
            self.group += 1
            kind: Kind = "direct" if words[0][:1].isupper() and len(words) > 2 else "mixed"
            self.add(part, span.start, span.end, kind, who, cue.words, self.group)

    def reported(self, part: Part, content: Sequence[Token], who: Attribution, cue: Cue, group: int = 0) -> int:
        """Content without outer marks: direct where it is one quotation, mixed where it holds one, else indirect."""
        while content and content[-1].kind in ("stop", "comma", "dash", "colon"):
            content = content[:-1]
        while content and content[0].kind in ("comma", "dash", "colon"):
            content = content[1:]
        if len(content) == 1 and content[0].kind in ("quote", "name"):
            return self.direct(part, content[0], who, cue, group)
        self.group += not group
        if content:
            marked = [t for t in content if t.kind == "quote"]
            kind: Kind = "mixed" if any(len(t.text.split()) > 1 for t in marked) else "indirect"
            part.used |= {t.start for t in marked}
            part.reported.append((content[0].start, content[-1].end))
            self.narration.inside[part.number].append(part.reported[-1])
            self.add(part, content[0].start, content[-1].end, kind, who, cue.words, group or self.group)
        return group or self.group

    def add(self, part: Part, start: int, end: int, kind: Kind, who: Attribution, cue: str | None, group: int) -> None:
        text = part.text
        while start < end and text[start] in _EDGES:
            start += 1
        while end > start and text[end - 1] in _EDGES:
            end -= 1
        if start == end:
            return
        if who.person:
            self.narration.last = (part.number, start, who.person)
        part.who[start] = who
        speech = (text[start:end], part.paragraph, start, end, kind, who.speaker, cue, who.route, who.confidence, group)
        part.found.append(Quotation(*speech))
