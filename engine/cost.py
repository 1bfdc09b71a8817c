"""What a run costs: parameters, multiply–adds, bytes kept, multiplications by zero. Counted on the
network and its batch, slot by slot and step by step; no formula of an arrangement is typed in.

A multiply–add is a multiplication with what it is added to. Adding, copying and the nonlinear
functions themselves cost nothing here. Steps count that a sequence owns, and those that it runs
through because it is padded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.batching import network_of
from engine.door import Run
from engine.errors import Unusable
from engine.experiment import Experiment
from engine.feeding import feed, late, stored_arrays
from engine.op import Factor
from engine.ops import OPS
from engine.picture_ops import kernel_shape
from engine.plan import Plan
from engine.sequences import Batch
from engine.sequences.ragged import entered_late
from engine.template import LAST, Network, Slot
from engine.weigh_ops import WEIGH_OPS

Array = NDArray[Any]
Widths = tuple[int, ...]
BESIDE: dict[str, dict[str, str | int]] = {
    "padded": {"arrangement": "padded"},
    "per-layer": {"arrangement": "per-layer"},
    "shared": {"arrangement": "recurrent", "cell": "elman"},
}
# ops without a multiplication of two numbers that both may be anything
FREE = (
    "input", "identity", "add", "sub", "tanh", "sigmoid", "relu", "abs", "exp", "log", "sqrt",
    "sin", "cos", "repeat", "concat", "slice", "sum", "mean", "softmax", "log-softmax",
    "cross-entropy", "squared-error", "one-hot", "embedding", "max-pool", "flatten", "carry",
    "clip", "leaky-relu", "thresholded-relu", "elu", "softsign", "softplus",
)  # fmt: skip
# what the three have alike, whatever is open
ALIKE: dict[str, str | int] = {
    "layers": 1,
    "direction": "forward",
    "reads": "every",
    "readout": "last",
    "padding": "pack",
    "truncation": 0,
    "encoder": "none",
    "decoder": "linear",
}
# parameters below the readout as the textbook writes them, of H units, T steps, I inputs
FORMULAS: dict[str, tuple[str, Callable[[int, int, int], int]]] = {
    "padded": ("H·T·I + H", lambda h, t, i: h * t * i + h),
    "per-layer": ("T·(H(H+I) + H)", lambda h, t, i: t * (h * (h + i) + h)),
    "shared": ("H(H+I) + H", lambda h, t, i: h * (h + i) + h),
}


@dataclass(frozen=True, slots=True)
class Cost:
    """`forward`, `backward`: multiply–adds of all sequences. Of `forward`: `padding` by a zero
    that stands for a step that is not there, `zeros` by a zero of the sequence itself (one-hot).
    `bytes`: of all values, deltas and contributions, also of those that nobody has asked for yet.
    """

    parameters: int
    forward: int
    backward: int
    padding: int
    zeros: int
    bytes: int

    @property
    def by_zero(self) -> float:
        """The share of `forward` that is by zero, 0 … 1."""
        return (self.padding + self.zeros) / self.forward if self.forward else 0.0

    def facts(self) -> dict[str, int]:
        """For JSON."""
        return asdict(self)


def _none(slot: Slot, widths: Widths, steps: int) -> int:
    return 0


def _linear(slot: Slot, widths: Widths, steps: int) -> int:
    return sum(widths) * slot.width


def _elementwise(slot: Slot, widths: Widths, steps: int) -> int:
    return slot.width


def _convolution(slot: Slot, widths: Widths, steps: int) -> int:
    constants = dict(slot.constants)
    pixels = int(constants["rows"] * constants["columns"])
    return sum(int(np.prod(kernel_shape(w, constants))) * pixels for w in widths)


def _attention(slot: Slot, widths: Widths, steps: int) -> int:
    """A product of a query with every key, and of its weight with every value."""
    return steps * (widths[1] + widths[2])


# multiply–adds of one step of one sequence; `steps` is how many a reach to all of them has
FORWARD: dict[str, Callable[[Slot, Widths, int], int]] = {
    "linear": _linear,
    "conv": _convolution,
    "attention": _attention,
    **dict.fromkeys(("mul", "div", "power", "scale", "square", "dropout", "hold"), _elementwise),
    **dict.fromkeys(WEIGH_OPS, lambda slot, widths, steps: sum(widths)),
    **dict.fromkeys(FREE, _none),
}


def cost_of(run: Run) -> Cost:
    """Of a run that was recorded."""
    return _counted(run.recording.plan, run.batch)


def beside(run: Run) -> dict[str, Cost]:
    """Of padded, per-layer and shared on the sequences of a run, with its units and one loss at the
    end each; none of them is recorded. Nothing where reading and writing go one after the other,
    and what does not fit these sequences is left out."""
    found: dict[str, Cost] = {}
    if run.network.timeless or run.batch.turn:
        return found
    batch = _packed(run.network, run.batch)
    for name, changes in BESIDE.items():
        try:
            experiment = run.experiment.changed(**ALIKE, **changes)
            late = changes["arrangement"] == "per-layer"
            found[name] = planned_cost(experiment, entered_late(batch) if late else batch)
        except Unusable:
            continue
    return found


def _packed(network: Network, batch: Batch) -> Batch:
    """Every sequence from the first step to its own end."""
    first, stop = _own(network, batch)
    if not first.any() and batch.real is None:
        return batch
    x = np.stack([np.roll(batch.x[:, b], -s, axis=0) for b, s in enumerate(first)], axis=1)
    return replace(batch, x=x, start=0 * first, stop=stop - first, real=None)


def _own(network: Network, batch: Batch) -> tuple[Array, Array]:
    """[start, stop) of every sequence without the padding that is run through: that stands at its
    end, or before it where every step has a layer of its own."""
    if batch.real is None:
        return batch.start, batch.stop
    if any(slot.per_step for segment in network.segments for slot in segment.slots):
        return batch.stop - batch.real, batch.stop
    return batch.start, batch.start + batch.real


def planned_cost(experiment: Experiment, batch: Batch) -> Cost:
    """Of a run that was not: the plan is made, fed and never run."""
    experiment = experiment.meant()
    network = network_of(experiment, batch)
    stored = stored_arrays(network, batch, experiment.dtype)
    early = late(network, batch)
    plan = Plan(network, batch.size, experiment.dtype, stored, late=early, deltas="joints")
    feed(plan, batch.x)
    return _counted(plan, batch)


def _counted(plan: Plan, batch: Batch) -> Cost:
    network = plan.network
    forward = backward = padding = zeros = 0
    for g, segment in enumerate(network.segments):
        count = int(_ran(plan, g).sum())
        for slot in segment.slots:
            each, back = _slot_cost(network, slot)
            forward += each * count
            backward += back * count
            of_padding, of_sequence = _by_zero(plan, batch, g, slot)
            padding += of_padding
            zeros += of_sequence
    parameters = sum(int(np.prod(shape)) for shape in network.parameters.values())
    size = plan.bytes + 2 * parameters * plan.dtype.itemsize
    return Cost(parameters, forward, backward, padding, zeros, size)


def _slot_cost(network: Network, slot: Slot) -> tuple[int, int]:
    """Multiply–adds of one step of a slot, forward and backward."""
    widths = tuple(_width(network, slot, n) for n in range(len(slot.inputs)))
    steps = max((network.segments[i.segment].steps for i in slot.inputs), default=0)
    forward = FORWARD[slot.op](slot, widths, steps)
    op = OPS[slot.op]
    if op.linear or op.whole:  # for the inputs, and for weights or what stands in their place
        return forward, 2 * forward
    return forward, slot.width * sum(isinstance(vjp, Factor) for vjp in op.vjps)


def _width(network: Network, slot: Slot, n: int) -> int:
    i = slot.inputs[n]
    return i.part[1] - i.part[0] if i.part else network.slot(i.segment, i.slot).width


def _ran(plan: Plan, g: int) -> Array:
    """(T_g, B) bool: the steps that are computed for each sequence; of what has one, that one."""
    outside = plan.workspace.stored[f"outside_{g}"][..., 0]
    return np.ones_like(outside) if len(outside) == 1 else np.asarray(~outside)


def _by_zero(plan: Plan, batch: Batch, g: int, slot: Slot) -> tuple[int, int]:
    """How many multiplications of a linear slot are by a zero of the padding, and by one of the
    sequences: of inputs that it reads as they are, one by one or side by side."""
    if not OPS[slot.op].linear:
        return 0, 0
    network, padding, zeros = plan.network, 0, 0
    for n, i in enumerate(slot.inputs):
        width = _width(network, slot, n)
        each = FORWARD[slot.op](slot, (width,), 1) // width
        ran = _ran(plan, g)
        if network.slot(i.segment, i.slot).op == "flatten":
            i = network.slot(i.segment, i.slot).inputs[0]
            ran = np.ones((network.segments[i.segment].steps, batch.size), bool)
        if network.slot(i.segment, i.slot).op != "input" or i.reach == LAST:
            continue
        lag = i.reach if isinstance(i.reach, int) else 0
        rows = plan.workspace.rows(("v", i.segment, i.slot), lag)
        empty = each * (rows[..., slice(*(i.part or (None,)))] == 0).sum(-1) * ran
        there = _there(plan, batch, i.segment, lag)
        padding += int(empty[~there].sum())
        zeros += int(empty[there].sum())
    return padding, zeros


def _there(plan: Plan, batch: Batch, g: int, lag: int) -> Array:
    """(T_g, B) bool: whether what is read `lag` steps before is a step of the sequence."""
    segment = plan.network.segments[g]
    owned = ~plan.workspace.stored[f"outside_{g}"][..., 0]
    if batch.real is not None:
        start, stop = _own(plan.network, batch)
        t = np.arange(segment.steps)[:, None] + segment.offset
        owned = owned & (t >= start) & (t < stop)
    if not lag:
        return np.asarray(owned)
    moved = np.zeros_like(owned)
    if segment.direction > 0:
        moved[lag:] = owned[:-lag]
    else:
        moved[:-lag] = owned[lag:]
    return moved
