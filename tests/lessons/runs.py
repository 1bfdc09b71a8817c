"""The runs of lessons, and their arrays by name of slot."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.door import Run
from engine.template import Use
from visualizer.lessons.opening import opened
from visualizer.lessons.reading import lesson

Array = NDArray[Any]


@cache
def run_of(id: str, title: str = "") -> Run:
    found = lesson(id)
    return opened(found, found.number_of(title) if title else 0).run


def place(run: Run, name: str, segment: int = 0) -> tuple[int, int]:
    names = [slot.name for slot in run.network.segments[segment].slots]
    return segment, names.index(name)


def value(run: Run, name: str, segment: int = 0) -> Array:
    return run.recording.value(*place(run, name, segment))


def delta(run: Run, name: str, segment: int = 0) -> Array:
    return run.recording.delta(*place(run, name, segment))


def uses(run: Run, name: str, segment: int = 0) -> list[Use]:
    return list(run.network.uses(*place(run, name, segment)))


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def lags(run: Run) -> Array:
    """‖δ‖ of the state so many steps before the last, as part of that of the last."""
    norms = np.array(run.norms("h"))
    return norms[::-1] / norms[-1]


def reader(run: Run, use: Use) -> str:
    """Name of the slot that uses a node."""
    return run.network.slot(use.consumer.segment, use.consumer.slot).name
