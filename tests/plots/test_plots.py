"""Plots: on the axis of the graph, only what has happened, shares that add up, words for NaN."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import engine
from engine.template import Node
from tests.scene.films import CELLS, film
from tests.scene.marks import of, words
from visualizer.plots import norms as norms_plot
from visualizer.plots.axes import (
    BOTTOM,
    Axes,
    figure,
    linear_range,
    linear_ticks,
    log_range,
    strongest,
    tick_text,
)
from visualizer.plots.norms import norms_picture, shown_slot
from visualizer.plots.table import PLOTS
from visualizer.scene.axis import step_axis
from visualizer.scene.compose import compose, fit
from visualizer.scene.film import Film
from visualizer.scene.picture import Picture, Polylines, Rects, Texts
from visualizer.scene.view import View

SIZE = (914.0, 170.0)


def norms(movie: Film, s: float, scale: str = "linear", **more: Any) -> Picture:
    view = fit(movie, 914.0, 590.0)
    return norms_picture(movie, movie.frame_at(s), view, *SIZE, scale, **more)


def bars(here: Picture, style: str) -> np.ndarray:
    found = [i.boxes for i in of(here, Rects, style)]
    return np.concatenate(found) if found else np.zeros((0, 4))


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("plot", PLOTS.values(), ids=lambda p: p.id)
@pytest.mark.parametrize("s", [0.0, 0.3, 0.7, 1.0])
def test_every_plot_at_every_time(cell: str, plot: Any, s: float) -> None:
    movie = film(cell, layers=2)
    for scale in plot.scales:
        here = plot.draw(movie, movie.frame_at(s), fit(movie, 914, 590), *SIZE, scale)
        assert plot.title in words(here)
        for item in here.items:
            for name in item.__slots__:
                value = getattr(item, name)
                if isinstance(value, np.ndarray) and value.dtype.kind == "f":
                    assert np.isfinite(value).all()


@pytest.mark.parametrize("plot", PLOTS.values(), ids=lambda p: p.id)
def test_every_plot_of_both_directions(plot: Any) -> None:
    """The selected state of the backward chain; its bars come from the left."""
    movie = film("lstm", direction="both")
    h = movie.network.segments[1].index("h")
    view = replace(fit(movie, 914, 590), selected=Node(1, 2, h))
    for s in (0.0, 0.3, 0.6, 1.0):
        assert plot.title in words(plot.draw(movie, movie.frame_at(s), view, *SIZE))
    frame = movie.frame_of_event(movie.event_of(Node(1, 2, h), "delta"))
    boxes = bars(norms_picture(movie, frame, view, *SIZE, "linear"), "bar-own")
    centres = step_axis(movie, view, 914)[:3]
    assert set(np.round(boxes[:, 0] + boxes[:, 2] / 2, 6)) == set(np.round(centres, 6))


def test_bars_stand_under_their_steps() -> None:
    movie = film("elman")
    boxes = bars(norms(movie, 1.0), "bar-own")
    centres = step_axis(movie, fit(movie, 914, 590), 914)
    assert set(np.round(boxes[:, 0] + boxes[:, 2] / 2, 6)) == set(np.round(centres, 6))


def test_only_what_has_happened() -> None:
    movie = film("elman")
    assert not len(bars(norms(movie, 0.0), "bar-own"))
    n = movie.find("δ(h3)<-s3")
    here = norms(movie, (n + 1) / movie.events)
    assert len(bars(here, "bar-own")) == 3 and "so far" in words(here)
    full = norms(movie, (n + 2) / movie.events)
    assert len(bars(full, "bar-own")) == 3 and "so far" not in words(full)
    before = norms(movie, n / movie.events)
    assert len(bars(before, "bar-own")) == 2 and "so far" not in words(before)


def test_numbers_above_the_bars_are_the_norms_of_the_run() -> None:
    movie = film("lstm")
    told = words(norms(movie, 1.0))
    for value in movie.run.norms("h"):
        assert figure(value) in told
    slot = (0, movie.network.segments[0].index("a"))
    for value in movie.run.norms("c"):
        assert figure(value) in words(norms(movie, 1.0, slot=slot))


def centre(boxes: np.ndarray) -> np.ndarray:
    return np.asarray(np.round(boxes[:, 0] + boxes[:, 2] / 2, 3))


def test_shares_add_to_the_norm() -> None:
    movie = film("elman")
    here = norms(movie, 1.0)
    own, later = bars(here, "bar-own"), bars(here, "bar-later")
    assert len(later)
    values = movie.run.norms("h")
    unit = own[centre(own) == centre(own).max()][0, 3] / values[-1]  # the last step is all its own
    for t, x in enumerate(np.unique(centre(own))):
        upward = own[centre(own) == x][:, 3].sum() + later[centre(later) == x][:, 3].sum()
        assert abs(upward / unit - values[t]) < 0.15 * max(values)  # a gap of 2 px between shares


def test_log_axis_draws_only_the_norm() -> None:
    movie = film("lstm")
    here = norms(movie, 1.0, "log")
    assert not len(bars(here, "bar-own")) and len(of(here, Polylines, "line-1")[0].points[0]) == 5
    assert "from later steps" not in words(here)


def test_the_selected_state_is_shown() -> None:
    movie = film("lstm", layers=2)
    h, above = (movie.network.segments[g].index("h") for g in (0, 1))
    a = movie.network.segments[1].index("a")
    assert shown_slot(movie, View()) == (1, above)
    assert shown_slot(movie, View(selected=Node(0, 2, h))) == (0, h)
    assert shown_slot(movie, View(selected=Node(1, 2, a))) == (1, a)


def test_padded_inputs_are_shown_where_the_state_has_one_step() -> None:
    movie = film(arrangement="padded")
    h = Node(1, 0, movie.network.segments[1].index("h"))
    assert shown_slot(movie, View()) == shown_slot(movie, View(selected=h)) == (0, 0)
    here = norms(movie, 1.0)
    assert "‖δ(x_{t})‖ in two shares" in words(here)
    assert len(bars(here, "bar-later")) == 4 and len(bars(here, "bar-own")) == 1


@pytest.mark.parametrize("arrangement", ["padded", "attention", "temporal-convolution"])
@pytest.mark.parametrize("plot", PLOTS.values(), ids=lambda p: p.id)
def test_every_plot_of_what_is_not_recurrent(arrangement: str, plot: Any) -> None:
    movie = film(arrangement=arrangement, layers=2)
    for s in (0.0, 0.5, 0.8, 1.0):
        here = plot.draw(movie, movie.frame_at(s), fit(movie, 914.0, 590.0), *SIZE, plot.scales[0])
        assert here.items
        if plot.id == "jacobian":
            assert "nothing is carried from step to step here" in words(here)


def test_many_steps_keep_their_peaks() -> None:
    movie = film("elman", text="word and " * 1500)
    here = norms(movie, 1.0)
    assert len(bars(here, "bar-own")) < 2 * 914
    assert len(of(here, Polylines, "line-1")) == 0
    assert len(norms(movie, 1.0, "log").items) > 3


def test_not_finite_is_said_in_words() -> None:
    movie = film("elman")
    movie = Film(movie.run)
    broken = np.array(movie.recording.delta(0, 2))
    broken[1] = np.inf
    own = movie.recording.delta

    def delta(g: int, k: int) -> Any:
        return broken if (g, k) == (0, 2) else own(g, k)

    movie.recording.delta = delta  # type: ignore[method-assign, assignment]
    try:
        with np.errstate(all="ignore"):
            movie.kept(("shares", (0, 2)), lambda: (np.ones(5), np.zeros(5)))
            told = words(norms(movie, 1.0))
    finally:
        del movie.recording.delta
    assert "1 step not finite" in told and "not finite" in told


def test_no_losses_is_said_in_words() -> None:
    batch = replace(film("elman").run.batch, kind="none")
    movie = Film(engine.run(batch))
    assert "no losses, so there is no gradient" in words(norms(movie, 1.0))
    for plot in PLOTS.values():
        plot.draw(movie, movie.frame_at(1.0), fit(movie, 914, 590), *SIZE, "linear")
    here = compose(movie, movie.frame_at(1.0), fit(movie, 914, 590), 914, 590)
    assert "h_{3}" in words(here) and not any("ℒ" in w for w in words(here))


def test_axes_have_round_numbers() -> None:
    assert linear_range(0.0, 3.38) == (0.0, 4.0) and linear_range(0.0, 0.0) == (0.0, 1.0)
    assert linear_range(-0.2, 0.9) == (-0.5, 1.0)
    assert [tick_text(t) for t in linear_ticks(0.0, 4.0)] == ["0", "1", "2", "3", "4"]
    assert log_range(np.array([0.0, 2e-7, 0.3])) == (1e-7, 1.0)
    assert log_range(np.array([np.nan, 1.0]))[0] < 1.0
    assert [tick_text(10.0**k, True) for k in (-6, 0, 2)] == ["1e−6", "1", "1e2"]
    assert [tick_text(t) for t in linear_ticks(0.0, 2.5e-8)][-2:] == ["2e−8", "2.5e−8"]
    for power in range(-30, 30):  # no two ticks have the same words
        for top in (1.0, 1.3, 2.2, 4.9, 7.0, 9.9):
            ticks = linear_ticks(-0.3 * top * 10.0**power, top * 10.0**power)
            assert len({tick_text(t) for t in ticks}) == len(ticks)
    assert figure(0.0) == "0" and figure(float("nan")) == "not finite"


@pytest.mark.parametrize("settings", [{"readout": "after"}, {"cell": "lstm", "readout": "after"}])
def test_norms_and_gates_go_on_where_the_state_is_handed_over(settings: dict[str, Any]) -> None:
    movie = film(**settings)
    here = norms(movie, 1.0)
    labels = [place for item in of(here, Texts, "bar-label") for place in item.positions]
    assert len({float(x) for x, _ in labels}) == movie.steps
    values = movie.run.norms("h")
    assert len(values) == movie.steps and min(values) > 0
    gates = PLOTS["gates"].draw(
        movie, movie.frame_at(1.0), fit(movie, 914.0, 590.0), *SIZE, PLOTS["gates"].scales[0]
    )
    lines = of(gates, Polylines, "line-1")
    drawn = sum(len(p) for item in lines for p in item.points)
    assert drawn == (movie.steps + 2 if settings.get("cell") == "lstm" else 0)  # 2 of the legend


def test_the_strongest_of_a_pixel_is_the_same_however_far_it_has_come() -> None:
    """Bars do not flicker while the film plays: only the pixel at the frontier may change."""
    rng = np.random.default_rng(0)
    values = rng.standard_normal(500)
    values[[7, 90, 300]] = np.nan, np.inf, 40.0
    axes = Axes(0.0, 100.0, 0.0, 50.0, -3, 3, False, (np.arange(500) + 0.5) * 0.2, 0.2, 0, 500)
    whole = strongest(axes, values, np.arange(500))
    assert len(whole) == 100 and 300 in whole and np.array_equal(np.floor(whole / 5), range(100))
    for low in (1, 250, 252, 499):
        part = strongest(axes, values, np.arange(low, 500))
        assert np.array_equal(part[1:], whole[len(whole) - len(part) + 1 :])
    few = np.array([3, 14, 222])
    assert np.array_equal(strongest(axes, values, few), few)
    assert not len(strongest(axes, values, few[:0]))


@pytest.mark.parametrize(("share", "seen"), [(-0.1, True), (-0.004, False)])
def test_the_axis_goes_below_zero_no_further_than_shares_are_seen(
    monkeypatch: pytest.MonkeyPatch, share: float, seen: bool
) -> None:
    movie = Film(engine.run("I think therefore I am"))
    total = np.asarray(movie.run.norms("h"))
    own = np.full(len(total), share * total.max())
    monkeypatch.setattr(norms_plot, "shares_of", lambda *_: (own, total - own))
    here = norms(movie, 1.0)
    boxes, foot = bars(here, "bar-own"), SIZE[1] - BOTTOM
    (axis,) = (i for i in of(here, Texts, "axis-text") if "0" in i.strings)
    zero = axis.positions[axis.strings.index("0"), 1]
    assert not any(word.startswith("−") for word in axis.strings)
    if seen:
        assert len(boxes) == len(total) and np.allclose(boxes[:, 1], zero)
        assert np.allclose(boxes[:, 1] + boxes[:, 3], foot) and zero < foot - 4.0
    else:
        assert not len(boxes) and zero == foot
