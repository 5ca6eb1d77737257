"""How well quotations, speakers and dates are read: `score(eval_dir)` on the sets in `<eval_dir>/quotes`, by their scorer."""

from __future__ import annotations

import gzip
import importlib.util
import json
import re
import sys
import tempfile
import time
from pathlib import Path
from types import ModuleType
from typing import Any

from retrieval.reading.quotations import find_quotations
from retrieval.types import Article, Dateline, Paragraph, Quotation

PLAIN_CUE = r"\b(say|says|said|saying|tell|tells|told|telling|according)\b"
ALL_KINDS = ("direct", "indirect", "mixed")
_PARAGRAPH = re.compile(r"\S(?:[^\n]|\n(?!\s*\n))*")


def load(path: Path) -> list[dict[str, Any]]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def article_of(gold: dict[str, Any]) -> tuple[Article, list[int], int]:
    """The article as Quotewire reads it from the gold text, where each paragraph begins in it, where the title does."""
    text = gold["text"]
    parts = [(m.start(), m[0].rstrip()) for m in _PARAGRAPH.finditer(text)]
    title = None
    if gold.get("dateline") and parts and gold["dateline"] not in parts[0][1]:
        title = parts.pop(0)
    dateline = None
    if gold.get("dateline") and parts and parts[0][1].startswith(gold["dateline"]):
        dateline = Dateline(end=len(gold["dateline"]) + 1)
    article = Article(
        tuple(Paragraph(p) for _, p in parts),
        title=title[1] if title else None,
        language=gold["lang"],
        dateline=dateline,
    )
    return article, [at for at, _ in parts], title[0] if title else 0


def prediction(gold: dict[str, Any]) -> tuple[dict[str, Any], tuple[Quotation, ...]]:
    article, starts, title_at = article_of(gold)
    quotes = find_quotations(article)
    rows = []
    for q in quotes:
        at = title_at if q.paragraph is None else starts[q.paragraph]
        speaker = q.speaker
        rows.append(
            {
                "start": at + q.start,
                "end": at + q.end,
                "kind": q.kind,
                "cue": q.cue or "",
                "speaker": (speaker.name or speaker.as_written) if speaker else None,
                "role": speaker.role if speaker else None,
                "confidence": q.confidence,
                "route": q.route,
                "certainty": speaker.certainty if speaker else None,
            }
        )
    return {"id": gold["id"], "quotes": rows}, quotes
