"""How far long work has come, told now and then to whoever waits for it. What the work is, is
known to those that do it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import lru_cache
from types import CodeType

Watch = Callable[[float], None]  # told the share that is done, 0 … 1; may raise to end the work
LOOP = 30  # lines that a loop over the steps takes as long as, about


def unwatched(share: float) -> None:
    """Nobody waits."""


def within(watch: Watch, low: float, high: float) -> Watch:
    """For a part of the work: its own 0 … 1 are `low` … `high` of the whole."""
    if watch is unwatched:
        return watch
    return lambda share: watch(low + (high - low) * min(share, 1.0))


class Pace:
    """Counts the lines of a function that were run, and the chunks of its loops."""

    def __init__(self, watch: Watch, lines: int) -> None:
        self._watch = watch
        self._whole = lines
        self._done = 0.0

    def expect(self, lines: int) -> None:
        """There is more to come."""
        self._whole += lines

    def begin(self) -> None:
        self._done = 0.0
        self._watch(0.0)

    def add(self, lines: float = 1.0) -> None:
        self._done += lines
        self._watch(self._done / self._whole)


@lru_cache(maxsize=64)
def paced(source: str) -> tuple[CodeType, int]:
    """A generated function that tells `pace` of each of its lines, and how many there are."""
    tree = ast.parse(source)
    function = tree.body[0]
    assert isinstance(function, ast.FunctionDef)
    told = [ast.parse(f"pace.{word}()").body[0] for word in ("begin", "add")]
    lines = [told[0]]
    for line in function.body:
        lines += [line, told[1]]
    function.body = lines
    return compile(ast.fix_missing_locations(tree), "<plan>", "exec"), len(lines) // 2
