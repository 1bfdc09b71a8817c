"""Frames of the window while it trains what it shows: another process learns, the film plays, and
every so often what was learnt so far is recorded anew.

Wall time between two paintings of the graph: somebody watches. CPU time of the window alone beside.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median

from PySide6.QtCore import QEvent, QEventLoop, QObject, QTimer

from tests.benchmarks.timing import Figure, percentile
from tests.benchmarks.window import Shown
from visualizer.document.document import Document
from visualizer.document.learning import of_sample

FRAME = 1 / 50  # s
SECONDS = 6.0
WARM = 2.0  # s until the process has begun to learn
KINDS = (("sonnets", "lstm", 64), ("adding", "lstm", 16))


class _Clock(QObject):
    """When the graph was painted, and how much the window had computed by then."""

    def __init__(self) -> None:
        super().__init__()
        self.wall: list[float] = []
        self.cpu: list[float] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.wall.append(time.perf_counter())
            self.cpu.append(time.process_time())
        return False


def figures() -> Iterator[Figure]:
    for name, cell, hidden in KINDS:
        for learns in (False, True):
            yield _watched(name, cell, hidden, learns)


def _watched(name: str, cell: str, hidden: int, learns: bool) -> Figure:
    snapshot = of_sample(name).with_settings(cell=cell, hidden=hidden, dtype="float32")
    screen = Shown(Document(snapshot))
    learning, player = screen.window.panels.learning, screen.window.player
    player.toggle_loop()
    if learns:
        learning.choose("updates", 50_000)
        learning.start()
    player.play()
    _wait(WARM)
    clock = _Clock()
    screen.window.canvas.installEventFilter(clock)
    _wait(SECONDS)
    updates = learning.learner.updates if learning.learner is not None else 0
    learning.close()
    player.stop()
    screen.window.canvas.removeEventFilter(clock)
    screen.close()
    between = [b - a for a, b in zip(clock.wall, clock.wall[1:])]
    cpu = [b - a for a, b in zip(clock.cpu, clock.cpu[1:])]
    late = percentile(between, 0.95) * 1e3
    note = f"{len(between) / SECONDS:.0f} frames a second, p95 {late:.0f} ms"
    note += f"; {updates:,} updates learnt" * learns + f"; {median(cpu) * 1e3:.1f} ms CPU a frame"
    what = f"time between two frames, {name}, {cell} of {hidden} units, "
    what += "while it learns" if learns else "nothing learns"
    return Figure(what, FRAME, cpu, between, judged="wall", note=note)


def _wait(seconds: float) -> None:
    loop = QEventLoop()
    QTimer.singleShot(int(1000 * seconds), loop.quit)
    loop.exec()
