"""The simple recurrent cell of Elman (1990): h_t = σ(W_hh h_{t−1} + W_xh x_t + b)."""

from __future__ import annotations

from engine.experiment import Experiment
from engine.trace import Ref, Trace


def elman(trace: Trace, x: tuple[Ref, ...], hidden: int, experiment: Experiment) -> Ref:
    """Slots z, h."""
    before = trace.before("h", hidden, initial="h0")
    z = trace.linear(
        "z",
        hidden,
        [("W_hh", before), *(("W_xh", r) for r in x)],
        "b",
        formula="z_t = W_{hh} h_{t-1} + W_{xh} x_t + b",
    )
    return activation(trace, z, experiment)


def activation(trace: Trace, z: Ref, experiment: Experiment) -> Ref:
    """The slot h = σ(z)."""
    kind = experiment.nonlinearity
    spelled = {"tanh": r"\tanh(z_t)", "relu": r"\max(z_t, 0)", "identity": "z_t"}
    formula = "h_t = " + spelled.get(kind, r"\sigma(z_t)")
    return trace.op(kind, z, name="h", role="state", formula=formula)
