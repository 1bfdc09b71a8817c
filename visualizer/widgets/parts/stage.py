"""What the controls share: the document with Qt signals, the frame of this moment, the selection.

Every change goes to the document through here, so that what cannot be used becomes one sentence
(`refused`) and never an exception in a control. Nothing is drawn and nothing is computed here.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from engine.door import Run
from engine.errors import Unusable
from engine.sequences import Sequence, sample
from engine.template import Node
from visualizer.document.document import Document
from visualizer.scene.film import Film
from visualizer.scene.frame import Frame
from visualizer.scene.sheet import Sheet
from visualizer.scene.view import View
from visualizer.scene.whereabouts import brought
from visualizer.widgets.parts.long_work import LongWork
from visualizer.widgets.parts.selection import Parameter, Selection, first_selection, fitting

NEAR = 1e-6  # events that do not count
MOST_SCANNED = 5_000  # events; a step of the widest cell has far fewer
RUN = frozenset(
    {"run", "experiment", "sequence", "edits", "losses_off", "parameters", "beside", "trained"}
)


class Stage(QObject):
    """One for a window. `ran`: another film · `moved`: the playhead · `looked`: view or selection
    · `aimed`: something is wanted that may not be there yet, or is wanted no more · `told`: title,
    path, dirty mark or history · `refused`, `noted`: sentences for the user."""

    ran = Signal()
    moved = Signal()
    looked = Signal()
    aimed = Signal()
    told = Signal()
    refused = Signal(str)
    noted = Signal(str)

    def __init__(
        self, document: Document, parent: QObject | None = None, work: LongWork | None = None
    ) -> None:
        super().__init__(parent)
        self.work = work
        self.document = document
        self._network = document.run.recording.network
        self.selection: Selection = first_selection(self._network)
        self.opening = ""  # the file that will take the place of what is shown
        self.fitted = True  # the graph follows the size of the window until one zooms or moves it
        self._settling = False
        self._frames: tuple[Frame, ...] = ()
        self._pending: dict[str, object] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._apply_pending)
        document.look(view=self._selecting())
        document.observe(self._observed)
        document.refuse = self._refuse
        document.note = self._note

    # ---- reading

    @property
    def run(self) -> Run:
        return self.document.run

    @property
    def film(self) -> Film:
        return self.document.film

    @property
    def sheet(self) -> Sheet:
        """What is on the canvas: the film, or those of two experiments."""
        return self.document.sheet

    @property
    def comparing(self) -> bool:
        return self.sheet.several

    @property
    def events(self) -> int:
        return self.sheet.events

    @property
    def position(self) -> float:
        return self.document.snapshot.playhead

    @property
    def frames(self) -> tuple[Frame, ...]:
        """The frame of every film at the playhead, made once for each moment."""
        if not self._frames:
            self._frames = self.sheet.frames_at(self.position)
        return self._frames

    @property
    def frame(self) -> Frame:
        """The frame of the film in hand."""
        return self.frames[self.sheet.hand]

    @property
    def done(self) -> int:
        """Events that have happened; of two films the ticks of their clock."""
        if not self.sheet.several:
            return self.frame.done
        return math.floor(self.position * self.events + NEAR)

    @property
    def inside(self) -> bool:
        """Whether the playhead stands between two events."""
        if not self.sheet.several:
            return self.frame.fraction > 0
        return self.position * self.events - self.done > NEAR

    @property
    def view(self) -> View:
        view = self.document.snapshot.view
        return view if isinstance(view, View) else View()

    @property
    def shown_sequence(self) -> int:
        """The sequence of the batch that is shown."""
        return min(max(self.view.sequence, 0), self.run.recording.batch - 1)

    @property
    def follows(self) -> bool:
        """Whether the picture goes with the playhead."""
        return self.view.follow

    @property
    def node(self) -> Node | None:
        """The selected node, if a node is selected."""
        return self.selection if isinstance(self.selection, Node) else None

    @property
    def node_step(self) -> int | None:
        """The step, of all, that the selected node stands in."""
        node = self.node
        if node is None:
            return None
        return max(node.t, 0) + self.film.tile(node.segment, self.shown_sequence)

    # ---- choices: each is a step of undo, and may be refused, now or when it has been tried

    def attempt(self, deed: Callable[[], Any]) -> bool:
        """Do it; what cannot be used becomes a sentence. Whether it was done, or is under way."""
        try:
            notice = deed()
        except Unusable as error:
            self._refuse(error)
            return False
        if isinstance(notice, str) and notice:
            self._note(notice)
        return True

    def _refuse(self, error: Unusable) -> None:
        from visualizer.widgets.parts.options import in_the_window

        self.refused.emit(in_the_window(str(error)))

    def _note(self, words: str) -> None:
        from visualizer.widgets.parts.options import in_the_window

        self.noted.emit(in_the_window(words))

    def set(self, name: str, value: object, merge: str = "") -> bool:
        """Change one setting of the experiment now."""
        return self.attempt(lambda: self.document.set(merge, **{name: value}))

    def set_soon(self, name: str, value: object) -> None:
        """Change a setting when the events that wait are through: of a burst only the last runs."""
        self._pending[name] = value
        if not self._timer.isActive():
            self._timer.start()

    def _apply_pending(self) -> None:
        pending, self._pending = self._pending, {}
        for name, value in pending.items():
            if value != getattr(self.document.wanted.experiment, name):
                self.set(name, value, merge=f"set {name}")
        if self._settling and not self._pending:
            self._settling = False
            self.document.settle()

    def settle(self) -> None:
        """The slider was let go: the next change of it is a step of undo of its own."""
        self._settling = True
        self._timer.start()

    def show_sequence(self, sequence: Sequence, merge: str = "") -> bool:
        document = self.document
        if not merge:
            return self.attempt(lambda: document.set_sequence(sequence))
        wanted = document.wanted.with_sequence(sequence)
        return self.attempt(lambda: document.change(wanted, "sequence", merge))

    def show_sample(self, name: str) -> bool:
        return self.attempt(lambda: self.document.set_sequence(sample(name)))

    def page_on(self) -> bool:
        """Record the steps after these, of a sequence that is too long for all of them."""
        return self._turn_page(1)

    def page_back(self) -> bool:
        return self._turn_page(-1)

    def _turn_page(self, direction: int) -> bool:
        window = self.run.batch.window
        first = window.beside(direction) if window is not None else None
        return first is not None and self.set("first", first)

    def edit(self, target: str, index: tuple[int, ...], value: float | None) -> bool:
        """Type over one number; None gives it back."""
        return self.attempt(lambda: self.document.edit(target, index, value))

    def toggle_loss(self, step: int) -> bool:
        """Click the loss of a step of the shown sequence on or off."""
        b = self.view.sequence
        on = (step, b) in self.document.wanted.losses_off
        return self.attempt(lambda: self.document.set_loss(step, on, b))

    def restore_numbers(self) -> bool:
        """Give back every number that was typed over."""
        snapshot = self.document.wanted.changed(edits=())
        return self.attempt(lambda: self.document.change(snapshot, "typed numbers"))

    def restore_losses(self) -> bool:
        """Click every loss on."""
        snapshot = self.document.wanted.changed(losses_off=frozenset())
        return self.attempt(lambda: self.document.change(snapshot, "losses on"))

    def compare(self) -> bool:
        """Double the experiment, the new one in hand; or end the comparison with the one in hand
        alone."""
        document = self.document
        return self.attempt(document.compare_no_more if self.comparing else document.compare)

    def turn(self) -> None:
        """Take the other of two experiments in hand."""
        if self.comparing:
            self.attempt(self.document.turn)

    # ---- looking

    def look(self, **fields: Any) -> None:
        """Change fields of the view."""
        self.document.look(view=replace(self.view, **fields))

    def bring(self, step: float, width: int, height: int) -> None:
        """Move the graph, in a canvas of this size, until a step is at its left edge; what is
        behind the last one stays out of sight."""
        self.fitted = False
        self.document.look(view=brought(self.sheet, self.view, width, height, step))

    def toggle_follow(self) -> None:
        self.look(follow=not self.follows)

    def select(self, selection: Selection) -> None:
        """Select something; the inspector shows it and the graph marks it."""
        if selection != self.selection:
            self.selection = selection
            self.document.look(view=self._selecting())
            self.looked.emit()

    def _selecting(self) -> View:
        """The view with what is selected: a node, or the card of a parameter."""
        chosen = self.selection
        name = chosen.name if isinstance(chosen, Parameter) else ""
        return replace(self.view, selected=self.node, parameter=name)

    def move_to(self, position: float) -> None:
        """Put the playhead at a moment, 0 … 1."""
        self.document.look(playhead=min(max(position, 0.0), 1.0))

    def move_to_own(self, moment: float) -> None:
        """A moment of the film in hand, told as the fraction of its own events."""
        self.move_to(self.sheet.moment_of(self.sheet.hand, moment))

    def move_to_event(self, done: int) -> None:
        """The moment after so many events."""
        events = max(self.events, 1)
        self.move_to(min(max(done, 0), events) / events)

    def next_step(self, direction: int) -> int:
        """How many events have happened when the next step begins, or the one before."""
        events, n = self.events, self.done
        clock = self.sheet.clock
        if clock is not None:
            return clock.next_step(self.position * events, direction)
        if direction < 0:
            n = max(n - 1, 0)
        here = self._step_of(n)
        for _ in range(MOST_SCANNED):
            n += direction
            if not 0 < n < events:
                return min(max(n, 0), events)
            if self._step_of(n) != here:
                break
        if direction > 0:
            return n
        there = self._step_of(n)
        for _ in range(MOST_SCANNED):
            if n <= 0 or self._step_of(n - 1) != there:
                break
            n -= 1
        return n

    def _step_of(self, event: int) -> tuple[str, int | None]:
        """Phase and global step of an event."""
        if not 0 <= event < self.events:
            return "", None
        found = self.film.event(event)
        if found.node is None:
            return found.phase, None
        offset = self.run.recording.network.segments[found.node.segment].offset
        return found.phase, found.node.t + offset

    # ---- hearing

    def _observed(self, changed: frozenset[str]) -> None:
        if changed != {"view"}:
            self._frames = ()
        if "run" in changed or changed & RUN:
            self._ran()
        elif "playhead" in changed:
            self.moved.emit()
        if "view" in changed:
            self.looked.emit()
        if "wanted" in changed:
            self.aimed.emit()
        if changed & {"title", "path", "dirty", "history"}:
            self.told.emit()

    def _ran(self) -> None:
        network = self.run.recording.network
        self.selection = fitting(self.selection, self._network, network)
        self._network = network
        if self.view != self._selecting():
            self.document.look(view=self._selecting())
        self.ran.emit()
