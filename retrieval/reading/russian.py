"""Quotations and reported speech in Russian articles, with their speakers.

Read: speech in marks with its cue on either side or inside (``«…, — сказала она. — …»``), dash speech, ``X заявил,
что …``, ``по словам X, …``, ``как сообщил X, …``, ``…, сообщил X``, ``X заявил: …``, ``Об этом сообщил X`` (of the
sentence before), headlines of the forms ``X: …`` and ``… — X``. Marks, tokens and names are found by the modules
beside this one; here are the rules that join them. Linear in the text but for the number of cues in one sentence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from retrieval.reading.marks import Marked, marked_spans
from retrieval.reading.morphology import nominatives, readings
from retrieval.reading.russian_people import Mention, People, Person
from retrieval.reading.russian_speakers import (
    NOBODY,
    POSSESSIVES,
    PRONOUNS,
    SUBORDINATORS,
    Attribution,
    Candidate,
    clause_subject,
    may_mean,
    nominative_phrase,
    phrase,
    phrase_in_case,
    role_start,
    subject,
)
from retrieval.reading.russian_text import Saying, Token, sayings, sentences, tokens
from retrieval.types import Article, Kind, Quotation, Speaker

_BOUNDARIES = frozenset({"comma", "dash", "colon", "quote", "stop"})
_THAT = frozenset({"что", "будто", "якобы"})
_ASKING = frozenset(
    "как какой какая какие каким какую когда где почему сколько кто зачем куда чем откуда чтобы ли".split()
)
_ACCORDING = frozenset(
    """словам мнению данным информации сведениям утверждению утверждениям оценке оценкам версии заявлению признанию
    выражению убеждению подсчетам наблюдениям прогнозу прогнозам расчетам свидетельству воспоминаниям""".split()
)
_DENYING = ("исключ", "скрыва", "сомнева", "отриц")
_ANY = Saying("say", "VERB")
_ANY_PLURAL = Saying("say", "VERB", plural=True)

# Share of right speakers by route: ADAQ's development sentences and our own dispatches, some 110 quotations in all, so
# each figure is good to five or ten points only.
_CONFIDENCE = {
    "named": 0.95,
    "organisation": 0.9,
    "unnamed": 0.9,
    "only candidate": 0.9,
    "pronoun": 0.7,
    "description": 0.75,
    "continued": 0.9,
    "same paragraph": 0.75,
}


def find_quotations(article: Article) -> tuple[Quotation, ...]:
    """Every quotation of a Russian article, those of the title first, then in text order."""
    return _Finder(article).read()


@dataclass(slots=True)
class _Part:
    """A paragraph, or the title."""

    number: int
    paragraph: int | None
    text: str
    spans: Sequence[Marked]
    tokens: list[Token]
    sentences: list[list[Token]]
    mentions: dict[int, Mention]
    used: set[int] = field(default_factory=set)  # starts of quote tokens that have their place
    reported: list[tuple[int, int]] = field(default_factory=list)


@dataclass(slots=True)
class _Cue:
    """A word of saying in a sentence: token `at`, in the clause of tokens `lo` to `hi`."""

    at: int
    lo: int
    hi: int
    saying: Saying
    speaker: Candidate | None
    local: bool  # the speaker stands in the cue's own clause
    words: str


class _Finder:
    """Reads one article once."""

    def __init__(self, article: Article) -> None:
        texts = [p.text for p in article.paragraphs]
        spans = list(marked_spans(texts))
        if article.title:
            texts.append(article.title)
            spans += marked_spans([article.title])
        self.people = People(texts)
        self.parts: list[_Part] = []
        for number, text in enumerate(texts):
            found = tokens(text, spans[number])
            paragraph = number if number < len(article.paragraphs) else None
            start = article.dateline.end if article.dateline and number == 0 and paragraph is not None else 0
            self.parts.append(_Part(number, paragraph, text, spans[number], found, sentences(found, start), {}))
        for mention in self.people.mentions:
            self.parts[mention.part].mentions[mention.start] = mention
        self.out: list[Quotation] = []
        self.group = 0
        self.roles: dict[Person, str] = {}
        self.last: tuple[int, int, Person] | None = None  # part, offset, the last person who spoke
        self.pending: Attribution | None = None  # announced by a colon at the end of the paragraph before
        self.open: Attribution | None = None  # whose quotation the paragraph before left open
        self._learn_roles()

    def read(self) -> tuple[Quotation, ...]:
        for part in self.parts:
            if part.paragraph is None:
                self._headline(part)
            self._read_part(part)
        return tuple(sorted(self.out, key=lambda q: (-1 if q.paragraph is None else q.paragraph, q.start)))

    def _read_part(self, part: _Part) -> None:
        announced, self.pending = self.pending, None
        if part.tokens and part.tokens[0].kind == "dash":
            self._dash_speech(part, announced)
        for token in part.tokens:
            if token.kind == "quote":
                self._inner_cue(part, token)
        for number, sentence in enumerate(part.sentences):
            self._read_sentence(part, number, sentence)
        self._bare_quotes(part, announced)

    # ---- where cues stand -------------------------------------------------------------------------------------

    def _read_sentence(self, part: _Part, number: int, sentence: list[Token]) -> None:
        covered = 0  # tokens up to here are reported already
        speaker: Attribution | None = None  # of this sentence's cue before
        at = 0
        while at < len(sentence):
            cue = self._cue(part, sentence, at) if at >= covered else None
            if cue:
                done, speaker = self._apply(part, number, sentence, cue, covered, speaker)
                covered = max(covered, done)
                at = max(at, cue.at)
            at += 1

    def _cue(self, part: _Part, sentence: list[Token], at: int) -> _Cue | None:
        token = sentence[at]
        if token.kind != "word":
            return None
        if token.low == "по":
            return self._according(part, sentence, at)
        saying = sayings().get(token.low)
        if saying is None:
            if at and sentence[at - 1].kind == "dash" and at > 1 and _quote_before(sentence, at) is not None:
                saying = _beside(token)  # any verb may stand beside a quotation: "описала впечатления шахматистка"
            if saying is None:
                return None
        before = sentence[at - 1].low if at else ""
        if before in ("не", "ни") and not token.low.startswith(_DENYING):
            return None
        after = sentence[at + 1].low if at + 1 < len(sentence) else ""
        if "бы" in (before, after):
            return None
        lo, hi = _clause(sentence, at)
        words = token.text
        if saying.pos == "GRND":
            return _Cue(at, at, hi, saying, None, False, words)
        if saying.pos == "PRTF":
            found = self._owner_of_participle(part, sentence, at)
            return _Cue(at, at, hi, saying, found, True, words) if found else None
        args = (saying, self.people, part.mentions)
        if saying.use == "passive":
            found = self._in_organisation(part, sentence, lo, at) or self._in_organisation(part, sentence, at + 1, hi)
            return _Cue(at, lo, hi, saying, found, True, words) if found else None
        left = subject(sentence, lo, at, *args)
        right = subject(sentence, at + 1, hi, *args)
        found = right if right and (left is None or _stronger(right, left)) else left
        if found is None and saying.plural:
            found = self._in_organisation(part, sentence, lo, at) or self._in_organisation(part, sentence, at + 1, hi)
        if found:
            if found.hi > hi:
                hi = found.hi
                while hi < len(sentence) and sentence[hi].kind not in _BOUNDARIES:
                    hi += 1
            return _Cue(at, lo, hi, saying, found, True, words)
        found = clause_subject(sentence, at, *args)
        return _Cue(at, lo, hi, saying, found, False, words)

    def _according(self, part: _Part, sentence: list[Token], at: int) -> _Cue | None:
        rest = [t.low for t in sentence[at + 1 : at + 3]]
        if len(rest) == 2 and rest[0] in POSSESSIVES and rest[1] in _ACCORDING:
            owner = Candidate("pronoun", at + 1, at + 2, at + 1, POSSESSIVES[rest[0]], "gent")
            return _Cue(at, at, at + 3, _ANY, owner, True, f"по {rest[0]} {rest[1]}")
        if not rest or rest[0] not in _ACCORDING:
            return None
        hi = at + 2
        while hi < len(sentence) and sentence[hi].kind not in _BOUNDARIES:
            hi += 1
        found = phrase_in_case(sentence, at + 2, hi, "gent", self.people, part.mentions)
        return _Cue(at, at, found.hi, _ANY, found, True, f"по {rest[0]}") if found else None

    def _in_organisation(self, part: _Part, sentence: list[Token], lo: int, hi: int) -> Candidate | None:
        """``в пресс-службе министерства``, for a plural verb without a subject."""
        for at in range(lo, hi - 1):
            if sentence[at].low in ("в", "во", "на"):
                found = phrase_in_case(sentence, at + 1, hi, "loct", self.people, part.mentions)
                if found and found.sort in ("organisation", "writing"):
                    return found
        return None

    def _owner_of_participle(self, part: _Part, sentence: list[Token], at: int) -> Candidate | None:
        """The noun or name right before ``, говорившего``."""
        if at < 2 or sentence[at - 1].kind != "comma":
            return None
        cases = [
            c for r in readings(sentence[at].text) for c in ("nomn", "gent", "datv", "accs", "ablt") if c in r.tags
        ]
        for case in dict.fromkeys(cases):
            for lo in range(max(0, at - 6), at - 1):
                found = phrase_in_case(sentence, lo, at - 1, case, self.people, part.mentions)
                if found and found.hi == at - 1 and (found.sort in ("person", "noun", "unnamed")):
                    return found
        return None

    # ---- what a cue introduces --------------------------------------------------------------------------------

    def _apply(
        self, part: _Part, number: int, sentence: list[Token], cue: _Cue, covered: int, before: Attribution | None
    ) -> tuple[int, Attribution | None]:
        """Reports what the cue introduces; gives the token up to which the sentence is dealt with, and the speaker."""
        if cue.saying.pos == "GRND":
            attribution = before or self._main_subject(part, sentence, cue.at)
        elif cue.speaker is None and before is not None and not cue.local:
            attribution = before  # "заявил, что …, и добавил: …"
        elif cue.speaker is None:
            attribution = None
        else:
            attribution = self._attribution(part, sentence, cue.speaker)
        who = attribution or NOBODY
        after = sentence[cue.hi] if cue.hi < len(sentence) else None
        follows = sentence[cue.hi + 1] if cue.hi + 1 < len(sentence) else None
        done = 0
        quote = _quote_before(sentence, cue.lo)
        if quote is not None and cue.local and sentence[quote].start not in part.used:
            group = self._direct(part, sentence[quote], who, cue)
            done = cue.hi
            more = _quote_after(sentence, cue.hi)
            if more is not None:
                self._direct(part, sentence[more], who, cue, group)
                done = more + 1
        elif after and after.kind == "colon" and follows and follows.kind in ("quote", "name"):
            self._direct(part, follows, who, cue)
            done = cue.hi + 2
        elif after and after.kind == "quote" and cue.saying.use in ("say", "ask", "name", "think"):
            self._beside_verb(part, after, who, cue)
            done = cue.hi + 1
        elif attribution is None:
            return 0, before
        elif cue.words.startswith("по "):
            done = self._parenthesis(part, sentence, cue, who, covered)
        elif cue.saying.use in ("beside", "name"):
            pass
        elif after and after.kind == "comma" and follows and self._clause_opens(sentence, cue):
            skip = 2 if follows.low in _THAT else 1
            if sentence[cue.hi - 1].low == "том" or follows.low in _THAT | _ASKING or skip == 1:
                end = self._content_end(part, sentence, cue.hi + skip, cue)
                self._reported(part, sentence[cue.hi + skip : end], who, cue)
                done = end
        elif after and after.kind == "colon" and follows and cue.saying.use == "say":
            end = len(sentence)
            self._reported(part, sentence[cue.hi + 1 : end], who, cue)
            done = end
        elif after and after.kind == "colon" and follows is None:
            self.pending = who
        elif "этом" in {t.low for t in sentence[cue.lo : cue.hi]} and cue.local:
            done = self._previous(part, number, who, cue)
        elif cue.local and cue.saying.use in ("say", "think", "short", "passive"):
            done = self._parenthesis(part, sentence, cue, who, covered)
        return done, attribution if cue.saying.use not in ("beside", "name") else before

    def _main_subject(self, part: _Part, sentence: list[Token], at: int) -> Attribution | None:
        """Whose deed an adverbial participle is: the subject of the main clause, before it or after."""
        for saying in (_ANY, _ANY_PLURAL):
            found = clause_subject(sentence, at, saying, self.people, part.mentions)
            if found is None and at == 0:
                stop = next((i for i, t in enumerate(sentence) if t.kind == "comma"), 0)
                found = subject(sentence, stop, len(sentence), saying, self.people, part.mentions)
            if found:
                return self._attribution(part, sentence, found)
        return None

    def _clause_opens(self, sentence: list[Token], cue: _Cue) -> bool:
        """Whether a clause of content follows the comma after the cue: что …, когда …, … ли …"""
        lead = [t.low for t in sentence[cue.hi + 1 : cue.hi + 7]]
        if lead[0] in _THAT:
            return True
        if lead[0] in _ASKING or (
            len(lead) > 1 and lead[0] in ("о", "об", "в", "на", "с", "за") and lead[1] in _ASKING
        ):
            return sentence[cue.lo].low != "как"
        return "ли" in lead

    def _content_end(self, part: _Part, sentence: list[Token], start: int, cue: _Cue) -> int:
        """Where the reported clause ends: the sentence's end, or before a cue that goes on or follows up."""
        for at in range(start + 1, len(sentence)):
            token = sentence[at]
            boundary = sentence[at - 1]
            if token.kind == "word" and (boundary.kind in ("comma", "dash") or token.low in ("и", "а", "но")):
                word = at + 1 if token.low in ("и", "а", "но", "однако") else at
                if word >= len(sentence):
                    break
                saying = sayings().get(sentence[word].low)
                if saying is None and token.low in ("а", "но") and boundary.kind == "comma":
                    word = next((i for i in range(word, min(word + 8, len(sentence))) if _announces(sentence, i)), word)
                    saying = sayings().get(sentence[word].low)
                if saying and saying.use in ("say", "think", "ask") and self._follows_up(part, sentence, word, saying):
                    return at - 1 if boundary.kind in ("comma", "dash") else at
            if cue.saying.pos == "GRND" and boundary.kind == "comma" and token.kind == "word":
                top = readings(token.text)[:1]
                if top and top[0].pos == "VERB":
                    return at - 1
        return len(sentence)

    def _follows_up(self, part: _Part, sentence: list[Token], at: int, saying: Saying) -> bool:
        """Whether a cue after a reported clause is the writer's, not the speaker's: it announces, or names a speaker."""
        if _announces(sentence, at):
            return True
        if saying.pos != "VERB" or sentence[at - 1].kind not in ("comma", "dash"):
            return False
        _, hi = _clause(sentence, at)
        return subject(sentence, at + 1, hi, saying, self.people, part.mentions) is not None

    def _parenthesis(self, part: _Part, sentence: list[Token], cue: _Cue, who: Attribution, covered: int) -> int:
        """``…, сообщил X, …``; ``по словам X, …``; ``как сказал X, …``: what stands on both sides is X's."""
        lo, hi = cue.lo, cue.hi
        lead = sentence[lo].low
        according = cue.words.startswith("по ")
        how = lead == "как" or (lo + 1 < len(sentence) and sentence[lo + 1].low == "как")
        opens = lo == 0 or sentence[lo - 1].kind in ("comma", "dash", "quote")
        if according and not opens:
            opens = all(t.kind == "word" for t in sentence[:lo]) and lo <= 3  # "При этом по словам X …"
            lead_in = True
        else:
            lead_in = False
        inverted = all(
            not readings(t.text) or readings(t.text)[0].pos in ("ADVB", "PRCL", "CONJ", "PREP", "NPRO")
            for t in sentence[lo : cue.at]
        )
        if not opens or not (according or how or (lo and inverted)):
            return 0
        left = [] if lead_in else sentence[covered : max(lo - 1, covered)]
        right = sentence[hi:] if according else sentence[hi + 1 :]
        if right and right[0].kind in ("comma", "dash"):
            right = right[1:]
        if left and not _is_clause(left):
            left = []
        if right and (not _is_clause(right) or right[0].low in SUBORDINATORS - {"что", "если", "когда", "хотя", "как"}):
            right = []
        if (
            right
            and right[0].kind == "word"
            and readings(right[0].text)[:1]
            and readings(right[0].text)[0].pos == "GRND"
        ):
            right = []
        if left and covered:
            left = []
        if left and not according and not how and left[0].low in ("когда", "если") and right:
            return 0
        end = hi
        if right:
            begin = len(sentence) - len(right)
            end = self._content_end(part, sentence, begin, cue)
            right = sentence[begin:end]
        group = self._reported(part, left, who, cue) if left else None
        if right:
            self._reported(part, right, who, cue, group)
        return end if left or right else 0

    def _previous(self, part: _Part, number: int, who: Attribution, cue: _Cue) -> int:
        """``Об этом сообщил X``: the sentence before is X's, unless it is somebody's already."""
        if number == 0:
            return 0
        sentence = part.sentences[number - 1]
        first, last = sentence[0].start, sentence[-1].end
        if any(a < last and b > first for a, b in part.reported) or any(t.start in part.used for t in sentence):
            return 0
        self._reported(part, sentence, who, cue)
        return cue.hi

    # ---- speech without a cue beside it -----------------------------------------------------------------------

    def _dash_speech(self, part: _Part, announced: Attribution | None) -> None:
        """``— …, — сказала она. — …`` in a paragraph of its own; without a cue only after an announcing colon."""
        lo, hi = part.tokens[0].end, len(part.text)
        found = self._insertion(part, lo, hi)
        if found is None and announced is None:
            return
        pieces, who, cue = found or ([(lo, hi)], announced or NOBODY, None)
        self.group += 1
        for start, end in pieces:
            self._add(part, start, end, "direct", who, cue, self.group)
        part.used |= {t.start for t in part.tokens if t.kind == "quote"}
        part.sentences = [s for s in part.sentences if not any(a <= s[-1].start < b for a, b in pieces)]
        if found:
            part.sentences = []

    def _inner_cue(self, part: _Part, token: Token) -> None:
        """A cue inside one pair of marks: ``«…, — подчеркнул министр. — …»``."""
        span = next(s for s in part.spans if s.outer_start == token.start)
        found = self._insertion(part, span.start, span.end)
        if found:
            part.used.add(token.start)
            self.group += 1
            for start, end in found[0]:
                self._add(part, start, end, "direct", found[1], found[2], self.group)

    def _insertion(self, part: _Part, lo: int, hi: int) -> tuple[list[tuple[int, int]], Attribution, str | None] | None:
        """The pieces of speech in a range, parted by the writer's cue between dashes, and the speaker; none without a cue."""
        found = tokens(part.text, (), lo, hi)
        pieces: list[tuple[int, int]] = []
        who: Attribution | None = None
        cue: str | None = None
        start: int | None = lo
        at = 1
        while at < len(found):
            stop = found[at - 1]
            if found[at].kind != "dash" or stop.kind not in ("comma", "stop"):
                at += 1
                continue
            if start is None:
                start = found[at].end
                at += 1
                continue
            verb = next((i for i in range(at + 1, min(at + 4, len(found))) if _says(found[i])), None)
            if verb is None or found[at + 1].capital and found[at + 1].start not in part.mentions:
                at += 1
                continue
            pieces.append((start, stop.start if stop.kind == "comma" else stop.end))
            start = None
            _, end = _clause(found, verb)
            saying = sayings()[found[verb].low]
            args = (saying, self.people, part.mentions)
            speaker = subject(found, verb + 1, end, *args) or subject(found, at + 1, verb, *args)
            if who is None:
                who = self._attribution(part, found, speaker) if speaker else NOBODY
                cue = found[verb].text
            at = max(end - 1, at + 1)
        if who is None:
            return None
        if start is not None:
            pieces.append((start, hi))
        return pieces, who, cue

    def _bare_quotes(self, part: _Part, announced: Attribution | None) -> None:
        """Quotations without a cue: a paragraph's speaker goes on; otherwise nobody is named."""
        here = [q for q in self.out if q.paragraph == part.paragraph]
        going_on = self.open
        self.open = None
        for token in part.tokens:
            if token.kind not in ("quote", "name"):
                continue
            span = next(s for s in part.spans if s.outer_start == token.start)
            if token.start in part.used:
                if not span.closed and self.last_attribution:
                    self.open = self.last_attribution
                continue
            alone = self._stands_alone(part, token)
            if any(a <= token.start < b for a, b in part.reported) or not alone or token.kind == "name":
                continue
            before = [q for q in here if q.end <= token.start and q.speaker and q.kind == "direct"]
            who = NOBODY
            if span.continues and going_on:
                who = Attribution(going_on.speaker, "continued", _CONFIDENCE["continued"], going_on.person)
            elif announced and token is part.tokens[0]:
                who = announced
            elif before:
                who = _from_context(before[-1].speaker)
            self._direct(part, token, who, None)
            here = [q for q in self.out if q.paragraph == part.paragraph]
            if not span.closed:
                self.open = who

    def _stands_alone(self, part: _Part, token: Token) -> bool:
        """Whether a quotation without a cue is speech: a sentence of its own, or a long one with a verb."""
        span = next(s for s in part.spans if s.outer_start == token.start)
        words = part.text[span.start : span.end].split()
        sentence = next((s for s in part.sentences if any(t is token for t in s)), None)
        if sentence is None:
            return False
        only = all(t is token or t.kind in ("dash", "stop", "comma") for t in sentence)
        verbal = any(_is_finite(w.strip(",.!?…:;")) for w in words[:40])
        return (only and len(words) >= 3) or (verbal and len(words) >= 6 and words[0][:1].isupper())

    def _headline(self, part: _Part) -> None:
        """``Замминистра: перебоев не будет``; ``Перебоев не будет — МИД``."""
        found = part.tokens
        for at, token in enumerate(found[:14]):
            if token.kind == "colon" and at:
                speaker = self._whole(part, found, 0, at)
                if speaker and found[at + 1 :]:
                    self._headline_speech(part, found, at + 1, len(found), speaker)
                return
        dashes = [i for i, t in enumerate(found) if t.kind == "dash"]
        if dashes and dashes[-1] > 1:
            speaker = self._whole(part, found, dashes[-1] + 1, len(found))
            if speaker and speaker.sort in ("person", "organisation") and _is_clause(found[: dashes[-1]]):
                self._headline_speech(part, found, 0, dashes[-1], speaker)

    def _headline_speech(self, part: _Part, found: list[Token], lo: int, hi: int, speaker: Candidate) -> None:
        cue = _Cue(lo, lo, lo, _ANY, speaker, True, ":" if lo else "—")
        self._reported(part, found[lo:hi], self._attribution(part, found, speaker), cue)
        part.used |= {t.start for t in found if t.kind == "quote"}
        part.sentences = []

    def _whole(self, part: _Part, found: list[Token], lo: int, hi: int) -> Candidate | None:
        """The speaker that the tokens are, all of them."""
        for saying in (_ANY, _ANY_PLURAL):
            speaker = subject(found, lo, hi, saying, self.people, part.mentions)
            if speaker and (speaker.lo, speaker.hi) == (lo, hi) and speaker.sort != "pronoun":
                return speaker
        return None

    # ---- quotations out ---------------------------------------------------------------------------------------

    def _direct(self, part: _Part, token: Token, who: Attribution, cue: _Cue | None, group: int | None = None) -> int:
        span = next(s for s in part.spans if s.outer_start == token.start)
        part.used.add(token.start)
        if group is None:
            self.group += 1
            group = self.group
        self._add(part, span.start, span.end, "direct", who, cue.words if cue else None, group)
        return group

    def _beside_verb(self, part: _Part, token: Token, who: Attribution, cue: _Cue) -> None:
        """``назвал это «…»``: a phrase inside the writer's sentence."""
        span = next(s for s in part.spans if s.outer_start == token.start)
        words = part.text[span.start : span.end].split()
        if len(words) < 2:
            return
        part.used.add(token.start)
        self.group += 1
        whole = words[0][:1].isupper() and len(words) > 2
        self._add(part, span.start, span.end, "direct" if whole else "mixed", who, cue.words, self.group)

    def _reported(
        self, part: _Part, content: Sequence[Token], who: Attribution, cue: _Cue, group: int | None = None
    ) -> int:
        """Reports content without outer marks: direct where it is one quotation, mixed where it holds one."""
        while content and content[-1].kind in ("stop", "comma", "dash", "colon"):
            content = content[:-1]
        while content and content[0].kind in ("comma", "dash", "colon"):
            content = content[1:]
        if group is None:
            self.group += 1
            group = self.group
        if not content:
            return group
        marked = [t for t in content if t.kind == "quote"]
        if len(content) == 1 and content[0].kind in ("quote", "name"):
            return self._direct(part, content[0], who, cue, group)
        if len(content) < 2:
            return group
        mixed = any(len(t.text.split()) > 1 for t in marked)
        part.used |= {t.start for t in marked}
        start, end = content[0].start, content[-1].end
        part.reported.append((start, end))
        self._add(part, start, end, "mixed" if mixed else "indirect", who, cue.words, group)
        return group

    last_attribution: Attribution | None = None

    def _add(
        self, part: _Part, start: int, end: int, kind: Kind, who: Attribution, cue: str | None, group: int
    ) -> None:
        text = part.text
        while start < end and (text[start].isspace() or text[start] in ",—–-"):
            start += 1
        while end > start and (text[end - 1].isspace() or text[end - 1] in ",—–-"):
            end -= 1
        if start >= end:
            return
        if who.person:
            self.last = (part.number, start, who.person)
        self.last_attribution = who
        self.out.append(
            Quotation(
                text[start:end], part.paragraph, start, end, kind, who.speaker, cue, who.route, who.confidence, group
            )
        )

    # ---- who it is --------------------------------------------------------------------------------------------

    def _learn_roles(self) -> None:
        """The roles printed beside names, for the names and descriptions that stand elsewhere without them."""
        for part in self.parts:
            for sentence in part.sentences:
                for at, token in enumerate(sentence):
                    mention = part.mentions.get(token.start)
                    if mention and (mention.full or mention.sure):
                        self._learn_role(part, sentence, at, mention)

    def _learn_role(self, part: _Part, sentence: list[Token], at: int, mention: Mention) -> None:
        person = self.people.person(mention)
        if person in self.roles:
            return
        for option in nominatives(mention.words):
            if option.text.split()[-1] != person.name.split()[-1]:
                continue
            start = role_start(sentence, 0, at, option.case)
            if start < at:
                before = Candidate("person", start, at, at, case=option.case)
                self.roles[person] = _bare_role(nominative_phrase(sentence, before, part.text))
                return
        end = at
        while end < len(sentence) and sentence[end].start < mention.end:
            end += 1
        if end + 1 < len(sentence) and sentence[end].kind == "comma":
            stop = next((i for i in range(end + 1, len(sentence)) if sentence[i].kind in _BOUNDARIES), len(sentence))
            found = subject(sentence, end + 1, stop, _ANY, self.people, {})
            if found and found.lo == end + 1 and found.hi == stop and found.sort in ("noun", "unnamed"):
                self.roles[person] = phrase(sentence, found, part.text)

    def _attribution(self, part: _Part, sentence: list[Token], found: Candidate) -> Attribution:
        written = phrase(sentence, found, part.text)
        if found.mention:
            cases = (found.case,)
            person = self.people.person(found.mention, cases, found.gender)
            head = next(i for i in range(found.lo, found.hi) if sentence[i].start == found.mention.start)
            role = nominative_phrase(sentence, found, part.text, head) if head > found.lo else ""
            role = _bare_role(role) or self.roles.get(person, "")
            return Attribution(Speaker(person.name, role or None, written, "stated"), "named", 0.95, person)
        if found.sort == "pronoun":
            return self._pronoun(part, sentence[found.lo], found.gender, written)
        if found.sort in ("noun", "unnamed"):
            return self._description(part, sentence, found, written)
        name = nominative_phrase(sentence, found, part.text)
        proper = found.sort == "organisation" and _is_proper(sentence, found)
        return Attribution(
            Speaker(name if proper else None, None, written, "stated"), "organisation", _CONFIDENCE["organisation"]
        )

    def _pronoun(self, part: _Part, token: Token, gender: str, written: str) -> Attribution:
        """The one person of the gender whom the writer has named so far, or who alone is near."""
        nobody = Attribution(Speaker(None, None, written), "pronoun unresolved", 0.0)
        if token.low not in ("он", "она", "его", "ее"):
            return nobody
        known = self._named_before(part, token.start, gender)
        if len(known) == 1:
            (person,) = known
            return self._context(person, written, "only candidate", "stated")
        near = [p for p, number in known.items() if number >= part.number - 1]
        if len(near) == 1:
            return self._context(near[0], written, "pronoun", "from_context")
        if self.last and self.last[0] >= part.number - 1 and self.last[2].gender == gender:
            _, _, person = self.last
            since = self._named_before(part, token.start, gender, after=self.last[:2])
            if not set(since) - {person}:
                return self._context(person, written, "pronoun", "from_context")
        return nobody

    def _context(self, person: Person, written: str, route: str, certainty: str) -> Attribution:
        speaker = Speaker(person.name, self.roles.get(person), written, certainty)  # type: ignore[arg-type]
        return Attribution(speaker, route, _CONFIDENCE[route], person)

    def _named_before(
        self, part: _Part, offset: int, gender: str, after: tuple[int, int] = (-1, -1)
    ) -> dict[Person, int]:
        """Persons of the gender whom the writer (not a speaker) names between two places, with the last part of each."""
        out: dict[Person, int] = {}
        last_body = part.paragraph is None
        for person in self.people.persons:
            if gender and person.gender != gender:
                continue
            for mention in person.mentions:
                place = (mention.part, mention.start)
                other = self.parts[mention.part]
                if place < after or (not last_body and place >= (part.number, offset)) or other.paragraph is None:
                    continue
                if any(s.start <= mention.start < s.end and " " in other.text[s.start : s.end] for s in other.spans):
                    continue
                if any(a <= mention.start < b for a, b in other.reported):
                    continue
                out[person] = max(out.get(person, 0), mention.part)
        return out

    def _description(self, part: _Part, sentence: list[Token], found: Candidate, written: str) -> Attribution:
        """The person whose role, as the article prints it, is the only one that the description fits."""
        words = [t.text.lower() for t in sentence[found.lo : found.hi] if t.kind == "word"]
        feminine = found.gender == "femn"
        if len(words) <= 4:
            known = self._named_before(part, sentence[found.lo].start, "femn" if feminine else "")
            fitting = [p for p in known if p in self.roles and may_mean(words, self.roles[p])]
            if len(fitting) == 1:
                return self._context(fitting[0], written, "description", "from_context")
        return Attribution(Speaker(None, None, written, "stated"), "unnamed", _CONFIDENCE["unnamed"])


