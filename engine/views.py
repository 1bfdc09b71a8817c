"""Names for arrays in generated source, and how each name becomes a view when arrays exist.

A key says which array: ("v", g, k) value, ("d", g, k) delta, ("c", use) contribution, ("a", g, k)
kept by forward, ("e", g, k) its delta, ("t", name) stored, ("k", n) factor, ("m", n) scratch for
one step, and others.
A `View` says which rows and columns of it, and in which form.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.ops import CALLS

Key = tuple[Any, ...]
# words that the sources of the ops use for themselves
RESERVED = {"top", "total", "inner", "hold", "last", "np", "one", "half", "pace"}


@dataclass(frozen=True, slots=True)
class View:
    """`lag` rows earlier in the direction of the segment; `form`: whole, 2d, blocks, or one of
    `products.FORMS`, for a product with the matrix `of`."""

    key: Key
    lag: int = 0
    part: tuple[int, int] | None = None
    form: str = "whole"
    blocks: int = 0
    of: Key | None = None


class Views:
    """Hands out one readable name for each view that the source mentions."""

    def __init__(self) -> None:
        self.views: dict[str, View] = {}
        self._names: dict[View, str] = {}
        self._bases: dict[Key, str] = {}

    def base(self, key: Key, name: str) -> None:
        """Choose the word from which the names of this array are made."""
        taken = RESERVED | set(CALLS) | set(self._bases.values())
        own = name.startswith(("last_", "steps_"))  # names that a plan binds itself
        known = hasattr(np, name) and callable(getattr(np, name))
        name = f"{name}_of" if own or known else name
        word, count = name, 2
        while word in taken:
            word, count = f"{name}_{count}", count + 1
        self._bases[key] = word

    def word(self, key: Key) -> str:
        """The word chosen for an array."""
        return self._bases[key]

    def once(self, key: Key, name: str) -> bool:
        """Choose a word if there is none yet; whether this was the first time."""
        if key in self._bases:
            return False
        self.base(key, name)
        return True

    def name(
        self,
        key: Key,
        lag: int = 0,
        part: tuple[int, int] | None = None,
        form: str = "whole",
        word: str = "",
        blocks: int = 0,
        of: Key | None = None,
    ) -> str:
        """The name of a view; `word` names the part (a gate) where it has a name."""
        view = View(key, lag, part, form, blocks, of)
        if view in self._names:
            return self._names[view]
        name = self._bases[key]
        if lag:
            name += "_before" if lag == 1 else f"_before{lag}"
        if part:
            name += f"_{word or 'part'}"
        name += f"_{form}" if form != "whole" else ""
        unique, count = name, 2
        while unique in self.views:
            unique, count = f"{name}{count}", count + 1
        self.views[unique] = view
        self._names[view] = unique
        return unique
