"""What changes from update to update: the learning rate, and how often the truth is fed.

Both are functions of the number of the update, i from 0. Bengio et al. 2015 for scheduled sampling.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from engine.training.training import Training

# of a training and the update i: what the learning rate is multiplied by
RATES: dict[str, Callable[[Training, int], float]] = {
    "constant": lambda t, i: 1.0,
    "step": lambda t, i: t.schedule_factor ** (i // t.schedule_every),
    "exponential": lambda t, i: t.schedule_factor ** (i / t.schedule_every),
    "cosine": lambda t, i: (1 + math.cos(math.pi * min(i / t.updates, 1.0))) / 2,
    "warm-up": lambda t, i: min((i + 1) / t.schedule_every, 1.0),
}


def rate_factor(training: Training, i: int) -> float:
    return RATES[training.schedule](training, i)


def _linear(training: Training, i: int) -> float:
    return max(training.sampling_floor, (training.sampling_k or 1.0) - training.sampling_slope * i)


def _exponential(training: Training, i: int) -> float:
    return float((training.sampling_k or 0.99) ** i)


def _inverse_sigmoid(training: Training, i: int) -> float:
    k = training.sampling_k or 50.0
    # k/(k + e^{i/k}) = 1/(1 + e^{i/k − ln k}), whose exponential is kept from overflowing
    return 1 / (1 + math.exp(min(i / k - math.log(k), 700.0)))


# of a training and the update i: the probability that the truth is fed
TRUTHS: dict[str, Callable[[Training, int], float]] = {
    "teacher": lambda t, i: 1.0,
    "linear": _linear,
    "exponential": _exponential,
    "inverse-sigmoid": _inverse_sigmoid,
}


def truth_probability(training: Training, i: int) -> float:
    """ε_i, the probability with which a step reads the truth and not the network's own output."""
    return TRUTHS[training.sampling](training, i)
