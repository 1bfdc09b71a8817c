"""Numpy arrays (.npy, .npz): (T,), (T, I) or, time first, (T, B, I).

An .npz with an `x` holds inputs, with `lengths` (B,) and `targets` or `labels` if it likes; any
other is one series per array, in the order of the file, together a ragged batch.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine import files, npy
from engine.errors import Unusable
from engine.sequences.columns import Table, settle
from engine.sequences.sequence import Floats, Sequence, Strings, check_samples
from engine.sequences.source import Source
from engine.sequences.wording import number

Array = NDArray[Any]

LARGE = 1_000_000  # numbers
RECURRENT_WEIGHTS = ("_ih", "_hh")  # an .npz with both in its names is a model


def read_npy(source: Source) -> Sequence:
    """One array."""
    return _sequence(source, _series(npy.parse(source.data, source.name), source.name))


def read_npz(source: Source) -> Sequence:
    """Several arrays: inputs named `x`, or one series each."""
    arrays: dict[str, Array] = {}
    for member in files.members(source.data, source.name):
        if not member.name.endswith(".npy"):
            raise Unusable(
                f"{source.name} holds {member.name}; only .npy arrays are read:"
                " save it anew with numpy.savez"
            )
        name = member.name.removesuffix(".npy")
        arrays[name] = npy.parse_member(member, source.name, words=name == "labels")
    if not arrays:
        raise Unusable(f"{source.name} holds no arrays; save at least one with numpy.savez")
    if all(any(mark in name for name in arrays) for mark in RECURRENT_WEIGHTS):
        raise Unusable(
            f"{source.name} holds the weights of a model ({', '.join(list(arrays)[:4])}), not a"
            " sequence; give its inputs as an array x"
        )
    if "x" in arrays:
        return _inputs(source, arrays)
    series: list[Floats] = []
    for name, array in arrays.items():
        series += _series(array, f"{source.name}: {name}")
    return _sequence(source, series)


def _series(array: Array, name: str) -> list[Floats]:
    """The array as series of (T, I)."""
    if array.ndim not in (1, 2, 3):
        raise Unusable(
            f"{name} has the shape {array.shape}; (steps,), (steps, inputs) or"
            " (steps, sequences, inputs) is read: reshape it"
        )
    if array.size == 0:
        raise Unusable(f"{name} has the shape {array.shape}, without one number; give some")
    check_samples(array.size, name)
    # a long one stays as small as it was stored
    long = array.size > LARGE and array.dtype.kind in "iuf"
    with np.errstate(invalid="ignore"):  # some NaNs are reported when they are widened
        numbers = array if long else array.astype(np.float64)
    if array.ndim == 1:
        return [numbers[:, None]]
    return [numbers] if array.ndim == 2 else [numbers[:, b] for b in range(numbers.shape[1])]


def _inputs(source: Source, arrays: dict[str, Array]) -> Sequence:
    """Inputs `x` (T, B, I) with what goes with them."""
    known = ("x", "lengths", "targets", "labels")
    for name in arrays:
        if name not in known:
            raise Unusable(
                f"{source.name} holds {name} beside x; allowed are {', '.join(known)}: take it out"
            )
    series = _series(arrays["x"], f"{source.name}: x")
    lengths = _lengths(arrays.get("lengths"), series, source.name)
    columns = _names(series[0].shape[1], "x")
    roles = ["input"] * len(columns)
    if "targets" in arrays:
        targets = _series(arrays["targets"], f"{source.name}: targets")
        _check_beside("targets", targets, series, source.name)
        series = [np.hstack(pair) for pair in zip(series, targets)]
        columns += _names(targets[0].shape[1], "target ")
        roles += ["target"] * targets[0].shape[1]
    labels = _labels(arrays.get("labels"), series, lengths, source.name)
    series = [array[:length] for array, length in zip(series, lengths)]
    return _sequence(source, series, columns, tuple(roles), labels)


def _lengths(given: Array | None, series: list[Floats], name: str) -> list[int]:
    steps = len(series[0])
    if given is None:
        return [steps] * len(series)
    if given.shape != (len(series),) or given.dtype.kind not in "iu":
        raise Unusable(
            f"{name}: lengths has the shape {given.shape} of {given.dtype.name};"
            f" ({len(series)},) of integers is needed"
        )
    lengths = [int(length) for length in given]
    if not all(1 <= length <= steps for length in lengths):
        raise Unusable(
            f"{name}: lengths holds {min(lengths)} … {max(lengths)}; 1 … {steps} is allowed"
        )
    return lengths


def _check_beside(what: str, given: list[Floats], series: list[Floats], name: str) -> None:
    if len(given) != len(series) or len(given[0]) != len(series[0]):
        raise Unusable(
            f"{name}: {what} has {len(given[0])} steps of {len(given)} sequences, but x has"
            f" {len(series[0])} of {len(series)}; give {what} the shape (steps, sequences, outputs)"
        )


def _labels(
    given: Array | None, series: list[Floats], lengths: list[int], name: str
) -> tuple[Strings, ...]:
    """Class numbers or words, (B,) or (T, B), as names."""
    if given is None:
        return ()
    steps, size = len(series[0]), len(series)
    if given.shape not in ((size,), (steps, size)) or given.dtype.kind not in "biuU":
        raise Unusable(
            f"{name}: labels has the shape {given.shape} of {given.dtype.name};"
            f" ({size},) or ({steps}, {size}) of integers or words is needed"
        )
    spelled = str if given.dtype.kind == "U" else lambda label: number(int(label))
    if given.ndim == 1:
        return tuple((spelled(label),) for label in given)
    return tuple(
        tuple(spelled(label) for label in given[:length, b]) for b, length in enumerate(lengths)
    )


def _names(width: int, stem: str) -> Strings:
    return tuple(f"{stem}{c + 1}" for c in range(width))


def _sequence(
    source: Source,
    series: list[Floats],
    columns: Strings = (),
    roles: Strings = (),
    labels: tuple[Strings, ...] = (),
) -> Sequence:
    width = series[0].shape[1]
    for array in series:
        if array.shape[1] != width:
            raise Unusable(
                f"{source.name} holds series of {width} and of {array.shape[1]} inputs;"
                " give every series as many"
            )
    several = len(series) > 1
    table = Table(
        name=source.name,
        series=tuple(series),
        columns=columns or _names(width, "x"),
        roles=roles or ("input",) * width,
        place=lambda b, t, c: (
            f"{f'series {b + 1}, ' if several else ''}row {t + 1}, column {c + 1}"
        ),
        labels=labels,
    )
    return settle(table, source.reading.missing, source.title, source.origin)
