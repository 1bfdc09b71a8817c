"""Small random batches, states and parameters, full or ragged, for the tests of the engine."""

from __future__ import annotations

import numpy as np

from engine.choices import PICTURES
from engine.sequences import Batch
from tests.reference.cells import STATES

SIDE = 3  # of the pictures that a convolutional cell is given


def fitting(cell: str) -> dict[str, int]:
    """What a batch must have so that the cell can read it."""
    return {"inputs": SIDE * SIDE} if cell in PICTURES else {}


def state_names(cell: str) -> tuple[str, ...]:
    return ("h0", "c0")[: STATES[cell]]


def state_width(cell: str, hidden: int) -> int:
    return hidden * SIDE * SIDE if cell in PICTURES else hidden


def batch(
    rng: np.random.Generator,
    *,
    steps: int = 5,
    sequences: int = 2,
    inputs: int = 2,
    outputs: int = 3,
    kind: str = "class",
    readout: str = "every",
    ragged: str = "no",
) -> Batch:
    """`ragged`: no, end (they stop apart), both (they also start apart)."""
    start = np.zeros(sequences, np.int64)
    stop = np.full(sequences, steps, np.int64)
    if ragged in ("end", "both"):
        stop[1:] = rng.integers(steps // 2 + 1, steps + 1, sequences - 1)
    if ragged == "both":
        start[: sequences - 1] = rng.integers(0, steps // 2 + 1, sequences - 1)
    t = np.arange(steps)[:, None]
    inside = (t >= start) & (t < stop)
    x = rng.normal(size=(steps, sequences, inputs)) * inside[..., None]
    if kind == "class":
        targets = rng.integers(0, outputs, (steps, sequences))
    else:
        targets = rng.normal(size=(steps, sequences, outputs))
    weights = (t == stop - 1) if readout == "last" else inside
    return Batch(
        x=x,
        start=start,
        stop=stop,
        kind=kind,
        targets=targets,
        weights=weights.astype(float),
        readout=readout,
        outputs=outputs,
    )


def states(rng, layers: int, sequences: int, hidden: int, names=("h0", "c0")):
    """First states that are not zero, (L, B, H) each."""
    return {name: rng.normal(size=(layers, sequences, hidden)) for name in names}


def randomise(rng, parameters: dict[str, np.ndarray], scale: float = 0.7):
    """Other numbers in the same shapes, biases too."""
    return {name: scale * rng.normal(size=p.shape) for name, p in parameters.items()}
