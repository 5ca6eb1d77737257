"""Every number of ranking, each with the measurement that set it (MRR@10 at paragraph level)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Parameters:
    """Weights of the signals in a score."""

    # The library's 1.5 and .75 suit long documents; short news paragraphs want less of both: with .9 and .4 .298
    # against .214 (news quiz), .968 against .938 (attribution). k1 .7 against .9: .980 -> .982 (attribution),
    # .971 -> .972 and .956 -> .957 (encyclopaedia, English and Russian), others within .0005.
    k1: float = 0.7
    b: float = 0.4
    # Terms; a longer passage, which is an article whose paragraphs have run together, counts as so long. .982 -> .984
    # (attribution), others the same. Null: no bound.
    longest: int | None = 150
    article: float = 0.3  # of the whole article's BM25, title included
    title: float = 0.3  # of the BM25 of title and source
    pair: float = 0.15  # of two words that are neighbours in the question and in the passage
    title_pair: float = 0.2  # of two such words that are neighbours in the title: .978 -> .996 (headlines); others same
    # Of the words that stand within 20 words in the passage, as in one sentence: .891 -> .904 (encyclopaedia), .431 ->
    # .450 (news quiz), .761 -> .764 (multi-hop), others up by .001 to .003.
    near: float = 0.5
    near_words: int = 20
    # Of being quoted in the passage, as if that were a term; less or more loses .002 (attribution).
    speaker: float = 0.3
    # Of the idf of each of the speaker's names, what a passage with words of theirs is given at least: "he said" is as
    # good as the name. .965 -> .974; without regard to length and place in the article .980 (attribution).
    name: float = 0.6
    # How much a passage of a day that the question names is raised: x (1 + date). Weak, since an article reports on
    # days before its own: 1.0 lost .01 on headlines ("..., June 2020" is dated July) for .005 on multi-hop questions.
    date: float = 0.2
    date_days: float = 20.0  # days after which the raise has fallen to a third
    # The same for the day of asking, unless the question names another: .320 -> .373 (news quiz); from 1 to 3 the same.
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
            longest=None,
            reranked=0,
            article=0.0,
            title=0.0,
            pair=0.0,
            title_pair=0.0,
            near=0.0,
            speaker=0.0,
            name=0.0,
            date=0.0,
            recency=0.0,
            source=0.0,
            lead=0.0,
            brief=0.0,
        )


DEFAULTS = Parameters()
