"""One input per layer, every layer with weights of its own: z^l = W^l [a^{l−1}; x_l] + b^l.

The net that an RNN is when its weights are not shared. A shorter sequence enters at a later layer,
where a is set to 0.
"""

from __future__ import annotations

from engine.arrangements.building import Made, Shape, add_readout
from engine.experiment import Experiment
from engine.template import Network
from engine.trace import Trace


def per_layer(experiment: Experiment, shape: Shape) -> Network:
    """One segment; W (T, H, H + I) and b (T, H) have a layer of their own at every step."""
    made = Made()
    trace = Trace(0)
    x = trace.input("x", shape.inputs, "x_l")
    before = trace.before("h", experiment.hidden)
    z = trace.linear(
        "z",
        experiment.hidden,
        [("W", before), ("W", x)],
        "b",
        formula=r"z^l = W^l [a^{l-1}; x_l] + b^l",
        per_step=shape.steps,
    )
    kind = experiment.nonlinearity
    h = trace.op(kind, z, name="h", role="state", formula=r"a^l = \sigma(z^l)")
    made.add(trace, "layers", shape.steps)
    if shape.outputs:
        add_readout(made, (h,), experiment, shape, 0)
    return made.network()