# ---- small questions about tokens --------------------------------------------------------------------------------


def _clause(sentence: Sequence[Token], at: int) -> tuple[int, int]:
    lo, hi = at, at + 1
    while lo > 0 and sentence[lo - 1].kind not in _BOUNDARIES:
        lo -= 1
    while hi < len(sentence) and sentence[hi].kind not in _BOUNDARIES:
        hi += 1
    return lo, hi


def _quote_before(sentence: Sequence[Token], lo: int) -> int | None:
    """The quotation that ends right before token `lo`, stops and dashes between."""
    at = lo - 1
    while at >= 0 and sentence[at].kind in ("comma", "dash", "stop"):
        at -= 1
    return at if at >= 0 and sentence[at].kind == "quote" else None


def _quote_after(sentence: Sequence[Token], hi: int) -> int | None:
    at = hi
    while at < len(sentence) and sentence[at].kind in ("comma", "dash", "stop", "colon"):
        at += 1
    return at if at < len(sentence) and sentence[at].kind == "quote" and at > hi else None


def _announces(sentence: Sequence[Token], at: int) -> bool:
    """Whether the verb of saying is followed by "что" or a colon."""
    saying = sayings().get(sentence[at].low)
    if saying is None or saying.pos == "PRTF":
        return False
    _, hi = _clause(sentence, at)
    if hi >= len(sentence):
        return False
    follows = sentence[hi + 1].low if hi + 1 < len(sentence) else ""
    return sentence[hi].kind == "colon" or (sentence[hi].kind == "comma" and follows in _THAT)


