"""Curves of a training: what is not trained says so, and every update has its place."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from engine.sequences import sample
from engine.training.trained import Trained
from engine.training.trainer import train
from visualizer.document.derive import derive, sheet_of
from visualizer.document.learning import at_update, snapshot_of
from visualizer.document.snapshot import Snapshot
from visualizer.plots.samples import LEFT
from visualizer.plots.table import PLOTS, plot_picture
from visualizer.scene.picture import Heat, Picture, Polylines, Texts
from visualizer.scene.sheet import Sheet
from visualizer.scene.view import View


@cache
def learnt() -> Trained:
    return train("adding", updates=30, hidden=4, length=12, clip="norm", clip_at=0.5)


def picture(kind: str, trained: Trained | None, scale: str = "log") -> Picture:
    snapshot = snapshot_of(trained or learnt())
    if trained is None:
        snapshot = Snapshot(snapshot.sequence, snapshot.experiment)
    sheet = sheet_of(derive(snapshot))
    return plot_picture(PLOTS[kind], sheet, sheet.frames_at(1.0), View(), 900.0, 300.0, scale)


def words(picture: Picture) -> str:
    return " ".join(s for item in picture.items if isinstance(item, Texts) for s in item.strings)


@pytest.mark.parametrize("kind", ["learning", "updates"])
def test_what_is_not_trained_says_so(kind: str) -> None:
    assert "not trained yet: press Train" in words(picture(kind, None))


@pytest.mark.parametrize("scale", ["log", "linear"])
def test_the_curve_goes_through_every_loss(scale: str) -> None:
    made = picture("learning", learnt(), scale)
    lines = [i for i in made.items if isinstance(i, Polylines) and i.style == "line-1"]
    curve = max((p for line in lines for p in line.points), key=len)
    loss = learnt().history.curves["mean"]
    assert len(curve) == len(loss) == 30
    # down on the screen is up in the loss, whatever the scale
    np.testing.assert_array_equal(np.argsort(-curve[:, 1], kind="stable"),
                                  np.argsort(loss, kind="stable"))  # fmt: skip
    assert "knowing nothing" in words(made) and "clipped" in words(made)


def test_the_heat_has_a_row_for_every_step_and_its_darkest_is_the_largest() -> None:
    made = picture("updates", learnt())
    heat = next(item for item in made.items if isinstance(item, Heat))
    norms = learnt().history.norms
    rows, columns = heat.levels.shape
    assert rows % norms.shape[1] == 0 and columns % norms.shape[0] == 0
    cells = heat.levels[:: rows // norms.shape[1], :: columns // norms.shape[0]]
    update, step = np.unravel_index(norms.argmax(), norms.shape)
    assert cells[step, update] == cells.max() == 255


@cache
def wrote() -> Trained:
    return train(
        "so it goes and so it went",
        tokens="characters",
        hidden=4,
        updates=60,
        sample_every=5,
        keep=8,
    )


def sample_sheet(update: int) -> Sheet:
    return sheet_of(derive(at_update(snapshot_of(wrote()), update)))


def drawn(sheet: Sheet, height: float) -> Picture:
    return plot_picture(
        PLOTS["samples"], sheet, sheet.frames_at(1.0), View(), 900.0, height, "linear"
    )


def test_every_sample_has_a_line_that_leads_to_its_update() -> None:
    seek = PLOTS["samples"].update_at
    assert seek is not None and len(wrote().history.samples) == 12
    # samples and kept parameters meet, however few are kept
    kept = {kept.update for kept in wrote().history.kept}
    assert kept == {0, 10, 20, 30, 40, 50}  # multiples of 5, then of 10
    for update in (10, 50, 60):
        sheet = sample_sheet(update)
        made = drawn(sheet, 160.0)
        (lit,) = [i for i in made.items if isinstance(i, Texts) and i.style == "axis-text-current"]
        assert lit.strings == (str(update),)
        others = [i for i in made.items if isinstance(i, Texts) and i.style.startswith("axis-text")]
        for item in others:
            for (x, y), said in zip(item.positions, item.strings, strict=True):
                assert seek(sheet, x, y, 900.0, 160.0) == int(said)
    assert words(drawn(sample_sheet(60), 400.0)).count("…") == 12
    assert "no samples" in words(picture("samples", learnt()))


def test_a_long_sample_ends_before_the_plot_does_whatever_size_letters_are_drawn_at() -> None:
    items = [i for i in drawn(sample_sheet(40), 300.0).items if isinstance(i, Texts)]
    (texts,) = [i for i in items if i.style == "value-text"]
    long = [s for s in texts.strings if s.endswith("…")]
    assert long and LEFT + max(map(len, long)) * 0.6 * 12.0 <= 900.0


def test_a_click_turns_no_page_under_the_hand() -> None:
    seek = PLOTS["samples"].update_at
    assert seek is not None
    for update in (50, 60):
        assert seek(sample_sheet(update), 200.0, 55.0, 900.0, 160.0) == 45


def test_what_is_not_finite_stands_above_the_plot() -> None:
    wild = train(
        sample("nile"), updates=200, learning_rate=100.0, nonlinearity="relu", optimizer="sgd"
    )
    assert "was the first that is not finite" in wild.history.ended
    assert not np.isfinite(wild.history.curves["loss"]).all()
    for kind in ("learning", "updates", "samples"):
        for scale in PLOTS[kind].scales:
            picture(kind, wild, scale)


def made_curves(made: Picture) -> list[Polylines]:
    return [i for i in made.items if isinstance(i, Polylines) and len(i.points[0]) == 20]


def test_the_course_has_a_panel_for_all_that_went_with_the_loss() -> None:
    trained = train(
        "I think therefore I am", updates=20, cell="lstm", layers=2, clip="norm", clip_at=0.5,
        schedule="cosine", sampling="linear", sampling_slope=0.05,
    )  # fmt: skip
    made = picture("course", trained)
    sheet = sheet_of(derive(snapshot_of(trained)))
    low = (PLOTS["course"], sheet, sheet.frames_at(1.0), View(), 900.0, 136.0, "linear")
    drawn_course = plot_picture(*low)
    said = words(made)
    for word in ("‖g‖, clipped at 0.5", "saturated gates", " f i o ", "learning rate"):
        assert word in said
    rates = [i.strings for i in drawn_course.items if isinstance(i, Texts) and "0.01" in i.strings]
    assert rates == [("0", "0.005", "0.01")]  # however low a panel is, its top has a number
    assert "truth read, share ε" in said and "the gradient of 60% was clipped" in said
    assert {"gate f^1", "gate o^2"} <= set(trained.history.curves)
    seek = PLOTS["course"].update_at
    assert seek is not None and seek(sheet, 124.0, 90.0, 900.0, 300.0) == 0
    x = [max(p[:, 0].max() for p in curve.points) for curve in made_curves(made)]
    assert [seek(sheet, at - 0.01, 90.0, 900.0, 300.0) for at in x] == [20] * len(x)
    rate, truth = (curve.points[0][:, 1] for curve in made_curves(made)[-2:])
    assert (np.diff(rate) > 0).all()  # a cosine falls, which is down on the screen
    steps = np.diff(truth)
    assert steps[0] == pytest.approx(steps[5]) and steps[-1] == pytest.approx(0)  # its floor


def test_where_training_stopped_by_itself_the_plot_says_why() -> None:
    failed = train("adding", updates=60, hidden=8, length=100, optimizer="sgd", learning_rate=100.0)
    assert "stopped: at update 49 L_{100} was the first that is not finite" in words(
        picture("learning", failed)
    )
    patient = train(
        "adding", updates=90, hidden=2, length=8, held_out=0.1, patience=1, measure_every=1,
        learning_rate=0.5,
    )  # fmt: skip
    assert "stopped: the held-out loss did not fall in 1 measurements" in words(
        picture("learning", patient)
    )


def test_overwritten_gradients_are_named_as_what_they_are() -> None:
    overwritten = train("adding", updates=5, hidden=4, length=12, rule="overwrite")
    assert "only the last visited step teaches" in words(picture("learning", overwritten))


def test_the_held_out_loss_is_a_line_through_every_measurement() -> None:
    held = train("adding", updates=20, hidden=4, length=12, held_out=0.2, measure_every=5)
    made = picture("learning", held)
    lines = [i for i in made.items if isinstance(i, Polylines) and i.style == "line-2"]
    assert 4 in [len(points) for line in lines for points in line.points]
    assert "held out" in words(made)


def test_every_panel_of_the_course_marks_the_update_that_is_shown() -> None:
    sheet = sheet_of(derive(at_update(snapshot_of(learnt()), 10)))
    made = plot_picture(
        PLOTS["course"], sheet, sheet.frames_at(1.0), View(), 900.0, 240.0, "linear"
    )
    seek = PLOTS["course"].update_at
    marks = [i for i in made.items if isinstance(i, Polylines) and i.style == "playhead"]
    assert seek is not None and len(marks) > 1
    for mark in marks:
        assert abs((seek(sheet, mark.points[0][0, 0], 9.0, 900.0, 240.0) or 0) - 10) <= 1
