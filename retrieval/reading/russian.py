"""Quotations and reported speech in Russian articles, with their speakers.

Read: speech in marks with its cue on either side or inside (``«…, — сказала она. — …»``), dash speech, ``X заявил,
что …``, ``по словам X, …``, ``как сообщил X, …``, ``…, сообщил X``, ``X заявил: …``, ``Об этом сообщил X`` (of the
sentence before), headlines of the forms ``X: …`` and ``… — X``. Marks, names, cues and speakers are found by the
modules beside this one; here are the rules that join them to quotations.
"""

from __future__ import annotations

from retrieval.reading.dictionary import readings
from retrieval.reading.marks import Marked, marked_spans
from retrieval.reading.russian_attribution import NOBODY, Attribution, Narration
from retrieval.reading.russian_clauses import SUBORDINATORS, Candidate, Sentence
from retrieval.reading.russian_cues import (
    ANY,
    ANY_PLURAL,
    ASKING,
    THAT,
    Cue,
    announces,
    find_cue,
    is_clause,
    is_predicate,
    names_speaker,
    quote_after,
    quote_before,
)
from retrieval.reading.russian_insertions import insertion
from retrieval.reading.russian_names import Mention
from retrieval.reading.russian_parts import Collector, Part
from retrieval.reading.russian_people import People
from retrieval.reading.russian_text import Token, sayings, sentences, tokens
from retrieval.types import Article, Quotation

_MOST_CUES = 24  # in one sentence: hostile text has thousands


def find_quotations(article: Article) -> tuple[Quotation, ...]:
    """Every quotation of a Russian article, those of the title first, then in text order."""
    return _Finder(article).read()


