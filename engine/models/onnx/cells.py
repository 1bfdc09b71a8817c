"""One step of the recurrent ops of ONNX with every attribute that is in use: activations, clip,
peepholes, input_forget, linear_before_reset. Formulas: onnx.ai, operators RNN, LSTM and GRU.

Parameters keep the order of the file: LSTM i o f c, GRU z r h, whose candidate is called g and n
here; W, R, and b, the sum of both biases where they are added. A peephole is a diagonal matrix.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from engine.trace import Ref, Trace

Below = tuple[Ref, ...]  # x, or what every direction of the layer below gives


@dataclass(frozen=True, slots=True)
class Manner:
    """How a node differs from the plain cell. `activations`: name, alpha, beta of f, g, h.

    `clip`: what gate inputs are clipped to before the activation, 0 for not at all.
    `backward`: activations of the second direction, where they are others.
    """

    hidden: int
    activations: tuple[tuple[str, float, float], ...]
    clip: float = 0.0
    peepholes: bool = False
    coupled: bool = False
    linear_before_reset: bool = False
    backward: tuple[tuple[str, float, float], ...] = ()

    def of(self, way: int) -> Manner:
        """That of one direction, 1 or −1."""
        if way > 0 or not self.backward:
            return self
        return replace(self, activations=self.backward, backward=())


GATES = {"RNN": (), "LSTM": ("i", "o", "f", "g"), "GRU": ("z", "r", "n")}
DEFAULTS = {
    "RNN": ("Tanh",),
    "LSTM": ("Sigmoid", "Tanh", "Tanh"),
    "GRU": ("Sigmoid", "Tanh"),
}
# alpha and beta where the attribute is left out
SHAPES = {
    "Relu": (0.0, 0.0),
    "Tanh": (0.0, 0.0),
    "Sigmoid": (0.0, 0.0),
    "Affine": (1.0, 0.0),
    "LeakyRelu": (0.01, 0.0),
    "ThresholdedRelu": (1.0, 0.0),
    "ScaledTanh": (1.0, 1.0),
    "HardSigmoid": (0.2, 0.5),
    "Elu": (1.0, 0.0),
    "Softsign": (0.0, 0.0),
    "Softplus": (0.0, 0.0),
}
_PLAIN = {"Relu": "relu", "Tanh": "tanh", "Sigmoid": "sigmoid", "Softsign": "softsign",
          "Softplus": "softplus"}  # fmt: skip
_WITH_ALPHA = {"LeakyRelu": "leaky-relu", "ThresholdedRelu": "thresholded-relu", "Elu": "elu"}


def activated(
    trace: Trace, x: Ref, manner: Manner, which: int, name: str, role: str, formula: str
) -> Ref:
    """The slot `name`, activation number `which` of the node on x."""
    kind, alpha, beta = manner.activations[which]
    if kind in _PLAIN:
        return trace.op(_PLAIN[kind], x, name=name, role=role, formula=formula)
    if kind in _WITH_ALPHA:
        op = _WITH_ALPHA[kind]
        return trace.op(op, x, name=name, role=role, formula=formula, alpha=alpha)
    if kind == "Affine":
        return trace.op("scale", x, name=name, role=role, formula=formula, alpha=alpha, beta=beta)
    if kind == "HardSigmoid":
        line = trace.op("scale", x, name=f"{name}_line", alpha=alpha, beta=beta)
        return trace.op("clip", line, name=name, role=role, formula=formula, low=0.0, high=1.0)
    wide = trace.op("scale", x, name=f"{name}_in", alpha=beta, beta=0.0)
    bent = trace.op("tanh", wide, name=f"{name}_tanh")
    return trace.op("scale", bent, name=name, role=role, formula=formula, alpha=alpha, beta=0.0)


def _gate(
    trace: Trace,
    z: Ref,
    manner: Manner,
    name: str,
    which: int = 0,
    seen: Ref | None = None,
    role: str = "gate",
) -> Ref:
    """A gate out of its block of z; `seen`: the memory that it looks at through a peephole."""
    bar = rf"\bar {name}_t"
    if seen is not None:
        looked = trace.linear(
            f"p_{name}", manner.hidden, [(f"P_{name}", seen)], formula=f"P_{name} a"
        )
        z = trace.op("add", z, looked, name=f"a_{name}", role="preactivation", formula=bar)
    if manner.clip:
        at = manner.clip
        z = trace.op("clip", z, name=f"c_{name}", role="preactivation", low=-at, high=at)
    formula = rf"{name}_t = \sigma({bar})" if role == "gate" else rf"{name}_t = \phi({bar})"
    return activated(trace, z, manner, which, name, role, formula)


def _read(below: Below, before: Ref) -> list[tuple[str, Ref]]:
    """The terms of a product: W on what stands below, R on the state before."""
    return [*(("W", x) for x in below), ("R", before)]


def rnn(trace: Trace, below: Below, manner: Manner) -> Ref:
    """Slots z, h."""
    before = trace.before("h", manner.hidden, initial="h0")
    z = trace.linear(
        "z", manner.hidden, _read(below, before), "b", formula="z_t = W x_t + R h_{t-1} + b"
    )
    if manner.clip:
        at = manner.clip
        z = trace.op("clip", z, name="c", role="preactivation", low=-at, high=at)
    return activated(trace, z, manner, 0, "h", "state", r"h_t = f(z_t)")


def lstm(trace: Trace, below: Below, manner: Manner) -> Ref:
    """Slots z (blocks i o f g), i, f, g, p = f ⊙ a_{t−1}, q = i ⊙ g, a, o, k = h(a), h."""
    wide = manner.hidden
    before = trace.before("h", wide, initial="h0")
    memory = trace.before("a", wide, initial="c0")
    z = trace.linear(
        "z",
        4 * wide,
        _read(below, before),
        "b",
        blocks=GATES["LSTM"],
        formula="z_t = W x_t + R h_{t-1} + b",
    )
    old = memory if manner.peepholes else None
    i = _gate(trace, z.block(0, 4), manner, "i", seen=old)
    if manner.coupled:
        formula = "f_t = 1 - i_t"
        f = trace.op("scale", i, name="f", role="gate", alpha=-1.0, beta=1.0, formula=formula)
    else:
        f = _gate(trace, z.block(2, 4), manner, "f", seen=old)
    g = _gate(trace, z.block(3, 4), manner, "g", 1, role="tensor")
    p = trace.op("mul", f, memory, name="p", role="product", formula=r"p_t = f_t \odot a_{t-1}")
    q = trace.op("mul", i, g, name="q", role="product", formula=r"q_t = i_t \odot g_t")
    formula = r"a_t = f_t \odot a_{t-1} + i_t \odot g_t"
    a = trace.op("add", p, q, name="a", role="memory", formula=formula)
    new = a if manner.peepholes else None  # this gate looks at the memory of its own step
    o = _gate(trace, z.block(1, 4), manner, "o", seen=new)
    k = activated(trace, a, manner, 2, "k", "tensor", "k_t = h(a_t)")
    return trace.op("mul", o, k, name="h", role="state", formula=r"h_t = o_t \odot h(a_t)")


def gru(trace: Trace, below: Below, manner: Manner) -> Ref:
    """Slots v, u (blocks z r n), z, r, q, (w), an, n, m = 1 − z, p, k, h."""
    wide = manner.hidden
    before = trace.before("h", wide, initial="h0")
    names = GATES["GRU"]
    v = trace.linear(
        "v", 3 * wide, [("W", x) for x in below], "b_x", blocks=names, formula="v_t = W x_t + b_x"
    )
    after = manner.linear_before_reset
    kept = 3 if after else 2
    u = trace.linear(
        "u",
        kept * wide,
        [("R", before)],
        "b_h",
        blocks=names[:kept],
        rows=None if after else (0, 2 * wide),
        height=3 * wide,
        formula="u_t = R h_{t-1} + b_h",
    )
    bars = [
        trace.op("add", v.block(n, 3), u.block(n, kept), name=f"a{name}", role="preactivation")
        for n, name in enumerate(names[:2])
    ]
    z = _gate(trace, bars[0], manner, "z")
    r = _gate(trace, bars[1], manner, "r")
    pull = _pull(trace, r, u, before, wide, after)
    an = trace.op("add", v.block(2, 3), pull, name="an", role="preactivation")
    n = _gate(trace, an, manner, "n", 1, role="tensor")
    m = trace.op("scale", z, name="m", role="gate", alpha=-1.0, beta=1.0, formula="m_t = 1 - z_t")
    p = trace.op("mul", m, n, name="p", role="product", formula=r"p_t = (1 - z_t) \odot n_t")
    k = trace.op("mul", z, before, name="k", role="product", formula=r"k_t = z_t \odot h_{t-1}")
    formula = r"h_t = (1 - z_t) \odot n_t + z_t \odot h_{t-1}"
    return trace.op("add", p, k, name="h", role="state", formula=formula)


def _pull(trace: Trace, r: Ref, u: Ref, before: Ref, wide: int, after: bool) -> Ref:
    """What the reset gate lets through of the state: of its product, or before it."""
    if after:
        block = u.block(2, 3)
        return trace.op("mul", r, block, name="q", role="product", formula=r"q_t = r_t \odot u^n_t")
    q = trace.op("mul", r, before, name="q", role="product", formula=r"q_t = r_t \odot h_{t-1}")
    rows = (2 * wide, 3 * wide)
    return trace.linear(
        "w", wide, [("R", q)], "b_h", rows=rows, height=3 * wide, formula="w_t = R q_t + b^n_h"
    )


CELLS: dict[str, Callable[[Trace, Below, Manner], Ref]] = {"RNN": rnn, "LSTM": lstm, "GRU": gru}
