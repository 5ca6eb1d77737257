"""A few articles in a real database, for tests of what buttons and commands find there."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

from retrieval.types import AnswerQuote, Article
from storage import articles as stored
from storage.ingest import load
from tests.fakes import FakeServices

DISPATCHES = [
    {
        "title": f"River report {n}",
        "date": f"2024-0{n}-10",
        "source": "Northern Post",
        "paragraphs": [
            f"VELDHAVEN. The river commission met for the {n}th time.",
            f"“We took {n} hundred barrels out of the river,” Water Minister Dana Orlik said.",
            f"“The lake comes next,” said Mayor Jonas Brandt. Nobody objected in session {n}.",
        ],
    }
    for n in range(1, 8)
] + [{"title": "Undated", "paragraphs": ["“Nobody asked the fish about the river,” Orlik said."]}]


async def fill(services: FakeServices, folder: Path) -> list[Article]:
    """Loads the dispatches; gives them in their order."""
    file = folder / "dispatches.jsonl"
    file.write_text("\n".join(json.dumps(dispatch) for dispatch in DISPATCHES), encoding="utf-8")
    return await reload(services, folder)


async def reload(services: FakeServices, folder: Path) -> list[Article]:
    """Loads them again, as they are in the folder now."""
    await load(services.database, [str(folder / "dispatches.jsonl")], now=dt.datetime(2024, 8, 1, tzinfo=dt.UTC))
    async with services.database.reading() as session:
        services.articles = sorted(await stored.latest(session, 20), key=lambda article: article.title or "")
    return services.articles


def quoted(article: Article, speaker: str = "Orlik") -> AnswerQuote:
    """The article's quotation of the speaker."""
    found = next(q for q in article.quotes if q.speaker and speaker in (q.speaker.name or ""))
    assert found.paragraph is not None
    span = (found.paragraph, found.start, found.end)
    return AnswerQuote(article, *span, found.kind, found.speaker, 1.0, ("river",))
