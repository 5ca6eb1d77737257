"""The search engine that asks another one for candidates, and ranks them by the signals of our own."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace

from retrieval.analysis import Analyzer
from retrieval.building import Vocabulary, build
from retrieval.embedded import EmbeddedEngine
from retrieval.engine import KeptIndex
from retrieval.exceptions import EngineSilent
from retrieval.excerpt import Excerpt
from retrieval.index import Index, Part
from retrieval.milvus import MilvusIndex
from retrieval.rows import Row, Weights, condition, dated, number_of, passage_of
from retrieval.scoring import Wanted, raised
from retrieval.search import rarest, search
from retrieval.threads import in_answering_thread
from retrieval.types import IndexStats, Limits, Query, SearchResult
from retrieval.vocabulary import Near

_CANDIDATES = 300  # that are ranked, of each kind
_UNDER_CONDITIONS = 1_000  # where phrases or excluded words, which the other engine does not know, leave few of them
_NEAR_DAYS = 60  # about the days that a question raises: further off, a raise is less than a tenth
_RARE = 64  # words that are asked for at the other engine, at most: more are no question
_REST_S = 30.0  # for which an engine that did not answer is not asked

log = logging.getLogger(__name__)


class RemoteEngine:
    """A `SearchEngine` over an index elsewhere that has all articles, and one here that has the newest.

    The one here says how rare words are and how they are spelled, and answers when the other does not.
    """

    def __init__(self, local: EmbeddedEngine, remote: MilvusIndex) -> None:
        self.analyzer = local.analyzer
        self._local = local
        self._remote = remote
        self._vocabulary = Vocabulary(local.analyzer)  # kept, as it knows nearly every word: half the time of building
        self._building = threading.Lock()
        self._asleep_until = 0.0  # by the event loop's clock

    @property
    def indexes(self) -> tuple[KeptIndex, ...]:
        """What is to be brought in line with the articles: first the one here, by which words are weighed there."""
        return self._local, self._remote

    @property
    def fingerprint(self) -> str:
        return self._local.fingerprint

    @property
    def version(self) -> str:
        """Another one after every change of what can be found."""
        return f"{self._local.version} {self._remote.fingerprint}"

    async def search(self, query: Query, limit: int = 10) -> SearchResult:
        """The best passages, ties by newer article, then id. When the other engine does not answer in time: the best
        of the newest articles.
        """
        if self._is_awake:
            try:
                async with asyncio.timeout(self._remote.time_limit_s):
                    return await self._search(query, limit)
            except (EngineSilent, TimeoutError) as error:
                self._asleep_until = _clock() + _REST_S
                reason = str(error) or "the search engine is too slow"
                log.warning("%s; only the newest articles are searched for %.0f s", reason, _REST_S)
        return replace(await self._local.search(query, limit), whole=self._has_all)

    async def respelled(self, query: Query, unknown: Sequence[str]) -> Query:
        """The question with each of its unknown terms as the newest articles spell it in the other script."""
        return await self._local.respelled(query, unknown)

    async def near(self, unknown: Sequence[str]) -> list[Near]:
        """Terms of the newest articles like those that no article has, each with a passage."""
        return await self._local.near(unknown)

    async def stats(self) -> IndexStats:
        """What is findable now; terms, of the newest articles."""
        here = await self._local.stats()
        try:
            there = await self._remote.stats() if self._is_awake else here
        except EngineSilent:
            there = here
        return replace(here, articles=there.articles, passages=there.passages)

    async def warm_up(self) -> None:
        """Makes ready for many questions."""
        await self._local.warm_up()

    async def close(self) -> None:
        """Ends what is under way in the background."""
        await self._remote.close()
        await self._local.close()

    @property
    def _has_all(self) -> bool:
        """Whether the index here has every article, as far as is known."""
        here, newest = self._local.index, self._local.newest
        return self._remote.passages <= here.passages and (newest is None or here.articles < newest)

    @property
    def _is_awake(self) -> bool:
        """Whether to ask the other engine: not while it rests, nor while it has less than is here."""
        has_more = self._remote.ready and self._remote.passages >= self._local.index.passages
        return has_more and _clock() >= self._asleep_until

    async def _search(self, query: Query, limit: int) -> SearchResult:
        known, remote = self._local.index, self._remote
        wanted, unknown = await in_answering_thread(_wanted, query, self.analyzer, known)
        index = Excerpt((), known.parameters, known.version, known=known, rare=await self._rare(unknown, known))
        weights, whole = await in_answering_thread(_weights, index, wanted)
        speaker = condition(Limits(speaker=query.hints.speaker)) if known.parameters.speaker else ""
        if not weights and not speaker and not query.filters.speaker:
            here = await self._local.search(query, limit)  # where limits are all that is asked, the newest are wanted
            if len(here.hits) == limit or not query.filters:
                return here
        conditions = [speaker, *(dated(dates, _NEAR_DAYS) for dates, _ in raised(query, known.parameters))]
        strict = wanted.phrases or wanted.excluded or wanted.any_of
        count = max(limit, _UNDER_CONDITIONS if strict else _CANDIDATES)
        filters = condition(query.filters)
        asked = dict.fromkeys(_all(filters, more) for more in ("", *conditions))
        found = await asyncio.gather(*(remote.best(weights, one, count) for one in asked))
        articles = sorted({row["article"] for rows in found for row in rows})
        # "He said so", in an article that is about it, says no word of the question.
        spoken = _all(filters, speaker, f"article in {articles}") if speaker and weights else ""
        contexts, said = await asyncio.gather(remote.contexts(whole, articles), remote.best({}, spoken, count))
        rows = {row["id"]: row for some in (*found, said) for row in some}
        return await in_answering_thread(self._ranked, query, limit, replace(index, contexts=contexts), rows)

    async def _rare(self, unknown: Sequence[str], known: Index) -> Mapping[str, int]:
        """In how many of so many passages as are known each term would stand, of those that none of them has."""
        counts = await asyncio.gather(*(self._remote.count(term, number_of(term)) for term in unknown))
        share = min(1.0, known.passages / max(1, self._remote.passages))
        return {term: max(1, round(count * share)) for term, count in zip(unknown, counts, strict=True) if count}

    def _ranked(self, query: Query, limit: int, index: Excerpt, rows: Mapping[int, Row]) -> SearchResult:
        """The candidates, ranked by all signals."""
        passages = [passage_of(rows[number]) for number in sorted(rows)]
        with self._building:
            parts = (Part(build(passages, self._vocabulary)),) if passages else ()
        return search(replace(index, parts=parts), self.analyzer, query, limit)


def _wanted(query: Query, analyzer: Analyzer, known: Index) -> tuple[Wanted, list[str]]:
    """The query as read, and those of its terms that none of the known passages has."""
    wanted = Wanted.of(query, analyzer)
    return wanted, [term for term in wanted.terms if not known.idf("passages", term)][:_RARE]


def _weights(index: Index, wanted: Wanted) -> tuple[Weights, Weights]:
    """What passages, and what whole articles get for the query's words."""
    terms = rarest({term: idf for term in wanted.terms if (idf := index.idf("passages", term))})
    numbers = {term: number_of(term) for term in terms}
    whole = {numbers[term]: idf for term in terms if (idf := index.idf("articles", term))}
    return {numbers[term]: idf for term, idf in terms.items()}, whole


def _clock() -> float:
    return asyncio.get_running_loop().time()


def _all(*conditions: str) -> str:
    return " and ".join(filter(None, conditions))
