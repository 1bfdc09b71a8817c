"""Cells that nobody would write: eight random ops, lagged inputs, parts, slots read twice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.plan import Plan
from engine.recording import Recording, run_quietly, seed
from engine.template import LAST, Network, Segment
from engine.trace import Ref, Trace

ELEMENTWISE = ["identity", "tanh", "sigmoid", "relu", "abs", "scale", "exp", "square", "softmax"]
ELEMENTWISE += ["log-softmax", "dropout", "log"]
OTHERS = ["linear", "linear", "add", "sub", "mul", "mul", "concat", "slice", "sum", "mean"]
POSITIVE = ("sigmoid", "exp", "softmax")
WIDEST = 4


@dataclass
class Cell:
    """A random network with everything that has to be stored for it."""

    network: Network
    masks: dict[str, int]  # stored array of a dropout: its width


class _Drawing:
    """One random template: ops and widths are drawn first, so that any slot can be read late."""

    def __init__(self, rng: np.random.Generator, segment: int, below: list[Ref], ops: int) -> None:
        self.rng = rng
        self.trace = Trace(segment, f"^{segment + 1}")
        self.below = below
        self.masks: dict[str, int] = {}
        self.positive: list[Ref] = []
        self.now: list[Ref] = list(below)
        if not below:
            self.now.append(self.trace.input("x", WIDEST))
        self.drawn = [self._draw() for _ in range(ops)]
        self.widths = [1 if op in ("sum", "mean") else int(rng.integers(1, 5)) for op in self.drawn]
        self.initial = [rng.random() < 0.5 for _ in range(ops)]
        for k in range(ops):
            self.now.append(self._add(k))

    def _draw(self) -> str:
        words = OTHERS if self.rng.random() < 0.55 else ELEMENTWISE
        return str(self.rng.choice(words))

    def read(self, width: int) -> Ref:
        """Something at least so wide: of this step, of the step before, of the layer below."""
        candidates = [r for r in self.now if r.width >= width]
        late = [k for k, w in enumerate(self.widths) if w >= width]
        if late and (not candidates or self.rng.random() < 0.4):
            k = int(self.rng.choice(late))
            name = f"n{k}"
            initial = f"{name}_{self.trace.segment}" if self.initial[k] else ""
            found = self.trace.before(name, self.widths[k], 1, initial)
        else:
            found = candidates[self.rng.integers(len(candidates))]
        return self._part(found, width)

    def _part(self, found: Ref, width: int) -> Ref:
        if found.width == width:
            return found
        low = int(self.rng.integers(0, found.width - width + 1))
        return found.rest(low, low + width)

    def _add(self, k: int) -> Ref:
        op, width, name = self.drawn[k], self.widths[k], f"n{k}"
        if op == "linear":
            count = self.rng.integers(1, 3)
            terms = [(f"W{k}", self._any()) for _ in range(count)]
            return self.trace.linear(name, width, terms, f"b{k}" if self.rng.random() < 0.7 else "")
        if op == "log":
            sources = [r for r in self.positive if r.width >= width]
            if not sources:
                op = "tanh"
            else:
                return self.trace.op("log", self._part(sources[-1], width), name=name)
        return self._plain(op, width, name)

    def _plain(self, op: str, width: int, name: str) -> Ref:
        constants: dict[str, float] = {}
        data: tuple[str, ...] = ()
        if op in ("sum", "mean"):
            reads = [self._any()]
        elif op == "concat" and width > 1:
            cut = int(self.rng.integers(1, width))
            reads = [self.read(cut), self.read(width - cut)]
        elif op == "slice":
            low = int(self.rng.integers(0, WIDEST - width + 1))
            reads = [self.read(low + width)]
            constants = {"low": low, "high": low + width}
        elif op in ("add", "sub", "mul", "concat"):
            op = "mul" if op == "concat" else op
            first = self.read(width)
            reads = [first, first if self.rng.random() < 0.2 else self.read(width)]
        else:
            reads = [self.read(width)]
        if op == "scale":
            constants = {"alpha": -0.7, "beta": 0.3}
        if op == "dropout":
            data = (f"mask_{self.trace.segment}_{name}",)
            self.masks[data[0]] = width
        made = self.trace.op(op, *reads, name=name, data=data, **constants)
        if op in POSITIVE:
            self.positive.append(made)
        return made

    def _any(self) -> Ref:
        return self.read(int(self.rng.integers(1, WIDEST + 1)) if self.below == [] else 1)


def random_cell(rng: np.random.Generator, steps: int, layers: int, ops: int = 8) -> Cell:
    """Layers of random ops, a readout of a random slot at every step or the last, a loss."""
    segments: list[Segment] = []
    tables: tuple = ()
    parameters: dict[str, tuple[int, ...]] = {}
    masks: dict[str, int] = {}
    below: list[Ref] = []
    for layer in range(layers):
        drawing = _Drawing(rng, layer, below, ops)
        own = [r for r in drawing.now if r.segment == layer]
        tables = (*tables, drawing.trace.slots(tables))
        parameters |= drawing.trace.parameters
        masks |= drawing.masks
        segments.append(Segment(f"layer {layer + 1}", tables[-1], steps, layer=0))
        wide = [r for r in own if r.width == WIDEST]
        below = [*own[-3:], *(wide[-1:] or own[:1])]
        if layers > 1 and not any(r.width == WIDEST for r in below):
            below = [*below, *own[:1]]
    trace = Trace(layers)
    last = rng.random() < 0.3
    top = own[-1]
    read = Ref(top.segment, top.name, top.width, LAST if last else 0)
    terms = [("V", read)]
    if not last and rng.random() < 0.5:
        terms.append(("V", own[int(rng.integers(len(own)))]))
    s = trace.linear("s", 3, terms, "c", role="logit")
    trace.op("cross-entropy", s, name="L", role="loss", data=("y",))
    parameters |= trace.parameters
    tables = (*tables, trace.slots(tables))
    offset = steps - 1 if last else 0
    segments.append(Segment("readout", tables[-1], steps - offset, offset, kind="readout"))
    return Cell(Network(tuple(segments), parameters), masks)


def record(cell: Cell, given: dict, dtype=np.float64, deltas="all") -> Recording:
    """Plan and run with the arrays of `given`, as the engine's door does for its own networks."""
    network, start, stop = cell.network, given["start"], given["stop"]
    columns = np.arange(len(stop))
    last = network.segments[-1].steps == 1 and len(given["y"]) > 1
    y = given["y"][stop - 1, columns][None] if last else given["y"]
    stored = {"y": y} | {name: mask.astype(dtype) for name, mask in given["masks"].items()}
    for g, segment in enumerate(network.segments):
        t = np.arange(segment.steps)[:, None]
        inside = (t >= start) & (t < stop) | (last and segment.kind == "readout")
        stored[f"last_{g}"] = (stop - 1, columns)
        stored[f"inside_{g}"] = inside[..., None].astype(dtype)
        stored[f"outside_{g}"] = ~inside[..., None]
    plan = Plan(network, len(stop), dtype, stored, late=bool(start.any()), deltas=deltas)
    for name, array in plan.workspace.parameters.items():
        array[...] = given["parameters"][name]
    for place, array in plan.workspace.initial.items():
        array[...] = given["initial"][plan.structure.slot(place).initial][0]
        plan.workspace.stored_array(("v", *place))[: plan.workspace.pad] = array
    plan.workspace.rows(("v", 0, 0))[...] = given["x"]
    weights = given["weights"].copy()
    if last:
        weights[-1], weights[:-1] = weights[stop - 1, columns], 0
    seed(plan, weights)
    run_quietly(plan.forward)
    run_quietly(plan.backward)
    return Recording(plan, start, stop, weights)


