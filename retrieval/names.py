"""Whose name is meant: by surname and a first name that does not contradict, across scripts."""

from __future__ import annotations

from collections.abc import Sequence

from retrieval.reading.transliteration import name_key


def name_keys(name: str) -> tuple[str, ...]:
    """The words of a name, each as the key that all its spellings share."""
    return tuple(name_key(name).split())


def same_person(asked: Sequence[str], name: Sequence[str]) -> bool:
    """Whether the name (as keys) may be the one asked for: each word of it, or its initial, stands in the name.

    The last word asked must stand in full; a name that is nothing but that word fits every first name.
    """
    *others, last = asked
    if last not in name:
        return False
    rest = [key for key in name if key != last]
    return not rest or all(any(key == other or _initial(key, other) for key in rest) for other in others)


def _initial(one: str, other: str) -> bool:
    return min(len(one), len(other)) == 1 and one[0] == other[0]
