"""The program with a search engine elsewhere: brought in line with the database, missed when it is away."""

from __future__ import annotations

import logging
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from milvus_lite.server_manager import server_manager_instance

from bot import indexing
from bot.cli import run
from bot.logs import secret_texts
from bot.services import Services, open_services
from bot.settings import Secret, Settings, search_place

NEWS = {
    "ferry": "“The ferry to Velm sails again,” Mayor Ada Berg said.",
    "herring": "“No herring was landed,” Minister Marta Veldhuis said.",
    "bridge": "“The bridge opens in spring,” Engineer Jon Aas said.",
}


def write(folder: Path, **texts: str) -> None:
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(f"Plan for the {name}\n\nPORT ELSA, March 3, 2024. /NNA/. {text}\n")


@pytest.fixture
async def settings(tmp_path: Path) -> AsyncIterator[Settings]:
    write(tmp_path / "news", **NEWS)
    yield Settings(
        database_url=Secret(f"sqlite:///{tmp_path}/quotewire.db"),
        index_dir=tmp_path / "index",
        search_url=Secret(str(tmp_path / "milvus.db")),
        sources=(str(tmp_path / "news"),),
    )
    server_manager_instance.release_server(str(tmp_path / "milvus.db"))


async def said(services: Services, matter: str) -> list[str]:
    answer = await services.ask(f"What was said about the {matter}?")
    return [quote.text for quote in answer.quotes]


async def held(services: Services) -> list[int]:
    """How many articles each index has; the last is the engine elsewhere."""
    return [(await index.stats()).articles for index in services.engine.indexes]


async def test_articles_are_found_in_the_engine_and_followed_there(settings: Settings, tmp_path: Path) -> None:
    async with open_services(settings) as services:
        await services.load()
        assert await said(services, "ferry") == ["The ferry to Velm sails again,"]
        assert await held(services) == [3, 3]
        write(tmp_path / "news", ferry="“The ferry to Velm is lost,” Mayor Ada Berg said.")
        (tmp_path / "news/bridge.txt").unlink()
        await services.load()
        assert await said(services, "ferry") == ["The ferry to Velm is lost,"]
        assert await held(services) == [2, 2]
        assert (await services.stats()).articles == (await services.engine.stats()).articles == 2


async def test_what_another_process_fills_is_only_looked_at(settings: Settings, tmp_path: Path) -> None:
    others = Settings(database_url=settings.database_url, index_dir=tmp_path / "other", sources=settings.sources)
    async with open_services(settings) as services, open_services(others) as another:
        await services.load()
        write(tmp_path / "news", tunnel="“The tunnel leaks,” Engineer Jon Aas said.")
        await another.load()
        await services.refresh(others=False)
        assert await held(services) == [4, 3]
        await services.refresh(whole=True)
        assert await held(services) == [4, 4]


