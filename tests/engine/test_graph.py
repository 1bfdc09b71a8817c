"""The graph that leaves the program has every node and use, with the numbers of the recording."""

from __future__ import annotations

import networkx
import numpy as np
import pytest

import engine
from engine.arrangements import ARRANGEMENTS
from engine.errors import Unusable
from engine.graph import LEVELS, TOTAL, graph_of
from tests.engine.test_expression import LECTURE

SENTENCE = "I think therefore I am"
SETTINGS = [
    {},
    {"layers": 2},
    {"direction": "both"},
    {"readout": "last"},
    {"readout": "after"},
    {"reads": "first"},
    {"truncation": 2},
    *({"arrangement": name} for name in ARRANGEMENTS if name != "expression"),
]


def text_for(settings):
    pairs = settings.get("arrangement") == "encoder-decoder"
    return "one two -> eins zwei" if pairs else SENTENCE


def of_kind(graph, kind):
    return [name for name, facts in graph.nodes(data=True) if facts["kind"] == kind]


def edges_of_kind(graph, kind):
    return [facts for _, _, facts in graph.edges(data=True) if facts["kind"] == kind]


@pytest.mark.parametrize("cell", ["elman", "lstm", "gru"])
@pytest.mark.parametrize("settings", SETTINGS)
def test_counts_are_those_that_run_prints(cell, settings):
    run = engine.run(text_for(settings), cell=cell, **settings)
    graph, summary = graph_of(run.recording), run.summary()
    assert isinstance(graph, networkx.MultiDiGraph)
    assert len(of_kind(graph, "slot")) == summary["nodes"]
    assert len(edges_of_kind(graph, "use")) == summary["edges"]
    assert len(of_kind(graph, "parameter")) == len(run.recording.parameters)
    losses = [facts for _, facts in graph.nodes(data=True) if facts["role"] == "loss"]
    assert graph.in_degree(TOTAL) == len(losses) == len(edges_of_kind(graph, "total"))


def test_numbers_are_those_of_the_recording():
    recording = engine.run(SENTENCE, cell="lstm").recording
    graph = graph_of(recording)
    slot = recording.network.segments[0].index("h")
    assert graph.nodes["h3"]["delta_norm"] == pytest.approx(
        np.linalg.norm(recording.delta(0, slot)[2]), rel=1e-12
    )
    assert graph.number_of_edges("W", "z3") == 2  # before h and before x
    assert set(graph.successors("h3")) == {"s3", "z4"}
    assert list(graph.predecessors("k3")) == ["a3"]


def test_every_node_and_edge_says_what_it_is():
    graph = graph_of(engine.run(SENTENCE, cell="gru").recording)
    for _, facts in graph.nodes(data=True):
        assert facts["kind"] in ("slot", "parameter", "first state", "total")
        if facts["kind"] == "slot":
            assert {"op", "step", "slot", "layer", "value_norm", "delta_norm"} <= set(facts)
    for _, _, facts in graph.edges(data=True):
        assert facts["kind"] in ("use", "parameter", "first state", "total")


def test_x_plus_x_has_two_edges():
    graph = graph_of(engine.run("x = 3; x + x", arrangement="expression").recording)
    assert graph.number_of_edges("x", "f") == 2
    assert [facts["position"] for facts in graph.get_edge_data("x", "f").values()] == [0, 1]


def test_a_formula_has_signed_numbers_and_no_steps():
    run = engine.run(LECTURE, arrangement="expression")
    graph = graph_of(run.recording)
    assert set(graph) == {"x", "h", "u", "v", "f"}
    assert graph.nodes["x"]["value"] == 2.0 and "step" not in graph.nodes["x"]
    assert graph.nodes["x"]["delta"] == pytest.approx(12.0053638)
    assert graph.number_of_edges() == run.summary()["edges"]
    tensors = graph_of(run.recording, "tensors")
    assert set(tensors) == {"x", "h", "f"}
    through = sorted((a, b, facts.get("through", "")) for a, b, facts in tensors.edges(data=True))
    assert through == [("h", "f", "u"), ("h", "f", "v"), ("x", "f", "u"), ("x", "h", "")]
    with pytest.raises(Unusable, match="a formula has no steps"):
        graph_of(run.recording, "steps")


