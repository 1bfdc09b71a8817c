"""How a model becomes an experiment: a sequence, settings, parameters, and what came with it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from engine.errors import Unusable
from engine.experiment import Experiment
from engine.models.before import before, shortened
from engine.models.found import sentence
from engine.models.given import Given
from engine.models.layers import Found
from engine.models.model import Model
from engine.models.own_dtype import in_own_dtype
from engine.models.recorded import disagreement
from engine.models.running import Inputs, arrays_of, check_numbers, inputs_of, parity
from engine.models.states import outputs_of_run
from engine.models.weights import Array
from engine.models.wired_run import run_whole, sequence_of
from engine.sequences.sequence import Sequence

NOISE = " on noise"  # ends the title of what stands in for inputs
BRIEF = 2_000_000  # products up to which the dtype of the file is tried out when it is opened
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
    experiment = experiment.changed(standardise=False)
    if inputs is None and sequence is None and model.recorded is not None:
        inputs = inputs_of(model, model.recorded.inputs, model.name)
        reference = reference or model.recorded.outputs
    title = model.name
    if inputs is None and sequence is None:
        inputs, title = _noise(model), f"{model.name}{NOISE}"
    given = _given(model, inputs, experiment, reference or {})
    if inputs is not None:
        sequence, last = _read(model, inputs, experiment.dtype, title)
        given = ended(given, max(map(len, sequence.stored())))
        experiment = experiment.changed(readout="last") if last else experiment
    assert sequence is not None
    if "target" not in sequence.roles or given.wired is None:
        experiment = experiment.changed(task="none")
    return Opened(sequence, experiment, model.parameters(experiment.dtype), given)


def opened_on(model: Model, sequence: Sequence) -> Opened:
    """A model on a sequence that somebody names: its first layer reads it, or the recurrent layers
    alone where it is numbers for them. Unusable if it has other columns than are read."""
    name, tokens = sequence.source or sequence.title, model.wiring.tokens
    arrays = arrays_of(sequence, tokens > 0) if model.wiring.before else {}
    if arrays and not (tokens and arrays["x"].ndim == 3):
        return opened(model, inputs=inputs_of(model, arrays, name))
    model = model.alone if arrays else model
    check_numbers(sequence)
    wide = sequence.roles.count("input")
    if wide != model.wiring.inputs:
        raise Unusable(
            f"{name} has {wide} input{'' if wide == 1 else 's'} a step, and {model.name} reads"
            f" {model.wiring.inputs}; give columns other roles (--columns 3=ignore), or another"
            " sequence"
        )
    return opened(model, sequence)


def _noise(model: Model) -> Inputs:
    """Seeded noise, or tokens drawn at random."""
    rng = np.random.default_rng(0)
    tokens = model.wiring.tokens
    shape = (STEPS, 1, model.wiring.inputs)
    x: Array = rng.integers(0, tokens, (STEPS, 1)) if tokens else rng.standard_normal(shape)
    return Inputs(x, np.array([STEPS]), {}, Given().cotangents)


def _read(model: Model, inputs: Inputs, dtype: str, title: str) -> tuple[Sequence, bool]:
    """The inputs as the recurrence reads them: what stands before it is computed here."""
    ahead = before(model.wiring, model.weights, inputs.x, dtype)
    lengths = shortened(inputs.lengths, len(inputs.x), len(ahead.x))
    tokens = inputs.x if model.wiring.tokens and len(ahead.x) == len(inputs.x) else None
    wide = model.wiring.wired(model.nonlinearity).outputs
    return sequence_of(ahead.x, lengths, inputs.targets, title, tokens, wide)


def ended(given: Given, steps: int) -> Given:
    """Without what lies after the end of the longest sequence, where nothing is recorded."""
    y, s = (None if a is None else a[:steps] for a in (given.cotangents.y, given.cotangents.s))
    outputs = {n: a[:steps] if n in ("y", "g_x") else a for n, a in given.outputs.items()}
    return replace(given, cotangents=replace(given.cotangents, y=y, s=s), outputs=outputs)


def is_noise(sequence: Sequence) -> bool:
    """Whether this is the noise that a model is shown on when nothing else was given."""
    return sequence.title.endswith(NOISE)


def _given(
    model: Model, inputs: Inputs | None, experiment: Experiment, reference: dict[str, Array]
) -> Given:
    """What came with the model; its outputs are compared here, before anything is changed."""
    errors: dict[str, float] = {}
    rows = model.found
    words = [
        sentence(model.name, model.found, model.wiring),
        model.doubt.partition(":")[0],
    ]
    numbers = sum(a.size for a in model.parameters(experiment.dtype).values())
    brief = inputs is not None and numbers * inputs.x.shape[0] * inputs.x.shape[1] <= BRIEF
    if inputs is not None and (reference or brief):
        whole = run_whole(model, inputs, experiment)
        own = in_own_dtype(whole.run, model.weights.dtype) if brief else None
        if own is not None:
            words.append(own.words if own.alarms else "")
            rows = (*rows, Found("(all)", own.dtype, "", "", own.words))
        found = outputs_of_run(whole.run) | whole.outputs
        found |= {f"g_{name}": array for name, array in whole.gradients.items()}
        errors = parity(found, reference).errors
        if model.recorded is not None and reference is model.recorded.outputs:
            words.append(disagreement(errors, model.weights.dtype))
    # with targets it is not what an experiment makes of it, which adds a readout
    plain = model.wiring.plain and (inputs is None or inputs.targets is None)
    return Given(
        states=inputs.states if inputs is not None else {},
        cotangents=inputs.cotangents if inputs is not None else Given().cotangents,
        outputs=reference if inputs is not None else {},
        wiring=model.wiring,
        source=model.name,
        said="; ".join(filter(None, words)),
        found=rows,
        errors=errors,
        weights=model.weights,
        doubt=model.doubt,
        wired=None if plain else model.wiring.wired(model.nonlinearity),
    )
