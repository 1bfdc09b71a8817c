"""Recordings that take long are made beside the window, with progress and a way out.

Short ones are made at once: a thread would only delay a slider. The document does not know the
difference; it asks `LongWork.derive` where it asked `derive`.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer
from PySide6.QtWidgets import QProgressDialog, QWidget

from engine.errors import Stopped
from visualizer.document.derive import Derived, derive, missing
from visualizer.document.snapshot import Snapshot
from visualizer.plots.norms import SHARES_UP_TO, shares_of, shown_slot
from visualizer.scene.film import Film
from visualizer.scene.view import View

LONG = 0.3  # seconds from which work is done beside the window
PATIENCE = 300  # ms before the progress is shown
LOOK = 30  # ms between looks at the work
PER_STEP, PER_PRODUCT = 40e-6, 1.2e-9  # seconds, on one slow core
PER_WEIGHT = 1.2e-7  # drawing a parameter, and its gradient
COUNTED = 100_000  # characters of text whose words are counted; of a longer one about one in six


@dataclass
class _Work:
    """One recording under way. The thread writes, the window reads."""

    snapshot: Snapshot
    before: Derived | None
    parts: tuple[Snapshot, ...]  # of the experiments, those that are not known yet
    stop: bool = False
    share: float = 0.0
    made: Derived | None = None
    error: BaseException | None = None
    over: threading.Event = field(default_factory=threading.Event)

    def watch(self, share: float) -> None:
        if self.stop:
            raise Stopped
        self.share = share

    def perform(self) -> None:
        try:
            made = derive(self.snapshot, self.before, self.watch)
            for _, computed in made.parts:
                _measure(computed.film)
            self.made = made
        except BaseException as error:  # raised again where it was asked for
            self.error = error
        self.over.set()


class LongWork(QObject):
    """One for a window."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK)
        self._timer.timeout.connect(self._look)
        self._loop = QEventLoop(self)
        self._work: _Work | None = None
        self._dialog: QProgressDialog | None = None

    def derive(self, snapshot: Snapshot, before: Derived | None) -> Derived:
        """What a snapshot leads to; raises `Unusable`, and `Stopped` if the user ended it."""
        parts = missing(snapshot, before)
        short = sum(seconds(part, steps_of(part)) for part in parts) < LONG
        if self._work is not None or short:
            return derive(snapshot, before)
        work = self._work = _Work(snapshot, before, parts)
        longest = max(parts, key=steps_of)
        self._dialog = self._make_dialog(steps_of(longest), longest.experiment.hidden)
        threading.Thread(target=work.perform, daemon=True, name="recording").start()
        self._timer.start()
        try:
            self._loop.exec()
        finally:
            self._timer.stop()
            self._dialog.canceled.disconnect(self._stop)
            self._dialog.close()
            self._dialog.deleteLater()
            self._work = self._dialog = None
        if work.error is not None:
            raise work.error
        if work.made is None:
            raise Stopped
        return work.made

    def _make_dialog(self, steps: int, hidden: int) -> QProgressDialog:
        words = f"Recording {steps:,} steps of {hidden:,} units"
        dialog = QProgressDialog(words, "Stop", 0, 100, self._window)
        dialog.setWindowTitle("Unrolled")
        dialog.setWindowModality(Qt.WindowModality.WindowModal)
        dialog.setMinimumDuration(1_000_000)  # its own guess at what is left comes too late
        QTimer.singleShot(PATIENCE, dialog, dialog.show)
        dialog.setAutoReset(False)
        dialog.setAutoClose(False)
        dialog.canceled.connect(self._stop)
        dialog.setValue(0)
        return dialog

    def _look(self) -> None:
        work, dialog = self._work, self._dialog
        if work is None or dialog is None:
            return
        if work.over.is_set():
            self._loop.quit()
            return
        dialog.setValue(min(1 + int(98 * work.share), 99))

    def _stop(self) -> None:
        """The thread ends at its next look; nobody waits for it."""
        if self._work is not None:
            self._work.stop = True
            self._loop.quit()


def _measure(film: Film) -> None:
    """What the plot under the graph will ask for first, and the window must not wait for."""
    if film.recording.has_gradients and film.steps <= SHARES_UP_TO:
        shares_of(film, shown_slot(film, View()))


def steps_of(snapshot: Snapshot) -> int:
    """About how many steps the sequence has; characters count as steps, words as one in six."""
    sequence = snapshot.sequence
    if sequence.kind != "text":
        return max((len(s) for s in sequence.series), default=0)
    wanted = snapshot.experiment.tokens
    words = (sequence.tokens if wanted == "auto" else wanted) == "words"
    longest = max((len(text) for text in sequence.texts), default=0)
    if words and longest <= COUNTED:
        return max((len(text.split()) for text in sequence.texts), default=0)
    return longest // 6 if words else longest


def seconds(snapshot: Snapshot, steps: int) -> float:
    """About how long the recording will take."""
    experiment = snapshot.experiment
    products = 12 * experiment.hidden**2 * snapshot.sequence.count
    weights = 4 * experiment.hidden**2
    each = steps * (PER_STEP + PER_PRODUCT * products) + PER_WEIGHT * weights
    return experiment.layers * each
