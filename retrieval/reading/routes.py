"""How sure a speaker is: a property of the route by which the speaker was found, measured once, kept here alone."""

from __future__ import annotations

from retrieval.types import Certainty

_STATED, _MIDDLE = 0.95, 0.5
ROUTES: dict[str, float] = {}


def confidence(route: str) -> float:
    return ROUTES.get(route, 0.9)


def certainty(route: str) -> Certainty | None:
    share = confidence(route)
    return "stated" if share >= _STATED else "from_context" if share >= _MIDDLE else None
