"""What `main.py run` prints of a formula and puts into its .npz: the output, every operation, every
variable with its gradient, every path with its product.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.door import Run
from engine.expression import parse, plain
from engine.expression.formula import words_of
from engine.paths import Path, paths_of, variables_of

WIDEST = 4  # numbers of a vector that are printed; --json prints all


def formula_lines(run: Run, summary: dict[str, Any]) -> Iterator[str]:
    """The lines for people."""
    slots = run.network.segments[0].slots
    names = [plain(slot.name) for slot in slots]
    yield f"read      {run.batch.title} ({run.batch.source})"
    yield f"recorded  {summary['nodes']} nodes, {summary['edges']} edges, {run.experiment.dtype}"
    yield f"output    {names[-1]} = {run.recording.loss:.9g}"
    yield from _operations(run, names)
    for variable in variables_of(run.recording):
        ways = paths_of(run.recording, variable.slot)
        derivative = f"d{names[-1]}/d{variable.name} = {numbers(variable.gradient)}"
        yield f"{variable.name} = {numbers(variable.value)}, {derivative}"
        if not np.array_equal(variable.gradient, variable.delta):
            why = "overwritten" if run.recording.rule == "overwrite" else "not zeroed before"
            yield f"  {why}; the sum of all paths is {numbers(variable.delta)}"
        rows = [(way_of(path, names), product_of(path)) for path in ways.listed]
        width = max((len(way) for way, _ in rows), default=0)
        yield from (f"  {way:{width}}   {product}" for way, product in rows)
        if ways.count > len(rows):
            more = f"{ways.count - len(rows):,} more paths add {numbers(ways.rest)}"
            yield f"  {more}"


def _operations(run: Run, names: list[str]) -> Iterator[str]:
    """u = x * h, its value, its δ."""
    formula = parse(run.batch.formula)
    rows = [
        (f"{name} = {words_of(formula, part)}", k)
        for k, (name, part) in enumerate(zip(names, formula.parts, strict=True))
        if part.op != "input"
    ]
    width = max(len(words) for words, _ in rows)
    for words, k in rows:
        value = numbers(run.recording.value(0, k)[0, 0])
        yield f"  {words:{width}}   {value:>12}   δ {numbers(run.recording.delta(0, k)[0, 0])}"


def formula_arrays(run: Run) -> dict[str, NDArray[Any]]:
    """value_<name> and delta_<name> of every node, g_<variable> by the rule, loss."""
    recording = run.recording
    found: dict[str, NDArray[Any]] = {"loss": np.asarray(recording.loss)}
    for k, slot in enumerate(run.network.segments[0].slots):
        found[f"value_{plain(slot.name)}"] = recording.value(0, k)[0, 0]
        found[f"delta_{plain(slot.name)}"] = recording.delta(0, k)[0, 0]
    for variable in variables_of(recording):
        found[f"g_{variable.name}"] = variable.gradient
    return found


def way_of(path: Path, names: list[str]) -> str:
    """x → h → f"""
    return " → ".join(names[k] for k in path.slots)


def product_of(path: Path) -> str:
    """4 · 2 = 8, or the vector alone"""
    if len(path.factors) < 2:
        return numbers(path.product)
    return f"{' · '.join(_factor(f) for f in path.factors)} = {numbers(path.product)}"


def _factor(value: float) -> str:
    text = f"{value + 0.0:.6g}"  # −0 is 0 here
    return f"({text})" if value < 0 else text


def numbers(values: Any) -> str:
    """A number, or a vector in brackets."""
    shown = [f"{v + 0.0:.6g}" for v in values[:WIDEST]]
    if len(values) == 1:
        return shown[0]
    return f"[{', '.join(shown)}{', …' if len(values) > WIDEST else ''}]"
