"""Recurrent layers, stacked, with a readout and a loss at every step or at the last one."""

from __future__ import annotations

from engine.cells import CELLS
from engine.experiment import Experiment
from engine.template import LAST, Network, Segment, Slot
from engine.trace import Ref, Trace

LOSSES = {"cross-entropy": "cross-entropy", "squared-error": "squared-error"}


def recurrent(
    experiment: Experiment, steps: int, inputs: int, outputs: int, loss: str, readout: str
) -> Network:
    """One segment a layer, then the readout s = V h + c and the loss L (if `outputs` > 0).

    `loss` is an id of LOSSES; `readout` is "every" or "last".
    """
    segments: list[Segment] = []
    tables: tuple[tuple[Slot, ...], ...] = ()
    parameters: dict[str, tuple[int, ...]] = {}
    below: Ref | None = None
    for layer in range(experiment.layers):
        trace = Trace(layer, f"^{layer + 1}" if experiment.layers > 1 else "")
        x = trace.input("x", inputs, "x_t") if below is None else below
        below = CELLS[experiment.cell].step(trace, x, experiment.hidden, experiment)
        tables = (*tables, trace.slots(tables))
        parameters |= trace.parameters
        segments.append(Segment(f"layer {layer + 1}", tables[-1], steps, layer=layer))
    if outputs and below is not None:
        trace = Trace(len(segments))
        top = below if readout == "every" else Ref(below.segment, below.name, below.width, LAST)
        _readout(trace, top, outputs, loss)
        last = readout != "every"
        segments.append(
            Segment(
                "readout",
                trace.slots(tables),
                1 if last else steps,
                steps - 1 if last else 0,
                layer=experiment.layers - 1,
                kind="readout",
            )
        )
        parameters |= trace.parameters
    return Network(tuple(segments), parameters)


def _readout(trace: Trace, top: Ref, outputs: int, loss: str) -> None:
    s = trace.linear("s", outputs, [("V", top)], "c", role="logit", formula="s_t = V h_t + c")
    formula = {
        "cross-entropy": r"L_t = -\log \mathrm{softmax}(s_t)_{y_t}",
        "squared-error": r"L_t = \sum_i (s_{t,i} - y_{t,i})^2",
    }[loss]
    trace.op(LOSSES[loss], s, name="L", role="loss", formula=formula, data=("y",))
