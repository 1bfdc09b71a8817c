"""What each lesson shows is true: its row of the lecture's figures, on the arrays of its runs.

Here are the lessons up to the cells; the others are in `test_truths_of_ways`.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

import engine
from engine.measures import Node, jacobian
from engine.paths import paths_of, variables_of
from tests.lessons.runs import delta, lags, place, reader, run_of, sigmoid, uses, value
from visualizer.export.figures import figure
from visualizer.lessons.facts import FACTS
from visualizer.lessons.opening import opened
from visualizer.lessons.reading import lesson

# -- Why recurrent


H, I, O = 6, 3, 1  # of the three lessons on one ragged batch


def test_padded() -> None:
    runs = [run_of("padded", title) for title in ("8 steps", "16 steps")]
    for run, steps in zip(runs, (8, 16)):
        assert run.batch.stop.tolist() == [steps, steps // 2, steps // 4, steps // 8]
        assert run.recording.parameters["W"].shape == (H, steps * I)
        assert run.summary()["parameters"] == H * (steps * I + 1) + O * (H + 1)
        assert FACTS["padding"](run) > 0.5, "most multiplications are by zero"
        w, b = run.recording.parameters["W"], run.recording.parameters["b"]
        flat = run.batch.x.transpose(1, 0, 2).reshape(4, -1)
        h = np.tanh(flat @ w.T + b)
        layer = next(g for g, s in enumerate(run.network.segments) if s.kind == "layer")
        assert np.allclose(value(run, "h", layer)[0], h, atol=1e-15)
        columns = run.recording.gradients["W"].reshape(H, steps, I)
        assert (np.abs(columns[:, 0]).max() > 0) and run.recording.loss > 0
        short = run.batch.x[run.batch.stop[3] :, 3]
        assert (short == 0).all(), "what stands behind the end of the short one is zero"


def test_per_layer() -> None:
    run = run_of("per-layer", "8 steps")
    rec = run.recording
    assert run.summary()["parameters"] == 8 * H * (H + I + 1) + O * (H + 1)
    assert rec.start.tolist() == [0, 4, 6, 7] and set(rec.stop) == {8}
    sequence = lesson("per-layer").snapshot().sequence
    for b, late in enumerate(rec.start):
        alone = replace(sequence, series=sequence.series[b : b + 1])
        kept = {"W": rec.parameters["W"][late:], "b": rec.parameters["b"][late:]}
        shorter = engine.run(alone, run.experiment, parameters={**rec.parameters, **kept})
        assert np.allclose(value(shorter, "h")[:, 0], value(run, "h")[late:, b], atol=1e-15)
        assert shorter.recording.losses[-1, 0] == pytest.approx(rec.losses[-1, b], rel=1e-14)
        if not late:  # the first layers learn from the longest sequence alone, a quarter each
            longest = shorter.recording.gradients["W"][:4] / 4
            assert np.allclose(rec.gradients["W"][:4], longest, atol=1e-15)


def test_per_layer_on_zeros() -> None:
    run, wrong = run_of("per-layer", "8 steps"), run_of("per-layer", "run on zeros")
    assert (value(wrong, "h")[0, 3] == 0.5).all(), "σ(b) where nothing should have been run"
    assert (value(run, "h")[:7, 3] == 0).all(), "a is set to 0"
    same = [np.allclose(value(wrong, "h")[-1, b], value(run, "h")[-1, b]) for b in range(4)]
    assert same == [True, False, False, False]


def test_shared() -> None:
    runs = [run_of("shared", title) for title in ("8 steps", "16 steps", "64 steps")]
    assert [run.recording.steps for run in runs] == [8, 16, 64]
    assert {run.summary()["parameters"] for run in runs} == {H * (H + I + 1) + O * (H + 1)}
    for name, numbers in runs[0].recording.parameters.items():
        assert all(np.array_equal(run.recording.parameters[name], numbers) for run in runs), name
    assert np.array_equal(runs[2].batch.x[:8, 0], runs[0].batch.x[:, 0])
    same = value(runs[2], "h")[:8, 0], value(runs[0], "h")[:, 0]
    assert np.allclose(*same, atol=1e-15), "the same net, run on for more steps than before"
    assert np.array_equal(runs[0].batch.x, run_of("padded", "8 steps").batch.x)


def test_fold() -> None:
    found = lesson("fold")
    made = [opened(found, n) for n in range(3)]
    assert [d.snapshot.view and d.snapshot.view.fold for d in made] == [0.5, 1.0, 0.0]
    runs = [d.run for d in made]
    for g, segment in enumerate(runs[0].network.segments):
        for k in range(len(segment.slots)):
            values = [run.recording.value(g, k) for run in runs]
            deltas = [run.recording.delta(g, k) for run in runs]
            assert all(np.array_equal(v, values[0]) for v in values), "one recording"
            assert all(np.array_equal(d, deltas[0]) for d in deltas)
    folded, unrolled = (figure(d.film, like=d.snapshot.view) for d in (made[1], made[2]))
    assert folded.width < unrolled.width, "five steps lie on one another"


# -- Backpropagation through time


def test_overwrite() -> None:
    added, replaced, twice = (run_of("overwrite", t).recording for t in ("+=", "=", "not zeroed"))
    terms = [added.parameter_term("W_hh", t) for t in range(5)]
    assert np.allclose(added.gradients["W_hh"], sum(terms), atol=1e-14)
    assert (replaced.gradients["W_hh"] == 0).all(), "the last visited step reads h₀ = 0"
    assert np.allclose(replaced.gradients["W_xh"], added.parameter_term("W_xh", 0), atol=1e-15)
    assert np.allclose(twice.gradients["W_hh"], 2 * added.gradients["W_hh"], atol=1e-14)
    w, x0, steps = 0.5, 3.0, 10
    linear = run_of("overwrite", "x_T = wᵀx₀").recording
    overwritten = run_of("overwrite", "x_T = wᵀx₀, =").recording
    assert linear.gradients["W_hh"][0, 0] == steps * x0 * w ** (steps - 1)
    assert overwritten.gradients["W_hh"][0, 0] == x0 * w ** (steps - 1)


def test_expression() -> None:
    run = run_of("expression", "f = g(x, h(x))")
    x = 2.0
    h = x**2
    slope = h + 2 * x * (x + 1 - math.tanh(h) ** 2)  # ∂g/∂x + dh/dx · ∂g/∂y
    found = {v.name: v for v in variables_of(run.recording)}
    assert found["x"].gradient[0] == pytest.approx(slope, rel=1e-14)
    ways = paths_of(run.recording, found["x"].slot)
    assert ways.count == len(ways.listed) == 3
    products = [path.product[0] for path in ways.listed]
    assert sorted(products) == pytest.approx(
        sorted([h, 2 * x * x, 2 * x * (1 - math.tanh(h) ** 2)]), rel=1e-14
    )
    assert [math.prod(path.factors) for path in ways.listed] == pytest.approx(products)
    assert [
        FACTS["slope"](run_of("expression", t))["x"] for t in ("x + x", "x + x, overwritten")
    ] == [
        2,
        1,
    ]
    micrograd = FACTS["slope"](run_of("expression", "micrograd's example"))
    assert [round(micrograd[name], 4) for name in "ab"] == [138.8338, 645.5773]
    assert run_of("expression", "micrograd's example").recording.loss == pytest.approx(
        24.7041, abs=5e-5
    )


def test_readouts() -> None:
    run = run_of("readouts", "all losses")
    h, full = place(run, "h"), delta(run, "h")
    assert run.recording.loss == pytest.approx(run.recording.losses.sum(), rel=1e-15)
    parts = []
    for k in range(5):
        weights = np.zeros_like(run.recording.loss_weights)
        weights[k] = run.recording.loss_weights[k]
        parts.append(run.recording.with_loss_weights(weights).delta(*h))
        assert (parts[k][k + 1 :] == 0).all(), "a loss reaches its own step and earlier ones"
        assert (np.abs(parts[k][: k + 1]).max((1, 2)) > 0).all()
    assert np.allclose(sum(parts), full, atol=1e-15)
    # signed shares add to the norm, where norms do not
    shares = [np.einsum("tbu,tbu->t", part, full) for part in parts] / np.array(run.norms("h"))
    assert np.allclose(shares.sum(0), run.norms("h"), rtol=1e-13)
    assert sum(np.linalg.norm(part[0]) for part in parts) > 1.1 * run.norms("h")[0]
    sent = [run.recording.contribution(use) for use in uses(run, "h")]
    assert len(sent) == 2 and np.allclose(sum(sent), full, atol=1e-15)
    alone = run_of("readouts", "L₃ alone")
    assert (delta(alone, "h")[3:] == 0).all() and np.allclose(delta(alone, "h"), parts[2])


# -- Vanishing and exploding


def test_depth_as_products() -> None:
    assert lags(run_of("depth", "w = ½"))[10] == pytest.approx(9.765625e-4, rel=1e-15)
    assert lags(run_of("depth", "w = 5"))[10] == pytest.approx(9_765_625, rel=1e-15)
    orthogonal = run_of("depth", "ρ = ½, tanh")
    singular = np.linalg.svd(orthogonal.recording.parameters["W_hh"], compute_uv=False)
    assert np.allclose(singular, 0.5)
    assert lags(orthogonal)[10] == pytest.approx(9.77e-4, rel=1e-3)
    assert lags(run_of("depth", "100 cannot reach 3"))[97] < 1e-12


def test_depth_beyond_the_radius() -> None:
    run = run_of("depth", "not normal")
    w = run.recording.parameters["W_hh"]
    assert w.tolist() == [[0.9, 10], [0, 0.9]]
    size = [np.linalg.norm(np.linalg.matrix_power(w, k), 2) for k in range(101)]
    assert int(np.argmax(size)) in (9, 10) and max(size) == pytest.approx(38.75, abs=0.005)
    assert [round(size[k], d) for k, d in ((50, 1), (100, 2))] == [2.9, 0.03]
    expected = [np.linalg.norm(np.linalg.matrix_power(w.T, k) @ [1, 0]) for k in range(101)]
    assert np.allclose(lags(run), expected, rtol=1e-12), "linear: the norm is what Wᵏ gives"
    settled = run_of("depth", "tanh(2h)")
    last = jacobian(
        settled.recording, Node(0, settled.recording.steps - 1, place(settled, "h")[1]), 0
    ).matrix[0, 0]
    h = value(settled, "h")[-1, 0, 0]
    assert last == pytest.approx(2 * (1 - h * h), rel=1e-12)
    assert last == pytest.approx(0.166, abs=5e-4)
    squashed = run_of("depth", "sigmoid")
    z = value(squashed, "z")[1:, 0, 0]
    factors = 3 * sigmoid(z) * (1 - sigmoid(z))
    assert (factors < 0.75).all()
    assert np.allclose(lags(squashed)[1:], np.cumprod(factors[::-1]), rtol=1e-12)


def test_clip() -> None:
    run = run_of("clip", "not clipped")
    assert run.recording.loss == pytest.approx(0.0060126, abs=5e-8)
    s = float(sigmoid(0.5))
    r = 5 * s * (1 - s)
    assert r == pytest.approx(1.17502, abs=5e-6)
    slope = 2 * (s - 0.7) * s * (1 - s) * (r**50 - 1) / (r - 1)
    assert run.recording.gradients["b"][0] == pytest.approx(slope, rel=1e-9)
    assert slope == pytest.approx(-661.68, abs=0.005)
    # rounding grows by r at every step: after fifty it is three thousand times as large
    assert np.allclose(value(run, "z"), 0.5, atol=1e-12)
    norm = run_of("clip", "by norm")
    assert np.sqrt(sum(np.square(g).sum() for g in norm.clipped.values())) == pytest.approx(1)
    for name, g in norm.clipped.items():
        assert np.allclose(g * norm.gradient_norm, run.recording.gradients[name], rtol=1e-5)
    by_value = run_of("clip", "by value")
    for name, g in by_value.clipped.items():
        assert np.array_equal(g, np.clip(run.recording.gradients[name], -1, 1))
    assert abs(run_of("clip", "a little aside").recording.gradients["b"][0]) < 1


# -- Cells

BIASES = {0: 9.8e-4, 1: 0.0436, 2: 0.281, 3: 0.615, 5: 0.935}
HALF = {0: 1, 1: 2.21, 2: 5.46, 3: 14.3, 5: 103}


@pytest.mark.parametrize("bias", BIASES)
def test_gated_factors(bias: int) -> None:
    run = run_of("gated", f"bias {bias}")
    f = value(run, "f")
    assert np.allclose(f, sigmoid(bias), rtol=1e-14)
    assert np.allclose(delta(run, "a")[:-1], delta(run, "a")[1:] * f[1:], rtol=1e-14)
    assert lags(run)[10] == pytest.approx(BIASES[bias], rel=6e-3)
    assert FACTS["half"](run) == pytest.approx(HALF[bias], rel=5e-3)


def test_gated_beside_others() -> None:
    seen = run_of("gated", "gates see h")
    extra = delta(seen, "a")[:-1] - delta(seen, "a")[1:] * value(seen, "f")[1:]
    assert (np.abs(extra) > 0).all(), "gates that see h send something back as well"
    found = lesson("gated")
    twin = opened(found, found.number_of("beside a plain RNN"))
    assert lags(twin.run)[10] == pytest.approx(BIASES[3], rel=6e-3)
    assert twin.beside is not None and lags(twin.beside.run)[10] < 1e-6
    open_, learnt = run_of("gated", "always open"), run_of("gated", "a gate that forgets")
    assert open_.recording.loss > 100 and learnt.recording.loss < 0.01
    marks = learnt.batch.x[:, 0, 1] == 1
    assert marks.sum() == 2 and (value(learnt, "f")[marks] < 1e-3).all()
    assert (value(open_, "f") > 0.999).all()


def test_lstm() -> None:
    run = run_of("lstm", "one sentence")
    f, a, h = value(run, "f"), value(run, "a"), value(run, "h")
    along = next(use for use in uses(run, "p"))  # p = f ⊙ a_{t−1}: the road
    sent = run.recording.contribution(along)
    road = next(u for u in uses(run, "a") if reader(run, u) == "p")
    assert np.allclose(run.recording.contribution(road)[:-1], (sent * f)[1:], atol=1e-16)
    assert np.allclose(sent, delta(run, "a")), "a + does nothing to δ: the road has no bend"
    assert np.allclose(h, value(run, "o") * np.tanh(a), atol=1e-15)
    year = run_of("lstm", "days of weather")
    assert FACTS["change"](year)["a"] == pytest.approx(0.07, abs=0.01)
    assert FACTS["change"](year)["h"] == pytest.approx(0.22, abs=0.01)
    short = FACTS["change"](run_of("lstm", "gate bias 0"))
    assert short["a"] > 0.4


def test_lecture_gru() -> None:
    run = run_of("lecture-gru")
    names = [slot.name for slot in run.network.segments[0].slots]
    assert "o" not in names and "r" not in names
    assert np.array_equal(value(run, "h"), np.tanh(value(run, "a")))
    w, b = run.recording.parameters["W"], run.recording.parameters["b"]
    h = np.concatenate([np.zeros((1, 1, 8)), value(run, "h")[:-1]])
    z = np.concatenate([h, run.batch.x], -1) @ w.T + b
    f, i, g = sigmoid(z[..., :8]), sigmoid(z[..., 8:16]), np.tanh(z[..., 16:])
    a = np.concatenate([np.zeros((1, 1, 8)), value(run, "a")[:-1]])
    assert np.allclose(value(run, "a"), f * a + i * g, atol=1e-14)


@pytest.mark.parametrize("title", ["reset after", "reset before"])
def test_gru(title: str) -> None:
    run = run_of("gru", title)
    h, z, n = value(run, "h"), value(run, "z"), value(run, "n")
    before = np.concatenate([np.zeros((1, 1, 8)), h[:-1]])
    assert np.allclose(h, (1 - z) * n + z * before, atol=1e-15)
    other = run_of("gru", "reset before" if title == "reset after" else "reset after")
    assert not np.allclose(value(other, "h"), h), "two different equations"


def test_gru_is_not_the_lectures() -> None:
    assert set(run_of("gru").recording.parameters) != set(
        run_of("lecture-gru").recording.parameters
    )
    found = lesson("gru")
    closed = opened(found, found.number_of("gate bias 3"), {"forget_bias": 0.0}).run
    assert lags(run_of("gru", "gate bias 3"))[4] > 5 * lags(closed)[4]
