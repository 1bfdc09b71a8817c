"""Folding: the steps of the unrolled graph slide onto each other, as cards of a deck, until one is
left, and every edge that was carried from step to step has become a loop with a delay on it.

Here stands where the steps are at fold f, how large, and how far a card has faded; how the edges
bend: `bent`; what is drawn: `layers.deck`, `layers.loops`. All of it slides evenly with f, so that
f may be anything in between; at 0 it is the unrolled graph itself.

A folded step has the window for itself: it is nearer to the eye, its rows therefore as close as a
layout of that size has them.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.template import ALL
from visualizer.scene.bending import folds_of
from visualizer.scene.bent import Folds, bends, grown
from visualizer.scene.film import Film
from visualizer.scene.frame import Frame
from visualizer.scene.layout import Layout
from visualizer.scene.tile import Link, Mark
from visualizer.scene.view import Sight, View, rail_px

WIDEST = 1.2  # a folded step may be stretched that much
FADE = 1.6  # steps from the current one at which cards fade twice as fast
DECK = 1_000_000
THINNEST = 0.75  # px of a card that must show


def gathered(here: Sight, low: Layout, growth: float, film: Film, view: View) -> Sight:
    """The sight at the fold of a view: steps nearer each other, towards the middle of the window.
    At fold 1 nodes are `growth` times as large, in the layout `low`."""
    fold = view.fold
    high = here.layout
    low = low if _alike(high, low) else high
    large = grown(fold)
    layout = blended(high, low, large)
    folds = _folds(film, high, low, view)
    scale = here.scale * (1.0 + (growth - 1.0) * large)
    narrow = min(here.step / (high.pitch * here.scale), WIDEST)
    step = scale * ((1.0 - large) * here.step / here.scale + large * narrow * high.pitch)
    left = rail_px(scale)
    middle = (left + max(here.width, left + step)) / 2
    x0 = (1.0 - fold) * (left + here.x0 - here.left) + fold * (middle - step / 2)
    moved = here.y0 + high.top * here.scale - (here.height - high.height * here.scale) / 2
    y0 = (here.height - layout.height * scale) / 2 - layout.top * scale + moved
    found = replace(
        here, layout=layout, scale=scale, step=step, left=left, x0=x0, y0=y0, folds=folds,
        advance=(1.0 - fold) * step, margin=folds.margin * scale * fold,
    )  # fmt: skip
    first, last = _in_sight(found, film.steps)
    return replace(found, first=first, last=last)


def _in_sight(here: Sight, steps: int) -> tuple[int, int]:
    """Steps [first, last) whose cards are at least partly in the window."""
    if here.advance * steps < 1.0:
        return 0, steps
    first = np.floor((here.left - here.x0 - here.step - here.margin) / here.advance)
    last = np.ceil((here.width - here.x0 + here.margin) / here.advance)
    low = int(np.clip(first, 0, steps))
    return low, max(int(np.clip(last, 0, steps)), low)


def _folds(film: Film, high: Layout, low: Layout, view: View) -> Folds:
    """The bent ways between two layouts of a film, made once."""
    stretch = round(max(view.stretch, 1.0), 2)
    segments = enumerate(film.network.segments)
    backwards = frozenset(g for g, segment in segments if segment.direction < 0)
    found: Folds = film.kept(
        ("folds", high.level, high.rise, low.rise, stretch),
        lambda: folds_of(high, low, backwards, stretch),
    )
    return found


def folded(film: Film, view: View) -> bool:
    """Whether the view shows a film folded; one step, or what has no time, cannot be."""
    return view.fold > 0.0 and not obstacle(film)


def obstacle(film: Film) -> str:
    """Why a film cannot be folded, and what to do; nothing where it can be."""
    if film.timeless:
        return "a formula has no steps to fold; leave it unrolled"
    if film.steps < 2:
        return "a graph of one step cannot be folded; give a longer sequence"
    if any(slot.per_step for segment in film.network.segments for slot in segment.slots):
        return "every step has weights of its own, which no loop can stand for; leave it unrolled"
    every: bool = film.kept(
        "reads all steps", lambda: any(use.reach == ALL for use in film.network.all_uses())
    )
    if every:
        return "what reads all steps at once is no loop and cannot be folded; leave it unrolled"
    return ""


def top_of(frame: Frame, view: View, film: Film, b: int) -> int:
    """The step on top: that of the playhead; at the very end, where it is about the whole, that of
    what is selected, or one in the middle: there all of a loop is lit. Where the shown sequence
    has no such step, being shorter than others, the nearest that it has."""
    now, node = frame.lately, view.selected
    run, own = _steps_of(film, b)
    if frame.event is None:
        now = int(own[(len(own) - 1) // 2])
        if node is not None:
            now = node.t + film.tile(node.segment, b)
    return int(run[np.argmin(np.abs(run - now))])


def _steps_of(film: Film, b: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The steps that are run for sequence b; those of them that are no padding."""

    def found() -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        run = np.flatnonzero(film.recording.inside[:, b])
        padded = [t for low, high in film.padding(b) for t in range(low, high)]
        own = run[~np.isin(run, padded)]
        return run, own if len(own) else run

    steps: tuple[NDArray[np.intp], NDArray[np.intp]] = film.kept(("steps", b), found)
    return steps


