"""The gated cell of the lecture: a_t = a_{t−1} ⊙ f_t + g_t, gates from x_t alone.

Because no gate sees a_{t−1}, ∂a_t/∂a_{t−1} is f_t and nothing else.
"""

from __future__ import annotations

from engine.experiment import Experiment
from engine.trace import Ref, Trace


def gated(trace: Trace, x: tuple[Ref, ...], hidden: int, experiment: Experiment) -> Ref:
    """Slots z (blocks f g), f, g, p = f ⊙ a_{t−1}, a. What goes up is h = a."""
    before = trace.before("a", hidden, initial="h0")
    z = trace.linear(
        "z", 2 * hidden, [("W", r) for r in x], "b", blocks=("f", "g"), formula="z_t = W x_t + b"
    )
    f = trace.op("sigmoid", z.block(0, 2), name="f", role="gate", formula=r"f_t = \sigma(\bar f_t)")
    g = trace.op("tanh", z.block(1, 2), name="g", formula=r"g_t = \tanh(\bar g_t)")
    p = trace.op("mul", before, f, name="p", role="product", formula=r"p_t = a_{t-1} \odot f_t")
    return trace.op("add", p, g, name="a", role="memory", formula=r"a_t = a_{t-1} \odot f_t + g_t")
