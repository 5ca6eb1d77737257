"""What is kept of chats and readers: a chat's language, the answers given, the votes on them; all of it, or nothing."""

from __future__ import annotations

import datetime as dt
import secrets
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from retrieval.types import AnswerQuote, Article, DateRange, Kind, Limits, PartialDate, Speaker
from storage.articles import find_articles
from storage.models import AnswerRow, ChatRow, DeliveryRow, SubscriptionRow, VoteRow


@dataclass(frozen=True)
class QuotePlace:
    """Where a quote stands, and what was shown beside it."""

    article_id: int
    index: int  # paragraph
    start: int
    end: int
    kind: Kind
    speaker: Speaker | None
    terms: tuple[str, ...]
    checksum: int  # of the quote: in a corrected article the place may hold something else

    @classmethod
    def of(cls, quote: AnswerQuote) -> QuotePlace:
        return cls(
            quote.article.id, quote.index, quote.start, quote.end, quote.kind, quote.speaker, quote.terms,
            _checksum(quote.text),
        )  # fmt: skip

    def within(self, article: Article) -> AnswerQuote | None:
        """The quote, or None when the article changed there."""
        if self.index >= len(article.paragraphs):
            return None
        quote = AnswerQuote(article, self.index, self.start, self.end, self.kind, self.speaker, 0.0, self.terms)
        return quote if _checksum(quote.text) == self.checksum else None


@dataclass(frozen=True)
class GivenAnswer:
    """An answer as it was given; all its quotes, also those on later pages."""

    id: int
    chat_id: int
    message_id: int  # of the reply that shows it
    user_id: int  # who asked
    question: str
    asked_on: dt.date
    filters: Limits
    quotes: tuple[QuotePlace, ...]
    instead: tuple[str, ...] = ()  # questions offered in its place, where nothing answered


def new_answer_id() -> int:
    """An id that nobody can guess."""
    return secrets.randbits(62)


async def languages(session: AsyncSession) -> dict[int, str]:
    """The language that each chat chose, by chat."""
    rows = await session.execute(select(ChatRow.id, ChatRow.language).where(ChatRow.language.is_not(None)))
    return {chat_id: language for chat_id, language in rows if language}


async def set_language(session: AsyncSession, chat_id: int, language: str | None) -> None:
    """Keeps the chat's choice; None: whatever each reader's Telegram speaks."""
    row = await session.get(ChatRow, chat_id)
    if row is None:
        row = ChatRow(id=chat_id)
        session.add(row)
    row.language = language


async def add_answers(session: AsyncSession, answers: Sequence[tuple[GivenAnswer, dt.datetime]]) -> None:
    """Keeps what was answered, and when; answers that are kept already are passed over."""
    ids = [answer.id for answer, _ in answers]
    kept = set(await session.scalars(select(AnswerRow.id).where(AnswerRow.id.in_(ids))))
    rows = [
        {
            "id": answer.id,
            "chat_id": answer.chat_id,
            "message_id": answer.message_id,
            "user_id": answer.user_id,
            "question": answer.question,
            "asked_on": answer.asked_on.isoformat(),
            "given_at": given_at,
            "answered": bool(answer.quotes),
            "content": {
                "filters": _limits_out(answer.filters),
                "quotes": [place_out(q) for q in answer.quotes],
                "instead": answer.instead,
            },
        }
        for answer, given_at in answers
        if answer.id not in kept
    ]
    if rows:
        await session.execute(insert(AnswerRow), rows)


async def find_answer(session: AsyncSession, answer_id: int) -> GivenAnswer | None:
    """The answer, or None when there is no such (any more)."""
    row = await session.get(AnswerRow, answer_id)
    return _answer_in(row) if row else None


async def find_answer_at(session: AsyncSession, chat_id: int, message_id: int) -> GivenAnswer | None:
    """The answer that the message in the chat shows now, or None."""
    at = (AnswerRow.chat_id == chat_id, AnswerRow.message_id == message_id)
    row = await session.scalar(select(AnswerRow).where(*at).order_by(AnswerRow.given_at.desc()).limit(1))
    return _answer_in(row) if row else None


async def quotes_at(session: AsyncSession, places: Sequence[QuotePlace]) -> list[AnswerQuote | None]:
    """The quotes at the places; None where the article is gone or says something else now."""
    articles = {a.id: a for a in await find_articles(session, [place.article_id for place in places])}
    return [place.within(articles[place.article_id]) if place.article_id in articles else None for place in places]


