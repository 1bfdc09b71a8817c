"""Where things are in a large recording: its film and layout, and what lies under a pixel.

A pick is held against its bar by the 99th percentile of many random points, so a sample here is
that percentile of one round, and the median is over rounds. Points lie all over the graph, with
the nodes that are hit and the gaps between them as they come.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from engine.door import Run, run
from engine.experiment import Experiment
from engine.sequences import Sequence, typed
from tests.benchmarks.timing import Figure, clocked, percentile
from visualizer.scene import film as films
from visualizer.scene import minimap, wrapping
from visualizer.scene.compose import fit
from visualizer.scene.film import Film
from visualizer.scene.frame import frame_of
from visualizer.scene.levels import LEVELS
from visualizer.scene.minimap import Track
from visualizer.scene.pick import pick, pick_wrapped
from visualizer.scene.sheet import Sheet
from visualizer.scene.whereabouts import brought

LAYOUT, PICK, FRAME = 0.005, 0.0001, 0.001  # s
SIZES = {"100,000": 100_000, "1,000,000": 1_000_000}
WIDTH, HEIGHT = 1600.0, 1000.0
HIDDEN = 16
ROUNDS, POINTS = 20, 1000


def figures() -> Iterator[Figure]:
    for name, nodes in SIZES.items():
        done = _recorded(nodes)
        yield from _laid_out(name, done, LAYOUT if nodes == 100_000 else None)
        if nodes == 1_000_000:
            yield from _picked(name, Film(done))
            yield from _mapped(name, Film(done))


def _recorded(nodes: int) -> Run:
    """An LSTM that reads words, so many nodes of it."""
    settings = Experiment().changed(cell="lstm", hidden=HIDDEN, dtype="float32")
    short = run(_words(64), settings)
    steps = nodes * short.recording.steps // short.recording.nodes
    return run(_words(steps), settings)


def _words(steps: int) -> Sequence:
    return typed(" ".join(f"w{n % 20}" for n in range(steps)))


def _laid_out(name: str, done: Run, bar: float | None) -> Iterator[Figure]:
    """A film with its timeline and layout from a fresh run; then with the layouts of all levels;
    and once more for a network that was laid out before, as while a slider is dragged."""

    def one(_: int) -> None:
        Film(done).layout("ops")

    def every(_: int) -> None:
        film = Film(done)
        for level in film.levels:
            film.layout(level)

    yield Figure(f"layout of {name} nodes, every op", bar, *clocked(_forget, one, 40))
    yield Figure(f"layouts of {name} nodes, all levels", None, *clocked(_forget, every, 40))
    known = clocked(lambda _: None, every, 40)
    yield Figure(f"layouts of {name} nodes, laid out before", bar, *known)


def _forget(_: int) -> None:
    films._laid_out.cache_clear()


def _picked(name: str, film: Film) -> Iterator[Figure]:
    for level in LEVELS:
        if level not in (*film.levels, "bands"):
            continue
        view = fit(film, WIDTH, HEIGHT, level)
        view = replace(view, origin=(film.steps / 2, 0.0))
        under = partial(pick, film, view, WIDTH, HEIGHT)
        yield Figure(f"pick at {name} nodes, {level}: 99 of 100 points", PICK, *_rounds(under))
    view = wrapping.fitted(film, WIDTH, HEIGHT, "steps", 0, wrapping.AUTO)
    view = brought(Sheet((film,)), view, WIDTH, HEIGHT, film.steps / 2)
    under = partial(pick_wrapped, film, view, WIDTH, HEIGHT)
    yield Figure(f"pick at {name} nodes, in lines: 99 of 100 points", PICK, *_rounds(under))


def _mapped(name: str, film: Film) -> Iterator[Figure]:
    """The strip of the whole sequence: made, a new column of it while playing, and nothing new."""
    track = Track(film.steps, WIDTH)
    line = film.timeline

    def strip(moment: float) -> object:
        frame = film.frame_at(moment)
        return minimap.draw(film, frame, 0, track)

    def nothing_new(i: int) -> object:
        frame = frame_of(line, line.events // 2 + i)
        minimap.reached(film, frame, 0, track)
        return minimap.over(track, 100.0, 200.0, frame.step)

    anew = clocked(lambda _: film._kept.clear(), lambda _: strip(1.0), 5)
    yield Figure(f"minimap of {name} nodes, made", None, *anew)
    column = clocked(lambda _: None, lambda i: strip(i / 200), 200)
    yield Figure(f"minimap of {name} nodes, a column more", FRAME, *column)
    same = clocked(lambda _: None, nothing_new, 200)
    yield Figure(f"minimap of {name} nodes, an event that adds none", FRAME, *same)


def _rounds(under: Callable[[float, float], object]) -> tuple[list[float], list[float]]:
    random = np.random.default_rng(0)
    found: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        points = random.uniform((0.0, 0.0), (WIDTH, HEIGHT), (POINTS, 2)).tolist()
        for clock, late in zip((time.process_time, time.perf_counter), found):
            under(*points[0])
            took = []
            for x, y in points:
                then = clock()
                under(x, y)
                took.append(clock() - then)
            late.append(percentile(took, 0.99))
    return found
