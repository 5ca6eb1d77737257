"""What the plain words of a question suggest, where the reader gains by making it a limit."""

from __future__ import annotations

from collections.abc import Sequence

from retrieval.limits import dated_within, is_named
from retrieval.names import name_keys, same_person
from retrieval.types import AnswerQuote, Limits, Query


def offered(query: Query, quotes: Sequence[AnswerQuote]) -> Limits:
    """The speaker, the dates and the source suggested, each only if some of the quotes fit it and some do not.

    The speaker's name is spelled as the articles do.
    """
    hints = query.hints
    dates = [quote.article.date for quote in quotes]
    return Limits(
        speaker=_speaker(hints.speaker, quotes) if hints.speaker else None,
        dates=hints.dates if hints.dates and _tells_apart(dated_within(dates, hints.dates)) else None,
        source=None if query.filters.source else _source(query.text, quotes),
    )


def _tells_apart(fits: Sequence[bool]) -> bool:
    return any(fits) and not all(fits)


def _speaker(asked: str, quotes: Sequence[AnswerQuote]) -> str | None:
    keys = name_keys(asked)
    names = [(quote.speaker and quote.speaker.name) or "" for quote in quotes]
    fits = [bool(keys) and same_person(keys, name_keys(name)) for name in names]
    if not _tells_apart(fits):
        return None
    spelled = {key: word for word in names[fits.index(True)].split() for key in name_keys(word)}
    return " ".join(spelled[key] for key in keys) if spelled.keys() >= set(keys) else asked


def _source(text: str, quotes: Sequence[AnswerQuote]) -> str | None:
    sources = [quote.article.source or "" for quote in quotes]
    named = next((source for source in sources if source and is_named(source, text)), None)
    return named if named and _tells_apart([source == named for source in sources]) else None
