"""A variant of a lesson, computed: its snapshot stands at the moment that the lesson names."""

from __future__ import annotations

from collections.abc import Mapping

from visualizer.document.derive import Derived, derive, sheet_of
from visualizer.lessons.reading import Lesson
from visualizer.scene.film import Film


def opened(
    lesson: Lesson, variant: int = 0, settings: Mapping[str, object] | None = None
) -> Derived:
    """`settings` go before those of the lesson. Raises `Unusable` if they do not fit it."""
    derived = derive(lesson.snapshot(variant, settings))
    sheet = sheet_of(derived)
    moment = sheet.moment_of(sheet.hand, moment_of(sheet.film, lesson.view(variant).moment))
    return derive(derived.snapshot.changed(playhead=moment), derived)


def moment_of(film: Film, moment: float | str) -> float:
    """A moment 0 … 1 from a number or a name; the end for one that other settings did away with."""
    if not isinstance(moment, str):
        return float(moment)
    try:
        return (film.find(moment) + 1) / max(film.events, 1)
    except KeyError:
        return 1.0
