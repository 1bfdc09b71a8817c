"""The training of the document: started, paused, stopped, and its parameters shown as they come.

It runs in a process of its own (`engine.training.learner`); here it is asked how far it is. All of
one training is one step of undo. The form and the curves look at this, and never at each other.
"""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, QTimer, Signal

from engine.errors import Unusable
from engine.sequences import Sequence
from engine.training.history import History
from engine.training.learner import Learner
from engine.training.trained import Trained
from engine.training.training import Training
from engine.training.writer import refuse_what_cannot_write
from visualizer.document.learning import (
    at_update,
    grown,
    kept_of,
    learns_from,
    length_of,
    resumed_of,
    starts_from,
    wired_of,
    with_length,
)
from visualizer.document.snapshot import Snapshot
from visualizer.widgets.parts.options import in_the_window
from visualizer.widgets.parts.stage import Stage

LOOK = 40  # ms
TOLD = 4  # looks between two times that form and curves are told
REST = 8.0  # times as long as the last parameters took to show, for the frames between
EVERY = 50  # updates from sample to sample, of models that can write


class Learning(QObject):
    """One for a window. `changed`: begun, ended, paused, or other settings; `told`: how far it
    is, some times a second."""

    changed = Signal()
    told = Signal()
    begun = Signal()

    def __init__(self, stage: Stage, parent: QObject) -> None:
        super().__init__(parent)
        self._stage = stage
        self.learner: Learner | None = None
        self.training = Training(sample_every=EVERY)
        self.beside: Learner | None = None  # of the other of two that are compared
        self._began: Snapshot | None = None
        self._trained: Trained | None = None  # whose settings are shown
        self._own: Trained | None = None  # what the training under way has shown last
        self.length: int | None = None  # of the sequences of a generated task
        self._measured: Sequence | None = None  # whose length that is
        self._looks = 0
        self._rested = 0.0  # when the next parameters may be shown
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK)
        self._timer.timeout.connect(self._look)
        stage.aimed.connect(self._aimed)
        stage.ran.connect(self._aimed)
        parent.destroyed.connect(self.close)
        self._measure(stage.document.wanted)

    # ---- what is asked for

    @property
    def running(self) -> bool:
        return self.learner is not None

    @property
    def paused(self) -> bool:
        return self.learner is not None and self.learner.paused

    @property
    def remark(self) -> str:
        """What is to be said of the training that the document has."""
        trained = self._stage.document.wanted.trained
        return trained.remark if trained is not None else ""

    @property
    def history(self) -> History | None:
        """What is remembered of the training that the document has."""
        trained = self._stage.document.wanted.trained
        return trained.history if trained is not None else None

    @property
    def writes(self) -> bool:
        """Whether what is shown can write samples while it learns: a model over tokens."""
        run = self._stage.run
        try:
            refuse_what_cannot_write(run.experiment, run.batch)
        except Unusable:
            return False
        return run.batch.kind == "class"

    def choose(self, name: str, value: object) -> None:
        """Another setting of the next training."""
        try:
            self.training = self.training.changed(**{name: value})
            if name == "length" and self.length is not None:
                longer = with_length(self._stage.document.wanted, self.training.length)
                self._stage.attempt(lambda: self._stage.document.change(longer, "length", "length"))
        except Unusable as error:
            self._stage.refused.emit(in_the_window(str(error)))
        self.changed.emit()

    def toggle(self) -> None:
        """Train; or wait; or go on."""
        if self.learner is None:
            self.start()
        else:
            paused = not self.learner.paused
            for learner in self._learners:
                learner.pause(paused)
            self.changed.emit()

    def start(self) -> None:
        """Train what is shown, from the parameters that it has; two that are compared both, each in
        a process of its own."""
        snapshot = self._stage.document.wanted
        self.learner = self._learner(snapshot)
        self.beside = self._learner(snapshot.beside) if snapshot.beside is not None else None
        self._began, self._own = snapshot, None
        if not self._stage.position:
            self._stage.move_to(1.0)  # what changes is seen when all of it has happened
        self._timer.start()
        self.begun.emit()
        self.changed.emit()

    def _learner(self, snapshot: Snapshot) -> Learner:
        training = self.training if self.writes else self.training.changed(sample_every=0)
        return Learner(
            learns_from(snapshot),
            snapshot.experiment,
            training,
            starts_from(snapshot),
            resumed_of(snapshot),
            wired_of(snapshot),
        )

    @property
    def _learners(self) -> list[Learner]:
        return [each for each in (self.learner, self.beside) if each is not None]

    def stop(self) -> None:
        """End; what was learnt so far stays."""
        for learner in self._learners:
            learner.stop()

    # ---- going back to a kept update

    @property
    def wanted(self) -> Snapshot:
        """What has been chosen, whose parameters these are."""
        return self._stage.document.wanted

    @property
    def kept(self) -> tuple[int, ...]:
        """The updates that one can go to, by how many are behind them; the last one included."""
        return kept_of(self._stage.document.wanted)

    @property
    def shown(self) -> int | None:
        """How many updates the parameters of the graph have behind them; None: they are others."""
        return self._stage.document.wanted.update

    def go_to(self, update: int) -> None:
        """Show the kept update that is nearest; a training under way goes on meanwhile."""
        document = self._stage.document
        there = at_update(document.wanted, update)
        if there.parameters is not document.wanted.parameters:
            merge = "training" if self.running else "update shown"
            self._stage.attempt(lambda: document.change(there, "update shown", merge))

    def go_to_last(self) -> None:
        """Show what training left, or has come to."""
        if self.kept:
            self.go_to(self.kept[-1])
            self.settle()

    def settle(self) -> None:
        """The hand has let go of the update; all of a training stays one step of undo."""
        if not self.running:
            self._stage.document.settle()

    def close(self) -> None:
        """End it with the window."""
        self._timer.stop()
        for learner in self._learners:
            learner.close()
        self.learner = self.beside = None

    # ---- what comes

    def _look(self) -> None:
        learners = self._learners
        if not learners:
            return
        for learner in learners:
            learner.poll()
            trained = learner.trained if not learner.running else None
            if learner.fresh and learner.running and time.perf_counter() > self._rested:
                trained = learner.so_far()
            if trained is not None and trained.history.count:
                then = time.perf_counter()
                self._show(trained, learner is self.beside)
                self._rested = time.perf_counter() + REST * (time.perf_counter() - then)
        if not any(learner.running for learner in learners):
            self._end(learners)
        self._looks += 1
        if self.learner is None:
            self.changed.emit()
        elif self._looks % TOLD == 0:
            self.told.emit()

    def _show(self, trained: Trained, beside: bool) -> None:
        """The parameters as they are now, in the place of those before; an earlier update that
        somebody looks at stays where it is."""
        document, wanted = self._stage.document, self._stage.document.wanted
        if beside:
            other = wanted.beside
            if other is None or other.trained is trained:
                return
            shown = wanted.changed(beside=grown(other, trained))
        elif wanted.trained is trained:
            return
        else:
            shown = grown(wanted, trained)
            at, before = wanted.update, self._own
            if before is not None and before is wanted.trained and at != before.history.count:
                shown = at_update(shown, at or 0)
            self._trained = self._own = trained
        self._began = shown
        self._stage.attempt(lambda: document.change(shown, "training", "training"))

    def _end(self, learners: list[Learner]) -> None:
        self._timer.stop()
        self.learner = self.beside = None
        self._stage.document.settle()
        for learner in learners:
            if learner.error is not None:
                self._stage.refused.emit(in_the_window(str(learner.error)))
            elif learner.trained is not None and learner.trained.history.ended:
                self._stage.noted.emit(in_the_window(learner.trained.history.ended))

    def _follow(self, wanted: Snapshot) -> None:
        """Of two that are compared the other may have been taken in hand, or be gone."""
        began = self._began
        if began is None or began.beside is None or self.beside is None:
            return
        if wanted.beside is None or began.beside.experiment not in (
            wanted.experiment,
            wanted.beside.experiment,
        ):
            self.beside.close()
            self.beside = None
        elif wanted.below != began.below:
            assert self.learner is not None
            self.learner, self.beside = self.beside, self.learner
            self._began, self._own = wanted, None

    def _measure(self, wanted: Snapshot) -> None:
        """Sequences that training draws are as long as those that are shown."""
        if wanted.sequence is not self._measured:
            self._measured, self.length = wanted.sequence, length_of(wanted)
        if self.length is not None and self.length != self.training.length:
            self.training = self.training.changed(length=self.length)

    def _aimed(self) -> None:
        """What is wanted now may be another model: then the training of this one is over."""
        wanted = self._stage.document.wanted
        self._follow(wanted)
        began = self._began
        if self.learner is None:
            if wanted.trained is not None and wanted.trained is not self._trained:
                self._trained = wanted.trained
                self.training = wanted.trained.training
            self._measure(wanted)
            self.changed.emit()
            return
        assert began is not None
        # what the network writes meanwhile is nothing that is learnt
        other = wanted.experiment.taught != began.experiment.taught
        if other or wanted.sequence is not began.sequence:
            self.close()
            self._stage.noted.emit("Training ended, since the model or its sequence was changed")
            self.changed.emit()
