"""How long the gradient doctor takes: all findings, three fresh starts and one sequence learnt by
heart, from a recording that is there.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

import engine
from engine.door import Run
from engine.experiment import Experiment
from engine.reporting.finding import Report
from engine.sequences import Sequence
from tests.benchmarks.timing import Figure, clocked

STEPS, SEQUENCES, HIDDEN, INPUTS = 100, 16, 64, 8
BAR = 5.0  # s


def figures(times: int = 3) -> Iterator[Figure]:
    name = f"report, lstm {HIDDEN}, {STEPS} steps, {SEQUENCES} sequences"
    yield Figure(name, BAR, *clocked(lambda _: None, partial(_examine, recorded()), times, 1))


def recorded() -> Run:
    """Noise in, a number out at every step."""
    x = np.random.default_rng(0).standard_normal((SEQUENCES, STEPS, INPUTS + 1))
    columns = tuple(f"x{n}" for n in range(INPUTS + 1))
    roles = ("input",) * INPUTS + ("target",)
    sequence = Sequence(kind="numbers", series=tuple(x), columns=columns, roles=roles)
    return engine.run(sequence, Experiment(cell="lstm", hidden=HIDDEN))


def _examine(run: Run, _: int = 0) -> Report:
    return engine.report(run)
