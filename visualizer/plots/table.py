"""PLOTS: one row a plot. A plot follows a frame and shows only what has happened by then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module

import numpy as np

from visualizer.plots.gates import gates_picture
from visualizer.plots.losses import losses_picture
from visualizer.plots.norms import norms_picture
from visualizer.scene.film import Film
from visualizer.scene.frame import Frame
from visualizer.scene.panes import LETTERS
from visualizer.scene.picture import Dots, Item, Picture, Texts
from visualizer.scene.sheet import Sheet
from visualizer.scene.view import View
from visualizer.styles import STYLES
from visualizer.typeset import width_of

Draw = Callable[[Film, Frame, View, float, float, str], Picture]
DrawBoth = Callable[[Sheet, tuple[Frame, ...], View, float, float, str], Picture]


@dataclass(frozen=True, slots=True)
class Plot:
    """`draw(film, frame, view, width, height, scale)`; `scales` that it has. `both`: of two
    experiments in one plot; without it the one in hand is shown. `size`: of a figure of a plot
    that has no time axis."""

    id: str
    title: str
    draw: Draw
    scales: tuple[str, ...] = ("linear",)
    both: DrawBoth | None = None
    size: tuple[float, float] | None = None


def _later(name: str, module: str = "") -> Callable[..., Picture]:
    """A function of a plot that is not shown at first: its module is imported when it is drawn."""
    module = module or name.removesuffix("_picture")

    def draw(*given: object) -> Picture:
        found: Picture = getattr(import_module(f"visualizer.plots.{module}"), name)(*given)
        return found

    return draw


NORMS, LOSSES = _later("norms_of_both", "pair"), _later("losses_of_both", "pair")
PLOTS: dict[str, Plot] = {
    "norms": Plot(
        "norms",
        "Gradient norm per step",
        norms_picture,
        ("linear", "log"),
        NORMS,
    ),
    "losses": Plot("losses", "Loss per step", losses_picture, both=LOSSES),
    "gates": Plot("gates", "Gates", gates_picture),
    "change": Plot("change", "Relative change", _later("change_picture")),
    "jacobian": Plot("jacobian", "Step Jacobian", _later("jacobian_picture"), ("log",)),
    "heat": Plot("heat", "δ by unit and step", _later("heat_picture")),
    "layers": Plot(
        "layers",
        "Parameter gradient per step",
        _later("layers_picture"),
        ("linear", "log"),
    ),
    "cliff": Plot("cliff", "Cliff", _later("cliff_picture"), size=(1100, 420)),
    "cost": Plot("cost", "Cost", _later("cost_picture"), size=(1000, 196)),
}


def plot_picture(
    row: Plot,
    sheet: Sheet,
    frames: tuple[Frame, ...],
    view: View,
    width: float,
    height: float,
    scale: str,
) -> Picture:
    """The plot of what is on the canvas, under it; its time is spread out, folded or not."""
    view = replace(view, fold=0.0)
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