def _says(token: Token) -> bool:
    saying = sayings().get(token.low)
    return saying is not None and saying.pos == "VERB" and saying.use in ("say", "ask", "think", "beside")


def _beside(token: Token) -> Saying | None:
    """What any finite verb shows of its subject."""
    for reading in readings(token.text)[:1]:
        if reading.pos == "VERB" and "indc" in reading.tags and reading.tags & {"past", "pres"}:
            gender = next((g for g in ("masc", "femn", "neut") if g in reading.tags), "")
            return Saying("beside", "VERB", "plur" in reading.tags, gender, "1per" in reading.tags)
    return None


def _is_finite(word: str) -> bool:
    return any(r.pos in ("VERB", "PRTS", "PRED", "INFN", "ADJS") for r in readings(word)[:1])


def _is_clause(content: Sequence[Token]) -> bool:
    """Whether the tokens say something: at least two, with a predicate, a dash in its place, or a quotation."""
    return len(content) > 1 and any(
        t.kind in ("quote", "dash") or (t.kind == "word" and _is_finite(t.text)) for t in content
    )


def _stronger(one: Candidate, other: Candidate) -> bool:
    order = ("writing", "organisation", "noun", "unnamed", "pronoun", "person")
    return order.index(one.sort) > order.index(other.sort) and other.sort in ("writing", "organisation")


def _is_proper(sentence: Sequence[Token], found: Candidate) -> bool:
    """Whether the organisation is named: more than "министерство" alone."""
    words = sentence[found.lo : found.hi]
    return (
        any(
            t.kind in ("latin", "name")
            or (t.kind == "word" and t.text[0].isupper() and (i or not _is_first(t, sentence)))
            for i, t in enumerate(words)
        )
        or len(words) > 1
    )


def _is_first(token: Token, sentence: Sequence[Token]) -> bool:
    return token is sentence[0] and not (len(token.text) > 1 and token.text.isupper())


def _bare_role(role: str) -> str:
    words = role.split()
    if words and words[0].lower() in ("господин", "госпожа", "г-н", "г-жа", "товарищ"):
        words = words[1:]
    return " ".join(words) if len(words) < len(role.split()) else role.strip()


def _from_context(speaker: Speaker | None) -> Attribution:
    if speaker is None or speaker.name is None:
        return NOBODY
    again = Speaker(speaker.name, speaker.role, None, "from_context")
    return Attribution(again, "same paragraph", _CONFIDENCE["same paragraph"])
