"""OPTIMIZERS: one row each, how a gradient becomes a change of a parameter.

The formulas are PyTorch's, in place: p the parameter, g its gradient, `states` arrays like p that
begin at 0, `n` the number of the update, from 1. Rates over time are in `schedules`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]
# p, g (free to be written over), states, scratch, rate, momentum, n
Step = Callable[[Array, Array, list[Array], Array, float, float, int], None]

DECAY = 0.99  # of the mean square of RMSprop
BETAS = (0.9, 0.999)  # of Adam
SMALL, SMALLEST = 1e-8, 1e-10  # ε of Adam and RMSprop; of Adagrad


@dataclass(frozen=True, slots=True)
class Optimizer:
    """One row; `states` is how many arrays it keeps for each parameter."""

    id: str
    title: str
    formula: str
    states: int
    step: Step


def _sgd(
    p: Array, g: Array, states: list[Array], hold: Array, rate: float, mu: float, n: int
) -> None:
    np.multiply(g, rate, out=g)
    np.subtract(p, g, out=p)


def _momentum(
    p: Array, g: Array, states: list[Array], hold: Array, rate: float, mu: float, n: int
) -> None:
    (v,) = states
    np.multiply(v, mu, out=v)
    np.add(v, g, out=v)
    np.multiply(v, rate, out=hold)
    np.subtract(p, hold, out=p)


def _rmsprop(
    p: Array, g: Array, states: list[Array], hold: Array, rate: float, mu: float, n: int
) -> None:
    (v,) = states
    np.multiply(g, g, out=hold)
    np.multiply(hold, 1 - DECAY, out=hold)
    np.multiply(v, DECAY, out=v)
    np.add(v, hold, out=v)
    _divided(p, g, v, hold, rate, SMALL)


def _adagrad(
    p: Array, g: Array, states: list[Array], hold: Array, rate: float, mu: float, n: int
) -> None:
    (v,) = states
    np.multiply(g, g, out=hold)
    np.add(v, hold, out=v)
    _divided(p, g, v, hold, rate, SMALLEST)


def _adam(
    p: Array, g: Array, states: list[Array], hold: Array, rate: float, mu: float, n: int
) -> None:
    m, v = states
    one, two = BETAS
    np.subtract(g, m, out=hold)
    np.multiply(hold, 1 - one, out=hold)
    np.add(m, hold, out=m)
    np.multiply(g, g, out=hold)
    np.multiply(hold, 1 - two, out=hold)
    np.multiply(v, two, out=v)
    np.add(v, hold, out=v)
    # √v̂ + ε is (√v + ε·c)/c with c = √(1 − β₂ⁿ)
    c = (1 - two**n) ** 0.5
    np.sqrt(v, out=hold)
    np.add(hold, SMALL * c, out=hold)
    np.divide(m, hold, out=hold)
    np.multiply(hold, rate * c / (1 - one**n), out=hold)
    np.subtract(p, hold, out=p)


def _divided(p: Array, g: Array, v: Array, hold: Array, rate: float, small: float) -> None:
    """p ← p − rate · g / (√v + ε)"""
    np.sqrt(v, out=hold)
    np.add(hold, small, out=hold)
    np.divide(g, hold, out=hold)
    np.multiply(hold, rate, out=hold)
    np.subtract(p, hold, out=p)


OPTIMIZERS: dict[str, Optimizer] = {
    row.id: row
    for row in (
        Optimizer(
            "adam",
            "Adam",
            r"m \leftarrow \beta_1 m + (1-\beta_1) g, \; v \leftarrow \beta_2 v + (1-\beta_2) g^2,"
            r" \; p \leftarrow p - \eta \, \hat m / (\sqrt{\hat v} + \epsilon)",
            2,
            _adam,
        ),
        Optimizer("sgd", "SGD", r"p \leftarrow p - \eta \, g", 0, _sgd),
        Optimizer(
            "momentum",
            "SGD with momentum",
            r"v \leftarrow \mu v + g, \; p \leftarrow p - \eta \, v",
            1,
            _momentum,
        ),
        Optimizer(
            "rmsprop",
            "RMSprop",
            r"v \leftarrow \alpha v + (1-\alpha) g^2, \; "
            r"p \leftarrow p - \eta \, g / (\sqrt v + \epsilon)",
            1,
            _rmsprop,
        ),
        Optimizer(
            "adagrad",
            "Adagrad",
            r"v \leftarrow v + g^2, \; p \leftarrow p - \eta \, g / (\sqrt v + \epsilon)",
            1,
            _adagrad,
        ),
    )
}


class Changes:
    """An optimiser with its states for a set of parameters."""

    def __init__(self, optimizer: str, momentum: float, parameters: dict[str, Array]) -> None:
        self.row = OPTIMIZERS[optimizer]
        self.momentum = momentum
        self.parameters = parameters
        self.updates = 0
        self.states = {
            name: [np.zeros_like(p) for _ in range(self.row.states)]
            for name, p in parameters.items()
        }
        self._scratch = {name: np.empty_like(p) for name, p in parameters.items()}

    def apply(self, gradients: dict[str, Array], rate: float) -> None:
        """Change every parameter in place; the gradients are written over."""
        self.updates += 1
        for name, p in self.parameters.items():
            self.row.step(
                p,
                gradients[name],
                self.states[name],
                self._scratch[name],
                rate,
                self.momentum,
                self.updates,
            )
