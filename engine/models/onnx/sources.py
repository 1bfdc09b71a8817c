"""Where the weights of a recurrent node come from: through ops that only move numbers, back to the
constants that the file stores. Every stored number gets an index, and those indices go the way of
the numbers; what arrives says which number stands where.

Where a constant lies in the bytes of the file is in `places`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from engine.errors import Unusable
from engine.models.onnx.graph import Graph, Node
from engine.models.onnx.running import ONNX_OPS
from engine.models.weights import Array, Weights

MOVES = ("Identity", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Concat", "Split",
         "Slice", "Gather")  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Sources:
    """`constants`: floating ones of all graphs by name; `first`: the index of the first number of
    each; `moved`: the indices as they arrive in tensors by name."""

    constants: dict[str, Array]
    first: dict[str, int]
    moved: dict[str, Array]

    def gathered(self, names: Sequence[str], name: str, format: str = "ONNX") -> Weights:
        """The tensors that these names stand for; Unusable for one that is computed."""
        whole = np.concatenate([a.ravel().astype(np.float64) for a in self.constants.values()])
        arrays, dtypes = {}, {}
        for each in names:
            if each not in self.moved:
                raise Unusable(
                    f"{name}: {each} is no weight of the file, but computed from others;"
                    " write a .safetensors"
                )
            at = self.moved[each]
            dtypes[each] = self.dtype_of(each)
            arrays[each] = whole[at].astype(dtypes[each])
        return Weights(arrays, dtypes, name, format)

    def dtype_of(self, name: str) -> str:
        """Of the constant that the first number comes from; "" for a tensor that is computed."""
        if name not in self.moved:
            return ""
        index = int(self.moved[name].flat[0])
        return self.constants[self._owner(index)].dtype.name

    def _owner(self, index: int) -> str:
        return [name for name, first in self.first.items() if first <= index][-1]

    def spread(self, weights: Weights) -> Weights:
        """The constants with the numbers of tensors that were gathered from them."""
        arrays = {name: np.array(a) for name, a in self.constants.items()}
        for name, array in weights.arrays.items():
            at, values = self.moved[name].ravel(), array.ravel()
            for each, first in self.first.items():
                own = (at >= first) & (at < first + arrays[each].size)
                arrays[each].reshape(-1)[at[own] - first] = values[own]
        dtypes = {name: array.dtype.name for name, array in arrays.items()}
        return Weights(arrays, dtypes, weights.name, weights.format)


def sources_of(graph: Graph, names: Sequence[str]) -> Sources:
    """The constants that these tensors come from, and how; computed ones are left out."""
    constants, makers = _all_of(graph)
    way = _Way(constants, makers, {name: a for name, a in constants.items() if a.dtype.kind != "f"})
    moved = {}
    for name in names:
        found = way.to(name)
        if found is not None and found.dtype.kind == "f" and found.size:
            moved[name] = found.astype(np.int64)
    return Sources({name: constants[name] for name in way.first}, way.first, moved)


@dataclass(slots=True, eq=False)
class _Way:
    """Tensors that are known so far, the floating ones as indices, which are exact up to 2⁵³."""

    constants: dict[str, Array]
    makers: dict[str, Node]
    known: dict[str, Array]
    first: dict[str, int] = field(default_factory=dict)
    count: int = 0

    def to(self, name: str) -> Array | None:
        """The tensor, where only moves lie between it and constants."""
        waiting = [name]
        while waiting:
            lacking = self._lacking(waiting[-1])
            if lacking is None or len(waiting) > len(self.makers) + 1:
                return None
            if lacking:
                waiting.extend(lacking)
            else:
                waiting.pop()
        return self.known[name]

    def _lacking(self, name: str) -> list[str] | None:
        """What has to be known before a tensor is; nothing once it is, None if it never will."""
        if name in self.known:
            return []
        if name in self.constants:
            size, shape = self.constants[name].size, self.constants[name].shape
            self.known[name] = self.count + np.arange(size, dtype=float).reshape(shape)
            self.first[name] = self.count
            self.count += size
            return []
        node = self.makers.get(name)
        if node is None or node.op not in MOVES:
            return None
        lacking = [each for each in node.inputs if each and each not in self.known]
        if lacking:
            return lacking
        inputs = [self.known[each] if each else None for each in node.inputs]
        try:
            self.known |= zip(node.outputs, ONNX_OPS[node.op].forward(inputs, node))
        except (Unusable, MemoryError, ValueError, IndexError, KeyError, TypeError, AttributeError):
            return None
        return []


def _all_of(graph: Graph) -> tuple[dict[str, Array], dict[str, Node]]:
    """Constants and the node that makes a tensor, of the graph and all inside it; a name that two
    of them use stands for neither."""
    constants: dict[str, Array] = {}
    makers: dict[str, Node] = {}
    seen: set[str] = set()
    twice: set[str] = set()
    for each in _graphs(graph):
        made = {name: node for node in each.nodes for name in node.outputs if name}
        own = dict(each.constants)
        for name, node in made.items():
            given = [node.attributes.get(key) for key in ("value", "value_ints", "value_int")]
            value = next((each for each in given if each is not None), None)
            if node.op == "Constant" and value is not None:
                own[name] = np.asarray(value)
        names = {*own, *made}
        twice |= names & seen
        seen |= names
        constants |= own
        makers |= made
    return (
        {name: array for name, array in constants.items() if name not in twice},
        {name: node for name, node in makers.items() if name not in twice},
    )


def _graphs(graph: Graph) -> Iterator[Graph]:
    level = [graph]
    while level:
        yield from level
        inner = [a for g in level for node in g.nodes for a in node.attributes.values()]
        level = [each for each in inner if isinstance(each, Graph)]
