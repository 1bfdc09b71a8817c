"""How long the pixels of a far view take, of bands and of a pinned level: columns that come into
sight, a whole image, what a moment of playing changes; and making the ranks of a film that was
just recorded, in slices. The bars are those of a whole frame.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

import engine
from engine.sequences import Sequence
from tests.benchmarks.limit import HEIGHT, WIDTH, against, fill_and_blit
from tests.benchmarks.timing import Figure, clocked
from visualizer.paint import raster
from visualizer.paint.inks import inks_of
from visualizer.scene.compose import fit
from visualizer.scene.film import Film
from visualizer.scene.layers import bands
from visualizer.scene.view import ZOOMS as ZOOMS_OF_VIEWS
from visualizer.scene.view import View

SLICE, STRIP = 0.008, 64  # s that nothing may take longer; columns
NODES = 13  # of a step of an LSTM
FRAMES = {100_000: 0.003, 1_000_000: 0.006}  # s; of a whole frame, nodes
ZOOMS = {"all steps": 1.0, "a tenth of them": 10.0, "a step as wide as a pixel": 0.0}


def long_film(nodes: int) -> Film:
    """An LSTM of 16 units, two inputs and a readout, of so many nodes."""
    steps, rng = nodes // NODES, np.random.default_rng(0)
    t = np.arange(steps)
    noise = rng.standard_normal(steps)
    series = np.stack([np.sin(t / 9) * np.sin(t / 100), noise, np.cos(t / 40)], axis=1)
    roles = ("input", "input", "target")
    sequence = Sequence("numbers", series=(series,), columns=("a", "b", "c"), roles=roles)
    return Film(engine.run(sequence, cell="lstm", hidden=16, dtype="float32"))


def figures(times: int = 60) -> Iterator[Figure]:
    limit = fill_and_blit()
    for nodes, bar in FRAMES.items():
        film = long_film(nodes)
        yield from _made(film, nodes, limit)
        for name, zoom in ZOOMS.items():
            view = _bands(film, zoom)
            yield from _columns(film, f"{nodes:,} nodes, {name}", view, bar, limit, times)
        for level in ("steps", "ops"):
            for wide in (0.0, 12.0):
                view = _pinned(film, level, wide)
                name = f"{nodes:,} nodes, {level}, " + (f"{wide:g} px" if wide else "all steps")
                yield from _columns(film, name, view, bar, limit, times)


def _made(film: Film, nodes: int, limit: float) -> Iterator[Figure]:
    slices = raster.made(film, fit(film, WIDTH, HEIGHT, "bands"))
    samples = clocked(lambda _: None, lambda _: next(slices, None), 400, warm=0)
    cpu, wall = ([s for s in clock if s > 1e-5] for clock in samples)
    whole = f"all of them {1e3 * sum(cpu):.0f} ms; {against(limit, cpu)}"
    yield Figure(f"a slice of ranks: {nodes:,} nodes", SLICE, cpu, wall, note=whole)


def _bands(film: Film, zoom: float) -> View:
    view = fit(film, WIDTH, HEIGHT, "bands")
    zoom = zoom or 1 / (view.zoom * view.stretch * film.base)
    origin = (film.steps * (0.5 - 0.5 / zoom), 0.0)
    return replace(view, stretch=view.stretch * zoom, origin=origin)


def _pinned(film: Film, level: str, wide: float) -> View:
    """A step as wide as said; with 0 all of them in sight, as far as time can be squeezed."""
    zoom = (wide or (WIDTH - bands.RAIL) / film.steps) / film.base
    stretch = min(zoom / ZOOMS_OF_VIEWS[0], 1.0)
    origin = (0.5 * film.steps if wide else 0.0, 0.0)
    return View(level=level, zoom=zoom / stretch, stretch=stretch, origin=origin)


def _columns(
    film: Film, name: str, view: View, bar: float, limit: float, times: int
) -> Iterator[Figure]:
    for _ in raster.made(film, view):
        pass
    inks, first = inks_of("light"), raster.origin(film, view)
    last = first + WIDTH - round(bands.RAIL)
    frames = [film.frame_after(int(0.7 * film.events) + 20 * n) for n in range(times + 4)]

    kept = np.empty((HEIGHT, last - first), np.uint32)  # as the window has it

    def columns(low: int, high: int) -> object:
        into = kept[:, : high - low]
        return raster.columns(film, frames[0], view, HEIGHT, low, high, inks, into)

    def played(n: int) -> None:
        for low, high in raster.changed(film, frames[n], frames[n + 1], view):
            raster.columns(film, frames[n + 1], view, HEIGHT, low, high, inks)

    for what, deed in (
        (f"{STRIP} columns", lambda n: columns(first + 16 * n, first + 16 * n + STRIP)),
        ("whole image", lambda n: columns(first - n, last - n)),
        ("20 events", played),
    ):
        cpu, wall = clocked(lambda _: None, deed, times)
        yield Figure(f"{what}: {name}", bar, cpu, wall, note=against(limit, cpu))
