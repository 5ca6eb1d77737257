"""A reply to an answer ("and about Georgia?", "а в мае?") -> the same question with what changed."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

from retrieval.question import understand
from retrieval.timewords import find_times, without_times
from retrieval.types import Limits, Query

_LEAD = re.compile(
    r"^(?:(?:and|but|also|so|then|ok|okay|а|и|но|ну|ещё|еще)\b[\s,]*)?"
    r"(?:(?P<what>what|how|что|как)\s+(?=about|on\b|насч|про\b|о\b|об\b|по поводу))?"
    r"(?:(?P<about>about|on|regarding|concerning|насчёт|насчет|про|обо?|о|по поводу)\s+)?",
    re.IGNORECASE,
)
_NAME_RUN = re.compile(r"(?<=[\s(«“\"])[A-ZА-ЯЁ][\w’'-]*(?:\s+[A-ZА-ЯЁ][\w’'-]*)*")
_FEW = 4  # words, at most, that are a change and not a question of their own


def follow_up(previous: str, filters: Limits, text: str, today: dt.date) -> tuple[str, Limits]:
    """The question and its limits that a reply means, given the question that was answered.

    A reply that is a question of its own stays as it is, without the old limits.
    """
    lead = _LEAD.match(text)
    rest = text[lead.end() if lead else 0 :].strip(" ?!.,…")
    asked = understand(previous, now=today)
    times = find_times(rest, today)
    if times and not _words(without_times(rest, today)):
        return without_times(previous, today), replace(filters, dates=times[0].dates)
    new = understand(rest, now=today)
    if not lead or not lead.group() or not rest:
        return text, Limits()
    if new.hints.speaker and len(_words(rest)) <= _FEW + 2:
        return f"{rest}? {_less(previous, asked.hints.speaker)}", replace(filters, speaker=None)
    if len(_words(rest)) > _FEW or new.hints.speaker:
        return text, Limits()
    about = lead["about"] and not lead["what"]
    if asked.hints.speaker and not about and rest[0].isupper():
        return previous.replace(asked.hints.speaker, rest), replace(filters, speaker=None)
    return _about(previous, asked, rest), filters


def _about(previous: str, asked: Query, topic: str) -> str:
    """The previous question, asked about another topic."""
    if asked.hints.speaker:
        frame = "Что сказал {} о {}?" if asked.language == "ru" else "What did {} say about {}?"
        return frame.format(asked.hints.speaker, topic)
    topic = re.sub(r"^(?:in|of|for|at|в|во|на|для)\s+", "", topic, flags=re.IGNORECASE)
    names = list(_NAME_RUN.finditer(previous))
    if names:
        return previous[: names[-1].start()] + topic + previous[names[-1].end() :]
    return f"{previous.rstrip(' ?!.')} {topic}?"


def _less(text: str, name: str | None) -> str:
    return text.replace(name, "") if name else text


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text)
