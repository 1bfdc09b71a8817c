"""Distribution shift: how far h_t is from the states that training has seen, at every step of a run
that reads its own output; beside it what is usual (the quantiles of training as bands), and the
same run without the token that was put in.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.training.shift import Drift, drift_of
from engine.training.trained import Trained
from visualizer.plots import axes as frames
from visualizer.plots.axes import Axes
from visualizer.plots.learning import UNTRAINED
from visualizer.scene.film import Film
from visualizer.scene.frame import Frame
from visualizer.scene.odds import apart
from visualizer.scene.picture import Dots, Item, Picture, Polylines, Rects
from visualizer.scene.sheet import Sheet
from visualizer.scene.view import View
from visualizer.scene.whereabouts import in_one_line

Array = NDArray[np.floating[Any]]
TITLE = "Distance from training"


def shift_picture(
    sheet: Sheet, shown: tuple[Frame, ...], view: View, width: float, height: float, scale: str
) -> Picture:
    """The plot in a window of width by height."""
    film, frame, learnt = sheet.films[sheet.hand], shown[sheet.hand], sheet.learnt[sheet.hand]
    trained = learnt.trained if learnt is not None else None
    view = replace(in_one_line(sheet, replace(view, fold=0.0), width), sequence=0)
    reason = lacks_of(film, trained)
    if reason or trained is None:
        items = [*frames.heading(TITLE, ""), frames.note(width, reason)]
        return Picture(width, height, tuple(items), background="plot", title=TITLE)
    drift = drift_on(film, trained)
    known = np.concatenate([drift.distances, drift.usual, drift.bands])
    top = float(np.nanmax(known, initial=0.0))
    axes = frames.axes_of(film, view, width, height, *frames.linear_range(0.0, top))
    items = frames.ground(film, frame, view, axes, width, height)
    items += _bands(axes, drift)
    items += frames.inside(axes, _lines(film, frame, axes, drift))
    items += frames.inside(axes, frames.step_labels(axes, frame, film))
    items += frames.heading(TITLE, _words(drift))
    entries = [("line-1", "this run")]
    entries += [("line-1-dashed", "nothing put in")] if drift.forced else []
    entries += [("odds-bar", "5 … 95 % of training")]
    items += frames.legend(width, frames.fitting(entries, width - 260.0))
    return Picture(width, height, tuple(items), background="plot", title=TITLE)


def drift_on(film: Film, trained: Trained) -> Drift:
    """How far the recording goes, computed once."""
    found: Drift = film.kept(("drift", id(trained)), lambda: drift_of(film.run, trained))
    return found


def lacks_of(film: Film, trained: Trained | None) -> str:
    """Why there is nothing to show."""
    if trained is None:
        return UNTRAINED
    if film.run.batch.own is None or film.run.experiment.feeding != "own" or apart(film.run):
        return "nothing is fed back here: press Write, or choose Feeding: own"
    if film.run.batch.kind != "class":
        return "this network writes numbers; the states of tokens are compared"
    return ""


def _bands(axes: Axes, drift: Drift) -> list[Item]:
    low, middle, high = (float(axes.y(q)) for q in drift.bands)
    wide = axes.right - axes.left
    return [
        Rects("band-usual", np.array([[axes.left, high, wide, low - high]]), radius=0.0),
        Polylines("threshold", (np.array([[axes.left, middle], [axes.right, middle]]),)),
    ]


def _lines(film: Film, frame: Frame, axes: Axes, drift: Drift) -> list[Item]:
    """As far as forward has come."""
    g, k = film.run.chains("h")[-1][0]
    valued = frame.valued(g, k)
    t = np.arange(max(axes.first, valued[0]), min(axes.last, valued[1], film.span(0)[1]))
    items: list[Item] = []
    before = t[np.isfinite(drift.usual[t])]
    if drift.forced:
        items += frames.line("line-1-dashed", axes, drift.usual[before], before)
    items += frames.line("line-1", axes, drift.distances[t], t)
    there = np.array([s for s in drift.forced if s in t], np.int64)
    if len(there):
        points = np.column_stack([axes.centres[there], axes.y(drift.distances[there])])
        items.append(Dots("packet", points, np.full(len(there), 4.0)))
    return items


def _words(drift: Drift) -> str:
    said = "mean distance of h_{t} to its 5 nearest states of training"
    one, other = drift.perplexity
    if not math.isfinite(one):
        return said + "; put another token in and see what follows"
    steps = ", ".join(str(t) for t in drift.forced[:4])
    return f"{said}; perplexity from step {steps} on {one:.2f}, with nothing put in {other:.2f}"
