"""The operators' part of the command line."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.bot.test_cli import DISPATCH, Cli
from tests.bot.test_cli import cli as cli


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "dispatch.txt").write_text(DISPATCH, encoding="utf-8")
    return tmp_path / "news"


def test_a_source_is_added_listed_and_removed_and_each_act_is_in_the_audit_log(cli: Cli, folder: Path):
    status, added, _ = cli("sources", "add", "news")
    _, listed, _ = cli("sources")
    _, removed, _ = cli("sources", "remove", "news")
    _, after, _ = cli("sources")
    _, log, _ = cli("audit")

    assert (status, added) == (0, "news: files, 1 articles; 1 added\n")
    assert listed.split()[:3] == ["well", "1", "articles"]
    assert listed.endswith(" news\n")
    assert "its articles stay" in removed
    assert after == ""
    assert [line.split("  ")[1:] for line in log.splitlines()] == [
        ["command line", "sources add", "news", "done"],
        ["command line", "sources remove", "news", "done"],
    ]
    assert cli("audit", "--limit", "1")[1] == log.splitlines(keepends=True)[-1]


def test_what_is_no_source_is_not_added(cli: Cli):
    status, _, err = cli("sources", "add", "no/such/folder")

    assert status == 2
    assert err.splitlines()[-1].startswith("quotewire: no/such/folder: ")
    assert cli("sources")[1] == ""
    assert cli("sources", "remove", "elsewhere")[0] == 2
    assert cli("sources", "add")[0] == 2


def test_a_backup_is_restored_into_a_new_database_but_not_over_another(cli: Cli, folder: Path, tmp_path: Path):
    cli("load", "news")
    new = f"sqlite+aiosqlite:///{tmp_path}/new.db"

    assert cli("backup", "all.gz")[0] == 0
    assert cli("restore", "all.gz")[0] == 2
    status, restored, _ = cli("restore", "all.gz", DATABASE_URL=new)

    assert (status, "1 articles" in restored) == (0, True)
    before, after = (json.loads(cli("stats", "--json", **where)[1]) for where in ({}, {"DATABASE_URL": new}))
    assert before == after
    assert cli("restore", "none.gz", DATABASE_URL=new)[0] == 2


@pytest.mark.parametrize("damage", ["garbage", "cut off", "newer"])
def test_a_database_that_cannot_be_used_is_one_line_and_stays_as_it_is(
    cli: Cli, folder: Path, tmp_path: Path, damage: str
):
    file = tmp_path / "data/quotewire.db"
    cli("load", "news")
    if damage == "newer":
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
    else:
        file.write_bytes(b"not a database. " * 1000 if damage == "garbage" else file.read_bytes()[:10_000])
    before = file.read_bytes()

    for command in (["run"], ["stats"], ["backup", "all.gz"] if damage != "newer" else ["db", "upgrade"]):
        status, out, err = cli(*command)
        assert (status, out) == (2, "")
        assert err.startswith("quotewire: ")
        assert len(err.splitlines()) == 1
    assert file.read_bytes() == before


def test_a_damaged_index_is_built_again(cli: Cli, folder: Path, tmp_path: Path):
    cli("load", "news")
    for file in (tmp_path / "data/index").iterdir():
        file.write_bytes(b"garbage")

    assert "herring" in cli("ask", "What about the herring quota?")[1]