def draw_given(rng: np.random.Generator, cell: Cell, steps: int, sequences: int, ragged: str):
    """Random numbers for everything that a network reads."""
    start, stop = np.zeros(sequences, int), np.full(sequences, steps)
    if ragged != "no":
        stop[0] = max(1, steps - 1)
    if ragged == "both":
        start[-1] = steps // 2
    t = np.arange(steps)[:, None]
    inside = (t >= start) & (t < stop)
    last = cell.network.segments[-1].steps == 1 and steps > 1
    counted = t == stop - 1 if last else inside
    initial = {
        slot.initial: rng.normal(size=(1, sequences, slot.width))
        for segment in cell.network.segments
        for slot in segment.slots
        if slot.initial
    }
    return {
        "start": start,
        "stop": stop,
        "x": rng.normal(size=(steps, sequences, WIDEST)) * inside[..., None],
        "y": rng.integers(0, 3, (steps, sequences)),
        "masks": {
            n: rng.integers(0, 2, (steps, sequences, w)) * 2.0 for n, w in cell.masks.items()
        },
        "parameters": {n: rng.normal(size=s) * 0.6 for n, s in cell.network.parameters.items()},
        "initial": initial,
        "weights": rng.uniform(0.2, 1.0, (steps, sequences)) * counted,
    }
