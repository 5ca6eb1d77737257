"""Passages in a Milvus server or cluster, or in a Milvus Lite file. The one home of pymilvus, and its only door."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import threading
from collections.abc import AsyncIterable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from hashlib import blake2b
from importlib.util import find_spec
from operator import attrgetter
from typing import Any

from retrieval.analysis import ANALYSIS_VERSION
from retrieval.building import Vocabulary
from retrieval.embedded import EmbeddedEngine
from retrieval.exceptions import EngineMissing, EngineSilent
from retrieval.rebuilding import in_blocks
from retrieval.rows import DAYS, NAME_BYTES, NAMES, READ, STATE, TEXTS, WHOLE, WORDS, Row, Weights, rows_of, state_row
from retrieval.types import IndexStats, Passage

_CHANGE_S = 60.0  # that a change may take
_ALIAS = "quotewire"  # the collection that is searched, whatever its name
# Not the ranking's parameters: weights by older ones find nearly the same candidates, and these are scored anew.
_STAMP = {"format": 1, "analysis": ANALYSIS_VERSION}
_BLOCK = 500  # passages written at a time: at most 33 MB, of the 64 that Milvus takes
_THREADS = 16  # calls under way
_COUNTED = 1_000  # passages with a term that are counted: a term unknown to the newest articles is rare
_REMEMBERED = 10_000  # terms counted
_FIELD_BYTES = 65_535  # the most that Milvus has room for
_CHANNEL = {"grpc.use_local_subchannel_pool": 1}  # else a new connection waits as long as the old one would

log = logging.getLogger(__name__)


class MilvusIndex:
    """Passages in Milvus, found by the products of weights (see `retrieval.rows`), and filtered there.

    All are in one collection; what is built anew goes into another one, which then takes its place. A row says which
    state of the articles it is. Several programs may bring it in line at once: what they write is the same.
    """

    newest = None  # it has room for all articles

    def __init__(
        self, address: str, known: EmbeddedEngine, *, token: str = "", database: str = "", time_limit_s: float = 2.0
    ) -> None:
        """Args: address, of a server, http or https, or a file name in .db; known, by whose average lengths words
        weigh; token, "name:password" or a token; the time limit is for each call of a search.

        Raises: EngineMissing without pymilvus.
        """
        self._library, self._failures = _library(address)
        self._address = address
        self._who = {"token": token, "db_name": database}
        self._known = known
        self.time_limit_s = time_limit_s
        self._client: Any = None
        self._connecting = threading.Lock()
        self._threads = ThreadPoolExecutor(_THREADS, "milvus")
        self._changing = asyncio.Lock()
        self._vocabulary = Vocabulary(known.analyzer)
        self._counts: dict[str, int] = {}
        self.fingerprint = ""  # as of the last look, or change
        self.ready = False  # whether there is something to search, as of the last look
        self.passages = 0  # the same

    async def holds(self) -> str:
        """The fingerprint of the articles' state that the server holds; "": begin with `rebuild`.

        Raises: EngineSilent, as everything here.
        """
        self._counts.clear()
        state: dict[str, Any] = {}
        if await self._exists():
            await self._change("load_collection", _ALIAS)  # Milvus Lite forgets that it was
            condition = f"article == {STATE}"
            options = {"filter": condition, "output_fields": ["text"], "consistency_level": "Strong"}
            rows = await self._call("query", _ALIAS, **options)
            state = json.loads(rows[0]["text"]) if rows else {}
            self.passages = await self._count(_passages())
        self.ready = state.get("stamp") == _STAMP
        self.fingerprint = str(state["fingerprint"]) if self.ready else ""
        return self.fingerprint

    async def add(self, passages: Sequence[Passage], fingerprint: str | None = None) -> None:
        """Makes the passages findable; those of an article that is already there replace its old ones."""
        async with self._changing:
            if not await self._exists():
                await self._show(await self._created(secrets.token_hex(8)))
            async for block in in_blocks(sorted(passages, key=attrgetter("article_id")), _BLOCK):
                rows = await self._write(_ALIAS, block)
                articles, kept = sorted({row["article"] for row in rows}), [row["id"] for row in rows]
                await self._change("delete", _ALIAS, filter=f"article in {articles} and id not in {kept}")
            await self._say(fingerprint)

    async def remove(self, article_ids: Iterable[int], fingerprint: str | None = None) -> None:
        """Makes the articles' passages unfindable; ids that are not there are ignored."""
        async with self._changing:
            ids = sorted(article_ids)
            for start in range(0, len(ids), _BLOCK):
                await self._change("delete", _ALIAS, filter=f"article in {ids[start : start + _BLOCK]}")
            await self._say(fingerprint)

    async def rebuild(
        self,
        passages: Iterable[Passage] | AsyncIterable[Passage],
        fingerprint: str = "",
        progress: Callable[[int], None] | None = None,
    ) -> None:
        """Replaces everything by the passages (those of one article stand together). `progress(passages so far)`.

        The old collection answers until the new one is ready. After a crash it goes on in the same new one.
        """
        async with self._changing:
            log.info("the index at %s is built anew", self._address)
            state = json.dumps([_STAMP, fingerprint]).encode()
            name = await self._created(blake2b(state, digest_size=8).hexdigest())
            done = 0
            async for block in in_blocks(passages, _BLOCK):
                await self._write(name, block)
                done += len(block)
                if progress:
                    progress(done)
            await self._say(fingerprint, name)
            await self._change("flush", name)
            await self._show(name)
            log.info("the index at %s has %d paragraphs", self._address, done)

    async def best(self, weights: Weights, condition: str, count: int) -> Sequence[Row]:
        """The best passages by their words, with the fields `READ`; without words, any that fit the condition."""
        if weights:
            return [hit["entity"] for hit in await self._search(weights, _passages(condition), count, READ)]
        if not condition:
            return ()
        options = {"filter": _passages(condition), "output_fields": list(READ), "limit": count}
        rows: Sequence[Row] = await self._call("query", _ALIAS, **options)
        return rows

    async def contexts(self, weights: Weights, articles: Sequence[int]) -> dict[int, float]:
        """The scores of whole articles, by id."""
        condition = f"paragraph == {WHOLE} and article in {list(articles)}"
        hits = await self._search(weights, condition, len(articles), ["article"])
        return {hit["entity"]["article"]: hit["distance"] for hit in hits}

    async def count(self, term: str, number: int) -> int:
        """How many passages have the term of this number, as far as they are worth counting."""
        if term not in self._counts:
            if len(self._counts) >= _REMEMBERED:
                self._counts.clear()
            self._counts[term] = len(await self._search({number: 1.0}, _passages(), _COUNTED, ["article"]))
        return self._counts[term]

    async def stats(self) -> IndexStats:
        """What is findable. It does not know how many terms there are."""
        if not await self._exists():
            return IndexStats(0, 0, 0, "")
        articles, passages = await asyncio.gather(
            self._count(f"paragraph == {WHOLE} and article != {STATE}"), self._count(_passages())
        )
        return IndexStats(articles, passages, 0, "")

    async def close(self) -> None:
        """Ends the connection."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._client is not None:
            await asyncio.to_thread(self._client.close)

    # -- the collection ------------------------------------------------------------------------------------------------

    async def _exists(self) -> bool:
        aliases: Sequence[str] = (await self._call("list_aliases", ""))["aliases"]
        return _ALIAS in aliases

    async def _created(self, name: str) -> str:
        """The name in full of a collection that is there now."""
        name = f"{_ALIAS}_{name}"
        if name not in await self._call("list_collections"):
            await self._change("create_collection", name, schema=self._schema())
            index = self._library.MilvusClient.prepare_index_params()
            index.add_index("weights", index_type="SPARSE_INVERTED_INDEX", metric_type="IP")
            index.add_index("article", index_type="INVERTED")
            await self._change("create_index", name, index, sync=False)
            for words in WORDS:
                index = self._library.MilvusClient.prepare_index_params()
                index.add_index(words, index_type="INVERTED")
                try:
                    await self._change("create_index", name, index, sync=False)
                except EngineSilent as error:  # Milvus Lite looks through all rows instead
                    log.info("%s is not indexed: %s", words, error.reason)
        await self._change("load_collection", name)
        return name

    def _schema(self) -> Any:
        kinds = self._library.DataType
        schema = self._library.MilvusClient.create_schema(auto_id=False)
        schema.add_field("id", kinds.INT64, is_primary=True)
        for name in ("article", "paragraph", *DAYS):
            schema.add_field(name, kinds.INT64)
        schema.add_field("text", kinds.VARCHAR, max_length=_FIELD_BYTES)
        for name in (*TEXTS, "date"):
            schema.add_field(name, kinds.VARCHAR, max_length=NAME_BYTES)
        for name in ("speakers", *WORDS):
            of = {"element_type": kinds.VARCHAR, "max_length": NAME_BYTES, "max_capacity": NAMES}
            schema.add_field(name, kinds.ARRAY, **of)
        schema.add_field("weights", kinds.SPARSE_FLOAT_VECTOR)
        return schema

    async def _show(self, name: str) -> None:
        """Makes the collection the one that is searched, and removes all others of ours."""
        await self._change("alter_alias" if await self._exists() else "create_alias", name, _ALIAS)
        self.ready = True
        for other in await self._call("list_collections"):
            if other.startswith(f"{_ALIAS}_") and other != name:
                await self._change("drop_collection", other)

    async def _say(self, fingerprint: str | None, name: str = _ALIAS) -> None:
        if fingerprint is not None:
            state = json.dumps({"stamp": _STAMP, "fingerprint": fingerprint})
            await self._change("upsert", name, [state_row(state)])
            self.fingerprint, self.passages = fingerprint, await self._count(_passages(), name)

    async def _write(self, name: str, passages: Sequence[Passage]) -> list[Row]:
        rows = await asyncio.to_thread(rows_of, passages, self._vocabulary, self._known.index)
        for start in range(0, len(rows), _BLOCK):
            await self._change("upsert", name, rows[start : start + _BLOCK])
        return rows

    # -- calls ---------------------------------------------------------------------------------------------------------

    async def _search(self, weights: Weights, condition: str, count: int, fields: Sequence[str]) -> Sequence[Any]:
        if not weights or not count:
            return ()
        found = await self._call(
            "search",
            _ALIAS,
            data=[weights],
            anns_field="weights",
            filter=condition,
            limit=count,
            output_fields=list(fields),
            search_params={"metric_type": "IP"},
        )
        hits: Sequence[Any] = found[0]
        return hits

    async def _count(self, condition: str, name: str = _ALIAS) -> int:
        options = {"filter": condition, "output_fields": ["count(*)"], "consistency_level": "Strong"}
        rows = await self._call("query", name, **options)
        return int(rows[0]["count(*)"])

    async def _change(self, method: str, *given: Any, **options: Any) -> None:
        await self._call(method, *given, **{"timeout": _CHANGE_S} | options)

    async def _call(self, method: str, *given: Any, **options: Any) -> Any:
        """What the client's method gives. Raises: EngineSilent."""
        call = partial(self._blocking, method, given, {"timeout": self.time_limit_s} | options)
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    def _blocking(self, method: str, given: Sequence[Any], options: Mapping[str, Any]) -> Any:
        try:
            with self._connecting:
                if self._client is None:
                    self._client = self._library.MilvusClient(
                        self._address, timeout=self.time_limit_s, dedicated=True, grpc_options=_CHANNEL, **self._who
                    )
            return getattr(self._client, method)(*given, **options)
        except self._failures as error:
            reason = getattr(error, "message", "") or type(error).__name__
            raise EngineSilent(self._address, reason.partition("\n")[0][:200]) from error


def _passages(condition: str = "") -> str:
    return "paragraph >= 0" + (condition and f" and {condition}")


def _library(address: str) -> tuple[Any, tuple[type[Exception], ...]]:
    """pymilvus, and what it raises."""
    wanted = ["pymilvus"] + ["milvus_lite"] * address.endswith(".db")
    for name in wanted:
        if find_spec(name) is None:
            raise EngineMissing(f"SEARCH_URL needs the package {name.replace('_', '-')}, which is not installed")
    import grpc
    import pymilvus

    # They write tracebacks of what is told in one line here.
    for talk in map(logging.getLogger, wanted):
        talk.handlers.clear()
        talk.propagate = True
        talk.setLevel(logging.CRITICAL)
    return pymilvus, (pymilvus.MilvusException, grpc.RpcError, grpc.FutureTimeoutError)
