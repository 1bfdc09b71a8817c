"""Uses of all steps: every pair of steps has its own vector, and they sum to what is recorded."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import engine
from engine.arrangements import ARRANGEMENTS
from engine.arrangements.building import Shape
from engine.experiment import Experiment
from engine.graph import graph_of, name_of
from engine.measures import MOST_READERS, delta_ledger
from engine.pairwise import pairs, received, sent
from engine.parameters import initialise
from engine.template import ALL, Node
from tests.engine.side_by_side import CLASSES, HIDDEN, INPUTS, SPANS, B, T, batch, both

MADE = list(itertools.product(("attention", "padded"), (1, 2), SPANS))


def made(arrangement, layers, span):
    """A recording and the referee's numbers for the same."""
    experiment = Experiment(arrangement=arrangement, layers=layers, hidden=HIDDEN).meant()
    network = ARRANGEMENTS[arrangement].make(experiment, Shape(T, INPUTS, CLASSES, "cross-entropy"))
    given = batch(np.random.default_rng(layers), span, experiment.readout)
    parameters = initialise(experiment, network)
    late = span == "late starts"
    return both(network, given, parameters, late)


def all_uses(recording):
    return [use for use in recording.network.all_uses() if use.reach == ALL]


@pytest.mark.parametrize(("arrangement", "layers", "span"), MADE)
def test_every_pair_agrees_with_the_tape(arrangement, layers, span):
    recording, reference = made(arrangement, layers, span)
    segments = recording.network.segments
    for use in all_uses(recording):
        source, reader = segments[use.segment], segments[use.consumer.segment]
        key = (source.name, source.slots[use.slot].name)
        key += (reader.name, reader.slots[use.consumer.slot].name, use.position)
        total = np.zeros_like(recording.contribution(use))
        for t in range(reader.steps):
            # the tape knows a reader of one step by the step at which the sequence ends
            ends = [t] if reader.steps > 1 else range(T)
            found = [reference.pairs.get((*key, end)) for end in ends]
            expected = sum((a for a in found if a is not None), np.zeros_like(total))
            vectors = recording.attention_contribution(use, t)
            np.testing.assert_allclose(vectors, expected, rtol=0, atol=1e-13)
            total += vectors
        np.testing.assert_allclose(total, recording.contribution(use), rtol=0, atol=1e-14)


@pytest.mark.parametrize(("arrangement", "layers", "span"), MADE)
def test_sent_and_received_are_the_same_vectors(arrangement, layers, span):
    recording, _ = made(arrangement, layers, span)
    for use in all_uses(recording):
        reader = recording.network.segments[use.consumer.segment]
        table = np.stack([sent(recording, use, t) for t in range(reader.steps)])
        for s, b in itertools.product(range(T), range(B)):
            column = received(recording, use, s, b)
            np.testing.assert_allclose(column, table[:, s, b], rtol=0, atol=1e-15)


@pytest.mark.parametrize(("arrangement", "layers", "span"), MADE)
def test_the_ledger_has_a_term_for_each_reader_and_adds_up(arrangement, layers, span):
    recording, _ = made(arrangement, layers, span)
    for use in all_uses(recording):
        for s, b in itertools.product(range(T), range(B)):
            ledger = delta_ledger(recording, Node(use.segment, s, use.slot), b)
            np.testing.assert_allclose(ledger.total, ledger.delta, rtol=0, atol=1e-14)
            mine = [term.consumer for term in ledger.terms if term.use == use]
            owned = recording.start[b] <= s < recording.stop[b]
            seen = np.flatnonzero(pairs(recording, use, b)[:, s]) if owned else []
            assert mine == [use.consumer._replace(t=int(t)) for t in seen]


@pytest.mark.parametrize("span", SPANS)
def test_weights_are_causal_and_sum_to_one_inside_a_sequence(span):
    recording, _ = made("attention", 1, span)
    weights = recording.attention(0, recording.network.segments[0].index("o"))
    assert weights.shape == (T, B, T)
    for t, b, s in np.ndindex(weights.shape):
        start, stop = recording.start[b], recording.stop[b]
        seen = start <= s <= t < stop
        assert (weights[t, b, s] > 0) == seen
    np.testing.assert_allclose(weights.sum(2), recording.inside, rtol=0, atol=1e-15)


@pytest.mark.parametrize("arrangement", ["attention", "padded"])
def test_the_graph_has_an_edge_for_each_pair(arrangement):
    recording = engine.run("I think therefore I am", arrangement=arrangement).recording
    graph = graph_of(recording)
    used = [e for e in graph.edges(data=True) if "lag" in e[2] and "contribution_norm" in e[2]]
    assert len(used) == recording.edges
    use = all_uses(recording)[-1]
    found = list(graph.successors(name_of(recording, use.segment, 1, use.slot)))
    if arrangement == "attention":
        assert found == ["o2", "o3", "o4", "o5"]
        edge = graph.edges["v2", "o4", 0]
        vectors = recording.attention_contribution(use, 3)
        assert edge["lag"] == 2
        assert edge["attention"] == recording.attention(0, 4)[3, 0, 1]
        assert edge["contribution_norm"] == pytest.approx(np.linalg.norm(vectors[1]), rel=1e-13)
    else:
        assert found == ["f5"]
        assert graph.edges["x2", "f5", 0]["lag"] == 3


def test_a_node_with_very_many_readers_has_one_term_for_them():
    steps = MOST_READERS + 2
    recording = engine.run(" ".join("ab" * (steps // 2)), arrangement="attention", hidden=2)
    network = recording.recording.network
    node = Node(0, 0, network.segments[0].index("v"))
    ledger = delta_ledger(recording.recording, node, 0)
    assert len(ledger.terms) == 1
    assert ledger.terms[0].consumer.t == 0
    np.testing.assert_allclose(ledger.total, ledger.delta, rtol=0, atol=1e-14)


def test_what_stands_in_the_padding_changes_nothing():
    rng = np.random.default_rng(0)
    given = batch(rng, "early ends", "every")
    settings = {"arrangement": "attention", "hidden": HIDDEN, "layers": 2}
    clean = engine.run(given, **settings).recording
    for rubbish in (1e30, np.nan, np.inf):
        inside = clean.inside[..., None]
        dirty = engine.run(given, inputs=np.where(inside, given.x, rubbish), **settings).recording
        assert dirty.loss == clean.loss
        for name, gradient in clean.gradients.items():
            np.testing.assert_array_equal(dirty.gradients[name], gradient)
