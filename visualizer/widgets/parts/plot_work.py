"""What a plot keeps with its films and takes long to work out is worked out beside the window.

Meanwhile the plot shows what it showed. What that is, knows the row of the plot.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from engine.errors import Stopped
from visualizer.plots.ahead import plot_ahead
from visualizer.plots.table import Plot
from visualizer.scene.film import Film
from visualizer.scene.view import View
from visualizer.widgets.parts.asking import ask
from visualizer.widgets.parts.long_work import FRAME
from visualizer.widgets.parts.stage import Stage

STOPPED = "stopped; pick the plot again to have it worked out"


class PlotWork:
    """One for a plot. `there` is called when what was asked for has come, or will not come."""

    def __init__(self, stage: Stage, there: Callable[[], None]) -> None:
        self._stage, self._there = stage, there
        self._asked: tuple[object, ...] = ()
        self._had: tuple[object, ...] = ()  # whatever came of it: it is not asked for again
        self.trouble = ""

    def again(self) -> None:
        """Somebody wants the plot: what was stopped is tried once more."""
        self._had, self.trouble = (), ""

    def waits(self, row: Plot, scale: str, view: View, size: tuple[int, int]) -> bool:
        """Whether the plot cannot be drawn yet; then it is being worked out."""
        stage = self._stage
        both = stage.comparing and row.both is not None
        films = stage.sheet.films if both else (stage.film,)
        bare = replace(view, selected=None)  # a node of the film in hand is none of the other one
        views = [view if film in (stage.film, stage.sheet.film) else bare for film in films]
        if stage.work is None or sum(map(row.seconds, films, views)) < FRAME:
            self.trouble = ""
            return False
        rest = row.left(films[0], view)
        key = (films, row.id, view.sequence, view.selected, view.symbols, rest)
        if key == self._had:
            return bool(self.trouble) and not rest
        if key != self._asked:
            self._asked = key
            self._ask(key, films, row, (row.id, scale, view, size, rest))
        return not rest  # what comes piece by piece is shown as far as it has come

    def _ask(
        self, key: tuple[object, ...], films: tuple[Film, ...], row: Plot, args: tuple[object, ...]
    ) -> None:
        def done(found: Any) -> None:
            current, self._asked = key == self._asked, ()
            if isinstance(found, Exception):
                if current:
                    self._had = key
                    self.trouble = STOPPED if isinstance(found, Stopped) else str(found)
            else:
                self._had, self.trouble = key, ""
                for film, kept in zip(films, found, strict=True):
                    film.keep(kept)
            self._there()

        stage = self._stage
        places = tuple(range(len(films))) if len(films) > 1 else ()
        seconds = sum(row.seconds(film, stage.view) for film in films)
        ask(stage, "plot", f"Working out: {row.title}", plot_ahead, args, done, seconds, places)
