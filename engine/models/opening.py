"""How a model becomes an experiment: a sequence, settings, parameters, and what came with it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.experiment import Experiment
from engine.models.given import Given
from engine.models.model import Model
from engine.models.running import inputs_of
from engine.models.weights import Array
from engine.sequences.sequence import Sequence

STEPS = 20  # of the noise that a model is shown on when no sequence came with it


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """A model as an experiment."""

    sequence: Sequence
    experiment: Experiment
    parameters: dict[str, Array]
    given: Given


def opened(model: Model, sequence: Sequence | None = None) -> Opened:
    """A model on the batch that was recorded with it, on a sequence, or on seeded noise."""
    exact = model.recorded is None or model.weights.dtype == "float64"
    experiment = model.experiment("float64" if exact else "float32")
    experiment = experiment.changed(task="none", standardise=False)
    said = f"{model.name}: {', '.join(_words(row) for row in model.table())}"
    given = Given(stack=model.stack, source=model.name, said=said)
    if model.recorded is not None and sequence is None:
        inputs = inputs_of(model, model.recorded.inputs, model.name)
        series = [inputs.x[: int(n), b] for b, n in enumerate(inputs.lengths)]
        sequence = _numbers(series, model.name)
        given = Given(
            inputs.states, inputs.cotangents, model.recorded.outputs, model.stack, model.name, said
        )
    if sequence is None:
        noise = np.random.default_rng(0).standard_normal((STEPS, model.stack.inputs))
        sequence = _numbers([noise], f"{model.name} on noise")
    return Opened(sequence, experiment, model.parameters(experiment.dtype), given)


def _words(row: dict[str, str]) -> str:
    name = "" if row["layer"].startswith("(") else f" ({row['layer']})"
    return f"{row['kind']} {row['shape']}{name}"


def _numbers(series: list[Array], title: str) -> Sequence:
    wide = series[0].shape[1]
    return Sequence(
        kind="numbers",
        series=tuple(np.array(each, np.float64) for each in series),
        columns=tuple(f"x{n + 1}" for n in range(wide)),
        roles=("input",) * wide,
        title=title,
        source=title,
    )
