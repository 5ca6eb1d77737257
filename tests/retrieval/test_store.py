"""The index on disk: what was kept comes back, what is broken is told."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from retrieval import embedded, segment, store
from retrieval.embedded import EmbeddedEngine
from retrieval.merging import merge
from retrieval.types import Passage, Query

HARBOUR = Query("harbour", "harbour")


def passages(article_id: int, text: str = "The harbour of Velm is closed.") -> list[Passage]:
    return [Passage(article_id, 0, text, title="Ports", source="Coast Wire"), Passage(article_id, 1, "Rain fell.")]


async def opened(directory: Path) -> EmbeddedEngine:
    return await EmbeddedEngine.open(directory)


async def found(engine: EmbeddedEngine) -> list[tuple[int, float]]:
    return [(hit.article_id, hit.score) for hit in (await engine.search(HARBOUR)).hits]


async def filled(directory: Path) -> EmbeddedEngine:
    engine = await opened(directory)
    await engine.rebuild([*passages(1), *passages(2)], "state 1")
    return engine


async def test_what_was_built_added_and_removed_is_there_after_a_restart(tmp_path: Path) -> None:
    engine = await filled(tmp_path / "deep" / "index")
    await engine.add(passages(3), "state 2")
    await engine.remove([1], "state 3")
    await engine.close()
    again = await opened(tmp_path / "deep" / "index")
    assert again.fingerprint == "state 3"
    assert await found(again) == await found(engine)
    assert {article for article, _ in await found(again)} == {2, 3}


async def test_a_change_whose_state_is_not_known_yet_is_not_kept(tmp_path: Path) -> None:
    engine = await filled(tmp_path)
    await engine.remove([1])
    assert (await opened(tmp_path)).fingerprint == "state 1"
    assert len(await found(await opened(tmp_path))) == 2
    await engine.add(passages(3), "state 2")
    assert {article for article, _ in await found(await opened(tmp_path))} == {2, 3}


@pytest.mark.skipif(not Path("/proc/self/smaps").exists(), reason="only Linux tells how much of a file is in memory")
async def test_many_questions_are_answered_alike_without_keeping_the_file_in_memory(tmp_path: Path) -> None:
    await (await filled(tmp_path)).close()
    engine = await opened(tmp_path)
    first = await found(engine)
    assert first
    for _ in range(segment._RESTS - 1):
        assert resident(tmp_path) > 0
        assert await found(engine) == first
    assert resident(tmp_path) == 0


def resident(directory: Path) -> int:
    """KiB of the directory's files that are mapped into this process's memory."""
    kept, total = False, 0
    for line in Path("/proc/self/smaps").read_text().splitlines():
        if "-" in line.split()[0]:
            kept = str(directory) in line
        elif kept and line.startswith("Rss:"):
            total += int(line.split()[1])
    return total


async def test_many_additions_leave_few_files(tmp_path: Path) -> None:
    engine = await filled(tmp_path)
    for number in range(3, 40):
        await engine.add(passages(number), f"state {number}")
    await engine.close()
    assert len(list(_files(tmp_path))) <= 4
    assert len((await engine.search(HARBOUR, 100)).hits) == 39


def _files(directory: Path) -> list[Path]:
    return sorted(directory.glob("segment-*"))


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def _age(path: Path) -> None:
    body = json.loads(path.read_text())
    body["content"]["stamp"]["analysis"] -= 1
    body["checksum"] = store._checksum(body["content"])
    path.write_text(json.dumps(body))


@pytest.mark.parametrize("harm", [_flip, _cut, Path.unlink, lambda path: path.write_bytes(b"")])
@pytest.mark.parametrize("name", ["current.json", "segment-*"])
async def test_a_damaged_index_is_told_and_can_be_built_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, harm: Callable[[Path], None], name: str
) -> None:
    await (await filled(tmp_path)).close()
    harm(next(tmp_path.glob(name)))  # noqa: ASYNC240  # nothing else runs
    engine = await opened(tmp_path)
    assert engine.fingerprint == ""
    assert await found(engine) == []
    assert ("has to be built" in caplog.text) == (tmp_path / "current.json").exists()  # without it: the first start
    await engine.rebuild(passages(1), "state 2")
    assert (await opened(tmp_path)).fingerprint == "state 2"
    assert len(_files(tmp_path)) == 1


@pytest.mark.parametrize("content", [b"[]", b"{}", b"\xff", b'{"content": 1, "checksum": 2}'])
async def test_a_foreign_file_in_its_place_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "current.json").write_bytes(content)
    assert (await opened(tmp_path)).fingerprint == ""


async def test_an_index_of_another_analysis_is_not_used(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    await filled(tmp_path)
    _age(tmp_path / "current.json")
    assert (await opened(tmp_path)).fingerprint == ""
    assert "another version" in caplog.text


@pytest.mark.parametrize("step", ["write", "seal", "_replace"])
async def test_a_crash_at_any_step_leaves_the_old_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    engine = await filled(tmp_path)
    before = await found(engine)

    def crash(*_: object) -> None:
        raise OSError("no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(store.Store if step == "_replace" else store, step, crash)
        with pytest.raises(OSError, match="no space"):
            await engine.add(passages(3), "state 2")
    assert await found(engine) == before
    again = await opened(tmp_path)
    assert again.fingerprint == "state 1"
    assert await found(again) == before


async def test_searches_during_changes_see_one_state_or_the_other(tmp_path: Path) -> None:
    engine = await filled(tmp_path)
    whole = [set(range(1, 1 + count)) for count in range(2, 12)]

    async def change() -> None:
        for number in range(3, 12):
            await engine.add(passages(number), f"state {number}")

    changing = asyncio.create_task(change())
    while not changing.done():
        assert {hit.article_id for hit in (await engine.search(HARBOUR, 50)).hits} in whole
    await changing
    await engine.close()


def test_text_that_is_no_unicode_is_stored() -> None:
    starts, text = segment.pack(["a\ud800", ""])
    assert (starts.tolist(), len(text)) == ([0, 4, 4], 4)


async def test_merging_behind_keeps_what_changed_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "_AT_ONCE", 0)
    engine = await filled(tmp_path)
    merging, go = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def slow_merge(*arguments: Any) -> Any:
        loop.call_soon_threadsafe(merging.set)
        go.wait(10)
        return merge(*arguments)

    monkeypatch.setattr(embedded, "merge", slow_merge)
    await engine.add(passages(3), "state 2")
    await merging.wait()
    await engine.remove([1], "state 3")
    await engine.add(passages(4), "state 4")
    go.set()
    if engine._merging:
        await engine._merging
    assert {article for article, _ in await found(engine)} == {2, 3, 4}
    await engine.close()
    assert {article for article, _ in await found(await opened(tmp_path))} == {2, 3, 4}
    assert len(_files(tmp_path)) == 1


async def test_closing_ends_a_merger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "_AT_ONCE", 0)
    engine = await filled(tmp_path)
    await engine.add(passages(3), "state 2")
    engine._closing.set()
    await engine.close()
    assert {article for article, _ in await found(await opened(tmp_path))} == {1, 2, 3}


async def test_made_ready_for_many_questions_it_is_one_part_that_answers_as_before(tmp_path: Path) -> None:
    engine = await opened(tmp_path)
    await engine.rebuild([one for number in range(10) for one in passages(number)], "state 1")
    await engine.add(passages(10), "state 2")
    before = await found(engine)
    assert len(engine.index.parts) == 2
    await engine.warm_up()
    assert len(engine.index.parts) == 1
    assert await found(engine) == before
    await engine.close()
    again = await opened(tmp_path)
    assert (again.fingerprint, len(again.index.parts)) == ("state 2", 1)
    assert await found(again) == before
