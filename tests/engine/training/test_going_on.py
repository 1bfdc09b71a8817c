"""Training that stopped goes on as if it never had; from a kept update it goes on from there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.errors import Unusable
from engine.experiment import Experiment
from engine.sequences import sample
from engine.training.trained import Trained
from engine.training.trainer import Trainer, train
from engine.training.training import Training
from visualizer.document import session
from visualizer.document.learning import resumed_of, snapshot_of

WORDS = "I think therefore I am"


def more(what: object, trained: Trained, updates: int) -> Trained:
    training = trained.training.changed(updates=updates)
    trainer = Trainer(what, trained.experiment, training, resumed=trained)  # type: ignore[arg-type]
    assert list(trainer)[-1].update == trained.history.count + updates - 1
    return trainer.trained()


def assert_same(some: Trained, others: Trained) -> None:
    for name, array in others.parameters.items():
        np.testing.assert_allclose(some.parameters[name], array, rtol=1e-12, atol=1e-12)
    for name in ("loss", "rate", "gradient_norm"):
        np.testing.assert_array_equal(some.history.curves[name], others.history.curves[name])
    np.testing.assert_array_equal(some.history.norms, others.history.norms)
    assert [k.update for k in some.history.kept] == [k.update for k in others.history.kept]


@pytest.mark.parametrize("optimizer", ["adam", "sgd", "momentum", "rmsprop", "adagrad"])
def test_twice_fifty_updates_are_a_hundred(optimizer: str, tmp_path: Path) -> None:
    """Through a file between them, which the moments are in."""
    experiment = Experiment(hidden=4)
    training = Training(
        updates=50, optimizer=optimizer, length=12, schedule="step", schedule_every=30
    )
    first = train("adding", experiment, training)
    session.save(tmp_path / "a.unrolled", session.pack(snapshot_of(first), None))
    stored = session.load(tmp_path / "a.unrolled").snapshot
    half = resumed_of(stored)
    assert half is not None
    assert_same(more("adding", half, 50), train("adding", experiment, training, updates=100))


@pytest.mark.parametrize("settings", [{"zeroing": False}, {"dtype": "float32", "clip": "norm"}])
def test_carried_states_and_gradients_go_on_too(settings: dict[str, object]) -> None:
    experiment = Experiment(cell="lstm", hidden=3, tokens="characters").changed(**settings)
    training = Training(updates=7, batches="stream", batch_size=3, window=9)
    what = sample("sonnet-18")
    half = train(what, experiment, training)
    assert_same(more(what, half, 8), train(what, experiment, training, updates=15))


def test_from_a_kept_update_it_goes_on_there() -> None:
    trained = train(WORDS, updates=40, optimizer="sgd", keep=10)
    kept = trained.history.kept[3]
    gone_back = snapshot_of(trained).changed(parameters=kept.parameters)
    earlier = resumed_of(gone_back)
    assert earlier is not None and earlier.history.count == kept.update
    again = more(WORDS, earlier, 40 - kept.update)
    assert_same(again, trained)


def test_another_optimiser_or_length_begins_with_what_fits() -> None:
    trained = train("adding", updates=5, hidden=3, length=8)
    training = trained.training.changed(optimizer="sgd", length=11, batch_size=7)
    trainer = Trainer("adding", trained.experiment, training, resumed=trained)
    trainer.step()
    history = trainer.trained().history
    assert history.count == 6 and history.norms.shape == (1, 11)


def test_after_cells_are_typed_over_it_begins_anew() -> None:
    snapshot = snapshot_of(train(WORDS, updates=3))
    assert resumed_of(snapshot) is not None
    assert resumed_of(snapshot.edited("W_hh", (0, 0), 0.5)) is None
    assert resumed_of(snapshot.changed(parameters=None)) is None


def test_moments_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    trained = train(WORDS, updates=3)
    assert trained.standing is not None
    bad = replace(trained.standing, states={"h0": np.zeros((1, 1, 99))})
    packed = session.pack(snapshot_of(replace(trained, standing=bad)), None)
    session.save(tmp_path / "a.unrolled", packed)
    session.load(tmp_path / "a.unrolled")  # other states than needed do no harm
    worse = replace(trained.standing, moments={"W_hh": (np.zeros((2, 2)),)})
    packed = session.pack(snapshot_of(replace(trained, standing=worse)), None)
    with pytest.raises(Unusable, match="the moments of the optimiser do not fit"):
        session.save(tmp_path / "b.unrolled", packed)
