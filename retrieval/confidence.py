"""How likely it is that the best quote answers."""

from __future__ import annotations

THRESHOLD = 0.5


def coverage(weights: dict[str, float], found: frozenset[str]) -> float:
    """Share of the question's terms, by idf, that are found."""
    whole = sum(weights.values())
    return sum(w for t, w in weights.items() if t in found) / whole if whole else 0.0
