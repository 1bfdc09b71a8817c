"""Pictures: convolution and pooling, convolutional cells, the encoder, and truths 24 and 25."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

import engine
from engine.arrangements.building import Shape
from engine.arrangements.pictures import picture_of
from engine.arrangements.recurrent import recurrent
from engine.check import check_arrays
from engine.errors import Unusable
from engine.experiment import Experiment, settings
from engine.parameters import initialise
from engine.pictures import conv, pool
from engine.sequences import Batch, Sequence, encode, sample, typed
from tests.engine.batches import batch, randomise
from tests.engine.compare import assert_equal
from tests.engine.side_by_side import CLASSES, SPANS, T, agree
from tests.engine.side_by_side import batch as spanned
from tests.engine.test_parts_of_time import referee

CELLS = ("conv-rnn", "conv-lstm")


def films(side: int = 5, steps: int = 5, sequences: int = 1, seed: int = 0) -> Batch:
    """Random pictures, each to be told from the one before."""
    rng = np.random.default_rng(seed)
    pixels = side * side
    return batch(
        rng, steps=steps, sequences=sequences, inputs=pixels, outputs=pixels, kind="regression"
    )


# ------------------------------------------------------------------ convolution, pooling


def test_labelled_words_are_no_picture() -> None:
    sequence = replace(typed("I think therefore I am"), labels=(tuple("pvapv"),))
    batch = encode(sequence)
    assert batch.x.shape[2] == 4 and picture_of(batch) is None
    assert picture_of(encode(sample("moving-dot"))) == (1, 8, 8)


def test_a_kernel_that_is_one_at_one_place_shifts_the_picture():
    x = np.arange(12.0).reshape(1, 12)
    for down, right in itertools.product((-1, 0, 1), repeat=2):
        kernel = np.zeros((1, 1, 3, 3))
        kernel[0, 0, 1 + down, 1 + right] = 1
        shifted = np.zeros((3, 4))
        for r, c in np.ndindex(3, 4):
            if 0 <= r + down < 3 and 0 <= c + right < 4:
                shifted[r, c] = x.reshape(3, 4)[r + down, c + right]
        np.testing.assert_array_equal(conv(x, kernel, 3, 4), shifted.reshape(1, 12))


def test_all_steps_at_once_are_the_steps_one_by_one(monkeypatch):
    rng = np.random.default_rng(0)
    x, kernel = rng.normal(size=(7, 3, 2 * 20)), rng.normal(size=(3, 2, 3, 3))
    singly = np.stack([[conv(x[t, b], kernel, 4, 5) for b in range(3)] for t in range(7)])
    np.testing.assert_allclose(conv(x, kernel, 4, 5), singly, rtol=1e-13)
    monkeypatch.setattr("engine.pictures.SEEN_AT_ONCE", 1000)  # in pieces
    np.testing.assert_allclose(conv(x, kernel, 4, 5), singly, rtol=1e-13)


def test_pooling_takes_the_largest_and_leaves_the_odd_end_out():
    x = np.array([[1.0, 5, 9], [2, 3, 9], [9, 9, 9]]).reshape(1, 9)
    assert pool(x, 3, 3).tolist() == [[5.0]]
    moved = pool(x + 1j * np.arange(9), 3, 3)  # of complex numbers the real part decides
    assert moved.tolist() == [[5 + 1j]]


# ------------------------------------------------------------------ whole networks


@pytest.mark.parametrize("span", SPANS)
@pytest.mark.parametrize(
    "more",
    [
        {"cell": "elman"},
        {"cell": "lstm", "layers": 2, "readout": "last"},
        {"cell": "gru", "direction": "both", "decoder": "feed-forward"},
        {"cell": "conv-lstm", "kernel": 1},
        {"cell": "gated", "decoder": "feed-forward", "readout": "last"},
    ],
    ids=lambda m: "-".join(map(str, m.values())),
)
def test_an_encoder_before_any_recurrence(more, span):
    experiment = Experiment(encoder="convolution", hidden=3, **more)
    given = spanned(np.random.default_rng(1), span, experiment.readout, 16)
    shape = Shape(T, 16, CLASSES, "cross-entropy", 0, picture_of(given))
    network = recurrent(experiment, shape)
    agree(network, given, initialise(experiment, network), late=span != "full")


PARTS = {
    "one-to-many": {"reads": "first"},
    "read, then write": {"readout": "after"},
    "mask": {"padding": "mask"},
    "pad": {"padding": "pad"},
    "cut": {"truncation": 2, "readout": "after"},
    "both": {"readout": "after", "direction": "both", "layers": 2},
}
READERS = [
    {"cell": "conv-rnn"},
    {"cell": "conv-lstm", "decoder": "feed-forward"},
    {"cell": "gru", "encoder": "convolution"},
    {"cell": "conv-lstm", "encoder": "convolution"},
]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("reader", READERS, ids=lambda r: "-".join(r.values()))
def test_reading_and_writing_pictures_in_turn(reader, part):
    rng = np.random.default_rng(3)
    series = tuple(rng.normal(size=(steps, 36)) for steps in (5, 3))
    names = tuple(f"x{k}" for k in range(36))
    given = Sequence("numbers", series=series, columns=names, roles=("input",) * 36)
    run = engine.run(given, kernel=3, hidden=2, **reader, **PARTS[part])
    assert "conv" in {slot.op for segment in run.network.segments for slot in segment.slots}
    assert_equal(run.recording, referee(run))


def test_an_encoder_decoder_of_pictures():
    given = sample("moving-dot")
    short = replace(given, series=tuple(s[:6] for s in given.series[:2]))
    run = engine.run(short, arrangement="encoder-decoder", cell="conv-lstm", hidden=2)
    assert_equal(run.recording, referee(run))
    handed = [s for seg in run.network.segments for s in seg.slots if s.handed is not None]
    assert {slot.name for slot in handed} == {"h", "a"}


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("decoder", ["linear", "feed-forward"])
@pytest.mark.parametrize("layers", [1, 2])
def test_pictures_are_told_by_kernels_of_one_pixel(cell, decoder, layers):
    given = films(sequences=2)
    setting = {"cell": cell, "decoder": decoder, "layers": layers, "hidden": 2}
    run = engine.run(given, **setting)
    readout = run.network.segments[-1]
    s = readout.slots[readout.index("s")]
    assert (s.op, s.picture, s.width) == ("conv", (1, 5, 5), 25)
    assert run.recording.parameters["V"].shape == (1, 2, 1, 1)
    shapes = run.recording.parameters
    moved = engine.run(given, parameters=randomise(np.random.default_rng(2), shapes), **setting)
    assert all(row.ok and row.error < 1e-12 for row in check_arrays(moved.recording))


def test_classes_are_told_by_a_matrix():
    run = engine.run(encode(sample("digit-numbers")), cell="conv-rnn", hidden=2)
    assert run.recording.parameters["V"].shape == (10, 2 * 64)


@pytest.mark.parametrize("cell", CELLS)
def test_float32_agrees(cell):
    given = films(sequences=3)
    exact = engine.run(given, cell=cell, hidden=3).recording
    single = engine.run(given, cell=cell, hidden=3, dtype="float32").recording
    for name, gradient in exact.gradients.items():
        assert single.gradients[name].dtype == np.float32
        np.testing.assert_allclose(single.gradients[name], gradient, rtol=1e-3, atol=1e-4)


def test_the_source_imports_what_it_calls():
    setting = {"cell": "conv-rnn", "encoder": "convolution", "hidden": 2}
    recording = engine.run(films(side=6), **setting).recording
    wanted = "from engine.pictures import conv, conv_back, conv_weight, pool, pool_back"
    assert f"import numpy as np\n\n{wanted}, sum_channels\n" in recording.source
    assert "engine" not in engine.run("a b c").recording.source


# ------------------------------------------------------------------ how kernels start


def test_kernels_start_by_glorots_rule_and_recurrent_ones_take_the_gain():
    def started(**more):
        return engine.run(films(), cell="conv-rnn", hidden=4, kernel=5, **more).recording.parameters

    plain, strong = started(), started(gain=2.0)
    assert plain["W_hh"].shape == (4, 4, 5, 5)
    assert plain["W_xh"].shape == (4, 1, 5, 5)
    limit = np.sqrt(6 / (25 * (4 + 4)))
    assert 0.9 * limit < np.abs(plain["W_hh"]).max() <= limit
    np.testing.assert_allclose(strong["W_hh"], 2 * plain["W_hh"])
    np.testing.assert_array_equal(strong["W_xh"], plain["W_xh"])
    for kind in ("orthogonal", "identity"):
        centre = started(initialisation=kind)["W_hh"]
        square = centre[:, :, 2, 2]
        np.testing.assert_allclose(square @ square.T, np.eye(4), atol=1e-12)
        assert np.abs(centre).sum() == pytest.approx(np.abs(square).sum())
    forgetful = engine.run(films(), cell="conv-lstm", hidden=2, forget_bias=3).recording
    assert forgetful.parameters["b"].tolist() == [3, 3, 0, 0, 0, 0, 0, 0]


def test_what_scales_a_square_matrix_means_nothing_to_kernels():
    for name in ("radius", "sigma"):
        row = next(setting for setting in settings() if setting.name == name)
        assert Experiment(cell="elman").shows(row)
        assert not Experiment(cell="conv-lstm").shows(row)


# ------------------------------------------------------------------ what is refused


@pytest.mark.parametrize("setting", [{"cell": "conv-rnn"}, {"encoder": "convolution"}])
def test_what_is_no_picture_is_refused_in_one_line(setting):
    words = r"^{} inputs are no square picture; a convolution reads 4, 9, 16 … pixels a step: .*$"
    for inputs in (1, 3):
        given = batch(np.random.default_rng(0), inputs=inputs)
        with pytest.raises(Unusable, match=words.format(inputs)):
            engine.run(given, **setting)
    with pytest.raises(Unusable, match=words.format(4)):  # four words are no picture
        engine.run("a b c", **setting)
    small = r"^kernel 7 is larger than the picture of 5×5; give an odd kernel of at most 5$"
    with pytest.raises(Unusable, match=small):
        engine.run(films(), kernel=7, **setting)


def test_a_kernel_larger_than_the_pooled_picture_is_refused():
    with pytest.raises(Unusable, match=r"^kernel 5 is larger than the picture of 2×2; .* most 1$"):
        engine.run(films(), cell="conv-lstm", encoder="convolution", kernel=5)


# ------------------------------------------------------------------ truth 24


@pytest.mark.parametrize("cell", ["elman", "conv-lstm"])
def test_the_gradient_of_the_encoder_is_a_sum_over_steps(cell):
    given = films(side=6, steps=4, sequences=3)
    recording = engine.run(given, cell=cell, encoder="convolution", hidden=2).recording
    for name in ("U", "d"):
        terms = [recording.parameter_term(name, t) for t in range(4)]
        assert all(np.abs(term).max() > 1e-6 for term in terms)
        np.testing.assert_allclose(np.sum(terms, 0), recording.gradients[name], rtol=1e-12)
        norms = [np.linalg.norm(term) for term in terms]
        np.testing.assert_allclose(recording.parameter_term_norms(name), norms, rtol=1e-12)


# ------------------------------------------------------------------ truth 25


def deltas_of_one_pixel(given: Batch, pixel: int, **setting):
    """A recording in which a single pixel of the last picture is told wrong."""
    first = engine.run(given, **setting).recording
    readout = len(first.network.segments) - 1
    targets = first.value(readout, 0).copy()
    targets[-1, :, pixel] += 1
    weights = np.zeros(given.weights.shape)
    weights[-1] = 1
    return engine.run(replace(given, targets=targets, weights=weights), **setting).recording


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("kernel", [1, 3, 5])
def test_one_step_of_delta_spreads_half_a_kernel(cell, kernel):
    side, centre, steps = 9, 4, 4
    given = films(side, steps)
    setting = {"cell": cell, "kernel": kernel, "hidden": 2}
    recording = deltas_of_one_pixel(given, centre * side + centre, **setting)
    h = recording.network.segments[0].index("h")
    away = np.maximum(*np.abs(np.indices((side, side)) - centre))
    for lag in range(steps):
        delta = recording.delta(0, h)[steps - 1 - lag, 0].reshape(2, side, side)
        assert np.array_equal((delta != 0).all(0), away <= lag * (kernel // 2))
        assert np.array_equal((delta != 0).any(0), away <= lag * (kernel // 2))


@pytest.mark.parametrize(("film", "speed"), [(0, 1), (3, 2), (5, 3)])
@pytest.mark.parametrize("kernel", [3, 5, 7])
def test_a_dot_faster_than_half_the_kernel_outruns_it(film, speed, kernel):
    """What the network is to tell of the last picture, no dot before it has any part in."""
    whole = sample("moving-dot")
    steps = 2  # before it comes to an edge
    given = encode(replace(whole, series=(whole.series[film][: steps + 1],)), standardise=False)
    place = int(given.targets[-1, 0].argmax())
    setting = {"cell": "conv-rnn", "kernel": kernel, "hidden": 2}
    recording = deltas_of_one_pixel(given, place, **setting)
    x = recording.network.segments[0].index("x")
    sent = [recording.delta(0, x)[t, 0, given.x[t, 0].argmax()] for t in range(steps)]
    if speed > kernel // 2:
        assert sent == [0.0] * steps
    else:
        assert all(sent)
