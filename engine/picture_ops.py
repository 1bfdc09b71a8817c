"""PICTURE_OPS: the rows of OPS for pictures, and the functions that their sources may call.

The numbers are made in `engine.pictures`; how a row is read stands in `engine.op`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine import pictures
from engine.op import Constants, Op, Rule


def _convolved(widths: tuple[int, ...], constants: Constants) -> int:
    for width in widths:
        kernel_shape(width, constants)
    return int(constants["channels"] * constants["rows"] * constants["columns"])


def kernel_shape(width: int, constants: Constants) -> tuple[int, ...]:
    """Shape (out, in, k, k) of the kernels before an input; ValueError if it is no such picture."""
    names = ("channels", "rows", "columns", "kernel")
    channels, rows, columns, kernel = (int(constants[name]) for name in names)
    if width % (rows * columns):
        raise ValueError(f"a width of {width} is no {rows}×{columns} picture")
    if kernel % 2 == 0:
        raise ValueError(f"a kernel must be odd, got {kernel}")
    return channels, width // (rows * columns), kernel, kernel


def _pooled(widths: tuple[int, ...], constants: Constants) -> int:
    rows, columns = int(constants["rows"]), int(constants["columns"])
    if widths[0] % (rows * columns) or min(rows, columns) < pictures.POOL:
        raise ValueError(f"a width of {widths[0]} is no {rows}×{columns} picture to be pooled")
    return widths[0] // (rows * columns) * (rows // pictures.POOL) * (columns // pictures.POOL)


_SIZE = {"rows": 3, "columns": 4}

PICTURE_OPS: dict[str, Op] = {
    "conv": Op(
        "∗",
        "y = Σ_k W_k ∗ x_k + b",
        "conv({0}, {W}, {rows}, {columns}, {y})",
        (Rule("conv_back({dy}, {W}, {rows}, {columns}, {c})"),),
        _convolved,
        (
            ((24,), {"channels": 3, "kernel": 3, **_SIZE}),
            ((12, 24), {"channels": 2, "kernel": 1, **_SIZE}),
        ),
        linear=True,
        weight="(out, in, k, k)",
        weight_gradient="conv_weight({dy}, {0}, {rows}, {columns}, {kernel}, {g})",
        weight_shape=kernel_shape,
        bias="repeat({b}, {rows} * {columns})",
        bias_gradient="sum_channels({dy}, {channels}, {g})",
    ),
    "max-pool": Op(
        "max",
        "y = max of each 2×2",
        "pool({0}, {rows}, {columns}, {y})",
        (Rule("pool_back({dy}, {0}, {rows}, {columns}, {c})"),),
        _pooled,
        (((24,), dict(_SIZE)), ((25,), {"rows": 5, "columns": 5})),
    ),
}

PICTURE_CALLS: dict[str, Callable[..., Any]] = {
    call.__name__: call
    for call in (
        pictures.conv,
        pictures.conv_back,
        pictures.conv_weight,
        pictures.sum_channels,
        pictures.pool,
        pictures.pool_back,
    )
}
