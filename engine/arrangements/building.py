"""What all arrangements share: collecting segments, and the readout with its loss on top."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from engine.experiment import Experiment
from engine.ops import OPS
from engine.template import LAST, Network, Segment, Slot
from engine.trace import Ref, Trace

LOSSES = ("cross-entropy", "squared-error")


@dataclass(frozen=True, slots=True)
class Shape:
    """What a network must fit: global steps, inputs and outputs of a step, the row of the loss.

    `turn`: the global step at which writing begins, 0 where reading and writing go together.
    `formula`: the text of an expression.
    `picture`: (channels, rows, columns) of the inputs, where they are pictures.
    """

    steps: int
    inputs: int
    outputs: int
    loss: str
    turn: int = 0
    picture: tuple[int, int, int] | None = None
    formula: str = ""


class Made:
    """The segments so far, and the shapes of their parameters."""

    def __init__(self) -> None:
        self.segments: list[Segment] = []
        self.parameters: dict[str, tuple[int, ...]] = {}

    def network(self) -> Network:
        return Network(tuple(self._explicit(s) for s in self.segments), self.parameters)

    def add(self, trace: Trace, name: str, steps: int, **more: Any) -> None:
        slots = trace.slots(tuple(s.slots for s in self.segments))
        self.segments.append(Segment(name, slots, steps, **more))
        for parameter, shape in trace.parameters.items():
            known = self.parameters.get(parameter, shape)
            # a part of the sequence without input uses fewer columns of the same matrix
            self.parameters[parameter] = max(known, shape, key=_depth)

    def _explicit(self, segment: Segment) -> Segment:
        """The segment with the columns written out where it uses only the first of a matrix."""
        return replace(segment, slots=tuple(self._columns(segment, slot) for slot in segment.slots))

    def _columns(self, segment: Segment, slot: Slot) -> Slot:
        if OPS[slot.op].linear and len(slot.weights) == 1 and slot.weights[0].columns is None:
            i, weight = slot.inputs[0], slot.weights[0]
            read = self.segments[i.segment].slots[i.slot]
            low, high = i.part or (0, read.width)
            if slot.op == "conv" and read.picture:
                low, high = 0, (high - low) // (read.picture[1] * read.picture[2])
            if high - low < _depth(self.parameters[weight.parameter]):
                return replace(slot, weights=(replace(weight, columns=(0, high - low)),))
        return slot


def _depth(shape: tuple[int, ...]) -> int:
    """How many columns a matrix has, how many channels kernels read."""
    return shape[1] if len(shape) == 4 else shape[-1]


def add_readout(
    made: Made,
    top: tuple[Ref, ...],
    experiment: Experiment,
    shape: Shape,
    layer: int,
    span: tuple[int, int] | None = None,
    part: str = "",
) -> None:
    """s = V h + c and the loss L, at every step or once: from the last step of each sequence, or
    from the only step of what has one.

    `span`: the global steps that have a readout, those of the part that is read; all of them.
    """
    start, stop = span or (0, shape.steps)
    trace = Trace(len(made.segments))
    once = made.segments[top[0].segment].part == "end"
    last = experiment.readout == "last" and not once
    if last:
        top = tuple(replace(r, reach=LAST) for r in top)
    s = _outputs(trace, top, experiment, shape)
    formula = {
        "cross-entropy": r"L_t = -\log \mathrm{softmax}(s_t)_{y_t}",
        "squared-error": r"L_t = \sum_i (s_{t,i} - y_{t,i})^2",
    }[shape.loss]
    trace.op(
        shape.loss, s, name="L", role="loss", formula=formula, data=(f"y_{len(made.segments)}",)
    )
    if last or once:
        start, part = stop - 1, "end"
    name = f"readout {part}" if part in ("read", "write") else "readout"
    made.add(trace, name, stop - start, offset=start, layer=layer, kind="readout", part=part)


def _outputs(trace: Trace, top: tuple[Ref, ...], experiment: Experiment, shape: Shape) -> Ref:
    """The slot s. A feed-forward decoder has the slots u = V1 h + c1 and d = tanh u before it.

    Where states and targets are pictures of one size, the matrices are kernels of one pixel.
    """
    pixels = _pixels(top, shape)
    source = "h_t"
    if experiment.decoder == "feed-forward":
        u = _product(trace, "u", ("V1", "c1"), top, experiment.hidden, pixels, source)
        top, source = (trace.op("tanh", u, name="d", formula=r"d_t = \tanh(u_t)"),), "d_t"
    wanted = shape.outputs // pixels
    return _product(trace, "s", ("V", "c"), top, wanted, pixels, source, "logit")


def _pixels(top: tuple[Ref, ...], shape: Shape) -> int:
    """How many pixels each output picture has, 1 where the outputs are no pictures."""
    sizes = {r.picture[1:] if r.picture else None for r in top}
    if shape.loss != "squared-error" or not shape.picture or sizes != {shape.picture[1:]}:
        return 1
    pixels = shape.picture[1] * shape.picture[2]
    return 1 if shape.outputs % pixels else pixels


def _product(
    trace: Trace,
    name: str,
    parameters: tuple[str, str],
    top: tuple[Ref, ...],
    width: int,
    pixels: int,
    source: str,
    role: str = "preactivation",
) -> Ref:
    matrix, bias = parameters
    spelled = [f"{word[0]}_1" if word[1:] else word for word in parameters]
    terms = [(matrix, r) for r in top]
    sign = r" \ast " if pixels > 1 else " "
    formula = f"{name}_t = {spelled[0]}{sign}{source} + {spelled[1]}"
    if pixels > 1:
        return trace.conv(name, width, 1, terms, bias, role=role, formula=formula)
    return trace.linear(name, width, terms, bias, role=role, formula=formula)
