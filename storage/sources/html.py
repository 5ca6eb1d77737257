"""HTML pages -> documents: the article's text, paragraph by paragraph, without what surrounds it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from retrieval.reading import Document
from retrieval.types import DateOrigin, Paragraph

MAX_CHARS = 15 * 2**20  # as much as is fetched of one page
_DECLARED = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]{1,40})", re.IGNORECASE)
_SPACE = re.compile(r"\s+")
_BLOCKS = ("p", "quote", "item", "row", "code", "ab")  # trafilatura's names for what stands on lines of its own


def declared_charset(page: bytes) -> str | None:
    """The character encoding that the page says it has, in its first two thousand bytes."""
    match = _DECLARED.search(page[:2000])
    return match[1].decode("ascii") if match else None


def document_from_html(page: str, url: str | None = None) -> Document:
    """The article on the page: paragraphs under their subheads, title, date ("page" is its origin), site, address.

    Only dates that the page states in its metadata count. Raises: ValueError, one line, if the page holds no text.
    """
    if len(page) > MAX_CHARS:
        raise ValueError(f"is longer than {MAX_CHARS // 2**20} MiB")
    import trafilatura  # slow to load, and most sources are no pages

    try:
        found: Any = trafilatura.bare_extraction(
            page,
            url=url,
            include_comments=False,
            with_metadata=True,
            date_extraction_params={"extensive_search": False, "original_date": True},
        )
    except (RecursionError, ValueError, AssertionError) as error:
        raise ValueError("is no HTML that can be read") from error
    title = found.title if found else None
    paragraphs = list(_paragraphs(found.body, title)) if found else []
    if not paragraphs:
        paragraphs = list(_plain_paragraphs(page))
    if not paragraphs:
        raise ValueError("has no text to read")
    dates: dict[DateOrigin, str] = {"page": found.date} if found and found.date else {}
    return Document(
        paragraphs=tuple(paragraphs),
        title=title,
        dates=dates,
        source=found.sitename if found else None,
        url=url or (found.url if found else None),
        section=found.categories[0] if found and found.categories else None,
        language=found.language if found else None,
    )


def _paragraphs(body: Any, title: str | None) -> Iterator[Paragraph]:
    """The paragraphs of trafilatura's tree, each under the last heading before it, the title apart."""
    heading = None
    for element in body.iter("head", *_BLOCKS):
        if any(parent.tag in _BLOCKS for parent in element.iterancestors()):
            continue  # it belongs to the paragraph that holds it
        text = _text(element)
        if element.tag == "head":
            heading = text if text and text != title else None
        elif text:
            yield Paragraph(text, heading)


def _plain_paragraphs(page: str) -> Iterator[Paragraph]:
    """Every <p> of a page too small or too odd for trafilatura, or else the page's text by its line breaks."""
    from lxml import etree, html  # type: ignore[import-untyped]

    try:
        tree = html.document_fromstring(page)
    except (etree.ParserError, ValueError):
        return
    for unseen in tree.xpath("//script | //style | //noscript | //head"):
        unseen.drop_tree()
    texts = [_text(element) for element in tree.iter("p")]
    if not any(texts):
        texts = [_SPACE.sub(" ", line).strip() for line in tree.text_content().splitlines()]
    for text in filter(None, texts):
        yield Paragraph(text)


def _text(element: Any) -> str:
    """The element's words as a reader sees them: runs of white space are one space, as HTML has it."""
    return _SPACE.sub(" ", "".join(_pieces(element))).strip()


def _pieces(element: Any) -> Iterator[str]:
    for node in element.iter():
        if node is not element and node.tag in ("lb", "br", "p", "item", "cell"):
            yield " "
        if isinstance(node.tag, str) and node.text:
            yield node.text
        if node is not element and node.tail:
            yield node.tail
