"""LEARNT_COLUMNS: the numbers behind the plots of a training as named columns: one row an update,
counted by how many were done, or a step, a text or a setting. Nothing where the plot has nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from engine.training.grid import solves
from engine.training.schedules import truth_probability
from engine.training.trained import Trained
from engine.training.training import DECAYS, Training
from visualizer.plots import grid, odds, predictions, shift
from visualizer.plots.columns import Columns
from visualizer.scene.frame import frame_of
from visualizer.scene.sheet import Sheet
from visualizer.scene.view import View


def _trained(sheet: Sheet) -> Trained | None:
    learnt = sheet.learnt[sheet.hand]
    return None if learnt is None else learnt.trained


def learning_columns(sheet: Sheet) -> Columns:
    """Loss, gradient norm, share of saturated gates and whatever else was noted at every update;
    the held-out loss where it was measured."""
    trained = _trained(sheet)
    if trained is None or not len(trained.history.updates):
        return {}
    history = trained.history
    updates = (history.updates + 1).astype(int)
    held = dict(zip((history.held_updates + 1).tolist(), history.held_out.tolist(), strict=True))
    found: dict[str, Sequence[object]] = {"update": updates.tolist()}
    found |= {name: values.tolist() for name, values in history.curves.items()}
    return {**found, "held out": [held.get(update, "") for update in updates.tolist()]}


def update_columns(sheet: Sheet) -> Columns:
    """The norm of δ(h_t) at every update that was kept, a column a step."""
    trained = _trained(sheet)
    if trained is None or not trained.history.norms.size:
        return {}
    history = trained.history
    found: dict[str, Sequence[object]] = {"update": (history.norm_updates + 1).astype(int).tolist()}
    return found | {f"t={t + 1}": values.tolist() for t, values in enumerate(history.norms.T)}


def sample_columns(sheet: Sheet) -> Columns:
    """What was written after so many updates."""
    trained = _trained(sheet)
    if trained is None or not trained.history.samples:
        return {}
    after, texts = zip(*trained.history.samples, strict=True)
    return {"update": list(after), "text": list(texts)}


def schedule_columns(sheet: Sheet) -> Columns:
    """The probability of the truth at every update by three schedules; of the training's own kind
    with its own constant."""
    trained = _trained(sheet)
    training = trained.training if trained is not None else Training()
    found: dict[str, Sequence[object]] = {"update": list(range(training.updates + 1))}
    for kind in DECAYS:
        own = kind == training.sampling
        chosen = training.changed(sampling=kind, **({} if own else {"sampling_k": 0.0}))
        found[kind] = [truth_probability(chosen, i) for i in range(training.updates + 1)]
    return found


def odds_columns(sheet: Sheet) -> Columns:
    """All texts: every output drawn by itself, and each after what was drawn before."""
    trained = _trained(sheet)
    if trained is None or odds.lacks_of(trained):
        return {}
    found = odds.odds_on(sheet.films[sheet.hand], trained)
    columns: dict[str, Sequence[object]] = {"apart": found.texts(found.apart)}
    return columns | ({"together": found.texts(found.together)} if len(found.together) else {})


def shift_columns(sheet: Sheet) -> Columns:
    """Distance of h_t from training, with what was put in and without it; the steps that read
    what was put in are marked."""
    film, trained = sheet.films[sheet.hand], _trained(sheet)
    if trained is None or shift.lacks_of(film, trained):
        return {}
    drift = shift.drift_on(film, trained)
    return {
        "step": list(range(1, len(drift.distances) + 1)),
        "distance": drift.distances.tolist(),
        "nothing put in": drift.usual.tolist(),
        "put in": [int(t in drift.forced) for t in range(len(drift.distances))],
    }


def target_columns(sheet: Sheet) -> Columns:
    """Predictions and targets of the shown sequence at every step."""
    film = sheet.films[sheet.hand]
    if film.network.timeless or predictions.lacks(film, View()):
        return {}
    count, frame = film.run.batch.outputs, frame_of(film.timeline, film.events)
    told, said, _ = predictions.values_of(film, frame, 0, count)
    names = film.run.batch.output_names or tuple(str(n + 1) for n in range(count))
    found: dict[str, Sequence[object]] = {"step": list(range(1, told.shape[1] + 1))}
    for n, name in enumerate(names[:count]):
        found |= {f"prediction {name}": said[n].tolist(), f"target {name}": told[n].tolist()}
    return found


def grid_columns(sheet: Sheet) -> Columns:
    """Every setting of the grid with its loss, tried where it was not yet."""
    film = sheet.films[sheet.hand]
    while rest := grid.left(film, View()):
        grid.ahead(film, View(), rest)
    found = grid.known(film)
    return {
        "cell": [piece.cell or "padded" for piece in found],
        "rate": [piece.rate for piece in found],
        "gate bias": [piece.bias for piece in found],
        "clipped": [int(piece.clipped) for piece in found],
        "loss": [float(loss) for loss in found.values()],
        "solved": [int(solves(loss)) for loss in found.values()],
    }


LEARNT_COLUMNS: dict[str, Callable[[Sheet], Columns]] = {
    "learning": learning_columns,
    "course": learning_columns,
    "updates": update_columns,
    "samples": sample_columns,
    "schedule": schedule_columns,
    "odds": odds_columns,
    "shift": shift_columns,
    "targets": target_columns,
    "grid": grid_columns,
}
