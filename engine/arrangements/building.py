"""What all arrangements share: collecting segments, and the readout with its loss on top."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine.template import LAST, Network, Segment
from engine.trace import Ref, Trace

LOSSES = ("cross-entropy", "squared-error")


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
    made: Made, top: tuple[Ref, ...], steps: int, outputs: int, loss: str, readout: str, layer: int
) -> None:
    """s = V h + c and the loss L, at every step or once, from the last step of each sequence."""
    trace = Trace(len(made.segments))
    last = readout != "every"
    if last:
        top = tuple(replace(r, reach=LAST) for r in top)
    s = trace.linear(
        "s", outputs, [("V", r) for r in top], "c", role="logit", formula="s_t = V h_t + c"
    )
    formula = {
        "cross-entropy": r"L_t = -\log \mathrm{softmax}(s_t)_{y_t}",
        "squared-error": r"L_t = \sum_i (s_{t,i} - y_{t,i})^2",
    }[loss]
    trace.op(loss, s, name="L", role="loss", formula=formula, data=("y",))
    offset = steps - 1 if last else 0
    made.add(trace, "readout", steps - offset, offset=offset, layer=layer, kind="readout")
