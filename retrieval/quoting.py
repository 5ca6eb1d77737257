"""Which words of a paragraph to show: the quotation or the sentences that answer, as a character-exact span."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from retrieval.analysis import Analyzer, Token
from retrieval.answertype import AnswerType, offers
from retrieval.names import name_keys, same_person
from retrieval.sentences import sentences
from retrieval.types import Article, Kind, Quotation, Speaker

# A quote grows by whole sentences up to this length: with one sentence alone it holds the accepted answer to 86 of 100
# encyclopaedia questions, with 250 characters to 90, with 320 to 92, with 400 to 94; longer ones read badly on a phone.
_LENGTH = 320
_LONGEST_QUOTATION = 600  # a longer one is shown in part, by whole sentences
# A sentence that begins so leans on the one before it, which is then shown with it.
_LEANING = re.compile(
    r"[\"“”'‘«„(\[\s]{0,4}(?:he|she|it|they|this|that|these|those|his|her|hers|its|their|theirs|however|but|also|such|then|"
    r"therefore|thus|instead|another|both|nevertheless|moreover|meanwhile|still|yet|so|"
    r"он|она|оно|они|это|этот|эта|эти|его|её|ее|их|однако|но|также|поэтому|кроме|такой|такая|"
    r"такие|там|при этом|тем не менее)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Span:
    """What to show of a paragraph."""

    start: int
    end: int
    kind: Kind
    speaker: Speaker | None
    by_asked: bool  # said by the speaker whom the question names


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the question wants of a paragraph."""

    weights: Mapping[str, float]  # idf of each term of the question
    unknown: float  # what a word that no passage has weighs
    names: frozenset[str]  # terms that the question writes with a capital or in digits
    kind: AnswerType
    asked: frozenset[str]  # words of the question, lower case
    speaker: str | None
    speaker_terms: frozenset[str]
    speech: bool
    speaker_only: bool = False  # nobody else's words will do
    question: bool = True  # not a headline or mere keywords
    date_terms: frozenset[str] = frozenset()  # of the words that say when


def best_span(article: Article, index: int, wanted: Wanted, analyzer: Analyzer) -> Span:
    """The span of the paragraph that answers best; it begins and ends at the edge of a sentence or a quotation."""
    text = article.paragraphs[index].text
    tokens = analyzer.tokens(text, article.language, wanted.weights)
    held = spoken = [q for q in article.quotes if q.paragraph == index and q.end > q.start]
    if wanted.speaker and wanted.speaker_only:
        spoken = [q for q in held if same_speaker(wanted.speaker, q.speaker)]
    if wanted.speech and (quotation := _best_quotation(spoken, tokens, wanted)):
        return _part(text, quotation, held, tokens, wanted)
    floor = article.dateline.end if article.dateline and index == 0 else 0
    start, end = _window(text, tokens, wanted, floor)
    here = _weigh(tokens, start, end, wanted)
    for quotation in spoken:
        if quotation.kind == "direct" and quotation.start < end and start < quotation.end:
            inside = _weigh(tokens, max(start, quotation.start), min(end, quotation.end), wanted)
            if inside >= 0.8 * here and here > 0:
                return _part(text, quotation, held, tokens, wanted)
    start, end = _whole_quotations(text, spoken, start, end)
    return Span(start, end, "statement", None, by_asked=False)


def _best_quotation(spoken: Sequence[Quotation], tokens: Sequence[Token], wanted: Wanted) -> Quotation | None:
    """The quotation that says most about the matter; null when narration says clearly more."""
    matter = {term: weight for term, weight in wanted.weights.items() if term not in wanted.speaker_terms}
    whole = sum(matter[term] for term in {t.term for t in tokens} if term in matter)

    def said(quotations: Sequence[Quotation]) -> float:
        terms = {t.term for t in tokens for q in quotations if q.start <= t.start and t.end <= q.end}
        return sum(matter.get(term, 0.0) for term in terms)

    best: tuple[float, float, Quotation] | None = None
    for quotation in spoken:
        # "A," she said. "B.": that which says more of the two stands for what both say
        utterance = said([q for q in spoken if q.group == quotation.group])
        score = utterance + whole * (_KINDS[quotation.kind] + _fitness(wanted.speaker, quotation.speaker))
        if best is None or (score, said([quotation])) > best[:2]:
            best = (score, said([quotation]), quotation)
    return best[2] if best and best[0] >= 0.4 * whole else None


_KINDS = {"direct": 0.1, "mixed": 0.0, "indirect": 0.0, "statement": 0.0}


def _fitness(asked: str | None, speaker: Speaker | None) -> float:
    """How much the speaker speaks for a quotation, or against it, as a share of what it may say about the matter."""
    if asked is None or speaker is None:
        return 0.0
    if same_speaker(asked, speaker):
        return 0.5
    # "What did the White House say": its press secretary's words are no other person's, if not surely its own.
    around = {*name_keys(speaker.role or ""), *name_keys(speaker.as_written or "")}
    return -0.5 if speaker.name and not set(name_keys(asked)) & around else 0.0


