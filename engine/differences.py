"""Finite differences against backpropagation, for every step size h: the error is cut off at large
h (as h² for central differences) and rounded at small h (as 1/h). The complex step subtracts
nothing, so it has no such floor. Squire and Trapp 1998.

Judging every gradient of a run is `check`'s; here one number is looked at closely.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.ops import OPS
from engine.recording import Recording
from engine.replay import given_of, loss_of, replay

Array = NDArray[np.float64]
LARGEST, SMALLEST, EACH = -1, -12, 4  # powers of ten of h, and how many h in each decade


@dataclass(frozen=True, slots=True)
class Differences:
    """Relative errors of one entry's gradient, (n,) each, by step size `h` from large to small.

    `central` and `forward` differences; `complex_step`: NaN where an op has no complex form.
    `name`, `entry`: which number of which parameter. `gradient`: as backpropagation has it.
    """

    name: str
    entry: tuple[int, ...]
    gradient: float
    h: Array
    central: Array
    forward: Array
    complex_step: Array

    @property
    def best(self) -> int:
        """Where central differences are best."""
        return int(np.argmin(self.central))

    def slope(self, low: float, high: float) -> float:
        """By which power of h the error of central differences grows between two step sizes."""
        there = (self.h >= low * 0.999) & (self.h <= high * 1.001) & (self.central > 0)
        return float(np.polyfit(np.log10(self.h[there]), np.log10(self.central[there]), 1)[0])


def differences(recording: Recording, name: str) -> Differences:
    """How well differences tell the largest gradient in a parameter."""
    gradients = np.asarray(recording.true_gradients[name], float)
    place = np.unravel_index(int(np.abs(gradients).argmax()), gradients.shape)
    entry = tuple(int(i) for i in place)
    given, weights = given_of(recording), np.asarray(recording.loss_weights, float)

    def loss(shift: Any) -> Any:
        array = np.array(given.parameters[name], complex if np.iscomplexobj(shift) else float)
        array[entry] += shift
        moved = replace(given, parameters=given.parameters | {name: array})
        return loss_of(moved, replay(moved), weights)

    exact = float(gradients[entry])
    h = 10.0 ** np.linspace(LARGEST, SMALLEST, (LARGEST - SMALLEST) * EACH + 1)
    here = float(loss(0.0))
    above = np.array([float(loss(each)) for each in h])
    below = np.array([float(loss(-each)) for each in h])
    slots = [slot for segment in recording.network.segments for slot in segment.slots]
    analytic = all(OPS[slot.op].analytic for slot in slots)
    turned = [complex(loss(1j * each)).imag / each if analytic else np.nan for each in h]
    scale = abs(exact) or 1.0
    return Differences(
        name,
        entry,
        exact,
        h,
        np.abs((above - below) / (2 * h) - exact) / scale,
        np.abs((above - here) / h - exact) / scale,
        np.abs(np.array(turned) - exact) / scale,
    )
