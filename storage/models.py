"""The tables. Values of `retrieval.types` go in and come out through the query modules; no row leaves this package.

An article's paragraphs and quotations are one JSON value in its row: they are always written together and nearly
always read together. Measured with 208,000 paragraphs against a row each, without decoding: loading takes half to all
of the time (PostgreSQL, SQLite), reading 50 articles a little over half.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, ForeignKey, Index, MetaData, TypeDecorator, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class UtcDateTime(TypeDecorator[dt.datetime]):
    """An aware moment, in UTC (SQLite keeps no zone, so it is taken off and put back)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        value = value.astimezone(dt.UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


class Base(DeclarativeBase):
    # Every constraint has a name, so that a migration can change it on both databases.
    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ix": "ix_%(table_name)s_%(column_0_name)s",
        }
    )
    type_annotation_map = {dt.datetime: UtcDateTime, dict[str, Any]: JSON}  # noqa: RUF012 (SQLAlchemy's own form)


class StateRow(Base):
    """Facts about the database as a whole, by name."""

    __tablename__ = "state"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class SourceRow(Base):
    """Where articles come from, by the address that the operator wrote."""

    __tablename__ = "source"

    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(unique=True)
    last_read_at: Mapped[dt.datetime | None]  # null: never to the end
    last_error: Mapped[str | None]  # null: the last reading went well
    kind: Mapped[str | None]  # "feed", "sitemap", "page", "files"; null: not known yet
    added_at: Mapped[dt.datetime | None]  # null: not by command; it may be configured, or was loaded once
    removed_at: Mapped[dt.datetime | None]  # by command; its articles stay
    etag: Mapped[str | None]  # what the server (or the folder's state) said when it was last read to the end
    last_modified: Mapped[str | None]
    listed: Mapped[int] = mapped_column(default=0)  # articles that it named then
    ttl_s: Mapped[int] = mapped_column(default=0)  # it asked then not to be looked at more often
    # schedule.Schedule
    failures: Mapped[int] = mapped_column(default=0)
    failing_since: Mapped[dt.datetime | None]
    next_look_at: Mapped[dt.datetime | None]
    off_at: Mapped[dt.datetime | None]


class EntryRow(Base):
    """What a feed or a sitemap said of an article when it was read, so that its page is not read at every look."""

    __tablename__ = "entry"

    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)  # as OriginRow.key
    mark: Mapped[str]
    whole: Mapped[bool]  # its page has been read: a summary does not replace it
    tries: Mapped[int]  # failures in a row to read its page
    retry_at: Mapped[dt.datetime | None]  # null: when the mark changes

    __table_args__ = (Index("ix_entry_retry", "source_id", "retry_at"),)  # whether pages are to be tried again


class ArticleRow(Base):
    """One article in its newest version. Never deleted: an article that is gone is hidden."""

    __tablename__ = "article"

    id: Mapped[int] = mapped_column(primary_key=True)
    change: Mapped[int]  # number of the database's change that last touched what is findable of it
    version: Mapped[int]  # from 1; older ones are in article_version
    hidden_at: Mapped[dt.datetime | None]  # null: findable
    first_seen_at: Mapped[dt.datetime]
    reader_version: Mapped[int]  # of the reader that made `content`
    lead_key: Mapped[str]  # the origin that it follows: its corrections are the article's
    text_hash: Mapped[str]  # of title and paragraphs, normalised
    url_key: Mapped[str | None]  # canonical form of `url`
    paragraph_count: Mapped[int]
    quote_count: Mapped[int]
    year: Mapped[int | None]  # of `date`; the three are null where it does not say
    month: Mapped[int | None]
    day: Mapped[int | None]
    date: Mapped[str | None]  # EDTF
    date_origin: Mapped[str | None]
    language: Mapped[str]
    title: Mapped[str | None]
    external_id: Mapped[str | None]
    section: Mapped[str | None]
    source_name: Mapped[str | None]
    url: Mapped[str | None]
    story_id: Mapped[int | None]  # the first article of its story; null: the only one
    # Last, so that queries on the others do not read over it: {"dateline", "paragraphs", "quotes"}, see articles.py.
    content: Mapped[dict[str, Any]]

    __table_args__ = (
        Index("ix_article_latest", "first_seen_at", "id"),  # the newest articles
        Index("ix_article_change", "change"),  # what changed since an index was built
        Index("ix_article_date", "year", "month", "day"),  # the dates covered
        Index("ix_article_text_hash", "text_hash"),  # the same article from another source
        Index("ix_article_url_key", "url_key"),
        Index("ix_article_reader_version", "reader_version"),  # what an older reader read
        Index("ix_article_story_id", "story_id"),  # the articles of a story
    )


