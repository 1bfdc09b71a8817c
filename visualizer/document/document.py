"""The only state of the program: the present snapshot, the way to it, and where it is saved.

Controls change it here and are told by plain callbacks; what they show is derived from it. What
takes long is derived `beside`: until it is there the document shows what it showed, and `wanted`
is ahead of it. No Qt, and nothing that draws. Files are read and written by `session`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from engine.door import Run
from engine.errors import Unusable
from engine.sequences import Sequence
from visualizer.document import session
from visualizer.document.beside import Beside, Goal
from visualizer.document.derive import Derived, Part, derive, sheet_of, timed
from visualizer.document.formulas import with_fitting_text
from visualizer.document.history import State
from visualizer.document.snapshot import Snapshot
from visualizer.document.thumbnail import Draw, small_picture
from visualizer.scene.film import Film
from visualizer.scene.sheet import Sheet

FIELDS = (
    "experiment", "sequence", "edits", "losses_off", "parameters", "view", "playhead", "beside",
    "trained",
)  # fmt: skip
Observer = Callable[[frozenset[str]], None]
Done = Callable[[], None]


class Document:
    """One experiment being looked at. Every change either holds as a whole or raises `Unusable`;
    one that is derived beside holds later, or `refuse` is told.

    Observers are called with the names of what changed: one of FIELDS, "run", "history", "path",
    "dirty", "title", "wanted".
    """

    def __init__(
        self,
        snapshot: Snapshot,
        path: str | os.PathLike[str] | None = None,
        thumbnail: Draw | None = None,
        saved: bool = True,
    ) -> None:
        self.beside: Beside | None = None  # a window puts one here
        self.refuse: Callable[[Unusable], None] = lambda error: None
        self.note: Callable[[str], None] = lambda words: None
        self._derived = derive(snapshot)
        self._sheet: Sheet | None = None
        self._observers: list[Observer] = []
        place = Path(path) if path is not None else None
        own = self._derived.snapshot  # without edits that do not fit
        self._shown = State(own, path=place, saved=snapshot if saved else None)
        self._ahead: list[Goal] = []  # what is wanted and not there yet, the newest last
        self.thumbnail = thumbnail

    @property
    def snapshot(self) -> Snapshot:
        """What is shown, and computed."""
        return self._shown.snapshot

    @property
    def wanted(self) -> Snapshot:
        """What the user has chosen: changes go on from here."""
        return self._wanted.snapshot

    @property
    def waiting(self) -> bool:
        """Whether something is wanted that is not there yet."""
        return bool(self._ahead)

    @property
    def _wanted(self) -> State:
        return self._ahead[-1].state if self._ahead else self._shown

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
        return parts[::-1] if self.snapshot.below else parts

    @property
    def losses(self) -> tuple[float | None, ...]:
        """Of every experiment, the one in hand first."""
        return self._derived.losses

    @property
    def path(self) -> Path | None:
        """Where the session is saved; None as long as it never was."""
        return self._shown.path

    @property
    def title(self) -> str:
        return self.path.stem if self.path else self.snapshot.sequence.title or "Untitled"

    @property
    def dirty(self) -> bool:
        """Whether something that matters differs from what is saved; looking around does not."""
        return self._wanted.dirty

    @property
    def undo_label(self) -> str:
        """What undo would take back ("hidden"), "" if there is nothing."""
        return self._wanted.undo[-1].label if self._wanted.undo else ""

    @property
    def redo_label(self) -> str:
        return self._wanted.redo[-1].label if self._wanted.redo else ""

    def observe(self, observer: Observer) -> Callable[[], None]:
        """Call `observer` after every change; the function returned ends that."""
        self._observers.append(observer)

        def leave() -> None:
            if observer in self._observers:
                self._observers.remove(observer)

        return leave

    # -- changes: each is one step of undo ------------------------------------------------------

    def change(self, snapshot: Snapshot, label: str, merge: str = "", **more: Any) -> str:
        """Make `snapshot` the present one; returns a notice for the user, "" if there is none.

        Consecutive changes with the same `merge` word (a slider being dragged) are one step of
        undo until `settle`. Raises `Unusable`, changing nothing. `verify`: as of `replace`."""
        return self._aim(self._wanted.changed(snapshot, label, merge), merge, **more)

    def settle(self) -> None:
        """The slider was let go: the next change is a step of its own."""
        self._shown = self._shown.settled()
        self._ahead = [replace(goal, state=goal.state.settled()) for goal in self._ahead]
        if self.beside is not None:
            self.beside.settle()

    def give_up(self) -> None:
        """Want no more than what is shown."""
        if self._ahead:
            self._forget_ahead()
            self._tell({"wanted", "history", "dirty"})

    def set(self, merge: str = "", **settings: object) -> str:
        """Change settings of the experiment by name."""
        label = ", ".join(name.replace("_", " ") for name in settings)
        wanted = with_fitting_text(self.wanted.with_settings(**settings), self.wanted)
        return self.change(wanted, label, merge)

    def set_sequence(self, sequence: Sequence) -> str:
        return self.change(self.wanted.with_sequence(sequence), "sequence")

    def edit(
        self, target: str, index: tuple[int, ...], value: float | None, merge: str = ""
    ) -> str:
        """Type over one cell of a parameter, "x" (t, b, i), "h0" or "c0" (layer, b, unit)."""
        cell = f"{target}[{', '.join(str(i + 1) for i in index)}]"
        if target == "x" and self.run.network.timeless:
            cell = self.run.batch.input_names[index[-1]]
        return self.change(self.wanted.edited(target, index, value), cell, merge)

    def set_loss(self, step: int, on: bool, sequence: int = 0) -> str:
        """Click the loss of one step on or off."""
        word = "on" if on else "off"
        return self.change(self.wanted.with_loss(step, sequence, on), f"loss {step + 1} {word}")

    def compare(self, other: Snapshot | None = None) -> str:
        """Put a second experiment below this one and take it in hand; it is the same once more
        unless `other` is given."""
        both = self.wanted.compared_with(other or self.wanted)
        return self.change(both.turned(), "compare")

    def compare_no_more(self) -> str:
        """Keep the experiment in hand alone."""
        return self.change(self.wanted.alone, "end of comparison")

    def replace(self, snapshot: Snapshot, path: Path | None = None, **more: Any) -> str:
        """Open something else: a new document in the same place, without a past.

        `saved=False`: it is in no session yet. `verify` may say something of what was derived.
        """
        state = State(snapshot, path=path, saved=snapshot if more.get("saved", True) else None)
        verify = more.get("verify", lambda derived: "")
        return self._reach(Goal(state, None, {"path", "title"}, True, verify))

    def open(self, path: str | os.PathLike[str], stored: session.Stored | None = None) -> str:
        """Open a session (read already, maybe); returns what is to be said of its numbers."""
        stored = stored or session.load(path)
        state = State(stored.snapshot, path=Path(path), saved=stored.snapshot)
        said = Goal(state, None, {"path", "title"}, True, lambda its: stored.verify(*its.losses))
        return self._reach(said)

    def undo(self) -> None:
        if self._wanted.undo:
            self._aim(self._wanted.undone())

    def redo(self) -> None:
        if self._wanted.redo:
            self._aim(self._wanted.redone())

    # -- looking: no step of undo, nothing to save ----------------------------------------------

    def look(self, **fields: Any) -> None:
        """Change `view` or `playhead`; what is computed stays."""
        unknown = set(fields) - {"view", "playhead"}
        if unknown:
            raise TypeError(f"looking changes view and playhead, not {sorted(unknown)}")
        before, after = self.snapshot, self.snapshot.changed(**fields)
        self._shown = replace(self._shown, snapshot=after)
        self._tell({name for name in fields if getattr(before, name) != getattr(after, name)})

    def turn(self) -> None:
        """Take the other of two compared experiments in hand."""
        self._aim(replace(self._wanted, snapshot=self.wanted.turned()))

    # -- the file -------------------------------------------------------------------------------

    def pack(self) -> bytes:
        """The bytes of the session as it is now."""
        picture = small_picture(self.thumbnail, self.snapshot, lambda: self.sheet)
        return session.pack(self.snapshot, *self.losses, thumbnail=picture)

    def save(self, path: str | os.PathLike[str] | None = None) -> Path:
        """Save, under another name if one is given; the dirty mark goes only when it is done."""
        place, done = self.saving(path)
        session.save(place, self.pack())
        done()
        return place

    def saving(self, path: str | os.PathLike[str] | None = None) -> tuple[Path, Done]:
        """Where what is shown now is to be saved, and what is called when it is on the disk."""
        place = Path(path) if path is not None else self.path
        if place is None:
            raise ValueError("a document that was never saved needs a path")
        return place, partial(self._saved, place, self._shown)

    def _saved(self, place: Path, shown: State) -> None:
        """What was shown then is in a file; a document that was opened since is not."""
        old = self._shown
        new = replace(old, path=place, saved=shown.snapshot)
        self._shown = new if old.origin is shown.origin else old
        self._ahead = [goal.saved_as(shown, new) for goal in self._ahead]
        self._tell({"path", "dirty", "title"})

    # -- inside ---------------------------------------------------------------------------------

    def _aim(self, state: State, merge: str = "", **more: Any) -> str:
        """Go to a state that belongs to this document."""
        now = self._wanted.snapshot
        looks = state.snapshot.view is not now.view or state.snapshot.playhead != now.playhead
        looks |= bool(self._ahead) and self._ahead[-1].looks
        goal = Goal(state, self._derived, looks=looks, **more)
        return self._reach(goal, self._wanted.continues(merge))

    def _reach(self, goal: Goal, continues: bool = False) -> str:
        """At once, or when it has been derived beside; what the user is to be told now."""
        snapshot = goal.state.snapshot
        if self.beside is not None and self.beside.takes(snapshot, goal.before):
            # a drag wants its last value alone; of other changes each is gone back to on failure
            self._ahead = [*(self._ahead[:-1] if continues else self._ahead), goal]
            self._ask(goal, dragging=continues)
            self._tell({"wanted", "history", "dirty"})
            return ""
        derived = derive(snapshot, goal.before)
        self._forget_ahead()
        return self._arrive(goal, derived)

    def _ask(self, goal: Goal, dragging: bool = False) -> None:
        assert self.beside is not None
        answer = partial(self._answered, goal)
        self.beside.ask(goal.state.snapshot, goal.before, answer, dragging=dragging)

    def _answered(self, goal: Goal, found: Derived | Exception) -> None:
        """What was derived beside is there, or failed: then the change before it is wanted."""
        newest = bool(self._ahead) and goal.state.snapshot is self.wanted
        if isinstance(found, Exception):
            if newest:
                self._fail(found)
            if not isinstance(found, Unusable):
                raise found
            return
        goal = self._ahead[-1] if newest else goal  # it may have settled since
        self._ahead = [] if newest else self._ahead[-1:]
        if not goal.looks:
            found = found.seen_as(self.snapshot)
        if notice := self._arrive(goal, found):
            self.note(notice)
        for error in goal.refused:
            self.refuse(error)

    def _fail(self, error: Exception) -> None:
        """The newest change cannot be had; it is said when what was wanted before it is shown."""
        goal = self._ahead.pop()
        refused = (*goal.refused, error) if isinstance(error, Unusable) else goal.refused
        self._tell({"wanted", "history", "dirty"})
        if self._ahead:
            self._ahead[-1] = replace(self._ahead[-1], refused=refused)
            self._ask(self._ahead[-1])
        for each in refused if not self._ahead else ():
            self.refuse(each)

    def _forget_ahead(self) -> None:
        if self._ahead and self.beside is not None:
            self.beside.stop()
        self._ahead = []

    def _arrive(self, goal: Goal, derived: Derived) -> str:
        """Show what was derived; returns what is to be said of it."""
        before, title, dirty = self.snapshot, self.title, self.dirty
        snapshot, state = derived.snapshot, goal.state
        ran = [c for _, c in derived.parts] != [c for _, c in self._derived.parts]
        if len(derived.parts) != len(self._derived.parts):
            snapshot = timed(snapshot, derived, self.sheet, self.run)
        saved = snapshot if state.saved is state.snapshot else state.saved
        self._shown = replace(state, snapshot=snapshot, saved=saved)
        self._derived, self._sheet = derived, None
        changed = {"history", "wanted", *goal.also}
        changed |= {"run"} if ran else set()
        changed |= {"title"} if title != self.title else set()
        changed |= {"dirty"} if dirty != self.dirty else set()
        changed |= {n for n in FIELDS if getattr(before, n) is not getattr(snapshot, n)}
        self._tell(changed)
        return "; ".join(filter(None, (goal.verify(derived), derived.notice)))

    def _tell(self, changed: Collection[str]) -> None:
        if changed:
            for observer in tuple(self._observers):
                observer(frozenset(changed))
