"""What two compared experiments are called: every title says what the other has not."""

from __future__ import annotations

import pytest

from engine.experiment import Experiment
from engine.sequences import typed
from visualizer.document.snapshot import Snapshot
from visualizer.document.titles import kind_of, titles_of

PLAIN = Snapshot(typed("I think therefore I am"))


@pytest.mark.parametrize(
    ("settings", "titles"),
    [
        ({}, ("RNN", "RNN, the same so far")),
        ({"cell": "lstm"}, ("RNN", "LSTM")),
        ({"cell": "lstm", "forget_bias": 3}, ("RNN", "LSTM, gate bias 3")),
        (
            {"hidden": 1, "layers": 2},
            ("RNN, 8 hidden units, 1 layer", "RNN, 1 hidden unit, 2 layers"),
        ),
        ({"zeroing": False}, ("RNN, zero gradients first: yes", "RNN, zero gradients first: no")),
        (
            {"rule": "overwrite"},
            ("RNN, parameter gradient accumulate", "RNN, parameter gradient overwrite"),
        ),
    ],
)
def test_settings_that_differ_are_named(settings: dict[str, object], titles: object) -> None:
    other = Snapshot(PLAIN.sequence, Experiment().changed(**settings))
    assert titles_of(PLAIN, other) == titles


def test_so_is_what_was_done_by_hand() -> None:
    typed_over = PLAIN.edited("b", (0,), 0.5)
    assert titles_of(PLAIN, typed_over) == ("RNN", "RNN, 1 typed number")
    assert titles_of(PLAIN.with_loss(1, 0, False), PLAIN)[0] == "RNN, 1 loss off"
    said = titles_of(PLAIN, PLAIN.with_sequence(typed("I am")))
    assert said == ("RNN, “I think therefore I am”", "RNN, “I am”")


def test_a_setting_that_only_one_of_them_has_is_told_if_it_is_unusual() -> None:
    first = Snapshot(PLAIN.sequence, Experiment(cell="lstm", forget_bias=3))
    assert titles_of(first, first.with_settings(cell="elman")) == ("LSTM, gate bias 3", "RNN")
    usual = Snapshot(PLAIN.sequence, Experiment(cell="lstm"))
    assert titles_of(usual, usual.with_settings(cell="elman")) == ("LSTM", "RNN")


def test_a_long_list_is_cut() -> None:
    other = Snapshot(
        PLAIN.sequence,
        Experiment(hidden=4, layers=2, seed=7, gain=2.0, learning_rate=0.5, direction="both"),
    )
    assert titles_of(PLAIN, other)[1].count(",") == 5 and titles_of(PLAIN, other)[1].endswith("…")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "RNN"),
        ({"cell": "gru", "layers": 2, "direction": "both"}, "GRU, 2 layers, both directions"),
        ({"arrangement": "encoder-decoder", "cell": "lstm"}, "Encoder–decoder, LSTM"),
        ({"readout": "after"}, "RNN, reads, then writes"),
        ({"readout": "last", "encoder": "convolution"}, "RNN, after a convolution, one output"),
        ({"reads": "first", "direction": "both"}, "RNN, one input"),
        ({"arrangement": "attention", "cell": "lstm", "readout": "last"}, "Attention"),
    ],
)
def test_what_an_experiment_is(settings: dict[str, object], words: str) -> None:
    assert kind_of(Experiment().changed(**settings)) == words
