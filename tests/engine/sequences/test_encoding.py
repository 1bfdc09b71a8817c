"""Batches: targets, weights, padding, scaling and the texts under the steps."""

from __future__ import annotations

import subprocess
import sys
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.errors import Unusable
from engine.sequences import TASKS, Sequence, encode, natural_task, sample, typed
from engine.sequences.scaling import Scaling
from engine.sequences.wording import number, plain, shown

SENTENCE = "I think therefore I am"


def table(*series: list[list[float]], roles: tuple[str, ...] = (), **facts: object) -> Sequence:
    arrays = tuple(np.array(each, dtype=np.float64) for each in series)
    width = arrays[0].shape[1]
    return Sequence(
        kind="numbers",
        series=arrays,
        columns=tuple("abcdef"[:width]),
        roles=roles or ("input",) * width,
        **facts,  # type: ignore[arg-type]
    )


def test_the_sentence_is_five_steps() -> None:
    batch = encode(typed(SENTENCE))
    assert (batch.steps, batch.size, batch.kind, batch.task) == (5, 1, "class", "next")
    assert batch.labels == (("I", "think", "therefore", "I", "am"),)
    assert batch.target_labels == (("think", "therefore", "I", "am", "■"),)
    assert batch.vocabulary == ("I", "think", "therefore", "am", "■")
    assert batch.input_names == batch.output_names == batch.vocabulary
    assert batch.x[:, 0].argmax(axis=1).tolist() == [0, 1, 2, 0, 3]
    assert batch.x.sum(axis=2).tolist() == [[1.0]] * 5
    assert batch.targets[:, 0].tolist() == [1, 2, 0, 3, 4]
    assert batch.weights.tolist() == [[1.0]] * 5


def test_characters() -> None:
    batch = encode(typed("a b\nc"), tokens="characters")
    assert batch.labels == (("a", "␣", "b", "↵", "c"),)
    assert batch.vocabulary == ("a", " ", "b", "\n", "c", "■")
    assert encode(typed("hello", "characters")).steps == 5


def test_a_typed_stop_token_is_the_stop_token() -> None:
    batch = encode(typed("a b ■ c"))
    assert batch.vocabulary == ("a", "b", "c", "■")
    assert batch.targets[:, 0].tolist() == [1, 3, 2, 3]


def test_ragged_texts_are_padded_at_the_right() -> None:
    batch = encode(typed(["a b c", "b a"]))
    assert (batch.start.tolist(), batch.stop.tolist()) == ([0, 0], [3, 2])
    assert batch.weights.tolist() == [[1, 1], [1, 1], [1, 0]]
    assert not batch.x[2, 1].any()
    assert batch.target_labels == (("b", "c", "■"), ("a", "■"))


def test_readout_last_counts_the_last_step_of_each_series() -> None:
    batch = encode(typed(["a b c", "b a"]), readout="last")
    assert batch.weights.tolist() == [[0, 0], [0, 1], [1, 0]]
    assert batch.readout == "last"


def test_numbers_without_a_target_predict_the_next_step() -> None:
    given = table([[1, 10], [2, 10], [6, 10]], times=(("x", "y", "z"),))
    batch = encode(given, standardise=False)
    assert batch.x[:, 0].tolist() == [[1, 10], [2, 10]]
    assert batch.targets[:, 0].tolist() == [[2, 10], [6, 10]]
    assert batch.labels == (("x", "y"),)
    assert batch.target_labels == (("2 …", "6 …"),)
    assert (batch.kind, batch.outputs, batch.vocabulary) == ("regression", 2, ())
    assert np.array_equal(
        encode(given, task="regression", standardise=False).targets, batch.targets
    )


def test_a_target_column_is_predicted_at_its_own_step() -> None:
    batch = encode(table([[1, 0.5], [3, 2.25]], roles=("input", "target")))
    assert (batch.task, batch.outputs, batch.output_names) == ("regression", 1, ("b",))
    assert batch.x[:, 0, 0].tolist() == [-1, 1]
    assert batch.targets[:, 0, 0].tolist() == [-1, 1]
    assert batch.target_labels == (("0.5", "2.25"),)
    raw = batch.targets[:, 0] * batch.target_scales + batch.target_means
    assert raw[:, 0].tolist() == [0.5, 2.25]


