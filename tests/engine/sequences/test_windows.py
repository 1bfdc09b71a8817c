"""A window of a long sequence is those steps of it, with what is known of the whole."""

from __future__ import annotations

import numpy as np
import pytest

import engine
from engine import fitting
from engine.batching import batch_of, window_of
from engine.errors import Unusable
from engine.experiment import Experiment
from engine.sequences import Sequence, typed
from engine.sequences.scaling import Scaling, scaling_of
from engine.sequences.window import Window

TEXT = "one fish two fish red fish blue fish"
ROW = np.arange(60.0).reshape(20, 3) % 7


def table(roles=("input", "input", "input"), **more) -> Sequence:
    return Sequence("numbers", series=(ROW,), columns=tuple("abc"), roles=roles, **more)


def cut(sequence: Sequence, first: int, steps: int, **settings: object):
    chosen = Experiment().changed(**settings)
    return batch_of(sequence, chosen), batch_of(sequence, chosen.changed(first=first, steps=steps))


SEQUENCES = {
    "characters": (typed(TEXT, "characters"), {}),
    "words": (typed(TEXT), {}),
    "next numbers": (table(), {}),
    "numbers beside": (table(("input", "ignore", "target")), {}),
    "a class a step": (table(labels=(tuple("xyxyxzxyxyxyzyxyxyxy"),)), {}),
    "one class": (table(labels=(("x",),)), {"task": "regression"}),
    "times": (table(times=(tuple(map(str, range(1900, 1920))),)), {}),
    "as they are": (table(), {"standardise": False}),
}


@pytest.mark.parametrize("name", SEQUENCES)
@pytest.mark.parametrize("first", [1, 4])
def test_a_window_is_a_part_of_the_whole(name, first):
    whole, part = cut(*(SEQUENCES[name][0],), first, 3, **SEQUENCES[name][1])
    here = slice(first - 1, first + 2)
    assert part.window == Window(first - 1, first + 2, whole.steps)
    for field in ("x", "targets", "weights"):
        assert np.array_equal(getattr(part, field), getattr(whole, field)[here]), field
    for field in ("labels", "target_labels"):
        assert [row[here] for row in getattr(whole, field)] == list(getattr(part, field))
    same = ("vocabulary", "means", "scales", "target_means", "outputs", "input_names")
    assert all(getattr(part, field) == getattr(whole, field) for field in same)


@pytest.mark.parametrize("name", SEQUENCES)
def test_the_last_window_ends_with_the_sequence(name):
    whole, part = cut(*(SEQUENCES[name][0],), 5, 1000, **SEQUENCES[name][1])
    assert part.steps == whole.steps - 4
    assert np.array_equal(part.targets, whole.targets[4:])
    assert part.target_labels[0][-1] == whole.target_labels[0][-1]


def test_all_of_it_is_no_window():
    assert window_of(typed(TEXT), Experiment(steps=1000)) is None
    assert batch_of(typed(TEXT), Experiment()).window is None


@pytest.mark.parametrize("settings", [{"cell": "lstm", "layers": 2}, {"direction": "both"}])
def test_a_window_is_recorded_as_if_it_were_the_sequence(settings):
    part = engine.run(typed(TEXT, "characters"), first=8, steps=10, **settings).recording
    given = batch_of(typed(TEXT, "characters"), Experiment())
    x = np.zeros((10, 1, given.x.shape[2]))
    x[:] = given.x[7:17]
    same = engine.run(typed(TEXT, "characters"), first=1, steps=10, inputs=x, **settings).recording
    for g, segment in enumerate(part.network.segments):
        for k, slot in enumerate(segment.slots):
            if slot.role != "loss":
                assert np.array_equal(part.value(g, k), same.value(g, k))


def test_what_does_not_fit_is_recorded_window_by_window(monkeypatch):
    monkeypatch.setattr(fitting, "MOST_NODES", 30_000)
    monkeypatch.setattr(fitting, "WINDOW", 3_000)
    long = typed("abcd" * 5_000, "characters")
    assert window_of(long, Experiment()) == Window(0, 3_000, 20_000)
    assert window_of(long, Experiment(cell="lstm")) == Window(0, 1_500, 20_000)
    assert window_of(long, Experiment(first=19_001)) is not None
    assert engine.run(long, first=19_001).recording.steps == 1_000
    with pytest.raises(Unusable) as caught:
        engine.run(long, steps=10_000)
    assert str(caught.value) == (
        "10,000 steps of this network are 50,000 nodes; at most 30,000 are recorded at once:"
        " choose --steps 6000 or fewer"
    )


def test_attention_looks_at_no_more_than_it_can_hold():
    long = typed("abcd" * 10_000, "characters")
    window = window_of(long, Experiment(arrangement="attention"))
    assert window is not None and window.steps == 5_000
    assert window_of(long, Experiment()) is None


def test_a_first_step_beyond_the_end_is_refused():
    texts = typed(["one two three four", "one two three four five"])
    with pytest.raises(Unusable) as caught:
        engine.run(texts, first=4)
    assert (str(caught.value), caught.value.exit) == (
        "first must be 1..3, since the shortest series has 4 steps and at least two of them are "
        "read; got 4",
        2,
    )
    assert engine.run(texts, first=3).recording.span(0, 1) == (0, 3)


def test_what_is_written_after_all_was_read_has_no_window():
    assert window_of(typed("a b -> c"), Experiment(arrangement="encoder-decoder", first=2)) is None


def test_a_million_steps_are_scaled_as_a_few_are(monkeypatch):
    rng = np.random.default_rng(0)
    series = rng.normal(1e6, 1e-3, (7000, 2)) * [1, 1e-200]
    sequence = Sequence("numbers", series=(series,), columns=("a", "b"), roles=("input",) * 2)
    whole = Scaling.of([series])
    scaling_of.cache_clear()
    monkeypatch.setattr("engine.sequences.scaling.BLOCK", 1000)
    blocks = scaling_of(sequence, "input")
    scaling_of.cache_clear()
    np.testing.assert_allclose(blocks.means, whole.means, rtol=1e-14)
    np.testing.assert_allclose(blocks.scales, whole.scales, rtol=1e-5)


def test_of_the_longest_signals_some_blocks_tell_the_scale(monkeypatch):
    wave = np.sin(np.arange(60_000) / 50)[:, None] * 3 + 1
    sequence = Sequence("numbers", series=(wave,), columns=("a",), roles=("input",))
    monkeypatch.setattr("engine.sequences.scaling.BLOCK", 1000)
    scaling_of.cache_clear()
    some = scaling_of(sequence, "input")
    scaling_of.cache_clear()
    whole = Scaling.of([wave])
    assert some != whole
    np.testing.assert_allclose((*some.means, *some.scales), (*whole.means, *whole.scales), rtol=0.1)
