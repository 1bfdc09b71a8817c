"""Recurrent layers, stacked, with a readout and a loss at every step or at the last one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine.cells import CELLS
from engine.experiment import Experiment
from engine.template import LAST, Network, Segment
from engine.trace import Ref, Trace

LOSSES = {"cross-entropy": "cross-entropy", "squared-error": "squared-error"}


def recurrent(
    experiment: Experiment,
    steps: int,
    inputs: int,
    outputs: int,
    loss: str,
    readout: str,
    directions: tuple[int, ...] = (1,),
) -> Network:
    """One segment a layer, then the readout s = V h + c and the loss L (if `outputs` > 0).

    `loss` is an id of LOSSES; `readout` is "every" or "last"; `directions` holds 1 and −1: with
    both, every layer has a chain that runs from the end of each sequence to its start.
    """
    made = _Made()
    below: tuple[Ref, ...] = ()
    for layer in range(experiment.layers):
        below = _layer(made, experiment, layer, below, steps, inputs, directions)
    if outputs:
        trace = Trace(len(made.segments))
        last = readout != "every"
        top = tuple(replace(r, reach=LAST) if last else r for r in below)
        _readout(trace, top, outputs, loss)
        made.add(
            trace,
            "readout",
            1 if last else steps,
            offset=steps - 1 if last else 0,
            layer=experiment.layers - 1,
            kind="readout",
        )
    return Network(tuple(made.segments), made.parameters)


class _Made:
    """The segments so far, and the shapes of their parameters."""

    def __init__(self) -> None:
        self.segments: list[Segment] = []
        self.parameters: dict[str, tuple[int, ...]] = {}

    def add(self, trace: Trace, name: str, steps: int, **more: Any) -> None:
        slots = trace.slots(tuple(s.slots for s in self.segments))
        self.segments.append(Segment(name, slots, steps, **more))
        self.parameters |= trace.parameters


def _layer(
    made: _Made,
    experiment: Experiment,
    layer: int,
    below: tuple[Ref, ...],
    steps: int,
    inputs: int,
    directions: tuple[int, ...],
) -> tuple[Ref, ...]:
    """One layer, a segment for each direction; all of them read all that the layer below sends."""
    several = experiment.layers > 1
    tops = []
    for direction in directions:
        back = direction < 0
        suffix = f"^{layer + 1}" if several else ""
        trace = Trace(len(made.segments), suffix + ("^b" if back else ""))
        if not below:
            below = (trace.input("x", inputs, "x_t"),)
        tops.append(CELLS[experiment.cell].step(trace, below, experiment.hidden, experiment))
        name = f"layer {layer + 1}" + (" backward" if back else "")
        made.add(trace, name, steps, layer=layer, direction=direction)
    return tuple(tops)


def _readout(trace: Trace, top: tuple[Ref, ...], outputs: int, loss: str) -> None:
    s = trace.linear(
        "s", outputs, [("V", r) for r in top], "c", role="logit", formula="s_t = V h_t + c"
    )
    formula = {
        "cross-entropy": r"L_t = -\log \mathrm{softmax}(s_t)_{y_t}",
        "squared-error": r"L_t = \sum_i (s_{t,i} - y_{t,i})^2",
    }[loss]
    trace.op(LOSSES[loss], s, name="L", role="loss", formula=formula, data=("y",))
