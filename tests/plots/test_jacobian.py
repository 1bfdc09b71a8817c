"""The Jacobian lens: what is drawn is what was measured, and no more than has happened."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from engine.template import Node
from tests.scene.films import film
from tests.scene.marks import of, words
from visualizer.plots.axes import TOP
from visualizer.plots.jacobian import _cut, jacobian_picture, lens_of, power
from visualizer.scene.compose import fit
from visualizer.scene.film import Film
from visualizer.scene.picture import Picture, Polylines

SIZE = (914.0, 300.0)
LONG = " ".join("abc"[k * k % 3] for k in range(60))


def draw(movie: Film, s: float, **look: Any) -> Picture:
    return jacobian_picture(movie, movie.frame_at(s), replace(fit(movie, 914, 590), **look), *SIZE)


def points(here: Picture, style: str) -> int:
    """How many points the lines of a style have, that in the legend aside."""
    lines = [p for i in of(here, Polylines, style) for p in i.points]
    return sum(len(p) for p in lines if p[0, 1] > 30.0)


def test_forward_shows_the_factors_and_backward_their_product() -> None:
    movie = film("elman")
    assert points(draw(movie, 0.0), "line-3") == 0
    behind = draw(movie, movie.phases[1][0] / movie.events)
    assert points(behind, "line-3") == 5 and points(behind, "line-1") == 0
    n = movie.find("δ(h2)")
    here = draw(movie, (n + 1) / movie.events)
    assert points(here, "line-1") == 4 == points(here, "line-6")
    lens = lens_of(movie, 0, 0)
    assert f"product of 3 factors: {power(float(lens.product[1]), 7)}" in words(here)
    for log in lens.product[1:]:
        assert power(float(log)) in words(here)


def test_the_product_of_ten_halves() -> None:
    movie = film("elman", LONG, nonlinearity="identity", hidden=1, sigma=0.5, direction="forward")
    lens = lens_of(movie, 0, 0)
    assert power(float(lens.product[-11])) == "9.8e−4"
    assert lens.bound is not None and lens.linear is not None
    np.testing.assert_allclose(lens.product, lens.bound, atol=1e-12)
    np.testing.assert_allclose(lens.product, lens.linear, atol=1e-12)
    assert "σ₁(W) = 0.50 < 1: vanishing is certain" in lens.verdict


@pytest.mark.parametrize(
    ("nonlinearity", "sigma", "told"),
    [
        ("tanh", 2.0, "σ₁(W) = 2.00 > 1: exploding is possible"),
        ("sigmoid", 2.0, "¼σ₁(W) = 0.50 < 1: vanishing is certain"),
        ("relu", 1.0, "σ₁(W) = 1.00 = 1: neither is certain"),
    ],
)
def test_the_verdict_of_the_theory(nonlinearity: str, sigma: float, told: str) -> None:
    movie = film("elman", nonlinearity=nonlinearity, sigma=sigma)
    assert any(told in w for w in words(draw(movie, 1.0)))


def test_no_product_is_above_its_bound() -> None:
    lens = lens_of(film("elman", LONG, gain=1.5), 0, 0)
    assert lens.bound is not None and (lens.product <= lens.bound + 1e-9).all()


def test_of_an_lstm_both_states_or_the_selected_one() -> None:
    movie = film("lstm", forget_bias=3.0)
    assert any("∂[a; h]_{t}/∂[a; h]_{t−1}" in w for w in words(draw(movie, 1.0)))
    a = movie.network.segments[0].index("a")
    here = draw(movie, 1.0, selected=Node(0, 2, a))
    assert any("∂a_{t}/∂a_{t−1}" in w for w in words(here))
    f = movie.recording.value(0, movie.network.segments[0].index("f"))[:, 0]
    np.testing.assert_allclose(10 ** lens_of(movie, 0, 0, "a").sigma, f.max(1), rtol=1e-12)


def test_the_backward_chain_ends_at_the_first_step() -> None:
    movie = film("elman", direction="both")
    h = movie.network.segments[1].index("h")
    here = draw(movie, 1.0, selected=Node(1, 2, h))
    assert "‖∂h^{←}_{1}/∂h^{←}_{t}‖" in words(here)
    assert points(here, "line-1") == 5


def test_too_wide_and_too_long_are_said_in_words() -> None:
    assert any("65 numbers are carried" in w for w in words(draw(film("elman", hidden=65), 1.0)))
    long = film("elman", "word and " * 300, hidden=64)
    assert any("600 steps; Jacobians of 64 numbers" in w for w in words(draw(long, 1.0)))


def test_powers_beyond_any_number() -> None:
    assert power(-1000.5) == "3.2e−1001" and power(2.0) == "100" and power(-np.inf) == "0"
    assert power(float(np.log10(0.5)) * 10, 7) == "0.0009765625"
    assert power(float(np.log10(5)) * 10, 7) == "9.765625e6"
    assert power(-50.25, 7) == "5.623413e−51"


def test_a_bound_beyond_the_plot_is_cut_at_its_edge_and_not_bent() -> None:
    movie = film("elman", LONG, hidden=2, nonlinearity="tanh", sigma=5.0)
    here = draw(movie, 1.0)
    lines = [p for i in of(here, Polylines, "line-6") for p in i.points if p[0, 1] > 30]
    (line,) = lines
    slopes = np.diff(line[:, 1]) / np.diff(line[:, 0])
    np.testing.assert_allclose(slopes, slopes[0], rtol=1e-6)  # one straight line
    assert line[:, 1].min() == pytest.approx(TOP - 2.0) and len(line) < 60


def test_pieces_of_a_line_between_two_heights() -> None:
    points = np.array([[0.0, -10.0], [10.0, 10.0], [20.0, 10.0], [30.0, 40.0], [40.0, 40.0]])
    (piece,) = _cut(points, 0.0, 25.0)
    expected = [[5.0, 0.0], [10.0, 10.0], [20.0, 10.0], [25.0, 25.0]]
    np.testing.assert_allclose(piece, expected)
    two = _cut(np.array([[0.0, 10.0], [10.0, -10.0], [20.0, 10.0]]), 0.0, 25.0)
    assert [len(p) for p in two] == [2, 2]
