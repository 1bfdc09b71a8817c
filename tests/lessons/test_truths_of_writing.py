"""What each lesson shows is true: networks that read their own output."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.differences import differences
from engine.training.choosing import softmax
from engine.training.grid import pieces, solves, tried
from engine.training.independent import odds
from engine.training.schedules import truth_probability
from engine.training.shift import drift_of
from engine.training.trained import Trained
from engine.training.training import Training
from visualizer.document.derive import Derived, sheet_of
from visualizer.export.figures import figure
from visualizer.lessons.facts import filled
from visualizer.lessons.opening import opened
from visualizer.lessons.reading import lesson
from visualizer.plots import grid
from visualizer.plots.ahead import plot_ahead
from visualizer.plots.table import PLOTS
from visualizer.scene.picture import Texts
from visualizer.scene.view import View


def variant(id: str, title: str) -> tuple[Derived, Trained]:
    found = lesson(id)
    derived = opened(found, found.number_of(title))
    trained = derived.snapshot.trained
    assert trained is not None
    return derived, trained


def number(words: str, derived: Derived) -> float:
    return float(filled(words, derived.run, derived.snapshot.trained))


def test_right_odds() -> None:
    derived, trained = variant("right-odds", "independent")
    run, texts = derived.run, [text.split() for text in trained.sequence.texts]
    assert run.batch.labels[0] == ("▶", "", "", "", ""), "what is drawn is read by nobody"
    names = run.batch.output_names
    for t in range(4):  # every marginal is right
        segment = 2 if t == 0 else 3
        row = softmax(run.recording.value(segment, 0)[max(t - 1, 0), 0])
        counted = [sum(text[t + 1] == name for text in texts) / len(texts) for name in names]
        np.testing.assert_allclose(row, counted, atol=0.01)
    # the joint is the product of them: 8 sentences at ½ · ⅛ · ⅛ · ⅛
    assert number("{share:.9f}", derived) == pytest.approx(100 * 8 / (2 * 8**3), rel=0.01)
    fed, trained = variant("right-odds", "fed back")
    assert number("{share:.9f}", fed) > 99
    labels, told = fed.run.batch.labels[0], fed.run.batch.target_labels[0]
    assert " ".join((*labels[:1], *told[:-1])) in trained.sequence.texts and told[-1] == "■"
    assert labels[1:] == told[:-1]
    found = odds(trained, "▶", 5, count=400, seed=1)
    known = {text.removeprefix("▶ ") for text in trained.sequence.texts}
    both = (found.together, found.apart)
    shares = [np.mean([t in known for t in found.texts(rows)]) for rows in both]
    assert shares[0] > 0.97 and shares[1] < 0.04
    taught, _ = variant("right-odds", "as it was taught")
    assert taught.run.recording.loss == pytest.approx(math.log(8), abs=0.02)
    first = taught.run.batch
    assert first.target_labels[0] == (*first.labels[0][1:], "■")


def test_one_wrong_word() -> None:
    derived, trained = variant("one-wrong-word", "one wrong letter")
    run, drift = derived.run, drift_of(derived.run, trained)
    assert "".join(run.batch.labels[0]).startswith("Shall␣I␣compq") and drift.forced == (12,)
    # states as they were up to the letter, and then farther from all that training has seen
    np.testing.assert_allclose(drift.distances[7:12], drift.usual[7:12], rtol=1e-5)
    assert drift.distances[12] > drift.bands[2] > drift.usual[12] > drift.bands[0]
    assert drift.perplexity[0] > 1.2 * drift.perplexity[1] > 1.0
    plain, _ = variant("one-wrong-word", "nothing put in")
    alone = drift_of(plain.run, trained)
    assert "".join(plain.run.batch.labels[0]).startswith("Shall␣I␣compare␣thee␣to␣a␣summer's")
    assert alone.forced == () and math.isnan(alone.perplexity[0])
    assert (alone.distances <= alone.bands[2]).mean() > 0.95


def test_scheduled_sampling() -> None:
    half, _ = variant("scheduled-sampling", "ε = ½")
    teacher, _ = variant("scheduled-sampling", "teacher forcing, ε = 1")
    own, _ = variant("scheduled-sampling", "its own output, ε = 0")
    masks = [d.run.batch.own for d in (half, teacher, own)]
    counts = [int(mask.sum()) for mask in masks if mask is not None]
    assert counts == [4, 0, 8]
    truth = teacher.run.batch
    for derived in (half, own):
        batch = derived.run.batch
        assert batch.target_labels == truth.target_labels, "the targets are those of the data"
        for b, (labels, others) in enumerate(zip(batch.labels, truth.labels)):
            assert batch.own is not None
            for t, (label, other) in enumerate(zip(labels, others)):
                assert batch.own[t, b] or label == other
    assert teacher.run.recording.loss < half.run.recording.loss
    assert teacher.run.recording.loss == pytest.approx(math.log(8), abs=0.05)
    # ε_i = max(ε, k − c·i), k^i, k/(k + e^{i/k})
    linear = Training(sampling="linear", sampling_k=0.9, sampling_slope=0.01, sampling_floor=0.2)
    found = [truth_probability(linear, i) for i in (0, 10, 1000)]
    assert found == pytest.approx([0.9, 0.8, 0.2])
    assert truth_probability(Training(sampling="exponential", sampling_k=0.99), 100) == 0.99**100
    inverse = Training(sampling="inverse-sigmoid", sampling_k=10)
    assert truth_probability(inverse, 0) == pytest.approx(10 / 11), "not 1"
    assert truth_probability(inverse, round(10 * math.log(10))) == pytest.approx(0.5, abs=0.01)
    assert 0 <= truth_probability(inverse, 100_000) < 1e-300


def test_pages() -> None:
    derived, _ = variant("pages", "before the first update")
    outputs = derived.run.batch.outputs
    assert number("{mean}", derived) == pytest.approx(math.log(outputs), abs=0.05)
    assert 25 * math.log(65) == pytest.approx(104.36, abs=0.005)
    assert filled("{page:.2f}", derived.run) == "104.36"
    for title, start in (("sonnets", "Shall I"), ("LaTeX", "\\begin{")):
        derived, _ = variant("pages", title)
        assert number("{began}", derived) == pytest.approx(
            math.log(derived.run.batch.outputs), abs=0.15
        )
        assert number("{ended}", derived) < 0.2 * number("{began}", derived)
        assert filled("{prompt}", derived.run).startswith(start)
        assert derived.run.batch.own is not None and derived.run.batch.own.sum() >= 39


def test_naive() -> None:
    """A part of the grid: the plain cell solves few settings, a gate that begins open more."""
    plain = [p for p in pieces() if p.cell == "elman" and not p.clipped]
    gated = [p for p in pieces() if (p.cell, p.clipped, p.bias) == ("gru", True, 3.0)]
    wide = [p for p in pieces() if not p.cell and p.rate in (0.01, 0.03)]
    shares = [np.mean([solves(tried(p)) for p in some]) for some in (plain, gated[1:3], wide)]
    assert len(plain) == 4 and shares[0] <= 0.25 and shares[1:] == [1.0, 1.0]


def test_the_grid_is_filled_in_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grid, "_known", {})
    monkeypatch.setattr(grid, "tried", lambda piece: 0.01 if piece.bias else 1.4)
    film, view = opened(lesson("naive")).film, View()
    row = PLOTS["grid"]
    whole = len(pieces())
    assert row.left(film, view) == whole and row.seconds(film, view) > 0
    found = plot_ahead(film, "grid", "linear", view, (800, 200), whole)
    assert list(found) == [("grid", pieces()[0])]
    assert row.left(film, view) == whole - 1
    figure(film, "grid")
    assert row.left(film, view) == 0 == row.seconds(film, view)
    texts = [item for item in figure(film, "grid").items if isinstance(item, Texts)]
    said = " ".join(string for item in texts for string in item.strings)
    assert f"{whole} of {whole} tried, 24 solved" in said


@pytest.mark.parametrize("title", ["RNN", "LSTM"])
def test_verify(title: str) -> None:
    found = lesson("verify")
    recording = opened(found, found.number_of(title)).run.recording
    curve = differences(recording, "W_hh" if title == "RNN" else "W")
    assert curve.slope(1e-3, 1e-1) == pytest.approx(2.0, abs=0.02)
    assert curve.slope(1e-12, 1e-7) == pytest.approx(-1.0, abs=0.15)
    assert 1e-13 < curve.central[curve.best] < 1e-9 and 1e-6 < curve.h[curve.best] < 1e-3
    forward = np.polyfit(np.log10(curve.h[:12]), np.log10(curve.forward[:12]), 1)[0]
    assert forward == pytest.approx(1.0, abs=0.05)
    assert curve.complex_step[curve.h <= 1e-8].max() < 1e-14, "no floor"


@pytest.mark.parametrize(
    ("id", "view", "words"),
    [
        ("right-odds", "odds", "each after what was drawn before"),
        ("one-wrong-word", "shift", "nothing put in"),
        ("scheduled-sampling", "schedule", "this recording: ε = 0.5"),
        ("verify", "verify", "the complex step by"),
        ("shared", "shift", "not trained yet: press Train"),
        ("shared", "odds", "not trained yet: press Train"),
    ],
)
def test_its_plot(id: str, view: str, words: str) -> None:
    number = 1 if id == "right-odds" else 0
    sheet = sheet_of(opened(lesson(id), number))
    texts = [item for item in figure(sheet, view).items if isinstance(item, Texts)]
    said = " ".join(string for item in texts for string in item.strings)
    assert words in said and "nan" not in said