async def test_after_a_restart_only_what_changed_goes_to_the_engine(
    settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with open_services(settings) as services:
        await services.load()
    others = Settings(database_url=settings.database_url, index_dir=tmp_path / "other", sources=settings.sources)
    write(tmp_path / "news", tunnel="“The tunnel leaks,” Engineer Jon Aas said.")
    async with open_services(others) as another:
        await another.load()
    assert "anew" in caplog.text
    caplog.clear()

    async with open_services(settings) as services:
        assert await held(services) == [4, 4]
        assert await said(services, "tunnel") == ["The tunnel leaks,"]
    assert "anew" not in caplog.text


async def test_the_engine_is_built_anew_for_another_database(settings: Settings, tmp_path: Path) -> None:
    async with open_services(settings) as services:
        await services.load()
    (tmp_path / "quotewire.db").unlink()
    (tmp_path / "news/ferry.txt").unlink()

    async with open_services(settings) as services:
        await services.load()
        assert await held(services) == [2, 2]
        assert await said(services, "ferry") == []


async def test_here_only_the_newest_articles_are_kept_and_the_engine_has_all(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "NEWEST", 1)
    async with open_services(settings) as services:
        await services.load()
        assert await held(services) == [1, 3]
        for matter in NEWS:
            assert len(await said(services, matter)) == 1
        for name in ("tunnel", "quay"):
            write(tmp_path / "news", **{name: f"“The {name} leaks,” Engineer Jon Aas said."})
            await services.load()
        assert await held(services) == [1, 5]
        assert len(await said(services, "ferry")) == 1


async def test_without_the_engine_the_newest_articles_answer_and_nothing_fails(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    address = "http://operator:hunter2pass@127.0.0.1:1"
    settings = Settings(
        database_url=settings.database_url,
        index_dir=settings.index_dir,
        search_url=Secret(address),
        sources=settings.sources,
    )
    async with open_services(settings) as services:
        assert (await services.load()).added == 3
        assert await said(services, "ferry") == ["The ferry to Velm sails again,"]
        assert (await services.engine.stats()).articles == 3

    told = [record for record in caplog.records if record.name == "bot.indexing"]
    assert told
    assert all("http://127.0.0.1:1 does not answer" in record.getMessage() for record in told)
    assert "hunter2pass" not in caplog.text
    assert not any(record.exc_info for record in caplog.records)


async def test_what_is_built_in_the_engine_does_not_keep_readers_waiting(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "_A_MOMENT_S", 0.0)
    async with open_services(settings) as services:
        await services.refresh()
        await services.polling.load()
        await services.refresh()
        assert await said(services, "ferry") == ["The ferry to Velm sails again,"]
        await services.refresh(whole=True)
        assert await held(services) == [3, 3]


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("http://127.0.0.1:19530", ("http://127.0.0.1:19530", "", "")),
        ("https://m.example.org", ("https://m.example.org", "", "")),
        ("http://root:p%40ss@m.example.org:19530/news", ("http://m.example.org:19530", "root:p@ss", "news")),
        ("https://token123@[::1]:443", ("https://[::1]:443", "token123", "")),
        ("data/milvus.db", ("data/milvus.db", "", "")),
    ],
)
def test_an_address_says_where_and_who(address: str, place: tuple[str, str, str]) -> None:
    assert search_place(address) == place


@pytest.mark.parametrize(
    "address",
    [
        "",
        "m.example.org:19530",
        "http://",
        "ftp://u:hunter2pass@m",
        "http://u:hunter2pass@m:99999999",
        "http://u:hunter2pass@m:port",
        "http://[::1",
        "tcp://u:hunter2pass@m/x.db",
    ],
)
def test_what_is_no_address_is_refused_and_not_repeated(address: str) -> None:
    with pytest.raises(ValueError, match="such as http://host:19530") as told:
        search_place(address)

    assert "hunter2pass" not in str(told.value)
    assert told.value.__suppress_context__ or told.value.__context__ is None


def test_an_address_that_is_none_is_told_in_one_line_without_its_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    assert run(["stats"], {"SEARCH_URL": "milvus://root:hunter2pass@host"}) == 2

    assert capsys.readouterr().err.splitlines() == [
        "quotewire: SEARCH_URL must be the address of a Milvus server, such as http://host:19530, or a file name in .db"
    ]


def test_what_the_engine_needs_and_is_not_installed_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "pymilvus", None)

    assert run(["stats"], {"SEARCH_URL": "http://root:hunter2pass@host:19530", "SOURCES": ""}) == 2

    (line,) = capsys.readouterr().err.splitlines()
    assert "pymilvus" in line
    assert "hunter2pass" not in line


@pytest.mark.parametrize(
    ("address", "secret"), [("http://root:p%40ssword@m:1", "p@ssword"), ("https://tokentoken@m", "tokentoken")]
)
def test_the_password_or_token_in_the_address_is_starred_in_logs(address: str, secret: str) -> None:
    settings = Settings.read({"SEARCH_URL": address})

    assert secret in secret_texts(settings)
    assert secret not in repr(settings)
    assert not Settings.read({"SEARCH_URL": ""}).search_url
