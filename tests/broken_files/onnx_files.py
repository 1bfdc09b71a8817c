"""Broken and harmful .onnx: what was done to each, and its bytes."""

from __future__ import annotations

from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from tests.broken_files.models_made import Change, onnx
from tests.broken_files.table import DISGUISES, Files


def external(model: Any) -> None:
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../../../etc/passwd")


def weight(**fields: Any) -> Change:
    """Fields of W as they should not be."""

    def change(model: Any) -> None:
        for name, value in fields.items():
            if name == "dims":
                model.graph.initializer[0].dims[:] = value
            else:
                setattr(model.graph.initializer[0], name, value)

    return change


def reads(name: str) -> Change:
    """The cell has another input in place of W."""

    def change(model: Any) -> None:
        model.graph.node[0].input[1] = name

    return change


def before(op: str, *inputs: str, s: Any = None, **attributes: Any) -> bytes:
    """A model with another node before the cell; `s` is a constant that it may read."""

    def change(model: Any) -> None:
        if s is not None:
            model.graph.initializer.append(numpy_helper.from_array(np.asarray(s), "s"))
        model.graph.node.insert(0, helper.make_node(op, list(inputs), ["Q"], **attributes))

    return onnx(change)


def crowded(model: Any) -> None:
    for k in range(20_001):
        model.graph.node.add(op_type="Identity", input=["X"], output=[f"o{k}"])


def deep(model: Any) -> None:
    graph = model.graph
    for _ in range(9):
        node = graph.node.add(op_type="If", input=["X"], output=["y"])
        graph = node.attribute.add(name="then_branch", type=5).g


BRANCH = helper.make_graph([helper.make_node("Tanh", ["lost"], ["y"])], "b", [], [])

ONNX: Files = {
    **DISGUISES,
    "cut before the end": lambda: onnx()[:-30],
    "cut at the beginning": lambda: onnx()[:20],
    "opset 9999": lambda: onnx(opset=9999),
    "opset −5": lambda: onnx(opset=-5),
    "hidden_size 10⁹": lambda: onnx(hidden=10**9),
    "hidden_size −1": lambda: onnx(hidden=-1),
    "hidden_size a word": lambda: onnx(hidden="1"),  # type: ignore[arg-type]
    "external data": lambda: onnx(external),
    "10¹² weights": lambda: onnx(weight(dims=(10**6, 10**6, 1))),
    "negative size": lambda: onnx(weight(dims=(-1, 1, 2))),
    "shape and bytes": lambda: onnx(weight(dims=(1, 1, 3))),
    "weights are words": lambda: onnx(weight(data_type=TensorProto.STRING)),
    "weights of type 99": lambda: onnx(weight(data_type=99)),
    "weight that is not there": lambda: onnx(reads("gone")),
    "weight left out": lambda: onnx(reads("")),
    "circle": lambda: onnx(reads("Y")),
    "no nodes": lambda: onnx(lambda model: model.graph.ClearField("node")),
    "20,002 nodes": lambda: onnx(crowded),
    "nine graphs deep": lambda: onnx(deep),
    "direction": lambda: onnx(direction="sideways"),
    "activation": lambda: onnx(activations=["Evil"]),
    "activations are numbers": lambda: onnx(activations=[1, 2]),
    "clip of NaN": lambda: onnx(clip=float("nan")),
    "clip a word": lambda: onnx(clip="much"),
    "unknown op": lambda: before("Evil", "X"),
    "loop": lambda: before("Loop", "X"),
    "If without branches": lambda: before("If", "X"),
    "If whose branch reads nothing": lambda: before(
        "If", "s", s=True, then_branch=BRANCH, else_branch=BRANCH
    ),
    "constant of 10¹²": lambda: before("ConstantOfShape", "s", s=[10**12]),
    "constant of −1": lambda: before("ConstantOfShape", "s", s=[-1]),
    "expanded to 6·10⁹": lambda: before("Expand", "X", "s", s=[10**9, 3, 1, 2]),
    "padded to 10⁹": lambda: before("Pad", "X", "s", s=[10**9, 0, 0, 0, 0, 0]),
    "index 10⁹": lambda: before("Gather", "X", "s", s=[10**9]),
    "reshaped to 10⁹": lambda: before("Reshape", "X", "s", s=[10**9]),
    "product that does not fit": lambda: before("MatMul", "X", "X"),
    "empty constant": lambda: before("Constant"),
    "slice of step 0": lambda: before("Slice", "X", "s", "s", "s", "s", s=[0]),
}
