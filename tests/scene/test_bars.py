"""Bars of a parameter's terms: as many as there are pixels, and numbers that stand apart."""

from __future__ import annotations

import numpy as np
import pytest

from tests.scene.marks import of
from visualizer.scene.bars import terms_picture
from visualizer.scene.picture import Rects, Texts
from visualizer.styles import STYLES
from visualizer.typeset import width_of

WIDTH = 306.0


@pytest.mark.parametrize("first", [0, 3, 999_990])
@pytest.mark.parametrize("steps", [1, 2, 5, 40, 100, 305, 307, 1_000, 60_000])
def test_numbers_below_the_bars_are_round_and_apart(steps: int, first: int) -> None:
    here = terms_picture(np.ones(steps), 0, "accumulate", WIDTH, 120.0, first=first)
    words = of(here, Texts)[-1]
    numbers = [int(word) for word in words.strings]
    assert numbers and first < numbers[0] and numbers[-1] <= first + steps
    every = np.diff(numbers[1:])
    assert len(set(every)) <= 1 and all(str(e).strip("0") in ("1", "2", "5") for e in every)
    assert all(number % e == 0 for number, e in zip(numbers[1:], every))
    half = np.array([width_of(word, STYLES["cell-number"]) / 2 for word in words.strings])
    left, right = words.positions[:, 0] - half, words.positions[:, 0] + half
    assert (left[1:] - right[:-1] >= 4.0).all()
    assert left[0] >= -0.01 and right[-1] <= WIDTH + 0.01


@pytest.mark.parametrize("steps", [60, 200, 305, 307, 60_000])
def test_close_bars_fill_whole_pixels_without_gaps(steps: int) -> None:
    here = terms_picture(np.ones(steps), 0, "accumulate", WIDTH, 120.0)
    boxes = of(here, Rects, "bar-own")[0].boxes
    ends = boxes[:, 0] + boxes[:, 2]
    assert len(boxes) == min(steps, WIDTH) and boxes[0, 0] == 0 and ends[-1] == WIDTH
    assert np.array_equal(boxes[1:, 0], ends[:-1]) and np.array_equal(ends, np.rint(ends))


def test_a_pixel_has_the_largest_of_its_terms() -> None:
    norms = np.full(60_000, 0.1)
    norms[[7, 31_000, 59_999]] = 1.0
    boxes = of(terms_picture(norms, 0, "accumulate", WIDTH, 120.0), Rects, "bar-own")[0].boxes
    tall = np.flatnonzero(boxes[:, 3] == boxes[:, 3].max())
    assert tall.tolist() == [0, 31_000 * 306 // 60_000, 305]
