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

from engine.differences import differences
from engine.door import Run
from engine.door import run as record
from engine.measures import jacobian, relative_change
from engine.paths import paths_of, variables_of
from engine.sequences.generated import GENERATED
from engine.shortest import shortest_path
from engine.template import Node
from engine.training.grid import STEPS, TASK, pieces
from engine.training.shift import drift_of
from engine.training.trained import Trained


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


def _differences(run: Run) -> Lazy:
    """Of the largest gradient in the recurrent matrix: how well differences tell it."""
    names = list(run.recording.parameters)
    name = next((n for n in names if n.startswith("W_hh") or n == "W"), names[0])
    found = differences(run.recording, name)
    told = {
        "right": lambda: found.slope(1e-3, 1e-1),
        "left": lambda: found.slope(1e-12, 1e-7),
        "floor": lambda: float(found.central[found.best]),
        "best": lambda: float(found.h[found.best]),
        "complex": lambda: float(found.complex_step[found.h <= 1e-8].max()),
    }
    return Lazy(list(told), lambda which: told[which]())


def _text(run: Run) -> str:
    """What the network wrote, as one reads it."""
    if not run.batch.labels or not run.batch.target_labels:
        return ""
    labels, told, own = run.batch.labels[0], run.batch.target_labels[0], run.batch.own
    given = len(labels) if own is None else int((~own[:, 0]).sum())
    whole = max((len(name) for name in run.batch.output_names), default=1) > 1
    glue = " " if whole else ""
    text = glue.join((*labels[given:], *told[-1:]))
    return text.replace("␣", " ").replace("↵", " / ")


def _coins(run: Run) -> str:
    """ "5 of 16": steps that read the network's own output, of those that could."""
    own = run.batch.own
    weights = run.batch.weights > 0
    count = 0 if own is None else int(own.sum())
    return f"{count} of {int(weights[1:].sum())}"


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
    "outputs": lambda run: run.batch.outputs,
    "nothing": lambda run: math.log(run.batch.outputs),  # what knowing nothing costs a token
    "written": lambda run: sum(map(bool, run.batch.labels[0])),
    "perplexity": lambda run: float(np.exp(run.recording.loss / run.batch.weights.sum())),
    "tokens": lambda run: " ".join(run.batch.labels[0]),
    "drawn": lambda run: " ".join(run.batch.target_labels[0]),
    "differences": _differences,
    "settings": lambda run: len(pieces()),
    "guess": lambda run: GENERATED[TASK].baseline(STEPS),
    "delay": lambda run: STEPS,
    "mean": lambda run: run.recording.loss / max(float(run.batch.weights.sum()), 1.0),
    "page": lambda run: 25 * math.log(65),
    "prompt": lambda run: run.experiment.prompt,
    "text": _text,  # what was written after it
    "coins": _coins,
    "epsilon": lambda run: run.experiment.truth,
    "open": lambda run: 1 / (1 + math.exp(-run.experiment.forget_bias)),
}


def _share(run: Run, trained: Trained) -> float:
    """In per cent: how probable it is that what the network writes is one of the texts that it
    learnt, computed and not sampled."""
    taught = run.experiment.changed(feeding="teacher", reduction="sum")
    parameters = dict(run.recording.parameters)
    read = record(trained.sequence, taught, parameters=parameters)
    return 100 * float(np.exp(-read.recording.losses.sum(0)).sum())


def _began(run: Run, trained: Trained) -> float:
    """Loss a token before the first update."""
    return float(trained.history.curves["mean"][0])


def _after(place: int) -> Callable[[Run, Trained], float]:
    """Perplexity after a token that was put in (0), or with nothing put in (1)."""
    return lambda run, trained: drift_of(run, trained).perplexity[place]


def _distance(run: Run, trained: Trained) -> Lazy:
    drift = drift_of(run, trained)
    return Lazy(list(range(1, run.recording.steps + 1)), lambda t: float(drift.distances[t - 1]))


def _usual(run: Run, trained: Trained) -> Lazy:
    drift = drift_of(run, trained)
    return Lazy(list(range(1, run.recording.steps + 1)), lambda t: float(drift.usual[t - 1]))


def _inside(run: Run, trained: Trained) -> float:
    """Per cent of the steps that are not farther from training than 95 % of training is."""
    drift = drift_of(run, trained)
    return 100 * float((drift.distances <= drift.bands[-1]).mean())


# numbers of what was learnt, in a lesson that shows a trained network
LEARNT: dict[str, Callable[[Run, Trained], Any]] = {
    "share": _share,
    "began": _began,
    "ended": lambda run, trained: float(np.mean(trained.history.curves["mean"][-20:])),
    "updates": lambda run, trained: trained.history.count,
    "drift": _distance,  # of h at a step from the states of training
    "usual": _usual,  # the same where nothing was put in
    "band": lambda run, trained: float(drift_of(run, trained).bands[-1]),
    "inside": _inside,
    "after": _after(0),
    "without": _after(1),
    "taught": lambda run, trained: trained.sequence.count,
    "which": lambda run, trained: math.log(trained.sequence.count),
    "characters": lambda run, trained: sum(map(len, trained.sequence.texts)),
}


class _Known(Mapping[str, Any]):
    def __init__(self, run: Run, trained: Trained | None) -> None:
        self._run, self._trained = run, trained

    @cached_property
    def _seen(self) -> dict[str, Any]:
        return {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._seen:
            learnt = LEARNT.get(name)
            if learnt is not None and self._trained is not None:
                self._seen[name] = learnt(self._run, self._trained)
            else:
                self._seen[name] = FACTS[name](self._run)
        return self._seen[name]

    def __iter__(self) -> Iterator[str]:
        return iter((*FACTS, *LEARNT))

    def __len__(self) -> int:
        return len(FACTS) + len(LEARNT)


def filled(caption: str, run: Run, trained: Trained | None = None) -> str:
    """A caption with its numbers, on one line; those of LEARNT are of what was `trained`."""
    return " ".join(string.Formatter().vformat(caption, (), _Known(run, trained)).split())
