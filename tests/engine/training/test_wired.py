"""A model of another program learns: its first update is that of its own gradients, and a session
of it goes on as if it had never stopped."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.models.model import load_model
from engine.models.opening import Opened, opened
from engine.models.running import inputs_of
from engine.models.wired_run import run_whole
from engine.models.wiring import AUTO
from engine.training.trainer import Trainer
from engine.training.training import Training
from visualizer.document import session
from visualizer.document.learning import resumed_of, snapshot_of

MODELS = Path(__file__).parents[2] / "reference"
FILES = ("models/state.safetensors", "keras/lstm_stacked.keras", "models/state.npz")


def model_on_targets(name: str) -> tuple[Opened, dict[str, np.ndarray]]:
    """The model on seeded inputs and targets, and the gradients of `run --targets`."""
    model, rng = load_model(MODELS / name, wire=AUTO), np.random.default_rng(0)
    tokens, wide = model.wiring.tokens, model.wiring.inputs
    x = rng.integers(0, tokens, (5, 3)) if tokens else rng.standard_normal((5, 3, wide))
    count = model.wiring.wired("tanh").outputs
    shape = (3, count) if model.wiring.last else (5, 3, count)
    given = inputs_of(model, {"x": x, "targets": rng.standard_normal(shape)}, "in.npz")
    found = opened(model, inputs=given)
    gradients = run_whole(model, given, found.experiment).run.recording.gradients
    return found, {name: np.array(array) for name, array in gradients.items()}


def trainer_of(found: Opened, **more: object) -> Trainer:
    training = Training().changed(batches="full", optimizer="sgd", **more)
    return Trainer(
        found.sequence,
        found.experiment.changed(learning_rate=0.1),
        training,
        parameters=found.parameters,
        wired=found.given.wired,
    )


@pytest.mark.parametrize("name", FILES)
def test_the_first_update_is_that_of_its_own_gradients(name: str) -> None:
    found, gradients = model_on_targets(name)
    trainer = trainer_of(found, updates=1)
    trainer.step()
    assert set(trainer.learnt()) == set(gradients)
    for key, array in trainer.learnt().items():
        wanted = found.parameters[key] - 0.1 * gradients[key]
        np.testing.assert_allclose(array, wanted, rtol=1e-9, atol=1e-12)


def test_a_session_goes_on_where_it_was(tmp_path: Path) -> None:
    found, _ = model_on_targets(FILES[0])
    whole = trainer_of(found, updates=12)
    list(whole)
    first = trainer_of(found, updates=5)
    list(first)
    snapshot = snapshot_of(first.trained()).changed(given=found.given)
    session.save(tmp_path / "s.unrolled", session.pack(snapshot, None))
    again = session.load(tmp_path / "s.unrolled").snapshot
    assert again.given is not None and again.trained is not None
    assert again.trained.wired == again.given.wired == found.given.wired
    rest = Trainer(
        again.sequence,
        again.experiment,
        again.trained.training.changed(updates=7),
        resumed=resumed_of(again),
        wired=again.given.wired,
    )
    list(rest)
    for name, array in whole.learnt().items():
        np.testing.assert_allclose(rest.learnt()[name], array, rtol=1e-12)
    kept = whole.trained().history.kept[-1]
    assert whole.trained().replay(kept).run.recording.loss == pytest.approx(
        whole.trained().history.curves["loss"][kept.update]
    )
