"""`main.py run MODEL --inputs in.npz --out out.npz`: somebody's weights on somebody's arrays."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from typing import Any

import numpy as np

from engine.door import Run
from engine.models.model import Model
from engine.models.running import parity, run_model
from visualizer.commands.arrays import arrays_of_model, pack
from visualizer.commands.model import inputs_given, model_of
from visualizer.commands.numbers import finite
from visualizer.commands.steps import step_lines
from visualizer.document.atomic import replace_file


def run_arrays(options: argparse.Namespace) -> int:
    model = model_of(options)
    inputs = inputs_given(options, model)
    run = run_model(model, inputs, model.experiment(options.dtype or _own(model)))
    arrays = arrays_of_model(model, run)
    errors = {} if options.inputs or not model.recorded else _errors(model, arrays)
    if options.json:
        print(json.dumps(finite(_summary(model, run) | errors), ensure_ascii=False))
    else:
        for line in (*_lines(model, run), *_parity_lines(errors)):
            print(line)
    if options.out:
        replace_file(options.out, pack(arrays))
        if not options.json:
            print(f"wrote     {options.out}")
    return 0


def _own(model: Model) -> str:
    """Weights alone are run in float64, a recorded run in its own dtype."""
    return "float32" if model.recorded and model.weights.dtype != "float64" else "float64"


def _errors(model: Model, arrays: dict[str, Any]) -> dict[str, Any]:
    """How far this run is from the one that was recorded."""
    assert model.recorded is not None
    found = parity(arrays, model.recorded.outputs)
    return {"parity": found.errors}


def _parity_lines(errors: dict[str, Any]) -> Iterator[str]:
    if errors:
        yield "parity with the recorded run: max |a − b| / max |b|"
        for name, error in errors["parity"].items():
            yield f"  {name:22} {error:.2g}"


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
