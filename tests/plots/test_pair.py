"""Two experiments in one plot: one axis, a line each, only what has happened, names that can be
told apart."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from tests.scene.films import SENTENCE, film
from tests.scene.marks import of, words
from tests.scene.test_sheet import LONG
from visualizer.plots.table import PLOTS, plot_picture
from visualizer.scene.picture import Picture, Polylines, Texts
from visualizer.scene.sheet import Sheet

GRAPH, PLOT = (1042.0, 800.0), (1042.0, 196.0)


def sheet(text: str = SENTENCE, other: str = SENTENCE, hand: int = 0, **settings: Any) -> Sheet:
    films = (film("lstm", text, **settings), film("elman", other, **settings))
    return Sheet(films, ("LSTM, gate bias 3", "RNN"), hand)


def drawn(both: Sheet, kind: str, s: float, scale: str = "log", **size: Any) -> Picture:
    view = both.fitted(*GRAPH, "auto", 0, None)
    return plot_picture(PLOTS[kind], both, both.frames_at(s), view, *PLOT, scale)


def line(here: Picture, place: int) -> np.ndarray:
    """The points of one line; of the two the legend's has two points at one height."""
    found = [i.points[0] for i in of(here, Polylines, f"pair-{place}")]
    return max(found, key=len)


@pytest.mark.parametrize("kind", PLOTS)
@pytest.mark.parametrize("s", [0.0, 0.3, 0.7, 1.0])
@pytest.mark.parametrize("text", [SENTENCE, LONG])
def test_every_plot_of_two(kind: str, s: float, text: str) -> None:
    both = sheet(SENTENCE, text)
    for scale in PLOTS[kind].scales:
        here = drawn(both, kind, s, scale)
        assert PLOTS[kind].title in words(here)
        for item in here.items:
            for name in item.__slots__:
                value = getattr(item, name)
                if isinstance(value, np.ndarray) and value.dtype.kind == "f":
                    assert np.isfinite(value).all()


def test_norms_of_both_on_one_log_axis() -> None:
    both = sheet()
    here = drawn(both, "norms", 1.0)
    edges = both.edges(both.fitted(*GRAPH, "auto", 0, None), GRAPH[0])
    norms = [np.asarray(movie.run.norms("h")) for movie in both.films]
    y = np.concatenate([line(here, place)[:, 1] for place in (1, 2)])
    for place in (1, 2):
        points = line(here, place)
        assert points[:, 0] == pytest.approx((edges[1:] + edges[:-1]) / 2), "in its step"
    slope, at = np.polyfit(np.log10(np.concatenate(norms)), y, 1)
    assert slope * np.log10(np.concatenate(norms)) + at == pytest.approx(y), "one axis"
    assert "‖δ(h_{t})‖, log" in words(here)


def test_only_what_has_happened_is_in_a_line() -> None:
    both = sheet()
    assert not of(drawn(both, "norms", 0.2), Texts, "pair-1-text")
    half = drawn(both, "norms", 0.7)
    done = [len(range(*frame.complete(0, 1))) for frame in both.frames_at(0.7)]
    assert 0 < min(done) < 5
    frames = both.frames_at(0.7)
    slots = [movie.network.segments[0].index("h") for movie in both.films]
    for place, (frame, slot) in enumerate(zip(frames, slots), 1):
        low, high = frame.complete(0, slot)
        assert len(line(half, place)) == high - low


@pytest.mark.parametrize("s", [0.5, 0.6, 0.7, 0.8, 1.0])
@pytest.mark.parametrize("scale", ["log", "linear"])
def test_names_stand_apart(s: float, scale: str) -> None:
    here = drawn(sheet(), "norms", s, scale)
    found = [i for place in (1, 2) for i in of(here, Texts, f"pair-{place}-text")]
    ys = sorted(float(item.positions[0, 1]) for item in found)
    assert all(b - a >= 14.9 for a, b in pairwise(ys))
    assert all(0 < y < PLOT[1] - 30 for y in ys)


def test_lines_are_named_in_the_legend_and_where_they_stand() -> None:
    here = drawn(sheet(), "norms", 0.7)
    assert {"A  LSTM, gate bias 3", "B  RNN"} <= set(words(here))
    ends = [words for words in words(here) if words.startswith(("A LSTM ", "B RNN "))]
    assert len(ends) == 2


def test_many_steps_keep_their_peaks() -> None:
    text = " ".join([SENTENCE] * 500)
    both = sheet(text, text, readout="last")
    here = drawn(both, "norms", 1.0)
    assert len(line(here, 1)) < GRAPH[0], "no more points than pixels"
    top = min(line(here, 1)[:, 1].min(), line(here, 2)[:, 1].min())
    assert top == pytest.approx(52.0, abs=25.0)


def test_a_plot_of_one_says_of_which() -> None:
    for hand, letter in enumerate("AB"):
        here = drawn(sheet(hand=hand), "gates", 1.0, "linear")
        assert [item.strings for item in of(here, Texts, "pair-letter")] == [(letter,)]
    assert "this cell has no gates" in words(here)
