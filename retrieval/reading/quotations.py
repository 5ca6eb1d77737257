"""Every quotation of an article: what is said, by whom, and how that was found."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from retrieval.reading.cues import Cue, clause_subject, find_cues
from retrieval.reading.indirect import reported
from retrieval.reading.lexicon import DETERMINERS, verbs
from retrieval.reading.marks import Marked, marked_spans
from retrieval.reading.people import People
from retrieval.reading.routes import certainty, confidence
from retrieval.reading.sentences import Sentence, Token, read_sentences
from retrieval.reading.speakers import Discourse, Meaning, Record
from retrieval.types import Article, Kind, Quotation, Speaker

_BREAK = re.compile(r"(?<=[.?!…”\"’':])[ \t]*\n\s*|[ \t]*\n\s*(?=[\"“”„«])")
_SECTION = re.compile(r"\s[–—|]\s[^–—|]{1,60}$")  # what a page sets after its headline
_JOINTS = frozenset({",", "—", "–", "-", "--", "―"})
_TRANSCRIPT = re.compile(r"([A-Z][\w.’'-]+(?: [A-Z][\w.’'-]+){0,2}): +(?=\S)")
_SIGNED = re.compile(r"\s*[―—–-]{1,2}\s?([^\W\d_][\w.’'-]*(?: [^\W\d_][\w.’'-]*){0,3}?)\s*(?:[,.(\n]|$)")


def find_quotations(article: Article) -> tuple[Quotation, ...]:
    """The article's quotations, title first, then in text order; offsets are into the title or the paragraph's text."""
    if article.language == "ru":
        from retrieval.reading import russian

        return russian.find_quotations(article)
    return _Reader(article).read()


@dataclass(frozen=True, slots=True)
class _Unit:
    """A paragraph, or a line of one that stands for itself."""

    paragraph: int | None  # null: the title
    offset: int
    text: str


@dataclass(slots=True)
class _Found:
    """A quotation before its offsets are those of the paragraph."""

    unit: _Unit
    start: int
    end: int
    kind: Kind
    meaning: Meaning | None = None
    cue: str | None = None
    route: str = "none"
    group: int = 0


class _Reader:
    def __init__(self, article: Article) -> None:
        self.units = list(_units(article))
        self.spans = marked_spans([u.text for u in self.units])
        self.sentences: list[list[Sentence]] = []
        for unit, spans in zip(self.units, self.spans, strict=True):
            start = article.dateline.end if article.dateline and unit.paragraph == 0 and unit.offset == 0 else 0
            self.sentences.append(read_sentences(unit.text, spans, start))
        self.people = People([(u.text, s) for u, read in zip(self.units, self.sentences, strict=True) for s in read])
        self.discourse = Discourse(self.people)
        self.found: list[_Found] = []
        self.group = 0
        self.last: _Found | None = None
        self.said: tuple[Meaning, str] | None = None  # by whom the paragraph before says something is said last
        self.lead: Meaning | None = None  # whom a sentence that ends with a colon announces

    def read(self) -> tuple[Quotation, ...]:
        for number, unit in enumerate(self.units):
            self._read_unit(number, unit)
        self.found.sort(key=lambda f: (-1 if f.unit.paragraph is None else f.unit.paragraph, f.unit.offset + f.start))
        return tuple(_quotation(f) for f in self.found)

    def _read_unit(self, number: int, unit: _Unit) -> None:
        here: list[_Found] = []
        lead, self.lead = self.lead, None
        said: tuple[Meaning, str] | None = (
            None  # by whom the sentence before, in this paragraph, says something is said
        )
        for sentence in self.sentences[number]:
            record = self.discourse.begin(sentence, number)
            before = len(here)
            spoke = self._read_sentence(unit, sentence, record, here)
            for found in here[before:]:
                if found.meaning is None and found.kind == "direct" and said is not None:
                    found.meaning, found.route = said[0], f"{said[1]}; same paragraph"
            if spoke is not None:
                said = spoke, _origin(spoke, here[before:])
        self._carry(number, here)
        self._sign(number, unit, here)
        first = min((f for f in here if f.kind == "direct"), key=lambda f: f.start, default=None)
        if (
            lead is not None
            and first is not None
            and first.meaning is None
            and self.spans[number][0].start == first.start
        ):
            first.meaning, first.route = lead, f"colon, {lead.means}; next paragraph"
        self._inherit(unit, here)
        if (
            self.said is not None
            and self.said[0].means != "unnamed"
            and here
            and all(f.kind == "direct" and f.meaning is None for f in here)
        ):
            if here[0].start <= 2 and len(unit.text) - here[-1].end <= 3:
                for found in here:
                    found.meaning, found.route = self.said[0], f"{self.said[1]}; previous paragraph"
                said = self.said
        self.said = said
        self.found += here
        speech = [f for f in here if f.kind == "direct"]
        if speech:
            self.last = speech[-1]

    def _read_sentence(self, unit: _Unit, s: Sentence, record: Record, here: list[_Found]) -> Meaning | None:
        """Adds what the sentence quotes; gives whom it last names as saying something."""
        cues = find_cues(s)
        meanings = [self.discourse.meaning(s, cue.subject, unit.text, record) if cue.subject else None for cue in cues]
        governed: dict[int, tuple[int, int]] = {}  # marked token -> (cue, strength)
        for at, token in enumerate(s):
            if token.kind == "marked":
                best = _governor(s, at, cues)
                if best is not None:
                    governed[at] = best
        groups: dict[int, int] = {}
        taken: set[int] = set()
        for at, token in enumerate(s):
            if token.kind != "marked" or token.marked is None:
                continue
            cue_at, strength = governed.get(at, (-1, 0))
            if _is_title(s, at) or not (strength >= 3 or _whole(s, at)):
                continue
            taken.add(at)
            found = _Found(unit, token.marked.start, token.marked.end, "direct")
            if self._transcribed(found):
                here.append(found)
                continue
            if cue_at >= 0 and (meanings[cue_at] or not at or s[at - 1].text != ":"):
                self._attribute(found, cues[cue_at], meanings[cue_at], s, "beside")
                found.group = groups.setdefault(cue_at, self._next_group())
            elif at and s[at - 1].text == ":":
                found.meaning = self._announcer(s, at - 1, unit, record)
                found.route = f"colon, {found.meaning.means}" if found.meaning else "none"
            here.append(found)
        for index, cue in enumerate(cues):
            if cue.negated or any(c == index and a in taken for a, (c, _) in governed.items()):
                continue
            for start, end in reported(s, cue, cues[index + 1 :]):
                while end > start and (s[end - 1].kind == "stop"):
                    end -= 1
                if start >= end or any(start <= a < end for a in taken):
                    continue
                kind: Kind = "mixed" if any(t.kind == "marked" for t in s[start:end]) else "indirect"
                first, last = s[start].start, s[end - 1].end
                if any(f.unit is unit and f.start < last and first < f.end for f in here):
                    continue
                found = _Found(unit, first, last, kind)
                if end - start == 1 and s[start].marked:
                    found = _Found(unit, s[start].marked.start, s[start].marked.end, "mixed")
                self._attribute(found, cue, meanings[index], s, "reported")
                found.group = groups.setdefault(index, self._next_group())
                here.append(found)
        for at, token in enumerate(s):
            if token.kind == "marked" and token.marked and at not in taken:
                if any(f.unit is unit and f.start <= token.start and token.end <= f.end for f in here):
                    continue
                cue_at, strength = governed.get(at, (-1, 0))
                if cue_at < 0:
                    continue
                found = _Found(unit, token.marked.start, token.marked.end, "mixed")
                self._attribute(found, cues[cue_at], meanings[cue_at], s, "fragment")
                found.group = groups.setdefault(cue_at, self._next_group())
                here.append(found)
        speaker = next((m.person for m in meanings if m and m.person), None)
        record.speaker = speaker
        if s[-1].text == ":":
            lead = next((m for m in reversed(meanings) if m is not None), None)
            self.lead = lead or self._announcer(s, len(s) - 1, unit, record)
        spoke = [meanings[c] for _, (c, _) in sorted(governed.items()) if meanings[c] is not None][-1:]
        spoke += [m for cue, m in zip(cues, meanings, strict=True) if not cue.relative]
        return next((m for m in spoke if m is not None), None)

    def _announcer(self, s: Sentence, colon: int, unit: _Unit, record: Record) -> Meaning | None:
        """Who speaks after a colon, though no word of saying stands before it."""
        subject = clause_subject(s, colon)
        meaning = self.discourse.meaning(s, subject, unit.text, record, speaks=False) if subject else None
        return meaning if meaning is not None and meaning.means != "unnamed" else None

    def _transcribed(self, found: _Found) -> bool:
        """Reads the name that a transcript sets before its words: `NAME: ...`."""
        prefix = _TRANSCRIPT.match(found.unit.text, found.start, found.end)
        if prefix is None:
            return False
        people = self.people.find(prefix[1].split())
        if len(people) != 1 and not prefix[1].isupper():
            return False
        name = people[0].name if len(people) == 1 else prefix[1]
        found.start, found.route = prefix.end(), "transcript"
        found.meaning = Meaning("name", prefix[1], name, *([people[0], people[0].role] if len(people) == 1 else []))
        found.group = self._next_group()
        return True

    def _next_group(self) -> int:
        self.group += 1
        return self.group

    def _attribute(self, found: _Found, cue: Cue, meaning: Meaning | None, s: Sentence, place: str) -> None:
        if cue.verb.lemma == "read" and meaning is not None and meaning.means == "unnamed":
            meaning = None  # a banner speaks for nobody
        found.cue = " ".join(t.text for t in s[cue.start : cue.end])
        found.meaning = meaning
        if meaning is None:
            found.route = f"{place}, no subject"
            return
        found.route = f"{place}, {meaning.means}"
        if cue.side == "shared":
            found.route += ", shared"
        if meaning.rivals or meaning.alone:
            found.route += ", rivals" if meaning.rivals else ", alone"

    def _carry(self, number: int, here: list[_Found]) -> None:
        """A quotation that a paragraph leaves open goes on in the next: one speaker."""
        continuing = {span.start for span in self.spans[number] if span.continues}
        for found in here:
            if found.start in continuing and found.meaning is None and self.last is not None and self.last.meaning:
                found.meaning, found.group, found.route = (
                    self.last.meaning,
                    self.last.group,
                    f"{self.last.route}; continued",
                )

    def _sign(self, number: int, unit: _Unit, here: list[_Found]) -> None:
        """Reads the name that a dash sets under a quotation: `"..." ― Name`, in this paragraph or the next."""
        if not here or here[-1].meaning is not None or not self.spans[number]:
            return
        rest = unit.text[self.spans[number][-1].outer_end :]
        if not rest.strip(" .") and number + 1 < len(self.units):
            rest = self.units[number + 1].text
        signed = _SIGNED.match(rest)
        if signed:
            words = signed[1].rstrip(".").split()
            person = next(iter(self.people.find(words)), None)
            if person is None and len(words) == 1:
                return
            for found in here:
                if found.meaning is None:
                    name = person.name if person else signed[1]
                    found.meaning = Meaning("name", signed[1], name, person, person.role if person else None)
                    found.route = "signed"

    def _inherit(self, unit: _Unit, here: list[_Found]) -> None:
        """Gives the speech without words of saying in this paragraph the speaker of the speech around it."""
        here.sort(key=lambda f: f.start)
        previous: _Found | None = None
        for found in here:
            if found.meaning is None and found.kind == "direct" and previous is not None and previous.meaning:
                found.meaning, found.group = previous.meaning, previous.group
                found.route = f"{previous.route}; same paragraph"
            if found.meaning is not None:
                previous = found
        following: _Found | None = None
        for found in reversed(here):
            if found.meaning is None and found.kind == "direct" and following is not None:
                found.meaning, found.group = following.meaning, following.group
                found.route = f"{following.route}; before"
            if found.meaning is not None and found.kind == "direct":
                following = found


def _units(article: Article) -> Iterator[_Unit]:
    if article.title:
        yield _Unit(None, 0, _SECTION.sub("", article.title))
    for number, paragraph in enumerate(article.paragraphs):
        start = 0
        for match in _BREAK.finditer(paragraph.text):
            yield _Unit(number, start, paragraph.text[start : match.start()])
            start = match.end()
        yield _Unit(number, start, paragraph.text[start:])


def _governor(s: Sentence, at: int, cues: Sequence[Cue]) -> tuple[int, int] | None:
    """The cue that a marked span hangs on, with how plainly: 3 beside it, 2 within its clause."""
    best: tuple[int, int] | None = None
    for index, cue in enumerate(cues):
        if cue.last <= at:
            strength = _leads(s, cue, at)
            if strength == 3 or (strength == 2 and (best is None or best[1] < 3)):
                best = (index, strength)
        elif cue.first > at:
            strength = _follows(s, at, cue)
            if strength and (best is None or strength >= best[1]):
                return index, strength
    return best


def _origin(meaning: Meaning, quoted: Sequence[_Found]) -> str:
    """The route by which a sentence's speaker was found, for those who inherit it."""
    return next((f.route for f in reversed(quoted) if f.meaning is meaning), f"narration, {meaning.means}")


