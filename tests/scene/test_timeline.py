"""The textbook order: every event has a number and every number an event, and nothing happens
before what it needs."""

from __future__ import annotations

import time

import pytest

from engine.template import ALL, LAST, Input, Node, Use
from tests.scene.films import ARRANGED, CELLS, film
from visualizer.scene.film import Film
from visualizer.scene.frame import frame_of
from visualizer.scene.symbols import consumer_of
from visualizer.scene.timeline import PHASES, Event, Timeline

SHAPES = [
    {"cell": cell, "layers": layers, "readout": readout}
    for cell in CELLS
    for layers in (1, 2)
    for readout in ("every", "last")
] + [{"cell": "gru", "reset": "before"}, {"cell": "lstm", "layers": 3}]
SHAPES += [
    {"cell": cell, "layers": layers, "readout": readout, "direction": "both"}
    for cell, layers, readout in (
        ("elman", 1, "every"),
        ("elman", 2, "last"),
        ("lstm", 1, "last"),
        ("gru", 2, "every"),
    )
]
SHAPES += list(ARRANGED)
shapes = pytest.mark.parametrize("shape", SHAPES, ids=lambda s: " ".join(map(str, s.values())))


@shapes
def test_event_to_number_to_event(shape: dict[str, object]) -> None:
    line = film(**shape).timeline
    seen = [line.event(n) for n in range(line.events)]
    assert len(set(seen)) == line.events
    assert [line.number(event) for event in seen] == list(range(line.events))


@shapes
def test_phases_cover_all_events_in_order(shape: dict[str, object]) -> None:
    line = film(**shape).timeline
    bounds = line.phases
    assert bounds[0][0] == 0 and bounds[-1][1] == line.events
    for phase, (start, stop) in zip(PHASES, bounds, strict=True):
        assert {line.event(n).phase for n in range(start, stop)} == {phase}


def read_at(movie: Film, node: Node, i: Input) -> list[int]:
    """The steps of its source that an input of a node reads."""
    mine, source = movie.network.segments[node.segment], movie.network.segments[i.segment]
    if i.reach == LAST:
        return [movie.end(i.segment, 0)]
    here = node.t + mine.offset - source.offset
    if i.reach == ALL:
        return list(range(source.steps if mine.steps == 1 else here + 1))
    t = here - int(i.reach) * source.direction
    return [t] if 0 <= t < source.steps else []


def readers(movie: Film, use: Use, t: int) -> list[Node]:
    """The nodes that send something along a use to step t of its source."""
    g, _, k = use.consumer
    first = consumer_of(movie.network, use, t)
    if use.reach == ALL:
        return [Node(g, s, k) for s in range(first.t, movie.network.segments[g].steps)]
    return [first]


@shapes
def test_nothing_happens_before_what_it_needs(shape: dict[str, object]) -> None:
    """A value comes after its inputs, a contribution after its consumer's δ is complete, a term
    of a parameter after the δ of the node that uses it."""
    movie = film(**shape)
    line, network = movie.timeline, movie.network
    valued: set[Node] = set()
    for n in range(line.events):
        event = line.event(n)
        frame = frame_of(line, n)
        node = event.node
        if event.kind == "value" and node is not None:
            for i in network.slot(node.segment, node.slot).inputs:
                for t in read_at(movie, node, i):
                    assert Node(i.segment, t, i.slot) in valued
            assert not frame.has_value(node)
            valued.add(node)
        if event.kind in ("contribution", "initial") and event.use is not None and node is not None:
            for consumer in readers(movie, event.use, node.t):
                assert frame.has_delta(consumer)
        if event.kind == "parameter" and node is not None:
            assert frame.has_delta(node)
            assert event.parameter in network.slot(node.segment, node.slot).parameters


@shapes
def test_every_contribution_arrives_once_own_step_first(shape: dict[str, object]) -> None:
    movie = film(**shape)
    arrived: dict[Node, list[Use]] = {}
    for n in range(movie.events):
        event = movie.event(n)
        if event.kind == "contribution" and event.use is not None and event.node is not None:
            arrived.setdefault(event.node, []).append(event.use)
            last = movie.event_of(event.node, "delta")
            assert frame_of(movie.timeline, last + 1).has_delta(event.node)
            assert not frame_of(movie.timeline, last).has_delta(event.node)
    for g, segment in enumerate(movie.network.segments):
        for k, slot in enumerate(segment.slots):
            for t in range(segment.steps):
                if slot.role == "loss":
                    continue
                uses = [u for u in movie.uses[g, k] if movie.exists(u, t)]
                assert arrived.get(Node(g, t, k), []) == uses
                reaches = [u.reach for u in uses if isinstance(u.reach, int)]
                assert reaches == sorted(reaches)


@shapes
def test_thresholds_of_a_frame_agree_with_the_events(shape: dict[str, object]) -> None:
    movie = film(**shape)
    line = movie.timeline
    happened: set[Event] = set()
    for n in range(line.events + 1):
        frame = frame_of(line, n)
        if n % 7 == 0:
            for m in range(line.events):
                event = line.event(m)
                if event.node is None or event.kind == "initial":
                    continue
                if event.kind == "value":
                    assert frame.has_value(event.node) == (event in happened)
                elif event.kind == "contribution" and event.use is not None:
                    there = frame.has_contribution(event.use, event.node.t)
                    assert there == (event in happened)
                elif event.kind == "parameter":
                    g, t, k = event.node
                    low, high = frame.accumulated(g, k, event.parameter)
                    assert (low <= t < high) == (event in happened)
        if n < line.events:
            happened.add(line.event(n))


