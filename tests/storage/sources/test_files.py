"""Files, folders and globs: every good article is served, every bad one is named."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pytest

from retrieval.types import Paragraph
from storage.exceptions import SourceError
from storage.sources import Item, read_source
from storage.sources.files import documents_from_bytes


def names(folder: Path, items: list[Item]) -> list[tuple[str, str | None]]:
    return [(item.key.removeprefix(f"{folder}/"), item.reason) for item in items]


def test_a_folder_gives_its_files_and_those_below_it_by_name(tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_text("Second.")
    (tmp_path / "a.md").write_text("First.")
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "c.HTML").write_text("<p>Third, and a little longer.</p>")
    (tmp_path / "notes.pdf").write_text("not ours")
    (tmp_path / ".hidden.txt").write_text("not ours")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "x.txt").write_text("not ours")
    found = list(read_source(str(tmp_path)))
    assert names(tmp_path, found) == [("a.md", None), ("b.txt", None), ("deep/er/c.HTML", None)]
    assert found[0].document is not None
    assert found[0].document.text == "First."


def test_the_same_file_has_the_same_key_alone_in_a_folder_and_by_a_glob(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.txt").write_text("First.")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    keys = {item.key for address in (".", "a.txt", "./*.txt", "~/a.txt", "**/*.txt") for item in read_source(address)}
    assert keys == {str(tmp_path / "a.txt")}


@pytest.mark.parametrize("address", ["missing.txt", "missing/", "*.nothing", "notes.pdf"])
def test_what_is_not_there_or_not_ours_is_one_line(tmp_path: Path, address: str) -> None:
    (tmp_path / "notes.pdf").write_text("x")
    with pytest.raises(SourceError) as error:
        list(read_source(str(tmp_path / address)))
    assert address.strip("/") in str(error.value)
    assert "\n" not in str(error.value)


def test_an_address_of_no_kind_is_refused() -> None:
    with pytest.raises(SourceError):
        list(read_source("gopher://example.org/1"))


def test_one_bad_file_does_not_stop_the_others(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Good.")
    (tmp_path / "b.txt").write_bytes(b"")
    (tmp_path / "c.txt").write_bytes(b"NUL \0 here")
    (tmp_path / "d.txt").write_bytes("Caf\xe9 de la Mer".encode("latin-1"))
    (tmp_path / "e.txt").write_text("---\ntitle: [\n---\nText.")
    (tmp_path / "f.html").write_text("<html><body></body></html>")
    (tmp_path / "g.jsonl").write_text('{"text": "Good."}\n{"text": "cut')
    os.mkfifo(tmp_path / "h.txt")
    (tmp_path / "i.txt").write_text("Good.")
    with (tmp_path / "j.txt").open("wb") as large:
        large.truncate(64 * 2**20 + 1)
    with (tmp_path / "k.jsonl").open("wb") as large:
        large.truncate(64 * 2**20 + 1)
    found = dict(names(tmp_path, list(read_source(str(tmp_path)))))
    assert [name for name, reason in found.items() if reason is None] == ["a.txt", "g.jsonl#1", "i.txt"]
    assert found["b.txt"] == "is empty"
    assert found["c.txt"] == "has NUL bytes: not a text file"
    assert found["d.txt"] == "is not UTF-8 (byte 4), and not Windows-1251 either"
    assert "front matter" in str(found["e.txt"])
    assert found["f.html"] == "has no text to read"
    assert "line 2 is not JSON" in str(found["g.jsonl#2"])
    assert found["h.txt"] == "is not a regular file"
    assert found["j.txt"] == found["k.jsonl"] == "is larger than 64 MiB"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Text.")
    (tmp_path / "a.txt").chmod(0)
    assert names(tmp_path, list(read_source(str(tmp_path)))) == [("a.txt", "cannot be read: Permission denied")]


def test_links_out_of_the_folder_in_a_circle_and_to_nothing_are_rejected_and_named(tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.txt").write_text("Inside.")
    (tmp_path / "secret.txt").write_text("Outside.")
    (tmp_path / "elsewhere").mkdir()
    (folder / "deep" / "out.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "outside").symlink_to(tmp_path / "elsewhere")
    (folder / "deep" / "up").symlink_to(folder)
    (folder / "self.txt").symlink_to(folder / "self.txt")
    (folder / "gone.txt").symlink_to(folder / "nothing.txt")
    (folder / "again.txt").symlink_to(folder / "a.txt")
    assert dict(names(folder, list(read_source(str(folder))))) == {
        "a.txt": None,
        "deep/out.txt": "is a link that leads out of the folder",
        "outside": "is a link that leads out of the folder",
        "deep/up": "is a link in a circle",
        "self.txt": "is a link in a circle",
        "gone.txt": "is a link to nothing",
    }


def test_a_link_to_a_hidden_file_inside_is_read_and_the_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    folder = tmp_path / "real"
    (folder / ".data").mkdir(parents=True)
    (folder / ".data" / "a.txt").write_text("Inside.")
    (folder / "a.txt").symlink_to(folder / ".data" / "a.txt")
    (tmp_path / "articles").symlink_to(folder)
    assert names(tmp_path / "articles", list(read_source(str(tmp_path / "articles")))) == [("a.txt", None)]


def test_front_matter_gives_the_articles_keys(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(
        "\ufeff---\nid: 17\ntitle: Herring\ndate: 2024-03-12\nsource: NORD\nsection: Fish\nurl: https://x.example/1\n"
        "language: en\nextra: [1]\n---\n\nThe talks began.\n\n---\n\nThey go on.\n"
    )
    (item,) = read_source(str(tmp_path / "a.txt"))
    document = item.document
    assert document is not None
    assert (document.external_id, document.title, document.source, document.section) == (
        "17",
        "Herring",
        "NORD",
        "Fish",
    )
    assert (document.dates, document.url, document.language) == (
        {"front matter": "2024-03-12"},
        "https://x.example/1",
        "en",
    )
    assert document.text is not None
    assert document.text.strip() == "The talks began.\n\n---\n\nThey go on."


def test_items_come_from_bytes_alone() -> None:
    lines = b'{"id": "x", "text": "One."}\n{"paragraphs": ["Two.", {"text": "Three.", "heading": "H"}]}\n'
    found = list(documents_from_bytes("feed.jsonl", lines))
    assert [item.key for item in found] == ["feed.jsonl#x", "feed.jsonl#2"]
    assert found[1].document is not None
    assert found[1].document.paragraphs == ("Two.", Paragraph("Three.", "H"))
    (packed,) = documents_from_bytes("feed.jsonl.gz", gzip.compress(json.dumps({"text": "One."}).encode()))
    assert packed.document is not None
    (russian,) = documents_from_bytes("a.txt", "«Будет так», — сказал он.".encode("cp1251"))
    assert russian.document is not None
    assert russian.document.text == "«Будет так», — сказал он."
