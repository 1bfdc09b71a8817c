"""The referee: an eager reverse-mode tape on numpy vectors of one sequence, a record an operation.

It shares no code with `engine/`: every rule is written again here, as a pair of a value and a
pullback, and everything is recorded (value, delta, each contribution apart). Slow on purpose.
Nothing here knows of cells, batches or segments; those are spelt out in `cells`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Pullback = Callable[[Array], list[Array]]
Rule = tuple[Array, Pullback]


def sigmoid(z: Array) -> Array:
    """1/(1+e^-z) by halves, so that neither sign overflows."""
    small = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0 / (1.0 + small), small / (1.0 + small))


def log_softmax(s: Array) -> Array:
    """s - log Σ e^s, shifted by the largest entry."""
    shifted = s - s.max()
    return shifted - np.log(np.exp(shifted).sum())


def _elementwise(function: Callable[[Array], Array], slope: Callable[[Array, Array], Array]):
    """A rule of one input whose Jacobian is diagonal: `slope(input, output)`."""

    def rule(x: Array) -> Rule:
        y = function(x)
        return y, lambda d: [d * slope(x, y)]

    return rule


def _linear(
    *arrays: Array,
    columns: Sequence[tuple[int, int, int]],
    bias: bool,
    rows: tuple[int, int] | None = None,
) -> Rule:
    """Σ_k W_k[:, a:b] x_k (+ c). Arrays: x_0 … x_n, the distinct matrices, the bias.

    `columns[k]` = (which matrix, a, b). `rows` takes a block of rows of all matrices and the bias.
    """
    n = len(columns)
    block = slice(*rows) if rows else slice(None)
    xs, matrices = arrays[:n], arrays[n : len(arrays) - bias]
    y = sum(matrices[m][block, a:b] @ x for x, (m, a, b) in zip(xs, columns, strict=True))
    if bias:
        y = y + arrays[-1][block]

    def pull(d: Array) -> list[Array]:
        to_xs = [matrices[m][block, a:b].T @ d for m, a, b in columns]
        to_parameters = [np.zeros_like(w) for w in arrays[n:]]
        for x, (m, a, b) in zip(xs, columns, strict=True):
            to_parameters[m][block, a:b] += np.outer(d, x)
        if bias:
            to_parameters[-1][block] = d
        return to_xs + to_parameters

    return np.asarray(y), pull


def _offsets(kernel: int, rows: int, columns: int):
    """(a, b, r, c, r', c'): at pixel (r, c) the entry (a, b) of a kernel stands over (r', c')."""
    for a, b, r, c in np.ndindex(kernel, kernel, rows, columns):
        over = r + a - kernel // 2, c + b - kernel // 2
        if 0 <= over[0] < rows and 0 <= over[1] < columns:
            yield a, b, r, c, *over


def _conv(
    *arrays: Array, columns: Sequence[tuple[int, int, int]], bias: bool, size: tuple[int, int]
) -> Rule:
    """Σ_k W_k[:, a:b] ∗ x_k (+ c), cross-correlation pixel by pixel; arguments as of linear.

    The columns of a kernel are channels of its input; `size` is (rows, columns) of the pictures.
    """
    n = len(columns)
    pictures = [x.reshape(-1, *size) for x in arrays[:n]]
    kernels = [arrays[n + m][:, a:b] for m, a, b in columns]
    y = np.zeros((len(kernels[0]), *size))
    for x, w in zip(pictures, kernels, strict=True):
        for a, b, r, c, p, q in _offsets(w.shape[-1], *size):
            y[:, r, c] += w[:, :, a, b] @ x[:, p, q]
    if bias:
        y += arrays[-1][:, None, None]

    def pull(d: Array) -> list[Array]:
        d = d.reshape(y.shape)
        to_xs = [np.zeros_like(x) for x in pictures]
        to_parameters = [np.zeros_like(w) for w in arrays[n:]]
        for k, (m, low, high) in enumerate(columns):
            for a, b, r, c, p, q in _offsets(kernels[k].shape[-1], *size):
                to_xs[k][:, p, q] += kernels[k][:, :, a, b].T @ d[:, r, c]
                to_parameters[m][:, low:high, a, b] += np.outer(d[:, r, c], pictures[k][:, p, q])
        if bias:
            to_parameters[-1][...] = d.sum((1, 2))
        return [x.ravel() for x in to_xs] + to_parameters

    return y.ravel(), pull


def _max_pool(x: Array, *, size: tuple[int, int]) -> Rule:
    """The largest of each 2×2, the first of equal ones; what is left over at the end is unread."""
    whole = x.reshape(-1, *size)
    channels, rows, columns = len(whole), size[0] // 2, size[1] // 2
    taken = np.zeros((channels, rows, columns), int)
    places = np.arange(x.size).reshape(whole.shape)
    for k, r, c in np.ndindex(channels, rows, columns):
        square = (k, slice(2 * r, 2 * r + 2), slice(2 * c, 2 * c + 2))
        taken[k, r, c] = places[square].ravel()[whole[square].argmax()]

    def pull(d: Array) -> list[Array]:
        sent = np.zeros_like(x)
        sent[taken.ravel()] = d
        return [sent]

    return x[taken.ravel()], pull


def _concat(*parts: Array) -> Rule:
    edges = np.cumsum([p.size for p in parts])[:-1]
    return np.concatenate(parts), lambda d: list(np.split(d, edges))


def _slice(x: Array, *, low: float, high: float) -> Rule:
    window = slice(int(low), int(high))

    def pull(d: Array) -> list[Array]:
        whole = np.zeros_like(x)
        whole[window] = d
        return [whole]

    return x[window].copy(), pull


def _softmax(s: Array) -> Rule:
    p = np.exp(log_softmax(s))
    return p, lambda d: [p * (d - (d * p).sum())]


def _log_softmax(s: Array) -> Rule:
    q = log_softmax(s)
    return q, lambda d: [d - np.exp(q) * d.sum()]


def _cross_entropy(s: Array, *, target: int) -> Rule:
    q = log_softmax(s)
    one_hot = np.eye(s.size)[target]
    return np.array([-q[target]]), lambda d: [d[0] * (np.exp(q) - one_hot)]


def _squared_error(s: Array, *, target: Array) -> Rule:
    return np.array([((s - target) ** 2).sum()]), lambda d: [2.0 * d[0] * (s - target)]


def _attention(*arrays: Array, scale: float) -> Rule:
    """One query, then n keys, then n values: Σ_s α_s v_s with α = softmax(scale · q·k_s)."""
    n = len(arrays) // 2
    q, keys, values = arrays[0], np.array(arrays[1 : n + 1]), np.array(arrays[n + 1 :])
    alpha = np.exp(log_softmax(scale * (keys @ q)))

    def pull(d: Array) -> list[Array]:
        slope = values @ d
        ds = scale * alpha * (slope - alpha @ slope)
        return [ds @ keys, *np.outer(ds, q), *np.outer(alpha, d)]

    return alpha @ values, pull


RULES: dict[str, Callable[..., Rule]] = {
    "linear": _linear,
    "conv": _conv,
    "max_pool": _max_pool,
    "add": lambda *xs: (sum(xs), lambda d: [d.copy() for _ in xs]),
    "sub": lambda x, y: (x - y, lambda d: [d.copy(), -d]),
    "mul": lambda x, y: (x * y, lambda d: [d * y, d * x]),
    "scale": lambda x, *, factor, shift=0.0: (factor * x + shift, lambda d: [factor * d]),
    "tanh": _elementwise(np.tanh, lambda x, y: 1.0 - y * y),
    "sigmoid": _elementwise(sigmoid, lambda x, y: y * (1.0 - y)),
    "relu": _elementwise(lambda x: np.maximum(x, 0.0), lambda x, y: (x > 0).astype(float)),
    "identity": _elementwise(np.copy, lambda x, y: np.ones_like(x)),
    "exp": _elementwise(np.exp, lambda x, y: y),
    "log": _elementwise(np.log, lambda x, y: 1.0 / x),
    "abs": _elementwise(np.abs, lambda x, y: np.sign(x)),
    "square": _elementwise(np.square, lambda x, y: 2.0 * x),
    "sum": lambda x: (np.array([x.sum()]), lambda d: [np.full_like(x, d[0])]),
    "mean": lambda x: (np.array([x.mean()]), lambda d: [np.full_like(x, d[0] / x.size)]),
    "div": lambda x, y: (x / y, lambda d: [d / y, -d * x / (y * y)]),
    "power": lambda x, *, p: (x**p, lambda d: [d * p * x ** (p - 1.0)]),
    "sqrt": _elementwise(np.sqrt, lambda x, y: 0.5 / np.sqrt(x)),
    "sin": _elementwise(np.sin, lambda x, y: np.cos(x)),
    "cos": _elementwise(np.cos, lambda x, y: -np.sin(x)),
    "repeat": lambda x, *, n: (np.repeat(x, n), lambda d: [np.array([d.sum()])]),
    "concat": _concat,
    "attention": _attention,
    "flatten": _concat,
    "slice": _slice,
    "softmax": _softmax,
    "log_softmax": _log_softmax,
    "cross_entropy": _cross_entropy,
    "squared_error": _squared_error,
    "embedding": lambda table, *, token: (
        table[token].copy(),
        lambda d: [np.outer(np.eye(len(table))[token], d)],
    ),
    "carry": lambda x, *, mask: (x.copy(), lambda d: [d * mask]),
    "hold": lambda x, y, *, mask: (
        np.where(mask > 0, x, y),
        lambda d: [np.where(mask > 0, d, 0.0), np.where(mask > 0, 0.0, d)],
    ),
    "dropout": lambda x, *, mask: (x * mask, lambda d: [d * mask]),
}


@dataclass(slots=True)
class Record:
    """One operation: what it read (parent, part of the last axis or None), and all its numbers."""

    value: Array
    parents: tuple[tuple[int, tuple[int, int] | None], ...] = ()
    pull: Pullback | None = None
    name: object = None
    delta: Array | None = None
    contributions: list[tuple[int, int, Array]] = field(default_factory=list)
    """(consumer, position, what it sent), in order of arrival."""
    positions: tuple[int, ...] = ()
    """Which input of a slot each parent is, where one input reads many steps."""


class Tape:
    """Operations in the order in which they were done; reads them back in reverse."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def leaf(self, value: object, name: object = None) -> int:
        """A value that nothing computes: an input, a parameter, an initial state."""
        self.records.append(Record(np.array(value, float), name=name))
        return len(self.records) - 1

    def do(self, op: str, *inputs: object, name: object = None, **constants: object) -> int:
        """Apply an op of RULES. An input is an index, or (index, (start, stop)) for a part."""
        parents = tuple(i if isinstance(i, tuple) else (i, None) for i in inputs)
        values = [
            self.records[i].value if part is None else self.records[i].value[slice(*part)]
            for i, part in parents
        ]
        value, pull = RULES[op](*values, **constants)
        self.records.append(Record(value, parents, pull, name))
        return len(self.records) - 1

    def backward(self, seeds: dict[int, object]) -> None:
        """Fill delta and contributions of every record from ∂ℒ/∂(record) given in `seeds`."""
        for record in self.records:
            record.delta = np.zeros_like(record.value)
            record.contributions.clear()
        for index, seed in seeds.items():
            self.records[index].delta += seed
        for index in range(len(self.records) - 1, -1, -1):
            record = self.records[index]
            if record.pull is None:
                continue
            sent = record.pull(record.delta)
            for position, ((parent, part), array) in enumerate(zip(record.parents, sent)):
                source = self.records[parent]
                source.contributions.append((index, position, array))
                source.delta[slice(*part) if part else ...] += array
