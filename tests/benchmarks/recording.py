"""A million nodes recorded, forward and backward: time, memory, garbage collection; and what the
norms of every slot at every step cost beside it.

Memory is that of a process of its own, `million`, from before the text is encoded.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from engine.door import run
from engine.experiment import Experiment
from engine.measures import delta_norms
from engine.sequences import Sequence
from tests.benchmarks.timing import Figure, clocked

NODES = 1_000_000
RECORD, PAUSE = 1.5, 0.05  # s for a million nodes
BYTES = 300.0  # a node, resident
NORMS = 10.0  # % of forward and backward
CHILD = Path(__file__).with_name("million.py")
KINDS = (  # cell, dtype, deltas; the first two have the bars
    ("lstm", "float32", "joints"),
    ("lstm", "float32", "all"),
    ("lstm", "float64", "joints"),
    ("gru", "float32", "joints"),
    ("elman", "float32", "joints"),
)
SIZES = (  # cell, units, sequences, steps, dtype
    ("lstm", 8, 1, 100, "float64"),
    ("lstm", 16, 1, 5000, "float32"),
    ("elman", 64, 1, 1000, "float32"),
    ("lstm", 64, 16, 200, "float32"),
    ("lstm", 64, 16, 200, "float64"),
    ("lstm", 256, 32, 100, "float32"),
)


def figures(times: int = 5) -> Iterator[Figure]:
    for n, (cell, dtype, deltas) in enumerate(KINDS):
        told = [_million(cell, dtype, deltas) for _ in range(times)]
        name = f"{cell}, {dtype}" + (", every δ made at once" if deltas == "all" else "")
        yield from _rows(name, told, judged=n < 2)
    for size in SIZES:
        yield _norms(*size)


def _million(cell: str, dtype: str, deltas: str) -> dict[str, float]:
    program = [sys.executable, str(CHILD), cell, dtype, str(NODES), deltas]
    done = subprocess.run(program, check=True, capture_output=True, text=True, timeout=60)
    told: dict[str, float] = json.loads(done.stdout)
    return told


def _rows(name: str, told: list[dict[str, float]], judged: bool) -> Iterator[Figure]:
    """The bars are those of one cell; the others are information."""
    nodes = told[0]["nodes"]
    share = NODES / nodes
    taken = [(t["encoding"] + t["recording"]) * share for t in told]
    pauses, sizes = [t["pause"] for t in told], [t["bytes"] / nodes for t in told]
    whole = max(t["peak"] for t in told) / 1e6
    note = f"{nodes:,.0f} nodes; the process had at most {whole:,.0f} MB"
    yield Figure(
        f"a million nodes recorded, {name}", RECORD if judged else None, taken, taken, note=note
    )
    yield Figure("    memory of a node", BYTES if judged else None, sizes, sizes, unit="B")
    yield Figure("    pause of the garbage collector", PAUSE if judged else None, pauses, pauses)


def _norms(cell: str, hidden: int, size: int, steps: int, dtype: str) -> Figure:
    """δ norms of every slot at every step, as a share of forward and backward."""
    rng = np.random.default_rng(0)
    series = tuple(rng.standard_normal((steps + 1, 8)) for _ in range(size))
    columns = tuple(f"x{c}" for c in range(8))
    sequence = Sequence("numbers", series=series, columns=columns, roles=("input",) * 8)
    experiment = Experiment(cell=cell, hidden=hidden, dtype=dtype)
    recording = run(sequence, experiment, deltas="all").recording
    plan, segments = recording.plan, recording.network.segments
    places = [(g, k) for g, segment in enumerate(segments) for k in range(len(segment.slots))]

    def record(_: int) -> None:
        plan.forward()
        plan.backward()

    def measure(_: int) -> None:
        for place in places:
            delta_norms(recording, *place)

    whole, _ = clocked(lambda i: None, record, 10)
    part, _ = clocked(lambda i: None, measure, 10)
    shares = [100 * p / w for p, w in zip(part, whole)]
    name = f"norms of every δ: {cell}, {hidden} units, batch {size}, {steps} steps, {dtype}"
    return Figure(name, NORMS, shares, shares, unit="%")
