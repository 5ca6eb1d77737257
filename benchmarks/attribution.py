"""How well quotations, speakers and dates are read, on the sets in `<eval_dir>/quotes` and by their own scorer.

Run: python -m benchmarks.attribution [EVAL_DIR]. Every article is read from its bare text alone, as `parse` reads it.
"""

from __future__ import annotations

import datetime as dt
import gzip
import importlib.util
import json
import sys
import tempfile
import time
from pathlib import Path
from types import ModuleType
from typing import Any

from retrieval.reading import Document, read
from retrieval.types import Article

PLAIN_CUE = r"\b(say|says|said|saying|tell|tells|told|telling|according)\b"
ALL_KINDS = ("direct", "indirect", "mixed")
LONG_ARTICLE = 20  # paragraphs: the size that the speed is told for
_TODAY = dt.date(2030, 1, 1)  # the day an article is first seen; the sets hold none later


def load(path: Path) -> list[dict[str, Any]]:
    """The rows of a .jsonl or .jsonl.gz file."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def predicted(gold: dict[str, Any]) -> dict[str, Any]:
    """What is read in an article of the sets, in the scorer's format: offsets into the gold text."""
    article = read(Document(text=gold["text"], language=gold.get("lang")), _TODAY)
    title, starts = _places(gold["text"], article)
    rows = []
    for quote in article.quotes:
        at = title if quote.paragraph is None else starts[quote.paragraph]
        speaker = quote.speaker
        rows.append(
            {
                "start": at + quote.start,
                "end": at + quote.end,
                "kind": quote.kind,
                "speaker": (speaker.name or speaker.as_written) if speaker else None,
                "role": speaker.role if speaker else None,
                "certainty": speaker.certainty if speaker else None,
                "confidence": quote.confidence,
                "cue": quote.cue,
                "route": quote.route,
            }
        )
    full = article.date.full if article.date else None
    return {"id": gold["id"], "quotes": rows, "date": full.isoformat() if full else None}


def _places(text: str, article: Article) -> tuple[int, list[int]]:
    """Where the title and each paragraph begin in the text."""
    title = max(text.find(article.title), 0) if article.title else 0
    at = title + len(article.title) if article.title else 0
    starts = []
    for paragraph in article.paragraphs:
        at = text.index(paragraph.text, at)
        starts.append(at)
        at += len(paragraph.text)
    return title, starts


def stated(scorer: ModuleType, gold: list[dict[str, Any]], made: list[dict[str, Any]]) -> dict[str, float]:
    """Of the direct quotations found whose speaker can be judged: the share shown as stated, and how many are right."""
    shown = right = total = 0
    for article, read_article in zip(gold, made, strict=True):
        text = article["text"]
        quotes = [(q, scorer.trim(text, q["start"], q["end"])) for q in article["quotes"] if q["kind"] == "direct"]
        found = [(q, scorer.trim(text, q["start"], q["end"])) for q in read_article["quotes"]]
        spans = [span for _, span in found]
        pairs = scorer.match([s for _, s in quotes], spans, lambda a, b: i if (i := scorer.iou(a, b)) >= 0.5 else 0)
        for g, p in pairs:
            if not scorer.scorable(quotes[g][0], False):
                continue
            total += 1
            if found[p][0]["certainty"] == "stated":
                shown += 1
                right += scorer.speaker_ok(quotes[g][0], found[p][0]["speaker"])
    return {"share": round(shown / max(total, 1), 4), "precision": round(right / max(shown, 1), 4), "n": total}


def speed(gold: list[dict[str, Any]]) -> float:
    """Articles of 20 paragraphs read in a second of one core, from text to quotations."""
    paragraphs = [p for article in gold for p in article["text"].split("\n\n") if p.strip()]
    cut = range(0, len(paragraphs) - LONG_ARTICLE + 1, LONG_ARTICLE)
    texts = ["\n\n".join(paragraphs[at : at + LONG_ARTICLE]) for at in cut]
    language = gold[0].get("lang") if gold else None
    began = time.process_time()
    for text in texts:
        read(Document(text=text, language=language), _TODAY)
    return round(len(texts) / (time.process_time() - began), 1) if texts else 0.0


def score(eval_dir: Path) -> dict[str, Any]:
    """The figures by set, as the scorer in `<eval_dir>/quotes` counts them; a set that is not there is left out."""
    folder = eval_dir / "quotes"
    scorer = _scorer(folder / "score.py")

    def judged(gold: list[dict[str, Any]], made: list[dict[str, Any]], kinds: tuple[str, ...], **how: Any) -> Any:
        with tempfile.TemporaryDirectory() as scratch:
            path = Path(scratch) / "pred.jsonl"
            path.write_text("\n".join(json.dumps(row) for row in made), encoding="utf-8")
            return scorer.score(gold, scorer.load(path), kinds, **how)[0]

    out: dict[str, Any] = {}
    if (path := folder / "polnear.jsonl.gz").exists():
        gold = load(path)
        made = [predicted(article) for article in gold]
        out["polnear direct"] = judged(gold, made, ("direct",)) | {"stated": stated(scorer, gold, made)}
        out["polnear indirect, plain verb"] = judged(gold, made, ("indirect",), cue=PLAIN_CUE)
        out["english articles/s"] = speed(gold)
    if (path := folder / "adaq_ru_sentences.jsonl").exists():
        gold = load(path)
        out["adaq all kinds"] = judged(gold, [predicted(article) for article in gold], ALL_KINDS)
        out["russian articles/s"] = speed(gold)
    if (path := folder / "dispatches.jsonl").exists():
        gold = load(path)
        out["dispatches all kinds"] = judged(gold, [predicted(article) for article in gold], ALL_KINDS)
    return out


def _scorer(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("quote_scorer", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def table(figures: dict[str, Any]) -> str:
    """The figures as lines of text."""
    lines = []
    for name, value in figures.items():
        if not isinstance(value, dict):
            lines.append(f"{name:32} {value}")
            continue
        overlap, ends = value["overlap"], value["end2end"]
        line = f"{name:32} overlap P {overlap['p']:.3f} R {overlap['r']:.3f} F1 {overlap['f1']:.3f}"
        line += f"  end2end F1 {ends['f1']:.3f}"
        if "stated" in value:
            line += f"  stated: precision {value['stated']['precision']:.3f}, share {value['stated']['share']:.3f}"
        if "dates" in value:
            line += f"  invented dates {value['dates']['invented']}, speakers {value['invented']}"
        lines.append(line)
    return "\n".join(lines)


if __name__ == "__main__":
    print(table(score(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("../shared/eval"))))
