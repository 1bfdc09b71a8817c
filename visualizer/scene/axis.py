"""The axis of time that the graph and the plots below it share, in pixels. Where the graph itself
lands is in `view`, what is drawn in `compose`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visualizer.scene.compose import level_of_view, sight_of
from visualizer.scene.film import Film
from visualizer.scene.layers import bands
from visualizer.scene.view import Sight, View


def step_axis(film: Film, view: View, width: float) -> NDArray[np.floating[Any]]:
    """Pixel x of the centre of every step, (T,): the axis that graph and plots share."""
    if level_of_view(film, view) == "bands":
        return bands.axis(film, view)
    here = sight_of(film, replace(view, fold=0.0), width, 400.0)
    return np.asarray(here.x(np.arange(film.steps), axis_x(film, here)))


def axis_x(film: Film, here: Sight) -> float:
    """X in a step at which plots stand: under the state of the top layer."""
    states = [
        m.x
        for m in here.layout.marks
        if film.network.slot(m.segment, m.slot).role in ("state", "memory")
    ]
    return states[-1] if states else here.layout.pitch / 2


def rail_width(film: Film, view: View, width: float) -> float:
    """Pixel at which the steps begin."""
    if level_of_view(film, view) == "bands":
        return bands.RAIL
    return sight_of(film, replace(view, fold=0.0), width, 400.0).left
