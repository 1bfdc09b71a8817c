"""Which tensors of an ONNX file the recurrent nodes have that are shown, what this program makes of
them, and the way back: gradients, and weights that were changed, under the names of the file.

Where those tensors come from inside the file is in `sources`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from engine.models.conversion import suffix
from engine.models.onnx.cells import Manner
from engine.models.onnx.graph import Node
from engine.models.onnx.recurrent import BLOCKS, WAYS, Layer, gradients_of, parameters_of
from engine.models.weights import Array, Weights

PARTS = ("W", "R", "B", "P")


@dataclass(frozen=True, slots=True)
class HeldNode:
    """One node: its op and directions, whether f = 1 − i, and the tensor that it reads as each of
    W, R, B, P."""

    op: str
    ways: tuple[int, ...]
    coupled: bool
    names: dict[str, str]

    def is_sound(self, weights: Weights) -> bool:
        """Whether the tensors are there and have the shapes of such a node."""
        if self.op not in BLOCKS or self.ways not in WAYS.values():
            return False
        shapes = {part: weights.arrays[name].shape for part, name in self.names.items()}
        if not {"W", "R"} <= set(shapes) <= set(PARTS) or len(shapes["R"]) != 3:
            return False
        ways, hidden, rows = len(self.ways), shapes["R"][2], BLOCKS[self.op] * shapes["R"][2]
        wanted = {"W": (ways, rows, *shapes["W"][2:3]), "R": (ways, rows, hidden)}
        wanted |= {"B": (ways, 2 * rows), "P": (ways, 3 * hidden)}
        return hidden > 0 and all(shape == wanted[part] for part, shape in shapes.items())

    def layer(self, tensors: dict[str, Array], hidden: int) -> Layer:
        """The node with these tensors by part, without inputs."""
        manner = Manner(hidden, (), peepholes="P" in self.names, coupled=self.coupled)
        return Layer(Node(self.op, "", (), (), {}), manner, self.ways, False, tensors)

    def parameters(self, parts: dict[str, Array]) -> dict[str, Array]:
        """This program's parameters of a network of this node alone, out of W, R, B, P."""
        return parameters_of(self.layer(parts, parts["R"].shape[2]))

    def in_file(self, own: dict[str, Array]) -> dict[str, Array]:
        """The same again as W, R, B, P under their names."""
        hidden = next(array.shape[1] for name, array in own.items() if name[0] == "R")
        layer = self.layer(dict.fromkeys(self.names, np.zeros(0)), hidden)
        return {self.names[part]: array for part, array in gradients_of(layer, own).items()}


def held_by(layer: Layer) -> HeldNode:
    """A node that was run, by the names of what it read."""
    read = zip(("X", "W", "R", "B", "", "", "", "P"), layer.node.inputs)
    names = {part: name for part, name in read if part in PARTS and name}
    return HeldNode(layer.node.op, layer.ways, layer.manner.coupled, names)


@dataclass(frozen=True, slots=True)
class Held:
    """The nodes that are shown, bottom up: one is a layer of the network."""

    nodes: tuple[HeldNode, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for node in self.nodes for name in node.names.values())

    def parameters(self, weights: Weights, dtype: str) -> dict[str, Array]:
        """This program's parameters by name."""
        return self.parameters_of(
            {part: weights.arrays[name].astype(dtype) for part, name in node.names.items()}
            for node in self.nodes
        )

    def parameters_of(self, parts: Iterable[dict[str, Array]]) -> dict[str, Array]:
        """The same out of W, R, B, P of each node."""
        found: dict[str, Array] = {}
        for number, (node, own) in enumerate(zip(self.nodes, parts)):
            found |= _renamed(node.parameters(own), number, len(self.nodes))
        return found

    def in_file(self, ours: dict[str, Array]) -> dict[str, Array]:
        """Arrays by this program's names under those of the file. Both halves of B that are added
        have the same gradient."""
        found: dict[str, Array] = {}
        for number, node in enumerate(self.nodes):
            found |= node.in_file({name: ours[new] for name, new in self._marked(number, ours)})
        return found

    def _marked(self, number: int, ours: dict[str, Array]) -> list[tuple[str, str]]:
        """(name in a network of one layer, name here) of the parameters of a layer."""
        count = len(self.nodes)
        mark = suffix(count, number, 0)
        if not mark:
            return [(name, name) for name in ours]
        ends = (mark, f"{mark}^b")
        return [(name.replace(mark, "", 1), name) for name in ours if name.endswith(ends)]

    def folded(self, ours: dict[str, Array]) -> dict[str, Array]:
        """Every parameter has a place of its own in the file."""
        return ours

    def second(self, name: str, shape: tuple[int, ...]) -> Array:
        """Which numbers of a tensor are only added to others: the later half of B, but of a GRU."""
        found = np.zeros(shape, bool)
        for node in self.nodes:
            if node.names.get("B") == name and node.op != "GRU":
                found[:, shape[1] // 2 :] = True
        return found


def _renamed(own: dict[str, Array], number: int, count: int) -> dict[str, Array]:
    """Parameters of one layer under the names that they have in a stack of so many."""
    mark = suffix(count, number, 0)
    found = {}
    for name, array in own.items():
        plain, back = name.removesuffix("^b"), "^b" * name.endswith("^b")
        found[f"{plain}{mark}{back}"] = array
    return found
