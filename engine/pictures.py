"""Pictures: convolution and max pooling, forward and backward, for one step or for all at once.

A picture is a flat last axis of channels · rows · columns numbers, channel after channel; any axes
stand before it, (B,) or (T, B). Convolution is cross-correlation with stride 1 and zeros around
the picture, as deep learning has it; kernels are (out, in, k, k) with k odd. Real and complex
numbers both work. These are the functions that the rows of `engine.picture_ops` call; the array
that a result is written into comes last and may be left out.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

Array = np.ndarray[Any, np.dtype[Any]]

SEEN_AT_ONCE = 2_000_000  # numbers under the kernel that are laid out side by side
POOL = 2  # side of the squares of which max pooling keeps the largest number


def conv(x: Array, w: Array, rows: int, columns: int, out: Array | None = None) -> Array:
    """y[o, r, c] = Σ_{i, a, b} w[o, i, a, b] · x[i, r + a − k//2, c + b − k//2]."""
    heights, channels, kernel = w.shape[0], w.shape[1], w.shape[2]
    pictures = x.reshape(-1, channels, rows, columns)
    flat = w.reshape(heights, -1)
    pieces = [flat @ _seen(part, kernel) for part in _parts(pictures, kernel)]
    return _result(_joined(pieces), (*x.shape[:-1], heights * rows * columns), out)


def conv_back(dy: Array, w: Array, rows: int, columns: int, out: Array | None = None) -> Array:
    """δ of the input: each output sends to what it has seen, through the kernel turned about."""
    return conv(dy, w[:, :, ::-1, ::-1].transpose(1, 0, 2, 3), rows, columns, out)


def conv_weight(
    dy: Array, x: Array, rows: int, columns: int, kernel: int, out: Array | None = None
) -> Array:
    """Gradient of the kernel (out, in, k, k), summed over all axes before the last."""
    pixels = rows * columns
    heights, channels = dy.shape[-1] // pixels, x.shape[-1] // pixels
    pictures = x.reshape(-1, channels, rows, columns)
    deltas = dy.reshape(-1, heights, pixels)
    total = np.zeros((heights, channels * kernel * kernel), np.result_type(dy, x))
    done = 0
    for part in _parts(pictures, kernel):
        own = deltas[done : done + len(part)]
        total += (own @ _seen(part, kernel).transpose(0, 2, 1)).sum(0)
        done += len(part)
    return _result(total, (heights, channels, kernel, kernel), out)


def conv_terms(dy: Array, x: Array, rows: int, columns: int, kernel: int) -> Array:
    """The gradient of the kernel step by step: (T, out, in, k, k) from (T, B, width) each."""
    terms = [conv_weight(d, a, rows, columns, kernel) for d, a in zip(dy, x, strict=True)]
    return np.stack(terms)


def sum_channels(dy: Array, channels: int, out: Array | None = None) -> Array:
    """Gradient of a bias a channel: (channels,), summed over pixels and all axes before."""
    return _result(dy.reshape(-1, channels, dy.shape[-1] // channels).sum((0, 2)), (channels,), out)


def pool(x: Array, rows: int, columns: int, out: Array | None = None) -> Array:
    """The largest of each square of 2×2; an odd row or column at the end is left out.

    Of complex numbers the real parts decide; of equal ones the first, row by row, is taken.
    """
    squares = _squares(x, rows, columns)
    found = np.take_along_axis(squares, np.real(squares).argmax(-1)[..., None], -1)
    return _result(found, (*x.shape[:-1], _pooled(x.shape[-1], rows, columns)), out)


def pool_back(dy: Array, x: Array, rows: int, columns: int, out: Array | None = None) -> Array:
    """δ of the input: all of it goes to the number that was taken, nothing to the others."""
    squares = _squares(x, rows, columns)
    largest = np.real(squares).argmax(-1)[..., None]
    sent = np.zeros(squares.shape, dy.dtype)
    np.put_along_axis(sent, largest, dy.reshape(largest.shape), -1)
    n, channels, high, wide = squares.shape[:4]
    whole = np.zeros((n, channels, rows, columns), dy.dtype)
    laid = sent.reshape(n, channels, high, wide, POOL, POOL).transpose(0, 1, 2, 4, 3, 5)
    whole[:, :, : high * POOL, : wide * POOL] = laid.reshape(n, channels, high * POOL, wide * POOL)
    return _result(whole, x.shape, out)


def _result(found: Array, shape: tuple[int, ...], out: Array | None) -> Array:
    found = found.reshape(shape)
    if out is None:
        return found
    np.copyto(out, found)
    return out


def _parts(pictures: Array, kernel: int) -> list[Array]:
    """The pictures (N, C, rows, columns) in pieces that do not take too much memory."""
    each = pictures[0].size * kernel * kernel if len(pictures) else 1
    count = max(1, SEEN_AT_ONCE // each)
    return [pictures[k : k + count] for k in range(0, max(len(pictures), 1), count)]


def _joined(pieces: list[Array]) -> Array:
    return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)


def _seen(pictures: Array, kernel: int) -> Array:
    """What the kernel sees at every pixel, (N, C·k·k, rows·columns)."""
    n, channels, rows, columns = pictures.shape
    pad = kernel // 2
    padded = np.zeros((n, channels, rows + 2 * pad, columns + 2 * pad), pictures.dtype)
    padded[:, :, pad : pad + rows, pad : pad + columns] = pictures
    of, channel, row, column = padded.strides
    seen = as_strided(
        padded,
        (n, channels, kernel, kernel, rows, columns),
        (of, channel, row, column, row, column),
        writeable=False,
    )
    return seen.reshape(n, channels * kernel * kernel, rows * columns)


def _squares(x: Array, rows: int, columns: int) -> Array:
    """(N, C, rows // 2, columns // 2, 4)."""
    high, wide = rows // POOL, columns // POOL
    pictures = x.reshape(-1, x.shape[-1] // (rows * columns), rows, columns)
    inner = pictures[:, :, : high * POOL, : wide * POOL]
    cut = inner.reshape(*inner.shape[:2], high, POOL, wide, POOL)
    return cut.transpose(0, 1, 2, 4, 3, 5).reshape(*inner.shape[:2], high, wide, POOL * POOL)


def _pooled(width: int, rows: int, columns: int) -> int:
    return width // (rows * columns) * (rows // POOL) * (columns // POOL)
