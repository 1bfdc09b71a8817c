"""PLOTS: one row a plot. A plot follows a frame and shows only what has happened by then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from visualizer.plots.change import change_picture
from visualizer.plots.gates import gates_picture
from visualizer.plots.jacobian import jacobian_picture
from visualizer.plots.losses import losses_picture
from visualizer.plots.norms import norms_picture
from visualizer.scene.film import Film
from visualizer.scene.frame import Frame
from visualizer.scene.picture import Picture
from visualizer.scene.view import View

Draw = Callable[[Film, Frame, View, float, float, str], Picture]


@dataclass(frozen=True, slots=True)
class Plot:
    """`draw(film, frame, view, width, height, scale)`; `scales` that it has."""

    id: str
    title: str
    draw: Draw
    scales: tuple[str, ...] = ("linear",)


PLOTS: dict[str, Plot] = {
    "norms": Plot("norms", "Gradient norm per step", norms_picture, ("linear", "log")),
    "losses": Plot("losses", "Loss per step", losses_picture),
    "gates": Plot("gates", "Gates", gates_picture),
    "change": Plot("change", "Relative change", change_picture),
    "jacobian": Plot("jacobian", "Step Jacobian", jacobian_picture, ("log",)),
}
