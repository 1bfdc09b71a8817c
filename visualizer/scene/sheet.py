"""What is on the canvas: the graph of one film, or those of two, one above the other.

Two share everything that makes them comparable: the width of a step and the left edge of time (the
network whose steps are wider decides), the size of nodes, the level, the colours and the clock.
One film alone is drawn as `compose` draws it, and costs nothing more. Here stands where the two
are; how each is drawn is in `compose`, when it shows what in `clock`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from visualizer.scene import wrapped, wrapping
from visualizer.scene.clock import Clock
from visualizer.scene.compose import (
    compose,
    fit,
    graph_of,
    level_of_view,
    sight_of,
    stage_of,
)
from visualizer.scene.film import Film
from visualizer.scene.frame import Frame
from visualizer.scene.layers import bands, legend, packets
from visualizer.scene.layout import RAIL
from visualizer.scene.panes import TITLE, Pane, heading, kept_inside, without_callout
from visualizer.scene.pick import Picked, pick, pick_wrapped
from visualizer.scene.picture import Item, Picture
from visualizer.scene.shifting import lowered
from visualizer.scene.view import Sight, View, node_width, rail_px, step_width

if TYPE_CHECKING:
    from visualizer.scene.learnt import Learnt

LEAST_SHARE = 0.32  # of the height, for the smaller of two graphs
SPREAD = 2.4  # times as far apart steps may be where two graphs share the height


@dataclass(frozen=True, slots=True)
class Measure:
    """What a step of both takes at a level, and how much of the height the first one has."""

    pitch: float
    height: float
    tail: float
    share: float
    rail: float = RAIL


class Sheet:
    """One film, or two with their titles. `hand` is the film that the user has in hand; `learnt`,
    how the parameters of each were learnt, if they were."""

    def __init__(
        self,
        films: tuple[Film, ...],
        titles: tuple[str, ...] = (),
        hand: int = 0,
        learnt: tuple[Learnt | None, ...] = (None, None),
    ) -> None:
        self.titles = titles
        self.learnt = learnt
        self.hand = hand
        self.clock = Clock(films[0].timeline, films[1].timeline) if len(films) > 1 else None
        self.films = _coloured(films)
        self._measures: dict[str, Measure] = {}

    @property
    def film(self) -> Film:
        """The film in hand."""
        return self.films[self.hand]

    @property
    def several(self) -> bool:
        return len(self.films) > 1

    # ---- time

    @property
    def events(self) -> int:
        """Events of the film, or ticks of the clock of both."""
        return self.clock.events if self.clock else self.film.events

    @property
    def phases(self) -> tuple[tuple[int, int], ...]:
        return self.clock.phases if self.clock else self.film.phases

    def frames_at(self, s: float) -> tuple[Frame, ...]:
        """The frame of every film at the moment s, 0 … 1."""
        if self.clock is None:
            return (self.film.frame_at(s),)
        both = self.clock.positions(min(max(s, 0.0), 1.0) * self.clock.events)
        return tuple(film.frame_after(at) for film, at in zip(self.films, both))

    def moment_of(self, place: int, s: float) -> float:
        """The moment at which one of the films has come to the fraction s of its own events."""
        if self.clock is None or s >= 1.0:  # the end of one is the end of both
            return s
        ticks = self.clock.ticks_at(place, s * self.films[place].events)
        return ticks / max(self.clock.events, 1)

    def moment_within(self, place: int, s: float) -> float:
        """The inverse: how far film `place` has come, as a fraction of its own events."""
        if self.clock is None:
            return s
        done = self.clock.positions(min(max(s, 0.0), 1.0) * self.clock.events)[place]
        return done / max(self.films[place].events, 1)

    # ---- space: an extent, as `fit` asks for

    @cached_property
    def base(self) -> float:
        return max(film.base for film in self.films)

    @property
    def steps(self) -> int:
        return max(film.steps for film in self.films)

    @property
    def widest(self) -> int:
        return max(film.widest for film in self.films)

    @property
    def timeless(self) -> bool:
        return all(film.timeless for film in self.films)

    @cached_property
    def levels(self) -> tuple[str, ...]:
        """The levels that every network here can be shown at."""
        first = self.films[0].levels
        return tuple(n for n in first if all(n in film.levels for film in self.films))

    def pitches(self) -> dict[str, float]:
        return self._pitches

    @cached_property
    def _pitches(self) -> dict[str, float]:
        return {level: self.layout(level).pitch for level in self.levels}

    def layout(self, level: str) -> Measure:
        """What a step takes at a level."""
        if level not in self._measures:
            self._measures[level] = self._measured(level)
        return self._measures[level]

    def _measured(self, level: str) -> Measure:
        layouts = [film.layout(level, film.least_rise(level)) for film in self.films]
        share = _share([layout.height for layout in layouts])
        parts = (share, 1.0 - share)
        return Measure(
            max(layout.pitch for layout in layouts),
            max(layout.height / part for layout, part in zip(layouts, parts) if part > 0),
            max(layout.tail for layout in layouts),
            share,
            max(layout.rail for layout in layouts),
        )

    def _share_of_bands(self, room: float) -> float:
        """The part of the room in which bands of the first are as high as those of the other."""
        around = bands.HEAD + bands.FOOT + bands.LOSSES[0]
        for gates in (True, False):  # they go first where there is little room
            counts = [bands.count(film, gates=gates) for film in self.films]
            tall = (room - around * len(counts)) / max(sum(counts), 1)
            if tall >= bands.LEAST or not gates:
                break
        return _share([around + max(tall, 1.0) * count for count in counts])

    def panes(self, view: View, width: float, height: float) -> tuple[Pane, ...]:
        """The place of every graph and the view that brings it there."""
        if not self.several:
            return (Pane(self.film, view, 0.0, 0.0, height),)
        level = level_of_view(self, view)
        room = max(height - legend.HEIGHT + 6.0 - TITLE * len(self.films), 1.0)
        share = self._share_of_bands(room) if level == "bands" else self.layout(level).share
        found, top = [], 0.0
        for place, (film, part) in enumerate(zip(self.films, (share, 1.0 - share))):
            tall = float(round(room * part))
            own = self._view(place, view, level)
            found.append(Pane(film, own, top, top + TITLE, tall + legend.HEIGHT - 6.0))
            top += TITLE + tall
        return tuple(found)

    def _view(self, place: int, view: View, level: str) -> View:
        """The shared view for one film: nodes as large and steps as wide as in the other."""
        film = self.films[place]
        step, wide = step_width(view, self.base), node_width(view, self.base)
        first = view.origin[0]
        if level != "bands":
            mine, tile = film.layout(level), self.layout(level)
            scale = wide / tile.pitch
            wide = mine.pitch * scale
            # a graph without a rail begins further left, were its steps not moved to the right
            first += (rail_px(scale, mine.rail) - rail_px(scale, tile.rail)) / step
        own = replace(
            view,
            level=level,
            zoom=wide / film.base,
            stretch=step / wide,
            origin=(first, view.origin[1]),
        )
        if place == self.hand:
            return own
        return replace(own, selected=None, hover=None, parameter="")

    def sights(self, view: View, width: float, height: float) -> tuple[Sight, ...]:
        """Where each graph lands in its own pane."""
        panes = self.panes(view, width, height)
        return tuple(sight_of(pane.film, pane.view, width, pane.height) for pane in panes)

    def edges(self, view: View, width: float) -> NDArray[np.floating[Any]]:
        """Pixels of the left edge of every step and of the end of the last: the axis of all."""
        step = step_width(view, self.base)
        first = np.rint(self.rail(view, width) - view.origin[0] * step)
        return np.asarray(first + step * np.arange(self.steps + 1))

    def rail(self, view: View, width: float) -> float:
        """Pixel at which the steps begin."""
        level = level_of_view(self, view)
        if level == "bands":
            return bands.RAIL
        tile = self.layout(level)
        return rail_px(node_width(view, self.base) / tile.pitch, tile.rail)

    def fitted(
        self,
        width: float,
        height: float,
        level: str,
        sequence: int,
        step: int | None,
        wrap: int = wrapping.ONE,
    ) -> View:
        """The view that shows all of it, at the nearest level that can be read then."""
        if not self.several:
            if wrapping.wraps(self.film, View(level=level, wrap=wrap)):
                return wrapping.fitted(self.film, width, height, level, sequence, wrap, step or 0)
            return fit(self.film, width, height, level, sequence, step)
        room = height - TITLE * len(self.films)
        return fit(self, width, room, level, sequence, step, SPREAD)

    # ---- the hand

    def pick(
        self,
        view: View,
        width: float,
        height: float,
        x: float,
        y: float,
        frames: tuple[Frame, ...] = (),
    ) -> tuple[int, Picked]:
        """Which graph a pixel belongs to, and what lies there (folded: at these frames)."""
        if not self.several and wrapping.wraps(self.film, view):
            return 0, pick_wrapped(self.film, view, width, height, x, y)
        panes = self.panes(view, width, height)
        place = sum(y >= pane.top for pane in panes[1:])
        pane = panes[place]
        if y < pane.y and self.several:
            return place, None
        frame = frames[place] if frames else None
        return place, pick(pane.film, pane.view, width, pane.height, x, y - pane.y, frame)

    # ---- pictures

    @property
    def keyed(self) -> Film:
        """The film whose legend stands for all."""
        return next((film for film in self.films if legend.has_gates(film)), self.film)

    def boxes(self, view: View, width: float, height: float) -> tuple[tuple[float, float], ...]:
        """(top, height) of what each graph has of the canvas: its title, and below the last one
        the legend."""
        tops = [pane.top for pane in self.panes(view, width, height)]
        return tuple((top, end - top) for top, end in zip(tops, [*tops[1:], height]))

    def picture(
        self,
        place: int,
        frame: Frame,
        view: View,
        width: float,
        height: float,
        marked: bool = True,
    ) -> Picture:
        """One of the pictures, in its box; `marked`: the title of the film in hand stands out."""
        if not self.several:
            made = wrapped.wrapped if wrapping.wraps(self.film, view) else compose
            return made(self.film, frame, view, width, height)
        pane = self.panes(view, width, height)[place]
        tall = self.boxes(view, width, height)[place][1]
        drawn = graph_of(pane.film, frame, pane.view, width, pane.height)
        drawn = drawn if place == self.hand else without_callout(drawn)
        items = kept_inside(lowered(drawn, TITLE), pane, width)
        items += heading(self.titles, place, width, marked=marked, mine=place == self.hand)
        if place == len(self.films) - 1:
            far = level_of_view(self, view) == "bands"
            items += legend.draw(self.keyed, width, tall, logarithmic=far)
        return Picture(width, tall, tuple(items), title=self.titles[place])

    def compose(
        self,
        frames: tuple[Frame, ...],
        view: View,
        width: float,
        height: float,
        marked: bool = True,
    ) -> Picture:
        """The picture of all that is here."""
        parts = [self.picture(k, f, view, width, height, marked) for k, f in enumerate(frames)]
        if len(parts) == 1:
            return parts[0]
        boxes = self.boxes(view, width, height)
        items = [i for part, (top, _) in zip(parts, boxes) for i in lowered(part.items, top)]
        return Picture(width, height, tuple(items), title=" and ".join(self.titles))

    def moving(self, frames: tuple[Frame, ...], view: View, width: float, height: float) -> Picture:
        """What moves between two events."""
        items: list[Item] = []
        if not self.several and wrapping.wraps(self.film, view):
            items = wrapped.moving(self.film, frames[0], view, width, height)
        elif level_of_view(self, view) != "bands":
            for pane, frame in zip(self.panes(view, width, height), frames):
                stage = stage_of(pane.film, frame, pane.view, width, pane.height)
                found = packets.draw(stage)
                items += lowered(found, pane.y) if pane.y else found
        return Picture(width, height, tuple(items), background="")


def _coloured(films: tuple[Film, ...]) -> tuple[Film, ...]:
    """Colours that mean the same in all of them."""
    if len(films) < 2:
        return films
    largest = max(films, key=lambda film: film.value_scale)
    beyond = largest.value_beyond
    delta = max(film.delta_scale for film in films)
    return tuple(film.paired(largest.value_scale, beyond, delta) for film in films)


def _share(heights: list[float]) -> float:
    """The part of the height that the first has."""
    if len(heights) < 2:
        return 1.0
    share = heights[0] / max(sum(heights), 1e-9)
    return float(np.clip(share, LEAST_SHARE, 1.0 - LEAST_SHARE))