class StoryBandRow(Base):
    """A part of an article's MinHash: articles that share one may be copies. Made by stories.py."""

    __tablename__ = "story_band"

    band: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"), primary_key=True)

    __table_args__ = (Index("ix_story_band_article_id", "article_id"), {"sqlite_with_rowid": False})


class ArticleVersionRow(Base):
    """What an article said before it was corrected: superseded, no longer found, kept for what was quoted from it."""

    __tablename__ = "article_version"

    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    superseded_at: Mapped[dt.datetime]
    title: Mapped[str | None]
    date: Mapped[str | None]
    content: Mapped[dict[str, Any]]


class OriginRow(Base):
    """A place where an article was found: one article may stand in several sources, or twice in one."""

    __tablename__ = "origin"

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    # The place's name, the same whichever source leads there: a path, a guid. Shortened by identity.origin_key.
    key: Mapped[str]
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"))
    content_hash: Mapped[str]  # of what was last read there
    gone_at: Mapped[dt.datetime | None]  # null: still there; an article without living origins is hidden

    __table_args__ = (
        UniqueConstraint("key", "source_id"),  # what an item became
        Index("ix_origin_source_id", "source_id"),  # what a source held
        Index("ix_origin_article_id", "article_id"),  # where else an article stands
    )


class QuotationRow(Base):
    """A quotation with a named speaker in a findable article: an index over `ArticleRow.content`, made anew with it."""

    __tablename__ = "quotation"

    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)  # in the article's quotes, from 0
    speaker_key: Mapped[str]  # people.speaker_key(speaker_name)
    speaker_name: Mapped[str]
    speaker_role: Mapped[str | None]

    __table_args__ = (Index("ix_quotation_speaker", "speaker_key", "article_id"),)  # the quotes of a speaker


class ChatRow(Base):
    """What a chat chose for itself, and whether it can be reached. Most chats have no row: they chose nothing."""

    __tablename__ = "chat"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)  # Telegram's
    language: Mapped[str | None]  # null: that of each reader's Telegram
    # chatsettings.ChatSettings; null: the usual
    timezone: Mapped[str | None]
    quiet_from: Mapped[int | None]
    quiet_until: Mapped[int | None]
    digest_hour: Mapped[int | None]
    muted_until: Mapped[dt.datetime | None]
    state: Mapped[str] = mapped_column(default="active", server_default="active")  # or "blocked", "gone", "migrated"
    migrated_to: Mapped[int | None] = mapped_column(BigInteger)
    strikes: Mapped[int] = mapped_column(default=0, server_default="0")  # times in a row that Telegram did not know it
    struck_at: Mapped[dt.datetime | None]  # the first of them


class AnswerRow(Base):
    """An answer given in a chat: what its buttons and the replies to it go on from, also after a restart."""

    __tablename__ = "answer"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)  # random, so that none can be guessed
    chat_id: Mapped[int] = mapped_column(BigInteger)
    message_id: Mapped[int]
    user_id: Mapped[int] = mapped_column(BigInteger)  # who asked
    question: Mapped[str]
    asked_on: Mapped[str]  # ISO date
    given_at: Mapped[dt.datetime]
    answered: Mapped[bool]  # there was a quote
    content: Mapped[dict[str, Any]]  # {"filters", "quotes"}, see chats.py

    __table_args__ = (
        Index("ix_answer_given_at", "given_at", "answered"),  # what was asked on a day, and in vain
        Index("ix_answer_message", "chat_id", "message_id"),  # the answer that a message replies to
        Index("ix_answer_user_id", "user_id"),  # export and erasure
    )