def _part(text: str, quotation: Quotation, held: Sequence[Quotation], tokens: Sequence[Token], wanted: Wanted) -> Span:
    """The quotation, or the sentences of a very long one that answer; with what it leans on, if that stands before."""
    start, end, kind = quotation.start, quotation.end, quotation.kind
    if end - start > _LONGEST_QUOTATION:
        inner = [Token(t.term, t.start - start, t.end - start) for t in tokens if start <= t.start and t.end <= end]
        first, last = _window(text[start:end], inner, wanted)
        start, end = start + first, start + last
    elif _LEANING.match(text, start):
        start, end = _with_what_it_leans_on(text, quotation, held)
        kind = kind if start == quotation.start or kind != "direct" else "mixed"
    by_asked = wanted.speaker is not None and same_speaker(wanted.speaker, quotation.speaker)
    return Span(start, end, kind, quotation.speaker, by_asked)


def _with_what_it_leans_on(text: str, quotation: Quotation, held: Sequence[Quotation]) -> tuple[int, int]:
    """The sentences from the words before it that a quotation such as "That is final" or "he would pay" leans on.

    Of one in quote marks: the speaker's own, with nobody else's between; if there are none, it stands as it is.
    """
    start, end = quotation.start, quotation.end
    if quotation.kind == "direct":
        who = quotation.speaker and quotation.speaker.name
        for before in reversed([q for q in held if q.start < start]):
            if not (who and before.speaker and before.speaker.name == who and _LEANING.match(text, start)):
                break
            start = before.start
        if start == quotation.start:
            return start, end
        end = min((stop for _, stop in sentences(text) if stop >= end), default=end)
    return max((begin for begin, _ in sentences(text) if begin <= start), default=start), end


def _window(text: str, tokens: Sequence[Token], wanted: Wanted, floor: int = 0) -> tuple[int, int]:
    """The sentence from `floor` on with most of the question's terms, and neighbours as far as the length allows."""
    spans = [(floor + start, floor + end) for start, end in sentences(text[floor:])]
    if not spans:
        return 0, len(text)
    found = [_terms(tokens, start, end) for start, end in spans]
    n = len(spans)
    within = {term: sum(term in terms for terms in found) for term in wanted.weights}
    # A term that every sentence of the paragraph has tells them apart no more.
    local = {t: w * (1 + math.log((n + 1) / (within[t] + 0.5)) / math.log(n + 1)) for t, w in wanted.weights.items()}
    scores = [sum(local[t] for t in terms) for terms in found]
    leaning = [bool(_LEANING.match(text, start)) for start, _ in spans]
    backed: list[int] = []  # for each sentence, the nearest that leans on none before it
    for i in range(n):
        backed.append(backed[-1] if leaning[i] and i else i)
    offering = [offers(text[start:end], wanted.kind, wanted.asked) for start, end in spans]
    last = max(range(n), key=lambda i: (scores[i], -i))
    first = backed[last]
    whole = sum(local.values()) or 1.0
    while True:
        choices = []
        missing = wanted.kind != "other" and not any(offering[first : last + 1])
        if last + 1 < n and spans[last + 1][1] - spans[first][0] <= _LENGTH:
            gain = scores[last + 1] + whole * (0.01 + 0.15 * leaning[last + 1] + 0.3 * (missing and offering[last + 1]))
            choices.append((gain, 1))
        if first and spans[last][1] - spans[backed[first - 1]][0] <= _LENGTH:
            choices.append((scores[first - 1] + 0.3 * whole * (missing and offering[first - 1]), 0))
        if not choices:
            break
        if max(choices)[1]:
            last += 1
        else:
            first = backed[first - 1]
    return spans[first][0], spans[last][1]


def _whole_quotations(text: str, spoken: Sequence[Quotation], start: int, end: int) -> tuple[int, int]:
    """The span, grown to the sentences that hold the rest of a quotation it would cut."""
    spans = sentences(text)
    for quotation in spoken:
        cut = (
            quotation.start < end and start < quotation.end and not (start <= quotation.start and quotation.end <= end)
        )
        if cut and quotation.kind == "direct" and quotation.end - quotation.start <= _LONGEST_QUOTATION:
            start = max((a for a, _ in spans if a <= min(start, quotation.start)), default=start)
            end = min((b for _, b in spans if b >= max(end, quotation.end)), default=end)
    return start, end


def same_speaker(asked: str, speaker: Speaker | None) -> bool:
    """Whether the speaker may be the one asked for, by name or, for "the ambassador", by role."""
    if speaker is None:
        return False
    keys = name_keys(asked)
    if not keys:
        return False
    if speaker.name and same_person(keys, name_keys(speaker.name)):
        return True
    return asked.islower() and set(keys) <= set(name_keys(speaker.role or ""))


def _terms(tokens: Sequence[Token], start: int, end: int) -> Collection[str]:
    """Each once, in their order, in which weights are always summed: so that equal sums are equal."""
    return dict.fromkeys(t.term for t in tokens if start <= t.start and t.end <= end)


def _weigh(tokens: Sequence[Token], start: int, end: int, wanted: Wanted) -> float:
    return sum(wanted.weights[term] for term in _terms(tokens, start, end))
