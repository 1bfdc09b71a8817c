"""The only state of the program: the present snapshot, the way to it, and where it is saved.

Controls change it here and are told by plain callbacks; what they show is derived from it. No Qt,
and nothing that draws. Files are read and written by `session`.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.door import Run
from engine.sequences import Sequence
from visualizer.document import session
from visualizer.document.derive import Derived, Part, derive, sheet_of
from visualizer.document.formulas import with_fitting_text
from visualizer.document.snapshot import Snapshot
from visualizer.scene.film import Film
from visualizer.scene.sheet import Sheet

log = logging.getLogger("unrolled.document")

MAX_UNDO = 500  # snapshots; each is small, arrays are shared between them

FIELDS = (
    "experiment", "sequence", "edits", "losses_off", "parameters", "view", "playhead", "beside"
)  # fmt: skip
Observer = Callable[[frozenset[str]], None]


Derive = Callable[[Snapshot, Derived | None], Derived]


@dataclass(frozen=True, slots=True)
class _Past:
    label: str  # of the change that left this snapshot
    merge: str  # consecutive changes with the same word are one step of undo; "" never merges
    snapshot: Snapshot


class Document:
    """One experiment being looked at. Every change either holds as a whole or raises `Unusable`.

    Observers are called with the names of what changed: "run", "experiment", "sequence", "edits",
    "losses_off", "parameters", "view", "playhead", "beside", "history", "path", "dirty", "title".
    """

    def __init__(
        self,
        snapshot: Snapshot,
        path: str | os.PathLike[str] | None = None,
        thumbnail: Callable[[Snapshot, Film], str] | None = None,
        saved: bool = True,
    ) -> None:
        self.derive: Derive = derive  # a window puts one in its place that long work does not block
        self._snapshot = snapshot
        self._derived = derive(snapshot)
        self._sheet: Sheet | None = None
        self._undo: list[_Past] = []
        self._redo: list[_Past] = []
        self._observers: list[Observer] = []
        self._path = Path(path) if path is not None else None
        self._saved: Snapshot | None = snapshot if saved else None
        self._thumbnail = thumbnail
        self._snapshot = self._derived.snapshot  # without edits that do not fit

    @property
    def snapshot(self) -> Snapshot:
        return self._snapshot

    @property
    def run(self) -> Run:
        """The recording of the present snapshot."""
        return self._derived.run

    @property
    def film(self) -> Film:
        return self.sheet.film

    @property
    def sheet(self) -> Sheet:
        """What is on the canvas: the film, or those of two experiments."""
        if self._sheet is None:
            self._sheet = sheet_of(self._derived)
        return self._sheet

    @property
    def parts(self) -> tuple[Part, ...]:
        """(snapshot, what it leads to) of every experiment shown, the upper one first."""
        parts = self._derived.parts
        return parts[::-1] if self._snapshot.below else parts

    @property
    def losses(self) -> tuple[float | None, ...]:
        """Of every experiment, the one in hand first."""
        return self._derived.losses

    @property
    def path(self) -> Path | None:
        """Where the session is saved; None as long as it never was."""
        return self._path

    @property
    def title(self) -> str:
        return self._path.stem if self._path else self._snapshot.sequence.title or "Untitled"

    @property
    def dirty(self) -> bool:
        """Whether something that matters differs from what is saved; looking around does not."""
        return self._saved is None or self._snapshot.content != self._saved.content

    @property
    def undo_label(self) -> str:
        """What undo would take back ("hidden"), "" if there is nothing."""
        return self._undo[-1].label if self._undo else ""

    @property
    def redo_label(self) -> str:
        return self._redo[-1].label if self._redo else ""

    def observe(self, observer: Observer) -> Callable[[], None]:
        """Call `observer` after every change; the function returned ends that."""
        self._observers.append(observer)

        def leave() -> None:
            if observer in self._observers:
                self._observers.remove(observer)

        return leave

    # -- changes: each is one step of undo ------------------------------------------------------

    def change(self, snapshot: Snapshot, label: str, merge: str = "") -> str:
        """Make `snapshot` the present one; returns a notice for the user, "" if there is none.

        Consecutive changes with the same `merge` word (a slider being dragged) are one step of
        undo until `settle`. Raises `Unusable`, changing nothing, if it cannot be computed.
        """
        derived = self.derive(snapshot, self._derived)
        before = _Past(label, merge, self._snapshot)
        continues = bool(merge and self._undo and self._undo[-1].merge == merge)
        past = self._undo if continues else [*self._undo, before][-MAX_UNDO:]
        self._move(derived.snapshot, derived, past, [])
        return derived.notice

    def settle(self) -> None:
        """The slider was let go: the next change is a step of its own."""
        if self._undo:
            last = self._undo[-1]
            self._undo[-1] = _Past(last.label, "", last.snapshot)

    def set(self, merge: str = "", **settings: object) -> str:
        """Change settings of the experiment by name."""
        label = ", ".join(name.replace("_", " ") for name in settings)
        wanted = with_fitting_text(self._snapshot.with_settings(**settings), self._snapshot)
        return self.change(wanted, label, merge)

    def set_sequence(self, sequence: Sequence) -> str:
        return self.change(self._snapshot.with_sequence(sequence), "sequence")

    def edit(
        self, target: str, index: tuple[int, ...], value: float | None, merge: str = ""
    ) -> str:
        """Type over one cell of a parameter, "x" (t, b, i), "h0" or "c0" (layer, b, unit)."""
        cell = f"{target}[{', '.join(str(i + 1) for i in index)}]"
        if target == "x" and self.run.network.timeless:
            cell = self.run.batch.input_names[index[-1]]
        return self.change(self._snapshot.edited(target, index, value), cell, merge)

    def clear_edits(self) -> str:
        return self.change(self._snapshot.changed(edits=(), losses_off=frozenset()), "edits")

    def set_loss(self, step: int, on: bool, sequence: int = 0) -> str:
        """Click the loss of one step on or off."""
        word = "on" if on else "off"
        return self.change(self._snapshot.with_loss(step, sequence, on), f"loss {step + 1} {word}")

    def compare(self, other: Snapshot | None = None) -> str:
        """Put a second experiment below this one and take it in hand; it is the same once more
        unless `other` is given."""
        both = self._snapshot.compared_with(other or self._snapshot)
        return self.change(both.turned(), "compare")

    def compare_no_more(self) -> str:
        """Keep the experiment in hand alone."""
        return self.change(self._snapshot.alone, "end of comparison")

    def replace(self, snapshot: Snapshot, path: Path | None = None, saved: bool = True) -> None:
        """Open something else: a new document in the same place, without a past.

        `saved` is False for a rescued copy: what it holds is in no session yet.
        """
        derived = self.derive(snapshot, None)
        self._path, self._saved = path, derived.snapshot if saved else None
        self._move(derived.snapshot, derived, [], [], {"path", "title"})

    def open(self, path: str | os.PathLike[str]) -> str:
        """Open a session; returns a warning if it does not compute what it did when saved."""
        stored = session.load(path)
        derived = self.derive(stored.snapshot, None)
        self._path, self._saved = Path(path), derived.snapshot
        self._move(derived.snapshot, derived, [], [], {"path", "title"})
        return "; ".join(filter(None, (stored.verify(*derived.losses), derived.notice)))

    def undo(self) -> None:
        self._travel(self._undo, self._redo)

    def redo(self) -> None:
        self._travel(self._redo, self._undo)

    # -- looking: no step of undo, nothing to save ----------------------------------------------

    def look(self, **fields: Any) -> None:
        """Change `view` or `playhead`; what is computed stays."""
        unknown = set(fields) - {"view", "playhead"}
        if unknown:
            raise TypeError(f"looking changes view and playhead, not {sorted(unknown)}")
        before, self._snapshot = self._snapshot, self._snapshot.changed(**fields)
        self._tell(
            {name for name in fields if getattr(before, name) != getattr(self._snapshot, name)}
        )

    def turn(self) -> None:
        """Take the other of two compared experiments in hand."""
        derived = self.derive(self._snapshot.turned(), self._derived)
        self._move(derived.snapshot, derived, self._undo, self._redo)

    # -- the file -------------------------------------------------------------------------------

    def pack(self) -> bytes:
        """The bytes of the session as it is now."""
        return session.pack(self._snapshot, *self.losses, thumbnail=self._small_picture())

    def save(self, path: str | os.PathLike[str] | None = None) -> Path:
        """Save, under another name if one is given; the dirty mark goes only when it is done."""
        place = Path(path) if path is not None else self._path
        if place is None:
            raise ValueError("a document that was never saved needs a path")
        session.save(place, self.pack())
        self._path, self._saved = place, self._snapshot
        self._tell({"path", "dirty", "title"})
        return place

    def _small_picture(self) -> str | None:
        if self._thumbnail is None:
            return None
        try:
            moment = self.sheet.moment_within(self.sheet.hand, self._snapshot.playhead)
            return self._thumbnail(self._snapshot.changed(playhead=moment), self.film)
        except Exception:  # whatever fails in drawing, the document must be saved
            log.exception("the thumbnail could not be drawn")
            return None

    # -- inside ---------------------------------------------------------------------------------

    def _travel(self, here: list[_Past], there: list[_Past]) -> None:
        if not here:
            return
        past = here[-1]
        # where one looks stays: undo takes back a choice, not a glance
        goal = past.snapshot.changed(view=self._snapshot.view, playhead=self._snapshot.playhead)
        derived = self.derive(goal, self._derived)
        there.append(_Past(past.label, "", self._snapshot))
        del here[-1]
        self._move(derived.snapshot, derived, self._undo, self._redo)

    def _move(
        self,
        snapshot: Snapshot,
        derived: Derived,
        undo: list[_Past],
        redo: list[_Past],
        also: Collection[str] = (),
    ) -> None:
        before, title, dirty = self._snapshot, self.title, self.dirty
        ran = [c for _, c in derived.parts] != [c for _, c in self._derived.parts]
        if len(derived.parts) != len(self._derived.parts):
            snapshot = self._moved_over(snapshot, derived)
        self._snapshot, self._derived, self._sheet = snapshot, derived, None
        self._undo, self._redo = undo, redo
        changed = {"history", *also}
        changed |= {"run"} if ran else set()
        changed |= {"title"} if title != self.title else set()
        changed |= {"dirty"} if dirty != self.dirty else set()
        for name in FIELDS:
            if getattr(before, name) is not getattr(snapshot, name):
                changed.add(name)
        self._tell(changed)

    def _moved_over(self, snapshot: Snapshot, derived: Derived) -> Snapshot:
        """With the playhead where it was, told by the clock of two films or by that of one."""
        old, new = self.sheet, sheet_of(derived)
        moment = old.moment_within(old.hand, snapshot.playhead)
        runs = [film.run for film in new.films]
        place = runs.index(self.run) if self.run in runs else new.hand
        return snapshot.changed(playhead=new.moment_of(place, moment))

    def _tell(self, changed: Collection[str]) -> None:
        if changed:
            for observer in tuple(self._observers):
                observer(frozenset(changed))
