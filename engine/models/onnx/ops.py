"""ONNX_OPS: the ops that encoders and readouts around a recurrent node are made of, a row each.

`forward(inputs, node)` gives the outputs; `back(inputs, outputs, deltas, node)` the deltas of the
inputs, None where none goes (indices, shapes). Eager numpy, as the standard has it (onnx.ai/onnx/
operators); what is shaped like a picture or has a window is in `window_ops`. An op without a row is
known by its name only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.errors import Unusable
from engine.files import MAX_ELEMENTS
from engine.models.onnx.graph import TYPES, Node
from engine.models.weights import Array

Inputs = Sequence[Array | None]
Deltas = list[Array | None]
Forward = Callable[[Any, Node], tuple[Array, ...]]
Back = Callable[[Any, tuple[Array, ...], Any, Node], Deltas]


@dataclass(frozen=True, slots=True)
class OnnxOp:
    """A row: what goes forward, and what comes back (None: nothing does)."""

    forward: Forward
    back: Back | None = None


def checked(count: int, node: Node) -> None:
    """Refuse a result that would be too large, before it is made."""
    if count > MAX_ELEMENTS:
        raise Unusable(
            f"{node.place} would make {count:,} numbers; at most {MAX_ELEMENTS:,} are made:"
            " give a shorter input"
        )


def reduced(delta: Array, shape: tuple[int, ...]) -> Array:
    """A delta summed back to the shape that was spread over more entries."""
    extra = delta.ndim - len(shape)
    delta = delta.sum(axis=tuple(range(extra))) if extra else delta
    spread = tuple(n for n, size in enumerate(shape) if size == 1 and delta.shape[n] != 1)
    return np.asarray(delta.sum(axis=spread, keepdims=True) if spread else delta)


# ---- entry by entry


def _binary(forward: Any, first: Any, second: Any) -> OnnxOp:
    """Two inputs that are spread over each other; the slopes are functions of a, b, y."""

    def go(i: Any, node: Node) -> tuple[Array, ...]:
        shape = np.broadcast_shapes(i[0].shape, i[1].shape)
        checked(int(np.prod(shape)), node)
        return (np.asarray(forward(i[0], i[1])),)

    def back(i: Any, o: tuple[Array, ...], d: Any, node: Node) -> Deltas:
        a, b = i[0], i[1]
        return [
            reduced(d[0] * slope(a, b, o[0]), x.shape) if x.dtype.kind == "f" else None
            for slope, x in ((first, a), (second, b))
        ]

    return OnnxOp(go, back)


def _unary(forward: Any, slope: Any = None) -> OnnxOp:
    """One input; `slope` is a function of x and y."""

    def go(i: Any, node: Node) -> tuple[Array, ...]:
        return (np.asarray(forward(i[0])),)

    def back(i: Any, o: tuple[Array, ...], d: Any, node: Node) -> Deltas:
        return [d[0] * slope(i[0], o[0])]

    return OnnxOp(go, back if slope else None)


def _divide(a: Array, b: Array) -> Array:
    if a.dtype.kind in "iu":  # truncated towards zero, as the standard has it
        return np.asarray(np.trunc(a / np.where(b == 0, 1, b)).astype(a.dtype))
    return np.asarray(a / b)


def _sigmoid(x: Array) -> Array:
    return np.asarray(0.5 * (np.tanh(0.5 * x) + 1))


def _softmax(i: Any, node: Node) -> tuple[Array, ...]:
    axis = int(node.attributes.get("axis", -1))
    top = np.exp(i[0] - i[0].max(axis, keepdims=True))
    return (top / top.sum(axis, keepdims=True),)


def _softmax_back(i: Any, o: tuple[Array, ...], d: Any, node: Node) -> Deltas:
    axis = int(node.attributes.get("axis", -1))
    return [o[0] * (d[0] - (d[0] * o[0]).sum(axis, keepdims=True))]


def _log_softmax(i: Any, node: Node) -> tuple[Array, ...]:
    axis = int(node.attributes.get("axis", -1))
    low = i[0] - i[0].max(axis, keepdims=True)
    return (low - np.log(np.exp(low).sum(axis, keepdims=True)),)


def _log_softmax_back(i: Any, o: tuple[Array, ...], d: Any, node: Node) -> Deltas:
    axis = int(node.attributes.get("axis", -1))
    return [d[0] - np.exp(o[0]) * d[0].sum(axis, keepdims=True)]


def _cast(i: Any, node: Node) -> tuple[Array, ...]:
    wanted = TYPES.get(int(node.attributes.get("to", 0)), "")
    if not wanted:
        raise Unusable(f"{node.place} casts to a type that is no number; it cannot be run")
    kept = i[0].dtype.kind == "f" and wanted.startswith(("float", "bfloat"))
    return (i[0] if kept else i[0].astype(wanted),)  # all floating numbers are of the run's dtype


def _cast_back(i: Any, o: tuple[Array, ...], d: Any, node: Node) -> Deltas:
    both = i[0].dtype.kind == "f" and o[0].dtype.kind == "f"
    return [d[0] if both else None]


def _clip(i: Any, node: Node) -> tuple[Array, ...]:
    low, high = _bounds(i, node)
    return (np.clip(i[0], low, high),)


def _clip_back(i: Any, o: tuple[Array, ...], d: Any, node: Node) -> Deltas:
    low, high = _bounds(i, node)
    inside = np.ones(i[0].shape, bool)
    inside &= True if low is None else i[0] > low
    inside &= True if high is None else i[0] < high
    return [d[0] * inside]


def _bounds(i: Any, node: Node) -> tuple[Any, Any]:
    given = (*i[1:], None, None)
    low = node.attributes.get("min") if given[0] is None else given[0]
    high = node.attributes.get("max") if given[1] is None else given[1]
    return low, high


# ---- products


def _matmul(i: Any, node: Node) -> tuple[Array, ...]:
    return (np.matmul(i[0], i[1]),)


def _matmul_back(i: Any, o: tuple[Array, ...], d: Any, node: Node) -> Deltas:
    a, b = i[0], i[1]
    one_a, one_b = a.ndim == 1, b.ndim == 1
    wide_a, wide_b = (a[None] if one_a else a), (b[:, None] if one_b else b)
    delta = d[0][..., None, :] if one_a and not one_b else d[0]
    delta = delta[..., None] if one_b else delta
    delta = delta[None] if one_a and one_b else delta
    da = reduced(delta @ np.swapaxes(wide_b, -1, -2), wide_a.shape)
    db = reduced(np.swapaxes(wide_a, -1, -2) @ delta, wide_b.shape)
    return [da.reshape(a.shape), db.reshape(b.shape)]


def _gemm(i: Any, node: Node) -> tuple[Array, ...]:
    a, b, alpha, beta = _gemm_parts(i, node)
    y = alpha * (a @ b)
    return (y if len(i) < 3 or i[2] is None else y + beta * i[2],)


def _gemm_back(i: Any, o: tuple[Array, ...], d: Any, node: Node) -> Deltas:
    a, b, alpha, beta = _gemm_parts(i, node)
    da, db = alpha * d[0] @ b.T, alpha * a.T @ d[0]
    found: Deltas = [
        da.T if node.attributes.get("transA") else da,
        db.T if node.attributes.get("transB") else db,
    ]
    if len(i) > 2 and i[2] is not None:
        found.append(reduced(beta * d[0], i[2].shape))
    return found


def _gemm_parts(i: Any, node: Node) -> tuple[Array, Array, float, float]:
    a = i[0].T if node.attributes.get("transA") else i[0]
    b = i[1].T if node.attributes.get("transB") else i[1]
    alpha, beta = node.attributes.get("alpha", 1.0), node.attributes.get("beta", 1.0)
    return a, b, float(alpha), float(beta)


# ---- sums over axes


def axes_of(i: Any, node: Node, index: int = 1) -> tuple[int, ...] | None:
    """Axes from an input (newer files) or an attribute (older ones); None: not given."""
    given = i[index] if len(i) > index else None
    said = node.attributes.get("axes") if given is None else given.tolist()
    return None if said is None else tuple(int(axis) for axis in np.atleast_1d(said))


def _reduction(of: Any, share: Any) -> OnnxOp:
    def axes(i: Any, node: Node) -> tuple[int, ...]:
        found = axes_of(i, node)
        if not found:
            idle = node.attributes.get("noop_with_empty_axes", 0)
            return () if idle else tuple(range(i[0].ndim))
        return found

    def go(i: Any, node: Node) -> tuple[Array, ...]:
        keep = bool(node.attributes.get("keepdims", 1))
        return (np.asarray(of(i[0], axis=axes(i, node), keepdims=keep)),)

    def back(i: Any, o: tuple[Array, ...], d: Any, node: Node) -> Deltas:
        which = axes(i, node)
        shape = list(i[0].shape)
        for axis in which:
            shape[axis] = 1
        y, delta = o[0].reshape(shape), d[0].reshape(shape)
        return [delta * share(i[0], y, which)]

    return OnnxOp(go, back)


def _count(x: Array, axes: tuple[int, ...]) -> int:
    return int(np.prod([x.shape[axis] for axis in axes])) or 1


def _ones(x: Array) -> Array:
    return np.ones_like(x)


ARITHMETIC: dict[str, OnnxOp] = {
    "Add": _binary(np.add, lambda a, b, y: 1, lambda a, b, y: 1),
    "Sub": _binary(np.subtract, lambda a, b, y: 1, lambda a, b, y: -1),
    "Mul": _binary(np.multiply, lambda a, b, y: b, lambda a, b, y: a),
    "Div": _binary(_divide, lambda a, b, y: 1 / b, lambda a, b, y: -y / b),
    "Pow": _binary(
        lambda a, b: np.power(a, b).astype(a.dtype),
        lambda a, b, y: b * np.power(a, b - 1),
        lambda a, b, y: y * np.log(np.where(a > 0, a, 1)),
    ),
    "Sigmoid": _unary(_sigmoid, lambda x, y: y * (1 - y)),
    "Tanh": _unary(np.tanh, lambda x, y: 1 - y * y),
    "Relu": _unary(lambda x: np.maximum(x, 0), lambda x, y: x > 0),
    "Exp": _unary(np.exp, lambda x, y: y),
    "Log": _unary(np.log, lambda x, y: 1 / x),
    "Sqrt": _unary(np.sqrt, lambda x, y: 0.5 / y),
    "Neg": _unary(np.negative, lambda x, y: -1),
    "Abs": _unary(np.abs, lambda x, y: np.sign(x)),
    "Reciprocal": _unary(np.reciprocal, lambda x, y: -y * y),
    "Identity": _unary(lambda x: x, lambda x, y: 1),
    "Dropout": OnnxOp(lambda i, n: (i[0], np.ones(i[0].shape, bool)), lambda i, o, d, n: [d[0]]),
    "Floor": _unary(np.floor),
    "Not": _unary(np.logical_not),
    "Softmax": OnnxOp(_softmax, _softmax_back),
    "LogSoftmax": OnnxOp(_log_softmax, _log_softmax_back),
    "Cast": OnnxOp(_cast, _cast_back),
    "Clip": OnnxOp(_clip, _clip_back),
    "MatMul": OnnxOp(_matmul, _matmul_back),
    "Gemm": OnnxOp(_gemm, _gemm_back),
    "ReduceMean": _reduction(np.mean, lambda x, y, axes: _ones(x) / _count(x, axes)),
    "ReduceSum": _reduction(np.sum, lambda x, y, axes: _ones(x)),
}
for _name, _of in {
    "Equal": np.equal, "Less": np.less, "Greater": np.greater, "And": np.logical_and,
    "Or": np.logical_or, "LessOrEqual": np.less_equal, "GreaterOrEqual": np.greater_equal,
}.items():  # fmt: skip
    ARITHMETIC[_name] = OnnxOp(lambda i, n, of=_of: (np.asarray(of(i[0], i[1])),))  # type: ignore[misc]
