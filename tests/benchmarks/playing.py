"""How long a frame takes while the film plays: alone, as a picture, and in the window.

Every sample is another moment of the film, so that nothing is found ready made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from PySide6.QtGui import QImage, QPainter

from tests.benchmarks.timing import Figure, clocked
from tests.benchmarks.window import Shown, document
from visualizer.document.document import Document
from visualizer.paint.qt import draw
from visualizer.scene.compose import compose, fit
from visualizer.scene.film import Film
from visualizer.theme import THEMES
from visualizer.widgets.application import make_application

FRAME, PLAYED = 0.001, 0.008  # s
GRAPH = (1042, 680)  # px; the graph in the window of 1600 by 1000
FILMS: tuple[tuple[str, int, dict[str, object]], ...] = (
    ("5 steps, RNN", 5, {}),
    ("5 steps, LSTM", 5, {"cell": "lstm"}),
    ("100 steps, LSTM", 100, {"cell": "lstm"}),
)
NUMBER = 0.6180339887  # golden section: moments everywhere, none twice


def figures(times: int = 150) -> Iterator[Figure]:
    make_application()
    yield _frames(document(100, cell="lstm").film, 2 * times)
    for name, steps, settings in FILMS:
        yield _graph(name, document(steps, **settings).film, "auto", times)
    yield _graph("100 steps, LSTM, every node", document(100, cell="lstm").film, "ops", times)
    for name, steps, settings in FILMS:
        yield _window(name, document(steps, **settings), "auto", times)
    yield _window("100 steps, LSTM, every node", document(100, cell="lstm"), "ops", times)


def moment(i: int) -> float:
    return (i + 1) * NUMBER % 1.0


def _frames(film: Film, times: int) -> Figure:
    cpu, wall = clocked(_nothing, lambda i: film.frame_at(moment(i)), times)
    return Figure("frame_at, 100 steps, LSTM", FRAME, cpu, wall)


def _graph(name: str, film: Film, level: str, times: int) -> Figure:
    """frame_at, compose and painting, on an image of the graph's size."""
    view = fit(film, *GRAPH, level)
    image = QImage(*GRAPH, QImage.Format.Format_RGB32)

    def deed(i: int) -> None:
        picture = compose(film, film.frame_at(moment(i)), view, *GRAPH)
        with QPainter(image) as painter:
            draw(painter, picture, THEMES["light"])

    return Figure(f"frame: {name}", PLAYED, *clocked(_nothing, deed, times))


def _window(name: str, shown: Document, level: str, times: int) -> Figure:
    """A tick of the window that plays: graph, plot, transport and inspector, until all is quiet."""
    screen = Shown(shown)
    stage, canvas = screen.window.stage, screen.window.canvas
    if level != "auto":
        near = fit(stage.film, canvas.width(), canvas.height(), level)
        stage.document.look(view=replace(near, selected=stage.view.selected))
    screen.settle()

    def deed(i: int) -> None:
        stage.move_to((i + 1) / (times + 1))
        screen.until_painted("Canvas")

    def prepare(_: Any) -> None:
        screen.painted.names.clear()

    measured = clocked(prepare, deed, times)
    screen.close()
    return Figure(f"frame in the window: {name}", PLAYED, *measured)


def _nothing(_: int) -> None:
    """Nothing to prepare."""
