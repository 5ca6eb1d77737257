"""Callback data and deep links: short enough, and hostile ones lead nowhere."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.links import Link, question_payload, read_data, read_payload, read_question, share_url

NUMBERS = st.lists(st.integers(0, 2**62), min_size=1, max_size=4).map(tuple)


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(["context", "article", "speakers", "anydate"]), NUMBERS)
def test_a_link_comes_back_from_its_text(name: str, numbers: tuple[int, ...]) -> None:
    link = Link(name, numbers)

    assert read_data(link.data) == link
    assert read_payload(link.payload) == link
    assert len(link.data.encode()) <= 64
    assert re.fullmatch(r"[\w-]{1,64}", link.payload, re.ASCII)


@settings(max_examples=50, deadline=None)
@given(st.text())
def test_what_we_never_wrote_leads_nowhere_or_to_small_numbers(text: str) -> None:
    for link in (read_data(text), read_payload(text)):
        assert link is None or max(link.numbers, default=0) < 2**63
    read_question(text)


@pytest.mark.parametrize("question", ["What did Orlik say?", "Что сказал Орлик?", "?"])
def test_a_question_comes_back_from_its_deep_link(question: str) -> None:
    payload = question_payload(question)

    assert payload
    assert re.fullmatch(r"[\w-]{1,64}", payload, re.ASCII)
    assert read_question(payload) == question
    assert read_payload(payload) is None


def test_a_long_question_has_no_deep_link() -> None:
    assert question_payload("x" * 60) is None
    assert read_question("Q" + "x" * 5) is None


def test_a_deep_link_to_a_quote_is_short_enough_at_its_longest() -> None:
    link = Link("quote", (2**31 - 1, 99_999, 999_999, 999_999, 2**32 - 1))

    assert read_payload(link.payload) == link
    assert len(link.payload) <= 64


def test_an_address_to_share_holds_the_deep_link():
    shared = parse_qs(urlsplit(share_url("quotewire_bot", Link("article", (2**31 - 1,)))).query)["url"]
    payload = parse_qs(urlsplit(shared[0]).query)["start"][0]

    assert shared[0].startswith("https://t.me/quotewire_bot?")
    assert read_payload(payload) == Link("article", (2**31 - 1,))
