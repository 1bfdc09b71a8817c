"""`main.py run MODEL --inputs in.npz --out out.npz`: somebody's weights on somebody's arrays."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import numpy as np

from engine.door import Run
from engine.models.found import lines
from engine.models.model import Model
from engine.models.own_dtype import in_own_dtype
from engine.models.recorded import disagreement
from engine.models.running import parity
from engine.models.wired_run import Whole, run_whole
from visualizer.commands.arrays import arrays_of_model, keep
from visualizer.commands.model import experiment_of, model_and_inputs
from visualizer.commands.numbers import finite
from visualizer.commands.parity import errors_of, parity_lines
from visualizer.commands.steps import step_lines
from visualizer.document.modelled import faded


def run_arrays(options: argparse.Namespace) -> int:
    model, inputs = model_and_inputs(options)
    whole = run_whole(model, inputs, experiment_of(options, model))
    arrays = _arrays(whole)
    errors = _errors(options, model, arrays)
    keep(options.out, arrays)
    if options.json:
        print(json.dumps(finite(_summary(whole) | errors), ensure_ascii=False))
    else:
        said = parity_lines(errors, options.reference or "the recorded run")
        for line in (*_lines(whole), *said):
            print(line)
    if options.out and not options.json:
        print(f"wrote     {options.out}")
    return 0


def _arrays(whole: Whole) -> dict[str, Any]:
    """Those of the recurrence, what stands behind gives, and gradients by the names of the file;
    g_x is that of what was read, which tokens have none of."""
    found = arrays_of_model(whole.model, whole.run)
    if whole.model.wiring.before:
        found.pop("g_x", None)
    return found | whole.outputs | {f"g_{n}": a for n, a in whole.gradients.items()}


def _errors(options: argparse.Namespace, model: Model, arrays: dict[str, Any]) -> dict[str, Any]:
    """How far this run is from the outputs that were given, or from the run that was recorded."""
    if options.reference is None and options.inputs is None and model.recorded is not None:
        found = parity(arrays, model.recorded.outputs).errors
        words = disagreement(found, model.weights.dtype)
        return {"parity": found} | ({"disagreement": words} if words else {})
    return errors_of(arrays, options.reference)


def _summary(whole: Whole) -> dict[str, Any]:
    """The object of `run --json`, parameters under the names of the file, and what was found."""
    model, found = whole.model, whole.run.summary()
    names = model.in_file(whole.run.recording.parameters)
    found["parameters"] = sum(int(model.weights.arrays[name].size) for name in names)
    if whole.run.recording.has_gradients:
        gradients = {n: a for n, a in whole.gradients.items() if n in model.weights.arrays}
        found["gradients"] = {n: float(np.linalg.norm(g)) for n, g in gradients.items()}
    found["source"] = f"{model.name} ({model.weights.format}, {model.weights.dtype})"
    found["found"] = [asdict(row) for row in model.found]
    found["wired"] = model.wiring.words
    own = in_own_dtype(whole.run, model.weights.dtype)
    if own is not None:
        found["own"] = {**asdict(own), "words": own.words}
    if model.doubt:
        found["doubt"] = model.doubt
    return found


def _lines(whole: Whole) -> Iterator[str]:
    summary, model = _summary(whole), whole.model
    yield f"read      {summary['source']}"
    yield from (f"  {line}" for line in lines(model.found))
    yield f"wired     {summary['wired']}"
    if model.doubt:
        yield f"  {model.doubt}; --wire decides"
    yield (
        f"recorded  {summary['steps']:,} steps, {summary['batch']:,} sequences,"
        f" {summary['nodes']:,} nodes, {summary['parameters']:,} parameters,"
        f" {whole.run.experiment.dtype}"
    )
    if "own" in summary:
        yield f"  {summary['own']['words']}"
    loss = summary["loss"]
    if loss is None:
        yield "loss      none: there are neither targets nor cotangents"
        return
    yield f"loss      {loss:.9g}{_loss_words(whole.run)}"
    yield from step_lines(whole.run)
    died = faded(whole.run)
    if died is not None:
        yield f"  {died[1]}"
    yield "gradient of each parameter"
    for name, norm in summary["gradients"].items():
        yield f"  {name:22} {norm:.6g}"


def _loss_words(run: Run) -> str:
    """What the loss is and how it is added up, where there are targets."""
    kinds = {"class": "cross-entropy", "regression": "squared error"}
    if run.batch.kind not in kinds:
        return ""
    sums = {"sum": "summed", "mean": "mean over sequences", "elements": "mean over all"}
    where = "the last step" if run.batch.readout == "last" else "every step"
    return f"  {kinds[run.batch.kind]} of {where}, {sums[run.experiment.reduction]}"
