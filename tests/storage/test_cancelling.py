from __future__ import annotations

import asyncio
import random

import pytest
from sqlalchemy import text

from storage.database import Database


async def test_a_task_that_is_cancelled_at_any_moment_leaves_the_database_free(database: Database) -> None:
    async def write() -> None:
        async with database.writing() as session:
            await session.execute(text("UPDATE state SET value = value WHERE name = 'change'"))
            await session.execute(text("SELECT * FROM state"))

    chance = random.Random(7)  # noqa: S311
    tasks = []  # kept, with their exceptions and all that those hold
    for _ in range(60):
        task = asyncio.create_task(write())
        tasks.append(task)
        await asyncio.sleep(chance.random() * 0.006)
        task.cancel()
        await asyncio.wait([task])
        async with asyncio.timeout(5):
            await write()
    if not any(task.cancelled() for task in tasks):
        pytest.skip("this machine is too quick to be interrupted")
