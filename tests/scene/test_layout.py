"""Layouts: nothing overlaps, edges keep clear of nodes, the cards have their own room."""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pytest

from engine.sequences import sample
from engine.template import Input, Network, Segment, Slot
from tests.scene.films import CELLS, film
from visualizer.scene.film import Film
from visualizer.scene.layout import Layout, lay_out
from visualizer.scene.levels import LEVELS, level_for
from visualizer.scene.rail import CARD, CARD_X

SIZES = ((1, 1.0), (1, 1.7), (2, 1.0), (2, 1.35), (8, 1.0))
CASES = [(cell, layers, rise) for cell in (*CELLS, "before") for layers, rise in SIZES]
CASES += [(f"{cell}←", layers, rise) for cell in CELLS for layers, rise in SIZES[:3]]
CASES += [("elman← last", 2, 1.0)]


def movie_of(cell: str, layers: int) -> Film:
    """The film of a cell; of two chains a layer where an arrow follows its name."""
    name, arrow, more = cell.partition("←" if "←" in cell else " ")
    settings: dict[str, object] = {"layers": layers}
    if arrow == "←":
        settings |= {"direction": "both"} | ({"readout": "last"} if more == " last" else {})
    if name == "encoder":
        return film(more.strip(), sample("digit-numbers"), encoder="convolution", **settings)
    if name.startswith("conv"):
        return film(name, sample("moving-dot"), hidden=4, **settings)
    if name == "before":
        return film("gru", reset="before", **settings)
    return film(name, **settings)


def layout(cell: str, layers: int, level: str, rise: float) -> Layout:
    return movie_of(cell, layers).layout(level, rise)


@pytest.mark.parametrize(("cell", "layers", "rise"), CASES)
@pytest.mark.parametrize("level", LEVELS[:4])
def test_nodes_do_not_overlap(cell: str, layers: int, rise: float, level: str) -> None:
    here = layout(cell, layers, level, rise)
    for a, b in combinations(here.marks, 2):
        apart_x = abs(a.x - b.x) >= (a.w + b.w) / 2
        apart_y = abs(a.y - b.y) >= (a.h + b.h) / 2
        assert apart_x or apart_y, (a, b)
    for mark in here.marks:
        assert mark.x - mark.w / 2 >= 0 and mark.x + mark.w / 2 <= here.pitch
        assert here.top <= mark.y - mark.h / 2 and mark.y + mark.h / 2 <= here.bottom


@pytest.mark.parametrize(("cell", "layers", "rise"), CASES)
@pytest.mark.parametrize("level", LEVELS[:4])
def test_edges_run_in_the_gutters(cell: str, layers: int, rise: float, level: str) -> None:
    """No edge passes behind a node that is neither its end nor in the same frame."""
    here = layout(cell, layers, level, rise)
    frames, network = here.frames, movie_of(cell, layers).network
    for link in here.links:
        if link.initial or not isinstance(link.reach, int):
            continue
        points = sampled(link.way.points, link.way.curve)
        for mark in here.marks:
            key = (mark.segment, mark.slot)
            framed = any(abs(f.x - mark.x) < 1 and abs(f.y - mark.y) < f.h / 2 for f in frames)
            back = network.segments[link.source[0]].direction < 0
            came = link.reach if back else -link.reach
            for tile in range(min(came, 0), max(came, 0) + 1):
                own = (key == link.target and tile == 0) or (key == link.source and tile == came)
                if own or framed:
                    continue
                dx = np.abs(points[:, 0] - mark.x - tile * here.pitch)
                dy = np.abs(points[:, 1] - mark.y)
                hit = (dx < mark.w / 2 - 1) & (dy < mark.h / 2 - 1)
                assert not hit.any(), (cell, level, link.source, link.target, mark)


def sampled(points: Any, curve: bool) -> Any:
    """Points every few px along a way, (N, 2)."""
    xy = np.column_stack([points[:, 0] + points[:, 1], points[:, 2]])
    u = np.linspace(0, 1, 60)[:, None]
    if curve:
        v = 1 - u
        return v**3 * xy[0] + 3 * v * v * u * xy[1] + 3 * v * u * u * xy[2] + u**3 * xy[3]
    return np.concatenate([a + u * (b - a) for a, b in pairwise(xy)])


