"""Mean 0 and deviation 1: of columns of numbers, however many steps they have."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from engine.sequences.sequence import Floats, Sequence
from engine.sequences.signal import BLOCK

MOST = 16  # blocks up to which all steps are looked at


@dataclass(frozen=True, slots=True)
class Scaling:
    """Mean and standard deviation per column; raw = value * scale + mean."""

    means: tuple[float, ...]
    scales: tuple[float, ...]

    @staticmethod
    def of(series: list[Floats]) -> Scaling:
        """Over all steps of all series. A constant column keeps the scale 1 and becomes 0."""
        stacked = np.concatenate(series)
        largest = np.abs(stacked).max(axis=0)
        # 1e308 squared would overflow; a power of two changes no digit
        unit = np.where(largest > 1e-300, np.ldexp(1.0, np.frexp(largest)[1] - 1), 1.0)
        small = stacked / unit
        means = small.mean(axis=0)
        deviations = small.std(axis=0)
        constant = deviations < 1e-14
        scales = np.where(constant, np.maximum(1.0, unit), deviations * unit)
        # the mean of equal numbers is rounded, and its rounding is no signal
        centres = np.where(constant, stacked[0], means * unit)
        return Scaling(tuple(centres.tolist()), tuple(scales.tolist()))

    def apply(self, raw: Floats) -> Floats:
        # halved, since the difference of two numbers near ±1e308 would overflow
        half = raw * 0.5 - np.array(self.means) * 0.5
        scaled: Floats = half / (np.array(self.scales) * 0.5)
        return scaled


@lru_cache(maxsize=4)
def scaling_of(sequence: Sequence, role: str) -> Scaling:
    """Of all steps of the columns with a role, whichever of them are recorded; of the longest
    signals, of blocks spread evenly over them. A column that is fed `as_is` has mean 0, scale 1."""
    chosen = [c for c, each in enumerate(sequence.roles) if each == role]
    found = _found(sequence, chosen)
    as_is = [sequence.columns[c] in sequence.as_is for c in chosen]
    means = (0.0 if spared else mean for mean, spared in zip(found.means, as_is))
    scales = (1.0 if spared else scale for scale, spared in zip(found.scales, as_is))
    return Scaling(tuple(means), tuple(scales))


def _found(sequence: Sequence, chosen: list[int]) -> Scaling:
    if sum(map(len, sequence.series)) <= BLOCK:
        return Scaling.of([np.asarray(each[:], np.float64)[:, chosen] for each in sequence.series])
    count, total, squares = 0, np.zeros(len(chosen)), np.zeros(len(chosen))
    begin = next(_blocks(sequence, chosen))
    # numbers about as large as the first ones: their squares neither overflow nor cancel
    middle = begin.mean(0)
    unit = np.maximum(np.abs(begin - middle).max(0), np.abs(middle) * 1e-12 + 1e-300)
    for block in _blocks(sequence, chosen):
        block = (block - middle) / unit
        count += len(block)
        total += block.sum(0)
        squares += np.einsum("ti,ti->i", block, block)
    mean = total / count
    deviation = np.sqrt(np.maximum(squares / count - mean * mean, 0))
    scales = np.where(deviation > 1e-12, deviation * unit, 1.0)
    return Scaling(tuple((mean * unit + middle).tolist()), tuple(scales.tolist()))


def _blocks(sequence: Sequence, columns: list[int]) -> Iterator[Floats]:
    places = [(each, low) for each in sequence.series for low in range(0, len(each), BLOCK)]
    share = min(MOST * BLOCK / sum(map(len, sequence.series)), 1.0)
    chosen = np.linspace(0, len(places) - 1, math.ceil(len(places) * share)).astype(int)
    for each, low in (places[k] for k in chosen):
        yield np.asarray(each[low : low + BLOCK], np.float64)[:, columns]