def deck_of(here: Sight, fold: float, top: int) -> dict[int, float]:
    """The steps that show something, from the lowest card to the top one, with how far they have
    faded."""
    found = {top: 0.0}
    if here.advance >= THINNEST:
        far = reach_of_deck(fold)
        low, high = max(here.first, top - far), min(here.last, top + far + 1)
        found |= {t: veil(abs(t - top), fold) for t in range(low, high)}
    order = sorted(found, key=lambda t: (-abs(t - top), t))
    return {t: found[t] for t in order if found[t] < 1.0}


def veil(distance: int, fold: float) -> float:
    """How much of a card has faded, so many steps from the one on top; all of it near fold 1."""
    return min(fold * fold * (1.0 + distance / FADE), 1.0) if distance else 0.0


def reach_of_deck(fold: float) -> int:
    """Steps from the top at which cards have faded."""
    return int(min(np.ceil(FADE * (1.0 / max(fold, 1e-3) ** 2 - 1.0)), DECK)) + 1


# ---- between two layouts of the same marks


def blended(high: Layout, low: Layout, fold: float) -> Layout:
    """Heights between those of two layouts."""
    if high is low:
        return high

    def y(a: float, b: float) -> float:
        return a + (b - a) * fold

    marks = tuple(_mark(a, b, fold) for a, b in zip(high.marks, low.marks))
    return replace(
        high,
        top=y(high.top, low.top),
        bottom=y(high.bottom, low.bottom),
        marks=marks,
        links=tuple(_link(a, b, fold) for a, b in zip(high.links, low.links)),
        frames=tuple(replace(a, y=y(a.y, b.y)) for a, b in zip(high.frames, low.frames)),
        roads=tuple((key, y(a, b)) for (key, a), (_, b) in zip(high.roads, low.roads)),
        cards=tuple(
            replace(a, y=y(a.y, b.y), bus_y=None if a.bus_y is None else y(a.bus_y, b.bus_y or 0.0))
            for a, b in zip(high.cards, low.cards)
        ),
        initials=tuple(replace(a, y=y(a.y, b.y)) for a, b in zip(high.initials, low.initials)),
        total_y=y(high.total_y, low.total_y),
        token_y=y(high.token_y, low.token_y),
        at={(mark.segment, mark.slot): mark for mark in marks},
    )


def _alike(high: Layout, low: Layout) -> bool:
    if (len(high.marks), len(high.links)) != (len(low.marks), len(low.links)):
        return False
    if [(c.parameters, c.bus_y is None) for c in high.cards] != [
        (c.parameters, c.bus_y is None) for c in low.cards
    ]:
        return False
    return all(
        a.source == b.source and a.target == b.target
        and a.way.points.shape == b.way.points.shape and a.way.curve == b.way.curve
        for a, b in zip(high.links, low.links)
    )  # fmt: skip


def _mark(a: Mark, b: Mark, fold: float) -> Mark:
    port = a.port
    if a.port is not None and b.port is not None:
        port = (a.port[0], a.port[1] + (b.port[1] - a.port[1]) * fold)
    return replace(a, y=a.y + (b.y - a.y) * fold, port=port)


def _link(a: Link, b: Link, fold: float) -> Link:
    if bends(a):  # known by its way
        return a
    points = a.way.points + (b.way.points - a.way.points) * fold
    return replace(a, way=replace(a.way, points=points))
