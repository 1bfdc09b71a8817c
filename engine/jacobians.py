"""Step Jacobians of a chain, all steps at once: ∂s_t/∂s_{t−1}, where s is everything that the chain
carries (h; of an LSTM h and a together). From them σ₁, ρ, the norms of their products and the
theory that bounds them. One Jacobian at one node, by complex step: `engine.measures`.

Tangents go forward through the slots with time as a batch: linear ops multiply them by their
matrix, elementwise ops by the factor of their vjp in OPS, any other op is a complex step.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.evaluate import COMPLEX_STEP, execute, forward
from engine.ops import OPS, PASS, Factor
from engine.recording import Recording
from engine.template import Network, Segment, Slot

Array = NDArray[np.float64]
Tangents = dict[int, Array]  # by carried slot: (steps or 1, its width, width of this slot)

WIDEST = 64  # numbers in a state up to which Jacobians are made
MOST_NUMBERS = 1_700_000  # in all matrices of a chain: 400 steps of 64 units
SLOPES = {"tanh": 1.0, "relu": 1.0, "identity": 1.0, "sigmoid": 0.25}  # γ, the steepest they get
MOST_EIGENVALUES = 1.5e7  # steps × width³ up to which ρ is computed at every step


@dataclass(frozen=True, slots=True)
class StepJacobians:
    """Of one chain in one sequence, through all its sections. `steps` (n,) of the global axis, as
    the chain runs through them, `segments` (n,) where they are; `matrices` (n, S, S) with rows
    ∂s_t; `parts` says where each carried state stands in s, by its name.
    """

    steps: NDArray[np.int64]
    segments: NDArray[np.int64]
    matrices: Array
    parts: dict[str, tuple[int, int]]

    def block(self, name: str) -> Array:
        """∂state_t/∂state_{t−1} with what else is carried held fixed, (n, width, width)."""
        own = slice(*self.parts[name])
        return self.matrices[:, own, own]


def carried(segment: Segment, g: int) -> tuple[int, ...]:
    """The slots of segment `g` that it reads again a step later; () where nothing is carried, and
    inputs of a step before are given, not carried."""
    found = {
        i.slot
        for slot in segment.slots
        for i in slot.inputs
        if i.segment == g and isinstance(i.reach, int) and i.reach > 0
        if segment.slots[i.slot].role != "input"
    }
    return tuple(sorted(found))


def width_of(segment: Segment, g: int) -> int:
    """How many numbers a chain carries from step to step."""
    return sum(segment.slots[k].width for k in carried(segment, g))


def step_jacobians(recording: Recording, g: int, sequence: int) -> StepJacobians:
    """∂s_t/∂s_{t−1} of the chain that segment `g` belongs to, at every step that the sequence owns,
    exact up to rounding."""
    found = [_section(recording, h, sequence) for h in sections(recording.network, g)]
    names = list(found[0].parts)
    matrices = [f.matrices if list(f.parts) == names else _sorted(f, names) for f in found]
    return StepJacobians(
        np.concatenate([f.steps for f in found]),
        np.concatenate([f.segments for f in found]),
        np.concatenate(matrices),
        found[0].parts,
    )


def sections(network: Network, g: int) -> tuple[int, ...]:
    """The segments of a chain in the order in which it runs through them: it goes on in another one
    where its state is handed over."""
    before = {_hander(segment): h for h, segment in enumerate(network.segments)}
    found = [g]
    while (earlier := _hander(network.segments[found[0]])) is not None:
        found.insert(0, earlier)
    while (later := before.get(found[-1])) is not None:
        found.append(later)
    return tuple(found)


def _hander(segment: Segment) -> int | None:
    """The segment whose last states this one begins with."""
    return next((slot.handed.segment for slot in segment.slots if slot.handed), None)


def _sorted(found: StepJacobians, names: list[str]) -> Array:
    """The matrices with their states in another order."""
    order = np.concatenate([np.arange(*found.parts[name]) for name in names])
    return found.matrices[:, order][:, :, order]


def _section(recording: Recording, g: int, sequence: int) -> StepJacobians:
    segment = recording.network.segments[g]
    states = carried(segment, g)
    inside = np.flatnonzero(recording.inside_of(g)[:, sequence])
    steps = inside if segment.direction > 0 else inside[::-1]
    tangents = _Forward(recording, g, states, steps, sequence).all()
    parts, low = {}, 0
    for k in states:
        parts[segment.slots[k].name] = (low, low + segment.slots[k].width)
        low += segment.slots[k].width
    matrices = np.zeros((len(steps), low, low))
    places = list(parts.values())
    for n, row in enumerate(states):
        for column, found in tangents[row].items():
            across = slice(*places[states.index(column)])
            matrices[:, slice(*places[n]), across] = found.transpose(0, 2, 1)
    return StepJacobians(steps + segment.offset, np.full(len(steps), g), matrices, parts)


class _Forward:
    """Tangents of every slot of one segment with respect to what was carried in."""

    def __init__(
        self,
        recording: Recording,
        g: int,
        states: tuple[int, ...],
        steps: NDArray[np.int64],
        sequence: int,
    ) -> None:
        self.recording, self.g, self.states = recording, g, states
        self.steps, self.sequence = steps, sequence
        self.segment = recording.network.segments[g]
        self.done: dict[int, Tangents] = {}

    def all(self) -> dict[int, Tangents]:
        for k, slot in enumerate(self.segment.slots):
            inputs = [self._of_input(n, slot) for n in range(len(slot.inputs))]
            self.done[k] = self._through(k, slot, inputs) if any(inputs) else {}
        return self.done

    def _of_input(self, n: int, slot: Slot) -> Tangents:
        i = slot.inputs[n]
        if i.segment != self.g:
            return {}
        part = slice(*i.part) if i.part else slice(None)
        if i.reach:
            return {i.slot: np.eye(self.segment.slots[i.slot].width)[None, :, part]}
        return {s: t[..., part] for s, t in self.done[i.slot].items()}

    def _rows(self, array: Any) -> Any:
        return np.asarray(array[self.steps, self.sequence])

    def _read(self, slot: Slot) -> list[Array]:
        return [np.asarray(self._rows(self.recording.read(i)), float) for i in slot.inputs]

    def _through(self, k: int, slot: Slot, inputs: list[Tangents]) -> Tangents:
        op = OPS[slot.op]
        if op.linear:
            return self._linear(slot, inputs)
        if all(v == PASS or isinstance(v, Factor) for v in op.vjps):
            return self._elementwise(k, slot, inputs)
        return self._stepped(slot, inputs)

    def _linear(self, slot: Slot, inputs: list[Tangents]) -> Tangents:
        total: Tangents = {}
        for tangents, weight in zip(inputs, slot.weights, strict=True):
            rows, columns = slice(*(weight.rows or (None,))), slice(*(weight.columns or (None,)))
            matrix = np.asarray(self.recording.parameters[weight.parameter], float)
            kernels = matrix.ndim == 4
            block = matrix[rows, columns] if kernels else matrix[..., rows, columns]
            block = block[self.steps] if block.ndim == 3 else block
            for state, tangent in tangents.items():
                if kernels:
                    flat = tangent.reshape(-1, tangent.shape[-1])
                    term = forward(slot.op, [flat], constants=dict(slot.constants), weights=[block])
                    term = term.reshape(*tangent.shape[:-1], -1)
                else:
                    term = tangent @ block.swapaxes(-1, -2)
                total[state] = total[state] + term if state in total else term
        return total

    def _elementwise(self, k: int, slot: Slot, inputs: list[Tangents]) -> Tangents:
        total: Tangents = {}
        read = self._read(slot)
        names: dict[str, Any] = {"y": np.asarray(self._rows(self.recording.value(self.g, k)))}
        if slot.data:
            names["target"] = self._rows(self.recording.plan.workspace.stored[slot.data[0]])
        for tangents, vjp in zip(inputs, OPS[slot.op].vjps, strict=True):
            if not tangents:
                continue
            factor = np.ones((len(self.steps), slot.width))
            if isinstance(vjp, Factor):
                source = vjp.source or f"copyto({{c}}, {vjp.existing})"
                execute(source, read, dict(slot.constants), names | {"c": factor})
            for state, tangent in tangents.items():
                term = tangent * factor[:, None]
                total[state] = total[state] + term if state in total else term
        return total

    def _stepped(self, slot: Slot, inputs: list[Tangents]) -> Tangents:
        """Any other op: every unit of every state moved by a complex step, in one call."""
        read, total = self._read(slot), {}
        count = len(self.steps)
        for state in {s for tangents in inputs for s in tangents}:
            size = self.segment.slots[state].width
            moved = []
            for value, tangents in zip(read, inputs, strict=True):
                tangent = tangents.get(state, np.zeros((1, size, value.shape[-1])))
                moved.append(
                    (value[:, None] + 1j * COMPLEX_STEP * tangent).reshape(-1, value.shape[-1])
                )
            data = None
            if slot.data:
                stored = self._rows(self.recording.plan.workspace.stored[slot.data[0]])
                data = np.repeat(stored, size, 0)
            value = forward(slot.op, moved, constants=dict(slot.constants), data=data)
            total[state] = value.imag.reshape(count, size, -1) / COMPLEX_STEP
        return total


# ------------------------------------------------------------------ what is read off them


def largest_singular_values(matrices: Array) -> Array:
    """σ₁ of every matrix (n, S, S): (n,); NaN where a matrix is not finite."""
    finite = np.asarray(np.isfinite(matrices).all((1, 2)))
    if not matrices.size:
        return np.zeros(len(matrices))
    safe = np.where(finite[:, None, None], matrices, 0.0)
    return np.where(finite, np.linalg.svd(safe, compute_uv=False)[:, 0], np.nan)


def radii(matrices: Array) -> tuple[NDArray[np.int64], Array]:
    """ρ of the matrices (n, S, S) at places (m,): at all n, or where that would take too long at
    every second, third … of them."""
    count, size = matrices.shape[:2]
    every = max(1, int(np.ceil(count * size**3 / MOST_EIGENVALUES)))
    places = np.arange(0, count, every)
    chosen = matrices[places]
    finite = np.asarray(np.isfinite(chosen).all((1, 2)))
    values = np.linalg.eigvals(np.where(finite[:, None, None], chosen, 0.0))
    found = np.abs(values).max(1, initial=0.0)
    return places, np.where(finite, found, np.nan)


def log_product_norms(matrices: Array, part: tuple[int, int] | None = None) -> Array:
    """log₁₀ ‖∂s_T/∂s_t‖ for every step t: the spectral norm of J_T ⋯ J_{t+1}, (n,), 0 at t = T.

    `part`: of one carried slot alone, with every way through the others counted. Products are
    scaled as they grow, so neither 5⁵⁰⁰ nor its inverse is lost; −inf is an exact 0.
    """
    count, size = matrices.shape[:2]
    own = slice(*part) if part else slice(None)
    products, logs = np.zeros((count, size, size)), np.zeros(count)
    product, log = np.eye(size), 0.0
    for n in range(count - 1, -1, -1):
        products[n], logs[n] = product, log
        with np.errstate(all="ignore"):
            product = product @ matrices[n]
            scale = float(np.sqrt(np.square(product).sum()))
        if scale > 0 and np.isfinite(scale):
            product, log = product / scale, log + np.log10(scale)
    with np.errstate(divide="ignore"):
        return np.asarray(logs + np.log10(largest_singular_values(products[:, own, own])))


def recurrent_matrices(recording: Recording, found: StepJacobians) -> tuple[str, Array] | None:
    """Of a chain h = σ(W h' + …): the op σ and W at every step, (n, H, H), or (1, H, H) where all
    steps share it. None for every other cell."""
    parts = list(dict.fromkeys(found.segments.tolist()))
    rows = [_recurrent(recording, g) for g in parts]
    theory = [row for row in rows if row is not None]
    if not theory or len(theory) < len(rows):
        return None
    op = theory[0][0]
    if len({name for _, name, _ in theory}) == 1 and theory[0][2].ndim == 2:
        return op, theory[0][2][None]
    whole = []
    for g, (_, _, block) in zip(parts, theory, strict=True):
        steps = found.steps[found.segments == g] - recording.network.segments[g].offset
        apart = block.ndim == 3
        whole.append(block[steps] if apart else np.broadcast_to(block, (len(steps), *block.shape)))
    return op, np.concatenate(whole)


def _recurrent(recording: Recording, g: int) -> tuple[str, str, Array] | None:
    """σ, the name of the recurrent matrix and the matrix itself of one segment."""
    segment = recording.network.segments[g]
    states = carried(segment, g)
    slot = segment.slots[states[0]] if len(states) == 1 else None
    if slot is not None and slot.op == "hold":  # where a sequence has ended its state stands still
        slot = segment.slots[slot.inputs[0].slot]
    if slot is None or slot.op not in SLOPES or slot.inputs[0].part is not None:
        return None
    z = segment.slots[slot.inputs[0].slot]
    if z.op != "linear":
        return None
    for i, weight in zip(z.inputs, z.weights, strict=True):
        source = segment.slots[i.slot] if i.segment == g else None
        if source is not None and (i.reach or source.op == "carry"):
            rows, columns = slice(*(weight.rows or (None,))), slice(*(weight.columns or (None,)))
            matrix = np.asarray(recording.parameters[weight.parameter], float)
            return slot.op, weight.parameter, matrix[..., rows, columns]
    return None


def log_bounds(op: str, matrices: Array, count: int) -> Array:
    """log₁₀ of ∏ γσ₁(W) over the steps after t, (count,), 0 at T: no product can be larger. With
    γσ₁ < 1 vanishing is certain, with γσ₁ > 1 exploding is possible and no more."""
    sigma = SLOPES[op] * largest_singular_values(matrices)
    with np.errstate(divide="ignore"):
        logs = np.log10(np.broadcast_to(sigma, count))
    return np.append(np.cumsum(logs[:0:-1])[::-1], 0.0) if count else np.zeros(0)
