"""The table of costs: the three side by side, the run itself marked, the same at every moment."""

from __future__ import annotations

import numpy as np
import pytest

from engine.cost import Cost, beside, cost_of
from tests.scene.films import film
from tests.scene.marks import of, words
from visualizer.plots.cost import cost_picture, cost_words, rows_of, size_words
from visualizer.scene.compose import fit
from visualizer.scene.film import Film
from visualizer.scene.picture import Picture, Rects


def draw(movie: Film, width: float = 1000.0, height: float = 196.0) -> Picture:
    view = fit(movie, 914, 590)
    return cost_picture(movie, movie.frame_at(0.0), view, width, height)


def test_numbers_are_those_that_were_counted() -> None:
    movie = film("lstm")
    told = words(draw(movie))
    for cost in (cost_of(movie.run), *beside(movie.run).values()):
        for text in (f"{cost.parameters:,}", f"{cost.forward:,}", size_words(cost.bytes)):
            assert text in told
    assert {"padded", "shared", "LSTM"} <= set(told)


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({}, "RNN"),
        ({"readout": "last"}, "shared"),
        ({"arrangement": "padded"}, "padded"),
        ({"arrangement": "attention"}, "Attention"),
    ],
)
def test_the_run_itself_is_the_marked_row(settings: dict[str, str], name: str) -> None:
    movie = film("elman", **settings)
    assert [row.name for row in rows_of(movie) if row.here] == [name]
    assert len(of(draw(movie), Rects, "table-row")) == 1


def test_bars_are_as_long_as_their_numbers_and_end_before_them() -> None:
    movie = film("elman")
    here = draw(movie)
    bars = np.concatenate([i.boxes for i in of(here, Rects) if i.style.startswith("bar-")])
    bars = bars[bars[:, 1] > 30]  # without the legend
    wide = [bars[bars[:, 1] == y][:, 2].sum() for y in np.unique(bars[:, 1])]
    costs = [row.cost.forward for row in rows_of(movie)]
    np.testing.assert_allclose(np.array(wide) / max(wide), np.array(costs) / max(costs), atol=0.03)
    assert (bars[:, 0] + bars[:, 2]).max() < 1000 - 20 - 232 - 40


@pytest.mark.parametrize("width", [500.0, 722.0, 1600.0])
@pytest.mark.parametrize("height", [120.0, 196.0])
def test_rows_stay_inside(width: float, height: float) -> None:
    here = draw(film("gru"), width, height)
    rows = of(here, Rects, "table-row")[0].boxes
    assert (rows[:, 1] + rows[:, 3] <= height).all()
    assert ("H·T·I + H + readout" in words(here)) == (width >= 860)


def test_what_writes_after_it_has_read_stands_alone() -> None:
    movie = film("elman", readout="after")
    assert [row.name for row in rows_of(movie)] == ["RNN"]
    assert not any("one loss at the end" in w for w in words(draw(movie)))
    assert any("padded, per-layer, shared with one loss" in w for w in words(draw(film("gru"))))


def test_words() -> None:
    cost = Cost(157, 720, 1480, 0, 160, 7480)
    assert (
        cost_words(cost) == "720 multiply–adds forward (22 % by zero), 1,480 backward, 7.48 kB kept"
    )
    assert [size_words(n) for n in (999, 1500, 2_340_000, 5e9)] == [
        "999 B", "1.5 kB", "2.34 MB", "5 GB",
    ]  # fmt: skip