def _leads(s: Sentence, cue: Cue, at: int) -> int:
    """How plainly the words of saying lead up to the marked span."""
    between = s[cue.last : at]
    if not between:
        return 3 if _capital_start(s[at]) else 2
    if between[-1].text == ":" and any(
        t.text == "," and after.capital for t, after in zip(between, between[1:], strict=False)
    ):
        return 0  # "..., Name hit back: "
    return 3 if between[-1].text in (",", ":") else 2


def _follows(s: Sentence, at: int, cue: Cue) -> int:
    """How plainly the words of saying follow on the marked span."""
    between = s[at + 1 : cue.first]
    ends = s[at].text[-1]
    if all(t.text in _JOINTS or t.text == "." for t in between):
        return 3 if ends in ",?!…—.-" or any(t.text in _JOINTS for t in between) else 2
    # `"...," another friend, Name, told us`; `"...," the senator and candidate said`
    loose = ends in ",?!" and between[0].lower in DETERMINERS and between[-1].text in (",", "and")
    return 3 if loose and all(t.kind == "word" for t in between[:-1]) else 0


def _is_title(s: Sentence, at: int) -> bool:
    """Whether the marked words are a name (of a show, a book, a slogan) that the sentence mentions."""
    text = s[at].text
    before = s[at - 1] if at else None
    if before is None or before.kind == "marked" or before.text in (":", ".", "?", "!"):
        return False
    words = [w for w in re.findall(r"[^\W\d_][\w’'-]*", text) if len(w) > 3]
    if before.kind == "word" or before.text == "’s":
        if len(text.split()) < 3 and before.text not in verbs():
            return True
    elif before.text != ",":
        return False
    return text[-1] not in ".?!" and len(text.split()) > 1 and bool(words) and all(w[0].isupper() for w in words)