def test_the_order_of_the_textbook() -> None:
    movie = film("elman")
    captions = [movie.caption(n) for n in range(movie.events)]
    assert captions[:4] == ["x_{1}", "z_{1}", "h_{1}", "s_{1}"]
    start = movie.phases[2][0]
    assert captions[start : start + 3] == ["all ∂W = 0", "δ(ℒ) = 1", "δ(L_{5}) ← ℒ"]
    at = captions.index("δ(h_{3}) ← s_{3}")
    assert captions[at : at + 3] == ["δ(h_{3}) ← s_{3}", "δ(h_{3}) ← z_{4}", "δ(z_{3}) ← h_{3}"]
    assert captions[at + 3 : at + 6] == [
        "∂W_{hh} += step 3",
        "∂W_{xh} += step 3",
        "∂b += step 3",
    ]
    assert captions[movie.phases[3][0] - 1] == "δ(h_{0}) ← z_{1}"


def test_the_order_with_a_chain_that_runs_backwards() -> None:
    """Forward chain t ascending, backward chain t descending, readouts; then the mirror image."""
    movie = film("elman", direction="both")
    captions = [movie.caption(n) for n in range(movie.events)]
    values = [c for c in captions[: movie.phases[0][1]] if c.startswith(("h", "s"))]
    chain, back, outs = ([f"{s}_{{{t}}}{m}" for t in range(1, 6)] for s, m in ORDER)
    assert values == chain + back[::-1] + outs
    filled = [c.split(" ")[0][2:-1] for c in captions if c.startswith(("δ(h", "δ(s"))]
    seen = [c for c in dict.fromkeys(filled) if "_{0}" not in c]
    assert seen == outs[::-1] + back + chain[::-1]
    at = captions.index("δ(h_{3}^{←}) ← s_{3}")
    assert captions[at + 1] == "δ(h_{3}^{←}) ← z_{2}^{←}"
    assert captions[movie.phases[3][0] - 2 : movie.phases[3][0]] == [
        "δ(h_{0}^{←}) ← z_{5}^{←}",
        "δ(h_{0}) ← z_{1}",
    ]


ORDER = (("h", ""), ("h", "^{←}"), ("s", ""))


def test_parameters_are_typeset_with_their_layer_and_their_way() -> None:
    """A superscript as everywhere else: the names of the engine (b^2^b) are for machines."""
    movie = film("lstm", layers=2, direction="both")
    captions = [movie.caption(n) for n in range(movie.events)]
    assert "b^{2←} ← b^{2←} − η ∂b^{2←}" in captions
    assert movie.find("∂W^2^b@3") == movie.find("∂W^{2←} += step 3")
    assert not any("^b" in caption for caption in captions)


def test_zeroing_and_clipping_are_events() -> None:
    plain, more = film("elman"), film("elman", zeroing=False, clip="norm")
    kinds = [more.event(n).kind for n in range(more.events)]
    assert "zero" not in kinds and kinds.count("clip") == 1
    assert plain.event(plain.phases[2][0]).kind == "zero"


def test_no_gradients_no_backward() -> None:
    movie = film("lstm")
    line = Timeline(movie.network, movie.steps, gradients=False)
    assert line.phases[2] == line.phases[3] == (line.events, line.events)
    frame = frame_of(line, line.events)
    assert not frame.has_delta(Node(0, 0, 0))
    assert not frame.has_contribution(movie.uses[0, 0][0], 0)


@pytest.mark.parametrize("steps", [1, 2, 100_000])
def test_length_costs_nothing(steps: int) -> None:
    from dataclasses import replace

    network = film("lstm", layers=2).network
    segments = tuple(replace(s, steps=steps) for s in network.segments)
    line = Timeline(replace(network, segments=segments), steps)
    begin = time.perf_counter()
    for n in range(0, line.events, max(line.events // 50, 1)):
        assert line.number(line.event(n)) == n
        frame_of(line, n).valued(0, 0)
    assert time.perf_counter() - begin < 0.5


def test_moments_have_names() -> None:
    movie: Film = film("lstm")
    assert movie.caption(movie.find("h3")) == "h_{3}"
    assert movie.caption(movie.find("δ(h3)<-z4")) == "δ(h_{3}) ← z_{4}"
    assert movie.find("δ(h3)") == movie.find("δ(h_{3}) ← z_{4}")
    for nothing in ("δ(h3)<-x9", "h99", "", "q", "∂W_hh@99", "δ(h0)<-z4"):
        with pytest.raises(KeyError):
            movie.find(nothing)
    assert movie.caption(movie.find("δ(h0)<-z1")) == "δ(h_{0}) ← z_{1}"
    assert movie.caption(movie.find("δ(L3)<-ℒ")) == "δ(L_{3}) ← ℒ"
    assert movie.caption(movie.find("∂W@3")) == "∂W += step 3"
    assert movie.event(movie.find("ℒ")).kind == "total"
    assert movie.event(movie.find("δ(ℒ)")).kind == "seed"


@shapes
def test_every_caption_finds_its_event(shape: dict[str, object]) -> None:
    movie = film(**shape)
    for n in range(movie.phases[3][0]):
        told = movie.caption(n)
        event = movie.event(n)
        if event.kind in ("value", "contribution", "initial", "parameter"):
            found = movie.find(told)
            # a consumer may read a node twice, and layers' names are told by their number
            assert movie.caption(found) == told


def test_frame_at_is_between_events() -> None:
    movie = film("elman")
    assert movie.frame_at(0).done == 0 and movie.frame_at(1).done == movie.events
    for n in range(movie.events):
        frame = movie.frame_at((n + 0.25) / movie.events)
        assert frame.done == n and abs(frame.fraction - 0.25) < 1e-6
        assert movie.frame_at((n + 1) / movie.events).done == n + 1 == movie.frame_of_event(n).done
    assert movie.frame_at(-3).done == 0 and movie.frame_at(7).event is None
