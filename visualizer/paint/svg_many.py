"""Many shapes of one kind in SVG, in few bytes: lines as one path of each width, what is alike but
for its place as uses of one, strips as images, one a slot. Small pictures are written shape by
shape, in `svg`.

What is one element has one place in the file, and so no ids and no tooltips of its parts.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from visualizer.paint import shapes
from visualizer.paint.png import clear_png
from visualizer.paint.xml import number, numbers
from visualizer.palette import SIGNED, table
from visualizer.scene.picture import Bytes, Curves, Floats, Polylines, Strips

Define = Callable[[str, str], str]  # of a kind and an element: the name under which it is kept
Places = np.ndarray[Any, np.dtype[Any]]
MANY = 400  # shapes of one item, from which it is written as one
TOGETHER = 500  # lines in a path
WIDEST = 32_000  # pixels of an image; browsers and Cairo take a few more
FINE, FINEST = 4, 8  # pixels a cell: not every program heeds that they are not to be smoothed …
OFF = 0.3  # … and more of them where edges were further than this from where they are, in units
STEP_OF_WIDTH = 0.25  # widths of many lines come in such steps
DIGITS = 2


def boxes(found: Floats, radius: float, fill: str, define: Define) -> Iterator[str]:
    """Boxes (N, 4) with round corners: of each size one, and where it stands again."""
    sizes, which = np.unique(np.round(found[:, 2:], DIGITS), axis=0, return_inverse=True)
    for k, (width, height) in enumerate(sizes.tolist()):
        bend = max(min(radius, width / 2, height / 2), 0.0)
        corner = f' rx="{number(bend)}"' if bend else ""
        size = f'width="{number(width)}" height="{number(height)}"'
        yield from uses(define("box", f"<rect {size}{corner}{fill}/>"), found[which == k, :2])


def dots(centres: Floats, radii: Floats, define: Define) -> Iterator[str]:
    """Discs, likewise."""
    sizes, which = np.unique(np.round(radii, DIGITS), return_inverse=True)
    for k, radius in enumerate(sizes.tolist()):
        yield from uses(define("dot", f'<circle r="{number(radius)}"/>'), centres[which == k])


def uses(name: str, places: Floats) -> list[str]:
    """What is defined under a name, at each of the places."""
    fine = places[np.isfinite(places).all(1)]
    xs, ys = numbers(fine[:, 0]), numbers(fine[:, 1])
    return [f'<use href="#{name}" x="{x}" y="{y}"/>' for x, y in zip(xs, ys)]


def _begun(places: Floats, tail: str) -> list[str]:
    """The same way from each of the places."""
    xs, ys = numbers(places[:, 0]), numbers(places[:, 1])
    return [f"M{x} {y}{tail}" for x, y in zip(xs, ys)]


def lines_of(
    item: Polylines | Curves, width: float, far: float
) -> Iterator[tuple[float, str, str]]:
    """Lines as (width, path of the shafts, path of the heads), for each width in use; not more
    than `TOGETHER` in a path, since what draws it looks through a path for what is in sight."""
    given = np.full(len(item.points), width) if item.widths is None else item.widths
    steps = np.rint(np.nan_to_num(given, nan=width) / STEP_OF_WIDTH) * STEP_OF_WIDTH
    wide = np.where(np.asarray(given) == width, width, np.maximum(steps, STEP_OF_WIDTH))
    for each in np.unique(wide).tolist():
        places = np.flatnonzero(wide == each).tolist()
        for low in range(0, len(places), TOGETHER):
            some = places[low : low + TOGETHER]
            if isinstance(item, Curves):
                curves = replace(item, points=item.points[some], widths=None)
                yield each, *_curves(curves, each, far)
            else:
                yield each, *_polylines(item, some, each, far)


def _polylines(item: Polylines, places: Sequence[int], width: float, far: float) -> tuple[str, str]:
    """Lines of one shape differ only in where they begin: the shape is made once."""
    ways: list[tuple[Floats, Floats]] = []
    lengths = np.array([len(item.points[place]) for place in places])
    for length in np.unique(lengths).tolist():
        mine = [place for place, long in zip(places, lengths.tolist()) if long == length]
        points = np.stack([np.asarray(item.points[place], float) for place in mine])
        points = points[np.isfinite(points).all((1, 2))]
        forms = np.round(points - points[:, :1], DIGITS).reshape(len(points), -1)
        kinds, which = np.unique(forms, axis=0, return_inverse=True)
        for k, form in enumerate(kinds):
            ways.append((points[which.reshape(-1) == k, 0], form.reshape(-1, 2)))
    shafts, heads = [], []
    for starts, form in ways:
        one = replace(item, points=(form,), widths=None, ids=(), titles=())
        found = next(iter(shapes.arrows_of(one, width, far)), None)
        if found is None:
            continue
        _, path, tip, _ = found
        shafts += _begun(starts, _after(path))
        if tip is not None:
            x, y = tip[0]
            corners = "".join(f"l{number(a - x)} {number(b - y)}" for a, b in tip[1:2])
            (a, b), (c, d) = tip[1:]
            corners += f"l{number(c - a)} {number(d - b)}z"
            heads += _begun(starts + np.array([x, y]), corners)
    return "".join(shafts), "".join(heads)


def _after(path: shapes.Path) -> str:
    """What follows the first point, (0, 0), as steps from point to point."""
    here, out = (0.0, 0.0), []
    for name, *numbers_ in path[1:]:
        moved = [value - here[k % 2] for k, value in enumerate(numbers_)]
        out.append(name.lower() + " ".join(number(each) for each in moved))
        here = (numbers_[-2], numbers_[-1])
    return "".join(out)


def _curves(item: Curves, width: float, far: float) -> tuple[str, str]:
    ways: list[float] = []
    tips: list[float] = []
    for _, path, tip, _ in shapes.arrows_of(item, width, far):
        ways += (*path[0][1:], *path[1][1:])
        tips += [each for point in tip for each in point] if tip is not None else []
    shafts = (f"M{a} {b}C{c} {d} {e} {f} {g} {h}" for a, b, c, d, e, f, g, h in _in_turn(ways, 8))
    heads = (f"M{a} {b}L{c} {d}L{e} {f}Z" for a, b, c, d, e, f in _in_turn(tips, 6))
    return "".join(shafts), "".join(heads)


def _in_turn(values: list[float], size: int) -> Iterable[tuple[str, ...]]:
    return zip(*[iter(numbers(np.asarray(values)))] * size)


def images_of(item: Strips, theme: str) -> Iterator[str]:
    """Strips as images: those of one row and size that stand equally far apart are one."""
    counts = np.asarray(item.counts, np.intp)
    starts = np.cumsum(counts) - counts
    fine = np.isfinite(item.boxes).all(1) & (counts > 0)
    form = np.column_stack([np.round(item.boxes[:, 1:], DIGITS), counts])[fine]
    kinds, which = np.unique(form, axis=0, return_inverse=True)
    places = np.flatnonzero(fine)
    for k in range(len(kinds)):
        mine = places[which.reshape(-1) == k]
        mine = mine[np.argsort(item.boxes[mine, 0], kind="stable")]
        count = int(counts[mine[0]])
        levels = np.asarray(item.levels)[starts[mine][:, None] + np.arange(count)]
        yield from _row_of(item, item.boxes[mine], levels, theme)


def _row_of(item: Strips, boxes: Floats, levels: Bytes, theme: str) -> Iterator[str]:
    """The images of one row of strips: boxes (N, 4), levels (N, cells)."""
    away = np.diff(boxes[:, 0])
    pitch = float(away.min()) if len(away) else float(boxes[0, 2])
    # where steps are left out, strips stand several times as far apart
    at = np.rint((boxes[:, 0] - boxes[0, 0]) / max(pitch, 1e-9)).astype(int)
    pitch = float(boxes[-1, 0] - boxes[0, 0]) / at[-1] if at[-1] else pitch
    cells, _, _ = shapes.cells_of(
        replace(item, boxes=boxes[:1] * (0, 1, 1, 1), counts=np.array([levels.shape[1]]),
                levels=levels[0], titles=())
    )  # fmt: skip
    columns = _columns(cells[:, 0], cells[:, 0] + cells[:, 2], pitch)
    tall = float(boxes[0, 3])
    apart = float(cells[1, 0] - cells[0, 0]) if len(cells) > 1 else float(boxes[0, 2])
    shown = item.map in SIGNED and tall >= shapes.TALL_CELL and apart >= shapes.THIN_CELL
    signed = round(tall / shapes.SLIVER) if shown else 0
    most = max(WIDEST // len(columns), 1)
    for low in range(0, int(at[-1]) + 1, most):
        here = (at >= low) & (at < low + most)
        if not here.any():
            continue
        steps = int(at[here][-1]) - low + 1
        block = np.full((steps, levels.shape[1] + 1), -1, np.int16)  # the last: between cells
        block[at[here] - low, :-1] = levels[here]
        data = clear_png(_rows(block[:, columns].reshape(1, -1), signed), table(theme, item.map))
        x, y = boxes[0, 0] + low * pitch, boxes[0, 1]
        yield image(data, (float(x), float(y), steps * pitch, tall))


def _columns(left: Floats, right: Floats, pitch: float) -> Places:
    """Which cell each pixel of a step shows, -1 for none: as few pixels as put the edges of cells
    where they belong."""
    gaps = left[1:] - right[:-1]
    gaps = gaps[gaps > 1e-6]
    finest = float(min((right - left).min(), gaps.min() if gaps.size else np.inf, pitch))
    best: tuple[float, Places] | None = None
    for fine in range(1 if gaps.size else FINE, FINEST + 1):
        across = max(round(fine * pitch / finest), 1)
        size = pitch / across
        found = np.full(across, -1)
        first, last = np.rint(left / size).astype(int), np.rint(right / size).astype(int)
        for k, (a, b) in enumerate(zip(first, last)):
            found[a:b] = k
        off = float(max(abs(first * size - left).max(), abs(last * size - right).max()))
        empty = bool((last <= first).any())
        if not empty and (best is None or off < best[0] - 1e-9):
            best = off, found
        if best is not None and best[0] <= OFF:
            break
    assert best is not None
    return best[1]


def _rows(line: Places, signed: int) -> Places:
    """The line of levels as an image; of `signed` rows where the sign leaves a sliver free."""
    if not signed:
        return line
    rows = np.repeat(line, signed, axis=0)
    seen = np.abs(line[0] - shapes.ZERO_LEVEL) > shapes.FAINT
    rows[-1, seen & (line[0] > shapes.ZERO_LEVEL)] = -1
    rows[0, seen & (line[0] > 0) & (line[0] < shapes.ZERO_LEVEL)] = -1
    return rows


def image(data: bytes, box: tuple[float, float, float, float], note: str = "") -> str:
    """A PNG as an element that fills the box, its pixels not smoothed; `note` is its title."""
    x, y, width, height = (number(each) for each in box)
    return (
        f'<image x="{x}" y="{y}" width="{width}" height="{height}" '
        'preserveAspectRatio="none" image-rendering="pixelated" '
        f'href="data:image/png;base64,{base64.b64encode(data).decode()}">{note}</image>'
    )
