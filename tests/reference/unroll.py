"""Whole networks on the tape: layers stacked, readout, losses, batches as sequences run alone.

The equations of one step are in `cells`. What comes out has the shapes of the engine's recording.
"""

from __future__ import annotations

import numpy as np

from tests.reference.cells import CELLS, STATES, Array, Reference, Spec, Step
from tests.reference.collect import collect
from tests.reference.tape import Tape

STATE_NAMES = ("h0", "c0")


def unroll(
    spec: Spec,
    parameters: dict[str, Array],
    x: Array,
    targets: Array,
    *,
    start: Array,
    stop: Array,
    initial: dict[str, Array],
    loss_weights: Array | None = None,
) -> Reference:
    """Forward and backward of a batch. x (T,B,I), initial {"h0": (L,B,H), …}, weights (T,B).

    Without weights each loss counts 1/B. A single loss of the readout at the last step has the
    weight that stands at the sequence's last step.
    """
    steps, batch = x.shape[:2]
    weights = np.full((steps, batch), 1.0 / batch) if loss_weights is None else loss_weights
    result = Reference(losses=np.zeros((steps, batch)))
    result.initial_deltas = {k: np.zeros_like(v) for k, v in initial.items()}
    for b in range(batch):
        _one_sequence(
            spec, parameters, x, targets, b, (start[b], stop[b]), initial, weights, result
        )
    result.loss = float((weights * result.losses).sum())
    return result


def _one_sequence(spec, parameters, x, targets, b, span, initial, weights, result) -> None:
    tape = Tape()
    leaves = {name: tape.leaf(value, ("parameter", name)) for name, value in parameters.items()}
    states = []
    for layer in range(spec.layers):
        names = STATE_NAMES[: STATES[spec.cell]]
        states.append(tuple(tape.leaf(initial[n][layer, b], ("initial", n, layer)) for n in names))
    seeds: dict[int, object] = {}
    for t in range(*span):
        below = tape.leaf(x[t, b], ("layer 1", "x", t))
        for layer in range(spec.layers):
            suffix = f"^{layer + 1}" if spec.layers > 1 else ""
            step = Step(tape, f"layer {layer + 1}", t, leaves, suffix)
            states[layer] = CELLS[spec.cell](step, below, states[layer], spec)
            below = states[layer][0]
        if spec.readout == "every" or t == span[1] - 1:
            row = t if spec.readout == "every" else 0
            out = Step(tape, "readout", row, leaves)
            s = out.linear("s", [(below, "V")], "c")
            target = targets[row if len(targets) == 1 else t, b]
            target = int(target) if spec.loss == "cross_entropy" else target
            loss = out.do("L", spec.loss, s, target=target)
            result.losses[t, b] = tape.records[loss].value[0]
            seeds[loss] = weights[t, b]
    tape.backward(seeds)
    rows = {f"layer {k + 1}": x.shape[0] for k in range(spec.layers)}
    rows["readout"] = 1 if spec.readout == "last" else x.shape[0]
    collect(tape, result, b, x.shape[1], rows)
