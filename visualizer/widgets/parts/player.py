"""The clock of the window: what playing, stepping and looping do to the playhead.

It owns the timer and the speed. Which events there are is the film's, the playhead the stage's.
"""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from visualizer.widgets.parts.stage import Stage

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
TICK = 16  # ms
EVENT_SECONDS = 0.32  # one event at speed 1 …
LONGEST = 90.0  # … but a whole film in no more than this many seconds
LONGEST_TICK = 0.1  # s; after a stall the film goes on from where it stood


class Player(QObject):
    """Moves the playhead in time. `changed` when playing, speed or loop change."""

    changed = Signal()

    def __init__(self, stage: Stage, parent: QObject) -> None:
        super().__init__(parent)
        self._stage = stage
        self.speed = 1.0
        self.loop = False
        self._then = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(TICK)
        self._timer.timeout.connect(self._tick)

    @property
    def playing(self) -> bool:
        return self._timer.isActive()

    # ---- playing

    def toggle(self) -> None:
        if self.playing:
            self.stop()
        else:
            self.play()

    def play(self) -> None:
        """Play from the playhead, from the start if it stands at the end."""
        if self._stage.position >= 1.0:
            self._stage.move_to(0.0)
        self._then = time.perf_counter()
        self._timer.start()
        self.changed.emit()

    def stop(self) -> None:
        if self.playing:
            self._timer.stop()
            self.changed.emit()

    def _tick(self) -> None:
        now = time.perf_counter()
        passed = min(now - self._then, LONGEST_TICK) * self.speed
        self._then = now
        at = self._stage.position + passed / self.seconds
        if at >= 1.0 and self.loop:
            at = 0.0
        self._stage.move_to(min(at, 1.0))
        if at >= 1.0:
            self.stop()

    @property
    def seconds(self) -> float:
        """How long the whole film takes at speed 1."""
        return min(max(self._stage.events, 1) * EVENT_SECONDS, LONGEST)

    # ---- speed and loop

    def set_speed(self, speed: float) -> None:
        self.speed = speed
        self.changed.emit()

    def slower(self) -> None:
        self.set_speed(max((s for s in SPEEDS if s < self.speed), default=SPEEDS[0]))

    def faster(self) -> None:
        self.set_speed(min((s for s in SPEEDS if s > self.speed), default=SPEEDS[-1]))

    def toggle_loop(self) -> None:
        self.loop = not self.loop
        self.changed.emit()

    # ---- stepping

    def next_event(self) -> None:
        self._to(self._stage.done + 1)

    def previous_event(self) -> None:
        self._to(self._stage.done - (0 if self._stage.inside else 1))

    def next_step(self) -> None:
        self._to(self._stage.next_step(1))

    def previous_step(self) -> None:
        self._to(self._stage.next_step(-1))

    def to_start(self) -> None:
        self._to(0)

    def to_end(self) -> None:
        self._to(self._stage.events)

    def _to(self, done: int) -> None:
        self.stop()
        self._stage.move_to_event(done)
