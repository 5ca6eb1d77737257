"""An article's paragraphs -> passages."""

from __future__ import annotations

from retrieval.types import Article, Passage


def passages_of(article: Article) -> tuple[Passage, ...]:
    """One passage for each paragraph, in order, with the names of those quoted in it (each once, in order)."""
    speakers: dict[int, dict[str, None]] = {}
    for quotation in article.quotes:
        if quotation.paragraph is not None and quotation.speaker is not None and quotation.speaker.name:
            speakers.setdefault(quotation.paragraph, {})[quotation.speaker.name] = None
    return tuple(
        Passage(
            article_id=article.id,
            index=index,
            text=paragraph.text,
            heading=paragraph.heading,
            title=article.title,
            source=article.source,
            section=article.section,
            language=article.language,
            date=article.date,
            speakers=tuple(speakers.get(index, ())),
        )
        for index, paragraph in enumerate(article.paragraphs)
    )
