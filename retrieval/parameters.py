"""Every number of ranking, each with the measurement that set it (MRR@10 at paragraph level)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Parameters:
    """Weights of the signals in a score."""

    # The library's 1.5 and .75 suit long documents; short news paragraphs want less of both: .298 against .214
    # (news quiz), .968 against .938 (attribution questions).
    k1: float = 0.9
    b: float = 0.4
    article: float = 0.3  # of the whole article's BM25, title included
    title: float = 0.3  # of the BM25 of title and source
    pair: float = 0.15  # of two words that are neighbours in the question and in the passage
    speaker: float = 1.0  # of being quoted in the passage, as if the name were a term
    date: float = 1.0  # how much a passage of the very day is raised: x (1 + date)
    date_days: float = 20.0  # days after which the raise has fallen to a third
    recency: float = 0.0  # the same for the day of asking, where the question says no time
    source: float = 0.0  # of the article's source being named in the question, as a share of all its words' idf
    lead: float = 0.0  # of the first paragraph of a dated article; a third of it by the fourth
    brief: float = 0.0  # what a passage of no words would lose, one of 8 terms a third of it
    reranked: int = 50  # passages whose pairs and speakers are looked at; from 30 on, more change no MRR

    @classmethod
    def plain(cls, k1: float = 0.9, b: float = 0.4) -> Parameters:
        """BM25 of the passages' words alone."""
        return cls(
            k1=k1, b=b, article=0, title=0, pair=0, speaker=0, date=0, recency=0, source=0, lead=0, brief=0, reranked=0
        )


DEFAULTS = Parameters()
