"""What is dropped, what is a headline or a subhead, and what must stay."""

from __future__ import annotations

import pytest

from retrieval.reading.cleaning import is_byline, is_headline, is_left_over, is_subhead, split, split_section


@pytest.mark.parametrize(
    "block",
    [
        "Source link",
        "Comments are closed.",
        "Comments (14)",
        "Read more…",
        "READ MORE: Ten questions about herring",
        "Read also: Port has a record year",
        "Share this",
        "Share this article on Facebook",
        "Advertisement",
        "Related:",
        "Related: How to dry a cellar",
        "More:Why the ferry is late",
        "Subscribe to our newsletter",
        "Subscribe to our newsletter and never miss a story.",
        "Stay informed: Sign up for the Daily Herring newsletter.",
        "Follow Nora Quist on Twitter @noraquist",
        "We use cookies to improve your experience.",
        "© 2024 Veldmark Observer",
        "All rights reserved.",
        "Tags: herring, quota",
        "* * *",
        "---",
        "Читайте также",
        "Читайте также: Паром пойдёт в мае",
        "Подписывайтесь на наш канал",
        "Подпишитесь на рассылку «Вечерний паром»",
        "Источник",
        "Источник: СЕВИНФОРМ",
        "Комментарии закрыты",
        "Реклама",
        "Подробнее…",
        "Нашли ошибку? Выделите её и нажмите Ctrl+Enter",
        "Share this article\nAdvertisement\n\nComments (14)",
    ],
)
def test_what_a_page_prints_around_an_article_is_a_left_over(block: str) -> None:
    assert is_left_over(block)


@pytest.mark.parametrize(
    "block",
    [
        "Advertisement spending fell by a fifth.",
        "Comments are closed, the moderator said.",
        "Read more books, the minister told pupils.",
        "Read more about the herring and less about me, she said.",
        "Related: the two Dahls are not.",
        "Source: nobody knows.",
        "Share this burden, he asked.",
        "“Subscribe to our newsletter,” the banner read.",
        "Sign up for the newsletter, the union leader told members.",
        "She subscribed to the newsletter.",
        "More: that was all she said.",
        "We use cookies in the kitchen too; they are baked by Agnes Holt." + " Truly." * 40,
        "Источник в администрации сообщил о переносе.",
        "Реклама подорожала на треть.",
        "Читайте также Чехова, посоветовал министр.",
        "Why?",
        "”",
        "Share this\nThe talks went on.",
    ],
)
def test_a_real_sentence_is_never_dropped(block: str) -> None:
    assert not is_left_over(block)


@pytest.mark.parametrize(
    "block", ["Two positions", "What next for the fleet", "NATO and Ukraine", "Что дальше", "## Costs"]
)
def test_a_few_set_off_words_are_a_subhead(block: str) -> None:
    assert is_subhead(block)


@pytest.mark.parametrize(
    "block",
    [
        "Nobody knows.",
        "Why?",
        "“We will not give up”",
        "— We will see",
        "- one more item",
        "VELDHUIS: We agreed to that",
        "He said NATO wants new members",
        "and so on",
        "the rest of it",
        "https://example.org/x",
        "Two\nlines",
        "A line that goes on and on with a great many words until nobody takes it for a subhead",
    ],
)
def test_sentences_pulls_items_and_turns_of_talk_are_no_subheads(block: str) -> None:
    assert not is_subhead(block)


def test_a_headline_is_a_line_that_ends_no_sentence() -> None:
    assert is_headline("Lake commissioner warns of ‘dry decade’")
    assert is_headline("Who pays for the herring?")
    assert is_headline("Herring talks move to the U.S.")
    assert not is_headline("The talks have ended.")
    assert not is_headline("“No one should doubt it,” he said.")
    assert not is_headline("He said:")
    assert not is_headline("One line\nand another")


@pytest.mark.parametrize(
    ("line", "title", "section"),
    [
        ("Talks on herring begin – Business & Economy", "Talks on herring begin", "Business & Economy"),
        ("Talks on herring begin — World", "Talks on herring begin", "World"),
        ("Talks on herring begin | Science and Space", "Talks on herring begin", "Science and Space"),
        ("Квоту сократят – Экономика", "Квоту сократят", "Экономика"),
        ("Talks – the long ones – begin - Society", "Talks – the long ones – begin", "Society"),
        ("We shall win this – Markova", "We shall win this – Markova", None),
        ("Перебоев не будет — Дроздов", "Перебоев не будет — Дроздов", None),
        ("Osthavn is a city of the world – an old one", "Osthavn is a city of the world – an old one", None),
        ("Society", "Society", None),
    ],
)
def test_a_section_is_printed_behind_the_title(line: str, title: str, section: str | None) -> None:
    assert split_section(line) == (title, section)


def test_a_byline_names_a_writer() -> None:
    assert is_byline("By Nora Quist")
    assert not is_byline("By Monday the river had fallen by half a metre in Grenau town")
    assert not is_byline("By then it was late.")


def test_blank_lines_part_blocks_and_line_breaks_do_only_where_there_are_none() -> None:
    assert split("\ufeffone\ntwo\n \nthree\r\n\r\nfour\n") == (["one\ntwo", "three", "four"], True)
    assert split(" one\r\ntwo\n") == (["one", "two"], False)
    assert split("\u2003\n") == ([], False)
