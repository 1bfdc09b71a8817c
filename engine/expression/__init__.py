"""A typed formula as data: `parse` reads its text with `ast` and an allow-list, never `eval`.

    x = 2; h(x) = x**2; g(x, y) = x*y + tanh(y); f = g(x, h(x))

Numbers and vectors that get a name are variables; functions are written out where they are called;
every operation becomes a part, and the last one is the output. How parts become slots of a network
is in `engine.arrangements.expression`, what is read off them in `engine.paths`.
"""

from __future__ import annotations

from engine.expression.formula import Formula, Part, plain
from engine.expression.reading import EXAMPLE, parse

__all__ = ["EXAMPLE", "Formula", "Part", "parse", "plain"]
