"""What is written of chats and bans is told to every program that listens."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from storage import bans, chats, chatstates, notices
from storage.database import Database
from storage.exceptions import DatabaseError
from tests.storage.conftest import NOW


async def test_whoever_writes_it_is_told(server_database: Database) -> None:
    url = server_database._url.render_as_string(hide_password=False)
    async with Database(url) as other, asyncio.timeout(20), notices.listen(server_database) as heard:
        async with other.writing() as session:
            await chats.set_language(session, 5, "ru")
        assert await heard.next() == {("chat", 5)}
        async with other.writing() as session:
            await chatstates.close(session, -6, "blocked", NOW)
            await bans.ban(session, 7, NOW)
        assert await heard.next() == {("chat", -6), ("ban", 7)}
        async with server_database.reading() as session:
            assert await chatstates.find_known(session, {5, -6, 8}) == ({5: "ru"}, {-6})
        async with server_database.writing() as session:
            await chats.forget(session, 5)
        assert await heard.next() == {("chat", 5)}


async def test_a_connection_that_is_gone_is_an_error_not_silence(
    server_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "_LOOK_S", 0.1)

    async def listen_while_the_server_ends_connections() -> None:
        others = "usename = current_user AND pid <> pg_backend_pid()"
        async with notices.listen(server_database) as heard:
            async with server_database.connection() as connection:
                await connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"))  # noqa: S608
            await heard.next()

    with pytest.raises((DatabaseError, TimeoutError)):
        await listen_while_the_server_ends_connections()
