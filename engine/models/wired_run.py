"""A whole model run: what stands before the recurrence, the recurrence recorded with what stands
behind and the loss against targets, and what comes back to all of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.batching import network_of
from engine.door import Run
from engine.errors import Unusable
from engine.experiment import Experiment
from engine.models.before import Before, before, shortened
from engine.models.cotangents import Cotangents
from engine.models.model import Model
from engine.models.running import Inputs, record
from engine.models.states import states_of
from engine.models.weights import Array
from engine.sequences import Batch, Sequence


@dataclass(frozen=True, slots=True, eq=False)
class Whole:
    """`run` of the recurrence and what is behind it, `ahead` of it what was computed at once."""

    model: Model
    run: Run
    ahead: Before

    @property
    def outputs(self) -> dict[str, Array]:
        """Beside the arrays of the recurrence: s (T, B, O), or (1, B, O) of the last step alone,
        what the last linear layer gives, and o, what its nonlinearity makes of it."""
        found = {}
        for g, segment in enumerate(self.run.network.segments):
            for k, slot in enumerate(segment.slots):
                if segment.kind == "readout" and slot.name in ("s", "o"):
                    found[slot.name] = np.array(self.run.recording.value(g, k))
        return found

    @property
    def gradients(self) -> dict[str, Array]:
        """∂ℒ/∂ of every weight by its name in the file, of numbers that were read as x."""
        if not self.run.recording.has_gradients:
            return {}
        found = self.model.in_file(self.run.recording.gradients)
        return found | self.ahead.gradients(states_of(self.run, "delta")["x"])


def run_whole(model: Model, inputs: Inputs, experiment: Experiment | None = None) -> Whole:
    """Record a model on its inputs as `inputs_of` judged them; the loss are its cotangents, or its
    targets with loss and reduction of the experiment."""
    experiment = experiment or model.experiment()
    ahead = before(model.wiring, model.weights, inputs.x, experiment.dtype)
    lengths = shortened(inputs.lengths, len(inputs.x), len(ahead.x))
    wide = model.wiring.wired(model.nonlinearity).outputs
    sequence, last = sequence_of(ahead.x, lengths, inputs.targets, model.name, outputs=wide)
    if last:
        experiment = experiment.changed(readout="last")
    batch = batch_of(model, sequence, experiment, len(ahead.x))
    network = network_of(experiment, batch)
    cotangents = inputs.cotangents if batch.kind == "none" else Cotangents()
    parameters = model.parameters(experiment.dtype)
    run = record(network, batch, experiment, parameters, inputs.states, cotangents)
    return Whole(model, run, ahead)


def batch_of(model: Model, sequence: Sequence, experiment: Experiment, steps: int = 0) -> Batch:
    return model.wiring.wired(model.nonlinearity).batch(sequence, experiment, steps)


def sequence_of(
    x: Array,
    lengths: Array,
    targets: Array | None,
    title: str,
    tokens: Array | None = None,
    outputs: int = 1,
) -> tuple[Sequence, bool]:
    """x (T, B, I) with targets as a sequence of numbers, and whether they are of the last step
    alone: (B,) or (B, O), of a model that gives so many `outputs`. `tokens` (T, B) are what stands
    under the steps."""
    steps, size, wide = x.shape
    _check_finite(x, lengths, "x")
    columns, roles = [f"x{n + 1}" for n in range(wide)], ["input"] * wide
    last = False
    if targets is not None:
        y, last = _by_step(np.asarray(targets), steps, size, title, outputs)
        _check_finite(y, lengths, "the target")
        x = np.concatenate([x.astype(float), y.astype(float)], -1)
        names = ["target"] if y.shape[2] == 1 else [f"y{n + 1}" for n in range(y.shape[2])]
        columns, roles = columns + names, roles + ["target"] * y.shape[2]
    times: tuple[tuple[str, ...], ...] = ()
    if tokens is not None:
        times = tuple(tuple(map(str, tokens[: int(n), b])) for b, n in enumerate(lengths))
    found = Sequence(
        kind="numbers",
        series=tuple(np.array(x[: int(n), b], np.float64) for b, n in enumerate(lengths)),
        columns=tuple(columns),
        roles=tuple(roles),
        times=times,
        title=title,
        source=title,
    )
    return found, last


def _check_finite(array: Array, lengths: Array, name: str) -> None:
    """What lies outside the sequences may be anything."""
    inside = np.arange(len(array))[:, None] < lengths
    wrong = np.argwhere(~np.isfinite(array).all(-1) & inside)
    if wrong.size:
        t, b = wrong[0]
        raise Unusable(
            f"{name} at step {t + 1} of sequence {b + 1} is not finite in {array.dtype.name};"
            " replace it"
        )


def _by_step(targets: Array, steps: int, size: int, title: str, outputs: int) -> tuple[Array, bool]:
    """(T, B, O) of targets in any of the shapes that are allowed. Where there are as many steps as
    sequences, numbers that are no classes are of the last step if they are as many as outputs."""
    shape, whole = targets.shape, targets.dtype.kind in "iub"
    if targets.dtype.kind not in "fiub" or (
        (shape[:2] != (steps, size) and shape[:1] != (size,)) or not 1 <= len(shape) <= 3
    ):
        raise Unusable(
            f"{title}: targets are {shape} of {targets.dtype.name}; ({steps}, {size}) or"
            f" ({steps}, {size}, outputs) is needed, of the last step ({size},) or ({size},"
            " outputs)"
        )
    vectors = (
        len(shape) == 2 and shape == (size, outputs) and outputs > 1 and bool(np.any(targets % 1))
    )
    if shape[:2] == (steps, size) and len(shape) > 1 and not vectors:
        return targets if len(shape) == 3 else targets[..., None], False
    each = targets.reshape(1, size, -1)
    if whole and len(shape) == 1:
        return np.broadcast_to(each, (steps, size, 1)), True
    return np.broadcast_to(each, (steps, size, each.shape[2])), True
