"""PLOTS: one row a plot. A plot follows a frame and shows only what has happened by then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

import numpy as np

from visualizer.plots.gates import gates_picture
from visualizer.plots.gates import lacks as gates_lacks
from visualizer.plots.losses import losses_picture
from visualizer.plots.norms import norms_picture
from visualizer.plots.norms import seconds as norms_seconds
from visualizer.scene.film import Film
from visualizer.scene.frame import Frame
from visualizer.scene.panes import LETTERS
from visualizer.scene.picture import Dots, Item, Picture, Texts
from visualizer.scene.sheet import Sheet
from visualizer.scene.view import View
from visualizer.scene.whereabouts import in_one_line
from visualizer.styles import STYLES
from visualizer.typeset import width_of

Draw = Callable[[Film, Frame, View, float, float, str], Picture]
Lacks = Callable[[Film, View], str]
DrawBoth = Callable[[Sheet, tuple[Frame, ...], View, float, float, str], Picture]


def no_gradient(film: Film, view: View) -> str:
    """Why there is no δ to show."""
    return "" if film.recording.has_gradients else "no losses, so there is no gradient"


def no_losses(film: Film, view: View) -> str:
    """Why there is no loss to show."""
    return "" if film.recording.loss_slots else "no losses here"


def _nothing(film: Film, view: View) -> str:
    return ""


def _at_once(film: Film, view: View) -> float:
    return 0.0


def _none_left(film: Film, view: View) -> int:
    return 0


@dataclass(frozen=True, slots=True)
class Plot:
    """`group`: of GROUPS. `draw(film, frame, view, width, height, scale)`; `scales` that it has.
    `both`: of two experiments in one plot; without it the one in hand is shown. `of_sheet`: of what
    is not in a film, in place of `draw`. `size`: of a figure of a plot that has no time axis.
    `lacks(film, view)`: why it cannot be shown, "" if it can.
    `seconds(film, view)`: how long what it keeps with the film takes, 0 when it is there.
    `update_at(sheet, x, y, width, height)`: of a plot of updates, the one at a pixel; None where
    nothing was learnt. `ahead(film, view, rest)` makes the next piece where it is seen piece
    by piece, of which `left(film, view)` are to come."""

    id: str
    title: str
    group: str
    draw: Draw
    scales: tuple[str, ...] = ("linear",)
    both: DrawBoth | None = None
    of_sheet: DrawBoth | None = None
    size: tuple[float, float] | None = None
    lacks: Lacks = _nothing
    seconds: Callable[[Film, View], float] = _at_once
    update_at: Callable[[Sheet, float, float, float, float], int | None] | None = None
    ahead: Callable[[Film, View, int], None] | None = None
    left: Callable[[Film, View], int] = _none_left


def _later(name: str, module: str = "") -> Callable[..., Any]:
    """A function of a plot that is not shown at first: its module is imported when it is wanted."""
    module = module or name.removesuffix("_picture")

    def called(*given: object) -> Any:
        return getattr(import_module(f"visualizer.plots.{module}"), name)(*given)

    return called


def _of_one(name: str, module: str = "learning") -> Draw:
    """A plot of a sheet, of a film that nothing was learnt of."""
    whole = _later(name, module)

    def draw(
        film: Film, frame: Frame, view: View, width: float, height: float, scale: str = "linear"
    ) -> Picture:
        drawn: Picture = whole(Sheet((film,)), (frame,), view, width, height, scale)
        return drawn

    return draw


GROUPS = ("Gradients", "Values", "Training", "Writing", "More")  # as they stand in the menu
NORMS, LOSSES = _later("norms_of_both", "pair"), _later("losses_of_both", "pair")
PLOTS: dict[str, Plot] = {
    "norms": Plot(
        "norms",
        "Gradient norm per step",
        "Gradients",
        norms_picture,
        ("linear", "log"),
        NORMS,
        lacks=no_gradient,
        seconds=norms_seconds,
    ),
    "losses": Plot(
        "losses", "Loss per step", "Values", losses_picture, both=LOSSES, lacks=no_losses
    ),
    "targets": Plot(
        "targets",
        "Prediction and target",
        "Values",
        _later("predictions_picture"),
        lacks=_later("lacks", "predictions"),
    ),
    "gates": Plot("gates", "Gates", "Values", gates_picture, lacks=gates_lacks),
    "change": Plot(
        "change",
        "Relative change",
        "Values",
        _later("change_picture"),
        lacks=_later("lacks", "change"),
    ),
    "jacobian": Plot(
        "jacobian",
        "Step Jacobian",
        "Gradients",
        _later("jacobian_picture"),
        ("log",),
        lacks=_later("lacks", "jacobian"),
        seconds=_later("seconds", "jacobian"),
    ),
    "heat": Plot(
        "heat", "δ by unit and step", "Gradients", _later("heat_picture"), lacks=no_gradient
    ),
    "layers": Plot(
        "layers",
        "Parameter gradient per step",
        "Gradients",
        _later("layers_picture"),
        ("linear", "log"),
        lacks=no_gradient,
    ),
    "cliff": Plot(
        "cliff",
        "Cliff",
        "More",
        _later("cliff_picture"),
        size=(1100, 420),
        lacks=_later("lacks", "cliff"),
        seconds=_later("seconds", "cliff"),
    ),
    "cost": Plot(
        "cost",
        "Cost",
        "More",
        _later("cost_picture"),
        size=(1000, 196),
        seconds=_later("seconds", "cost"),
    ),
    "learning": Plot(
        "learning",
        "Loss while learning",
        "Training",
        _of_one("learning_picture"),
        ("log", "linear"),
        of_sheet=_later("learning_picture", "learning"),
        update_at=_later("update_at", "learning"),
        size=(1100, 300),
    ),
    "updates": Plot(
        "updates",
        "Gradient norm by update",
        "Training",
        _of_one("updates_picture"),
        of_sheet=_later("updates_picture", "learning"),
        update_at=_later("update_at", "learning"),
        size=(1100, 420),
    ),
    "samples": Plot(
        "samples",
        "Samples while learning",
        "Training",
        _of_one("samples_picture", "samples"),
        of_sheet=_later("samples_picture", "samples"),
        update_at=_later("update_at", "samples"),
        size=(1100, 420),
    ),
    "odds": Plot(
        "odds",
        "Right odds, wrong words",
        "Writing",
        _of_one("odds_picture", "odds"),
        of_sheet=_later("odds_picture", "odds"),
        size=(1100, 300),
    ),
    "shift": Plot(
        "shift",
        "Distance from training",
        "Writing",
        _of_one("shift_picture", "shift"),
        of_sheet=_later("shift_picture", "shift"),
    ),
    "verify": Plot(
        "verify",
        "Trust, but verify",
        "More",
        _later("differences_picture"),
        ("log",),
        size=(1100, 420),
        lacks=_later("lacks", "differences"),
        seconds=_later("seconds", "differences"),
    ),
    "grid": Plot(
        "grid",
        "Naïve RNNs almost never work",
        "More",
        _later("grid_picture"),
        size=(1100, 260),
        seconds=_later("seconds", "grid"),
        ahead=_later("ahead", "grid"),
        left=_later("left", "grid"),
    ),
    "schedule": Plot(
        "schedule",
        "Scheduled sampling",
        "Training",
        _of_one("schedule_picture", "schedule"),
        of_sheet=_later("schedule_picture", "schedule"),
        size=(1100, 300),
    ),
    "course": Plot(
        "course",
        "Course of training",
        "Training",
        _of_one("course_picture", "course"),
        of_sheet=_later("course_picture", "course"),
        update_at=_later("update_at", "course"),
        size=(1100, 240),
    ),
}


def complete(row: Plot, film: Film, view: View) -> None:
    """Make all pieces of a plot that is seen piece by piece, for a figure."""
    while row.ahead is not None and (rest := row.left(film, view)):
        row.ahead(film, view, rest)


def plot_picture(
    row: Plot,
    sheet: Sheet,
    frames: tuple[Frame, ...],
    view: View,
    width: float,
    height: float,
    scale: str,
) -> Picture:
    """The plot of what is on the canvas, under it; its time is spread out in one line."""
    if row.of_sheet is not None:
        return row.of_sheet(sheet, frames, view, width, height, scale)
    view = in_one_line(sheet, replace(view, fold=0.0), width)
    if not sheet.several:
        return row.draw(sheet.film, frames[0], view, width, height, scale)
    if row.both is not None:
        return row.both(sheet, frames, view, width, height, scale)
    own = sheet.panes(view, width, 400.0)[sheet.hand].view
    drawn = row.draw(sheet.film, frames[sheet.hand], own, width, height, scale)
    return replace(drawn, items=(*drawn.items, *_letter(row.title, sheet.hand)))


def _letter(title: str, place: int) -> list[Item]:
    """Which of two the plot is of, behind its title."""
    at = np.array([[16.0 + width_of(title, STYLES["title"]) + 18.0, 17.0]])
    dot = Dots(f"pair-{place + 1}-dot", at, np.array([8.0]))
    return [dot, Texts("pair-letter", at, (LETTERS[place],), "middle", scale=0.92)]
