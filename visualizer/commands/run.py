"""`main.py run`: records and prints steps, nodes, loss and the gradient norm of every step."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from typing import Any

from engine.cost import cost_of
from engine.door import Run
from engine.experiment import Experiment, settings
from engine.shortest import hops_to
from visualizer.commands import model_run, onnx_run
from visualizer.commands.arrays import arrays, keep
from visualizer.commands.formula import formula_lines
from visualizer.commands.given import of_graph
from visualizer.commands.model import is_graph, is_model
from visualizer.commands.numbers import finite
from visualizer.commands.steps import SHOWN, step_lines
from visualizer.commands.what import Given, variants
from visualizer.document.atomic import check_place
from visualizer.document.derive import Derived
from visualizer.plots.cost import cost_words

MOST_HOPS = 2000  # steps up to which the shortest ways are looked for
BRIEF = 3  # of a variant that is not the first


def perform(options: argparse.Namespace) -> int:
    if options.out:
        check_place(options.out)
    if is_graph(options.what):
        return onnx_run.run_graph(of_graph(options))
    if is_model(options.what):
        return model_run.run_arrays(options)
    first, *others = variants(options)
    if options.out:
        keep(options.out, arrays(first.derived.run))
    if options.json:
        print(json.dumps(finite(_object(first, others)), ensure_ascii=False))
    else:
        for line in table(first.derived, first.title):
            print(line)
        for other in others:
            print()
            for line in table(other.derived, other.title, BRIEF):
                print(line)
    if options.out and not options.json:
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
        yield from step_lines(run, shown)
        yield "gradient of each parameter"
        for name, norm in summary["gradients"].items():
            yield f"  {name:10} {norm:.6g}"


def _made_of(e: Experiment) -> str:
    """The head of the line that says what the network is made of."""
    if e.arrangement == "recurrent":
        return f"cell      {e.cell}"
    celled = any(row.name == "cell" and e.shows(row) for row in settings())
    return f"network   {e.arrangement}" + (f" of {e.cell} cells" if celled else "")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
