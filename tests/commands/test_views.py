"""Every figure has a name on the command line, and every name a figure."""

from __future__ import annotations

from visualizer.commands.options import VIEWS
from visualizer.export.figures import FIGURES
from visualizer.plots.table import PLOTS


def test_views_of_the_command_line_are_the_figures() -> None:
    assert tuple(FIGURES) == VIEWS
    assert set(PLOTS) <= set(FIGURES)
    assert all(row.id == key for key, row in FIGURES.items())
