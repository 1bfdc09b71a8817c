"""A formula as a network without time: one segment of one step, an input slot for every variable.

The formula itself is read in `engine.expression`.
"""

from __future__ import annotations

from typing import Any

from engine.arrangements.building import Made, Shape
from engine.experiment import Experiment
from engine.expression import Formula, Part, parse
from engine.expression.formula import latex
from engine.template import TIMELESS, Network
from engine.trace import Ref, Trace

_LATEX = {
    "identity": "{0}",
    "add": "{0} + {1}",
    "sub": "{0} - {1}",
    "mul": r"{0} \cdot {1}",
    "div": r"\frac{{{0}}}{{{1}}}",
    "power": "{0}^{{{p}}}",
    "repeat": r"({0}, \ldots, {0})",
    "sum": r"\sum_i ({0})_i",
    "mean": r"\frac{{1}}{{n}} \sum_i ({0})_i",
    "tanh": r"\tanh {0}",
    "sigmoid": r"\sigma({0})",
    "relu": r"\max({0}, 0)",
    "abs": r"|{0}|",
    "exp": r"e^{{{0}}}",
    "log": r"\log {0}",
    "sqrt": r"\sqrt{{{0}}}",
    "sin": r"\sin {0}",
    "cos": r"\cos {0}",
}


def expression(experiment: Experiment, shape: Shape) -> Network:
    """The network of `shape.formula`; the output is its loss, so that its δ is 1."""
    formula = parse(shape.formula)
    made, trace, refs = Made(), Trace(0), list[Ref]()
    low = 0
    for place, part in enumerate(formula.parts):
        if part.op == "input":
            refs.append(trace.input(part.name, part.width, low=low))
            low += part.width
            continue
        constants: dict[str, Any] = dict(part.constants)
        refs.append(
            trace.op(
                part.op,
                *(refs[k] for k in part.reads),
                name=part.name,
                role=_role(formula, place),
                formula=f"{latex(part.name)} = {latex_of(formula, part)}",
                **constants,
            )
        )
    made.add(trace, "formula", 1, kind=TIMELESS)
    return made.network()


def _role(formula: Formula, place: int) -> str:
    if place == len(formula.parts) - 1:
        return "loss"
    return "tensor" if formula.parts[place].named else "product"


def latex_of(formula: Formula, part: Part) -> str:
    """The right-hand side of an operation."""
    names = [latex(formula.parts[k].name) for k in part.reads]
    constants = dict(part.constants)
    if part.op == "scale":
        return _scaled(names[0], constants["alpha"], constants["beta"])
    if part.op == "mul" and part.width > 1:
        return r"{} \odot {}".format(*names)
    if part.op == "power":
        base = rf"({names[0]})" if "_" in names[0] else names[0]
        return _LATEX["power"].format(base, p=_short(constants["p"]))
    return _LATEX[part.op].format(*names)


def _scaled(name: str, alpha: float, beta: float) -> str:
    sign = {1.0: "", -1.0: "-"}.get(alpha, rf"{_short(alpha)} \, ")
    if not beta:
        return f"{sign}{name}"
    if alpha == -1.0:
        return f"{_short(beta)} - {name}"
    return f"{sign}{name} {'+' if beta > 0 else '-'} {_short(abs(beta))}"


def _short(number: float) -> str:
    text = f"{number:.4g}"
    mantissa, _, exponent = text.partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else text
