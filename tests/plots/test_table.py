"""What a plot lacks is said before it is opened, in the words that stand in it."""

from __future__ import annotations

import pytest

from tests.scene.films import film
from tests.scene.marks import words
from visualizer.plots.table import PLOTS
from visualizer.scene.compose import fit

LACKING = [
    ({}, ("targets", "gates", "cliff")),
    ({"cell": "lstm"}, ("targets", "cliff")),
    ({"hidden": 1}, ("targets", "gates")),
    ({"arrangement": "attention"}, ("targets", "gates", "cliff", "jacobian")),
]


@pytest.mark.parametrize(("settings", "names"), LACKING, ids=str)
def test_what_cannot_be_shown_is_known_before(
    settings: dict[str, object], names: tuple[str, ...]
) -> None:
    movie = film(**settings)
    view = fit(movie, 914, 590)
    reasons = {row.id: row.lacks(movie, view) for row in PLOTS.values()}
    assert {name for name, reason in reasons.items() if reason} == set(names)
    for name in names:
        picture = PLOTS[name].draw(movie, movie.frame_at(1.0), view, 914, 196, "linear")
        assert reasons[name] in words(picture)
