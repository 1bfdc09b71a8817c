"""How a token is taken from what a network says: temperature, the likeliest only, by chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.errors import Unusable
from engine.experiment import Experiment
from engine.sequences.sequence import Integers

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class Manner:
    """How a token is taken. `top_k` 0: any; 1: the likeliest. `stop`: the stop token ends it."""

    temperature: float = 1.0
    top_k: int = 0
    stop: bool = False

    def __post_init__(self) -> None:
        if not (np.isfinite(self.temperature) and self.temperature > 0):
            raise Unusable(
                f"temperature must be above 0, got {self.temperature:g}; for the likeliest token "
                "at every step give --top-k 1",
                exit=2,
            )
        if self.top_k < 0:
            raise Unusable(f"top-k must be 0 (all) or more, got {self.top_k}", exit=2)

    def probabilities(self, logits: Array, stop: int | None) -> Array:
        """(B, V) from logits (B, V); `stop` is the token that must not come, or None."""
        z = logits.astype(np.float64) / self.temperature
        if stop is not None:
            z[:, stop] = -np.inf
        if 0 < self.top_k < z.shape[1]:
            # of equals the first, so that exactly k are left
            order = np.argsort(-z, axis=1, kind="stable")[:, self.top_k :]
            np.put_along_axis(z, order, -np.inf, 1)
        return softmax(z)


def manner_of(experiment: Experiment) -> Manner:
    """How tokens are taken from what a network says that reads its own output."""
    if experiment.feeding != "own":
        return Manner(stop=True)
    # a decoder says when it is done
    ends = experiment.ending or experiment.arrangement == "encoder-decoder"
    return Manner(experiment.temperature, experiment.top_k, ends)


def softmax(z: Array) -> Array:
    p = np.exp(z - z.max(-1, keepdims=True))
    return np.asarray(p / p.sum(-1, keepdims=True))


def taken(probabilities: Array, rng: np.random.Generator) -> Integers:
    """One token from each row of (B, V)."""
    steps = np.cumsum(probabilities, axis=1)
    found = (steps <= rng.random((len(steps), 1)) * steps[:, -1:]).sum(1)
    return np.asarray(np.minimum(found, steps.shape[1] - 1))
