"""What is said of the parts of a formula: what they are, and what each of them sends back."""

from __future__ import annotations

from engine.expression.formula import symbol
from engine.template import Network, Slot, Use

ROLES = {"input": "variable", "loss": "output"}
OPS = {
    "input": "given",
    "identity": "as it is",
    "add": "sum",
    "sub": "difference",
    "mul": "product",
    "div": "quotient",
    "scale": "with numbers",
    "sum": "sum of a vector",
    "mean": "mean of a vector",
    "repeat": "repeated beside a vector",
}


def words_of(slot: Slot) -> str:
    """variable · given"""
    return f"{ROLES.get(slot.role, 'operation')} · {OPS.get(slot.op, slot.op)}"


def term(network: Network, use: Use) -> str:
    """What a reader sends back, its δ times its derivative: "δ(u) · h"."""
    slot = network.slot(0, use.consumer.slot)
    y = symbol(slot.name)
    reads = [symbol(network.slot(0, i.slot).name) for i in slot.inputs]
    x, other = reads[use.position], reads[-1 - use.position]
    constants = dict(slot.constants)
    delta = f"δ({y})"
    if slot.op in ("scale", "power"):
        return _with_number(slot.op, delta, x, constants)
    if slot.op == "div":
        return f"{delta} / {other}" if use.position == 0 else f"−{delta} · {y}/{x}"
    if slot.op == "sub":
        return f"−{delta}" if use.position else delta
    words = {
        "mul": f"{delta} · {other}",
        "tanh": f"{delta} · (1 − {y}^{{2}})",
        "sigmoid": f"{delta} · {y}(1 − {y})",
        "relu": f"{delta} · [{x} > 0]",
        "abs": f"{delta} · sign {x}",
        "exp": f"{delta} · {y}",
        "log": f"{delta} / {x}",
        "sqrt": f"{delta} / 2{y}",
        "sin": f"{delta} · cos {x}",
        "cos": f"−{delta} · sin {x}",
        "mean": f"{delta} / n",
        "repeat": f"Σ_{{i}} {delta}",
    }
    return words.get(slot.op, delta)


def _with_number(op: str, delta: str, x: str, constants: dict[str, float]) -> str:
    if op == "power":
        p = constants["p"]
        rest = x if p == 2.0 else f"{x}^{{{_short(p - 1.0)}}}"
        times = "" if abs(p) == 1.0 else _short(abs(p))
        return f"{'−' if p < 0 else ''}{delta} · {times}{rest}"
    alpha = constants["alpha"]
    return {1.0: delta, -1.0: f"−{delta}"}.get(alpha, f"{_short(alpha)} {delta}")


def _short(number: float) -> str:
    return f"{number:.4g}".replace("-", "−")
