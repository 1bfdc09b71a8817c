"""Numbers that captions show: FACTS, a row each, computed from the recording and never typed in.

"{lag[10]:.3g}" is what ten steps back is left of the δ of the state at the last step.
"""

from __future__ import annotations

import math
import string
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from engine.door import Run
from engine.measures import jacobian, relative_change
from engine.paths import paths_of, variables_of
from engine.shortest import shortest_path
from engine.template import Node


class Lazy(Mapping[Any, Any]):
    """Numbers by name or by step, each computed when a caption asks for it."""

    def __init__(self, keys: list[Any], of: Callable[[Any], Any]) -> None:
        self._keys, self._of = keys, of

    def __getitem__(self, key: Any) -> Any:
        if key not in self._keys:
            raise KeyError(key)
        return self._of(key)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


def _own(array: Any) -> float:
    """The number itself where there is but one, else the norm."""
    return float(array.reshape(-1)[0]) if array.size == 1 else float(np.linalg.norm(array))


def _gradient(run: Run) -> Lazy:
    found = run.recording.gradients
    return Lazy(list(found), lambda name: _own(found[name]))


def _sum(run: Run) -> Lazy:
    found = run.recording.true_gradients
    return Lazy(list(found), lambda name: _own(found[name]))


def _norms(run: Run) -> list[float]:
    """‖δ‖ of the state of the first layer, by step."""
    found = run.norms("h")
    return list(found[0] if found and isinstance(found[0], list) else found)


def _norm(run: Run) -> Lazy:
    norms = _norms(run)
    return Lazy(list(range(1, len(norms) + 1)), lambda t: norms[t - 1])


def _lag(run: Run) -> Lazy:
    norms = _norms(run)
    return Lazy(list(range(len(norms))), lambda lag: norms[-1 - lag] / norms[-1])


def _change(run: Run) -> Lazy:
    """‖v_t − v_{t−1}‖/‖v_t‖ of the first sequence, the median over its steps, by name of slot."""
    names = [slot.name for slot in run.network.segments[0].slots]

    def of(name: str) -> float:
        return float(np.nanmedian(relative_change(run.recording, 0, names.index(name), 0)))

    return Lazy(names, of)


def _factor(run: Run) -> float:
    """∂h/∂h one step before, at the last step, of a state with one unit."""
    g, k = run.chains("h")[0][-1]
    return float(jacobian(run.recording, Node(g, run.recording.steps - 1, k), 0).matrix[0, 0])


def _power(run: Run) -> Lazy:
    """‖W_hh^k‖, the largest singular value of the power."""
    w = run.recording.parameters["W_hh"]
    power = np.linalg.matrix_power
    steps = list(range(run.recording.steps))
    return Lazy(steps, lambda k: float(np.linalg.norm(power(w, k), 2)))


def _half(run: Run) -> float:
    """Steps until half of δ is gone, where every step multiplies by the same."""
    norms = _norms(run)
    return math.log(0.5) / math.log(norms[-2] / norms[-1])


def _hops(run: Run) -> Any:
    """Crossings from step to step on the shortest way from x_1 to the last loss."""
    found = shortest_path(run.network, 0, run.recording.steps - 1)
    return "no" if found is None else found.hops


def _padding(run: Run) -> float:
    """The share of the steps of the batch that were filled in."""
    owned = int((run.recording.stop - run.recording.start).sum())
    return 1 - owned / (run.batch.steps * run.batch.size)


def _ways(run: Run) -> Lazy:
    """By variable of a formula: how many ways lead from it to the output."""
    found = {v.name: v.slot for v in variables_of(run.recording)}
    return Lazy(list(found), lambda name: paths_of(run.recording, found[name]).count)


def _slope(run: Run) -> Lazy:
    """By variable of a formula: its gradient, as the rule leaves it."""
    rec = run.recording
    found = {v.name: v.gradient for v in variables_of(rec)}
    return Lazy(list(found), lambda name: _own(found[name]))


def _attended(run: Run) -> str:
    """What the last step looks at, in words: "I 0.21, think 0.18"."""
    rec, last = run.recording, run.recording.steps - 1
    slots = run.network.segments[0].slots
    k = next(n for n, slot in enumerate(slots) if slot.op == "attention")
    weights = rec.attention(0, k)[last, 0]
    return ", ".join(f"{w} {a:.2f}" for w, a in zip(run.batch.labels[0], weights))


FACTS: dict[str, Callable[[Run], Any]] = {
    "steps": lambda run: run.recording.steps,
    "sequences": lambda run: run.recording.batch,
    "nodes": lambda run: run.recording.nodes,
    "parameters": lambda run: sum(int(p.size) for p in run.recording.parameters.values()),
    "loss": lambda run: run.recording.loss,
    "gradient": _gradient,  # by parameter, as the rule leaves it
    "sum": _sum,  # by parameter, the true one
    "size": lambda run: run.gradient_norm,
    "rate": lambda run: run.experiment.learning_rate,
    "step": lambda run: run.gradient_norm * run.experiment.learning_rate,
    "clip_factor": lambda run: run.clip_factor,
    "norm": _norm,
    "lag": _lag,
    "change": _change,
    "factor": _factor,
    "power": _power,
    "half": _half,
    "hops": _hops,
    "far": lambda run: run.recording.steps - 1,
    "padding": _padding,
    "ways": _ways,
    "slope": _slope,
    "attended": _attended,
    "open": lambda run: 1 / (1 + math.exp(-run.experiment.forget_bias)),
}


class _Known(Mapping[str, Any]):
    def __init__(self, run: Run) -> None:
        self._run = run

    @cached_property
    def _seen(self) -> dict[str, Any]:
        return {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._seen:
            self._seen[name] = FACTS[name](self._run)
        return self._seen[name]

    def __iter__(self) -> Iterator[str]:
        return iter(FACTS)

    def __len__(self) -> int:
        return len(FACTS)


def filled(caption: str, run: Run) -> str:
    """A caption with its numbers, on one line."""
    return " ".join(string.Formatter().vformat(caption, (), _Known(run)).split())