@pytest.mark.parametrize(("cell", "layers", "rise"), CASES)
@pytest.mark.parametrize("level", LEVELS[:4])
def test_cards_keep_clear(cell: str, layers: int, rise: float, level: str) -> None:
    """Of each other and of the states before the first step."""
    here = layout(cell, layers, level, rise)
    names = [name for card in here.cards for name in card.parameters]
    network = movie_of(cell, layers).network
    assert sorted(names) == sorted(network.parameters)
    for a, b in combinations(here.cards, 2):
        assert abs(a.y - b.y) >= (a.h + b.h) / 2
    rail = 150.0
    for card in here.cards:
        for state in here.initials:
            if state.back:
                continue
            apart = abs(card.y - state.y) >= (card.h + state.h) / 2 - 0.5
            beside = rail + state.x - state.w / 2 >= CARD_X + CARD[0] / 2 - 0.5
            assert apart or beside, (card, state)


def test_an_unknown_cell_is_layered() -> None:
    slots = (
        Slot("x", "input", (), 3, "input"),
        Slot("a", "tanh", (Input(0, 0),), 3, "tensor"),
        Slot("b", "sigmoid", (Input(0, 0),), 3, "gate"),
        Slot("c", "mul", (Input(0, 1), Input(0, 2)), 3, "product"),
        Slot("h", "add", (Input(0, 3), Input(0, 4, 1)), 3, "state", initial="h0"),
    )
    here = lay_out(Network((Segment("layer 0", slots, 4),)), "ops")
    rows = {slots[m.slot].name: m.y for m in here.marks}
    assert rows["x"] > rows["a"] == rows["b"] > rows["c"] > rows["h"]
    assert len(here.links) == 7  # six edges and the one from h_0


def test_level_follows_the_width_of_a_step() -> None:
    pitches = {"numbers": 400.0, "ops": 172.0, "tensors": 172.0, "steps": 112.0}
    found = [level_for(w, pitches) for w in (400, 300, 120, 88, 60, 20, 0.01)]
    assert found == ["numbers", "numbers", "ops", "steps", "steps", "bands", "bands"]


@pytest.mark.parametrize("level", LEVELS[:4])
def test_rows_further_apart_are_the_same_rows(level: str) -> None:
    """Nodes keep their size, their column and their order; gates in a frame stay together."""
    near, far = film("lstm").layout(level), film("lstm").layout(level, 1.5)
    assert far.height > 1.3 * near.height
    for a, b in zip(near.marks, far.marks):
        assert (a.segment, a.slot, a.x, a.w, a.h) == (b.segment, b.slot, b.x, b.w, b.h)
        assert b.y == pytest.approx(1.5 * a.y) or a.kind == "row"
    for box, other in zip(near.frames, far.frames):
        assert (box.w, box.h) == (other.w, other.h)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("level", LEVELS[:4])
def test_a_chain_that_runs_backwards_is_drawn_in_a_mirror(cell: str, level: str) -> None:
    """Above the forward chain, its edges to the left, its first state at the right end."""
    movie = film(cell, direction="both")
    here, network = movie.layout(level), movie.network
    forward = {network.slot(m.segment, m.slot).name: m for m in here.marks if m.segment == 0}
    back = {network.slot(m.segment, m.slot).name: m for m in here.marks if m.segment == 1}
    assert forward.keys() - {"x"} == back.keys()
    inner = forward["h" if "h" in back else "a"].x + back["h" if "h" in back else "a"].x
    for name, mark in back.items():
        assert mark.x == pytest.approx(inner - forward[name].x)
        assert mark.y < min(m.y for m in forward.values())
    for link in here.links:
        if isinstance(link.reach, int) and link.reach and not link.initial:
            xs = link.way.points[:, 0] + link.way.points[:, 1]
            assert (xs[0] > xs[-1]) == (link.source[0] == 1)
    for state in here.initials:
        assert (state.x > 0) == state.back == (state.key[0] == 1)
    assert here.tail > 0 and lay_out(film(cell).network, level).tail == 0
