"""`main.py run MODEL --inputs in.npz --out out.npz`: somebody's weights on somebody's arrays."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from typing import Any

import numpy as np

from engine.door import Run
from engine.models.model import Model
from engine.models.running import run_model
from visualizer.commands.arrays import arrays_of_model, pack
from visualizer.commands.model import inputs_given, model_of
from visualizer.commands.numbers import finite
from visualizer.commands.steps import step_lines
from visualizer.document.atomic import replace_file


def run_arrays(options: argparse.Namespace) -> int:
    model = model_of(options)
    inputs = inputs_given(options, model)
    run = run_model(model, inputs, model.experiment(options.dtype or "float64"))
    if options.json:
        print(json.dumps(finite(_summary(model, run)), ensure_ascii=False))
    else:
        for line in _lines(model, run):
            print(line)
    if options.out:
        replace_file(options.out, pack(arrays_of_model(model, run)))
        if not options.json:
            print(f"wrote     {options.out}")
    return 0


def _summary(model: Model, run: Run) -> dict[str, Any]:
    """The object of `run --json`, parameters under the names of the file, and what was found."""
    found = run.summary()
    names = model.stack.names.values()
    found["parameters"] = sum(int(model.weights.arrays[name].size) for name in names)
    if run.recording.has_gradients:
        gradients = model.in_file(run.recording.gradients)
        found["gradients"] = {n: float(np.linalg.norm(g)) for n, g in gradients.items()}
    found["source"] = f"{model.name} ({model.weights.format}, {model.weights.dtype})"
    found["found"] = model.table()
    return found


def _lines(model: Model, run: Run) -> Iterator[str]:
    summary = _summary(model, run)
    yield f"read      {summary['source']}"
    rows = [("layer", "kind", "shape", "how"), *(tuple(r.values()) for r in summary["found"])]
    wide = [max(len(row[n]) for row in rows) for n in range(4)]
    for row in rows:
        yield "  " + "  ".join(word.ljust(w) for word, w in zip(row, wide)).rstrip()
    yield (
        f"recorded  {summary['steps']:,} steps, {summary['batch']:,} sequences,"
        f" {summary['nodes']:,} nodes, {summary['parameters']:,} parameters,"
        f" {run.experiment.dtype}"
    )
    loss = summary["loss"]
    if loss is None:
        yield "loss      none: there are no cotangents"
        return
    yield f"loss      {loss:.9g}"
    yield from step_lines(run)
    yield "gradient of each parameter"
    for name, norm in summary["gradients"].items():
        yield f"  {name:22} {norm:.6g}"
