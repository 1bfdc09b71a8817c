"""How parameters start: Glorot, orthogonal, identity, Gaussian; ρ or σ₁ set; the gate bias.

Recurrent blocks are those blocks of a matrix that stand before an input with a lag (or the GRU's
reset state), one square block a gate; every other matrix starts with Glorot's rule, all taps of a
convolution over time together.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from engine.cells import CELLS
from engine.experiment import Experiment
from engine.ops import OPS
from engine.template import Input, Network, Segment, Slot, Weight
from engine.watching import Watch, unwatched

Array = np.ndarray[Any, np.dtype[Any]]


def initialise(
    experiment: Experiment, network: Network, watch: Watch = unwatched
) -> dict[str, Array]:
    """Parameters by name, float64 (float32 experiments round them); same seed, same numbers.

    Glorot & Bengio 2010: U(±√(6/(in + out))). Saxe et al. 2013: orthogonal. Le et al. 2015:
    identity. Gaussian: deviation gain/√n, so that ρ → gain and σ₁ → 2·gain.
    """
    made = {name: np.zeros(shape) for name, shape in network.parameters.items()}
    begun: set[object] = set()
    used = list(_matrices(network))
    for n, (segment, slot, i, weight) in enumerate(used):
        rows, columns = weight.rows or (0, None), weight.columns or (0, None)
        block = (weight.parameter, rows, columns[0])
        if block not in begun:  # an earlier part of time may use it too
            begun.add(block)
            watch(n / len(used))
            whole = made[weight.parameter]
            each = whole if slot.per_step else [whole]
            parts = [layer[rows[0] : rows[1], columns[0] : columns[1]] for layer in each]
            _start(experiment, network, parts, segment, slot, i, weight)
    gate = CELLS[experiment.cell].gate
    if gate and experiment.forget_bias:
        bias, block_number, of = gate
        for name, array in made.items():
            if name.partition("^")[0] == bias:
                size = len(array) // of
                array[block_number * size : (block_number + 1) * size] += experiment.forget_bias
    return {name: array.astype(experiment.dtype) for name, array in made.items()}


def _matrices(network: Network) -> Iterator[tuple[Segment, Slot, Input, Weight]]:
    """Every matrix, or part of one, with the slot and the input that it stands before."""
    for segment in network.segments:
        for slot in segment.slots:
            if OPS[slot.op].linear:
                for i, weight in zip(slot.inputs, slot.weights, strict=True):
                    yield segment, slot, i, weight


def _start(
    experiment: Experiment,
    network: Network,
    blocks: list[Array],
    segment: Segment,
    slot: Slot,
    i: Input,
    weight: Weight,
) -> None:
    """Fill a block of a parameter, of every step where each has its own."""
    row, column = (weight.rows or (0,))[0], (weight.columns or (0,))[0]
    inner = segment.kind == "layer" and network.segments[i.segment] is segment
    read = network.segments[i.segment].slots[i.slot]
    carried = bool(i.reach) or read.role in ("product", "carry")
    # each matrix has its own stream, so that one more layer or unit leaves the others alone
    words = f"{weight.parameter}/{_origin(network.segments[i.segment], i.slot)}/{row}"
    taps = _taps(slot, i, weight)
    words += f"/{column}" if taps > 1 else ""
    for t, block in enumerate(blocks):
        rng = np.random.default_rng([experiment.seed, *words.encode(), *([t] if t else [])])
        if block.ndim == 4:
            _start_kernels(experiment, rng, block, slot, inner and carried)
        elif inner and carried and taps == 1 and block.shape[0] % block.shape[1] == 0:
            _start_square(experiment, rng, block)
        else:
            height = block.shape[0] / max(len(slot.blocks), 1)
            limit = np.sqrt(6 / (height + block.shape[1] * taps))
            block[...] = rng.uniform(-limit, limit, block.shape)


def _origin(segment: Segment, slot: int) -> int:
    """Where the slot would stand if states were neither held nor carried over a cut: the same
    numbers start all three."""
    slots = segment.slots
    while slots[slot].role in ("carry", "held"):
        slot = slots[slot].inputs[0].slot
    return slot - sum(s.role == "carry" for s in slots[:slot])


def _start_square(experiment: Experiment, rng: np.random.Generator, block: Array) -> None:
    """A recurrent matrix, one square for each gate."""
    width = block.shape[1]
    for low in range(0, block.shape[0], width):
        block[low : low + width] = square(experiment, rng, width)


def _taps(slot: Slot, i: Input, weight: Weight) -> int:
    """How many blocks of one matrix stand before the same slot, at this step and at others."""
    return sum(
        (j.segment, j.slot) == (i.segment, i.slot) and other.parameter == weight.parameter
        for j, other in zip(slot.inputs, slot.weights, strict=True)
    )


def _start_kernels(
    experiment: Experiment, rng: np.random.Generator, block: Array, slot: Slot, recurrent: bool
) -> None:
    """Kernels (out, in, k, k): Glorot's rule with k·k numbers at each channel.

    Recurrent ones take the gain; orthogonal and identity stand at the centre of the kernel and
    leave the norm of a picture as it is (Xiao et al. 2018).
    """
    height, width, kernel = block.shape[:3]
    kind = experiment.initialisation if recurrent else "glorot"
    if kind in ("orthogonal", "identity"):
        centre = kernel // 2
        for low in range(0, height, width):
            block[low : low + width, :, centre, centre] = square(experiment, rng, width)
        return
    limit = np.sqrt(6 / (kernel * kernel * (height / max(len(slot.blocks), 1) + width)))
    if kind == "gaussian":
        block[...] = rng.standard_normal(block.shape) / (kernel * np.sqrt(width))
    else:
        block[...] = rng.uniform(-limit, limit, block.shape)
    if recurrent:
        block *= experiment.gain


def square(experiment: Experiment, rng: np.random.Generator, size: int) -> Array:
    """A recurrent block (size, size) as the experiment wants it to start."""
    kind = experiment.initialisation
    if kind == "glorot":
        w = rng.uniform(-1, 1, (size, size))
        w *= np.sqrt(6 / (2 * size))
    elif kind == "identity":
        w = np.eye(size)
    else:
        w = rng.standard_normal((size, size)) / np.sqrt(size)
        if kind == "orthogonal":
            q, r = np.linalg.qr(w)
            w = q * np.sign(np.diag(r))
    w *= experiment.gain
    if experiment.radius:
        w = scaled(w, spectral_radius(w), experiment.radius)
    if experiment.sigma:
        w = scaled(w, largest_singular_value(w), experiment.sigma)
    return np.asarray(w)


def scaled(w: Array, now: float, wanted: float) -> Array:
    """W times wanted / now; unchanged where now is 0."""
    return np.asarray(w * (wanted / now)) if now > 0 else w


def spectral_radius(w: Array) -> float:
    """The largest |eigenvalue|."""
    return float(np.abs(np.linalg.eigvals(w)).max())


def largest_singular_value(w: Array) -> float:
    return float(np.linalg.svd(w, compute_uv=False)[0])
