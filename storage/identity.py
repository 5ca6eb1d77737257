"""When are two things the same: documents, texts, web addresses. Pure; every result is a short, fixed-length text."""

from __future__ import annotations

import re
import unicodedata
from hashlib import blake2b
from urllib.parse import parse_qsl, urlencode, urlsplit

from retrieval.reading import Document
from retrieval.types import Article

_NOT_A_WORD = re.compile(r"[\W_]+")
# Parameters that say how a reader came to a page, not which page it is.
_TRACKING = re.compile(
    r"utm_\w+|at_\w+|ns_\w+|mc_[ce]id|fbclid|gclid|yclid|dclid|msclkid|igshid|ysclid|_openstat|cmpid|ref_src|rss", re.I
)


def document_hash(document: Document) -> str:
    """Another text for every difference in what the source gave."""
    return digest(repr(document))


def text_hash(article: Article) -> str:
    """The same text for articles whose title and paragraphs have the same words, whatever their case and marks."""
    words = (normalised(article.title or ""), *(normalised(paragraph.text) for paragraph in article.paragraphs))
    return digest("\n".join(words))


def url_key(url: str | None) -> str | None:
    """The same text for addresses of one page; null for those that name no page of their own."""
    if not url:
        return None
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").removeprefix("www."), parts.port
    except ValueError:
        return None
    parameters = sorted((name, value) for name, value in parse_qsl(parts.query) if not _TRACKING.fullmatch(name))
    path = parts.path.rstrip("/")
    if not host or not (path or parameters):  # a site's front page is no article's own address
        return None
    if port not in (None, 80, 443):
        host = f"{host}:{port}"
    return digest(f"{host}{path}?{urlencode(parameters)}")


def origin_key(key: str) -> str:
    """The key, or for a very long one its beginning and what stands for the rest: indexes have limits."""
    return key if len(key) <= 600 else f"{key[:500]}…{digest(key)}"


def normalised(text: str) -> str:
    """The words of the text, without case, marks and odd spaces."""
    return _NOT_A_WORD.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


def digest(text: str) -> str:
    """32 characters that stand for the text."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
