"""Every quotation of an article: what is said, by whom, and how that was found."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from retrieval.reading.cues import Cue, find_cues
from retrieval.reading.indirect import reported
from retrieval.reading.marks import marked_spans
from retrieval.reading.people import People
from retrieval.reading.phrases import Mention, clause_subject
from retrieval.reading.routes import certainty, confidence
from retrieval.reading.sentences import Sentence, read_sentences
from retrieval.reading.speakers import Discourse, Meaning, Record
from retrieval.reading.speech import BESIDE, governor, has_title_case, is_sentence, is_title
from retrieval.types import Article, Kind, Quotation, Speaker

# A line break inside a paragraph parts it where a sentence ends or a quotation begins.
_BREAK = re.compile(r"(?<=[.?!…”\"’':])[^\S\n]*+\n\s*+|(?<=\S)[^\S\n]*+\n\s*+(?=[\"“”„«])")
_SECTION = re.compile(r"\s[–—|]\s[^–—|]{1,60}$")  # what a page sets after its headline
_TRANSCRIPT = re.compile(r"([A-Z][\w.’'-]+(?: [A-Z][\w.’'-]+){0,2}): +(?=\S)")
_SIGNED = re.compile(r"\s*[―—–-]{1,2}\s?([^\W\d_][\w.’'-]*(?: [^\W\d_][\w.’'-]*){0,3}?)\s*(?:[,.(\n]|$)")


def find_quotations(article: Article) -> tuple[Quotation, ...]:
    """The article's quotations, title first, then in text order; offsets are into the title or the paragraph's text."""
    if article.language == "ru":
        from retrieval.reading import russian  # its word lists are loaded only for who needs them

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
    """A quotation whose speaker may still be looked for."""

    unit: _Unit
    start: int
    end: int
    kind: Kind
    meaning: Meaning | None = None
    cue: str | None = None
    route: str = ""
    group: int = 0

    @property
    def open(self) -> bool:
        """Speech of nobody known so far."""
        return self.kind == "direct" and self.meaning is None

    def take(self, meaning: Meaning | None, route: str) -> None:
        self.meaning, self.route = meaning, route

    def inherit(self, other: _Found, how: str) -> None:
        self.take(other.meaning, f"{other.route}; {how}")
        self.group = other.group


class _Reader:
    """Reads an article from its title to its end, keeping in mind who has spoken."""

    def __init__(self, article: Article) -> None:
        self.units = list(_units(article))
        self.spans = marked_spans([unit.text for unit in self.units])
        self.sentences: list[list[Sentence]] = []
        for unit, spans in zip(self.units, self.spans, strict=True):
            start = article.dateline.end if article.dateline and unit.paragraph == 0 and unit.offset == 0 else 0
            self.sentences.append(read_sentences(unit.text, spans, start))
        self.people = People([(u.text, s) for u, read in zip(self.units, self.sentences, strict=True) for s in read])
        self.discourse = Discourse(self.people)
        self.group = 0
        self.last: _Found | None = None  # the last speech
        self.said: tuple[Meaning, str] | None = None  # who last says something in the paragraph before, and the route
        self.lead: Meaning | None = None  # whom a sentence that ends with a colon announces

    def read(self) -> tuple[Quotation, ...]:
        found: list[_Found] = []
        for number in range(len(self.units)):
            found += self._read_unit(number)
        return tuple(_quotation(one) for one in found)

    def _read_unit(self, number: int) -> list[_Found]:
        unit, spans = self.units[number], self.spans[number]
        here: list[_Found] = []
        lead, self.lead = self.lead, None
        said: tuple[Meaning, str] | None = None
        for sentence in self.sentences[number]:
            one = _SentenceReader(self, unit, sentence, self.discourse.begin(sentence, number))
            for found in one.found:
                if found.open and said is not None:
                    found.take(said[0], f"{said[1]}; same paragraph")
            said = one.said or said
            here += one.found
        continuing = {span.start for span in spans if span.continues}
        for found in here:
            if found.open and found.start in continuing and self.last is not None and self.last.meaning:
                found.inherit(self.last, "continued")
        self._sign(number, here)
        here.sort(key=lambda f: f.start)
        speech = [found for found in here if found.kind == "direct"]
        if lead is not None and speech and speech[0].open and spans[0].start == speech[0].start:
            speech[0].take(lead, f"colon, {lead.means}; next paragraph")
        _spread(here)
        said = self._goes_on(unit, here) or said
        self.said, self.last = said, speech[-1] if speech else self.last
        return here

    def _goes_on(self, unit: _Unit, here: Sequence[_Found]) -> tuple[Meaning, str] | None:
        """A paragraph that is all speech and names nobody goes on from whoever spoke in the one before."""
        whole = bool(here) and all(f.open for f in here) and here[0].start <= 2 and len(unit.text) - here[-1].end <= 3
        if not whole or self.said is None or self.said[0].means == "unnamed":
            return None
        for found in here:
            found.take(self.said[0], f"{self.said[1]}; previous paragraph")
        return self.said

    def _sign(self, number: int, here: Sequence[_Found]) -> None:
        """Reads the name that a dash sets under a quotation: `"..." ― Name`, in this paragraph or the next."""
        if not here or not here[-1].open:
            return
        rest = self.units[number].text[self.spans[number][-1].outer_end :]
        if not rest.strip(" .") and number + 1 < len(self.units):
            rest = self.units[number + 1].text
        signed = _SIGNED.match(rest)
        if signed is None:
            return
        words = signed[1].rstrip(".").split()
        person = next(iter(self.people.find(words)), None)
        if person is not None or len(words) > 1:
            meaning = Meaning.named(signed[1], person)
            for found in here:
                if found.open:
                    found.take(meaning, "signed")

    def transcribed(self, found: _Found) -> bool:
        """Reads the name that a transcript sets before its words, `NAME: ...`; the quotation begins after it."""
        prefix = _TRANSCRIPT.match(found.unit.text, found.start, found.end)
        people = self.people.find(prefix[1].split()) if prefix else []
        if prefix is None or (len(people) != 1 and not prefix[1].isupper()):
            return False
        found.start = prefix.end()
        found.take(Meaning.named(prefix[1], people[0] if len(people) == 1 else None), "transcript")
        return True

    def next_group(self) -> int:
        self.group += 1
        return self.group


class _SentenceReader:
    """What one sentence quotes, and whom it names as saying something."""

    def __init__(self, reader: _Reader, unit: _Unit, s: Sentence, record: Record) -> None:
        self.reader, self.unit, self.s, self.record = reader, unit, s, record
        self.found: list[_Found] = []
        self.cues = find_cues(s)
        meaning = reader.discourse.meaning
        self.meanings = [meaning(s, c.subject, unit.text, record) if c.subject else None for c in self.cues]
        self.groups: dict[int, int] = {}  # cue -> group
        self.governed = {
            at: best for at, token in enumerate(s) if token.kind == "marked" and (best := governor(s, at, self.cues))
        }
        self.taken = {
            at
            for at, token in enumerate(s)
            if token.kind == "marked" and not is_title(s, at) and (self._beside(at) or is_sentence(s, at))
        }
        for at in sorted(self.taken):
            self._direct(at)
        for index in range(len(self.cues)):
            self._reported(index)
        told = [(found.start, found.end) for found in self.found if found.kind != "direct"]
        for at in sorted(self.governed.keys() - self.taken):
            if not any(start <= s[at].start < end for start, end in told):
                self._fragment(at)
        record.speaker = next((m.person for m in self.meanings if m and m.person), None)
        if s[-1].text == ":":
            known = [m for m in self.meanings if m is not None]
            reader.lead = known[-1] if known else self._announcer(len(s) - 1)
        if unit.paragraph is None and not self.found:
            self._headline()
        self.said = self._said()

    def _headline(self) -> None:
        """The claim of a headline like "Mayor: Bridge will open in May"."""
        colon = next((at for at, token in enumerate(self.s[:8]) if token.text == ":"), 0)
        if not colon or len(self.s) - colon < 4:
            return
        who = Mention(0, colon)
        meaning = self.reader.discourse.meaning(self.s, who, self.unit.text, self.record, speaks=False)
        if meaning is not None and meaning.person is not None:
            kind: Kind = "mixed" if any(token.kind == "marked" for token in self.s) else "indirect"
            found = self._add(self.s[colon + 1].start, self.s[-1].end, kind, None, "")
            found.cue = ":"
            found.take(meaning, f"colon, {meaning.means}")

    def _beside(self, at: int) -> bool:
        return self.governed.get(at, (0, 0))[1] == BESIDE

    def _add(self, start: int, end: int, kind: Kind, cue: int | None, place: str) -> _Found:
        found = _Found(self.unit, start, end, kind)
        if cue is not None:
            self._attribute(found, self.cues[cue], self.meanings[cue], place)
            found.group = self.groups.setdefault(cue, self.reader.next_group())
        self.found.append(found)
        return found

    def _direct(self, at: int) -> None:
        marked = self.s[at].marked
        if marked is None:
            return
        colon = at > 0 and self.s[at - 1].text == ":"
        cue = self.governed.get(at, (None, 0))[0]
        if cue is not None and colon and self.meanings[cue] is None:
            cue = None
        found = self._add(marked.start, marked.end, "direct", cue, "beside")
        if self.reader.transcribed(found) or cue is not None:
            return
        announcer = self._announcer(at - 1) if colon else None
        if announcer is not None:
            found.take(announcer, f"colon, {announcer.means}")

    def _reported(self, index: int) -> None:
        s, cue = self.s, self.cues[index]
        if cue.negated or any(self.governed.get(at, (None, 0))[0] == index for at in self.taken):
            return
        for start, end in reported(s, cue, self.cues[index + 1 :]):
            while end > start and s[end - 1].kind == "stop":
                end -= 1
            if start == end or any(start <= at < end for at in self.taken):
                continue
            if any(found.start < s[end - 1].end and s[start].start < found.end for found in self.found):
                continue
            marked = s[start].marked if end - start == 1 else None
            if marked is not None:
                self._add(marked.start, marked.end, "mixed", index, "reported")
            else:
                kind: Kind = "mixed" if any(t.kind == "marked" for t in s[start:end]) else "indirect"
                self._add(s[start].start, s[end - 1].end, kind, index, "reported")

    def _fragment(self, at: int) -> None:
        """Words in marks that stand in a clause of saying: `called it “a mistake”`."""
        marked, cue = self.s[at].marked, self.governed[at][0]
        if self.cues[cue].verb.denies:
            return  # `denied claims of “fraud”`: somebody else's words
        if marked is not None and self.meanings[cue] is not None and not has_title_case(self.s[at].text):
            self._add(marked.start, marked.end, "mixed", cue, "fragment")

    def _attribute(self, found: _Found, cue: Cue, meaning: Meaning | None, place: str) -> None:
        found.cue = " ".join(token.text for token in self.s[cue.start : cue.end])
        if meaning is None or (cue.verb.lemma == "read" and meaning.means == "unnamed"):
            return  # a banner speaks for nobody
        shared = ", shared" if cue.side == "shared" else ""
        doubt = ", rivals" if meaning.rivals else ", alone" if meaning.alone else ""
        found.take(meaning, f"{place}, {meaning.means}{shared}{doubt}")

    def _announcer(self, colon: int) -> Meaning | None:
        """Who speaks after a colon, though no word of saying stands before it."""
        subject = clause_subject(self.s, colon)
        if subject is None:
            return None
        meaning = self.reader.discourse.meaning(self.s, subject, self.unit.text, self.record, speaks=False)
        return meaning if meaning is not None and meaning.means != "unnamed" else None

    def _said(self) -> tuple[Meaning, str] | None:
        """Whom the sentence last quotes, else whom it first names as saying something, and by which route."""
        quoted = [self.meanings[cue] for _, (cue, _) in sorted(self.governed.items()) if self.meanings[cue]][-1:]
        named = [m for cue, m in zip(self.cues, self.meanings, strict=True) if not cue.relative]
        meaning = next((m for m in quoted + named if m is not None), None)
        if meaning is None:
            return None
        routes = [found.route for found in self.found if found.meaning is meaning]
        return meaning, routes[-1] if routes else f"narration, {meaning.means}"


def _spread(here: Sequence[_Found]) -> None:
    """Gives the speech of nobody known in a paragraph the speaker before it there, else the one after it."""
    previous: _Found | None = None
    for found in here:
        if found.open and previous is not None:
            found.inherit(previous, "same paragraph")
        previous = found if found.meaning is not None else previous
    following: _Found | None = None
    for found in reversed(here):
        if found.open and following is not None:
            found.inherit(following, "before")
        following = found if found.meaning is not None and found.kind == "direct" else following


def _units(article: Article) -> Iterator[_Unit]:
    if article.title:
        yield _Unit(None, 0, _SECTION.sub("", article.title))
    for number, paragraph in enumerate(article.paragraphs):
        start = 0
        for match in _BREAK.finditer(paragraph.text):
            yield _Unit(number, start, paragraph.text[start : match.start()])
            start = match.end()
        yield _Unit(number, start, paragraph.text[start:])


def _quotation(found: _Found) -> Quotation:
    offset, meaning = found.unit.offset, found.meaning
    speaker = None
    if meaning is not None:
        sure = certainty(found.route)
        speaker = Speaker(meaning.name if sure else None, meaning.role if sure else None, meaning.as_written, sure)
    return Quotation(
        text=found.unit.text[found.start : found.end],
        paragraph=found.unit.paragraph,
        start=offset + found.start,
        end=offset + found.end,
        kind=found.kind,
        speaker=speaker,
        cue=found.cue,
        route=found.route,
        confidence=confidence(found.route) if meaning else 0.0,
        group=found.group,
    )