@pytest.mark.parametrize(
    ("cell", "slots"),
    [
        ("elman", {"x", "h", "s", "L"}),
        ("lstm", {"x", "f", "i", "g", "o", "a", "h", "s", "L"}),
        ("gated", {"x", "f", "g", "a", "s", "L"}),
    ],
)
def test_tensors_are_what_has_a_name(cell, slots):
    recording = engine.run(SENTENCE, cell=cell).recording
    graph = graph_of(recording, "tensors")
    names = [graph.nodes[n]["slot"] for n in of_kind(graph, "slot")]
    assert set(names) == slots and len(names) == 5 * len(slots)
    whole = graph_of(recording)
    for name in of_kind(graph, "slot"):
        assert networkx.descendants(graph, name) == {
            n for n in networkx.descendants(whole, name) if n in graph
        }


def test_what_is_joined_says_through_what():
    graph = graph_of(engine.run(SENTENCE, cell="elman").recording, "tensors")
    assert set(graph.successors("h2")) == {"s2", "h3"}
    facts = graph.get_edge_data("h2", "h3")[0]
    assert (facts["through"], facts["lag"]) == ("z3", 1)
    assert set(graph.predecessors("h3")) == {"h2", "x3", "W_hh", "W_xh", "b"}


def test_steps_are_one_node_for_each_layer_and_step():
    recording = engine.run(SENTENCE, cell="lstm", layers=2).recording
    graph = graph_of(recording, "steps")
    steps = of_kind(graph, "step")
    assert len(steps) == 3 * 5  # two layers and the readout
    assert set(of_kind(graph, "slot")) == {f"x{t}" for t in range(1, 6)}
    second = graph.nodes["layer 1, step 2"]
    assert (second["slot"], second["layer"], second["step"], second["slots"]) == ("h", 1, 2, 10)
    whole = graph_of(recording)
    assert second["delta_norm"] == whole.nodes["h2^1"]["delta_norm"]
    between = graph.number_of_edges("layer 1, step 2", "layer 1, step 3")
    assert between == 2  # h before z, a before the product
    assert graph.number_of_edges("layer 1, step 2", "layer 2, step 2") == 1
    assert networkx.is_directed_acyclic_graph(graph)


@pytest.mark.parametrize("level", LEVELS)
def test_of_every_arrangement_every_level_is_a_graph_without_circles(level):
    for settings in SETTINGS:
        graph = graph_of(engine.run(text_for(settings), **settings).recording, level)
        assert networkx.is_directed_acyclic_graph(graph)
        assert set(networkx.ancestors(graph, TOTAL)) >= {"x1"}


def test_cut_edges_are_marked():
    graph = graph_of(engine.run(SENTENCE, truncation=2).recording)
    cut = [(b, facts) for _, b, facts in graph.edges(data=True) if facts.get("cut")]
    assert {graph.nodes[b]["step"] for b, _ in cut} >= {3, 5}
    assert not any(facts.get("contribution_norm", 0.0) for _, facts in cut)


def test_ragged_sequences_end_where_they_end():
    sequence = engine.sequences.typed(["a b c", "a b c d e"])
    graph = graph_of(engine.run(sequence, readout="last").recording)
    ends = {a for a, b, f in graph.edges(data=True) if b == "s5" and f["kind"] == "use"}
    assert ends == {"h3", "h5"}


def test_another_level_is_refused():
    with pytest.raises(Unusable, match="at the level ops, tensors, steps; got bands"):
        graph_of(engine.run(SENTENCE).recording, "bands")
