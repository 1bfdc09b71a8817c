"""The baseline without recurrence: all inputs side by side, padded with zeros to the longest.

h = σ(W [x_1; …; x_T] + b): one wide first layer, whose columns grow with the longest sequence, then
further layers, a readout and one loss. What stands behind the end of a short sequence is zero and
is multiplied all the same.
"""

from __future__ import annotations

from dataclasses import replace

from engine.arrangements.building import Made, Shape, add_readout
from engine.experiment import Experiment
from engine.template import ALL, Network
from engine.trace import Ref, Trace


def padded(experiment: Experiment, shape: Shape) -> Network:
    """A segment of inputs, then segments of one step, which stand at the last step of all."""
    made = Made()
    inputs = Trace(0)
    x = inputs.input("x", shape.inputs, "x_t")
    made.add(inputs, "inputs", shape.steps, kind="input")
    below: Ref | None = None
    for layer in range(experiment.layers):
        trace = Trace(len(made.segments), f"^{layer + 1}" if experiment.layers > 1 else "")
        below = _layer(trace, below or _flat(trace, x, shape.steps), experiment)
        made.add(trace, f"layer {layer + 1}", 1, offset=shape.steps - 1, layer=layer, part="end")
    if shape.outputs and below is not None:
        add_readout(made, (below,), experiment, shape, experiment.layers - 1)
    return made.network()


def _flat(trace: Trace, x: Ref, steps: int) -> Ref:
    formula = r"f = [x_1; \ldots; x_T]"
    return trace.op("flatten", replace(x, reach=ALL), name="f", formula=formula, steps=steps)


def _layer(trace: Trace, below: Ref, experiment: Experiment) -> Ref:
    """Slots (f,) z, h."""
    source = "f" if below.name == "f" else "h"
    z = trace.linear("z", experiment.hidden, [("W", below)], "b", formula=f"z = W {source} + b")
    return trace.op(experiment.nonlinearity, z, name="h", role="state", formula=r"h = \sigma(z)")
