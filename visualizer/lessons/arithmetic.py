"""Numbers written as sums: "0.5 - 5*sigmoid(0.5)". What can be computed is not typed in.

Parsed, never evaluated as code: only the operators and names of these tables are known.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable

from engine.errors import Unusable

OPERATORS: dict[type[ast.AST], Callable[..., float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
}
FUNCTIONS: dict[str, Callable[..., float]] = {
    "sigmoid": lambda x: 1 / (1 + math.exp(-x)),
    "tanh": math.tanh,
    "atanh": math.atanh,
    "log": math.log,
    "sqrt": math.sqrt,
}
LONGEST = 200  # characters


def number(written: float | str) -> float:
    """A number, or what a sum comes to. Unusable if it is neither."""
    if not isinstance(written, str):
        return float(written)
    try:
        if len(written) > LONGEST:
            raise ValueError("it is too long")
        return float(_value(ast.parse(written, mode="eval").body))
    except (SyntaxError, ValueError, ArithmeticError, TypeError) as error:
        known = ", ".join(FUNCTIONS)
        raise Unusable(
            f"{written!r} is no number ({error}); write one with + - * / ** and {known}"
        ) from None


def _value(node: ast.expr) -> float:
    match node:
        case ast.Constant(value=int() | float()):
            return float(node.value)  # type: ignore[arg-type]
        case ast.UnaryOp() if type(node.op) in OPERATORS:
            return OPERATORS[type(node.op)](_value(node.operand))
        case ast.BinOp() if type(node.op) in OPERATORS:
            return OPERATORS[type(node.op)](_value(node.left), _value(node.right))
        case ast.Call(func=ast.Name(id=name), args=[only]) if name in FUNCTIONS:
            return FUNCTIONS[name](_value(only))
    raise ValueError(f"{ast.unparse(node)} is not known")
