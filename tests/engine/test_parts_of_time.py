"""Reading and writing in turn, own weights, held and cut states: against the referee, and laws."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import engine
from engine.choices import CELL_CHOICES
from engine.door import Run
from engine.errors import Unusable
from tests.engine.compare import assert_equal
from tests.reference.walk import walk

CELLS = CELL_CHOICES[:5]
PAIRS = ["a b c -> x y", "b a -> y x y", "c -> x"]
RAGGED = ["a b c d", "b a", "c a b"]
WAYS = {
    "one-to-many": ({"reads": "first"}, RAGGED),
    "read, then write": ({"readout": "after"}, PAIRS),
    "encoder-decoder": ({"arrangement": "encoder-decoder"}, PAIRS),
    "own weights": ({"arrangement": "per-layer"}, RAGGED),
    "own weights, run on zeros": ({"arrangement": "per-layer", "padding": "pad"}, RAGGED),
    "mask": ({"padding": "mask"}, RAGGED),
    "mask, both": ({"padding": "mask", "direction": "both", "layers": 2}, RAGGED),
    "mask, last": ({"padding": "mask", "readout": "last"}, RAGGED),
    "pad": ({"padding": "pad"}, RAGGED),
    "pad, last": ({"padding": "pad", "readout": "last"}, RAGGED),
    "cut": ({"truncation": 2}, RAGGED),
    "cut, both": ({"truncation": 2, "direction": "both"}, RAGGED),
    "cut, after": ({"truncation": 2, "readout": "after", "layers": 2}, PAIRS),
    "stacked": ({"arrangement": "encoder-decoder", "layers": 2}, PAIRS),
}


def recorded(way: str, cell: str = "elman", **more: object) -> Run:
    settings, texts = WAYS[way]
    given = engine.typed(texts)
    return engine.run(given, cell=cell, hidden=3, seed=5, **{**settings, **more})  # type: ignore[arg-type]


def referee(run: Run):
    rec = run.recording
    every = range(rec.batch)
    spans = [
        tuple(np.array([rec.span(g, b)[end] for b in every]) for end in (0, 1))
        for g in range(len(run.network.segments))
    ]
    return walk(
        run.network,
        dict(rec.parameters),
        {"x": run.batch.x},
        rec.plan.workspace.stored,
        start=rec.start,
        stop=rec.stop,
        initial=rec.initial,
        weights=rec.loss_weights,
        spans=spans,
    )


@pytest.mark.parametrize(("way", "cell"), list(itertools.product(WAYS, CELLS)))
def test_every_number_agrees_with_the_referee(way, cell):
    run = recorded(way, cell)
    assert run.recording.loss > 0
    assert_equal(run.recording, referee(run))


def test_a_short_sequence_equals_the_shorter_net():
    texts = ["a b c d e", "d e"]
    run = engine.run(engine.typed(texts), arrangement="per-layer", hidden=3, reduction="sum")
    rec = run.recording
    short = engine.run(engine.typed([texts[1]]), arrangement="per-layer", hidden=3)
    small = short.batch
    # the same vocabulary and the last two layers of the longer net
    columns = [run.batch.input_names.index(name) for name in small.input_names]
    rows = [run.batch.vocabulary.index(name) for name in small.vocabulary]
    h = 3
    parameters = {
        "W": rec.parameters["W"][-2:][:, :, [*range(h), *(h + c for c in columns)]],
        "b": rec.parameters["b"][-2:],
        "V": rec.parameters["V"][rows],
        "c": rec.parameters["c"][rows],
    }
    alone = engine.run(small, arrangement="per-layer", hidden=3, parameters=parameters)
    g, k = run.chains("h")[0][0]
    np.testing.assert_allclose(
        rec.value(g, k)[-2:, 1], alone.recording.value(g, k)[:, 0], atol=1e-14
    )
    zeros = recorded("own weights, run on zeros")
    late = recorded("own weights")
    parameters = dict(late.recording.parameters)
    parameters["b"] = parameters["b"] + 0.3  # σ(b) ≠ 0 is what the leading layers make of zeros
    both = [
        engine.run(r.batch, r.experiment, parameters=parameters).recording.value(g, k)
        for r in (zeros, late)
    ]
    assert np.abs(both[0][-1, 1] - both[1][-1, 1]).max() > 1e-4
    np.testing.assert_allclose(both[0][-1, 0], both[1][-1, 0], atol=1e-14)  # the longest


@pytest.mark.parametrize("cell", CELLS)
def test_masked_and_packed_agree_with_each_sequence_alone(cell):
    packed, masked = recorded("cut", cell, truncation=0), recorded("mask", cell)
    padded = recorded("pad", cell)
    np.testing.assert_allclose(packed.recording.loss, masked.recording.loss, rtol=1e-12)
    for name, gradient in packed.recording.gradients.items():
        np.testing.assert_allclose(gradient, masked.recording.gradients[name], atol=1e-12)
    assert abs(padded.recording.loss - packed.recording.loss) > 1e-3
    np.testing.assert_allclose(packed.norms("h"), masked.norms("h"), atol=1e-12)


def test_garbage_in_the_padding_changes_nothing_where_it_is_masked():
    for way, changes in (("mask", False), ("cut", False), ("pad", True)):
        run = recorded(way, truncation=0)
        x = np.array(run.batch.x)
        x[2:, 1] = 7.5  # behind the end of the second sequence
        other = engine.run(run.batch, run.experiment, inputs=x)
        assert (abs(other.recording.loss - run.recording.loss) > 1e-6) == changes


@pytest.mark.parametrize("k", [1, 2, 3])
def test_nothing_of_a_loss_passes_a_cut(k):
    text = "a b c d e f g"
    run = engine.run(text, hidden=3, truncation=k, cell="lstm")
    rec = run.recording
    g, h = run.chains("h")[0][0]
    for step in range(rec.steps):
        only = np.zeros_like(rec.loss_weights)
        only[step] = 1.0
        delta = rec.with_loss_weights(only).delta(g, h)
        window = step // k * k
        assert not delta[:window].any()
        assert all(row.any() for row in delta[window : step + 1])
    whole = engine.run(text, hidden=3, truncation=100, cell="lstm")
    free = engine.run(text, hidden=3, cell="lstm")
    assert whole.recording.loss == free.recording.loss
    for name, gradient in free.recording.gradients.items():
        np.testing.assert_array_equal(gradient, whole.recording.gradients[name])


def test_in_an_encoder_decoder_delta_crosses_only_where_the_state_is_handed_over():
    run = recorded("encoder-decoder", "lstm")
    rec, network = run.recording, run.network
    crossing = [
        use
        for use in network.all_uses()
        if network.segments[use.segment].part == "read"
        and network.segments[use.consumer.segment].part == "write"
    ]
    assert {use.position for use in crossing} == {-1}
    assert len(crossing) == 2  # h and a
    for use in crossing:
        sent = rec.contribution(use)
        for b in range(rec.batch):
            last = rec.span(use.segment, b)[1] - 1
            assert sent[last, b].any()
            assert not np.delete(sent[:, b], last, axis=0).any()


@pytest.mark.parametrize("what", [[], ["a b", ""], None, [[1, 2], []], 3.0])
def test_what_is_no_sequence_is_one_line(what):
    with pytest.raises(Unusable, match=r"empty|a sequence is") as caught:
        engine.run(what)
    assert "\n" not in str(caught.value)


def test_a_list_of_texts_is_a_batch_and_a_run_says_what_it_is():
    run = engine.run(["a b c", "b a"])
    assert repr(run) == f"Run(3 steps, batch 2, 140 parameters, loss {run.recording.loss:.6g})"


@pytest.mark.parametrize(
    ("texts", "settings", "words"),
    [
        (["a b c"], {"arrangement": "encoder-decoder"}, "has no target"),
        (["a -> b -> c"], {"arrangement": "encoder-decoder"}, "has several arrows"),
        (["a ->"], {"arrangement": "encoder-decoder"}, "nothing after the arrow"),
        (["-> b"], {"readout": "after"}, "nothing before the arrow"),
        (["a b"], {"readout": "after", "task": "class"}, "has one answer"),
        (["a b"], {"readout": "after", "arrangement": "attention"}, "goes on from a state"),
        (["a b"], {"padding": "mask", "arrangement": "per-layer"}, "no state to hold"),
    ],
)
def test_bad_pairs_are_one_line(texts, settings, words):
    with pytest.raises(Unusable, match=words) as caught:
        engine.run(engine.typed(texts), **settings)
    assert "\n" not in str(caught.value)
