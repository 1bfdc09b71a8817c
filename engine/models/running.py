"""A model run on arrays: x, first states, lengths, and what came back from behind it.

The names and shapes are those of `run --inputs` and `--out`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from engine.batching import network_of
from engine.door import Run, fill_in, loss_weights_of
from engine.errors import Unusable
from engine.experiment import Experiment
from engine.feeding import feed, late, stored_arrays
from engine.models.cotangents import Cotangents, stored, weighed
from engine.models.model import Model
from engine.models.weights import Array
from engine.plan import Plan
from engine.recording import Recording, seed
from engine.sequences import Batch, Sequence
from engine.template import Network

KNOWN = ("x", "h0", "c0", "lengths", "cot_y", "cot_h_n", "cot_c_n", "targets")


@dataclass(frozen=True, slots=True, eq=False)
class Inputs:
    """x (T, B, I), or tokens (T, B) where an embedding reads them; lengths (B,); states by name
    (L·D, B, H); cotangents, or targets: (T, B) or (T, B, O), of the last step (B,) or (B, O)."""

    x: Array
    lengths: Array
    states: dict[str, Array]
    cotangents: Cotangents
    targets: Array | None = None


def inputs_of(model: Model, arrays: dict[str, Array], name: str) -> Inputs:
    """The arrays of an .npz judged against the model; Unusable, one line, names what does not fit.

    `name` is that of the file, for messages."""
    unknown = sorted(set(arrays) - set(KNOWN))
    if unknown:
        raise Unusable(f"{name} holds {unknown[0]}; allowed are {', '.join(KNOWN)}: take it out")
    if "x" not in arrays:
        raise Unusable(f"{name} has no x; give the inputs as x (steps, sequences, inputs)")
    x = arrays["x"]
    _check_x(model, x, name)
    steps, size = x.shape[:2]
    for key, shape in _shapes(model, model.wiring.steps(steps), size).items():
        if key in arrays and key in ("c0", "cot_c_n") and model.stack.kind != "LSTM":
            raise Unusable(
                f"{name} holds {key}, but a {model.stack.kind} has no memory; take it out"
            )
        if key in arrays and arrays[key].shape != shape:
            needed = shape or "none, since its layers have states of several widths"
            raise Unusable(f"{name}: {key} is {arrays[key].shape}; {model.name} needs {needed}")
    if "lengths" in arrays or model.wiring.mask is None:
        lengths = _lengths(arrays.get("lengths"), steps, size, name)
    else:
        lengths = _unmasked(x, model.wiring.mask, name)
    states = {key: array for key, array in arrays.items() if key in ("h0", "c0")}
    given = (arrays.get(key) for key in ("cot_y", "cot_h_n", "cot_c_n"))
    targets = arrays.get("targets")
    found = Inputs(x, lengths, states, Cotangents(*given), targets)
    if targets is not None and found.cotangents:
        raise Unusable(
            f"{name} holds targets and cotangents; one of them is the loss: take one out"
        )
    return found


def arrays_of(sequence: Sequence, tokens: bool) -> dict[str, Array]:
    """A sequence as the arrays of `run --inputs`: x (T, B, I) and lengths (B,), with targets
    (T, B, O) where columns are. `tokens`: one column of whole numbers becomes x (T, B)."""
    check_numbers(sequence)
    lengths = np.array(sequence.lengths())
    each = [np.asarray(series, np.float64) for series in sequence.stored()]
    all_of = np.zeros((lengths.max(), len(each), len(sequence.columns)))
    for b, series in enumerate(each):
        all_of[: len(series), b] = series
    roles = np.array(sequence.roles)
    x, y = (all_of[..., roles == role] for role in ("input", "target"))
    if tokens and x.shape[2] == 1 and np.array_equal(x, x.round()):
        x = x[..., 0].astype(np.int64)
    return {"x": x, "lengths": lengths} | ({"targets": y} if y.shape[2] else {})


def check_numbers(sequence: Sequence) -> None:
    if sequence.kind != "numbers":
        raise Unusable(
            f"{sequence.source} is text, and a model reads numbers; give the numbers that stand for"
            " its words in the model's own vocabulary"
        )


def _check_x(model: Model, x: Array, name: str) -> None:
    tokens, inputs = model.wiring.tokens, model.wiring.inputs
    if tokens and x.ndim == 2 and x.dtype.kind in "iu" and x.size:
        return  # which tokens there are is looked at where they are read
    if x.ndim != 3 or 0 in x.shape or x.shape[2] != inputs or x.dtype.kind not in "fiub":
        needed = f"(steps, sequences, {inputs})"
        if tokens:
            needed = f"whole numbers 0 … {tokens - 1} as (steps, sequences)"
        raise Unusable(
            f"{name}: x is {x.shape} of {x.dtype.name}; {model.name} needs {needed}, time first"
        )


def _shapes(model: Model, steps: int, size: int) -> dict[str, tuple[int, ...]]:
    """Of all that may be given; () where the layers are of several widths."""
    states, top = model.wiring.states, model.wiring.stacks[-1]
    alike = len(set(states)) == 1
    h, c = ((len(states), size, wide) if alike else () for wide in states[0])
    y = (steps, size, top.outputs)
    return {"h0": h, "c0": c, "cot_y": y, "cot_h_n": h, "cot_c_n": c}


def _lengths(given: Array | None, steps: int, size: int, name: str) -> Array:
    if given is None:
        return np.full(size, steps, np.int64)
    if given.shape != (size,) or given.dtype.kind not in "iu":
        raise Unusable(
            f"{name}: lengths is {given.shape} of {given.dtype.name}; ({size},) of integers"
            " is needed"
        )
    if given.min() < 1 or given.max() > steps:
        raise Unusable(
            f"{name}: lengths holds {given.min()} … {given.max()}; 1 … {steps} is allowed"
        )
    return given.astype(np.int64)


def _unmasked(x: Array, mask: float, name: str) -> Array:
    """Lengths (B,) of sequences behind whose ends x holds nothing but `mask`."""
    read = (x.reshape(*x.shape[:2], -1) != mask).any(-1)
    lengths: Array = read.sum(0)
    inside = np.arange(len(x))[:, None] < lengths
    wrong = np.flatnonzero((read != inside).any(0) | (lengths == 0))
    if wrong.size:
        raise Unusable(
            f"{name}: steps that hold {mask:g} are masked by the model; behind the end of a"
            f" sequence they are left out, but sequence {wrong[0] + 1} has one before its end, or"
            " no other: take them out, or give lengths"
        )
    return lengths


def run_model(model: Model, inputs: Inputs, experiment: Experiment | None = None) -> Run:
    """Record the recurrent layers on the inputs, as they read them; with cotangents forward and
    backward, without them there is no loss. Embeddings, convolutions, linear layers and targets
    are those of `wired_run`."""
    experiment = (experiment or model.experiment()).meant()
    batch = batch_of_arrays(inputs.x, inputs.lengths, model.name)
    if not model.wiring.plain:
        batch = replace(batch, wired=model.wiring.wired(model.nonlinearity))
    network = network_of(experiment, batch)
    parameters = model.parameters(experiment.dtype)
    return record(network, batch, experiment, parameters, inputs.states, inputs.cotangents)


def record(
    network: Network,
    batch: Batch,
    experiment: Experiment,
    parameters: dict[str, Array],
    states: dict[str, Array],
    cotangents: Cotangents,
) -> Run:
    """Record a network; if it has no loss, that is what the cotangents of its outputs weigh."""
    more: dict[str, Any] = {}
    if cotangents:
        network = weighed(network, cotangents)
        more = stored(network, batch, cotangents, experiment.dtype)
    given = stored_arrays(network, batch, experiment.dtype, experiment.truncation) | more
    plan = Plan(network, batch.size, experiment.dtype, given, late=late(network, batch))
    fill_in(plan, parameters, states)
    feed(plan, batch.x)
    seed(plan, weights := loss_weights_of(experiment, batch, None))
    with np.errstate(all="ignore"):  # what is not finite is shown as such
        plan.forward()
        plan.backward()
    return Run(experiment, batch, Recording(plan, batch.start, batch.stop, weights))


def batch_of_arrays(x: Array, lengths: Array, title: str) -> Batch:
    """x (T, B, I) with the lengths (B,) of its sequences, without targets."""
    steps, size, width = x.shape
    inside = np.arange(steps)[:, None] < lengths
    labels = tuple(tuple(map(str, range(1, int(n) + 1))) for n in lengths)
    return Batch(
        x=np.array(x, np.float64),
        start=np.zeros(size, np.int64),
        stop=np.array(lengths, np.int64),
        kind="none",
        targets=np.zeros((steps, size), np.int64),
        weights=inside.astype(float),
        readout="every",
        outputs=0,
        input_names=tuple(f"x{n + 1}" for n in range(width)),
        labels=labels,
        title=title,
        source=title,
    )


@dataclass(frozen=True, slots=True)
class Parity:
    """How far arrays computed here are from the reference: max |a − b| / max |b| of each."""

    errors: dict[str, float]

    @property
    def worst(self) -> tuple[str, float]:
        return max(self.errors.items(), key=lambda item: item[1])


def parity(found: dict[str, Array], reference: Mapping[str, Array]) -> Parity:
    """The error of every array that both have."""
    errors = {}
    for name, wanted in reference.items():
        if name in found and found[name].shape == wanted.shape and wanted.size:
            apart = np.abs(found[name].astype(float) - wanted.astype(float)).max()
            errors[name] = float(apart / (np.abs(wanted.astype(float)).max() or 1.0))
    return Parity(errors)


def compared(found: dict[str, Array], reference: Mapping[str, Array], name: str) -> Parity:
    """The same with arrays of the file `name`; Unusable if one cannot be compared."""
    if not reference:
        raise Unusable(f"{name} holds no array; give outputs, y or h_n for example")
    for key, wanted in reference.items():
        if key not in found:
            known = ", ".join(sorted(found))
            raise Unusable(f"{name} holds {key}, which nothing here is called; there are {known}")
        if found[key].shape != wanted.shape:
            raise Unusable(
                f"{name}: {key} is {wanted.shape}, but here it is {found[key].shape}; give the"
                " outputs for the same inputs"
            )
        if wanted.dtype.kind not in "fiub":
            raise Unusable(f"{name}: {key} is of {wanted.dtype.name}; numbers are compared")
    return parity(found, reference)
