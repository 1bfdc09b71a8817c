"""The shortest way from an input to a loss, in hops from step to step (truths.md, row 19)."""

from __future__ import annotations

import math

import pytest

import engine
from engine.cells import CELLS
from engine.shortest import hops_to, shortest_path
from engine.template import HANDED

TEXT = "I think therefore I am and so on"
LAST = 7


def hops(network, t, loss=LAST):
    path = shortest_path(network, t, loss)
    return None if path is None else path.hops


def network(**settings):
    return engine.run(TEXT, hidden=2, **settings).network


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("cell", ["elman", "gated", "lstm", "lecture-gru", "gru"])
def test_a_recurrent_layer_takes_a_hop_a_step(cell, layers):
    assert cell in CELLS
    made = network(cell=cell, layers=layers)
    assert [hops(made, t) for t in range(8)] == [LAST - t for t in range(8)]
    assert hops(made, 3, 2) is None  # no loss sees what comes later


@pytest.mark.parametrize("taps", [2, 3, 5])
def test_a_convolution_takes_a_hop_for_every_k_minus_1_steps(taps):
    layers = 3
    made = network(arrangement="temporal-convolution", taps=taps, layers=layers)
    for t in range(8):
        needed = math.ceil((LAST - t) / (taps - 1))
        assert hops(made, t) == (needed if needed <= layers else None)


def test_dilation_makes_the_way_logarithmic():
    made = network(arrangement="temporal-convolution", layers=3, dilation=2)
    # taps 1, 2 and 4 steps apart: as many hops as the distance has binary ones
    assert [hops(made, t) for t in range(8)] == [(LAST - t).bit_count() for t in range(8)]


@pytest.mark.parametrize("settings", [{"arrangement": "attention"}, {"arrangement": "padded"}])
@pytest.mark.parametrize("layers", [1, 2])
def test_what_reads_all_steps_takes_one(settings, layers):
    made = network(layers=layers, **settings)
    assert [hops(made, t) for t in range(8)] == [1] * 7 + [0]


def test_the_path_is_made_of_uses_that_exist():
    made = network(arrangement="attention", layers=2)
    path = shortest_path(made, 2, LAST)
    assert path is not None
    names = [made.slot(n.segment, n.slot).name for n in path.nodes]
    assert (names[0], names[-1]) == ("x", "L")
    assert (path.nodes[0].t, path.nodes[-1].t) == (2, LAST)
    crossed = 0
    for use, source, reader in zip(path.uses, path.nodes, path.nodes[1:], strict=False):
        assert use in made.uses(source.segment, source.slot)
        assert (use.consumer.segment, use.consumer.slot) == (reader.segment, reader.slot)
        crossed += source.t != reader.t
    assert crossed == path.hops == 1


@pytest.mark.parametrize("readout", ["every", "last"])
def test_both_directions_reach_from_both_sides(readout):
    made = network(direction="both", readout=readout)
    # the last readout sees the end of the chain that runs backwards, which is at the first step
    assert hops(made, 0) == (LAST if readout == "every" else 1)
    if readout == "every":
        assert [hops(made, t, 0) for t in range(8)] == list(range(8))


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"cell": "lstm", "layers": 2},
        {"arrangement": "attention"},
        {"arrangement": "padded"},
        {"arrangement": "temporal-convolution", "taps": 3, "layers": 2},
        {"direction": "both"},
    ],
)
def test_all_hops_at_once_are_those_of_each_path(settings):
    made = network(**settings)
    for loss in (LAST, 3) if settings.get("arrangement") != "padded" else (LAST,):
        assert hops_to(made, loss) == tuple(hops(made, t, loss) for t in range(loss + 1))


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("one two three -> un deux trois", {"arrangement": "encoder-decoder"}),
        ("one two three -> un deux trois", {"arrangement": "encoder-decoder", "cell": "lstm"}),
        (TEXT, {"readout": "after"}),
    ],
)
def test_what_is_handed_over_is_one_more_step(text, settings):
    made = engine.run(text, hidden=2, **settings).network
    steps = max(segment.offset + segment.steps for segment in made.segments)
    reading = min(segment.offset for segment in made.segments if segment.part == "write")
    found = hops_to(made, steps - 1)
    assert found[:reading] == tuple(steps - 1 - t for t in range(reading))
    path = shortest_path(made, 0, steps - 1)
    assert sum(use.position == HANDED for use in path.uses) == 1
    assert all(use in made.uses(use.segment, use.slot) for use in path.uses)


def test_one_to_many_reads_at_the_first_step_alone():
    made = network(reads="first")
    assert hops_to(made, LAST) == (LAST,) + (None,) * LAST
