"""Rows of ONNX_OPS with a window that moves over their input: convolution and pooling, in any
number of dimensions, with strides, dilations, groups and padding.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.errors import Unusable
from engine.models.onnx.graph import Node
from engine.models.onnx.ops import Deltas, OnnxOp, checked
from engine.models.weights import Array


@dataclass(frozen=True, slots=True)
class Window:
    """How a window moves, one number for each dimension but (batch, channels)."""

    kernel: tuple[int, ...]
    strides: tuple[int, ...]
    dilations: tuple[int, ...]
    pads: tuple[tuple[int, int], ...]

    def sizes(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """How many places the window has, of an input with these sizes."""
        return tuple(
            (n + low + high - dilation * (k - 1) - 1) // stride + 1
            for n, k, stride, dilation, (low, high) in zip(
                shape, self.kernel, self.strides, self.dilations, self.pads
            )
        )


def _window(node: Node, shape: tuple[int, ...], kernel: tuple[int, ...]) -> Window:
    count = len(kernel)
    strides = tuple(int(n) for n in node.attributes.get("strides", (1,) * count))
    dilations = tuple(int(n) for n in node.attributes.get("dilations", (1,) * count))
    said = node.attributes.get("auto_pad", "NOTSET")
    if said in ("SAME_UPPER", "SAME_LOWER"):
        pads = []
        for n, k, stride, dilation in zip(shape, kernel, strides, dilations):
            wide = dilation * (k - 1) + 1
            total = max((-(-n // stride) - 1) * stride + wide - n, 0)
            small, large = total // 2, total - total // 2
            pads.append((small, large) if said == "SAME_UPPER" else (large, small))
    else:
        flat = node.attributes.get("pads", (0,) * (2 * count))
        pads = list(zip(map(int, flat[:count]), map(int, flat[count:])))
    found = Window(kernel, strides, dilations, tuple(pads))
    numbers = (*kernel, *strides, *dilations)
    if len(shape) != count or min(numbers) < 1 or min(map(min, pads)) < 0:
        raise Unusable(f"{node.place} has a window of {kernel} on {shape}; export the model anew")
    if min(found.sizes(shape)) < 1:
        raise Unusable(
            f"{node.place} has a window of {kernel}, but its input is only {shape}: give a longer"
            " input"
        )
    return found


def _places(x: Array, window: Window, node: Node, fill: float = 0.0) -> Array:
    """(batch, channels, places …, kernel …): a view of the padded input, nothing is copied."""
    padded = np.pad(x, ((0, 0), (0, 0), *window.pads), constant_values=fill)
    sizes = window.sizes(x.shape[2:])
    checked(x.shape[0] * x.shape[1] * math.prod(sizes) * math.prod(window.kernel), node)
    own = padded.strides
    moves = tuple(own[2 + n] * s for n, s in enumerate(window.strides))
    inside = tuple(own[2 + n] * d for n, d in enumerate(window.dilations))
    shape = (*x.shape[:2], *sizes, *window.kernel)
    return np.lib.stride_tricks.as_strided(padded, shape, (*own[:2], *moves, *inside))


def _spread_back(delta: Array, shape: tuple[int, ...], window: Window) -> Array:
    """The delta of the input from that of all places, (batch, channels, places …, kernel …)."""
    padded = [n + low + high for n, (low, high) in zip(shape[2:], window.pads)]
    found = np.zeros((*shape[:2], *padded), delta.dtype)
    count = len(window.kernel)
    sizes = window.sizes(shape[2:])
    for at in np.ndindex(window.kernel):
        where = tuple(
            slice(k * d, k * d + s * (n - 1) + 1, s)
            for k, d, s, n in zip(at, window.dilations, window.strides, sizes)
        )
        found[(slice(None), slice(None), *where)] += delta[(..., *at)]
    inner = tuple(slice(low, low + n) for n, (low, _) in zip(shape[2:], window.pads))
    return found[(slice(None), slice(None), *inner)] if count else found


def _conv_window(i: Any, node: Node) -> Window:
    x, w = i[0], i[1]
    groups = int(node.attributes.get("group", 1))
    if w.ndim != x.ndim or groups < 1 or x.shape[1] != w.shape[1] * groups or w.shape[0] % groups:
        raise Unusable(
            f"{node.place} has kernels {w.shape} in {groups} groups for an input {x.shape}; export"
            " the model anew"
        )
    return _window(node, x.shape[2:], w.shape[2:])


def _grouped(x: Array, w: Array, window: Window, node: Node) -> tuple[Array, Array]:
    """Places as (group, batch · places, channels · kernel), kernels as (group, out, the same)."""
    groups = int(node.attributes.get("group", 1))
    count = len(window.kernel)
    places = _places(x, window, node)
    split = places.reshape(x.shape[0], groups, x.shape[1] // groups, *places.shape[2:])
    order = (1, 0, *range(3, 3 + count), 2, *range(3 + count, 3 + 2 * count))
    rows = split.transpose(order).reshape(
        groups, x.shape[0] * math.prod(places.shape[2 : 2 + count]), -1
    )
    return rows, w.reshape(groups, w.shape[0] // groups, -1)


def _conv(i: Any, node: Node) -> tuple[Array, ...]:
    x, w = i[0], i[1]
    window = _conv_window(i, node)
    rows, kernels = _grouped(x, w, window, node)
    sizes = window.sizes(x.shape[2:])
    y = np.matmul(rows, kernels.swapaxes(1, 2))  # (group, batch · places, out)
    y = y.reshape(len(kernels), x.shape[0], *sizes, -1)
    y = np.moveaxis(np.moveaxis(y, -1, 2), 0, 1).reshape(x.shape[0], w.shape[0], *sizes)
    if len(i) > 2 and i[2] is not None:
        y = y + i[2].reshape(-1, *[1] * len(sizes))
    return (y,)


def _conv_back(i: Any, o: tuple[Array, ...], d: Any, node: Node) -> Deltas:
    x, w = i[0], i[1]
    window = _conv_window(i, node)
    rows, kernels = _grouped(x, w, window, node)
    groups, count = len(kernels), len(window.kernel)
    sizes = window.sizes(x.shape[2:])
    delta = d[0].reshape(x.shape[0], groups, -1, *sizes)
    delta = np.moveaxis(np.moveaxis(delta, 1, 0), 2, -1).reshape(groups, -1, kernels.shape[1])
    dw = np.matmul(delta.swapaxes(1, 2), rows).reshape(w.shape)
    back = np.matmul(delta, kernels).reshape(groups, x.shape[0], *sizes, w.shape[1], *window.kernel)
    back = np.moveaxis(back, 2 + count, 1)  # (group, channels, batch, places …, kernel …)
    back = back.reshape(x.shape[1], x.shape[0], *sizes, *window.kernel).swapaxes(0, 1)
    found: Deltas = [_spread_back(back, x.shape, window), dw]
    if len(i) > 2 and i[2] is not None:
        found.append(d[0].sum(axis=(0, *range(2, d[0].ndim))))
    return found


def _pool_window(i: Any, node: Node) -> Window:
    kernel = tuple(int(n) for n in node.attributes["kernel_shape"])
    if node.attributes.get("ceil_mode", 0):
        raise Unusable(f"{node.place} pools with ceil_mode, which is not read")
    return _window(node, i[0].shape[2:], kernel)


def _max_pool(i: Any, node: Node) -> tuple[Array, ...]:
    window = _pool_window(i, node)
    places = _places(i[0], window, node, -np.inf)
    count = len(window.kernel)
    return (places.max(axis=tuple(range(-count, 0))),)


def _max_pool_back(i: Any, o: tuple[Array, ...], d: Any, node: Node) -> Deltas:
    window = _pool_window(i, node)
    places = _places(i[0], window, node, -np.inf)
    count = len(window.kernel)
    flat = places.reshape(*places.shape[: 2 + count], -1)
    first = flat.argmax(-1)[..., None]  # of equal ones the first has it
    delta = np.zeros(flat.shape, d[0].dtype)
    np.put_along_axis(delta, first, d[0][..., None], -1)
    return [_spread_back(delta.reshape(places.shape), i[0].shape, window)]


WINDOWS: dict[str, OnnxOp] = {
    "Conv": OnnxOp(_conv, _conv_back),
    "MaxPool": OnnxOp(_max_pool, _max_pool_back),
}
