"""What stands before the recurrence of a model, computed at once for all steps: embedding,
convolution over time, linear layers; and what comes back to it. It is a graph of ops as ONNX has
them, so that no rule stands here twice. Its result is the x of the network that is recorded.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.errors import Unusable
from engine.models.onnx import running
from engine.models.onnx.graph import Graph, Input, Node
from engine.models.onnx.running import Trail
from engine.models.weights import Array, Weights
from engine.models.wiring import Piece, Wiring

X = "x"
BENT = {"relu": "Relu", "tanh": "Tanh", "sigmoid": "Sigmoid", "softmax": "Softmax"}


@dataclass(frozen=True, slots=True, eq=False)
class Before:
    """`x` (T, B, I) as the recurrence reads it; `trail`: how it came about."""

    x: Array
    trail: Trail
    last: str

    def gradients(self, delta: Array) -> dict[str, Array]:
        """∂ℒ/∂ of the weights before the recurrence by their names in the file, from ∂ℒ/∂x; of the
        inputs as "x", if they are numbers."""
        found = running.backward(self.trail, {self.last: delta})
        kept = {name: found[name] for name in self._kept if name in found}
        return kept

    @property
    def _kept(self) -> list[str]:
        made = {name for step in self.trail.steps for name in step.node.outputs}
        return [name for name in self.trail.tensors if name not in made]


def before(wiring: Wiring, weights: Weights, x: Array, dtype: str) -> Before:
    """Run the pieces on tokens (T, B) or numbers (T, B, I)."""
    if wiring.tokens:
        _check_tokens(x, wiring.tokens, wiring.before[0].layer.name)
    nodes: list[Node] = []
    constants: dict[str, Array] = {}
    last = X
    for number, piece in enumerate(wiring.before):
        layer = piece.layer
        for name in filter(None, (layer.weight, layer.bias)):
            constants[name] = weights.arrays[name]
        last = _add(nodes, piece, last, number)
        if piece.activation != "identity":
            nodes.append(_node(BENT[piece.activation], (last,), f"{number}.bent"))
            last = f"{number}.bent"
    graph = Graph(tuple(nodes), constants, (Input(X, dtype, ()),), (last,), 18)
    trail = running.forward(graph, {X: x}, dtype, weights.name)
    return Before(trail.tensors[last], trail, last)


def _check_tokens(x: Array, tokens: int, name: str) -> None:
    if x.ndim != 2 or x.dtype.kind not in "iu" or not 0 <= x.min() <= x.max() < tokens:
        held = f"{x.min()} … {x.max()}" if x.size and x.dtype.kind in "iuf" else "nothing"
        raise Unusable(
            f"x is {x.shape} of {x.dtype.name} and holds {held}; {name} reads whole numbers 0 …"
            f" {tokens - 1} as (steps, sequences)"
        )


def _node(op: str, inputs: tuple[str, ...], output: str, **attributes: object) -> Node:
    return Node(op, output, inputs, (output,), attributes)


def _add(nodes: list[Node], piece: Piece, last: str, number: int) -> str:
    """The nodes of one piece; the name of what it gives, (T, B, width)."""
    layer, out = piece.layer, f"{number}.out"
    if layer.kind == "embedding":
        nodes.append(_node("Gather", (layer.weight, last), out, axis=0))
        return out
    if layer.kind == "linear":
        return _linear(nodes, piece, last, number)
    # (T, B, I) → (B, I, T), and back
    nodes.append(_node("Transpose", (last,), f"{number}.in", perm=(1, 2, 0)))
    kernel = layer.weight
    if layer.source == "Keras":
        kernel = f"{number}.kernel"
        nodes.append(_node("Transpose", (layer.weight,), kernel, perm=(2, 1, 0)))
    parts = (f"{number}.in", kernel, *((layer.bias,) if layer.bias else ()))
    nodes.append(_node("Conv", parts, f"{number}.conv", **_window(piece)))
    nodes.append(_node("Transpose", (f"{number}.conv",), out, perm=(2, 0, 1)))
    return out


def _linear(nodes: list[Node], piece: Piece, last: str, number: int) -> str:
    layer, matrix = piece.layer, piece.layer.weight
    if layer.source != "Keras":
        matrix = f"{number}.turned"
        nodes.append(_node("Transpose", (layer.weight,), matrix, perm=(1, 0)))
    nodes.append(_node("MatMul", (last, matrix), f"{number}.product"))
    if not layer.bias:
        return f"{number}.product"
    nodes.append(_node("Add", (f"{number}.product", layer.bias), f"{number}.out"))
    return f"{number}.out"


def _window(piece: Piece) -> dict[str, object]:
    """How the kernel moves, as ONNX says it."""
    found: dict[str, object] = {"strides": (piece.stride,), "dilations": (piece.dilation,)}
    if piece.edges == "same":
        return {**found, "auto_pad": "SAME_UPPER"}
    wide = piece.layer.shape[0 if piece.layer.source == "Keras" else 2]
    early = (wide - 1) * piece.dilation if piece.edges == "causal" else piece.padding
    return {**found, "pads": (early, 0 if piece.edges == "causal" else piece.padding)}


def shortened(lengths: Array, steps: int, made: int) -> Array:
    """Lengths of sequences after a convolution that makes another number of steps."""
    if made == steps:
        return lengths
    if (lengths != steps).any():
        raise Unusable(
            f"a convolution makes {made} of {steps} steps, and sequences of other lengths have no"
            " end then: give sequences of one length"
        )
    return np.full_like(lengths, made)
