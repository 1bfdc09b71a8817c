"""What a document needs of whoever derives beside it, and where a change leads meanwhile.

Only words and values: the work itself is done by whoever has a clock, a window.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Protocol

from engine.errors import Unusable
from visualizer.document.derive import Derived
from visualizer.document.history import State
from visualizer.document.snapshot import Snapshot

Answer = Callable[[Derived | Exception], None]


class Beside(Protocol):
    """Derives what takes long while the document goes on; one of it at a time."""

    def takes(self, snapshot: Snapshot, before: Derived | None) -> bool:
        """Whether this would hold up whoever waits for it."""

    def ask(
        self, snapshot: Snapshot, before: Derived | None, answer: Answer, *, dragging: bool
    ) -> None:
        """Derive it and tell; what was asked for before is given up. While `dragging` it may be
        finished and told first."""

    def settle(self) -> None:
        """The hand has let go: only the newest matters."""

    def stop(self) -> None:
        """Nothing is wanted any more."""


@dataclass(frozen=True, slots=True, eq=False)
class Goal:
    """Where a change leads. `before` is what is known of it, `also` what changes besides; `looks`:
    it says where one looks; `verify`: what is to be said of the numbers when they are there;
    `refused`: changes that came after it and failed."""

    state: State
    before: Derived | None
    also: Collection[str] = ()
    looks: bool = False
    verify: Callable[[Derived], str] = lambda derived: ""
    refused: tuple[Unusable, ...] = ()

    def saved_as(self, old: State, new: State) -> Goal:
        """When what is shown was saved: the same document is saved there, another one is not."""
        if self.state.origin is not old.origin:
            return self
        return replace(self, state=replace(self.state, path=new.path, saved=new.saved))
