"""What layers made of single nodes and edges, and of which state of them they made it: an event
changes a few, and of all others the same marks are in the next picture again.

A memory is of one sight; what the layers ask it is in `stage`. Whoever has none gets the same
picture, later.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Memory:
    """One for pictures that follow each other."""

    def __init__(self) -> None:
        self._ground: tuple[object, ...] = ()
        self._kept: dict[object, tuple[object, Any]] = {}

    def open(self, *ground: object) -> None:
        """From now on for this film, sight and whatever else does not change with the moment."""
        if ground != self._ground:
            self._kept.clear()
        self._ground = ground

    def has(self, sight: object) -> bool:
        """Whether it is of this very sight, which is one of its ground."""
        return any(each is sight for each in self._ground)

    def recall(self, key: object, state: object, make: Callable[[], Any]) -> Any:
        """What was made of this key in this state, or is now. Nobody may change it."""
        kept = self._kept.get(key)
        if kept is None or kept[0] != state:
            kept = self._kept[key] = state, make()
        return kept[1]
