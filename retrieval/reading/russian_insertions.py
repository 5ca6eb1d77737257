"""The writer's words between dashes that part a piece of Russian speech and say whose it is."""

from __future__ import annotations

from retrieval.reading.russian_attribution import NOBODY, Attribution, Narration
from retrieval.reading.russian_clauses import Sentence
from retrieval.reading.russian_cues import any_verb, quoted, says
from retrieval.reading.russian_parts import Part
from retrieval.reading.russian_people import People
from retrieval.reading.russian_text import sayings, tokens


def insertion(
    narration: Narration, people: People, part: Part, lo: int, hi: int, any_word: bool = False
) -> tuple[list[tuple[int, int]], Attribution, str | None] | None:
    """The pieces of speech in a range that the writer's words between dashes part, the speaker and the cue.

    `any_word`: any verb with a subject is a cue, as within marks: ``«…, — обратился к нему профессор, — …»``.
    """
    s = Sentence(tokens(part.text, (), lo, hi), part.text, people, part.mentions)
    pieces: list[tuple[int, int]] = []
    found: tuple[Attribution, str] | None = None
    start: int | None = lo
    for at in range(1, len(s.tokens) - 1):
        stop, after = s.tokens[at - 1], s.tokens[at + 1]
        if s.tokens[at].kind != "dash" or stop.kind not in ("comma", "stop"):
            continue
        if start is None:
            start = s.tokens[at].end
            continue
        verb = next((i for i in range(at + 1, min(at + 4, len(s.tokens))) if says(s.tokens[i])), None)
        saying = any_verb(after) if verb is None and any_word else None
        if saying and s.subject(at + 2, s.boundary(at + 1), saying):
            verb = at + 1
        if verb is None or (after.capital and after.start not in part.mentions):
            continue
        pieces.append((start, stop.start if stop.kind == "comma" else stop.end))
        start = None
        if found is None:
            saying = saying or sayings()[s.tokens[verb].low]
            end = s.boundary(verb)
            if saying.use == "quote":
                speaker = quoted(s, verb + 1, end)
            else:
                speaker = s.subject(verb + 1, end, saying) or s.subject(at + 1, verb, saying)
            place = (part.number, s.tokens[verb].start)
            found = (narration.attribution(s, speaker, place) if speaker else NOBODY, s.tokens[verb].text)
    if found is None:
        return None
    return pieces + ([(start, hi)] if start is not None else []), *found
