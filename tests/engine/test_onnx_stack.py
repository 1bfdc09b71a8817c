"""Recurrent nodes of a graph one above the other as the layers of one network, and when not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from engine.errors import Unusable
from engine.models.in_place import in_place
from engine.models.onnx import running
from engine.models.onnx.found import chosen
from engine.models.onnx.graph import Graph, read
from engine.models.onnx.opening import opened_graph
from engine.models.onnx.stack import Stack, stacks_of
from engine.models.states import outputs_of_run
from engine.models.way_back import changed_weights
from engine.models.weights import Array

STEPS, SIZE, WIDE, HIDDEN = 5, 3, 4, 2
GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}
WAYS = {"forward": 1, "reverse": 1, "bidirectional": 2}
PARTS = ("W", "R", "B")


def held_of(op: str, number: int, inputs: int, ways: int, hidden: int = HIDDEN) -> dict[str, Array]:
    rng, rows = np.random.default_rng(number), GATES[op] * hidden
    shapes = ((ways, rows, inputs), (ways, rows, hidden), (ways, 2 * rows))
    return {f"{p}{number}": rng.standard_normal(s) for p, s in zip(PARTS, shapes)}


def node_of(op: str, number: int, read: str, **more: Any) -> Any:
    weights = [f"{part}{number}" for part in PARTS]
    outputs = [f"Y{number}", f"Y_h{number}"] + [f"Y_c{number}"] * (op == "LSTM")
    more = {"name": f"/rnn/{op}_{number}", "hidden_size": HIDDEN, **more}
    return helper.make_node(op, [read, *weights], outputs, **more)


def between(number: int, ways: int) -> list[Any]:
    """Y (T, D, B, H) as the X of the next, as torch exports it."""
    node, y, x = helper.make_node, f"Y{number}", f"X{number}"
    if ways == 1:
        return [node("Squeeze", [y, "one"], [x])]
    turned = node("Transpose", [y], [f"{y}_turned"], perm=[0, 2, 1, 3])
    return [turned, node("Reshape", [f"{y}_turned", "shape"], [x])]


def graph_of(nodes: list[Any], held: dict[str, Array], outputs: list[str]) -> bytes:
    value, kind = helper.make_tensor_value_info, TensorProto.DOUBLE
    held = {"one": np.array([1]), "shape": np.array([0, 0, -1]), **held}
    graph = helper.make_graph(
        nodes, "made", [value("X", kind, [STEPS, SIZE, WIDE])],
        [value(name, kind, None) for name in outputs],
        [numpy_helper.from_array(array, name) for name, array in held.items()],
    )  # fmt: skip
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 16)]).SerializeToString()


def stack_of(op: str, direction: str, layers: int = 3, **more: Any) -> bytes:
    ways, held, nodes, read = WAYS[direction], {}, [], "X"
    for number in range(layers):
        held |= held_of(op, number, ways * HIDDEN if number else WIDE, ways)
        nodes += [node_of(op, number, read, direction=direction, **more), *between(number, ways)]
        read = f"X{number}"
    return graph_of(nodes, held, [read, f"Y_h{layers - 1}", "Y_h0"])


def ran(data: bytes, dtype: str = "float64") -> tuple[Graph, running.Trail, list[Stack]]:
    graph = read(data, "made.onnx")
    x = np.random.default_rng(9).standard_normal((STEPS, SIZE, WIDE))
    trail = running.forward(graph, {"X": x}, dtype, "made.onnx")
    return graph, trail, stacks_of(trail, graph.outputs)


@pytest.mark.parametrize("op", GATES)
@pytest.mark.parametrize("direction", WAYS)
def test_layers_equal_the_graph_node_by_node(op: str, direction: str) -> None:
    """Outputs, last states, and the gradients of every weight, from a loss on all three outputs."""
    more = {"linear_before_reset": 1} if op == "GRU" else {}
    graph, trail, (stack,) = ran(stack_of(op, direction, **more))
    assert len(stack.layers) == 3
    rng = np.random.default_rng(3)
    deltas = {name: rng.standard_normal(trail.tensors[name].shape) for name in graph.outputs}
    back = running.backward(trail, deltas)
    run = stack.run(stack.cotangents(back), "float64", "made")
    found = outputs_of_run(run)
    np.testing.assert_allclose(found["y"], trail.tensors["X2"], atol=1e-12)
    ends = np.concatenate([trail.tensors[f"Y_h{k}"] for k in range(3)])
    np.testing.assert_allclose(found["h_n"], ends, atol=1e-12)
    np.testing.assert_allclose(found["g_x"], back["X"], atol=1e-10)
    gradients = stack.held.in_file(dict(run.recording.gradients))
    for name in (f"{part}{k}" for part in PARTS for k in range(3)):
        np.testing.assert_allclose(gradients[name], back[name], atol=1e-10)


NODE = helper.make_node
APART: dict[str, tuple[list[Any], dict[str, Array], list[str]]] = {
    "something is computed between them": (
        [node_of("RNN", 0, "X"), *between(0, 1), NODE("Relu", ["X0"], ["bent"]),
         node_of("RNN", 1, "bent")],
        held_of("RNN", 0, WIDE, 1) | held_of("RNN", 1, HIDDEN, 1), ["Y1"],
    ),
    "the lower one is read elsewhere": (
        [node_of("RNN", 0, "X"), *between(0, 1), node_of("RNN", 1, "X0"),
         NODE("Relu", ["X0"], ["bent"])],
        held_of("RNN", 0, WIDE, 1) | held_of("RNN", 1, HIDDEN, 1), ["Y1", "bent"],
    ),
    "the lower one is an output": (
        [node_of("RNN", 0, "X"), *between(0, 1), node_of("RNN", 1, "X0")],
        held_of("RNN", 0, WIDE, 1) | held_of("RNN", 1, HIDDEN, 1), ["Y1", "Y0"],
    ),
    "both have the same weights": (
        [node_of("RNN", 0, "X"), *between(0, 1),
         NODE("RNN", ["X0", "W1", "R0", "B0"], ["Y1"], hidden_size=HIDDEN)],
        held_of("RNN", 0, WIDE, 1) | held_of("RNN", 1, HIDDEN, 1), ["Y1"],
    ),
    "they are of several widths": (
        [node_of("RNN", 0, "X"), *between(0, 1), node_of("RNN", 1, "X0", hidden_size=3)],
        held_of("RNN", 0, WIDE, 1) | held_of("RNN", 1, HIDDEN, 1, 3), ["Y1"],
    ),
    "they run in different directions": (
        [node_of("RNN", 0, "X"), *between(0, 1), node_of("RNN", 1, "X0", direction="reverse")],
        held_of("RNN", 0, WIDE, 1) | held_of("RNN", 1, HIDDEN, 1), ["Y1"],
    ),
    "batch and time are exchanged": (
        [node_of("RNN", 0, "X"), *between(0, 1), NODE("Transpose", ["X0"], ["other"],
         perm=[1, 0, 2]), node_of("RNN", 1, "other")],
        held_of("RNN", 0, WIDE, 1) | held_of("RNN", 1, HIDDEN, 1), ["Y1"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("why", APART)
def test_what_is_no_plain_stack_stays_apart(why: str) -> None:
    _, _, stacks = ran(graph_of(*APART[why]))
    assert [len(stack.layers) for stack in stacks] == [1, 1]


def test_one_of_several_is_named_whole_or_by_its_end() -> None:
    nodes, held, outputs = APART["something is computed between them"]
    graph, trail, stacks = ran(graph_of(nodes, held, outputs))
    for word in ("/rnn/RNN_1", "rnn/RNN_1"):
        found = chosen(graph, trail, word, "made.onnx")
        assert found is not None and found.nodes == stacks[1].nodes
    with pytest.raises(Unusable) as caught:
        chosen(graph, trail, "rnn", "made.onnx")
    assert str(caught.value) == (
        "made.onnx has no recurrent node 'rnn'; there are /rnn/RNN_0, /rnn/RNN_1"
    )
    first = opened_graph(graph, "made.onnx")
    assert first.given.doubt == "one of 2 recurrent nodes is shown"
    assert "; other recurrent nodes, not shown: rnn/RNN_1" in first.given.said
    rows = [row.how for row in first.given.found if row.kind == "RNN"]
    assert rows == ["", "not shown; --prefix chooses it"]
    second = opened_graph(graph, "made.onnx", prefix="rnn/RNN_1")
    assert not second.given.doubt and second.parameters["W"].shape == (HIDDEN, HIDDEN)


def test_nodes_without_names_are_called_by_what_they_give() -> None:
    nodes, held, outputs = APART["they are of several widths"]
    for node in nodes:
        if node.op_type == "RNN":
            node.ClearField("name")
    graph, trail, stacks = ran(graph_of(nodes, held, outputs))
    found = chosen(graph, trail, "Y1", "made.onnx")
    assert found is not None and found.nodes == stacks[1].nodes


def test_names_that_are_no_text_and_no_outputs_at_all() -> None:
    nodes, held, _ = APART["something is computed between them"]
    data = graph_of(nodes, held, [])
    assert opened_graph(read(data, "made.onnx"), "made.onnx").given.cotangents
    with pytest.raises(Unusable) as caught:
        read(data.replace(b"/rnn/RNN_0", b"/rnn/RNN\xff0"), "made.onnx")
    assert str(caught.value) == ("made.onnx has a node whose names are no UTF-8; export it anew")


def test_layers_are_drawn_and_changed_as_one_model(tmp_path: Path) -> None:
    data = stack_of("GRU", "bidirectional", 2, linear_before_reset=1)
    path = tmp_path / "made.onnx"
    path.write_bytes(data)
    found = opened_graph(read(data, "made.onnx"), "made.onnx")
    assert found.experiment.layers == 2 and found.given.wired is not None
    assert "GRU both ways, 2 layers 4 → 2 (rnn/GRU_0, rnn/GRU_1)" in found.given.said
    assert [row.how.partition(";")[0] for row in found.given.found[:2]] == [
        "layer 1 of 2",
        "layer 2 of 2",
    ]
    now = {name: array + 1 for name, array in found.parameters.items()}
    given = replace(found.given, origin=str(path))
    written = in_place(given, changed_weights(given, now).weights, tmp_path / "again.onnx")
    again = opened_graph(read(written, "again.onnx"), "again.onnx")
    for name, array in now.items():
        np.testing.assert_array_equal(again.parameters[name], array)
