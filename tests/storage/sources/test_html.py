"""HTML pages: the article's paragraphs under their subheads, what the page says about itself, nothing else."""

from __future__ import annotations

import pytest

from retrieval.types import Paragraph
from storage.sources.html import declared_charset, document_from_html

LONG = "The strike ended on Monday after three weeks of talks between the union and the ministry, Nora Quist said."
PAGE = f"""<html><head><title>Strike ends – The Gazette</title>
<meta property="og:site_name" content="The Gazette">
<meta property="article:published_time" content="2021-12-31T23:30:00-05:00">
<meta property="article:section" content="Business">
<link rel="canonical" href="https://gazette.example/a"></head>
<body><nav><a href="/">Menu</a></nav><article><h1>Strike ends</h1>
<p>{LONG}<!-- an aside --></p>
<h2>Two
  positions</h2>
<p>“We will  not <b>give</b> up,” she said.<br>“Never.” {LONG}</p>
<blockquote><p>A quote that is long enough.</p><p>And its second paragraph.</p></blockquote>
</article><footer>© 2024 The Gazette</footer></body></html>"""


def test_paragraphs_and_subheads_of_a_page() -> None:
    document = document_from_html(PAGE)
    assert document.paragraphs == (
        Paragraph(LONG),
        Paragraph(f"“We will not give up,” she said. “Never.” {LONG}", "Two positions"),
        Paragraph("A quote that is long enough.", "Two positions"),
        Paragraph("And its second paragraph.", "Two positions"),
    )


def test_what_a_page_says_about_itself() -> None:
    document = document_from_html(PAGE)
    assert (document.title, document.source, document.section) == ("Strike ends", "The Gazette", "Business")
    assert (document.url, document.dates) == ("https://gazette.example/a", {"page": "2021-12-31"})
    assert document_from_html(PAGE, "https://here.example/b").url == "https://here.example/b"


def test_a_date_in_the_text_of_a_page_is_not_the_pages() -> None:
    page = f"<html><body><p>Seen on March 5, 2020.</p><p>{LONG}</p><p>{LONG}!</p><footer>Copyright 2019</footer></body>"
    assert document_from_html(page).dates == {}


def test_a_small_page_is_read_whole_without_its_furniture() -> None:
    page = "<html><head><title>T</title></head><body><nav>Menu</nav><h1>T</h1><p>Hi there.</p><h2>Sub</h2>"
    document = document_from_html(page + "<p>Some <b>bold</b></p>loose<script>var x</script></body></html>")
    assert document.paragraphs == (Paragraph("Hi there."), Paragraph("Some bold", "Sub"), Paragraph("loose", "Sub"))


@pytest.mark.parametrize(
    "page",
    [
        "",
        "   ",
        "<html><body><img src=x></body></html>",
        "<p>" * 60_000 + "x",
        "<div>" * 40_000 + "x",
        "<![CDATA[" * 9_000,
    ],
)
def test_a_page_without_text_or_past_all_measure_is_refused_in_one_line(page: str) -> None:
    with pytest.raises(ValueError, match="has ") as error:
        document_from_html(page)
    assert "\n" not in str(error.value)


def test_the_declared_encoding_is_found() -> None:
    assert declared_charset(b'<meta charset="windows-1251">') == "windows-1251"
    assert declared_charset(b'<META http-equiv="Content-Type" content="text/html; charset=koi8-r">') == "koi8-r"
    assert declared_charset(b"<p>no</p>") is None
