"""Sources of ops as lines of a plan: names put in, results made expressions. Knows no network."""

from __future__ import annotations

import re

from engine.template import Slot

_HOLE = re.compile(r"{(\w+)}")


def fill(source: str, names: dict[str, str]) -> list[str]:
    """Lines of an op's source with the names put in."""
    return _HOLE.sub(lambda hole: names[hole.group(1)], source).split("; ")


def result(source: str, hole: str) -> str:
    """A source of one call as the expression that it writes into the array of `hole`."""
    return re.sub(rf", (out=)?{{{hole}}}\)$", ")", source)


def constants_of(slot: Slot) -> dict[str, str]:
    """The constants of a slot as they stand in a source."""
    return {name: repr(value) for name, value in slot.constants}
