"""Rows of ONNX_OPS that move numbers and compute none: shapes, parts, joins, padding."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine.errors import Unusable
from engine.models.onnx.graph import Node
from engine.models.onnx.ops import Deltas, OnnxOp, axes_of, checked, reduced
from engine.models.weights import Array

Outputs = tuple[Array, ...]


def _shaped_back(i: Any, o: Outputs, d: Any, node: Node) -> Deltas:
    """For every op that only gives its input another shape."""
    return [d[0].reshape(i[0].shape)]


def _reshape(i: Any, node: Node) -> Outputs:
    given = i[1] if len(i) > 1 else np.array(node.attributes.get("shape", ()))
    sizes = [int(n) for n in given]
    if not node.attributes.get("allowzero", 0):
        sizes = [i[0].shape[n] if size == 0 else size for n, size in enumerate(sizes)]
    return (i[0].reshape(sizes),)


def _flatten(i: Any, node: Node) -> Outputs:
    axis = int(node.attributes.get("axis", 1))
    axis += i[0].ndim if axis < 0 else 0
    return (i[0].reshape(math.prod(i[0].shape[:axis]), -1),)


def _squeeze(i: Any, node: Node) -> Outputs:
    axes = axes_of(i, node)
    return (np.squeeze(i[0], axes),)


def _unsqueeze(i: Any, node: Node) -> Outputs:
    return (np.expand_dims(i[0], axes_of(i, node) or ()),)


def _transpose(i: Any, node: Node) -> Outputs:
    return (np.transpose(i[0], node.attributes.get("perm")),)


def _transpose_back(i: Any, o: Outputs, d: Any, node: Node) -> Deltas:
    order = node.attributes.get("perm")
    return [np.transpose(d[0], None if order is None else np.argsort(order))]


def _concat(i: Any, node: Node) -> Outputs:
    return (np.concatenate(list(i), int(node.attributes["axis"])),)


def _concat_back(i: Any, o: Outputs, d: Any, node: Node) -> Deltas:
    axis = int(node.attributes["axis"])
    ends = np.cumsum([x.shape[axis] for x in i])[:-1]
    return list(np.split(d[0], ends, axis))


def _split(i: Any, node: Node) -> Outputs:
    axis = int(node.attributes.get("axis", 0))
    sizes = i[1].tolist() if len(i) > 1 and i[1] is not None else node.attributes.get("split")
    if sizes is None:
        count = int(node.attributes.get("num_outputs", len(node.outputs)))
        each = -(-i[0].shape[axis] // count)
        sizes = [min(each, i[0].shape[axis] - k * each) for k in range(count)]
    return tuple(np.split(i[0], np.cumsum(sizes)[:-1].astype(int), axis))


def _split_back(i: Any, o: Outputs, d: Any, node: Node) -> Deltas:
    axis = int(node.attributes.get("axis", 0))
    return [np.concatenate([x if x is not None else np.zeros_like(y) for x, y in zip(d, o)], axis)]


def _window(i: Any, node: Node) -> tuple[slice, ...]:
    """The slices that Slice takes, from inputs (newer files) or attributes (older ones)."""
    if len(i) > 1:
        starts, ends = i[1].tolist(), i[2].tolist()
        axes = i[3].tolist() if len(i) > 3 and i[3] is not None else range(len(starts))
        steps = i[4].tolist() if len(i) > 4 and i[4] is not None else [1] * len(starts)
    else:
        starts, ends = list(node.attributes["starts"]), list(node.attributes["ends"])
        axes = node.attributes.get("axes", range(len(starts)))
        steps = [1] * len(starts)
    found = [slice(None)] * i[0].ndim
    for axis, start, end, step in zip(axes, starts, ends, steps):
        size = i[0].shape[int(axis)]
        last = None if step < 0 and end < -size else int(end)
        found[int(axis)] = slice(int(start), last, int(step))
    return tuple(found)


def _slice(i: Any, node: Node) -> Outputs:
    return (i[0][_window(i, node)],)


def _slice_back(i: Any, o: Outputs, d: Any, node: Node) -> Deltas:
    found = np.zeros_like(i[0])
    found[_window(i, node)] = d[0]
    return [found]


def _gather(i: Any, node: Node) -> Outputs:
    axis = int(node.attributes.get("axis", 0))
    indices = np.asarray(i[1])
    size = i[0].shape[axis]
    if indices.size and (indices.min() < -size or indices.max() >= size):
        raise Unusable(
            f"{node.place} gathers {indices.min()} … {indices.max()} of {size}; indices from"
            f" {-size} to {size - 1} are allowed"
        )
    return (np.take(i[0], indices, axis),)


def _gather_back(i: Any, o: Outputs, d: Any, node: Node) -> Deltas:
    axis = int(node.attributes.get("axis", 0)) % i[0].ndim
    found = np.zeros_like(i[0])
    indices = np.asarray(i[1])
    moved = np.moveaxis(found, axis, 0)  # a view: what is added there is added to `found`
    where = tuple(range(axis, axis + indices.ndim))
    np.add.at(moved, indices, np.moveaxis(d[0], where, tuple(range(indices.ndim))))
    return [found]


def _expand(i: Any, node: Node) -> Outputs:
    shape = np.broadcast_shapes(i[0].shape, tuple(int(n) for n in i[1]))
    checked(math.prod(shape), node)
    return (np.broadcast_to(i[0], shape).copy(),)


def _expand_back(i: Any, o: Outputs, d: Any, node: Node) -> Deltas:
    return [reduced(d[0], i[0].shape)]


def _where(i: Any, node: Node) -> Outputs:
    return (np.where(i[0], i[1], i[2]),)


def _where_back(i: Any, o: Outputs, d: Any, node: Node) -> Deltas:
    return [
        None,
        reduced(np.where(i[0], d[0], 0), i[1].shape),
        reduced(np.where(i[0], 0, d[0]), i[2].shape),
    ]


def _shape(i: Any, node: Node) -> Outputs:
    shape = i[0].shape[slice(node.attributes.get("start"), node.attributes.get("end"))]
    return (np.array(shape, np.int64),)


def _size(i: Any, node: Node) -> Outputs:
    return (np.array(i[0].size, np.int64),)


def _constant_of_shape(i: Any, node: Node) -> Outputs:
    shape = tuple(int(n) for n in i[0])
    if any(n < 0 for n in shape):
        raise Unusable(
            f"{node.place} makes the shape {shape}; sizes from 0 on are allowed: export it anew"
        )
    checked(math.prod(shape), node)
    value = node.attributes.get("value")
    return (np.full(shape, np.float32(0) if value is None else value.reshape(-1)[0]),)


def _constant(i: Any, node: Node) -> Outputs:
    for name, kind in (
        ("value", None), ("value_float", np.float32), ("value_int", np.int64),
        ("value_floats", np.float32), ("value_ints", np.int64),
    ):  # fmt: skip
        if name in node.attributes:
            return (np.asarray(node.attributes[name], kind),)
    raise Unusable(f"{node.place} holds no number; export the model anew")


def _range(i: Any, node: Node) -> Outputs:
    start, end, step = (float(each.reshape(())) for each in i)
    count = max(0, math.ceil((end - start) / (step or 1.0)))
    checked(count, node)
    return ((start + step * np.arange(count)).astype(i[0].dtype),)


MODES = ("constant", "reflect", "edge", "wrap")


def _pads(i: Any, node: Node) -> list[tuple[int, int]]:
    given = i[1].tolist() if len(i) > 1 and i[1] is not None else list(node.attributes["pads"])
    axes = [int(a) % i[0].ndim for a in i[3]] if len(i) > 3 and i[3] is not None else None
    half = len(given) // 2
    found = [(0, 0)] * i[0].ndim
    for axis, low, high in zip(axes or range(half), given[:half], given[half:]):
        found[axis] = (int(low), int(high))
    return found


def _pad_indices(i: Any, node: Node) -> list[Array]:
    """Of every axis, which entry of the input stands at each place, −1 for the constant."""
    mode = node.attributes.get("mode", "constant")
    if mode not in MODES:
        raise Unusable(f"{node.place} pads by {mode:.40}; {', '.join(MODES)} are read")
    found = []
    for size, (low, high) in zip(i[0].shape, _pads(i, node)):
        inner = np.arange(max(-low, 0), size - max(-high, 0))
        checked(max(low, 0) + max(high, 0) + len(inner), node)
        if mode == "reflect" and max(low, high) >= size:
            raise Unusable(
                f"{node.place} reflects {max(low, high)} entries of {size}; fewer are allowed"
            )
        more = {"constant_values": -1} if mode == "constant" else {}
        found.append(np.pad(inner, (max(low, 0), max(high, 0)), mode, **more))
    return found


def _pad(i: Any, node: Node) -> Outputs:
    indices = _pad_indices(i, node)
    checked(math.prod(map(len, indices)), node)
    fill = i[2].reshape(-1)[0] if len(i) > 2 and i[2] is not None and i[2].size else 0
    fill = node.attributes.get("value", fill)
    y = i[0][np.ix_(*indices)]
    outside = np.zeros(y.shape, bool)
    for axis, own in enumerate(indices):
        shape = [1] * y.ndim
        shape[axis] = len(own)
        outside |= (own < 0).reshape(shape)
    return (np.where(outside, np.asarray(fill, y.dtype), y),)


def _pad_back(i: Any, o: Outputs, d: Any, node: Node) -> Deltas:
    delta = d[0]
    for axis, own in enumerate(_pad_indices(i, node)):
        moved = np.moveaxis(delta, axis, 0)
        found = np.zeros((i[0].shape[axis], *moved.shape[1:]), delta.dtype)
        np.add.at(found, own[own >= 0], moved[own >= 0])
        delta = np.moveaxis(found, 0, axis)
    return [delta]


SHAPES: dict[str, OnnxOp] = {
    "Reshape": OnnxOp(_reshape, _shaped_back),
    "Flatten": OnnxOp(_flatten, _shaped_back),
    "Squeeze": OnnxOp(_squeeze, _shaped_back),
    "Unsqueeze": OnnxOp(_unsqueeze, _shaped_back),
    "Transpose": OnnxOp(_transpose, _transpose_back),
    "Concat": OnnxOp(_concat, _concat_back),
    "Split": OnnxOp(_split, _split_back),
    "Slice": OnnxOp(_slice, _slice_back),
    "Gather": OnnxOp(_gather, _gather_back),
    "Expand": OnnxOp(_expand, _expand_back),
    "Where": OnnxOp(_where, _where_back),
    "Pad": OnnxOp(_pad, _pad_back),
    "Shape": OnnxOp(_shape),
    "Size": OnnxOp(_size),
    "ConstantOfShape": OnnxOp(_constant_of_shape),
    "Constant": OnnxOp(_constant),
    "Range": OnnxOp(_range),
}
