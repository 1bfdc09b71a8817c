"""A slider of a long recording is dragged: what the frames of the window cost while it is made
anew beside it, and how long after the last move the new picture is there.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median

import numpy as np
from PySide6.QtWidgets import QApplication

from engine.experiment import Experiment
from engine.sequences import Sequence
from tests.benchmarks.timing import Figure
from tests.benchmarks.window import Shown
from visualizer.document.derive import derive
from visualizer.document.document import Document
from visualizer.document.snapshot import Snapshot
from visualizer.widgets.parts.rows import NumberRow

STEPS, HIDDEN = 5_000, 64
FRAME = 0.020  # s; fifty a second
AFTER = 0.033  # s after the recording
TICK = 0.016
WHAT = f"LSTM, {HIDDEN} units, {STEPS:,} steps"
MOVES = 12  # of the slider before the hand rests


def figures(times: int = 12) -> Iterator[Figure]:
    snapshot = _snapshot()
    recorded = _recorded(snapshot)
    screen = Shown(Document(snapshot))
    yield Figure(f"a recording alone: {WHAT}", None, *recorded)
    yield Figure(f"frame, nothing under way: {WHAT}", FRAME, *_frames(screen, 60))
    yield _while_recording(screen, 120)
    yield _after(screen, times, median(recorded[1]))
    screen.close()


def _snapshot() -> Snapshot:
    wave = np.sin(np.arange(STEPS + 1) / 9)[:, None]
    sequence = Sequence("numbers", series=(wave,), columns=("a",), roles=("input",), title="wave")
    return Snapshot(sequence, Experiment(cell="lstm", hidden=HIDDEN))


def _recorded(snapshot: Snapshot) -> tuple[list[float], list[float]]:
    cpu, wall = [], []
    for _ in range(5):
        begun, then = time.perf_counter(), time.process_time()
        derive(snapshot)
        cpu.append(time.process_time() - then)
        wall.append(time.perf_counter() - begun)
    return cpu, wall


def _frames(screen: Shown, count: int) -> tuple[list[float], list[float]]:
    """The playhead moves; every frame until it is painted and all is quiet."""
    cpu, wall = [], []
    stage = screen.window.stage
    for _ in range(count):
        screen.painted.names.clear()
        begun, then = time.perf_counter(), time.thread_time()
        stage.move_to((stage.position + 0.0031) % 1.0)
        screen.until_painted("Canvas")
        cpu.append(time.thread_time() - then)
        wall.append(time.perf_counter() - begun)
        rest(TICK - wall[-1])
    return cpu, wall


def rest(seconds: float) -> None:
    """Wait as a window does, with its timers."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        QApplication.processEvents()
        time.sleep(0.001)


def _while_recording(screen: Shown, count: int) -> Figure:
    """A change a frame, as a hand that drags makes them; none of the frames brings a new film."""
    cpu, wall = [], []
    stage = screen.window.stage
    at = 0
    while len(wall) < count:
        run = stage.run
        stage.set_soon("radius", 0.8 + 0.01 * (at % 40))
        at += 1
        each = _frames(screen, 1)
        if stage.document.waiting and stage.run is run:
            cpu += each[0]
            wall += each[1]
    _wait(screen)
    return Figure(f"frame while it is recorded anew: {WHAT}", FRAME, cpu, wall)


def _wait(screen: Shown) -> None:
    while screen.window.stage.document.waiting or screen.window.long_work.now is not None:
        rest(0.002)
    screen.settle()


def _after(screen: Shown, times: int, recorded: float) -> Figure:
    """From the last move of the slider until graph and plot of the new film are painted."""
    row = screen.window.form.rows["radius"]
    assert isinstance(row, NumberRow) and row.slider is not None
    cpu, wall = [], []
    for i in range(times):
        row.slider.setSliderDown(True)
        for move in range(MOVES):
            row.slider.setValue(300 + 20 * i + move)
            rest(TICK)
        row.slider.setSliderDown(False)
        row.slider.setValue(300 + 20 * i + MOVES)
        begun, then = time.perf_counter(), time.process_time()
        screen.settle()
        while screen.window.stage.document.waiting:
            screen.painted.names.clear()
            QApplication.processEvents()
            time.sleep(0.0005)
        while not screen.painted.names.issuperset({"Canvas", "Plot"}):
            QApplication.processEvents()
        wall.append(time.perf_counter() - begun)
        cpu.append(time.process_time() - then)
        _wait(screen)
    note = f"the recording alone takes {recorded * 1e3:.0f} ms; {AFTER * 1e3:.0f} more are allowed"
    name = f"from the last move to the new picture: {WHAT}"
    return Figure(name, recorded + AFTER, cpu, wall, judged="wall", note=note)