class VoteRow(Base):
    """What a reader thinks of an answer: 1 or -1."""

    __tablename__ = "vote"

    answer_id: Mapped[int] = mapped_column(ForeignKey("answer.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    value: Mapped[int]

    __table_args__ = (Index("ix_vote_user_id", "user_id"),)  # export and erasure


class SubscriptionRow(Base):
    """What a chat, or one of its forum topics, wants to be told of."""

    __tablename__ = "subscription"

    id: Mapped[int] = mapped_column(primary_key=True)
    chat_id: Mapped[int] = mapped_column(BigInteger)
    topic: Mapped[int]  # 0: none
    user_id: Mapped[int] = mapped_column(BigInteger)  # who made it
    follows: Mapped[str]  # "all", "source", "section", "speaker", "query"
    text: Mapped[str]  # the name or the query
    language: Mapped[str]  # of who made it: that of its alerts, unless the chat chose one
    daily: Mapped[bool]  # in the daily digest; else at once
    paused_until: Mapped[dt.datetime | None]
    after_article: Mapped[int]  # tells of articles with greater ids
    created_at: Mapped[dt.datetime]

    __table_args__ = (
        Index("ix_subscription_chat_id", "chat_id"),  # the list of a chat
        Index("ix_subscription_user_id", "user_id"),  # the limit of a user; export and erasure
        {"sqlite_autoincrement": True},  # ids are never given twice: programs remember up to which they know all
    )


class AlertRow(Base):
    """News to be told: an article that is new, or corrected. Written in the transaction that stores the article."""

    __tablename__ = "alert"

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"))
    version: Mapped[int]  # of the article
    created_at: Mapped[dt.datetime]
    reached_chat: Mapped[int | None] = mapped_column(BigInteger)  # deliveries are made up to here, by the chats' order
    fanned_out_at: Mapped[dt.datetime | None]  # null: not all its deliveries are made yet

    __table_args__ = (
        UniqueConstraint("article_id", "version"),  # an article is told of once
        Index("ix_alert_fanned_out_at", "fanned_out_at"),  # what is to be made deliveries of
        {"sqlite_autoincrement": True},
    )


class DeliveryRow(Base):
    """An alert on its way to a chat. Its primary key is why no chat gets an alert twice."""

    __tablename__ = "delivery"

    alert_id: Mapped[int] = mapped_column(ForeignKey("alert.id"), primary_key=True)
    chat_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    topic: Mapped[int] = mapped_column(primary_key=True)
    # "pending", "sending" (in flight), "sent", "gone" (nobody is there to get it), "dead" (set aside), "expired"
    state: Mapped[str]
    daily: Mapped[bool]
    held: Mapped[bool]  # by quiet hours or mute: told in a summary
    attempts: Mapped[int]  # that failed
    unsure: Mapped[int]  # attempts of which it is not known whether they were carried out
    next_at: Mapped[dt.datetime]  # not sent before; or when it was settled
    expires_at: Mapped[dt.datetime]
    owner: Mapped[int | None]  # while in flight: InstanceLock.number of who claimed it
    message_id: Mapped[int | None]
    last_error: Mapped[str | None]
    content: Mapped[dict[str, Any]]  # {"subscriptions": ids, "quote": see chats.QuotePlace}

    __table_args__ = (
        Index("ix_delivery_due", "state", "next_at"),
        Index("ix_delivery_chat_id", "chat_id", "state"),
    )


class AuditRow(Base):
    """What an operator did, or somebody tried in an operator's name. See audit.Act."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime]
    user_id: Mapped[int] = mapped_column(BigInteger)  # 0: at the command line
    name: Mapped[str]
    subject: Mapped[str]
    outcome: Mapped[str]


class BanRow(Base):
    """A user or chat that may not use the bot."""

    __tablename__ = "ban"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)  # Telegram's
    banned_at: Mapped[dt.datetime]
    told: Mapped[bool]  # they have had their notice


class BroadcastRow(Base):
    """What an operator tells everyone."""

    __tablename__ = "broadcast"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger)  # the operator
    text: Mapped[str]
    created_at: Mapped[dt.datetime]
    cancelled_at: Mapped[dt.datetime | None]


class BroadcastDeliveryRow(Base):
    """A broadcast on its way to a chat. Its primary key is why no chat gets it twice."""

    __tablename__ = "broadcast_delivery"

    broadcast_id: Mapped[int] = mapped_column(ForeignKey("broadcast.id"), primary_key=True)
    chat_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    state: Mapped[str]  # "pending", "sending", "sent", "gone" (nobody is there), "dead" (refused), "cancelled"
    attempts: Mapped[int]  # that failed
    next_at: Mapped[dt.datetime]  # not sent before
    owner: Mapped[int | None]  # as DeliveryRow.owner

    __table_args__ = (Index("ix_broadcast_delivery_due", "state", "next_at"),)


class DraftRow(Base):
    """What an operator has written and still has to agree to."""

    __tablename__ = "draft"

    id: Mapped[int] = mapped_column(primary_key=True)  # random, so that none can be guessed
    text: Mapped[str]
    created_at: Mapped[dt.datetime]


class PaceRow(Base):
    """From when the next message may go to a chat; where several programs send: see slots.py."""

    __tablename__ = "pace"

    chat_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)  # 0: to whomever
    next_at: Mapped[dt.datetime]
