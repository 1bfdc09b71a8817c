"""What arrangements cost: every lesson recorded, and layers together against their sum.

Forward and backward of an array of random numbers, a readout of one number, so that the readouts
of the single layers, which the sum has more of, weigh little.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from statistics import median

import numpy as np

from engine.arrangements.building import Shape
from engine.arrangements.recurrent import recurrent
from engine.door import fill_in, run
from engine.experiment import Experiment
from engine.parameters import initialise
from engine.plan import Plan
from engine.recording import run_quietly, seed
from tests.benchmarks.timing import Figure, clocked
from visualizer.lessons.opening import opened
from visualizer.lessons.reading import lessons

RECORD = 0.05  # s, any lesson
MORE = 1.1  # times the sum of the layers
Deed = Callable[[int], None]
STEPS, BATCH, INPUTS, HIDDEN = 100, 16, 32, 64


def figures(times: int = 20) -> Iterator[Figure]:
    for each in lessons():
        done = opened(each).run

        def record(_: int, done=done) -> None:  # type: ignore[no-untyped-def]
            run(done.batch, done.experiment, parameters=dict(done.recording.parameters))

        yield Figure(f"lesson {each.id} recorded", RECORD, *clocked(_nothing, record, times))
    for cell in ("elman", "lstm", "gru"):
        yield from _together(cell, times)


def _together(cell: str, times: int) -> Iterator[Figure]:
    """All four in turn, so that whatever slows the machine slows them alike."""
    deeds = {
        "bottom": _made(cell, INPUTS),
        "top": _made(cell, HIDDEN),
        "two layers": _made(cell, INPUTS, layers=2),
        "both directions": _made(cell, INPUTS, direction="both"),
    }
    cpu: dict[str, list[float]] = {name: [] for name in deeds}
    wall: dict[str, list[float]] = {name: [] for name in deeds}
    for _ in range(2 * times):
        for name, (prepare, deed) in deeds.items():
            found = clocked(prepare, deed, 1, warm=0)
            cpu[name] += found[0]
            wall[name] += found[1]
    alone = {name: median(samples) for name, samples in cpu.items()}
    bars = {"two layers": alone["bottom"] + alone["top"], "both directions": 2 * alone["bottom"]}
    for name, bar in bars.items():
        words = f"{cell}, {name}, {STEPS} steps, batch {BATCH}, {HIDDEN} units"
        yield Figure(words, MORE * bar, cpu[name], wall[name])


def _made(cell: str, inputs: int, **settings: object) -> tuple[Deed, Deed]:
    experiment = Experiment(cell=cell, hidden=HIDDEN).changed(**settings)
    network = recurrent(experiment, Shape(STEPS, inputs, 1, "squared-error"))
    rng = np.random.default_rng(0)
    readout = len(network.segments) - 1
    stored = {f"y_{readout}": rng.normal(size=(STEPS, BATCH, 1))}
    plan = Plan(network, BATCH, "float64", stored)
    fill_in(plan, initialise(experiment, network), {})
    plan.workspace.rows(("v", 0, 0))[...] = rng.normal(size=(STEPS, BATCH, inputs))
    weights = np.full((STEPS, BATCH), 1 / BATCH)

    def there_and_back(_: int) -> None:
        run_quietly(plan.forward)
        run_quietly(plan.backward)

    return (lambda _: seed(plan, weights)), there_and_back


def _nothing(_: int) -> None:
    """Nothing to prepare."""
