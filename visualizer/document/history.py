"""The way to a snapshot and back: what undo and redo go to, and where it is saved, as one value.

Here nothing is computed and nobody is told; `document` does both.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from visualizer.document.snapshot import Snapshot

MAX_UNDO = 500  # snapshots; each is small, arrays are shared between them


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """A snapshot that was left, and the change that left it. Consecutive changes with the same
    `merge` word are one step of undo; "" never merges."""

    label: str
    merge: str
    snapshot: Snapshot


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """A snapshot with its history. `path` is where it is saved, `saved` what was saved there.
    `origin` is one thing for all states of a document, and another for one that was opened."""

    snapshot: Snapshot
    undo: tuple[Past, ...] = ()
    redo: tuple[Past, ...] = ()
    path: Path | None = None
    saved: Snapshot | None = None
    origin: object = field(default_factory=object)

    @property
    def dirty(self) -> bool:
        """Whether something that matters differs from what is saved; looking around does not."""
        return self.saved is None or self.snapshot.content != self.saved.content

    def continues(self, merge: str) -> bool:
        """Whether a change with this word is part of the last step of undo."""
        return bool(merge and self.undo and self.undo[-1].merge == merge)

    def changed(self, snapshot: Snapshot, label: str, merge: str = "") -> State:
        """One step further, or further in the same step."""
        left = () if self.continues(merge) else (Past(label, merge, self.snapshot),)
        return replace(self, snapshot=snapshot, undo=(*self.undo, *left)[-MAX_UNDO:], redo=())

    def settled(self) -> State:
        """The next change is a step of its own."""
        if not self.undo or not self.undo[-1].merge:
            return self
        return replace(self, undo=(*self.undo[:-1], replace(self.undo[-1], merge="")))

    def undone(self) -> State:
        """One step back; where one looks stays: undo takes back a choice, not a glance."""
        past = self.undo[-1]
        there = Past(past.label, "", self.snapshot)
        return replace(
            self, snapshot=self._from_here(past), undo=self.undo[:-1], redo=(*self.redo, there)
        )

    def redone(self) -> State:
        """One step forward again."""
        past = self.redo[-1]
        here = Past(past.label, "", self.snapshot)
        return replace(
            self, snapshot=self._from_here(past), undo=(*self.undo, here), redo=self.redo[:-1]
        )

    def _from_here(self, past: Past) -> Snapshot:
        return past.snapshot.changed(view=self.snapshot.view, playhead=self.snapshot.playhead)
