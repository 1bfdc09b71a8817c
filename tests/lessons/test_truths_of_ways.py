"""What each lesson shows is true: other ways, five ways to use, layers, directions, pictures."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

import engine
from engine.measures import Node, jacobian
from engine.shortest import shortest_path
from tests.lessons.runs import Array, delta, place, reader, run_of, uses, value
from visualizer.lessons.reading import lesson

# -- Other ways


def test_temporal_convolution() -> None:
    titles = ("width 3, 4 layers", "dilated", "too low", "RNN")
    runs = [run_of("temporal-convolution", title) for title in titles]
    ways = [shortest_path(run.network, 0, 7) for run in runs]
    assert [way and way.hops for way in ways] == [4, 3, None, 7]
    stack, k = runs[0].experiment, runs[0].experiment.taps
    assert math.ceil(7 / (k - 1)) == 4 <= stack.layers and math.log2(8) == 3
    reached = [np.abs(run.recording.delta(0, 0)[0]).max() > 0 for run in runs]
    assert reached == [True, True, False, True], "x₁ is out of reach of two layers"
    w = runs[2].recording.parameters["W^1"].reshape(4, 3, 2)  # one tap after the other
    x = np.concatenate([np.zeros((2, 2)), runs[2].batch.x[:, 0]])
    z = sum(x[2 - j : 10 - j] @ w[:, j].T for j in range(3))
    assert np.allclose(value(runs[2], "h")[:, 0], np.tanh(z + 0.0), atol=1e-14)


def test_attention() -> None:
    run = run_of("attention", "one layer")
    g, k = place(run, "o")
    alpha = run.recording.attention(g, k)[:, 0]
    assert np.allclose(alpha.sum(-1), 1, atol=1e-15)
    assert (alpha[np.triu_indices(5, 1)] == 0).all(), "nobody looks ahead"
    q, key, v = (value(run, name)[:, 0] for name in "qkv")
    score = np.where(np.tri(5, dtype=bool), q @ key.T / 2, -np.inf)
    expected = np.exp(score) / np.exp(score).sum(-1, keepdims=True)
    assert np.allclose(alpha, expected, atol=1e-15)
    assert np.allclose(value(run, "o")[:, 0], alpha @ v, atol=1e-15)
    for title, hops in (("one layer", 1), ("two layers", 1), ("RNN", 4)):
        way = shortest_path(run_of("attention", title).network, 0, 4)
        assert way is not None and way.hops == hops


# -- Five ways to use


def test_one_to_one() -> None:
    run = run_of("one-to-one")
    rec = run.recording
    assert rec.steps == 1 and (rec.gradients["W_hh"] == 0).all()
    z = run.batch.x[0] @ rec.parameters["W_xh"].T + rec.parameters["b"]
    assert np.allclose(value(run, "h")[0], np.tanh(z), atol=1e-15)


def test_one_to_many() -> None:
    run = run_of("one-to-many")
    rec = run.recording
    write = next(g for g, s in enumerate(run.network.segments) if s.part == "write")
    first, later = value(run, "h")[0], value(run, "h", write)
    w, b = rec.parameters["W_hh"], rec.parameters["b"]
    for h in later:
        assert np.allclose(h, np.tanh(first @ w.T + b), atol=1e-15), "no x, only the state"
        first = h
    assert [run.batch.x[t].any() for t in range(5)] == [True, False, False, False, False]
    assert np.allclose(rec.gradients["W_xh"], rec.parameter_term("W_xh", 0), atol=1e-15)
    assert (rec.losses > 0).all() and np.allclose(rec.losses.sum(), rec.loss)
    last = np.zeros_like(rec.loss_weights)
    last[-1] = 1
    assert np.abs(rec.with_loss_weights(last).gradients["W_xh"]).max() > 0


def test_many_to_one() -> None:
    run = run_of("many-to-one")
    rec = run.recording
    assert rec.batch == 4 and (rec.losses != 0).sum() == 4
    assert rec.loss == pytest.approx(rec.losses.sum() / 4)
    names = [slot.name for slot in run.network.segments[0].slots]
    h = rec.delta(0, names.index("h"))
    for b, stop in enumerate(rec.stop):
        assert (np.abs(h[:stop, b]).max(-1) > 0).all() and (h[stop:, b] == 0).all()
    # shuffling words changes the answer, the words after the end do not exist
    assert math.isclose(rec.losses.sum(), rec.losses[-1].sum())


def test_read_then_write() -> None:
    run = run_of("read-then-write")
    rec = run.recording
    assert (rec.losses[:3] == 0).all() and (rec.losses[3:] > 0).all() and rec.steps == 7
    assert set(rec.parameters) == {"W_hh", "W_xh", "b", "V", "c"}, "one net reads and writes"
    read, write = (
        next(g for g, s in enumerate(run.network.segments) if s.part == p and s.kind == "layer")
        for p in ("read", "write")
    )
    h = value(run, "h", read)[-1]
    for now in value(run, "h", write):
        h = np.tanh(h @ rec.parameters["W_hh"].T + rec.parameters["b"])
        assert np.allclose(now, h, atol=1e-15)
    terms = [rec.parameter_term("W_hh", t) for t in range(7)]
    assert np.allclose(sum(terms), rec.gradients["W_hh"], atol=1e-15)
    assert np.abs(delta(run, "h", read)[0]).max() > 0


def test_encoder_decoder() -> None:
    run = run_of("encoder-decoder", "one sentence")
    rec, segments = run.recording, run.network.segments
    e, d = (next(g for g, s in enumerate(segments) if s.part == p) for p in ("read", "write"))
    assert {s.split("^")[-1] for s in rec.parameters if "^" in s} == {"e", "d"}
    crossing = [u for u in uses(run, "h", e) if u.consumer.segment != e]
    assert len(crossing) == 1, "one edge leads from the encoder to all the rest"
    others = [(k, u) for k in range(len(segments[e].slots)) for u in run.network.uses(e, k)]
    assert sum(u.consumer.segment != e for _, u in others) == 1
    sent = delta(run, "z", d)[0] @ rec.parameters["W_hh^d"]
    h, back = value(run, "h", e), delta(run, "h", e)
    assert np.allclose(back[-1], sent, atol=1e-15)
    for t in range(len(h) - 2, -1, -1):
        sent = (sent * (1 - h[t + 1] ** 2)) @ rec.parameters["W_hh^e"]
        assert np.allclose(back[t], sent, atol=1e-15), "every δ of the encoder came through it"
    both = run_of("encoder-decoder", "of LSTMs")
    crossing = [u for s in "ha" for u in uses(both, s) if u.consumer.segment != 0]
    assert len(crossing) >= 2, "h and the memory are handed over"


def test_many_to_many() -> None:
    run = run_of("many-to-many")
    assert run.batch.vocabulary == ("adverb", "pronoun", "verb")
    assert run.recording.loss == pytest.approx(run.recording.losses.sum(), rel=1e-15)
    assert (run.recording.losses > 0).all()
    sent = [run.recording.contribution(use) for use in uses(run, "h")]
    assert len(sent) == 2 and all((np.abs(s[:-1]).max(-1) > 0).all() for s in sent)


# -- Layers, directions, pictures


def test_stacked() -> None:
    run = run_of("stacked", "two layers")
    for layer in (0, 1):
        found = uses(run, "h", layer)
        targets = {(use.consumer.segment == layer, bool(use.reach)) for use in found}
        assert targets == {(True, True), (False, False)}, "right in its layer, and up"
        sent = [run.recording.contribution(use) for use in found]
        assert np.allclose(sum(sent), delta(run, "h", layer), atol=1e-15)
    above = [use.consumer.segment for use in uses(run, "h", 0) if not use.reach]
    assert run.network.segments[above[0]].kind == "layer"
    above = [use.consumer.segment for use in uses(run, "h", 1) if not use.reach]
    assert run.network.segments[above[0]].kind == "readout"
    assert [s.kind for s in run_of("stacked", "three layers").network.segments].count("layer") == 3
    both = run_of("stacked", "of GRUs, both ways").network.segments
    assert [s.direction for s in both if s.kind == "layer"] == [1, -1, 1, -1]


def test_bidirectional() -> None:
    run = run_of("bidirectional", "one sentence")
    back = next(g for g, s in enumerate(run.network.segments) if s.direction < 0)
    w, u, b = (run.recording.parameters[f"{n}^b"] for n in ("W_hh", "W_xh", "b"))
    h = np.zeros((6, 1, 6))
    for t in range(4, -1, -1):
        h[t] = np.tanh(h[t + 1] @ w.T + run.batch.x[t] @ u.T + b)
    assert np.allclose(value(run, "h", back), h[:5], atol=1e-14)
    weights = np.zeros_like(run.recording.loss_weights)
    weights[0] = 1
    alone = run.recording.with_loss_weights(weights)
    assert (np.abs(alone.delta(*place(run, "h", back))).max(-1) > 0).all(), "L₁ sees the last word"
    assert (alone.delta(*place(run, "h", 0))[1:] == 0).all()


def test_bidirectional_ragged() -> None:
    run = run_of("bidirectional", "ragged")
    back = next(g for g, s in enumerate(run.network.segments) if s.direction < 0)
    w, u = run.recording.parameters["W_xh^b"], run.recording.parameters["b^b"]
    for b, stop in enumerate(run.recording.stop):
        first = np.tanh(run.batch.x[stop - 1, b] @ w.T + u)
        assert np.allclose(value(run, "h", back)[stop - 1, b], first, atol=1e-14)


def band(title: str, id: str = "conv-rnn") -> Array:
    """How far apart, in pixels, two pixels of the state at most are that a step connects."""
    run = run_of(id, title)
    matrix = jacobian(run.recording, Node(0, 3, place(run, "h")[1]), 0).matrix
    channels = run.experiment.hidden
    blocks = np.abs(matrix).reshape(channels, 8, 8, channels, 8, 8).max((0, 3))
    return np.argwhere(blocks > 0) @ [[1, 0], [0, 1], [-1, 0], [0, -1]]


@pytest.mark.parametrize("title, reach", [("1 pixel, k = 3", 1), ("3 pixels, k = 7", 3)])
def test_conv_rnn_spreads_by_half_the_kernel(title: str, reach: int) -> None:
    assert np.abs(band(title)).max() == reach


def test_conv_rnn_dots() -> None:
    for title, pixels in (("1 pixel, k = 3", 1), ("3 pixels, k = 3", 3), ("3 pixels, k = 7", 3)):
        run = run_of("conv-rnn", title)
        places = [divmod(int(np.argmax(x)), 8) for x in run.batch.x[:, 0]]
        moved = [max(abs(r - p), abs(c - q)) for (p, q), (r, c) in pairwise(places)]
        assert moved[0] == pixels
        outruns = pixels > (run.experiment.kernel - 1) // 2
        assert outruns == (title == "3 pixels, k = 3")


def test_conv_lstm() -> None:
    run = run_of("conv-lstm", "1 pixel, k = 3")
    f, i, g, o, a = (value(run, name) for name in ("f", "i", "g", "o", "a"))
    before = np.concatenate([np.zeros_like(a[:1]), a[:-1]])
    assert np.allclose(a, f * before + i * g, atol=1e-15)
    assert np.allclose(value(run, "h"), o * np.tanh(a), atol=1e-15)
    road = next(u for u in uses(run, "a") if reader(run, u) == "p")
    sent = run.recording.contribution(road)[:-1]
    assert np.allclose(sent, (delta(run, "a") * f)[1:], atol=1e-16), (
        "the road runs through every pixel"
    )
    assert a.shape[-1] == 2 * 64


def test_conv_encoder() -> None:
    run = run_of("conv-encoder", "one number")
    rec = run.recording
    terms = [rec.parameter_term("U", t) for t in range(4)]
    assert np.allclose(sum(terms), rec.gradients["U"], atol=1e-14)
    assert all(np.abs(term).max() > 0 for term in terms), "shared over the steps: a term at each"
    kinds = [segment.kind for segment in run.network.segments]
    assert kinds[0] == "encoder" and kinds[-1] == "readout"
    kernel = rec.parameters["U"]
    assert kernel.size == 4 * 9, "four filters of 3×3, however many steps"


# -- Practice


def test_pad_mask_pack() -> None:
    pack, mask, pad = (run_of("pad-mask-pack", title) for title in ("pack", "mask", "pad"))
    sequence = lesson("pad-mask-pack").snapshot().sequence
    alone = []
    for b, text in enumerate(sequence.texts):
        given = pack.batch.x[: pack.batch.stop[b], b : b + 1]
        x = replace(
            pack.batch,
            x=given,
            start=pack.batch.start[b : b + 1],
            stop=pack.batch.stop[b : b + 1],
            targets=pack.batch.targets[: len(given), b : b + 1],
            weights=pack.batch.weights[: len(given), b : b + 1],
            labels=pack.batch.labels[b : b + 1],
            target_labels=pack.batch.target_labels[b : b + 1],
        )
        assert len(text.split()) == len(given)
        alone.append(engine.run(x, pack.experiment, parameters=pack.recording.parameters))
    mean = sum(run.recording.loss for run in alone) / 3
    assert pack.recording.loss == pytest.approx(mean, rel=1e-14)
    assert mask.recording.loss == pytest.approx(mean, rel=1e-14)
    for name, whole in pack.recording.gradients.items():
        separate = sum(run.recording.gradients[name] for run in alone) / 3
        assert np.allclose(whole, separate, atol=1e-12), name
        assert np.allclose(mask.recording.gradients[name], separate, atol=1e-12), name
    assert abs(pad.recording.loss - mean) > 1, "unmasked padding computes something else"


@pytest.mark.parametrize("title", ["pack", "mask"])
def test_pad_mask_pack_whatever_stands_there(title: str) -> None:
    run = run_of("pad-mask-pack", title)
    owned = np.arange(5)[:, None] < np.array([5, 2, 3])
    rubbish = np.where(owned[..., None], run.batch.x, 1e3)
    other = engine.run(
        lesson("pad-mask-pack").snapshot().sequence,
        run.experiment,
        parameters=run.recording.parameters,
        inputs=rubbish,
    )
    assert other.recording.loss == run.recording.loss
    for name, gradient in run.recording.gradients.items():
        assert np.array_equal(other.recording.gradients[name], gradient), name


def test_truncated() -> None:
    cut, whole = run_of("truncated", "every 3 steps"), run_of("truncated", "not cut")
    assert np.array_equal(value(cut, "h"), value(whole, "h")), "forward nothing changes"
    for k in range(8):
        weights = np.zeros_like(cut.recording.loss_weights)
        weights[k] = 1
        reached = [
            np.abs(run.recording.with_loss_weights(weights).delta(*place(run, "h"))).max((1, 2)) > 0
            for run in (cut, whole)
        ]
        first = k // 3 * 3
        assert reached[0].tolist() == [first <= t <= k for t in range(8)]
        assert reached[1].tolist() == [t <= k for t in range(8)]
    last = np.array(run_of("truncated", "one loss, cut").norms("h"))
    assert (last[:6] == 0).all() and (last[6:] > 0).all()


def test_conv_encoder_spells_a_name() -> None:
    """One picture, and the loss of every letter comes back to it through the state alone."""
    run = run_of("conv-encoder", "letter by letter")
    recording = run.recording
    assert ["".join(letters) for letters in run.batch.target_labels] == ["zero■", "four■", "seven■"]
    norms = recording.parameter_term_norms("U")
    assert norms[0] > 0 and not norms[1:].any()
    for step, sequence in ((4, 0), (5, 2)):
        only = np.zeros_like(recording.loss_weights)
        only[step, sequence] = 1.0
        sent = recording.with_loss_weights(only).delta(0, 0)
        assert sent.shape[0] == 1 and sent[0, sequence].any()
        assert not np.delete(sent, sequence, 1).any()
