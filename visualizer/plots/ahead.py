"""What a plot keeps with a film, worked out before it is drawn, beside the window. Which plot that
is, is a row of PLOTS."""

from __future__ import annotations

from typing import Any

from visualizer.plots.table import PLOTS
from visualizer.scene.film import Film
from visualizer.scene.view import View


def plot_ahead(
    film: Film, kind: str, scale: str, view: View, size: tuple[int, int], rest: int = 0
) -> Any:
    """Draw a plot, or make the next piece of it where so many are left; what it has kept since."""
    before, row = film.kept_so_far(), PLOTS[kind]
    if row.ahead is not None:
        row.ahead(film, view, rest)
    else:
        row.draw(film, film.frame_at(1.0), view, *size, scale)
    return {key: found for key, found in film.kept_so_far().items() if key not in before}
