"""From Stop to quiet: long work of every kind is stopped in the window, and how long it is until
nobody works on it any more. Recording, opening, saving, a figure, training.

The window itself goes on at once; what is measured is the process beside it: it has stopped by
itself and waits for work, or was ended.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from engine.experiment import Experiment
from engine.sequences import Sequence
from engine.training.training import Training
from tests.benchmarks.dragging import rest
from tests.benchmarks.timing import Figure
from tests.benchmarks.window import Shown, document
from visualizer.commands.window import thumbnail
from visualizer.document import session
from visualizer.document.snapshot import Snapshot
from visualizer.export.elsewhere import Asked, write_figure
from visualizer.widgets.parts.long_work import Work

QUIET = 0.2  # s
RECORDED, STORED = 100_000, 16_000_000  # steps that take seconds
BEGUN = (0.15, 0.25, 0.35, 0.45)  # s after which it is stopped: another part of it each time
Begin = Callable[[Shown], object]


def figures(times: int = 12) -> Iterator[Figure]:
    with TemporaryDirectory() as folder:
        for name, begin in _kinds(Path(folder)).items():
            yield _stopped(name, begin, times)
    yield _training(times)


def _wave(steps: int) -> Sequence:
    wave = np.sin(np.arange(steps) / 9)[:, None]
    return Sequence("numbers", series=(wave,), columns=("a",), roles=("input",), title="wave")


def _kinds(folder: Path) -> dict[str, Begin]:
    """What begins work that takes seconds; each time anew."""
    stored = folder / "stored.unrolled"
    data = session.pack(Snapshot(_wave(STORED)), None)
    stored.write_bytes(data)
    drawn = Snapshot(_wave(RECORDED), Experiment(cell="lstm", hidden=16))
    look = Asked("graph", 1.0, None, "steps", (1600.0, 900.0), "print")

    def record(screen: Shown) -> object:
        return screen.window.stage.document.set_sequence(_wave(RECORDED))

    def open_file(screen: Shown) -> object:
        return screen.window.files.open_path(stored)

    def save(screen: Shown) -> object:
        document = screen.window.stage.document
        if document.title != "wave":
            document.replace(Snapshot(_wave(STORED)), saved=False)
            until(screen, lambda: not document.waiting)
        return screen.window.files.saving.begin(folder / "saved.unrolled")

    def draw(screen: Shown) -> object:
        args = (drawn, look, str(folder / "a.svg"), "text")
        work = Work("export", write_figure, args, lambda found: None, "Drawing", keep=())
        return screen.window.long_work.perform(work)

    sizes = f"{RECORDED:,} steps", f"{len(data) / 1e6:.0f} MB", f"SVG of {RECORDED:,} steps"
    return {
        f"recording, {sizes[0]}": record,
        f"opening, {sizes[1]}": open_file,
        f"saving, {sizes[1]}": save,
        f"figure, {sizes[2]}": draw,
    }


def _stopped(name: str, begin: Begin, times: int) -> Figure:
    shown = document(5, cell="lstm", hidden=16)
    shown.thumbnail = thumbnail
    screen = Shown(shown)
    work = screen.window.long_work
    cpu, wall, ended = [], [], 0
    for i in range(times + 1):
        begin(screen)
        until(screen, lambda: work.now is not None and work.worker.busy)
        rest(BEGUN[i % len(BEGUN)])
        if work.now is None:
            raise RuntimeError(f"{name} was over before it was stopped; take a longer one")
        process = work.worker.process
        begun, then = time.perf_counter(), time.process_time()
        screen.window.actions_by_id["stop"].trigger()
        until(screen, lambda: not work.worker.busy)
        if i:
            wall.append(time.perf_counter() - begun)
            cpu.append(time.process_time() - then)
            ended += work.worker.process != process
        until(screen, lambda: work.now is None and work.worker.ready)
    screen.close()
    note = f"of {times} times the process had to be ended {ended}"
    return Figure(f"from Stop to quiet: {name}", QUIET, cpu, wall, "wall", note)


def _training(times: int) -> Figure:
    screen = Shown(document(100, cell="lstm", hidden=256))
    learning = screen.window.panels.learning
    learning.training = Training(updates=100_000)
    cpu, wall = [], []
    for i in range(times + 1):
        learning.start()
        until(screen, lambda: learning.learner is not None and learning.learner.updates > 3)
        begun, then = time.perf_counter(), time.process_time()
        learning.stop()
        until(screen, lambda: not learning.running)
        if i:
            wall.append(time.perf_counter() - begun)
            cpu.append(time.process_time() - then)
    screen.close()
    return Figure("from Stop to quiet: training, LSTM 256", QUIET, cpu, wall, "wall")


def until(screen: Shown, so: Callable[[], bool], patience: float = 60.0) -> None:
    """Let the window go on until it is so."""
    end = time.perf_counter() + patience
    while not so():
        screen.application.processEvents()
        time.sleep(0.001)
        if time.perf_counter() > end:
            raise RuntimeError("this does not come to an end")
