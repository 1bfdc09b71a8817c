"""Changed weights of recurrent nodes in the ONNX file that they came from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from engine.errors import Unusable
from engine.models.given import Given
from engine.models.in_place import in_place
from engine.models.onnx.graph import read
from engine.models.onnx.opening import opened_graph
from engine.models.opening import Opened
from engine.models.way_back import changed_weights
from engine.models.weights import Array, Weights

STEPS, SIZE, WIDE, HIDDEN = 4, 2, 3, 2
GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}
WAYS = {"forward": 1, "reverse": 1, "bidirectional": 2}


def weights_of(op: str, ways: int, dtype: str = "float32") -> dict[str, Array]:
    rng, rows = np.random.default_rng(0), GATES[op] * HIDDEN
    shapes = {"W": (ways, rows, WIDE), "R": (ways, rows, HIDDEN), "B": (ways, 2 * rows)}
    if op == "LSTM":
        shapes["P"] = (ways, 3 * HIDDEN)
    return {name: rng.standard_normal(shape).astype(dtype) for name, shape in shapes.items()}


def model_of(
    nodes: list[Any], held: dict[str, Array], raw: bool = True, kind: int = TensorProto.FLOAT
) -> bytes:
    """A graph X → Y; without `raw` numbers stand in float_data."""
    value = helper.make_tensor_value_info
    tensors = [numpy_helper.from_array(array, name) for name, array in held.items()]
    if not raw:
        tensors = [
            helper.make_tensor(name, kind, array.shape, array.ravel()) if array.dtype.kind == "f"
            else numpy_helper.from_array(array, name)
            for name, array in held.items()
        ]  # fmt: skip
    graph = helper.make_graph(
        nodes, "made", [value("X", kind, [STEPS, SIZE, WIDE])],
        [value("Y", kind, [None] * 4)], tensors,
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 16)], ir_version=8)
    model.doc_string = "what else stands in it"
    return model.SerializeToString()


def plain(op: str, direction: str, **more: Any) -> Any:
    inputs = ["X", "W", "R", "B"] + ["", "", "", "P"] * (op == "LSTM")
    return helper.make_node(
        op, inputs, ["Y"], name="rnn", hidden_size=HIDDEN, direction=direction, **more
    )


def changed(data: bytes, path: Path) -> tuple[Given, Weights, Opened, dict[str, Array]]:
    """The file written and opened, and half of its parameters others; a peephole is diagonal."""
    path.write_bytes(data)
    found = opened_graph(read(data, path.name), path.name)
    rng = np.random.default_rng(1)
    now = {}
    for name, array in found.parameters.items():
        other = (rng.integers(-64, 64, array.shape) / 64).astype(array.dtype)
        other = np.diag(np.diag(other)) if name.startswith("P") else other
        now[name] = np.where(rng.random(array.shape) < 0.5, other, array)
    given = replace(found.given, origin=str(path))
    return given, changed_weights(given, now).weights, found, now


def check_there_and_back(data: bytes, tmp_path: Path) -> bytes:
    given, weights, found, now = changed(data, tmp_path / "made.onnx")
    same = changed_weights(given, found.parameters)
    assert same.words == "nothing was changed; the numbers are those of the file"
    assert in_place(given, same.weights, tmp_path / "again.onnx") == data
    written = in_place(given, weights, tmp_path / "again.onnx")
    assert len(written) == len(data) and written != data
    again = opened_graph(read(written, "again.onnx"), "again.onnx")
    assert list(again.parameters) == list(now)
    for name, array in now.items():
        np.testing.assert_array_equal(again.parameters[name], array)
    onnx.checker.check_model(written)
    return written


@pytest.mark.parametrize("op", GATES)
@pytest.mark.parametrize("direction", WAYS)
@pytest.mark.parametrize("raw", [True, False])
def test_every_node_goes_there_and_back(op: str, direction: str, raw: bool, tmp_path: Path) -> None:
    held = weights_of(op, WAYS[direction])
    data = model_of([plain(op, direction)], held, raw)
    written = check_there_and_back(data, tmp_path)
    was, now = (onnx.load_model_from_string(each) for each in (data, written))
    for each in (*was.graph.initializer, *now.graph.initializer):
        each.ClearField("raw_data")
        each.ClearField("float_data")
    assert was.SerializeToString() == now.SerializeToString()


def test_coupled_gates_and_double_precision(tmp_path: Path) -> None:
    held = weights_of("LSTM", 1, "float64")
    data = model_of([plain("LSTM", "forward", input_forget=1)], held, True, TensorProto.DOUBLE)
    weights = changed(data, tmp_path / "made.onnx")[1]
    assert set(weights.dtypes.values()) == {"float64"}
    check_there_and_back(data, tmp_path)


def pytorch_parts(op: str) -> tuple[list[Any], dict[str, Array]]:
    """As torch exports what it did not fold: columns turned, gates cut out and put together."""
    node, rng, rows = helper.make_node, np.random.default_rng(0), GATES[op] * HIDDEN
    held = {
        "weight_ih": rng.standard_normal((WIDE, rows)).astype(np.float32),
        "weight_hh": rng.standard_normal((rows, HIDDEN)).astype(np.float32),
        "bias_ih": rng.standard_normal(rows).astype(np.float32),
        "bias_hh": rng.standard_normal(rows).astype(np.float32),
        "first": np.array([0]), "half": np.array([HIDDEN]), "last": np.array([rows]),
    }  # fmt: skip
    nodes = [node("Transpose", ["weight_ih"], ["ih"], perm=[1, 0])]
    for name in ("ih", "weight_hh", "bias_ih", "bias_hh"):
        nodes += [
            node("Slice", [name, "first", "half"], [f"{name}_1"]),
            node("Slice", [name, "half", "last"], [f"{name}_2"]),
            node("Concat", [f"{name}_2", f"{name}_1"], [f"{name}_own"], axis=0),
        ]
    nodes += [
        node("Concat", ["bias_ih_own", "bias_hh_own"], ["b"], axis=0),
        node("Unsqueeze", ["ih_own", "first"], ["W"]),
        node("Unsqueeze", ["weight_hh_own", "first"], ["R"]),
        node("Unsqueeze", ["b", "first"], ["B"]),
    ]
    return nodes, held


@pytest.mark.parametrize("op", GATES)
def test_numbers_find_back_through_ops_that_only_move_them(op: str, tmp_path: Path) -> None:
    nodes, held = pytorch_parts(op)
    nodes.append(helper.make_node(op, ["X", "W", "R", "B"], ["Y"], hidden_size=HIDDEN))
    check_there_and_back(model_of(nodes, held), tmp_path)


def test_a_node_in_a_branch_with_constants_of_its_own(tmp_path: Path) -> None:
    """Both branches have an RNN; the one that is run is changed, the other is not."""
    node, value = helper.make_node, helper.make_tensor_value_info
    branches = {}
    for word in ("then_branch", "else_branch"):
        held = weights_of("RNN", 1)
        inner = [
            node("Constant", [], [f"{word}_{name}"], value=numpy_helper.from_array(array))
            for name, array in held.items()
        ]
        names = [f"{word}_{name}" for name in held]
        inner.append(node("RNN", ["X", *names], [f"{word}_Y"], hidden_size=HIDDEN))
        out = [value(f"{word}_Y", TensorProto.FLOAT, [None] * 4)]
        branches[word] = helper.make_graph(inner, word, [], out)
    whole = [node("If", ["yes"], ["Y"], **branches)]
    data = model_of(whole, {"yes": np.array(True)})
    written = check_there_and_back(data, tmp_path)
    inner = [
        {n.output[0]: n.attribute[0].t for a in each.graph.node[0].attribute for n in a.g.node}
        for each in map(onnx.load_model_from_string, (data, written))
    ]
    for name, tensor in inner[0].items():
        same = tensor == inner[1][name]
        assert same == name.startswith("else") or name.endswith("_Y")


def refused(data: bytes, tmp_path: Path) -> str:
    given, weights, _, _ = changed(data, tmp_path / "made.onnx")
    with pytest.raises(Unusable) as caught:
        in_place(given, weights, tmp_path / "again.onnx")
    return str(caught.value)


def test_what_is_computed_or_shared_is_refused(tmp_path: Path) -> None:
    held = weights_of("RNN", 1)
    nodes = [helper.make_node("Add", ["W0", "W0"], ["W"]), plain("RNN", "forward")]
    data = model_of(nodes, {"W0": held.pop("W"), **held})
    assert refused(data, tmp_path) == (
        "made.onnx: W is no weight of the file, but computed from others; write a .safetensors"
    )
    held = weights_of("GRU", 1) | {"twice": np.zeros((1, 6), np.float32)}
    held.pop("B")
    nodes = [helper.make_node("Concat", ["twice", "twice"], ["B"], axis=1), plain("GRU", "forward")]
    assert refused(model_of(nodes, held), tmp_path) == (
        "made.onnx: B shares its numbers with another tensor; write a .safetensors"
    )


def test_weights_of_half_precision_in_whole_numbers_are_refused(tmp_path: Path) -> None:
    """float16 out of int32_data: a number takes as many bytes as it needs."""
    held = weights_of("RNN", 1, "float16")
    nodes = [plain("RNN", "forward")]
    assert refused(model_of(nodes, held, False, TensorProto.FLOAT16), tmp_path) == (
        "made.onnx: W is packed and cannot be written over; write a .safetensors"
    )
    check_there_and_back(model_of(nodes, held, True, TensorProto.FLOAT16), tmp_path)


def test_an_added_bias_goes_into_the_first_half() -> None:
    data = model_of([plain("RNN", "forward")], weights_of("RNN", 1))
    found = opened_graph(read(data, "made.onnx"), "made.onnx")
    now = {name: array.copy() for name, array in found.parameters.items()}
    now["b"][0] = 1.0
    arrays = changed_weights(found.given, now).weights.arrays
    old = found.given.weights
    assert old is not None
    np.testing.assert_array_equal(arrays["B"][0], [1.0, old.arrays["B"][0, 1], 0.0,
                                                   old.arrays["B"][0, 3]])  # fmt: skip


def test_what_a_diagonal_has_no_place_for_is_named() -> None:
    data = model_of([plain("LSTM", "forward")], weights_of("LSTM", 1))
    found = opened_graph(read(data, "made.onnx"), "made.onnx")
    now = {name: array.copy() for name, array in found.parameters.items()}
    now["P_i"][0, 1] = 1.0
    with pytest.raises(Unusable) as caught:
        changed_weights(found.given, now)
    assert "P_i was changed, but made.onnx has no tensor for it" in str(caught.value)
