"""`main.py run DETECTOR.onnx --inputs x.wav`: a graph over a sound, piece by piece."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from engine.models.found import lines
from engine.models.onnx.found import found_in
from engine.models.onnx.graph import Graph
from engine.models.onnx.stack import Stack
from engine.models.onnx.streaming import Streamed
from visualizer.commands.arrays import arrays, keep
from visualizer.commands.numbers import finite
from visualizer.commands.parity import errors_of, parity_lines
from visualizer.commands.steps import step_lines
from visualizer.document import graphed
from visualizer.document.modelled import faded


def run_sound(options: argparse.Namespace, graph: Graph, path: Path) -> int:
    every = options.readout == "every"
    made = graphed.streamed(
        graph, path, Path(options.inputs), options.chunk, options.context, every
    )
    found: dict[str, Any] = {n: a for n, a in arrays(made.run).items() if not n.startswith("g_")}
    found |= made.outputs
    errors = errors_of(found, options.reference)
    keep(options.out, found)
    said = _summary(options, graph, made) | errors
    if options.json:
        print(json.dumps(finite(said), ensure_ascii=False))
    else:
        _say(options, graph, made, said)
    if options.out and not options.json:
        print(f"wrote     {options.out}")
    return 0


def _summary(options: argparse.Namespace, graph: Graph, made: Streamed) -> dict[str, Any]:
    summary = made.run.summary()
    first = next(iter(made.outputs))
    return {
        **summary,
        "source": f"{options.what} (ONNX) on {options.inputs}",
        "pieces": len(made.layer.tensors["X"]),
        "chunk": made.chunk,
        "context": made.context,
        "apart": made.apart,
        "output": np.asarray(made.outputs[first], float).reshape(-1).tolist(),
    }


def _say(options: argparse.Namespace, graph: Graph, made: Streamed, said: dict[str, Any]) -> None:
    print(f"read      {said['source']}")
    for line in lines(found_in(graph, made.trail, Stack((made.layer,)))):
        print(f"  {line}")
    print(
        f"pieces    {said['pieces']:,} of {made.chunk} samples, {made.context} before each read"
        " again, the state handed on"
    )
    values = np.asarray(said["output"])
    print(
        f"gives     {next(iter(made.outputs))}: {values.min():.4g} … {values.max():.4g}, above ½ in"
        f" {int((values > 0.5).sum()):,} of {len(values):,} pieces"
    )
    print(f"recorded  {said['nodes']:,} nodes; as one chain equal to the graph to {made.apart:.1g}")
    which = "after every piece" if options.readout == "every" else "after the last piece"
    print(f"loss      {said['loss']:.9g}  the sum of the output {which}")
    for line in step_lines(made.run):
        print(line)
    died = faded(made.run)
    if died is not None:
        print(f"  {died[1]}")
    for line in parity_lines(said, options.reference):
        print(line)
