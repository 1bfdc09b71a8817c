"""The gated recurrent unit, h_t = (1 − z_t) ⊙ n_t + z_t ⊙ h_{t−1}, with both places of the reset.

After the product (PyTorch; Keras reset_after): n = tanh(W x + b + r ⊙ (U h + b_h)).
Before it (Cho et al. 2014; ONNX default): n = tanh(W x + b + U (r ⊙ h) + b_h).
Blocks of W_x and W_h are r z n. The update gate is called z everywhere, so the slot is `z` and the
products W_x x + b_x and W_h h + b_h are `v` and `u`.
"""

from __future__ import annotations

from engine.experiment import Experiment
from engine.trace import Ref, Trace

_BLOCKS = ("r", "z", "n")


def gru(trace: Trace, x: tuple[Ref, ...], hidden: int, experiment: Experiment) -> Ref:
    """Slots v, u, ar, az, r, z, q = the reset product, (w), an, n, m = 1 − z, p, k, h."""
    before = trace.before("h", hidden, initial="h0")
    v = trace.linear(
        "v",
        3 * hidden,
        [("W_x", r) for r in x],
        "b_x",
        blocks=_BLOCKS,
        formula="v_t = W_x x_t + b_x",
    )
    after = experiment.reset == "after"
    kept = 3 if after else 2
    u = trace.linear(
        "u",
        kept * hidden,
        [("W_h", before)],
        "b_h",
        blocks=_BLOCKS[:kept],
        rows=None if after else (0, 2 * hidden),
        height=3 * hidden,
        formula="u_t = W_h h_{t-1} + b_h",
    )
    r = _gate(trace, "r", v.block(0, 3), u.block(0, kept))
    z = _gate(trace, "z", v.block(1, 3), u.block(1, kept))
    pull = _reset(trace, r, u, before, hidden, after)
    an = trace.op(
        "add", v.block(2, 3), pull, name="an", role="preactivation", formula=_CANDIDATE[after]
    )
    n = trace.op("tanh", an, name="n", formula=r"n_t = \tanh(\bar n_t)")
    m = trace.op("scale", z, name="m", role="gate", alpha=-1.0, beta=1.0, formula="m_t = 1 - z_t")
    p = trace.op("mul", m, n, name="p", role="product", formula=r"p_t = (1 - z_t) \odot n_t")
    k = trace.op("mul", z, before, name="k", role="product", formula=r"k_t = z_t \odot h_{t-1}")
    formula = r"h_t = (1 - z_t) \odot n_t + z_t \odot h_{t-1}"
    return trace.op("add", p, k, name="h", role="state", formula=formula)


_CANDIDATE = {
    True: r"\bar n_t = v^n_t + r_t \odot u^n_t",
    False: r"\bar n_t = v^n_t + U (r_t \odot h_{t-1}) + b^n_h",
}


def _gate(trace: Trace, name: str, v: Ref, u: Ref) -> Ref:
    a = trace.op(
        "add",
        v,
        u,
        name=f"a{name}",
        role="preactivation",
        formula=rf"\bar {name}_t = v^{name}_t + u^{name}_t",
    )
    return trace.op(
        "sigmoid", a, name=name, role="gate", formula=rf"{name}_t = \sigma(\bar {name}_t)"
    )


def _reset(trace: Trace, r: Ref, u: Ref, before: Ref, hidden: int, after: bool) -> Ref:
    if after:
        formula = r"q_t = r_t \odot u^n_t"
        return trace.op("mul", r, u.block(2, 3), name="q", role="product", formula=formula)
    formula = r"q_t = r_t \odot h_{t-1}"
    q = trace.op("mul", r, before, name="q", role="product", formula=formula)
    return trace.linear(
        "w",
        hidden,
        [("W_h", q)],
        "b_h",
        rows=(2 * hidden, 3 * hidden),
        height=3 * hidden,
        formula="w_t = U q_t + b^n_h",
    )
