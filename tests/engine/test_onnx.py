"""ONNX: the standard's own node tests, gradients against differences, and what is refused."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from engine.errors import Unusable
from engine.models.onnx.graph import read
from engine.models.onnx.opening import opened_graph
from engine.models.onnx.running import ONNX_OPS, backward, forward, opaque_words

# ops whose node tests hold what this program does not do, and why
NOT_HERE = {
    "castlike": "types that are no numbers of numpy",
    "cast_": "types that are no numbers of numpy",
    "training_dropout": "training draws random numbers",
    "if_seq": "sequences",
    "if_opt": "optional values",
    "argmax_2d": "indices of a maximum",
    "maxpool_2d_ceil": "ceil_mode",
    "maxpool_3d_dilations_use_ref_impl_large": "ceil_mode",
}


def _node_tests() -> list[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package's own, while it makes its data
        from onnx.backend.test.case.node import collect_testcases

        cases = collect_testcases(None)
    known = {*ONNX_OPS, "RNN", "LSTM", "GRU", "If"}
    return [
        case
        for case in cases
        if len(case.model.graph.node) == 1
        and case.model.graph.node[0].op_type in known
        and not any(word in case.name for word in NOT_HERE)
    ]


CASES = _node_tests()


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
def test_node_tests_of_the_standard(case: Any) -> None:
    graph = read(case.model.SerializeToString(), case.name)
    for given, wanted in case.data_sets:
        names = [each.name for each in graph.inputs]
        arrays = {name: np.asarray(each) for name, each in zip(names, given)}
        trail = forward(graph, arrays, "float32", case.name)
        for name, array in zip(graph.outputs, wanted):
            found, array = trail.tensors[name], np.asarray(array)
            assert found.shape == array.shape
            np.testing.assert_allclose(
                found.astype(float), array.astype(float), rtol=case.rtol, atol=case.atol
            )


def test_there_are_node_tests_of_every_recurrent_op() -> None:
    names = " ".join(case.name for case in CASES)
    for word in ("lstm_with_peepholes", "gru_bidirectional", "rnn_seq_length", "lstm_batchwise"):
        assert word in names


# ---- gradients


def model_of(op: str, shapes: dict[str, tuple[int, ...]], outputs: int, **more: Any) -> bytes:
    inputs = [helper.make_tensor_value_info(n, TensorProto.DOUBLE, s) for n, s in shapes.items()]
    ends = [f"out{k}" for k in range(outputs)]
    node = helper.make_node(op, list(shapes), ends, **more)
    values = [helper.make_tensor_value_info(n, TensorProto.DOUBLE, None) for n in ends]
    graph = helper.make_graph([node], "one", inputs, values)
    return helper.make_model(graph).SerializeToString()


T, B, I, H = 4, 2, 3, 2
LSTM = {"X": (T, B, I), "W": (1, 4 * H, I), "R": (1, 4 * H, H), "B": (1, 8 * H), "": (),
        "h": (1, B, H), "c": (1, B, H), "P": (1, 3 * H)}  # fmt: skip
GRU = {"X": (T, B, I), "W": (1, 3 * H, I), "R": (1, 3 * H, H), "B": (1, 6 * H)}
RNN = {"X": (T, B, I), "W": (2, H, I), "R": (2, H, H), "B": (2, 2 * H)}
RECURRENT: list[tuple[str, dict[str, tuple[int, ...]], dict[str, Any]]] = [
    ("LSTM", LSTM, {}),
    ("LSTM", LSTM, {"clip": 0.4}),
    ("LSTM", LSTM, {"input_forget": 1, "direction": "reverse"}),
    ("LSTM", LSTM, {"activations": ["HardSigmoid", "Softsign", "Elu"],
                    "activation_alpha": [0.3, 0.8], "activation_beta": [0.4]}),
    ("GRU", GRU, {}),
    ("GRU", GRU, {"linear_before_reset": 1, "clip": 0.7}),
    ("GRU", GRU, {"activations": ["Sigmoid", "ScaledTanh"], "activation_alpha": [1.2],
                  "activation_beta": [0.7]}),
    ("RNN", RNN, {"direction": "bidirectional"}),
    ("RNN", RNN, {"direction": "bidirectional", "activations": ["LeakyRelu", "LeakyRelu"],
                  "activation_alpha": [0.2, 0.2]}),
    ("RNN", RNN, {"direction": "bidirectional", "activations": ["Softplus", "Softplus"]}),
    ("RNN", RNN, {"direction": "bidirectional", "activations": ["Softsign", "Sigmoid"]}),
]  # fmt: skip


def _hold(data: bytes, arrays: dict[str, np.ndarray], outputs: list[str]) -> None:
    """Every gradient against central differences of the forward run alone."""
    graph = read(data, "one.onnx")
    rng = np.random.default_rng(1)
    trail = forward(graph, arrays, "float64", "one.onnx")
    weights = {n: rng.standard_normal(trail.tensors[n].shape) for n in outputs}

    def loss(values: dict[str, np.ndarray]) -> float:
        tensors = forward(graph, values, "float64", "one.onnx").tensors
        return sum(float((tensors[n] * w).sum()) for n, w in weights.items())

    found = backward(trail, weights)
    for name, array in arrays.items():
        if array.dtype.kind != "f":
            continue
        way = rng.standard_normal(array.shape)
        step = 1e-6
        high = loss({**arrays, name: array + step * way})
        low = loss({**arrays, name: array - step * way})
        along = float((found[name] * way).sum()) if name in found else 0.0
        assert along == pytest.approx((high - low) / (2 * step), rel=1e-6, abs=1e-7), name


@pytest.mark.parametrize(("op", "shapes", "more"), RECURRENT)
def test_gradients_through_every_attribute(
    op: str, shapes: dict[str, tuple[int, ...]], more: dict[str, Any]
) -> None:
    rng = np.random.default_rng(0)
    outputs = 3 if op == "LSTM" else 2
    given = {name: 0.5 * rng.standard_normal(shape) for name, shape in shapes.items() if name}
    data = model_of(op, shapes, outputs, hidden_size=H, **more)
    if op == "LSTM":
        model = onnx.load_model_from_string(data)
        del model.graph.input[4]  # the lengths are left out
        data = model.SerializeToString()
    _hold(data, given, [f"out{k}" for k in range(outputs)])


def test_directions_may_differ_in_their_activations() -> None:
    """Both at once are a forward and a reverse node, each with its own."""
    rng = np.random.default_rng(0)
    given = {name: rng.standard_normal(shape) for name, shape in RNN.items()}
    names = ["Affine", "Softsign"]
    both = {"direction": "bidirectional", "activations": names, "activation_alpha": [0.5]}
    data = model_of("RNN", RNN, 2, hidden_size=H, **both)
    found = forward(read(data, "a.onnx"), given, "float64", "a.onnx").tensors["out0"]
    for k, way in enumerate(("forward", "reverse")):
        shapes = {n: shape if n == "X" else (1, *shape[1:]) for n, shape in RNN.items()}
        more = {"activation_alpha": [0.5]} if k == 0 else {}
        one = model_of(
            "RNN", shapes, 2, hidden_size=H, direction=way, activations=[names[k]], **more
        )
        arrays = {n: a if n == "X" else a[k : k + 1] for n, a in given.items()}
        alone = forward(read(one, "b.onnx"), arrays, "float64", "b.onnx").tensors["out0"]
        np.testing.assert_allclose(found[:, k : k + 1], alone, atol=1e-15)


def test_a_loss_of_sequences_that_end_early_is_the_one_that_is_opened() -> None:
    rng = np.random.default_rng(0)
    shapes = {"X": (T, B, I), "W": (1, H, I), "R": (1, H, H), "B": (1, 2 * H), "lens": (B,)}
    model = onnx.load_model_from_string(model_of("RNN", shapes, 1, hidden_size=H))
    model.graph.input[4].type.tensor_type.elem_type = TensorProto.INT32
    graph = read(model.SerializeToString(), "a.onnx")
    given = {n: rng.standard_normal(s) for n, s in shapes.items()}
    given |= {"lens": np.array([2, 1], np.int32), "cot_out0": rng.standard_normal((T, 1, B, H))}
    found = opened_graph(graph, "a.onnx", given).given.cotangents.y
    assert found is not None
    np.testing.assert_array_equal(found[:2], given["cot_out0"][:2, 0])
    assert found.shape == (2, B, H)


def _ints(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


AROUND: list[tuple[str, list[Any], dict[str, Any]]] = [
    ("Add", [(2, 3), (3,)], {}),
    ("Sub", [(2, 1), (2, 3)], {}),
    ("Mul", [(2, 3), (1, 3)], {}),
    ("Div", [(2, 3), (2, 3)], {}),
    ("Pow", [(2, 3), ()], {}),
    ("MatMul", [(2, 3, 4), (4, 5)], {}),
    ("MatMul", [(4,), (4,)], {}),
    ("MatMul", [(3, 4), (4,)], {}),
    ("MatMul", [(4,), (2, 4, 3)], {}),
    ("Gemm", [(4, 2), (3, 4), (3,)], {"transA": 1, "transB": 1, "alpha": 0.5, "beta": 2.0}),
    ("Softmax", [(2, 3)], {"axis": 0}),
    ("LogSoftmax", [(2, 3)], {"axis": -1}),
    ("Sigmoid", [(3,)], {}),
    ("Sqrt", [(3,)], {}),
    ("Relu", [(5,)], {}),
    ("ReduceMean", [(2, 3, 4), _ints(0, 2)], {"keepdims": 0}),
    ("ReduceSum", [(2, 3)], {}),
    ("Reshape", [(2, 6), _ints(3, -1)], {}),
    ("Transpose", [(2, 3, 4)], {"perm": [2, 0, 1]}),
    ("Squeeze", [(2, 1, 3), _ints(1)], {}),
    ("Unsqueeze", [(2, 3), _ints(0, 3)], {}),
    ("Concat", [(2, 3), (2, 1)], {"axis": 1}),
    ("Slice", [(5, 4), _ints(4, 0), _ints(-6, 3), _ints(0, 1), _ints(-2, 2)], {}),
    ("Gather", [(4, 3), _ints(1, 1, -1)], {"axis": 0}),
    ("Gather", [(2, 4), np.array([[0, 1], [1, 1]])], {"axis": 1}),
    ("Expand", [(3, 1), _ints(2, 3, 4)], {}),
    ("Pad", [(2, 4), _ints(0, 2, 1, 3)], {"mode": "reflect"}),
    ("Pad", [(2, 4), _ints(1, -1, 0, 2)], {}),
    ("Pad", [(2, 4), _ints(1, 0, 0, 2)], {"mode": "edge"}),
    ("Conv", [(2, 4, 7), (6, 2, 3), (6,)],
     {"group": 2, "strides": [2], "pads": [1, 2], "dilations": [2]}),
    ("Conv", [(1, 2, 5, 6), (3, 2, 3, 2)], {"auto_pad": "SAME_UPPER", "strides": [2, 1]}),
    ("MaxPool", [(1, 2, 5, 6)], {"kernel_shape": [2, 3], "strides": [2, 2], "pads": [1, 0, 0, 1]}),
]  # fmt: skip


@pytest.mark.parametrize(("op", "given", "more"), AROUND)
def test_gradients_of_the_ops_around(op: str, given: list[Any], more: dict[str, Any]) -> None:
    rng = np.random.default_rng(2)
    positive = op in ("Pow", "Sqrt", "Div")
    arrays = {
        f"in{n}": each
        if isinstance(each, np.ndarray)
        else np.abs(rng.standard_normal(each)) + 0.5
        if positive
        else rng.standard_normal(each)
        for n, each in enumerate(given)
    }
    model = onnx.load_model_from_string(
        model_of(op, {name: array.shape for name, array in arrays.items()}, 1, **more)
    )
    for name, array in arrays.items():  # indices are constants of the graph
        if array.dtype.kind != "f":
            model.graph.initializer.append(numpy_helper.from_array(array, name))
    floats = {name: array for name, array in arrays.items() if array.dtype.kind == "f"}
    _hold(model.SerializeToString(), floats, ["out0"])


def test_an_if_is_decided_before_it_is_run() -> None:
    def branch(name: str, op: str) -> Any:
        out = helper.make_tensor_value_info(name, TensorProto.DOUBLE, None)
        return helper.make_graph([helper.make_node(op, ["x"], [name])], name, [], [out])

    node = helper.make_node(
        "If", ["yes"], ["y"], then_branch=branch("a", "Tanh"), else_branch=branch("b", "Sigmoid")
    )
    inputs = [
        helper.make_tensor_value_info("x", TensorProto.DOUBLE, (3,)),
        helper.make_tensor_value_info("yes", TensorProto.BOOL, ()),
    ]
    outputs = [helper.make_tensor_value_info("y", TensorProto.DOUBLE, (3,))]
    graph = helper.make_graph([node], "choice", inputs, outputs)
    data = helper.make_model(graph).SerializeToString()
    read_graph, x = read(data, "if.onnx"), np.array([0.1, -0.2, 0.3])
    curves: list[tuple[bool, Callable[..., Any]]] = [
        (True, np.tanh),
        (False, lambda v: 1 / (1 + np.exp(-v))),
    ]
    for yes, curve in curves:
        trail = forward(read_graph, {"x": x, "yes": np.array(yes)}, "float64", "if.onnx")
        np.testing.assert_allclose(trail.tensors["y"], curve(x))
        assert backward(trail, {"y": np.ones(3)})["x"].shape == (3,)


# ---- what is refused

LOOP = helper.make_node("Loop", ["", ""], ["y"], body=helper.make_graph([], "body", [], []))
REFUSED = [
    (helper.make_node("Einsum", ["x"], ["y"], name="mix"),
     "mix is Einsum, an op that this program does not know; export the model without it"),
    (LOOP, "Loop is control flow, which cannot be run; export the model without it"),
    (helper.make_node("MatMul", ["x", "x"], ["y"], name="product"),
     "product (MatMul) does not fit its inputs (2, 3), (2, 3); give inputs of the sizes that the"
     " model reads, or export it anew"),
    (helper.make_node("LSTM", ["x", "x", "x"], ["y"], name="memory"),
     "memory has no X of three dimensions; export the model anew"),
]  # fmt: skip


@pytest.mark.parametrize(("node", "message"), REFUSED)
def test_what_cannot_be_run_is_named(node: Any, message: str) -> None:
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, (2, 3))]
    outputs = [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)]
    graph = helper.make_graph([node], "one", inputs, outputs)
    data = helper.make_model(graph).SerializeToString()
    with pytest.raises(Unusable) as caught:
        forward(read(data, "one.onnx"), {"x": np.ones((2, 3), np.float32)}, "float32", "one.onnx")
    assert str(caught.value).startswith(f"one.onnx: {message}") and "\n" not in str(caught.value)


def test_external_data_are_not_opened() -> None:
    tensor = numpy_helper.from_array(np.ones(3, np.float32), "w")
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="/etc/passwd")
    out = helper.make_tensor_value_info("w", TensorProto.FLOAT, (3,))
    graph = helper.make_graph([], "one", [], [out], [tensor])
    with pytest.raises(Unusable) as caught:
        read(helper.make_model(graph).SerializeToString(), "one.onnx")
    assert str(caught.value) == (
        "one.onnx: w lies in another file, which is not opened; save the model in one file,"
        " in torch.onnx.export with external_data=False"
    )


def test_an_op_that_is_not_known_stays_opaque() -> None:
    """What it does not touch is run and recorded; what waits for it is named."""
    rng = np.random.default_rng(0)
    held = {"W": (1, 12, 2), "R": (1, 12, 3)}
    make = helper.make_node
    nodes = [
        make("LSTM", ["x", "W", "R"], ["y"], name="memory", hidden_size=3),
        make("Einsum", ["y"], ["mixed"], name="mix", equation="abcd->dcba"),
        make("Relu", ["mixed"], ["out"], name="bend"),
        make("Tanh", ["y"], ["other"]),
    ]
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "opaque",
        [value("x", TensorProto.FLOAT, (None, 1, 2))],
        [value(name, TensorProto.FLOAT, None) for name in ("out", "other")],
        [numpy_helper.from_array(rng.standard_normal(shape).astype(np.float32), name)
         for name, shape in held.items()],
    )  # fmt: skip
    made = read(helper.make_model(graph).SerializeToString(), "opaque.onnx")
    trail = forward(made, {"x": np.ones((4, 1, 2), np.float32)}, "float32", "opaque.onnx")
    assert [node.place for node in trail.opaque] == ["mix"] and trail.tensors["other"].size
    assert opaque_words(trail, made.outputs) == (
        "opaque, since not known here: mix (Einsum); not computed behind them: out"
    )
    found = opened_graph(made, "opaque.onnx")
    assert "opaque, since not known here: mix (Einsum)" in found.given.said
    assert ("mix", "Einsum") in [(row.layer, row.kind) for row in found.given.found]
    assert found.sequence.series[0].shape == (20, 2) and found.given.cotangents
