"""An ONNX file as plain data: nodes, constants, inputs, outputs; the protobuf is left behind here.

External data are never loaded, sizes are judged before numbers are unpacked, and nothing is run.
The `onnx` package is needed, and asked for when such a file is opened.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from engine import files
from engine.errors import Unusable
from engine.models.weights import Array, check_names, checked_shape

MAX_NODES = 20_000
MAX_SUBGRAPHS = 6  # graphs inside graphs
DOMAINS = ("", "ai.onnx")
# tensor types of the standard that numpy has
TYPES = {
    1: "float32", 2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 7: "int64",
    9: "bool", 10: "float16", 11: "float64", 12: "uint32", 13: "uint64", 16: "bfloat16",
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One op: its inputs and outputs by name ("" is left out), its attributes as plain values, a
    tensor as an array and a graph as a `Graph`."""

    op: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, Any]

    @property
    def place(self) -> str:
        """What the node is called in messages."""
        return self.name or self.op

    def has(self, index: int) -> bool:
        """Whether the optional input is given."""
        return index < len(self.inputs) and self.inputs[index] != ""


@dataclass(frozen=True, slots=True, eq=False)
class Input:
    """What the graph is given: its name, dtype ("" if not a tensor) and shape, None for a size
    that is left open."""

    name: str
    dtype: str
    shape: tuple[int | None, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """Nodes in an order in which they can be run; `constants` by name."""

    nodes: tuple[Node, ...]
    constants: dict[str, Array]
    inputs: tuple[Input, ...]
    outputs: tuple[str, ...]
    opset: int


def read(data: bytes, name: str) -> Graph:
    """The graph in the bytes of a file; Unusable, one line, for anything that is none."""
    try:
        onnx = import_module("onnx")
    except ImportError:
        raise Unusable(
            f"{name} needs the onnx package, which is not installed; pip install onnx", exit=1
        ) from None
    found = files.disguise(data)
    if found is not None:
        raise Unusable(f"{name} is {found.what}, not an ONNX model; {found.remedy}")
    try:
        model = onnx.load_model_from_string(data)
        opsets = {i.domain: i.version for i in model.opset_import}
        if not model.graph.node and not model.graph.output:
            raise Unusable(f"{name} holds no graph; export the model to ONNX anew")
        graph = _Reader(onnx, name, opsets.get("", opsets.get("ai.onnx", 0))).graph(model.graph)
    except Unusable:
        raise
    except Exception:  # protobuf raises whatever its C library says
        raise Unusable(
            f"{name} is no ONNX model, or a damaged one; export or download it anew"
        ) from None
    return graph


class _Reader:
    """Turns messages of one file into plain data."""

    def __init__(self, onnx: Any, name: str, opset: int) -> None:
        self.onnx, self.name, self.opset = onnx, name, opset
        self.bytes = 0
        if not 1 <= opset <= 1000:
            raise Unusable(
                f"{name} says opset {opset}, which the standard does not have; export it anew"
            )

    def graph(self, given: Any, depth: int = 0) -> Graph:
        if len(given.node) > MAX_NODES or depth > MAX_SUBGRAPHS:
            raise Unusable(
                f"{self.name} has {_count(len(given.node))} on level {depth + 1} of its graphs; at"
                f" most {MAX_NODES:,} nodes and {MAX_SUBGRAPHS + 1} levels are read: export it anew"
            )
        constants = {each.name: self.tensor(each) for each in given.initializer}
        check_names(list(constants), self.name)
        nodes = tuple(self.node(each, depth) for each in given.node)
        own = tuple(self.value(each) for each in given.input if each.name not in constants)
        graph = Graph(nodes, constants, own, tuple(o.name for o in given.output), self.opset)
        if depth == 0:
            self.check_order(graph)
        return graph

    def check_order(self, graph: Graph) -> None:
        """Every node reads what stands before it, so that the graph has no circle."""
        known = {"", *graph.constants, *(each.name for each in graph.inputs)}
        for node in graph.nodes:
            for name in node.inputs:
                if name not in known:
                    raise Unusable(
                        f"{self.name}: {node.place} reads {name[:60]!r}, which nothing before it"
                        " makes; export the model anew"
                    )
            known.update(node.outputs)
        for name in graph.outputs:
            if name not in known:
                raise Unusable(
                    f"{self.name} gives out {name[:60]!r}, which no node makes; export it anew"
                )

    def node(self, given: Any, depth: int) -> Node:
        op = given.op_type if given.domain in DOMAINS else f"{given.domain}.{given.op_type}"
        attributes = {each.name: self.attribute(each, depth) for each in given.attribute}
        words = (op, given.name, *given.input, *given.output)
        if not all(isinstance(word, str) for word in words):  # bytes, where they are no UTF-8
            raise Unusable(f"{self.name} has a node whose names are no UTF-8; export it anew")
        return Node(op, given.name, tuple(given.input), tuple(given.output), attributes)

    def attribute(self, given: Any, depth: int) -> Any:
        kinds = self.onnx.AttributeProto
        if given.type == kinds.TENSOR:
            return self.tensor(given.t)
        if given.type == kinds.GRAPH:
            return self.graph(given.g, depth + 1)
        value = self.onnx.helper.get_attribute_value(given)
        if given.type == kinds.STRING:
            return value.decode("utf-8", "replace")
        if given.type == kinds.STRINGS:
            return tuple(each.decode("utf-8", "replace") for each in value)
        if given.type in (kinds.FLOAT, kinds.INT):
            return value
        return tuple(value) if given.type in (kinds.FLOATS, kinds.INTS) else None

    def tensor(self, given: Any) -> Array:
        place = f"{self.name}: {given.name or 'a constant'}"
        if given.data_location == self.onnx.TensorProto.EXTERNAL:
            raise Unusable(
                f"{place} lies in another file, which is not opened; save the model in one file,"
                " in torch.onnx.export with external_data=False"
            )
        if given.data_type not in TYPES:
            raise Unusable(
                f"{place} has the tensor type {given.data_type}; those of numbers are read: export"
                " it anew"
            )
        shape = checked_shape(tuple(given.dims), place)
        dtype = TYPES[given.data_type]
        size = 2 if dtype == "bfloat16" else np.dtype(dtype).itemsize
        count = int(np.prod([int(n) for n in shape], dtype=object))
        self.bytes += count * size
        stored = len(given.raw_data) or given.ByteSize()
        if self.bytes > files.MAX_EXPANDED or (given.raw_data and stored != count * size):
            raise Unusable(
                f"{place} is {shape} of {dtype}, which is {count * size:,} bytes, but"
                f" {stored:,} are stored; export the model anew"
            )
        array = np.asarray(self.onnx.numpy_helper.to_array(given))
        if dtype == "bfloat16":
            array = array.astype(np.float32)
        array = np.array(array)
        array.flags.writeable = False
        return array

    def value(self, given: Any) -> Input:
        if not given.type.HasField("tensor_type"):
            return Input(given.name, "", ())
        kind = given.type.tensor_type
        shape = tuple(d.dim_value if d.HasField("dim_value") else None for d in kind.shape.dim)
        return Input(given.name, TYPES.get(kind.elem_type, ""), shape)


def _count(nodes: int) -> str:
    return "1 node" if nodes == 1 else f"{nodes:,} nodes"
