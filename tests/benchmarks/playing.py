"""How long a frame takes while the film plays: its state, its picture on an image, and the window.

On an image every sample is another moment, so that nothing is found ready made. In the window the
film plays at speed 1, as somebody would see it, and then so that every tick brings another event.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from PySide6.QtGui import QImage, QPainter

from tests.benchmarks.timing import Figure, clocked
from tests.benchmarks.window import Shown, document
from visualizer.document.document import Document
from visualizer.paint.qt import draw
from visualizer.scene.compose import compose, fit
from visualizer.scene.film import Film
from visualizer.theme import THEMES
from visualizer.widgets.application import make_application
from visualizer.widgets.parts.player import TICK

FRAME, PLAYED = 0.001, 0.008  # s
GRAPH = (1042, 680)  # px; the graph in the window of 1600 by 1000
FILMS: tuple[tuple[str, int, str, str], ...] = (  # name, steps, cell, level
    ("5 steps, RNN", 5, "elman", "auto"),
    ("5 steps, LSTM", 5, "lstm", "auto"),
    ("100 steps, LSTM", 100, "lstm", "auto"),
    ("100 steps, LSTM, every op", 100, "lstm", "ops"),
)
NUMBER = 0.6180339887  # golden section: moments everywhere, none twice
FROM = 0.4  # of the film; backward


def figures(times: int = 200) -> Iterator[Figure]:
    make_application()
    yield _frames(document(100, cell="lstm").film, times)
    for name, steps, cell, level in FILMS:
        yield _graph(name, document(steps, cell=cell).film, level, times)
    for name, steps, cell, level in FILMS:
        yield _window(f"{name}, speed 1", document(steps, cell=cell), level, times, 1.0)
    for name, steps, cell, level in FILMS:
        yield _window(f"{name}, an event a tick", document(steps, cell=cell), level, times, None)


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


def _window(name: str, shown: Document, level: str, times: int, speed: float | None) -> Figure:
    """A tick of the window that plays: graph, plot, transport and inspector, until all is quiet."""
    screen = Shown(shown)
    stage, canvas = screen.window.stage, screen.window.canvas
    if level != "auto":
        near = fit(stage.film, canvas.width(), canvas.height(), level)
        stage.document.look(view=replace(near, selected=stage.view.selected))
    tick = 1 / stage.events
    if speed is not None:
        tick = speed * TICK / 1_000 / screen.window.player.seconds
    stage.move_to(FROM)
    screen.settle()

    def prepare(_: int) -> None:
        screen.painted.names.clear()

    def deed(_: int) -> None:
        at = stage.position + tick
        stage.move_to(at if at < 1.0 else FROM)
        screen.until_painted("Canvas")

    measured = clocked(prepare, deed, times, warm=20)
    screen.close()
    return Figure(f"window: {name}", PLAYED, *measured)


def _nothing(_: int) -> None:
    """Nothing to prepare."""
