"""The command line, as a user of it sees it: what it prints, and its exit status."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.cli import run

DISPATCH = """Minister says herring quota stays – Economy

PORT ELSA, March 3. /NNA/. The herring quota will not change, Fisheries Minister Marta Veldhuis said on Tuesday.

“We will not trade the herring for votes,” Veldhuis told reporters.

Harbour works

The new pier is to be finished in autumn.

Source link
"""

Cli = Callable[..., tuple[int, str, str]]


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Runs a command in an empty folder with its own database; gives exit status, output, errors."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str, **environment: str) -> tuple[int, str, str]:
        status = run(arguments, {"SOURCES": "", **environment})
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call


@pytest.fixture
def loaded(cli: Cli, tmp_path: Path) -> Cli:
    (tmp_path / "dispatch.txt").write_text(DISPATCH, encoding="utf-8")
    assert cli("load", "dispatch.txt")[0] == 0
    return cli


def lines(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


def test_a_question_gets_a_verbatim_quote_with_speaker_and_date(loaded: Cli):
    status, out, _ = loaded("ask", "What did Veldhuis say about herring and votes?", "--json")

    (answer,) = lines(out)
    quote = answer["quotes"][0]
    paragraph = quote["paragraph"]
    assert status == 0
    assert answer["answered"] is True
    assert quote["quote"] == "We will not trade the herring for votes,"
    assert quote["quote"] == paragraph["text"][paragraph["start"] : paragraph["end"]]
    assert quote["speaker"]["name"] == "Marta Veldhuis"
    assert quote["article"]["date"] == "XXXX-03-03"
    assert quote["article"]["title"] == "Minister says herring quota stays"


def test_a_question_nothing_answers_gets_none_and_says_so(loaded: Cli):
    status, out, _ = loaded("ask", "Who won the football match?", "--json")
    assert (status, lines(out)[0]["answered"], lines(out)[0]["quotes"]) == (0, False, [])

    status, out, _ = loaded("ask", "Who won the football match?")
    assert status == 0
    assert "Nothing in the articles answers that." in out


def test_an_empty_database_says_that_nothing_is_loaded(cli: Cli):
    status, out, _ = cli("ask", "Anything new?")

    assert status == 0
    assert "Nothing is loaded yet" in out


def test_batch_answers_keep_the_order_and_the_ids(loaded: Cli, tmp_path: Path):
    questions = [{"id": "b", "question": "herring quota"}, {"id": 1, "question": "zeppelin race", "type": "x"}]
    (tmp_path / "q.jsonl").write_text("\n".join(map(json.dumps, questions)) + "\n\n", encoding="utf-8")

    _, asked, _ = loaded("ask", "--batch", "q.jsonl", "--json")
    _, searched, _ = loaded("search", "--batch", "q.jsonl", "--json")

    assert [line["id"] for line in lines(asked)] == ["b", 1]
    assert [line["id"] for line in lines(searched)] == ["b", 1]
    assert lines(searched)[0]["hits"][0]["paragraph"] == 0
    assert lines(searched)[1]["hits"] == []


def test_search_explains_every_number_of_a_score(loaded: Cli):
    _, out, _ = loaded("search", "herring quota", "--json", "--explain")

    hit = lines(out)[0]["hits"][0]
    assert hit["parts"]
    assert hit["article"] == {"id": 1, "external_id": None}


def test_a_limit_by_speaker_and_date_excludes_what_does_not_fit(loaded: Cli):
    by_other = lines(loaded("ask", "herring votes", "--speaker", "Ingrid Solheim", "--json")[1])[0]
    in_june = lines(loaded("search", "herring", "--since", "2021-06", "--json")[1])[0]

    assert not by_other["answered"]
    assert in_june["hits"] == []


def test_loading_twice_changes_nothing(loaded: Cli):
    status, out, _ = loaded("load", "dispatch.txt", "--json")

    assert status == 0
    assert lines(out) == [{"added": 0, "updated": 0, "unchanged": 1, "removed": 0, "rejected": []}]


def test_a_bad_article_does_not_stop_the_others(cli: Cli, tmp_path: Path):
    (tmp_path / "a.jsonl").write_text('{"text": "One good paragraph about trams."}\n{"text": \n{"title": "x"}\n')

    status, out, _ = cli("load", "a.jsonl", "--json")

    report = lines(out)[0]
    assert status == 0
    assert report["added"] == 1
    assert len(report["rejected"]) == 2
    assert all(item["reason"] for item in report["rejected"])


def test_loading_what_is_not_there_exits_1_with_the_reason(cli: Cli):
    status, out, err = cli("load", "no/such/folder")

    assert status == 1
    assert "no/such/folder" in err
    assert "Traceback" not in out + err


def test_parse_shows_what_is_understood_without_storing_it(cli: Cli, tmp_path: Path):
    (tmp_path / "dispatch.txt").write_text(DISPATCH, encoding="utf-8")

    status, out, _ = cli("parse", "dispatch.txt", "--json")
    (article,) = lines(out)

    assert status == 0
    assert article["dateline"] == {"place": "PORT ELSA", "date": "XXXX-03-03", "agency": "NNA"}
    assert article["section"] == "Economy"
    assert [p["heading"] for p in article["paragraphs"]] == [None, None, "Harbour works"]
    for quote in article["quotes"]:
        text = article["title"] if quote["paragraph"] is None else article["paragraphs"][quote["paragraph"]]["text"]
        assert text[quote["start"] : quote["end"]] == quote["text"]
    assert lines(cli("stats", "--json")[1])[0]["articles"] == 0
    assert "Veldhuis" in cli("parse", "dispatch.txt")[1]


@pytest.mark.parametrize(
    ("arguments", "environment", "names"),
    [
        (["ask", "x", "--since", "someday"], {}, "since"),
        (["ask", "x", "--now", "2021-12"], {}, "now"),
        (["ask"], {}, "QUESTION"),
        (["ask", "--batch", "none.jsonl", "--json"], {}, "none.jsonl"),
        (["parse", "none.txt"], {}, "none.txt"),
        (["stats"], {"DATABASE_URL": "mysql://root:hunter2@db/x"}, "DATABASE_URL"),
        (["stats"], {"ADMIN_IDS": "me"}, "ADMIN_IDS"),
        (["stats"], {"DATABASE_URL": "postgresql+asyncpg://me:hunter2@127.0.0.1:1/x"}, "127.0.0.1"),
    ],
)
def test_what_a_user_can_mend_is_one_line_and_exit_status_2(
    cli: Cli, arguments: list[str], environment: dict[str, str], names: str
):
    status, out, err = cli(*arguments, **environment)

    assert status == 2
    assert out == ""
    assert len(err.strip().splitlines()) == 1
    assert names in err
    assert "hunter2" not in err


def test_a_batch_line_that_is_no_question_is_named_by_its_number(loaded: Cli, tmp_path: Path):
    (tmp_path / "q.jsonl").write_text('{"id": 1, "question": "herring"}\n{"id": 2}\n')

    status, _, err = loaded("ask", "--batch", "q.jsonl", "--json")

    assert status == 2
    assert "line 2" in err


def test_the_chat_answers_each_line_of_a_pipe_and_ends_with_the_input(loaded: Cli, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("What did Veldhuis say about herring?\n\n/latest\n/help\n/nonsense\n"))

    status, out, _ = loaded("chat")

    assert status == 0
    assert "herring for votes" in out
    assert "Minister says herring quota stays" in out
    assert "\x1b" not in out


def test_the_chat_shows_many_quotes_of_a_speaker_whole(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    said = [f"Pier {n} is closed{', and the next one too' * 20}." for n in range(15)]
    paragraphs = "\n\n".join(f"“{words}” Minister Marta Veldhuis said." for words in said)
    (tmp_path / "piers.txt").write_text(f"The piers of Port Elsa are closed.\n\n{paragraphs}\n", encoding="utf-8")
    assert cli("load", "piers.txt")[0] == 0
    monkeypatch.setattr("sys.stdin", io.StringIO("/speaker Veldhuis\n"))
    _, out, _ = cli("chat")
    assert [words for words in said if words not in out] == []


def test_run_without_a_token_loads_the_sources_and_chats(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "dispatch.txt").write_text(DISPATCH, encoding="utf-8")
    monkeypatch.setattr("sys.stdin", io.StringIO("herring quota\n"))

    status, out, _ = cli("run", SOURCES="news", TELEGRAM_BOT_TOKEN="")

    assert status == 0
    assert "1 added" in out
    assert "herring quota will not change" in out
