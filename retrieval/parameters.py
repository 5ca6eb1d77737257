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
    title_pair: float = 0.2  # of two such words that are neighbours in the title: .978 -> .996 (headlines); others same
    # Of the words that stand within 20 words in the passage, as in one sentence: .891 -> .904 (encyclopaedia), .431 ->
    # .450 (news quiz), .761 -> .764 (multi-hop), others up by .001 to .003.
    near: float = 0.5
    near_words: int = 20
    # Of being quoted in the passage, as if the name were a term: .951 -> .954 (attribution); with 1.0 .945.
    speaker: float = 0.3
    # How much a passage of a day that the question names is raised: x (1 + date). Weak, since an article reports on
    # days before its own: 1.0 lost .01 on headlines ("..., June 2020" is dated July) for .005 on multi-hop questions.
    date: float = 0.2
    date_days: float = 20.0  # days after which the raise has fallen to a third
    # The same for the day of asking, unless the question names another: .320 -> .373 (news quiz), .951 -> .979
    # (attribution); from 1 to 3 the same.
    recency: float = 1.5
    # Of the article's source being named in the question, as a share of all its words' idf: .653 -> .775 (multi-hop).
    source: float = 0.2
    # Of the first paragraph of a dated article, a third of it by the fourth, and what a passage of no words would
    # lose, one of 8 terms a third of it: together .381 -> .427 (news quiz, whose labels favour long passages), others
    # within .005.
    lead: float = 0.15
    brief: float = 0.5
    reranked: int = 50  # passages whose pairs and speakers are looked at; from 50 on, more change no MRR

    @classmethod
    def plain(cls, k1: float = 0.9, b: float = 0.4) -> Parameters:
        """BM25 of the passages' words alone."""
        return cls(
            k1=k1,
            b=b,
            reranked=0,
            article=0.0,
            title=0.0,
            pair=0.0,
            title_pair=0.0,
            near=0.0,
            speaker=0.0,
            date=0.0,
            recency=0.0,
            source=0.0,
            lead=0.0,
            brief=0.0,
        )


DEFAULTS = Parameters()
