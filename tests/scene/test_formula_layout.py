"""A formula as a picture: columns, no edge behind a node, nothing about time, moments by name."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from engine.door import run
from tests.engine.random_formulas import random_formula
from tests.engine.test_expression import LECTURE, MICROGRAD
from visualizer.scene import dag
from visualizer.scene.compose import compose, fit
from visualizer.scene.film import Film
from visualizer.scene.layers.cells import five_digits
from visualizer.scene.layout import Layout
from visualizer.scene.pick import pick
from visualizer.scene.picture import Texts
from visualizer.scene.symbols import term_of

BUSY = "x = 0.5; y = 2; " + "; ".join(
    f"t{n} = tanh(x)*{'y' if n < 1 else f't{n - 1}'} + x" for n in range(9)
)
TEXTS = [
    MICROGRAD,
    LECTURE,
    BUSY,
    "x = 3; x + x",
    "x = 3",
    "w = [1, -2, 3]; x = 0.5; tanh(dot(w, x*w)) + mean(w)",
    "a = 1; b = 2; c = 3; d = 4; e = 5; a*b*c*d*e + a/b + c/d + e*e*e",
]


def film_of(text: str) -> Film:
    return Film(run(text, arrangement="expression"))


def curve(points: np.ndarray, spread: float, curved: bool) -> np.ndarray:
    """Many points of a way, the columns `spread` times as far apart as usual: (n, 2)."""
    flat = np.column_stack([points[:, 0] * spread + points[:, 1], points[:, 2]])
    u = np.linspace(0.0, 1.0, 40)[:, None]
    if curved:
        v = 1 - u
        p = flat
        return v**3 * p[0] + 3 * v * v * u * p[1] + 3 * v * u * u * p[2] + u**3 * p[3]
    return np.concatenate([a + (b - a) * u for a, b in pairwise(flat)])


def hidden(layout: Layout, spread: float) -> list[str]:
    """Links that run behind a node which is none of their ends."""
    found = []
    for link in layout.links:
        at = curve(link.way.points, spread, link.way.curve)
        for key, mark in layout.at.items():
            if key in (link.source, link.target):
                continue
            left = mark.x * spread - mark.w / 2
            inside = (at[:, 0] > left) & (at[:, 0] < left + mark.w)
            inside &= np.abs(at[:, 1] - mark.y) < mark.h / 2
            if inside.any():
                found.append(f"{link.source} → {link.target} behind {key}")
    return found


def overlapping(layout: Layout) -> list[str]:
    marks = list(layout.marks)
    return [
        f"{a.slot} and {b.slot}"
        for n, a in enumerate(marks)
        for b in marks[:n]
        if abs(a.x - b.x) < (a.w + b.w) / 2 + 8 and abs(a.y - b.y) < (a.h + b.h) / 2 + 8
    ]


def is_well_drawn(text: str) -> None:
    film = film_of(text)
    for level in film.levels:
        for rise in (1.0, 1.7):
            layout = film.layout(level, rise)
            assert not overlapping(layout), (text, level)
            for spread in (1.0, 1.5):
                assert not hidden(layout, spread), (text, level, hidden(layout, spread))


@pytest.mark.parametrize("text", TEXTS)
def test_no_edge_runs_behind_a_node_and_no_nodes_overlap(text):
    is_well_drawn(text)


@pytest.mark.parametrize("seed", range(25))
def test_random_formulas_are_well_drawn(seed):
    is_well_drawn(random_formula(np.random.default_rng(seed)))


def test_every_use_has_an_edge_of_its_own():
    film = film_of(MICROGRAD)
    links = film.layout("numbers").links
    assert len(links) == film.recording.edges
    assert len({link.way.points.tobytes() for link in links}) == len(links)
    assert len(film_of("x = 3; x + x").layout("ops").links) == 2


def test_edges_lead_from_the_left_to_the_right():
    layout = film_of(BUSY).layout("numbers")
    for link in layout.links:
        assert layout.at[link.source].x < layout.at[link.target].x


def test_the_tensors_level_has_what_has_a_name_joined_through_the_rest():
    film = film_of(LECTURE)
    names = {film.network.slot(m.segment, m.slot).name for m in film.layout("tensors").marks}
    assert names == {"x", "h", "f"}
    joined = {
        (film.network.slot(*n.source).name, film.network.slot(*n.target).name)
        for n in film.layout("tensors").links
    }
    assert joined == {("x", "h"), ("x", "f"), ("h", "f")}


def test_of_the_readme_of_micrograd_few_edges_cross():
    film = film_of(MICROGRAD)
    slots = film.network.segments[0].slots
    edges = sorted((u.slot, u.consumer.slot) for u in film.network.all_uses())
    rank = dag.ranks(len(slots), edges)
    columns, places, _ = dag._columns(rank, [(100.0, 40.0)] * len(slots), edges)
    before = dag.crossings(columns, places)
    dag._order(columns, places)
    assert dag.crossings(columns, places) <= 12 < before


def test_an_edge_past_many_columns_is_level_between_its_ends():
    drawing = dag.draw([(80.0, 40.0)] * 6, [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (0, 5)])
    heights = {y for _, y in drawing.ways[5]}
    assert len(drawing.ways[5]) == 4 and len(heights) == 1
    assert abs(heights.pop() - drawing.y[2]) >= 20.0 + dag.LANE - 1e-9


@pytest.mark.parametrize("moment", [0.0, 0.4, 1.0])
def test_nothing_about_time_is_drawn(moment):
    film = film_of("x = 2; h = x*x; f = h*x")
    view = fit(film, 1200, 700)
    picture = compose(film, film.frame_at(moment), view, 1200, 700)
    words = [s for item in picture.items if isinstance(item, Texts) for s in item.strings]
    assert {"x", "h", "f"} <= set(words)
    for word in words:
        assert "t =" not in word and "ℒ" not in word and "_{1}" not in word and "_{0}" not in word


def test_numbers_stand_in_the_nodes_when_they_are_there():
    film = film_of("x = 3; f = x*x")
    view = fit(film, 1200, 700)

    def words(moment: float) -> list[str]:
        picture = compose(film, film.frame_at(moment), view, 1200, 700)
        return [s for item in picture.items if isinstance(item, Texts) for s in item.strings]

    assert "9" not in words(0.0) and "9" in words(1.0) and "6" in words(1.0)


def test_events_are_named_without_steps():
    film = film_of(LECTURE)
    said = [film.caption(n) for n in range(film.events)]
    assert said[:6] == ["x", "h", "u", "v", "f", "δ(f) = 1"]
    assert said[6:] == [
        "δ(v) ← f",
        "δ(u) ← f",
        "δ(h) ← v",
        "δ(h) ← u",
        "δ(x) ← u",
        "δ(x) ← h",
    ]


@pytest.mark.parametrize(
    ("moment", "caption"),
    [
        ("h", "h"),
        ("f", "f"),
        ("δ(f)", "δ(f) = 1"),
        ("δ(x)", "δ(x) ← h"),
        ("d(x)", "δ(x) ← h"),
        ("δ(x)<-u", "δ(x) ← u"),
        ("δ(h) ← v", "δ(h) ← v"),
    ],
)
def test_moments_are_found_by_name(moment, caption):
    film = film_of(LECTURE)
    assert film.caption(film.find(moment)) == caption


@pytest.mark.parametrize("moment", ["h3", "δ(q)", "δ(x)<-f", "", "δ(h)<-zz"])
def test_other_names_are_no_moment(moment):
    with pytest.raises(KeyError):
        film_of(LECTURE).find(moment)


def test_what_is_sent_back_in_words():
    film = film_of("x = 2; y = 3; x/y - exp(x) + 5*x + x**2 + 1/y + tanh(y)")
    network = film.network
    said = {term_of(network, use, 0) for use in network.uses(0, 0)}
    assert said == {"δ(u) / y", "δ(v) · v", "5 δ(p)", "δ(q) · 2x"} or len(said) == 4
    assert any(word.endswith("· 2x") for word in said) and any(" / y" in word for word in said)
    backs = {term_of(network, use, 0) for use in network.uses(0, 1)}
    assert any(word.startswith("−δ(u) · u/y") for word in backs)
    assert any("y^{−2}" in word and word.startswith("−") for word in backs)


def test_a_part_is_found_under_the_pointer():
    film = film_of(LECTURE)
    view = fit(film, 1200, 700)
    picture_of = film.layout("numbers")
    assert picture_of.rail == 0.0
    hit = {pick(film, view, 1200, 700, x, 330.0) for x in np.linspace(0.0, 1200.0, 120)}
    assert len(hit - {None}) >= 2


def test_very_long_formulas_are_laid_out():
    text = "x = 0.5; y = 1.5; t0 = x; " + "; ".join(
        f"t{n} = tanh(t{n - 1})*x + y" for n in range(1, 75)
    )
    layout = film_of(text).layout("numbers")
    assert len(layout.marks) > 220 and not overlapping(layout)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (2.0, "2"),
        (-27.766763848396504, "−27.767"),
        (645.5772594752186, "645.58"),
        (0.0019005, "0.0019"),
        (-0.000071234, "−7.12e−5"),
        (-0.0, "0"),
        (123456.0, "1.23e5"),
        (0.99932929973, "0.99933"),
        (float("inf"), "inf"),
    ],
)
def test_numbers_of_a_formula_are_short(number, text):
    assert five_digits(number) == text
