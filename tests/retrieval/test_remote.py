"""An engine elsewhere that hangs, dies and comes back."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from retrieval import remote
from retrieval.embedded import EmbeddedEngine
from retrieval.exceptions import EngineMissing, EngineSilent
from retrieval.milvus import MilvusIndex
from retrieval.remote import RemoteEngine
from retrieval.types import Passage, Query

LATE = Passage(2, 0, "The harbour of Velm is open.")
OLD = Passage(1, 0, "The harbour of Velm stayed closed.")  # that the index here has no room for


async def found(engine: RemoteEngine) -> set[int]:
    return {hit.article_id for hit in (await engine.search(Query("harbour", "harbour"))).hits}


class Server:
    """A Milvus server in a process of its own."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self._folder = folder
        self.process: Process | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    async def start(self) -> None:
        given = "--data-dir", str(self._folder), "--host", "127.0.0.1", "--port", str(self._port)
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "milvus_lite", "server", *given, stdout=DEVNULL, stderr=DEVNULL
        )
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self._port)
            except OSError:
                assert self.process.returncode is None
                await asyncio.sleep(0.1)
            else:
                writer.close()
                return

    async def end(self) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    server = Server(tmp_path / "milvus")
    await server.start()
    yield server
    await server.end()


@pytest.fixture
async def local() -> AsyncIterator[EmbeddedEngine]:
    local = await EmbeddedEngine.open()
    await local.add([LATE])
    yield local
    await local.close()


def engine_at(server: Server, local: EmbeddedEngine) -> RemoteEngine:
    index = MilvusIndex(server.address, local, token="operator:hunter2pass", time_limit_s=60.0)
    return RemoteEngine(local, index)


async def test_one_that_hangs_is_left_alone_for_a_while_and_then_asked_again(
    server: Server, local: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    engine = engine_at(server, local)
    _, index = engine.indexes
    assert await index.holds() == ""
    assert await found(engine) == {2}
    await index.rebuild([OLD, LATE], "both")
    assert await found(engine) == {1, 2}
    assert server.process is not None

    index.time_limit_s = 0.5  # type: ignore[attr-defined]
    server.process.send_signal(signal.SIGSTOP)
    with caplog.at_level(logging.WARNING):
        assert await found(engine) == {2}
        monkeypatch.setattr(index, "best", None)  # to ask it now would fail
        assert await found(engine) == {2}
        assert not (await engine.search(Query("harbour", "harbour"))).whole
    assert (await engine.stats()).passages == 1
    server.process.send_signal(signal.SIGCONT)
    monkeypatch.undo()
    index.time_limit_s = 60.0  # type: ignore[attr-defined]
    engine._asleep_until = 0.0

    assert await found(engine) == {1, 2}
    assert (await engine.search(Query("harbour", "harbour"))).whole
    assert len([record for record in caplog.records if record.levelno >= logging.WARNING]) == 1
    assert "only the newest articles are searched" in caplog.text
    assert "hunter2pass" not in caplog.text
    await engine._remote.close()


async def test_one_that_dies_is_missed_and_comes_back_with_what_it_had(
    server: Server, local: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "_REST_S", 0.0)
    engine = engine_at(server, local)
    _, index = engine.indexes
    await index.add([OLD, LATE], "both")
    await server.end()

    assert await found(engine) == {2}
    index.time_limit_s = 0.5  # type: ignore[attr-defined]
    with pytest.raises(EngineSilent) as told:
        await index.holds()
    assert "hunter2pass" not in str(told.value) + repr(told.value) + repr(told.value.__cause__)

    index.time_limit_s = 60.0  # type: ignore[attr-defined]
    await server.start()
    assert await index.holds() == "both"
    assert await found(engine) == {1, 2}
    await engine._remote.close()


@pytest.mark.parametrize(("missing", "address"), [("pymilvus", "http://m:19530"), ("milvus_lite", "a.db")])
def test_what_is_not_installed_is_named(missing: str, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, missing, None)

    with pytest.raises(EngineMissing, match=missing.replace("_", "-")):
        MilvusIndex(address, EmbeddedEngine())
