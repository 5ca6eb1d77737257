"""What was made lately, so that asking again costs nothing."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Recent(Generic[T]):
    """The `limit` things asked for last, by key. The key names all that they depend on, such as the index's version."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._things: OrderedDict[Hashable, T] = OrderedDict()

    def find(self, key: Hashable) -> T | None:
        """The thing, or None when it has to be made (again)."""
        if key in self._things:
            self._things.move_to_end(key)
        return self._things.get(key)

    def keep(self, key: Hashable, thing: T) -> T:
        """The thing, kept; what was asked for longest ago makes room."""
        self._things[key] = thing
        if len(self._things) > self._limit:
            self._things.popitem(last=False)
        return thing
