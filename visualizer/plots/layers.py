"""Parameter gradient per step: the norm of what every step adds to ∂ℒ/∂W as a bar; where each step
has a matrix of its own (per-layer), the norm of that one's gradient and its share of the square of
the whole. As far as backward has come. Of the selected parameter, else the recurrent one of the
selected node's part of the network.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visualizer.plots import axes as frames
from visualizer.plots.axes import Axes
from visualizer.plots.norms import shown_slot
from visualizer.scene.film import Film
from visualizer.scene.frame import Frame
from visualizer.scene.picture import Item, Picture, Rects, Texts
from visualizer.scene.symbols import matrix_of
from visualizer.scene.view import View

Array = NDArray[np.floating[Any]]
TITLE = "Parameter gradient per step"
WIDEST = 30.0
COUNTED = 84.0  # px a step from which a step says how many sequences it has
LABELLED = 42.0
NAMED = 3  # other matrices that the words name


@dataclass(frozen=True, slots=True)
class Terms:
    """`norms` (steps,) on the time axis; `own`: every step has a matrix of its own."""

    name: str
    segment: int
    slot: int
    norms: Array
    own: bool

    @property
    def shares(self) -> Array:
        """‖dW_t‖²/‖dW‖², which add to 1 where the matrices are apart."""
        squares = np.square(self.norms)
        return np.asarray(squares / (squares.sum() or 1.0))


def layers_picture(
    film: Film, frame: Frame, view: View, width: float, height: float, scale: str = "linear"
) -> Picture:
    """The plot in a window of width by height."""
    terms = terms_of(film, view)
    if terms is None or not film.recording.has_gradients:
        reason = "no parameters here" if terms is None else "no losses, so there is no gradient"
        items = [*frames.heading(TITLE, ""), frames.note(width, reason)]
        return Picture(width, height, tuple(items), background="plot", title=TITLE)
    log = scale == "log"
    finite = terms.norms[np.isfinite(terms.norms)]
    top = float(finite.max(initial=0.0))
    span = frames.log_range(terms.norms) if log else frames.linear_range(0.0, top)
    axes = frames.axes_of(film, view, width, height, *span, log)
    items = frames.ground(film, frame, view, axes, width, height, joint=True)
    t = np.flatnonzero(_arrived(film, frame, terms))
    lost = np.zeros(film.steps, bool)
    if _overwrites(film, terms) and len(t):
        lost[t] = t != t[-1 if film.network.segments[terms.segment].direction < 0 else 0]
    t = t[(t >= axes.first) & (t < axes.last)]
    items += frames.inside(axes, _bars(axes, terms, t, lost[t]))
    items += frames.inside(axes, _steps(axes, frame, film, terms))
    items += frames.heading(TITLE, _subtitle(film, terms, axes))
    return Picture(width, height, tuple(items), background="plot", title=TITLE)


def _arrived(film: Film, frame: Frame, terms: Terms) -> NDArray[np.bool_]:
    """(steps,): whether the term of a step is in, through all slots that use the parameter."""
    there = np.zeros(film.steps, bool)
    by_segment: dict[int, NDArray[np.bool_]] = {}
    for g, k in film.recording.parameter_slots(terms.name):
        offset = film.network.segments[g].offset
        low, high = frame.accumulated(g, k, terms.name)
        own = np.zeros(film.steps, bool)
        own[offset + low : offset + high] = True
        by_segment[g] = by_segment.get(g, own) & own
    for own in by_segment.values():
        there |= own
    return there


def _overwrites(film: Film, terms: Terms) -> bool:
    """Whether the term of one step replaces that of another."""
    return film.recording.rule == "overwrite" and not terms.own


def _subtitle(film: Film, terms: Terms, axes: Axes) -> str:
    batch = film.recording.batch
    words = "what step t adds to the gradient of the one matrix"
    others = others_of(film, terms.name)
    if others:
        named = ", ".join(map(matrix_of, others[:NAMED])) + (" …" if len(others) > NAMED else "")
        words = f"what step t adds; click a card for {named}"
    if _overwrites(film, terms):
        words = "each term replaces the one before; dotted: thrown away"
    if terms.own:
        words = "every step has its own matrix"
        if axes.roomy and axes.step >= COUNTED:
            words += "; per cent of the square of the whole"
    more = f", {batch} sequences" if batch > 1 else ""
    return f"‖d{matrix_of(terms.name)}‖ at step t: {words}{more}{', log' if axes.log else ''}"


def terms_of(film: Film, view: View) -> Terms | None:
    """The terms of the selected parameter, else of the recurrent matrix of the shown layer."""
    place = _chosen(film, view)
    if place is None:
        return None
    g, k, name = place
    norms = np.asarray(film.term_norms(name), float)
    return Terms(name, g, k, norms, film.network.slot(g, k).per_step)


def _chosen(film: Film, view: View) -> tuple[int, int, str] | None:
    """(segment, slot, parameter)."""
    network, found = film.network, _weights(film)
    for g, k, name, _ in found:
        if name == view.parameter:
            return g, k, name
    if view.parameter in network.parameters:  # a bias
        g, k = film.recording.parameter_slots(view.parameter)[0]
        return g, k, view.parameter
    here = shown_slot(film, view)[0]
    if view.selected is not None and any(r and g == view.selected.segment for g, *_, r in found):
        here = view.selected.segment
    found.sort(key=lambda each: (each[0] != here, not each[3]))
    return found[0][:3] if found else None


def _weights(film: Film) -> list[tuple[int, int, str, bool]]:
    """(segment, slot, parameter, whether it is recurrent) of every matrix at every place."""
    return [
        (g, k, weight.parameter, i.segment == g and bool(i.reach))
        for g, segment in enumerate(film.network.segments)
        for k, slot in enumerate(segment.slots)
        for i, weight in zip(slot.inputs, slot.weights, strict=False)
    ]


def others_of(film: Film, name: str) -> tuple[str, ...]:
    """The recurrent matrices that the plot could show instead of this one."""
    found = dict.fromkeys(n for _, _, n, recurrent in _weights(film) if recurrent and n != name)
    return tuple(found)


def _bars(
    axes: Axes, terms: Terms, t: NDArray[np.integer[Any]], lost: NDArray[np.bool_]
) -> list[Item]:
    values = np.nan_to_num(terms.norms[t], posinf=axes.high)
    if not len(t):
        return []
    wide = min(WIDEST, axes.step * 0.34 if axes.step > 14.0 else max(axes.step, 1.0))
    top = axes.y(values)
    boxes = np.column_stack(
        [axes.centres[t] - wide / 2, top, np.full(len(t), wide), axes.bottom - top]
    )
    items: list[Item] = []
    shown = boxes[:, 3] > 0.4
    for style, which in (("bar-own", shown & ~lost), ("parameter-bar-out", shown & lost)):
        if which.any():
            items.append(Rects(style, boxes[which], radius=None if axes.roomy else 0.0))
    if (~shown).any() and axes.roomy:
        stubs = boxes[~shown]
        stubs[:, 1], stubs[:, 3] = axes.bottom - 2.5, 2.5
        items.append(Rects("bar-stub", stubs))
    if axes.roomy and axes.step >= LABELLED:
        words = [frames.figure(float(v)) for v in terms.norms[t]]
        if terms.own and axes.step >= COUNTED:
            words = [f"{w}  {100 * s:.0f} %" for w, s in zip(words, terms.shares[t], strict=True)]
        items.append(
            Texts(
                "bar-label", np.column_stack([axes.centres[t], top - 9.0]), tuple(words), "middle"
            )
        )
    return items


def _steps(axes: Axes, frame: Frame, film: Film, terms: Terms) -> list[Item]:
    """t=1 … under the steps; where sequences differ in length, how many of them have the step."""
    counts = film.recording.inside.sum(1)
    batch = film.recording.batch
    if not axes.roomy or axes.step < COUNTED or (counts == batch).all():
        return frames.step_labels(axes, frame, film)
    now = frame.step if 0.0 < frame.position < 1.0 else None
    items: list[Item] = []
    for t in range(axes.first, axes.last):
        style = "axis-text-current" if t == now and frame.phase == "backward" else "axis-text"
        words = f"t={t + 1}, {counts[t]} of {batch}"
        place = np.array([[float(axes.centres[t]), axes.bottom + 14.0]])
        items.append(Texts(style, place, (words,), "middle"))
    return items
