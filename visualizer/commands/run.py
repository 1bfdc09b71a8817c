"""`main.py run`: records and prints steps, nodes, loss and the gradient norm of every step."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterator, Sequence
from typing import Any

from engine.cost import cost_of
from engine.door import Run
from engine.experiment import Experiment, settings
from engine.shortest import hops_to
from visualizer.commands.arrays import pack
from visualizer.commands.formula import formula_lines
from visualizer.commands.what import Given, variants
from visualizer.document.atomic import check_place, replace_file
from visualizer.document.derive import Derived
from visualizer.plots.cost import cost_words

SHOWN = 30  # steps at either end of a long table; --json prints all
MOST_HOPS = 2000  # steps up to which the shortest ways are looked for
BRIEF = 3  # of a variant that is not the first


def perform(options: argparse.Namespace) -> int:
    if options.out:
        check_place(options.out)
    first, *others = variants(options)
    if options.json:
        print(json.dumps(finite(_object(first, others)), ensure_ascii=False))
    else:
        for line in table(first.derived, first.title):
            print(line)
        for other in others:
            print()
            for line in table(other.derived, other.title, BRIEF):
                print(line)
    if options.out:
        replace_file(options.out, pack(first.derived.run))
        if not options.json:
            print(f"wrote     {options.out}")
    return 0


def _object(first: Given, others: list[Given]) -> dict[str, Any]:
    """The summary; of a lesson with variants that of the first, and the others in a list."""
    found = _summary(first.derived.run)
    if first.title:
        found["title"] = first.title
    if others:
        found["variants"] = [{"title": v.title, **_summary(v.derived.run)} for v in others]
    return found


def _summary(run: Run) -> dict[str, Any]:
    return {**run.summary(), **_hops(run), "cost": cost_of(run).facts()}


def _hops(run: Run) -> dict[str, Any]:
    """How many steps in time every input is away from the last loss, on the shortest way."""
    steps = run.recording.steps
    if run.network.timeless or not run.recording.has_gradients or steps > MOST_HOPS:
        return {}
    return {"hops": hops_to(run.network, steps - 1)}


def finite(value: Any) -> Any:
    """The value with null for every infinity and NaN: JSON has no words for them."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [finite(inner) for inner in value]
    return value


def table(derived: Derived, title: str = "", shown: int = SHOWN) -> Iterator[str]:
    """The lines for people; `shown` steps at either end."""
    run, summary = derived.run, derived.run.summary()
    e = run.experiment
    if title:
        yield f"variant   {title}"
    if run.network.timeless:
        yield from formula_lines(run, summary)
        return
    yield f"read      {run.batch.title} ({run.batch.source})"
    yield (
        f"{_made_of(e)}, {_count(e.hidden, 'hidden unit')}, {_count(e.layers, 'layer')}, "
        f"seed {e.seed}, {e.dtype}"
    )
    yield (
        f"recorded  {_count(summary['steps'], 'step')}, "
        f"{_count(summary['batch'], 'sequence')}, {_count(summary['nodes'], 'node')}, "
        f"{_count(summary['edges'], 'edge')}, {_count(summary['parameters'], 'parameter')}"
    )
    yield f"cost      {cost_words(cost_of(run))}"
    loss = summary["loss"]
    yield f"loss      {'none: there is no target' if loss is None else f'{loss:.9g}'}"
    if loss is not None:
        yield from _steps(run, shown)
        yield "gradient of each parameter"
        for name, norm in summary["gradients"].items():
            yield f"  {name:10} {norm:.6g}"


def _made_of(e: Experiment) -> str:
    """The head of the line that says what the network is made of."""
    if e.arrangement == "recurrent":
        return f"cell      {e.cell}"
    celled = any(row.name == "cell" and e.shows(row) for row in settings())
    return f"network   {e.arrangement}" + (f" of {e.cell} cells" if celled else "")


def norm_columns(run: Run) -> list[tuple[str, Sequence[float]]]:
    """A named column for every state, layer and direction: ‖δ(h)‖, ‖δ(h^2)‖, ‖δ(h←)‖."""
    columns = []
    several = run.experiment.layers > 1
    for symbol in ("h", "c"):
        chains = run.chains(symbol)
        norms = run.norms(symbol) if chains else []
        for chain, row in zip(chains, norms if len(chains) > 1 else [norms]):
            segment = run.network.segments[chain[0][0]]
            mark = f"^{segment.layer + 1}" if several else ""
            mark += "←" if segment.direction < 0 else ""
            columns.append((f"‖δ({symbol}{mark})‖", row))
    return columns


def _steps(run: Run, shown: int) -> Iterator[str]:
    columns = norm_columns(run)
    # several sequences share the norms, so their steps have no one label
    labels = run.batch.labels[0] if run.batch.size == 1 and run.batch.labels else ()
    steps = len(columns[0][1])
    width = max([5, *(len(_cut(label)) for label in labels)])
    yield "step  " + "".ljust(width) + "".join(name.rjust(14) for name, _ in columns)
    for t in range(steps):
        if steps > 2 * shown + 1 and t == shown:
            yield f"…     {steps - 2 * shown:,} more steps (--json prints all)"
        if steps > 2 * shown + 1 and shown <= t < steps - shown:
            continue
        label = _cut(labels[t]) if t < len(labels) else ""
        yield f"{t + 1:4}  {label:{width}}" + "".join(f"{row[t]:14.6g}" for _, row in columns)


def _cut(label: str) -> str:
    """A label for one line: a token may be a line end, or long."""
    shown = label.encode("unicode_escape").decode() if not label.isprintable() else label
    return shown if len(shown) <= 16 else shown[:15] + "…"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