def _capital_start(token: Token) -> bool:
    first = next((c for c in token.text if c.isalnum()), "")
    return first.isupper() or first.isdigit()


def _whole(s: Sentence, at: int) -> bool:
    """Whether the marked span is speech by its form: a sentence (or more) of its own."""
    token = s[at]
    words = token.text.split()
    ends = token.text[-1] in ".?!…,—-" or at + 1 == len(s)
    if len(words) < 3 or not ends or not (_capital_start(token) or token.text[0] in "…."):
        return False
    before = s[at - 1] if at else None
    if len(words) > 8:
        return True
    return before is None or before.kind == "marked" or before.text in ".:,?!—–--"


def _quotation(found: _Found) -> Quotation:
    offset = found.unit.offset
    speaker = None
    sure = confidence(found.route)
    level = certainty(found.route)
    meaning = found.meaning
    if meaning is not None:
        name = meaning.name if level else None
        speaker = Speaker(name, meaning.role if name else None, meaning.as_written, level)
    return Quotation(
        text=found.unit.text[found.start : found.end],
        paragraph=found.unit.paragraph,
        start=offset + found.start,
        end=offset + found.end,
        kind=found.kind,
        speaker=speaker,
        cue=found.cue,
        route=found.route,
        confidence=sure if speaker else 0.0,
        group=found.group,
    )
