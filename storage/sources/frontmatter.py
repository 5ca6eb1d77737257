"""YAML front matter: the keys of an article between two lines of three hyphens, at the very start of a text file."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import yaml

_MAX_CHARS = 16_000  # front matter is a handful of lines; a rule ("---") far below ends something else
_MAX_DEPTH = 20
_BLOCK = re.compile(r"\ufeff?---[ \t]*\r?\n(?P<yaml>.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)


class _Loader(yaml.SafeLoader):
    """YAML's plain values; no anchors (a few lines of them make gigabytes), no deep nesting (slow to refuse)."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("anchors are not allowed")
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise yaml.YAMLError("too deeply nested")
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def split_front_matter(text: str) -> tuple[dict[str, object], str]:
    """The front matter's keys, and the text below it; no keys where the text begins otherwise.

    Dates come as ISO 8601. Raises: ValueError, one line, for front matter that is broken.
    """
    match = _BLOCK.match(text, 0, _MAX_CHARS)
    if match is None:
        return {}, text
    try:
        values: Any = yaml.load(match["yaml"], _Loader)  # noqa: S506  # a SafeLoader
    except (yaml.YAMLError, ValueError) as error:
        raise ValueError(f"broken front matter: {_one_line(error)}") from error
    if not isinstance(values, dict):
        return {}, text  # lines between two rules
    keys = {str(key).lower(): _as_text(value) for key, value in values.items()}
    return keys, text[match.end() :]


def _as_text(value: object) -> object:
    return value.isoformat() if isinstance(value, dt.date) else value


def _one_line(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error)
    place = f" in line {mark.line + 2}" if mark else ""
    return " ".join(problem.split())[:200] + place
