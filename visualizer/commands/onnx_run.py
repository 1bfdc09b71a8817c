"""`main.py run MODEL.onnx`: a graph on arrays by its own names, its recurrent node in steps."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from engine import files
from engine.door import Run
from engine.errors import BAD_SETTINGS, Unusable
from engine.models.found import lines
from engine.models.npz_file import arrays_in
from engine.models.onnx import running
from engine.models.onnx.found import chosen, found_in, label, words
from engine.models.onnx.graph import Graph, read
from engine.models.onnx.opening import own_dtype, with_defaults
from engine.models.onnx.recurrent import RECURRENT, Layer
from engine.models.onnx.running import Trail
from engine.models.onnx.stack import Stack
from engine.models.weights import Array
from visualizer.commands import sound_run
from visualizer.commands.arrays import arrays, keep
from visualizer.commands.numbers import finite
from visualizer.commands.options import given_settings
from visualizer.commands.parity import errors_of, parity_lines
from visualizer.commands.steps import step_lines
from visualizer.document import graphed

NODE_OUTPUTS = ("cot_y", "cot_h_n", "cot_c_n")  # cotangents of the recurrent node itself
GRADIENT = "cot_"


def run_graph(options: argparse.Namespace) -> int:
    _check_options(options)
    path = Path(options.what)
    graph = read(files.load(path), path.name)
    if Path(options.inputs or "").suffix.lower() == graphed.SOUND:
        return sound_run.run_sound(options, graph, path)
    given = {} if options.inputs is None else arrays_in(Path(options.inputs))
    if options.inputs is None and any(each.dtype for each in graph.inputs):
        needed = ", ".join(each.name for each in graph.inputs)
        raise Unusable(
            f"{options.what} is a model and needs inputs; give --inputs FILE.npz with {needed}",
            exit=BAD_SETTINGS,
        )
    cotangents = {n: a for n, a in given.items() if n.startswith(GRADIENT)}
    plain = {n: a for n, a in given.items() if n not in cotangents}
    dtype = options.dtype or own_dtype(graph)
    trail = running.forward(graph, with_defaults(graph, plain), dtype, path.name)
    stack = chosen(graph, trail, options.prefix, path.name)
    deltas = _back(graph, trail, stack, cotangents, Path(options.inputs or "").name)
    run = None if stack is None else _recorded(stack, trail, deltas, path.name)
    found = _arrays(graph, trail, run, deltas)
    errors = errors_of(found, options.reference)
    keep(options.out, found)
    said = _summary(options, graph, trail, stack, run, deltas) | errors
    if options.json:
        print(json.dumps(finite(said), ensure_ascii=False))
    else:
        _say(said, graph, trail, stack, run)
        for line in parity_lines(said, options.reference):
            print(line)
    if options.out and not options.json:
        print(f"wrote     {options.out}")
    return 0


def _recorded(stack: Stack, trail: Trail, deltas: dict[str, Array], name: str) -> Run:
    """The run of the nodes that are shown: one was recorded with the graph, several are again."""
    if len(stack.nodes) > 1:
        return stack.run(stack.cotangents(deltas), trail.dtype, name)
    run = next(step.run for step in trail.recurrent if step.node is stack.nodes[0])
    assert run is not None
    return run


def _check_options(options: argparse.Namespace) -> None:
    """What a graph says itself, or what it has another way for."""
    if options.targets is not None:
        raise Unusable(
            f"--targets goes with a file of weights, and {options.what} is a graph; give what came"
            " back to an output as cot_NAME in --inputs",
            exit=BAD_SETTINGS,
        )
    sound = Path(options.inputs or "").suffix.lower() == graphed.SOUND
    chosen = set(given_settings(options)) - {"dtype", *(("readout",) if sound else ())}
    fixed = sorted(chosen | ({"wire"} if options.wire is not None else set()))
    if fixed:
        raise Unusable(
            f"--{fixed[0].replace('_', '-')} is what {options.what} says already, since it is a"
            " graph; dtype can be chosen: leave it out",
            exit=BAD_SETTINGS,
        )


def _back(
    graph: Graph, trail: Trail, stack: Stack | None, cotangents: dict[str, Array], name: str
) -> dict[str, Array]:
    """∂ℒ/∂ of every tensor; empty without cotangents."""
    deltas: dict[str, Array] = {}
    for key, array in cotangents.items():
        target = key.removeprefix(GRADIENT)
        if target not in graph.outputs and key in NODE_OUTPUTS and stack is not None:
            deltas |= _of_nodes(stack, trail, key, array, name)
            continue
        if target not in trail.tensors:
            outputs_said = ", ".join(graph.outputs)
            raise Unusable(f"{name} holds {key}, but the graph has the outputs {outputs_said}")
        if trail.tensors[target].shape != array.shape:
            raise Unusable(
                f"{name}: {key} is {cotangents[key].shape}; {target} is"
                f" {trail.tensors[target].shape}"
            )
        deltas[target] = array
    return running.backward(trail, deltas) if deltas else {}


def _of_nodes(stack: Stack, trail: Trail, key: str, array: Array, name: str) -> dict[str, Array]:
    """A cotangent of the nodes as those of their outputs: y of the topmost, (L·D, B, H) of all."""
    count = len(stack.layers)
    layers, parts = stack.layers, np.array_split(array, count)
    if key == "cot_y":
        layers, parts = layers[-1:], [array]
    found = {}
    for layer, part in zip(layers, parts):
        output = dict(zip(NODE_OUTPUTS, layer.node.outputs)).get(key, "")
        if not output:
            raise Unusable(f"{name} holds {key}, but {label(layer.node)} gives out no such state")
        found[output] = _in_layout(layer, key, part)
        if found[output].shape != trail.tensors[output].shape:
            wanted = trail.tensors[output].shape
            raise Unusable(f"{name}: {key} is {array.shape}; {output} is {wanted}")
    return found


def _in_layout(layer: Layer, key: str, array: Array) -> Array:
    """A cotangent (T, B, D·H) or (D, B, H) in the layout of the node."""
    if key != "cot_y" or array.ndim != 3 or array.shape[2] % len(layer.ways):
        return array.swapaxes(0, 1) if layer.batch_first and array.ndim == 3 else array
    y = array.reshape(*array.shape[:2], len(layer.ways), -1)
    return y.transpose(1, 0, 2, 3) if layer.batch_first else y.transpose(0, 2, 1, 3)


def _arrays(
    graph: Graph, trail: Trail, run: Run | None, deltas: dict[str, Array]
) -> dict[str, Array]:
    """The graph's outputs and the gradients of its inputs and constants by their names, and the
    per-step arrays of the recurrent nodes that are shown."""
    found: dict[str, Any] = {}
    if run is not None:
        own = arrays(run)
        found |= {n: a for n, a in own.items() if not n.startswith("g_")}
    found |= {name: trail.tensors[name] for name in graph.outputs if name in trail.tensors}
    wanted = [each.name for each in graph.inputs] + list(graph.constants)
    found |= {f"g_{name}": deltas[name] for name in wanted if name in deltas}
    return found


def _say(
    said: dict[str, Any], graph: Graph, trail: Trail, stack: Stack | None, run: Run | None
) -> None:
    print(f"read      {said['source']}: {len(trail.steps)} ops run, {trail.dtype}")
    if opaque := running.opaque_words(trail, graph.outputs):
        print(f"  {opaque}")
    if stack is not None:
        for line in lines(found_in(graph, trail, stack)):
            print(f"  {line}")
    for name, shape in said["outputs"].items():
        print(f"  gives {name} {tuple(shape)}")
    if stack is None or run is None:
        print(f"recorded  nothing: there is no {', '.join(RECURRENT)} node")
        return
    print(
        f"recorded  {words(stack)}: {said['steps']:,} steps,"
        f" {said['batch']:,} sequences, {said['nodes']:,} nodes"
    )
    if said["loss"] is None:
        print("loss      none: there are no cotangents")
        return
    print(f"loss      {said['loss']:.9g}")
    for line in step_lines(run):
        print(line)


def _summary(
    options: argparse.Namespace,
    graph: Graph,
    trail: Trail,
    stack: Stack | None,
    run: Run | None,
    deltas: dict[str, Array],
) -> dict[str, Any]:
    """The object of `run --json`."""
    made = [name for name in graph.outputs if name in trail.tensors]
    shapes = {name: list(trail.tensors[name].shape) for name in made}
    said: dict[str, Any] = {"source": f"{options.what} (ONNX)", "outputs": shapes}
    if stack is not None and run is not None:
        said = {**run.summary(), **said, "node": ", ".join(label(node) for node in stack.nodes)}
        gradients = {n: deltas[n] for n in graph.constants if n in deltas}
        said["gradients"] = {n: float(np.linalg.norm(d)) for n, d in gradients.items()} or None
        said["found"] = [asdict(row) for row in found_in(graph, trail, stack)]
    if trail.opaque:
        said["opaque"] = [f"{node.place} ({node.op})" for node in trail.opaque]
    return said
