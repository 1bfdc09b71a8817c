"""What a formula is once it is read: variables and operations, each with the name it is shown by.

Nothing here reads text (`reading`) or knows how operations are put together (`drafting`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_INFIX = {"add": "+", "sub": "-", "mul": "*", "div": "/"}
AGAIN = "__"  # c__1, c__2 are what c was before it was given again


@dataclass(frozen=True, slots=True)
class Part:
    """A variable (op "input", with its numbers) or an operation (a row of OPS) on parts before it.

    `name`: as typed; a letter where nothing was (not `named`). `source`: the text that it was made
    from.
    """

    name: str
    op: str
    reads: tuple[int, ...]
    width: int
    constants: tuple[tuple[str, float], ...] = ()
    numbers: tuple[float, ...] = ()
    source: str = ""
    named: bool = True


@dataclass(frozen=True, slots=True)
class Formula:
    """Parts in the order of computing; the last is the output, a single number."""

    parts: tuple[Part, ...]

    @property
    def variables(self) -> tuple[Part, ...]:
        return tuple(part for part in self.parts if part.op == "input")

    @property
    def numbers(self) -> tuple[float, ...]:
        """All numbers of all variables, side by side."""
        return tuple(number for part in self.variables for number in part.numbers)


def plain(name: str) -> str:
    """The name for text: c1 for what c was at first."""
    return name.replace(AGAIN, "")


def symbol(name: str) -> str:
    """The name in the markup of pictures: c_{1}, x_{in}, else as it is."""
    base, _, low = re.sub("_+", "_", name).partition("_")
    return f"{base}_{{{low}}}" if low else base


def latex(name: str) -> str:
    """The name in LaTeX: one letter in italics, words upright."""
    base, _, low = re.sub("_+", "_", name).partition("_")
    shown = base if len(base) == 1 else rf"\mathrm{{{base}}}"
    return shown + (rf"_{{\mathrm{{{low}}}}}" if low else "")


def words_of(formula: Formula, part: Part) -> str:
    """An operation in the names of the parts that it reads: x*h, 2*u + 1."""
    names = [plain(formula.parts[k].name) for k in part.reads]
    constants = dict(part.constants)
    if part.op in _INFIX:
        return f"{names[0]} {_INFIX[part.op]} {names[1]}"
    if part.op == "power":
        return f"{names[0]}**{constants['p']:.6g}"
    if part.op == "scale":
        alpha, beta = constants["alpha"], constants["beta"]
        first = {1.0: names[0], -1.0: f"-{names[0]}"}.get(alpha, f"{alpha:.6g}*{names[0]}")
        return first if not beta else f"{first} {'+' if beta > 0 else '-'} {abs(beta):.6g}"
    if part.op == "repeat":
        return f"[{names[0]}, …, {names[0]}]"
    return names[0] if part.op == "identity" else f"{part.op}({names[0]})"
