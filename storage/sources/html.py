"""HTML pages -> documents: the article's text, paragraph by paragraph, without what surrounds it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from retrieval.reading import Document
from retrieval.types import DateOrigin, Paragraph

MAX_CHARS = 15 * 2**20  # as much as is fetched of one page
MAX_TAGS = 50_000  # article pages have some thousands; 90,000 open paragraphs keep the extraction busy for 9 s
_DECLARED = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]{1,40})", re.IGNORECASE)
_SPACE = re.compile(r"\s+")
# HTML's names, and trafilatura's for the same things.
_HEADS = frozenset("head h1 h2 h3 h4 h5 h6".split())
_BLOCKS = _HEADS | frozenset(
    "p quote list item table row code ab "
    "div section article main body blockquote ul ol li dl dt dd tr pre figure figcaption hr address".split()
)
_SPACES = frozenset("lb br cell td th".split())
_UNSEEN = "//head | //script | //style | //noscript | //template | //nav | //footer | //aside | //form | //button"
# Only what the page states about itself: searching its text for dates would be a guess.
_DATES = {"extensive_search": False, "original_date": True}


def declared_charset(page: bytes) -> str | None:
    """The character encoding that the page says it has, in its first two thousand bytes."""
    match = _DECLARED.search(page[:2000])
    return match[1].decode("ascii") if match else None


def document_from_html(page: str, url: str | None = None) -> Document:
    """The article on the page: paragraphs under their subheads, title, date (its origin is "page"), site, address.

    White space is as HTML has it: a run is one space. Raises: ValueError, one line, if the page holds no text.
    """
    if len(page) > MAX_CHARS or page.count("<") > MAX_TAGS:
        raise ValueError(f"has more than {MAX_CHARS // 2**20} MiB or {MAX_TAGS:,} tags")
    import trafilatura  # slow to load, and most sources are no pages

    try:
        found: Any = trafilatura.bare_extraction(
            page, url=url, include_comments=False, with_metadata=True, date_extraction_params=_DATES
        )
        about: Any = found or trafilatura.extract_metadata(page, default_url=url, date_config=_DATES)
        paragraphs = list(_paragraphs(found.body, about.title)) if found else []
        if len(paragraphs) < 2:  # of a page too small or too odd for it, trafilatura gives nothing, or one lump
            plain = list(_paragraphs(_plain_tree(page), about.title))
            lump, apart = (sum(len(paragraph.text) for paragraph in given) for given in (paragraphs, plain))
            if lump / 2 < apart <= lump or not paragraphs:  # the same text, told apart
                paragraphs = plain
    except (RecursionError, ValueError, AssertionError, AttributeError, TypeError) as error:
        raise ValueError("is no HTML that can be read") from error
    if not paragraphs:
        raise ValueError("has no text to read")
    dates: dict[DateOrigin, str] = {"page": about.date} if about.date else {}
    return Document(
        paragraphs=tuple(paragraphs),
        title=about.title,
        dates=dates,
        source=about.sitename,
        url=url or about.url,
        section=about.categories[0] if about.categories else None,
        language=about.language,
    )


def _plain_tree(page: str) -> Any:
    from lxml import etree, html

    try:
        tree = html.document_fromstring(page)
    except etree.ParserError:
        return html.Element("body")
    for unseen in tree.xpath(_UNSEEN):
        unseen.drop_tree()
    return tree


def _paragraphs(tree: Any, title: str | None) -> Iterator[Paragraph]:
    """Every run of text between two block boundaries, under the last heading before it, the title apart."""
    from lxml import etree

    heading = None
    pieces: list[str] = []
    for event, element in etree.iterwalk(tree, events=("start", "end", "comment", "pi")):
        name = element.tag if isinstance(element.tag, str) else ""
        if name in _BLOCKS:
            text = _SPACE.sub(" ", "".join(pieces)).strip()
            pieces = []
            if text and event == "end" and name in _HEADS:
                heading = text if text != title else None
            elif text:
                yield Paragraph(text, heading)
        elif name in _SPACES:
            pieces.append(" ")
        if event == "start":
            pieces.append(element.text or "")
        elif element is not tree:
            pieces.append(element.tail or "")
    if text := _SPACE.sub(" ", "".join(pieces)).strip():
        yield Paragraph(text, heading)
