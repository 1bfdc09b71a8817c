"""Causal self-attention: every step looks at all steps up to its own, by weights that it computes.

q, k, v = W_q x, W_k x, W_v x; α_t = softmax_{s ≤ t}(q_t·k_s / √d); o_t = Σ_s α_{ts} v_s;
h_t = σ(W_o o_t + W_x x_t + b). Nothing is carried from step to step: from the input of any step to
the loss of any later one there is one hop in time. Vaswani et al. 2017.
"""

from __future__ import annotations

from dataclasses import replace

from engine.arrangements.building import Made, Shape, add_readout
from engine.experiment import Experiment
from engine.template import ALL, Network
from engine.trace import Ref, Trace

UNSEEN = "unseen"  # the stored array that says which pairs of steps must not see each other


def attention(experiment: Experiment, shape: Shape) -> Network:
    """One segment a layer, then the readout; layers above the first attend over the one below."""
    made = Made()
    below: Ref | None = None
    for layer in range(experiment.layers):
        trace = Trace(layer, f"^{layer + 1}" if experiment.layers > 1 else "")
        below = _layer(trace, below or trace.input("x", shape.inputs, "x_t"), experiment)
        made.add(trace, f"layer {layer + 1}", shape.steps, layer=layer)
    if shape.outputs and below is not None:
        add_readout(made, (below,), experiment, shape, experiment.layers - 1)
    return made.network()


def _layer(trace: Trace, x: Ref, experiment: Experiment) -> Ref:
    """Slots q, k, v, o, z, h."""
    hidden = experiment.hidden
    q, k, v = (
        trace.linear(
            name, hidden, [(f"W_{name}", x)], role="tensor", formula=f"{name}_t = W_{name} x_t"
        )
        for name in "qkv"
    )
    o = trace.op(
        "attention",
        q,
        replace(k, reach=ALL),
        replace(v, reach=ALL),
        name="o",
        formula=r"o_t = \sum_{s \leq t} \alpha_{ts} v_s, \quad"
        r" \alpha_t = \mathrm{softmax}_s(q_t \cdot k_s / \sqrt{d})",
        data=(UNSEEN,),
        scale=hidden**-0.5,
    )
    z = trace.linear(
        "z", hidden, [("W_o", o), ("W_x", x)], "b", formula="z_t = W_o o_t + W_x x_t + b"
    )
    kind = experiment.nonlinearity
    return trace.op(kind, z, name="h", role="state", formula=r"h_t = \sigma(z_t)")
