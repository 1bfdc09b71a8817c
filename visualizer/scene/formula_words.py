"""What is said of the parts of a formula: what they are, and what each of them sends back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.expression.formula import symbol
from engine.recording import Recording
from engine.template import Network, Slot, Use

FEW = 3  # numbers of a vector that are told

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


@dataclass(frozen=True, slots=True)
class PathRow:
    """One path for a list: its way in markup, its factors, what it adds ("–": not known yet)."""

    way: str
    factors: str
    product: str


def path_rows(recording: Recording, slot: int, there: bool) -> tuple[PathRow, ...]:
    """The paths from a variable to the output; their numbers only if they are `there`."""
    names = [symbol(s.name) for s in recording.network.segments[0].slots]
    from engine.paths import paths_of

    ways = paths_of(recording, slot)
    rows = [
        PathRow(
            " → ".join(names[k] for k in path.slots),
            " · ".join(map(figure, path.factors)) if there and len(path.factors) > 1 else "",
            figures(path.product) if there else "–",
        )
        for path in ways.listed
    ]
    if ways.count > len(rows):
        more = f"{ways.count - len(rows):,} more"
        rows.append(PathRow(more, "", figures(ways.rest) if there else "–"))
    return tuple(rows)


def path_total(recording: Recording, slot: int, there: bool) -> str:
    """The line under the paths: their sum, and what the rule makes of it."""
    from engine.paths import variables_of

    variable = next(v for v in variables_of(recording) if v.slot == slot)
    if not there:
        return "waits until δ is complete"
    total = f"sum {figures(variable.delta)}"
    if np.array_equal(variable.gradient, variable.delta):
        return total
    why = "overwritten, the last is left" if recording.rule == "overwrite" else "not zeroed"
    return f"{total}\n{why}: {figures(variable.gradient)}"


def figures(values: Any) -> str:
    """A number, or the first of a vector."""
    shown = ", ".join(figure(v) for v in values[:FEW])
    return shown if len(values) == 1 else f"[{shown}{', …' if len(values) > FEW else ''}]"


def figure(value: float) -> str:
    return f"{value + 0.0:.5g}".replace("-", "−")
