"""The LSTM exactly as the lecture teaches it, and the lecture's GRU (an LSTM with no output gate).

One W acts on [h_{t−1}; x_t] and gives the blocks f i g o; memory a (the textbook's c) is linear:
along it ∂a_t/∂a_{t−1} is f_t exactly. Hochreiter & Schmidhuber 1997; Gers et al. 2000.
"""

from __future__ import annotations

from engine.experiment import Experiment
from engine.template import Picture
from engine.trace import Ref, Trace


def lstm(trace: Trace, x: tuple[Ref, ...], hidden: int, experiment: Experiment) -> Ref:
    """Slots z (blocks f i g o), f, i, g, o, p = f ⊙ a_{t−1}, q = i ⊙ g, a, k = tanh a, h.

    With a projection m = o ⊙ k, and h = P m is what goes up and on. Sak et al. 2014.
    """
    blocks = ("f", "i", "g", "o")
    if not experiment.projection:
        return memory_cell(trace, _blocks(trace, x, hidden, blocks), hidden)
    z = _blocks(trace, x, hidden, blocks, experiment.projection)
    m = memory_cell(trace, z, hidden, top="m")
    return trace.linear("h", experiment.projection, [("P", m)], role="state", formula="h_t = P m_t")


def memory_cell(
    trace: Trace, z: Ref, hidden: int, picture: Picture | None = None, top: str = "h"
) -> Ref:
    """What follows the product z, whose blocks are f i g o: gates, memory a, and h (or m)."""
    a = _memory(trace, z, hidden, ("f", "i", "g", "o"), picture)
    o = Ref(trace.segment, "o", hidden, picture=picture)
    k = trace.op("tanh", a, name="k", formula=r"k_t = \tanh(a_t)")
    role, formula = ("state" if top == "h" else "product"), rf"{top}_t = o_t \odot \tanh(a_t)"
    return trace.op("mul", o, k, name=top, role=role, formula=formula)


def lecture_gru(trace: Trace, x: tuple[Ref, ...], hidden: int, experiment: Experiment) -> Ref:
    """Slots z (blocks f i g), f, i, g, p, q, a, h = tanh a."""
    z = _blocks(trace, x, hidden, ("f", "i", "g"))
    a = _memory(trace, z, hidden, ("f", "i", "g"))
    return trace.op("tanh", a, name="h", role="state", formula=r"h_t = \tanh(a_t)")


def _blocks(
    trace: Trace, x: tuple[Ref, ...], hidden: int, names: tuple[str, ...], state: int = 0
) -> Ref:
    before = trace.before("h", state or hidden, initial="h0")
    return trace.linear(
        "z",
        len(names) * hidden,
        [("W", before), *(("W", r) for r in x)],
        "b",
        blocks=names,
        formula="z_t = W [h_{t-1}; x_t] + b",
    )


def _memory(
    trace: Trace, z: Ref, hidden: int, names: tuple[str, ...], picture: Picture | None = None
) -> Ref:
    gates = {}
    for k, name in enumerate(names):
        op, role = ("tanh", "tensor") if name == "g" else ("sigmoid", "gate")
        spelled = r"\tanh" if name == "g" else r"\sigma"
        formula = rf"{name}_t = {spelled}(\bar {name}_t)"
        block = z.block(k, len(names))
        gates[name] = trace.op(op, block, name=name, role=role, formula=formula)
    before = trace.before("a", hidden, initial="c0", picture=picture)
    p = trace.op(
        "mul", gates["f"], before, name="p", role="product", formula=r"p_t = f_t \odot a_{t-1}"
    )
    q = trace.op(
        "mul", gates["i"], gates["g"], name="q", role="product", formula=r"q_t = i_t \odot g_t"
    )
    formula = r"a_t = f_t \odot a_{t-1} + i_t \odot g_t"
    return trace.op("add", p, q, name="a", role="memory", formula=formula)
