"""Temporal convolution: a stack of causal convolutions, written as inputs with longer lags.

h^l_t = σ(Σ_j W_j h^{l−1}_{t−j·d} + b) with d = dilation^l; what lies before the first step is 0.
There is no cycle, so nothing runs step by step. Waibel et al. 1989; van den Oord et al. 2016.
"""

from __future__ import annotations

from dataclasses import replace

from engine.arrangements.building import Made, Shape, add_readout
from engine.experiment import Experiment
from engine.template import Network
from engine.trace import Ref, Trace


def temporal_convolution(experiment: Experiment, shape: Shape) -> Network:
    """One segment a layer, `taps` each; the taps of one layer are blocks of one matrix W."""
    made = Made()
    below: Ref | None = None
    for layer in range(experiment.layers):
        trace = Trace(layer, f"^{layer + 1}" if experiment.layers > 1 else "")
        source = trace.input("x", shape.inputs, "x_t") if below is None else below
        apart = experiment.dilation**layer
        taps = [("W", replace(source, reach=j * apart)) for j in range(experiment.taps)]
        z = trace.linear("z", experiment.hidden, taps, "b", formula=r"z_t = \sum_j W_j x_{t-j} + b")
        kind = experiment.nonlinearity
        below = trace.op(kind, z, name="h", role="state", formula=r"h_t = \sigma(z_t)")
        made.add(trace, f"layer {layer + 1}", shape.steps, layer=layer)
    if shape.outputs and below is not None:
        add_readout(made, (below,), experiment, shape, experiment.layers - 1)
    return made.network()
