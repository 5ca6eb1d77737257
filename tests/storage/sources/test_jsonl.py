"""JSON lines: streamed, each bad line named, no bomb unpacked."""

from __future__ import annotations

import gzip
import io
import json
import tracemalloc
import zlib

import pytest

from storage.sources.items import Item
from storage.sources.jsonl import MAX_LINE, read_lines


def read(data: bytes, name: str = "x.jsonl") -> list[Item]:
    return list(read_lines(name, io.BytesIO(data), len(data)))


def test_the_keys_of_the_contract_are_read_and_others_ignored() -> None:
    record = {
        "id": 7,
        "title": "T",
        "text": "Text.",
        "date": "2024-03-12",
        "source": "NORD",
        "url": "u",
        "section": "S",
    }
    (item,) = read(json.dumps(record | {"language": "en", "authors": [1], "evidence_only": True}).encode())
    assert item.key == "x.jsonl#7"
    document = item.document
    assert document is not None
    assert (document.external_id, document.title, document.text, document.dates) == (
        "7",
        "T",
        "Text.",
        {"data": "2024-03-12"},
    )
    assert (document.source, document.url, document.section, document.language) == ("NORD", "u", "S", "en")


def test_empty_values_are_no_values() -> None:
    (item,) = read(b'{"id": "", "title": null, "text": "Text.", "date": "", "url": ""}')
    assert item.document is not None
    assert (item.document.external_id, item.document.title, item.document.url, item.document.dates) == (
        None,
        None,
        None,
        {},
    )


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"text": "cut', "line 2 is not JSON"),
        (b"[1, 2]", "line 2 is not a JSON object"),
        (b"{}", 'line 2 has neither "text" nor "paragraphs"'),
        (b'{"text": ["a"]}', 'line 2 "text" must be text, not list'),
        (b'{"text": 5}', 'line 2 "text" must be text, not int'),
        (b'{"text": "a", "title": {"a": 1}}', 'line 2 "title" must be text, not dict'),
        (b'{"paragraphs": "a"}', 'line 2 "paragraphs" must be a list of texts'),
        (b'{"paragraphs": [1]}', 'line 2 "paragraphs" must be a list of texts'),
        (b'{"text": "\xff"}', "line 2 is not UTF-8"),
        (b'{"text": ' + b"[" * 100_000, "line 2 is nested too deeply"),
        (b'{"text": "' + b"a" * MAX_LINE + b'"}', "line 2 is longer than 8 MiB"),
        (b'{"id": ' + b"1" * 5000 + b', "text": "a"}', "line 2"),
    ],
    ids=range(12),
)
def test_a_bad_line_is_named_and_the_others_are_read(line: bytes, reason: str) -> None:
    found = read(b'\xef\xbb\xbf{"text": "One."}\n' + line + b'\n\n{"text": "Three."}')
    assert [item.key for item in found] == ["x.jsonl#1", "x.jsonl#2", "x.jsonl#4"]
    assert [item.document is None for item in found] == [False, True, False]
    assert str(found[1].reason).startswith(reason)
    assert "\n" not in str(found[1].reason)


def test_an_id_or_an_address_outlives_lines_added_above() -> None:
    found = read(
        b'{"text": "new"}\n{"id": "a", "text": "x"}\n{"url": "http://u/1", "text": "y"}\n{"id": "a", "text": "z"}'
    )
    assert [item.key for item in found] == ["x.jsonl#1", "x.jsonl#a", "x.jsonl#http://u/1", "x.jsonl#4"]


def test_a_damaged_archive_gives_what_comes_before_the_damage() -> None:
    lines = b"".join(json.dumps({"id": str(n), "text": f"Text {n} {n * 7919}."}).encode() + b"\n" for n in range(2000))
    packed = gzip.compress(lines)
    found = read(packed[: len(packed) // 2], "x.jsonl.gz")
    assert found[0].key == "x.jsonl.gz#0"
    assert len(found) > 100
    assert found[-1].reason == "is cut short or damaged; the articles before the damage were read"
    assert read(b"no archive", "x.jsonl.gz")[-1].reason is not None
    assert read(packed[:40] + b"\xff" * 100, "x.jsonl.gz")[-1].reason is not None


def test_a_file_of_nothing_but_bad_lines_is_given_up() -> None:
    found = read(b"name,text\n" * 1000)
    assert len(found) == 101
    assert found[-1] == Item("x.jsonl", reason="has 100 bad lines and no good one; not read further")


def bomb(line: bytes, times: int) -> bytes:
    packer = zlib.compressobj(wbits=31)
    return b"".join(packer.compress(line) for _ in range(times)) + packer.flush()


@pytest.mark.parametrize("line", [b" " * 2**20, b"\n" * 2**20], ids=["one line", "empty lines"])
def test_a_bomb_is_not_unpacked(line: bytes) -> None:
    data = bomb(line, 70)  # 70 MiB in 70 kB
    tracemalloc.start()
    found = read(data, "x.jsonl.gz")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [item.reason for item in found] == ["unpacks to more than 200 times its size; not read further"]
    assert peak < 40 * 2**20


def test_a_long_file_is_read_an_article_at_a_time() -> None:
    line = json.dumps({"text": "The talks go on. " * 500}).encode() + b"\n"
    data = line * 3000  # 25 MB
    tracemalloc.start()
    count = sum(item.document is not None for item in read_lines("x.jsonl", io.BytesIO(data), len(data)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 3000
    assert peak < 8 * 2**20
