"""Front matter between two lines of hyphens, and what only looks like it."""

from __future__ import annotations

import pytest

from storage.sources.frontmatter import split_front_matter


def test_keys_and_text_are_parted() -> None:
    keys, text = split_front_matter("---\r\nTitle: Herring\r\ndate: 2024-03-12\r\n---\r\nText.")
    assert keys == {"title": "Herring", "date": "2024-03-12"}
    assert text == "Text."


@pytest.mark.parametrize(
    "text",
    [
        "Text.\n---\ntitle: no\n---\n",
        "---\nA line between two rules\n---\nText.",
        "---\n---\nText.",
        "---\ntitle: never closed\nText.",
        "---\n" + "a line of text\n" * 2000 + "---\n",
        "-----\ntitle: no\n---\nText.",
    ],
)
def test_a_text_that_begins_otherwise_is_left_alone(text: str) -> None:
    assert split_front_matter(text) == ({}, text)


@pytest.mark.parametrize(
    "yaml",
    [
        "title: Minister: no strike",
        "title: [",
        "date: 2024-02-31",
        "a: &a [x, x]\nb: &b [*a, *a]\nc: *b",
        "title: !!python/object/apply:os.system ['true']",
        "a: " + "[" * 5000,
        "\x01: x",
    ],
)
def test_broken_or_hostile_yaml_is_refused_in_one_line(yaml: str) -> None:
    with pytest.raises(ValueError, match="broken front matter") as error:
        split_front_matter(f"---\n{yaml}\n---\nText.")
    assert "\n" not in str(error.value)


def test_the_line_of_a_fault_is_that_of_the_file() -> None:
    with pytest.raises(ValueError, match="in line 3"):
        split_front_matter("---\ntitle: x\nsource: a: b\n---\nText.")
