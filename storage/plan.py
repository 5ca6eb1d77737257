"""What a load does with each item that a source gives: decided here by values alone, done in saving.py.

An *origin* is a place where an article was found. One of an article's origins *leads*: the article says what stands
there, and follows its corrections. When it goes, another takes its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto

from retrieval.types import Article
from storage.identity import normalised


@dataclass(frozen=True, slots=True)
class Known:
    """What is stored about an item's origin and its article."""

    origin_id: int | None  # null: known from another source only
    article_id: int
    content_hash: str
    leads: bool
    gone: bool
    hidden: bool  # the article
    reader_version: int  # that read the article


@dataclass(frozen=True, slots=True)
class Read:
    """An item, read."""

    key: str
    content_hash: str  # of the document
    article: Article
    text_hash: str
    url_key: str | None


@dataclass(frozen=True, slots=True)
class Stored:
    """An article in the database that an item may be, or is to change."""

    article: Article
    text_hash: str
    url_key: str | None
    hidden: bool
    sources: frozenset[int]  # ids of those where it is found now


class Look(Enum):
    """What to do with an item before it is read."""

    SAME = auto()  # nothing
    NOTE = auto()  # remember that it is there and what it says: the article need not change
    READ = auto()


def look(content_hash: str, known: Known | None, reader_version: int) -> Look:
    """Whether an item must be read, by what is stored of its origin."""
    if known is None or known.hidden:
        return Look.READ
    same = known.content_hash == content_hash
    if known.leads and not (same and known.reader_version >= reader_version):
        return Look.READ
    return Look.SAME if same and not known.gone and known.origin_id is not None else Look.NOTE


@dataclass(frozen=True, slots=True)
class Add:
    """A new article."""

    read: Read


@dataclass(frozen=True, slots=True)
class Join:
    """A further origin of an article: one that is stored, or the one that an earlier `Add` of the same plan makes."""

    read: Read
    article_id: int | None
    earlier: Add | None = None


@dataclass(frozen=True, slots=True)
class Revise:
    """The origin now leads the article."""

    read: Read
    stored: Stored
    origin_id: int | None  # null: a new origin

    @property
    def article(self) -> Article:
        """The article as it is from now on."""
        return replace(self.read.article, id=self.stored.article.id, first_seen=self.stored.article.first_seen)

    @property
    def differs(self) -> bool:
        """Whether anything that is stored of it changes."""
        return self.article != self.stored.article

    @property
    def corrects(self) -> bool:
        """Whether what it says changes, so that the old words must be kept as a version."""
        old, new = self.stored.article, self.read.article
        return (old.title, old.paragraphs) != (new.title, new.paragraphs)


@dataclass(frozen=True, slots=True)
class Note:
    """The origin is there and says this; the article stays as it is."""

    key: str
    content_hash: str
    known: Known


Action = Add | Join | Revise | Note


def plan(
    source_id: int,
    reads: Sequence[Read],
    known: Mapping[str, Known],
    stored: Sequence[Stored],
    reader_version: int,
) -> list[Action]:
    """One action for each read item that needs one, in order.

    Args: known, by key; stored, the articles of those known, and all that share a text or an address with the others.
    """
    by_id = {item.article.id: item for item in stored}
    by_text: dict[str, list[Stored | Add]] = {}
    by_url: dict[str, list[Stored]] = {}
    for item in stored:
        by_text.setdefault(item.text_hash, []).append(item)
        if item.url_key:
            by_url.setdefault(item.url_key, []).append(item)
    revived: set[int] = set()
    actions: list[Action] = []
    for read in reads:
        origin = known.get(read.key)
        if origin is not None:
            decision = look(read.content_hash, origin, reader_version)
            if decision is Look.NOTE:
                actions.append(Note(read.key, read.content_hash, origin))
            elif decision is Look.READ:
                actions.append(Revise(read, by_id[origin.article_id], origin.origin_id))
            continue
        twin = _twin(read, by_text.get(read.text_hash, ()), by_url.get(read.url_key or "", ()), source_id)
        if twin is None:
            addition = Add(read)
            by_text.setdefault(read.text_hash, []).append(addition)
            actions.append(addition)
        elif isinstance(twin, Add):
            actions.append(Join(read, None, twin))
        elif twin.hidden and twin.article.id not in revived:
            revived.add(twin.article.id)
            actions.append(Revise(read, twin, None))
        else:
            actions.append(Join(read, twin.article.id))
    return actions


def _twin(
    read: Read, same_text: Sequence[Stored | Add], same_url: Sequence[Stored], source_id: int
) -> Stored | Add | None:
    """The article that the item is, if it is there already.

    By its words, unless the dates disagree (bulletins repeat themselves); or by its address, in another source, where
    the title or a paragraph agrees too (some give every article the address of the site or of the section).
    """
    for candidate in same_text:
        other = candidate.read.article if isinstance(candidate, Add) else candidate.article
        if read.article.date is None or other.date is None or read.article.date == other.date:
            return candidate
    for item in same_url:
        if source_id not in item.sources and _alike(read.article, item.article):
            return item
    return None


def _alike(one: Article, other: Article) -> bool:
    if one.title and other.title and normalised(one.title) == normalised(other.title):
        return True
    return bool({p.text for p in one.paragraphs} & {p.text for p in other.paragraphs})
