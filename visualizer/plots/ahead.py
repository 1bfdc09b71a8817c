"""What plots keep with a film, worked out before they are drawn: where a film is made, beside the
window, or later beside it. Which plot that is, is a row of PLOTS."""

from __future__ import annotations

from typing import Any

from visualizer.plots.norms import SHARES_UP_TO, shares_of, shown_slot
from visualizer.plots.table import PLOTS
from visualizer.scene.film import Film
from visualizer.scene.view import View


def shares_ahead(film: Film) -> None:
    """Of the plot that is there at first."""
    if film.recording.has_gradients and film.steps <= SHARES_UP_TO:
        shares_of(film, shown_slot(film, View()))


def plot_ahead(film: Film, kind: str, scale: str, view: View, size: tuple[int, int]) -> Any:
    """Draw a plot; what it has kept since."""
    before = film.kept_so_far()
    PLOTS[kind].draw(film, film.frame_at(1.0), view, *size, scale)
    return {key: found for key, found in film.kept_so_far().items() if key not in before}
