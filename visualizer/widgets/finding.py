"""What the search field finds: nodes of the graph, actions that can be done now, arrangements,
cells and the other choices of the form, plots, lessons, samples and tasks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from PySide6.QtGui import QAction

from engine.arrangements import ARRANGEMENTS
from engine.arrangements.pictures import picture_of
from engine.cells import CELLS
from engine.choices import PICTURES
from engine.experiment import settings
from engine.sequences import Sample, samples
from engine.sequences.generated import GENERATED, Generated
from engine.setting import Setting
from visualizer.plots.table import PLOTS
from visualizer.widgets.actions import ACTIONS
from visualizer.widgets.canvas import Canvas
from visualizer.widgets.lessons import Lessons
from visualizer.widgets.parts.finder import Found, rank
from visualizer.widgets.parts.overlay import LEVEL_WORDS
from visualizer.widgets.parts.selection import find, name_of
from visualizer.widgets.parts.stage import Stage

NAMED = ("arrangement", "cell")  # whose values have names that say enough


class Finding:
    """The sources of a finder. Choices and lessons are many: they wait for a word."""

    def __init__(
        self,
        stage: Stage,
        actions: dict[str, QAction],
        canvas: Canvas,
        lessons: Lessons,
        pick: Callable[[str], None],
    ) -> None:
        """`pick` shows the plot of that id."""
        self._pick = pick
        self._stage, self._actions, self._canvas, self._lessons = stage, actions, canvas, lessons

    def actions(self, typed: str) -> list[Found]:
        rows = [
            Found(row.text.rstrip("…"), row.keys[0] if row.keys else "", action.trigger, row.words)
            for row in ACTIONS
            if (action := self._actions[row.id]).isEnabled() and row.id != "search"
        ]
        return rank(rows, typed)

    def nodes(self, typed: str) -> list[Found]:
        network = self._stage.run.recording.network
        return [
            Found(name_of(network, node), "go there", partial(self._canvas.reveal, node))
            for node in find(network, typed)
        ]

    def choices(self, typed: str) -> list[Found]:
        return rank(list(self._choices()), typed) if typed.strip() else []

    def lessons(self, typed: str) -> list[Found]:
        """Lessons, samples and tasks by title or id; a lesson whose id is typed first."""
        if not typed.strip():
            return []
        rows = [
            Found(title, "lesson", partial(self._lessons.open, id), f"{id} lesson")
            for id, title in self._lessons.titles()
        ]
        open_sample = self._lessons.open_sample
        kinds: dict[str, Iterable[Sample | Generated]]
        kinds = {"sample": samples(), "task": GENERATED.values()}
        for kind, found in kinds.items():
            rows += [
                Found(row.title, kind, partial(open_sample, row.id), f"{row.id} {kind}")
                for row in found
            ]
        exact = f"{typed.strip().lower()} lesson"
        return sorted(rank(rows, typed), key=lambda row: row.words != exact)

    def plots(self, typed: str) -> list[Found]:
        """Those that can be shown here, by title."""
        film, view = self._stage.film, self._stage.view
        rows = [
            Found(row.title, "plot", partial(self._pick, row.id), f"plot {row.id}")
            for row in PLOTS.values()
            if not row.lacks(film, view)
        ]
        return rank(rows, typed) if typed.strip() else []

    def _choices(self) -> Iterator[Found]:
        """Every value that a menu of the form has now, and every level."""
        for level, words in LEVEL_WORDS.items():
            now = " ✓" if level == self._stage.view.level else ""
            look = partial(self._stage.look, level=level)
            yield Found(f"Level: {words.lower()}", f"level{now}", look, f"level {level} detail")
        experiment = self._stage.document.snapshot.experiment
        pictures = picture_of(self._stage.run.batch) is not None
        for row in settings():
            if row.kind != "choice" or not experiment.shows(row):
                continue
            for value in row.choices:
                if pictures or value not in PICTURES:
                    now = " ✓" if value == getattr(experiment, row.name) else ""
                    does = partial(self._stage.set, row.name, value)
                    hint = f"{row.label.lower() if row.name in NAMED else 'setting'}{now}"
                    yield Found(_called(row, value), hint, does, f"{row.label} {value}")


def _called(row: Setting, value: str) -> str:
    """ "Attention", "LSTM"; "Padding: mask"."""
    if row.name == "arrangement":
        return ARRANGEMENTS[value].title
    return CELLS[value].title if row.name == "cell" else f"{row.label}: {value}"