def test_a_label_per_series_and_a_label_per_step() -> None:
    each = encode(table([[1], [2]], [[3]], labels=(("10",), ("9",))))
    assert (each.task, each.vocabulary) == ("class", ("9", "10"))
    assert each.targets.tolist() == [[1, 0], [1, 0]]
    assert each.weights.tolist() == [[1, 1], [1, 0]]
    steps = encode(table([[1], [2], [3]], labels=(("sun", "rain", "sun"),)))
    assert steps.targets[:, 0].tolist() == [1, 0, 1]
    assert steps.target_labels == (("sun", "rain", "sun"),)


def test_labelled_texts_are_classified() -> None:
    given = Sequence(kind="text", texts=("good day", "bad"), labels=(("+",), ("-",)))
    batch = encode(given, readout="last")
    assert (batch.task, batch.vocabulary) == ("class", ("+", "-"))
    assert batch.input_names == ("good", "day", "bad")
    assert batch.weights.tolist() == [[0, 1], [1, 0]]


def test_one_label_alone_is_no_class_task() -> None:
    assert natural_task(table([[1], [2]], labels=(("sun",),))) is TASKS["next"]


@settings(max_examples=60, deadline=None)
@given(arrays(np.float64, (5, 2), elements=st.floats(allow_nan=False, allow_infinity=False)))
def test_scaling_survives_any_finite_numbers(raw: np.ndarray) -> None:
    scaling = Scaling.of([raw])
    scaled = scaling.apply(raw)
    assert np.isfinite(scaled).all()
    assert (np.array(scaling.scales) > 0).all()
    assert np.abs(scaled).max() <= 1e6


@pytest.mark.parametrize("value", [0.0, 0.1, 1e15, -1e300])
def test_a_constant_column_becomes_zero(value: float) -> None:
    for steps in (1, 7):
        scaling = Scaling.of([np.full((steps, 1), value)])
        assert np.abs(scaling.apply(np.full((steps, 1), value))).max() <= abs(value) * 1e-15


def test_standardised_columns_have_mean_0_and_variance_1() -> None:
    batch = encode(sample("seattle-weather"))
    assert np.allclose(batch.x[:, 0].mean(axis=0), 0, atol=1e-12)
    assert np.allclose(batch.x[:, 0].std(axis=0), 1)
    raw = batch.x[:, 0] * batch.scales + batch.means
    assert np.allclose(raw, sample("seattle-weather").series[0])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(), min_size=1, max_size=3), st.sampled_from(["words", "characters"]))
def test_any_text_is_encoded_or_refused(texts: list[str], tokens: str) -> None:
    try:
        batch = encode(typed(texts, tokens))
    except Unusable as error:
        assert error.message.isprintable()
        return
    assert batch.x.sum() == batch.weights.sum() == batch.stop.sum()
    assert all(label.isprintable() for labels in batch.labels for label in labels)
    for b, stop in enumerate(batch.stop):
        assert batch.targets[stop - 1, b] == len(batch.vocabulary) - 1
        assert np.array_equal(batch.targets[: stop - 1, b], batch.x[1:stop, b].argmax(axis=1))


def test_how_things_are_written() -> None:
    assert [number(v) for v in (1749, 0.53, -0.0, 1e-7, 1e12, 23.11)] == [
        "1749", "0.53", "0", "1e-07", "1e+12", "23.11",
    ]  # fmt: skip
    assert (shown("a\u200bb\t"), plain("Jan 1\n")) == ("aU+200Bb⇥", "Jan 1↵")
    assert len(shown("x" * 50)) == 16


def test_arrays_are_read_only() -> None:
    batch = encode(typed(SENTENCE))
    for array in (batch.x, batch.start, batch.stop, batch.targets, batch.weights):
        assert not array.flags.writeable


def test_a_long_text_is_encoded_at_once() -> None:
    text = "".join(chr(97 + k * k % 26) for k in range(100_000))
    begin = time.perf_counter()
    batch = encode(typed(text, "characters"))
    assert batch.steps == 100_000
    assert time.perf_counter() - begin < 2.5  # 0.1 s alone; the bound is for a busy machine


def test_import_takes_numpy_and_the_standard_library_only() -> None:
    code = (
        "import sys, engine.sequences;"
        "print([m for m in ('PySide6', 'networkx', 'msgspec', 'pyqtgraph') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
