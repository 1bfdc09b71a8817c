"""Operations put together: numbers are computed at once, all else becomes a part; then names.

Here are the widths (a single number is repeated beside a vector), what is left out, and how parts
are called. The text is read in `reading`.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from engine.errors import Unusable
from engine.expression.formula import AGAIN, Formula, Part
from engine.ops import OPS

MOST_PARTS = 300
MOST_NUMBERS = 64
_LETTERS = "uvwpqrstkmn"
_OUTPUTS = ("f", "y", "out", "result")
_FOLDS: dict[str, Callable[[float], float]] = {
    "tanh": math.tanh,
    "sigmoid": lambda x: 0.5 * math.tanh(0.5 * x) + 0.5,
    "relu": lambda x: max(x, 0.0),
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "abs": abs,
    "sin": math.sin,
    "cos": math.cos,
    "sum": float,
    "mean": float,
}
_PAIRS: dict[str, Callable[[float, float], float]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "power": math.pow,
}
FUNCTIONS = tuple(_FOLDS)


@dataclass(frozen=True, slots=True)
class Made:
    """A part in the making, by its place among all."""

    place: int
    width: int


Value: TypeAlias = float | Made


def short(node: ast.expr | str) -> str:
    """Some of the text, for a message."""
    text = node if isinstance(node, str) else ast.unparse(node)
    return text if len(text) <= 40 else f"{text[:39]}…"


def number(value: float, node: ast.expr) -> float:
    """A number that can be computed with, or Unusable."""
    try:
        found = float(value)
    except OverflowError:
        found = math.inf
    if not math.isfinite(found):
        raise Unusable(f"{short(node)} is too large for a number; write a smaller one")
    return found


class Draft:
    """The parts so far. Names may be given later; "" is none."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.names: list[str] = []
        self._after_function: set[int] = set()

    # ---- adding

    def variable(self, name: str, numbers: tuple[float, ...], node: ast.expr) -> Made:
        return self._add(Part("", "input", (), len(numbers), (), numbers, ast.unparse(node)), name)

    def name(self, value: Value, name: str, *, function: bool = False) -> None:
        """Call a part so, unless it has a name; that of the `function` that made it gives way."""
        if not isinstance(value, Made):
            return
        if not self.names[value.place] or (not function and value.place in self._after_function):
            self.names[value.place] = name
            if function:
                self._after_function.add(value.place)
            else:
                self._after_function.discard(value.place)

    def function(self, op: str, value: Value, node: ast.expr) -> Value:
        """One of FUNCTIONS of a value."""
        if isinstance(value, Made):
            return self._op(op, node, value)
        try:
            return number(_FOLDS[op](value), node)
        except ValueError:
            raise Unusable(f"{short(node)} is no real number; {op} takes {_taken(op)}") from None
        except OverflowError:
            return number(math.inf, node)

    def pair(self, op: str, a: Value, b: Value, node: ast.expr) -> Value:
        """add, sub, mul, div or power of two values."""
        if isinstance(a, float) and isinstance(b, float):
            return self._folded(op, a, b, node)
        if op == "power":
            return self._power(a, b, node)
        if isinstance(a, float):
            assert isinstance(b, Made)
            return self._from_number(op, a, b, node)
        if isinstance(b, float):
            return self._with_number(op, a, b, node)
        wide = max(a.width, b.width)
        if 1 < min(a.width, b.width) < wide:
            raise Unusable(
                f"{short(node)} joins {a.width} numbers with {b.width}; both need equally many, or"
                " one of them a single number"
            )
        return self._op(op, node, self._spread(a, wide, node), self._spread(b, wide, node))

    def scaled(self, node: ast.expr, a: Value, alpha: float, beta: float = 0.0) -> Value:
        """alpha·a + beta."""
        if isinstance(a, float):
            return number(alpha * a + beta, node)
        return self._op("scale", node, a, alpha=number(alpha, node), beta=number(beta, node))

    def _folded(self, op: str, a: float, b: float, node: ast.expr) -> float:
        try:
            return number(_PAIRS[op](a, b), node)
        except ZeroDivisionError:
            raise _division(node) from None
        except OverflowError:
            return number(math.inf, node)
        except ValueError:
            if a == 0.0:
                raise _division(node) from None
            raise Unusable(f"{short(node)} is no real number; change the base") from None

    def _power(self, a: Value, b: Value, node: ast.expr) -> Value:
        if not isinstance(b, float):
            raise Unusable(
                f"the exponent in {short(node)} must be a number; write exp(y*log(x)) for x**y"
            )
        if b in (0.0, 1.0):
            return a if b else 1.0
        assert isinstance(a, Made)
        return self._op("power", node, a, p=b)

    def _with_number(self, op: str, a: Made, b: float, node: ast.expr) -> Value:
        if op in ("add", "sub"):
            return self.scaled(node, a, 1.0, b if op == "add" else -b)
        if op == "div" and b == 0.0:
            raise _division(node)
        return self.scaled(node, a, b if op == "mul" else 1.0 / b)

    def _from_number(self, op: str, a: float, b: Made, node: ast.expr) -> Value:
        if op != "div":
            factor = {"add": 1.0, "sub": -1.0, "mul": a}[op]
            return self.scaled(node, b, factor, 0.0 if op == "mul" else a)
        inverse = self._op("power", node, b, p=-1.0)
        return inverse if a == 1.0 else self.scaled(node, inverse, a)

    def _spread(self, a: Made, wide: int, node: ast.expr) -> Made:
        return a if a.width == wide else self._op("repeat", node, a, out=wide)

    def _op(self, op: str, node: ast.expr, *reads: Made, **constants: float) -> Made:
        width = OPS[op].width(tuple(r.width for r in reads), constants)
        fixed = tuple(sorted(constants.items()))
        places = tuple(r.place for r in reads)
        return self._add(Part("", op, places, width, fixed, (), ast.unparse(node)), "")

    def _add(self, part: Part, name: str) -> Made:
        if len(self.parts) == MOST_PARTS:
            raise Unusable(
                f"the formula has more than {MOST_PARTS} operations, with every call written out;"
                " make it shorter"
            )
        self.parts.append(part)
        self.names.append(name)
        return Made(len(self.parts) - 1, part.width)

    # ---- the end

    def formula(self, output: Value, known: set[str]) -> Formula:
        """What the output needs and every variable that is still known, with names."""
        if isinstance(output, float):
            raise Unusable(
                "the formula has no variable in what it computes; give a number a name, like x = 2"
            )
        output = self._single(output)
        wanted, needed = [output.place], {output.place}
        while wanted:
            for place in self.parts[wanted.pop()].reads:
                if place not in needed:
                    needed.add(place)
                    wanted.append(place)
        needed |= {k for k, p in enumerate(self.parts) if p.op == "input" and self._last(k, known)}
        kept = sorted(needed)
        moved = {place: k for k, place in enumerate(kept)}
        names = self._called(kept)
        return Formula(
            tuple(
                replace(
                    self.parts[place],
                    name=names[place],
                    named=bool(self.names[place]),
                    reads=tuple(moved[r] for r in self.parts[place].reads),
                )
                for place in kept
            )
        )

    def _single(self, output: Made) -> Made:
        """One number that is computed: a vector is summed, a variable is seen again."""
        node = ast.parse(self.parts[output.place].source, mode="eval").body
        if output.width > 1:
            output = self._op("sum", node, output)
        elif self.parts[output.place].op == "input":
            output = self._op("identity", node, output)
        if not self.names[output.place]:
            free = (name for name in _OUTPUTS if name not in self.names)
            self.names[output.place] = next(free, "")
        return output

    def _last(self, place: int, known: set[str]) -> bool:
        name = self.names[place]
        return name in known and name not in self.names[place + 1 :]

    def _called(self, kept: list[int]) -> dict[int, str]:
        """Each part's name: the last of several with one name has it, those before are counted."""
        by_name: dict[str, list[int]] = {}
        for place in kept:
            by_name.setdefault(self.names[place], []).append(place)
        taken = {name for name in by_name if name}
        letters = [letter for letter in _LETTERS if letter not in taken]
        found: dict[int, str] = {}
        for count, place in enumerate(by_name.pop("", [])):
            turn, letter = divmod(count, len(letters)) if letters else (count, 0)
            found[place] = (letters[letter] if letters else "v") + (f"{AGAIN}{turn}" * bool(turn))
        for name, places in by_name.items():
            found[places[-1]] = name
            found |= {place: f"{name}{AGAIN}{n + 1}" for n, place in enumerate(places[:-1])}
        return found


def _taken(op: str) -> str:
    return {"log": "numbers above 0", "sqrt": "numbers from 0 on"}.get(op, "finite numbers")


def _division(node: ast.expr) -> Unusable:
    return Unusable(f"division by zero in {short(node)}; change what is divided by")
