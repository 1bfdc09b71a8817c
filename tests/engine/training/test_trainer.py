"""Training from end to end: it learns, it can be gone back to, and it stops where it must."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import engine
from engine.errors import Unusable
from engine.experiment import Experiment
from engine.sequences import sample, typed
from engine.training.trainer import Trainer, train
from engine.training.training import Training

WORDS = "I think therefore I am"


def test_a_sentence_is_learnt() -> None:
    trained = train(WORDS, updates=60, learning_rate=0.05)
    curve = trained.history.curves["loss"]
    assert curve[0] > 7 and curve[-1] < 0.05
    again = engine.run(WORDS, trained.experiment, parameters=trained.parameters)
    assert again.recording.loss < curve[-1]  # after the last update, which the curve is before


def test_the_first_report_is_the_run_itself() -> None:
    """Loss, gradient and norms of an update are those of the recorded run."""
    experiment = Experiment(cell="lstm", clip="norm", clip_at=0.5)
    run = engine.run(WORDS, experiment)
    report = Trainer(WORDS, experiment).step()
    assert report.loss == pytest.approx(run.recording.loss, rel=1e-12)
    assert report.gradient_norm == pytest.approx(run.gradient_norm, rel=1e-12)
    assert report.clip_factor == pytest.approx(run.clip_factor, rel=1e-12) and report.clipped
    np.testing.assert_allclose(report.norms, run.norms(), rtol=1e-12)


@pytest.mark.parametrize(
    "settings",
    [
        {"cell": "gru", "layers": 2},
        {"cell": "elman", "direction": "both"},
        {"arrangement": "temporal-convolution"},
        {"arrangement": "attention"},
        {"arrangement": "padded", "task": "class"},
        {"arrangement": "per-layer"},
        {"padding": "mask"},
        {"readout": "last", "task": "class"},
    ],
    ids=str,
)
def test_every_arrangement_is_trained_on_minibatches(settings: dict[str, object]) -> None:
    """A minibatch of ragged series has the loss that the series have when they are run alone."""
    vowels = sample("japanese-vowels")
    experiment = Experiment().changed(**settings)
    trainer = Trainer(vowels, experiment, Training(batches="mini", batch_size=4, updates=12))
    start = {n: a.copy() for n, a in trainer.machine.parameters.items()}
    batch = trainer.batches.batch(0)
    reports = list(trainer)
    run = engine.run(batch, experiment, parameters=start)
    assert reports[0].loss == pytest.approx(run.recording.loss, rel=1e-10)
    second = engine.run(trainer.batches.batch(1), experiment, parameters=start).recording.loss
    fresh = Trainer(vowels, experiment.changed(learning_rate=0.0), trainer.training)
    fresh.step()
    assert fresh.step().loss == pytest.approx(second, rel=1e-10)


def test_pairs_are_trained_in_an_encoder_decoder() -> None:
    pairs = typed(["one -> eins", "two -> zwei", "three -> drei"])
    trained = train(
        pairs, updates=80, arrangement="encoder-decoder", learning_rate=0.03, batches="full"
    )
    assert trained.history.curves["mean"][-1] < 0.1


def test_a_stream_goes_on_where_it_stopped() -> None:
    """Two windows with the state carried over are one run of both, cut between them."""
    text = typed(["to be or not to be that is the question " * 4], "characters")
    experiment = Experiment(learning_rate=0.0, cell="lstm")
    training = Training(batches="stream", window=10, batch_size=3, updates=4)
    trainer = Trainer(text, experiment, training)
    reports = list(trainer)
    parts = [trainer.batches.batch(n) for n in (0, 1)]
    x, targets = (np.concatenate([getattr(b, name) for b in parts]) for name in ("x", "targets"))
    both = replace(
        parts[0],
        x=x,
        targets=targets,
        weights=np.ones(targets.shape),
        stop=np.full(3, 20),
        labels=(),
        target_labels=(),
    )
    run = engine.run(both, experiment.changed(truncation=10))
    assert reports[0].loss + reports[1].loss == pytest.approx(run.recording.loss, rel=1e-12)
    assert trainer.batches.draw(trainer.batches.per_pass).begins


def test_a_text_is_cut_elsewhere_in_every_pass() -> None:
    text = typed(["abcdefghijklmnopqrstuvwxyz" * 4], "characters")
    training = Training(batches="stream", window=5, batch_size=4)
    moved = Trainer(text, None, training).batches
    still = Trainer(text, None, training.changed(moved=False)).batches
    laps = [moved.draw(n * moved.per_pass).tokens for n in range(3)]
    first = still.draw(0).tokens
    assert first is not None and laps[0] is not None and laps[1] is not None
    np.testing.assert_array_equal(first, still.draw(still.per_pass).tokens)
    np.testing.assert_array_equal(first, laps[0])
    assert (laps[1] != first).any() and (laps[1] != laps[2]).any()
    np.testing.assert_array_equal(laps[1], moved.draw(moved.per_pass).tokens)
    # what follows is still what follows: of a letter the next one, of z the beginning
    drawn = moved.draw(moved.per_pass + 2)
    assert drawn.tokens is not None
    after = (drawn.tokens[:, 0] + 1) % 26
    known = (drawn.tokens[:, 0] < 25) & (drawn.targets[:, 0] < 26)
    np.testing.assert_array_equal(drawn.targets[known, 0], after[known])


def test_same_seed_same_numbers() -> None:
    def last(**more: object) -> float:
        trained = train("adding", updates=5, length=8, batch_size=4, **more)
        return float(trained.history.curves["loss"][-1])

    assert last() == last()
    assert last() != last(shuffle=2)


def test_overwritten_gradients_do_not_learn() -> None:
    """The first-visited step is the last term left, so with h0 = 0 dW_hh is 0."""
    good = train(WORDS, updates=40, learning_rate=0.05)
    bad = train(WORDS, updates=40, learning_rate=0.05, rule="overwrite")
    assert bad.history.curves["loss"][-1] > 20 * good.history.curves["loss"][-1]


def test_what_is_not_finite_stops_training() -> None:
    trainer = Trainer(
        WORDS,
        Experiment(nonlinearity="identity", learning_rate=100.0, loss="auto"),
        Training(optimizer="sgd", updates=500),
    )
    reports = list(trainer)
    assert "first that is not finite" in reports[-1].ended
    assert "--learning-rate" in reports[-1].ended
    trained = trainer.trained()
    assert all(np.isfinite(p).all() for p in trained.parameters.values())
    loss = engine.run(WORDS, trained.experiment, parameters=trained.parameters).recording.loss
    assert np.isfinite(loss)
    assert trained.history.ended == reports[-1].ended


def test_the_first_node_is_the_first_of_the_film() -> None:
    trainer = Trainer(WORDS, Experiment(layers=2, nonlinearity="identity"), Training(updates=3))
    trainer.step()
    machine = trainer.machine
    assert machine.first_not_finite() == ""
    (top,) = [s for s in machine.network.segments if s.layer == 1 and s.kind == "layer"]
    g = machine.network.segments.index(top)
    machine.work.rows(("v", g, top.index("z")))[2:] = np.inf
    machine.work.rows(("v", *machine.logits[0]))[2:] = np.nan
    machine.work.rows(("d", 0, 0))[...] = np.nan
    assert machine.first_not_finite() == "z^2_3"


def test_patience_keeps_the_best() -> None:
    trainer = Trainer(
        sample("japanese-vowels"),
        Experiment(hidden=16, learning_rate=0.05),
        Training(held_out=0.3, measure_every=5, patience=3, updates=2000),
    )
    reports = list(trainer)
    assert len(reports) < 2000 and "did not fall" in reports[-1].ended
    measured = [r.held_out for r in reports if r.held_out is not None]
    best = trainer.trained().parameters
    for name, array in trainer.machine.parameters.items():
        array[...] = best[name]
    assert trainer.held_out() == pytest.approx(min(measured), rel=1e-12)


def test_measuring_does_not_disturb() -> None:
    text = typed(["to be or not to be that is the question " * 20], "characters")

    def curve(**more: object) -> list[float]:
        experiment = Experiment(hidden=4)
        training = Training(batches="stream", window=8, batch_size=4, held_out=0.2).changed(**more)
        return [r.loss for r in Trainer(text, experiment, training.changed(updates=10))]

    assert curve(measure_every=1) == curve(measure_every=1000)


def test_a_kept_update_runs_again() -> None:
    text = typed(["to be or not to be that is the question " * 20], "characters")
    trainer = Trainer(text, None, Training(batches="stream", window=8, keep=5, updates=30))
    losses = [r.loss for r in trainer]
    kept = trainer.trained().history.kept
    assert [k.update for k in kept] == [0, 8, 16, 24]
    replay = trainer.trained().replay(kept[2])
    assert replay.coins is None and replay.run.recording.loss == pytest.approx(
        losses[16], rel=1e-12
    )


@pytest.mark.parametrize(
    ("what", "settings", "words"),
    [
        (WORDS, {"batches": "stream", "window": 10}, "a window of 10 needs 11; give more of it"),
        (WORDS, {"held_out": 0.2}, "give several, --batches stream, or --held-out 0"),
        ("copy-memory", {"length": 10}, "copy-memory needs at least 22 steps, got 10"),
        (WORDS, {"patience": 3}, "nothing is held out; give --held-out 0.1"),
        (WORDS, {"sampling": "inverse-sigmoid", "sampling_k": 0.5}, "must be at least 1, got 0.5"),
        (WORDS, {"speed": 3}, "no setting is called 'speed'"),
    ],
)
def test_what_cannot_be_trained_is_said(what: str, settings: dict[str, object], words: str) -> None:
    with pytest.raises(Unusable, match=words):
        train(what, **settings)  # type: ignore[arg-type]


def test_a_stream_is_never_laid_out_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text that is too long to be recorded can be learnt from."""
    monkeypatch.setattr("engine.sequences.inputs.MAX_ELEMENTS", 1000)
    text = typed(["to be or not to be that is the question " * 20], "characters")
    training = Training(batches="stream", window=10, batch_size=4, updates=2)
    assert len(list(Trainer(text, None, training))) == 2
    with pytest.raises(Unusable, match="at most 1,000 in all"):
        Trainer(text, None, training.changed(batches="full"))


def test_overwritten_gradients_are_remarked_on() -> None:
    """δ(z₁)·h₀ᵀ is what is left of dW_hh, and h₀ is 0."""
    for rule in ("accumulate", "overwrite"):
        experiment = Experiment(rule=rule, hidden=4)
        trainer = Trainer("parity", experiment, Training(updates=6, length=8))
        for _ in trainer:
            pass
        remark = trainer.trained().remark
        assert ("W_hh never moved, since the state before that step is 0" in remark) == (
            rule == "overwrite"
        )
        assert bool(remark) == (rule == "overwrite")
