"""`main.py run MODEL --inputs in.npz --out out.npz`: somebody's weights on somebody's arrays."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from engine.door import Run
from engine.models.found import lines
from engine.models.model import Model
from engine.models.npz_file import arrays_in
from engine.models.running import compared, parity, run_model
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
    errors = _errors(options, model, arrays)
    if options.json:
        print(json.dumps(finite(_summary(model, run) | errors), ensure_ascii=False))
    else:
        for line in (
            *_lines(model, run),
            *_parity_lines(errors, options.reference or "the recorded run"),
        ):
            print(line)
    if options.out:
        replace_file(options.out, pack(arrays))
        if not options.json:
            print(f"wrote     {options.out}")
    return 0


def _own(model: Model) -> str:
    """Weights alone are run in float64, a recorded run in its own dtype."""
    return "float32" if model.recorded and model.weights.dtype != "float64" else "float64"


def _errors(options: argparse.Namespace, model: Model, arrays: dict[str, Any]) -> dict[str, Any]:
    """How far this run is from the outputs that were given, or from the run that was recorded."""
    if options.reference is not None:
        path = Path(options.reference)
        return {"parity": compared(arrays, arrays_in(path), path.name).errors}
    if options.inputs is None and model.recorded is not None:
        return {"parity": parity(arrays, model.recorded.outputs).errors}
    return {}


def _parity_lines(errors: dict[str, Any], reference: str) -> Iterator[str]:
    if errors:
        yield f"parity with {reference}: max |a − b| / max |b|"
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
    found["found"] = [asdict(row) for row in model.found]
    return found


def _lines(model: Model, run: Run) -> Iterator[str]:
    summary = _summary(model, run)
    yield f"read      {summary['source']}"
    yield from (f"  {line}" for line in lines(model.found))
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