class _Finder:
    """Reads one article, once."""

    def __init__(self, article: Article) -> None:
        texts = [p.text for p in article.paragraphs]
        spans = marked_spans(texts)
        if article.title:
            texts.append(article.title)
            spans += marked_spans([article.title])
        self.people = People(texts)
        names: list[dict[int, Mention]] = [{} for _ in texts]
        for mention in self.people.mentions:
            names[mention.part][mention.start] = mention
        self.parts: list[Part] = []
        for number, text in enumerate(texts):
            paragraph = number if number < len(article.paragraphs) else None
            start = article.dateline.end if article.dateline and paragraph == 0 else 0
            found = tokens(text, spans[number])
            parted: list[Sentence] = []
            for one in sentences(found, start):
                parted.append(Sentence(one, text, self.people, names[number], parted[-1] if parted else None))
            marks = {s.outer_start: s for s in spans[number]}
            self.parts.append(Part(number, paragraph, text, marks, found, parted, names[number]))
        speech = [[(s.start, s.end) for s in p.spans.values() if " " in p.text[s.start : s.end]] for p in self.parts]
        where = {
            (part.number, token.start): (s, at)
            for part in self.parts
            for s in part.sentences
            for at, token in enumerate(s.tokens)
            if token.start in part.mentions
        }
        self.narration = Narration(self.people, len(article.paragraphs), speech, where)
        self.out = Collector(self.narration)
        self.announced: Attribution | None = None  # by a colon at the end of the paragraph before
        self.left_open: Attribution | None = None  # whose quotation the paragraph before did not close

    def read(self) -> tuple[Quotation, ...]:
        for part in self.parts:
            self._read_part(part)
        out = [q for part in self.parts for q in part.found]
        return tuple(sorted(out, key=lambda q: (-1 if q.paragraph is None else q.paragraph, q.start)))

    def _read_part(self, part: Part) -> None:
        announced, self.announced = self.announced, None
        if part.paragraph is None and self._headline(part):
            return
        if part.tokens and part.tokens[0].kind == "dash" and self._dash_speech(part, announced):
            return
        for token in part.tokens:
            if token.kind == "quote":
                self._inner_cue(part, token)
        for number, s in enumerate(part.sentences):
            self._read_sentence(part, number, s)
        self._bare_quotes(part, announced)

    def _read_sentence(self, part: Part, number: int, s: Sentence) -> None:
        covered = 0  # tokens up to here are reported already
        before: Attribution | None = None  # who the sentence's last cue named
        at = cues = 0
        while at < len(s.tokens) and cues < _MOST_CUES:
            cue = find_cue(s, at)
            cues += cue is not None
            if cue:
                done, before = self._apply(part, number, s, cue, covered, before)
                covered = max(covered, done)
            at = max(at + 1, covered)

    # What a cue introduces.

    def _apply(
        self, part: Part, number: int, s: Sentence, cue: Cue, covered: int, before: Attribution | None
    ) -> tuple[int, Attribution | None]:
        """Reports what the cue introduces: up to which token the sentence is dealt with then, and the speaker."""
        found = self._speaker(part, s, cue, before)
        who = found or NOBODY
        use = cue.saying.use
        after = s.tokens[cue.hi] if cue.hi < len(s.tokens) else None
        follows = s.tokens[cue.hi + 1] if cue.hi + 1 < len(s.tokens) else None
        quote = quote_before(s.tokens, cue.lo) if cue.local else None
        speaks = found if use not in ("beside", "name") else before
        if quote is not None and s.tokens[quote].start not in part.used:
            group = self.out.direct(part, s.tokens[quote], who, cue)
            more = quote_after(s.tokens, cue.hi)
            if more is not None:
                self.out.direct(part, s.tokens[more], who, cue, group)
            return (cue.hi if more is None else more + 1), speaks
        if after and follows and after.kind == "colon" and follows.kind in ("quote", "name"):
            self.out.direct(part, follows, who, cue)
            return cue.hi + 2, speaks
        marked = after and after.kind == "quote" and use not in ("beside", "passive", "quote")
        if after and marked and not cue.according and not cue.denies:
            self.out.fragment(part, after, who, cue)
            return cue.hi + 1, speaks
        if found is None or use in ("beside", "name", "quote"):
            return 0, before
        if cue.denies and not (after and after.kind == "colon"):
            return self._denied(part, s, cue, who), speaks
        if after and after.kind == "colon" and not cue.according:
            if follows is None:
                self.announced = who
                return cue.hi, speaks
            self.out.reported(part, s.tokens[cue.hi + 1 :], who, cue)
            return len(s.tokens), speaks
        opens = self._clause_opens(s, cue)
        if opens and not cue.according:
            end = self._content_end(s, opens, cue)
            group = self.out.reported(part, s.tokens[opens:end], who, cue)
            return self._illustrated(part, s, end, who, cue, group), speaks
        if number and cue.local and any(t.low == "этом" for t in s.tokens[cue.lo : cue.hi]):
            self._sentence_before(part, part.sentences[number - 1], who, cue)
            return cue.hi, speaks
        return (self._beside(part, s, cue, who, covered) if cue.local else 0), speaks

    def _speaker(self, part: Part, s: Sentence, cue: Cue, before: Attribution | None) -> Attribution | None:
        if before and not cue.local and (cue.saying.pos == "GRND" or cue.speaker is None or cue.speaker.hi <= cue.at):
            return before  # "заявил, что …, и добавил: …", "сказал он, добавив, что …"
        found = cue.speaker
        if cue.saying.pos == "GRND":
            found = s.subject_before(cue.at, ANY) or s.subject_before(cue.at, ANY_PLURAL)
            if found is None:
                stop = s.boundary(cue.hi + 1)
                found = s.subject(stop, len(s.tokens), ANY) or s.subject(stop, len(s.tokens), ANY_PLURAL)
        return self.narration.attribution(s, found, (part.number, s.tokens[cue.at].start)) if found else None

    def _clause_opens(self, s: Sentence, cue: Cue) -> int | None:
        """The first token of the clause of content after the cue's comma: что …, когда …, … ли …; none if none does."""
        lead = [t.low for t in s.tokens[cue.hi + 1 : cue.hi + 7]]
        if not lead or s.tokens[cue.hi].kind != "comma":
            return None
        if lead[0] in THAT:
            return cue.hi + 2
        asks = lead[0] in ASKING or (lead[0] in ("о", "об", "в", "на", "с", "за") and lead[1:2] and lead[1] in ASKING)
        return cue.hi + 1 if "ли" in lead or (asks and s.tokens[cue.lo].low != "как") else None

    def _content_end(self, s: Sentence, start: int, cue: Cue) -> int:
        """Where reported words end: with the sentence, or before a cue of the writer's that goes on or follows."""
        for at in range(start + 1, len(s.tokens)):
            token, boundary = s.tokens[at], s.tokens[at - 1]
            parted = boundary.kind in ("comma", "dash")
            end = at - 1 if parted else at
            if boundary.kind == "colon" and token.kind == "quote" and " " in token.text:
                return at - 1
            if token.kind != "word" or not (parted or token.low in ("и", "а", "но")):
                continue
            word = at + (token.low in ("и", "а", "но"))
            if word < len(s.tokens) and (announces(s, word) or (parted and word == at and names_speaker(s, at))):
                return end
            if token.low in ("а", "но") and parted and any(announces(s, i) for i in range(word, s.clause(at)[1])):
                return end  # "…, а министр добавил, что …"
            saying = sayings().get(s.tokens[word].low) if token.low == "и" and parted and word < len(s.tokens) else None
            if (
                saying
                and saying.use == "say"
                and (saying.pos, saying.plural, saying.gender)
                == (
                    cue.saying.pos,
                    cue.saying.plural,
                    cue.saying.gender,
                )
            ):
                return end  # "…, и призвали …"
            if cue.saying.pos == "GRND" and parted:
                verbal = [r.pos for r in readings(token.text)[:1]] == ["VERB"]
                if verbal or any(announces(s, i) for i in range(at, s.clause(at)[1])):
                    return end  # "сказав, что …, вышел", "отрицая, что …, министр заявил, что …"
        return len(s.tokens)

    def _denied(self, part: Part, s: Sentence, cue: Cue, who: Attribution) -> int:
        """``опровергла, что …`` from the verb on, for the clause alone would say the opposite.

        Nothing where the clause stands before the verb, or the subject between them.
        """
        opens = self._clause_opens(s, cue)
        if not opens or (cue.speaker is not None and cue.speaker.lo > cue.at):
            return 0
        end = self._content_end(s, opens, cue)
        self.out.reported(part, s.tokens[cue.at : end], who, cue)
        return end

    def _beside(self, part: Part, s: Sentence, cue: Cue, who: Attribution, covered: int) -> int:
        """``…, сообщил X, …``; ``по словам X, …``; ``как сказал X, …``: what stands on both sides is X's."""
        lo, hi, found = cue.lo, cue.hi, s.tokens
        how = "как" in {t.low for t in found[lo : cue.at]}
        opens = lo == 0 or found[lo - 1].kind in ("comma", "dash", "quote")
        if cue.according and not opens and lo <= 3:
            opens, covered = True, lo  # "При этом по словам X …"
        first = all(_is_light(t) for t in found[lo : cue.at])
        if not opens or not (cue.according or how or (lo and first)):
            return 0
        left = [] if covered else list(found[: max(lo - 1, 0)])
        right = list(found[hi + (not cue.according) :])
        if right and right[0].kind in ("comma", "dash"):
            right = right[1:]
        if right and (
            not (is_clause(right) or ((cue.according or how) and len(right) > 1))
            or right[0].low in SUBORDINATORS - {"что", "если", "когда", "хотя", "как"}
            or [r.pos for r in readings(right[0].text)[:1]] == ["GRND"]
        ):
            right = []
        if left and not (
            is_clause(left) or (right and any(r.pos == "NOUN" for t in left for r in readings(t.text)[:1]))
        ):
            left = []
        group = self.out.reported(part, left, who, cue) if left else 0
        if not right:
            return hi if left else 0
        begin = len(found) - len(right)
        end = self._content_end(s, begin, cue)
        group = self.out.reported(part, found[begin:end], who, cue, group)
        return self._illustrated(part, s, end, who, cue, group)

    def _illustrated(self, part: Part, s: Sentence, end: int, who: Attribution, cue: Cue, group: int) -> int:
        """``…, что X: «…»``: the quotation that bears out what is reported."""
        if end + 1 < len(s.tokens) and s.tokens[end].kind == "colon":
            self.out.direct(part, s.tokens[end + 1], who, cue, group)
            return end + 2
        return end

    def _sentence_before(self, part: Part, s: Sentence, who: Attribution, cue: Cue) -> None:
        """``Об этом сообщил X``: the sentence before is X's, unless it is somebody's already."""
        first, last = s.tokens[0].start, s.tokens[-1].end
        if not any(q.start < last and first < q.end for q in part.found):
            inside = len(self.narration.inside[part.number])
            self.out.reported(part, s.tokens, who, cue)
            del self.narration.inside[part.number][inside:]  # its names are the writer's: they may explain "он" below

    # Speech with its cue inside, or without one.

    def _dash_speech(self, part: Part, announced: Attribution | None) -> bool:
        """``— …, — сказала она. — …`` in a paragraph of its own; without a cue only after an announcing colon."""
        lo, hi = part.tokens[0].end, len(part.text)
        found = insertion(self.narration, self.people, part, lo, hi)
        if found is None and announced is None:
            return False
        pieces, who, cue = found or ([(lo, hi)], announced or NOBODY, None)
        group = self.out.next_group()
        for start, end in pieces:
            self.out.add(part, start, end, "direct", who, cue, group)
        return True

    def _inner_cue(self, part: Part, token: Token) -> None:
        """A cue inside one pair of marks: ``«…, — подчеркнул министр. — …»``."""
        span = part.spans[token.start]
        found = insertion(self.narration, self.people, part, span.start, span.end, any_word=True)
        if found:
            part.used.add(token.start)
            group = self.out.next_group()
            for start, end in found[0]:
                self.out.add(part, start, end, "direct", found[1], found[2], group)

    def _bare_quotes(self, part: Part, announced: Attribution | None) -> None:
        """Quotations without a cue: the paragraph's speaker goes on, or who was announced; else nobody is named."""
        going_on, self.left_open = self.left_open, None
        before: Attribution | None = None
        for s in part.sentences:
            for at, token in enumerate(s.tokens):
                if token.kind != "quote":
                    continue
                span = part.spans[token.start]
                who = part.who.get(span.start)
                if token.start not in part.used:
                    if any(a <= token.start < b for a, b in part.reported) or not _is_speech(part, s, token):
                        continue
                    who = self._unannounced(part, s, at, span, going_on, announced, before)
                    self.out.direct(part, token, who, None)
                before = who or before
                if not span.closed:
                    self.left_open = before

    def _unannounced(
        self,
        part: Part,
        s: Sentence,
        at: int,
        span: Marked,
        going_on: Attribution | None,
        announced: Attribution | None,
        before: Attribution | None,
    ) -> Attribution:
        if span.continues and going_on:
            return going_on.by("continued")
        if announced and at == 0 and s is part.sentences[0]:
            return announced
        if at > 1 and s.tokens[at - 1].kind == "colon":  # "Экономист Лев Бауман: «…»"
            lo = s.clause(at - 2)[0]
            speaker = s.subject(lo, at - 1, ANY)
            known = speaker and (speaker.sort in ("person", "organisation") or speaker.lo == lo)
            if speaker and known and speaker.hi == at - 1 and speaker.sort != "pronoun":
                return self.narration.attribution(s, speaker, (part.number, s.tokens[at].start))
        return before.by("same paragraph") if before else NOBODY

    def _headline(self, part: Part) -> bool:
        """``Замминистра: перебоев не будет``; ``Перебоев не будет — МИД``."""
        s = Sentence(part.tokens, part.text, self.people, part.mentions)
        end = len(s.tokens)
        colon = next((i for i, t in enumerate(s.tokens[:14]) if t.kind == "colon"), 0)
        dash = max((i for i, t in enumerate(s.tokens) if t.kind == "dash"), default=0)
        for lo, hi, content in ((0, colon, s.tokens[colon + 1 :]), (dash + 1, end, s.tokens[:dash])):
            speaker = self._whole(s, lo, hi) if content and hi else None
            proper = speaker and speaker.sort in ("person", "organisation")
            body = speaker and speaker.sort == "organisation"
            said = lo == 0 and (not body or is_clause(content))  # not "Москва: новости дня"
            if speaker and (said or [t.kind for t in content] == ["quote"] or (proper and is_clause(content))):
                cue = Cue(lo, lo, hi, ANY, speaker, ":" if lo == 0 else "—")
                self.out.reported(part, content, self.narration.attribution(s, speaker, (part.number, 0)), cue)
                return True
        return False

    def _whole(self, s: Sentence, lo: int, hi: int) -> Candidate | None:
        """The speaker that the tokens are, all of them."""
        for saying in (ANY, ANY_PLURAL):
            found = s.subject(lo, hi, saying)
            if found and (found.lo, found.hi) == (lo, hi) and found.sort != "pronoun":
                return found
        return None


_LIGHT = frozenset("он она они я мы этом также".split())


def _is_light(token: Token) -> bool:
    """A word that may stand before an inverted verb: "как", "также", "в свою очередь"."""
    top = readings(token.text)[:1] if token.kind == "word" else ()
    return token.low in _LIGHT or any(r.pos in ("ADVB", "PRCL", "CONJ", "PREP") for r in top)


def _is_speech(part: Part, s: Sentence, token: Token) -> bool:
    """Whether a quotation without a cue is speech: a sentence of its own, or a long one with a verb."""
    span = part.spans[token.start]
    words = part.text[span.start : span.end].split()
    if len(words) >= 3 and all(t is token or t.kind in ("dash", "stop", "comma") for t in s.tokens):
        return True
    verbal = any(is_predicate(w.strip(",.!?…:;")) for w in words[:40])
    if part.text[max(0, token.start - 3) : token.start].rstrip().endswith(":"):
        return verbal or len(words) >= 4
    stopped = token.text.rstrip("»”“\"' ")[-1:] in (".", "!", "?", "…")
    return verbal and words[0][:1].isupper() and len(words) >= (3 if stopped else 6)
