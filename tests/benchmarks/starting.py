"""How long the program takes to say something: `--help`, the first paint of the window, all of it;
and how much memory it has then.

Processes of their own, started by this interpreter; the first of each warms the disk and is not
counted. The window's start is `first_paint`, which the process here waits for.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.benchmarks.timing import Figure

ROOT = Path(__file__).resolve().parents[2]
HELP, FIRST_PAINT, WHOLE = 0.2, 0.4, 1.0  # s
MEMORY = 200.0  # MB
BARE = """
import os
import numpy
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow

class Window(QMainWindow):
    def paintEvent(self, event):
        QTimer.singleShot(0, lambda: os._exit(0))

application = QApplication(["bare", "-style", "Fusion"])
window = Window()
window.resize(1600, 1000)
window.show()
application.exec()
"""
LATER = ("pyqtgraph", "networkx", "ziamath", "cmap")  # not before the first paint


def figures(times: int = 15) -> Iterator[Figure]:
    yield _help(times)
    yield _bare(times)
    yield from _first_paint(times)


def _help(times: int) -> Figure:
    cpu, wall = [], []
    for i in range(times + 1):
        begun, then = time.perf_counter(), _of_children()
        subprocess.run(
            [sys.executable, "main.py", "--help"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL
        )
        if i:
            cpu.append(_of_children() - then)
            wall.append(time.perf_counter() - begun)
    return Figure("main.py --help, from start to exit", HELP, cpu, wall, "wall")


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _bare(times: int) -> Figure:
    """What any such program takes on this machine now: no start can be read without it."""
    cpu, wall = [], []
    for i in range(times + 1):
        begun, then = time.perf_counter(), _of_children()
        subprocess.run([sys.executable, "-c", BARE], cwd=ROOT, check=True)
        if i:
            cpu.append(_of_children() - then)
            wall.append(time.perf_counter() - begun)
    name = "for comparison: numpy, Qt and an empty window painted"
    return Figure(
        name, None, cpu, wall, "wall", "nothing of this program; its own share is the rest"
    )


def _first_paint(times: int) -> Iterator[Figure]:
    told = [start_window() for _ in range(times + 1)][1:]
    imported = sorted({module for t in told for module in t["imported"]})
    note = f"by then {', '.join(LATER)} are not imported"
    if imported:
        note = f"by then {', '.join(imported)} ARE IMPORTED"
    for moment, words, bar in (
        ("first", "the graph is on the screen", FIRST_PAINT),
        ("whole", "panels, plot and equation are too", WHOLE),
    ):
        cpu, wall = ([t[f"{moment} {clock}"] for t in told] for clock in ("CPU", "wall"))
        yield Figure(f"window, from start until {words}", bar, cpu, wall, "wall", note)
        note = ""
    for measure, bar in (("RSS", MEMORY), ("PSS", None), ("USS", None)):
        used = [t[measure] / 1e6 for t in told if measure in t]
        if used:
            name = f"memory with the default document, all of it there: {measure}"
            yield Figure(name, bar, used, used, unit="MB")


def start_window() -> dict[str, Any]:
    """Start the window in a process of its own; what `first_paint` tells of it."""
    begun = str(time.monotonic())
    program = [sys.executable, "tests/benchmarks/first_paint.py", begun, *LATER]
    done = subprocess.run(
        program, cwd=ROOT, check=True, capture_output=True, text=True, env=os.environ, timeout=60
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return told
