"""Ranks and columns: the strongest of many steps, however they are asked for."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from visualizer.scene.extremes import (
    SLICE,
    Columns,
    Extremes,
    columns_of,
    gathered,
    levels_of,
    ranks_of,
)
from visualizer.scene.layers.band_cells import log_place
from visualizer.scene.picture import level_of

WIDTHS = [0.001, 0.0137, 0.2, 0.31, 0.5, 0.77, 0.999, 1.0, 1.37, 2.0, 7.7, 40.0]


def numbers(steps: int, units: int = 3) -> np.ndarray:
    rng = np.random.default_rng(steps)
    return rng.standard_normal((steps, units)) * np.exp(2 * rng.standard_normal((steps, units)))


def strongest(block: np.ndarray) -> np.ndarray:
    """The plain way: of every unit the entry of largest magnitude; NaN where one is not finite."""
    top, low = block.max(axis=0), block.min(axis=0)
    return np.where(np.abs(top) >= np.abs(low), top, low)


def kept(levels: np.ndarray, signed: bool = True) -> Extremes:
    return Extremes(*levels.shape, lambda low, high: ranks_of(levels[low:high], signed))


@pytest.mark.parametrize("signed", [True, False])
def test_ranks_are_an_order_of_all_levels(signed: bool) -> None:
    every = np.arange(256, dtype=np.uint8)
    ranks = ranks_of(every, signed)
    assert sorted(ranks.tolist()) == every.tolist()
    assert np.array_equal(levels_of(ranks, signed), every)
    assert ranks[0] == 255  # what is not finite shows through everything
    away = np.abs(every[1:].astype(int) - (128 if signed else 1))
    assert np.all(np.diff(away[np.argsort(ranks[1:])]) >= 0)


@pytest.mark.parametrize("wide", WIDTHS)
@pytest.mark.parametrize("steps", [1, 2, 63, 1000, 20_011])
def test_columns_are_the_plain_strongest(steps: int, wide: float) -> None:
    """Of the values themselves, as levels; of two that are equally far either may be meant."""
    values = numbers(steps)
    columns = columns_of(wide, 5, steps, -20, int((steps + 30) * wide) + 2)
    found = levels_of(kept(level_of(values, 2.0)).strongest(columns)).astype(int)
    for n, (a, z) in enumerate(zip(columns.starts, columns.stops)):
        block = values[a * columns.block : z * columns.block]
        plain = level_of(strongest(block), 2.0).astype(int)
        assert np.array_equal(np.abs(found[n] - 128), np.abs(plain - 128))


@pytest.mark.parametrize("wide", WIDTHS)
def test_every_step_is_in_one_column_and_within_half_a_pixel(wide: float) -> None:
    steps, begin = 5_003, 11
    columns = columns_of(wide, begin, steps, 0, int((steps + begin) * wide) + 2)
    seen = np.concatenate(
        [np.arange(a, z) for a, z in zip(columns.starts, columns.stops)]
        if wide <= 1
        else [columns.starts[np.diff(columns.starts, prepend=-1) > 0]]
    )
    assert np.array_equal(seen, np.arange(-(-steps // columns.block)))
    left = (columns.starts * columns.block + begin) * wide
    number = np.arange(columns.first, columns.last)
    slack = 0.5 if wide < 1 else wide
    assert np.all(left - number <= max(slack, 1.0) + 1e-9) and np.all(left - number >= -slack)


@pytest.mark.parametrize("wide", WIDTHS)
def test_any_split_has_the_same_columns(wide: float) -> None:
    levels = level_of(numbers(4_000), 2.0)
    last = int(4_000 * wide) + 3
    whole = columns_of(wide, 3, 4_000, -5, last)
    ranks = kept(levels).strongest(whole)
    rng = np.random.default_rng(1)
    cuts = [-5, *sorted(rng.integers(-5, last, 6).tolist()), last]
    parts = [columns_of(wide, 3, 4_000, a, z) for a, z in pairwise(cuts)]
    again = np.concatenate([kept(levels).strongest(part) for part in parts])
    assert np.array_equal(ranks, again)
    assert np.array_equal(whole.starts, np.concatenate([part.starts for part in parts]))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30, -1e30])
def test_spikes_and_what_is_not_finite_survive(value: float) -> None:
    values = np.clip(numbers(40_000, 2), -0.5, 0.5)
    values[23_456, 1] = value
    ranks = kept(level_of(values, 1.0)).strongest(columns_of(0.01, 0, 40_000, 0, 400))
    found = levels_of(ranks)
    expected = level_of(np.array([value]), 1.0)[0]
    assert found[234, 1] == expected and expected in (0, 1, 255)
    assert np.count_nonzero(found == expected) == 1


def test_slices_are_made_when_they_are_needed_or_ahead() -> None:
    asked: list[tuple[int, int]] = []
    levels = level_of(numbers(3 * SLICE + 7, 1), 2.0)

    def ranks(low: int, high: int) -> np.ndarray:
        asked.append((low, high))
        return ranks_of(levels[low:high])

    extremes = Extremes(*levels.shape, ranks)
    near = columns_of(1.0, 0, len(levels), 2 * SLICE + 10, 2 * SLICE + 20)
    assert np.array_equal(extremes.strongest(near), kept(levels).strongest(near))
    assert asked == [(2 * SLICE, 3 * SLICE)]
    assert len(list(extremes.made())) == 3 and len(asked) == 4
    far = columns_of(1e-5, 0, len(levels), 0, 4)
    assert np.array_equal(extremes.strongest(far), kept(levels).strongest(far))
    assert len(asked) == 4


def test_inside_are_columns_all_of_whose_steps_are_there() -> None:
    columns = columns_of(0.25, 0, 100, 0, 25)
    assert columns.block == 2
    assert columns.inside(0, 100) == (0, 25)
    assert columns.inside(5, 41) == (2, 10)
    assert columns.inside(0, 0) == (0, 0)
    low, high = columns.inside(7, 7)
    assert low == high


def test_units_are_gathered_like_steps() -> None:
    levels = level_of(numbers(50, 11), 2.0)
    rows = levels_of(gathered(ranks_of(levels), 4)).astype(int)
    starts = np.arange(5) * 11 // 4
    for n, (a, z) in enumerate(pairwise(starts)):
        away = np.abs(levels[:, a:z].astype(int) - 128).max(axis=1)
        assert np.array_equal(np.abs(rows[n] - 128), away)
    assert gathered(ranks_of(levels), 16).shape == (11, 50)


def test_nothing_is_nowhere() -> None:
    empty = columns_of(0.5, 10, 20, 0, 3)
    assert isinstance(empty, Columns) and not len(empty.starts)
    assert kept(level_of(numbers(20), 1.0)).strongest(empty).shape == (0, 3)
    none = columns_of(0.5, 2, 0, 0, 10)
    assert not len(none.starts) and none.inside(0, 0) == (none.first, none.first)
    behind = columns_of(3.0, 0, 4, 12, 20)
    assert not len(behind.starts)


def test_places_of_deltas_are_those_of_their_logarithm() -> None:
    values = np.array([0.0, -0.0, 1.0, -1.0, 1e-3, -1e-3, 1e-9, 5.0, np.nan, np.inf, -np.inf])
    expected = [0.0, 0.0, 1.0, -1.0, 0.5, -0.5, 0.0, 1.0, np.nan, np.nan, np.nan]
    assert np.allclose(log_place(values, 1.0), expected, equal_nan=True)
    narrow = log_place(values.astype(np.float32), 1.0)
    assert narrow.dtype == np.float32 and np.allclose(narrow, expected, equal_nan=True, atol=1e-6)
