"""What all arrangements share: collecting segments, and the readout with its loss on top."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from engine.experiment import Experiment
from engine.template import LAST, Network, Segment
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
        return Network(tuple(self.segments), self.parameters)

    def add(self, trace: Trace, name: str, steps: int, **more: Any) -> None:
        slots = trace.slots(tuple(s.slots for s in self.segments))
        self.segments.append(Segment(name, slots, steps, **more))
        self.parameters |= trace.parameters


def add_readout(
    made: Made, top: tuple[Ref, ...], experiment: Experiment, shape: Shape, layer: int
) -> None:
    """s = V h + c and the loss L, at every step or once: from the last step of each sequence, or
    from the only step of what has one."""
    trace = Trace(len(made.segments))
    once = made.segments[top[0].segment].steps < shape.steps
    last = experiment.readout == "last" and not once
    if last:
        top = tuple(replace(r, reach=LAST) for r in top)
    s = trace.linear(
        "s", shape.outputs, [("V", r) for r in top], "c", role="logit", formula="s_t = V h_t + c"
    )
    formula = {
        "cross-entropy": r"L_t = -\log \mathrm{softmax}(s_t)_{y_t}",
        "squared-error": r"L_t = \sum_i (s_{t,i} - y_{t,i})^2",
    }[shape.loss]
    trace.op(shape.loss, s, name="L", role="loss", formula=formula, data=("y",))
    offset = shape.steps - 1 if last or once else 0
    made.add(trace, "readout", shape.steps - offset, offset=offset, layer=layer, kind="readout")