async def vote(session: AsyncSession, answer_id: int, user_id: int, value: int) -> None:
    """Keeps what the reader thinks of the answer, in place of what they thought before."""
    await session.merge(VoteRow(answer_id=answer_id, user_id=user_id, value=value))


async def export(session: AsyncSession, user_id: int) -> dict[str, Any]:
    """All that is kept of a reader, ready for JSON."""
    chat = await session.get(ChatRow, user_id)
    asked = await session.scalars(select(AnswerRow).where(AnswerRow.user_id == user_id).order_by(AnswerRow.given_at))
    votes = await session.scalars(select(VoteRow).where(VoteRow.user_id == user_id))
    mine = SubscriptionRow.user_id == user_id
    followed = await session.scalars(select(SubscriptionRow).where(mine).order_by(SubscriptionRow.id))
    told = await session.scalars(
        select(DeliveryRow).where(DeliveryRow.chat_id == user_id).order_by(DeliveryRow.alert_id)
    )
    return {
        "telegram_id": user_id,
        "language": chat.language if chat else None,
        "questions": [
            {"question": row.question, "asked_at": row.given_at.isoformat(), "chat_id": row.chat_id, **row.content}
            for row in asked
        ],
        "votes": [{"answer": str(row.answer_id), "value": row.value} for row in votes],
        "alerts": {
            "time_zone": chat.timezone if chat else None,
            "quiet_hours": [chat.quiet_from, chat.quiet_until] if chat else None,
            "digest_hour": chat.digest_hour if chat else None,
            "muted_until": chat.muted_until.isoformat() if chat and chat.muted_until else None,
            "subscriptions": [
                {"follows": row.follows, "text": row.text, "chat_id": row.chat_id, "since": row.created_at.isoformat()}
                for row in followed
            ],
            "sent": [
                {"alert": row.alert_id, "state": row.state, "at": row.next_at.isoformat(), **row.content}
                for row in told
            ],
        },
    }


async def forget(session: AsyncSession, user_id: int) -> None:
    """Deletes all that is kept of a reader, votes of others on their answers included."""
    theirs: ColumnElement[bool] = VoteRow.answer_id.in_(select(AnswerRow.id).where(AnswerRow.user_id == user_id))
    await session.execute(delete(VoteRow).where(theirs | (VoteRow.user_id == user_id)))
    await session.execute(delete(AnswerRow).where(AnswerRow.user_id == user_id))
    await session.execute(delete(SubscriptionRow).where(SubscriptionRow.user_id == user_id))
    await session.execute(delete(DeliveryRow).where(DeliveryRow.chat_id == user_id))
    await session.execute(delete(ChatRow).where(ChatRow.id == user_id))


def _answer_in(row: AnswerRow) -> GivenAnswer:
    return GivenAnswer(
        row.id,
        row.chat_id,
        row.message_id,
        row.user_id,
        row.question,
        dt.date.fromisoformat(row.asked_on),
        _limits_in(row.content["filters"]),
        tuple(place_in(place) for place in row.content["quotes"]),
        tuple(row.content.get("instead", ())),
    )


def place_out(place: QuotePlace) -> list[Any]:
    """The place, ready for JSON."""
    who = place.speaker
    speaker = who and [who.name, who.role, who.as_written, who.certainty]
    return [place.article_id, place.index, place.start, place.end, place.kind, speaker, place.terms, place.checksum]


def place_in(row: list[Any]) -> QuotePlace:
    """What `place_out` gave."""
    article_id, index, start, end, kind, speaker, terms, checksum = row
    return QuotePlace(article_id, index, start, end, kind, speaker and Speaker(*speaker), tuple(terms), checksum)


def _limits_out(limits: Limits) -> dict[str, str | None]:
    dates = limits.dates or DateRange()
    return {
        "speaker": limits.speaker,
        "source": limits.source,
        "section": limits.section,
        "since": str(dates.since) if dates.since else None,
        "until": str(dates.until) if dates.until else None,
    }


def _limits_in(row: dict[str, str | None]) -> Limits:
    since, until = (PartialDate.parse(date) if (date := row[name]) else None for name in ("since", "until"))
    dates = DateRange(since, until) if since or until else None
    return Limits(row["speaker"], dates, row["source"], row["section"])


def _checksum(text: str) -> int:
    return zlib.crc32(text.encode("utf-8", "surrogatepass"))
