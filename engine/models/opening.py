"""How a model becomes an experiment: a sequence, settings, parameters, and what came with it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.experiment import Experiment
from engine.models.conversion import as_in_file
from engine.models.found import sentence
from engine.models.given import Given
from engine.models.model import Model
from engine.models.running import Inputs, inputs_of, parity, run_model
from engine.models.states import outputs_of_run
from engine.models.weights import Array
from engine.sequences.sequence import Sequence

NOISE = " on noise"  # ends the title of what stands in for inputs
STEPS = 20  # of the noise that a model is shown on when no sequence came with it


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """A model as an experiment."""

    sequence: Sequence
    experiment: Experiment
    parameters: dict[str, Array]
    given: Given


def opened(
    model: Model,
    sequence: Sequence | None = None,
    inputs: Inputs | None = None,
    reference: dict[str, Array] | None = None,
) -> Opened:
    """A model on arrays, on a sequence, on the batch that was recorded with it, or on seeded noise.

    `reference`: outputs and gradients of the program that it comes from, on those inputs."""
    exact = model.recorded is None or model.weights.dtype == "float64"
    experiment = model.experiment("float64" if exact else "float32")
    experiment = experiment.changed(task="none", standardise=False)
    if inputs is None and sequence is None and model.recorded is not None:
        inputs = inputs_of(model, model.recorded.inputs, model.name)
        reference = reference or model.recorded.outputs
    given = _given(model, inputs, experiment, reference or {})
    if inputs is not None:
        series = [inputs.x[: int(n), b] for b, n in enumerate(inputs.lengths)]
        sequence = _numbers(series, model.name)
    if sequence is None:
        noise = np.random.default_rng(0).standard_normal((STEPS, model.stack.inputs))
        sequence = _numbers([noise], f"{model.name}{NOISE}")
    return Opened(sequence, experiment, model.parameters(experiment.dtype), given)


def is_noise(sequence: Sequence) -> bool:
    """Whether this is the noise that a model is shown on when nothing else was given."""
    return sequence.title.endswith(NOISE)


def _given(
    model: Model, inputs: Inputs | None, experiment: Experiment, reference: dict[str, Array]
) -> Given:
    """What came with the model; its outputs are compared here, before anything is changed."""
    errors: dict[str, float] = {}
    if inputs is not None and reference:
        run = run_model(model, inputs, experiment)
        found = outputs_of_run(run)
        if run.recording.has_gradients:
            gradients = as_in_file(model.stack, run.recording.gradients)
            found |= {f"g_{name}": array for name, array in gradients.items()}
        errors = parity(found, reference).errors
    return Given(
        states=inputs.states if inputs is not None else {},
        cotangents=inputs.cotangents if inputs is not None else Given().cotangents,
        outputs=reference if inputs is not None else {},
        stack=model.stack,
        source=model.name,
        said=sentence(model.name, model.found),
        found=model.found,
        errors=errors,
        weights=model.weights,
    )


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
