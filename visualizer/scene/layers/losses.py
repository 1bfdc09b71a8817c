"""The losses: a pill for each step with its number, the target beside it, and the total ℒ above
all with its curves to every loss. A loss that was clicked off is struck from the sum: dashed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from visualizer.scene.layers.columns import fitted, shrunk
from visualizer.scene.odds import said_until
from visualizer.scene.picture import Curves, Item, Polylines, Rects, Texts
from visualizer.scene.stage import Stage, within
from visualizer.scene.targets import BESIDE, LONGEST, last_told, room_of, told, word_of
from visualizer.scene.tile import Mark

Array = NDArray[np.floating[Any]]
TOTAL = (166.0, 34.0)


def pills_of(stage: Stage) -> list[Mark]:
    return [mark for mark in stage.layout.marks if mark.kind == "pill"]


def total_x(stage: Stage) -> float:
    """Pixel x of ℒ: over the middle of the visible losses."""
    sight = stage.sight
    ends = [
        float(stage.columns(mark, np.array([t]))[0])
        for mark in pills_of(stage)
        for t in _first_and_last(stage.owned(mark.segment))
    ]
    low = max(min(ends, default=sight.left), sight.left)
    high = min(max(ends, default=sight.width), sight.width)
    half = TOTAL[0] / 2 * stage.scale
    middle = (low + high) / 2
    right = sight.width - 4.0
    if not stage.view.fold and not stage.film.timeless:
        right = min(right, float(sight.edge(stage.film.steps)) - 3.0 * stage.scale)
    return float(np.clip(middle, sight.left + half, max(right - half, sight.left + half)))


def _first_and_last(steps: tuple[int, int]) -> tuple[int, ...]:
    return (steps[0], steps[1] - 1) if steps[1] > steps[0] else ()


def total_y(stage: Stage) -> float:
    """Pixel y of ℒ: on its row, or at the edge of the window where that is out of sight."""
    half = TOTAL[1] / 2 * stage.scale + 4.0
    y = float(stage.sight.y(stage.layout.total_y))
    return float(np.clip(y, half, max(stage.sight.height - half, half)))


def loss_steps(stage: Stage, mark: Mark) -> NDArray[np.integer[Any]]:
    """Visible steps of the loss's segment that the sequence owns."""
    low, high = stage.seen(mark.segment)
    mine, until = stage.owned(mark.segment)
    return np.arange(max(low, mine), max(min(high, until), max(low, mine)))


def weights_at(stage: Stage, mark: Mark, steps: NDArray[np.integer[Any]]) -> Array:
    """δ(L) at these steps: zero where a loss does not count."""
    offset = stage.network.segments[mark.segment].offset
    return np.asarray(stage.film.recording.loss_weights[steps + offset, stage.b])


def curve_points(stage: Stage, mark: Mark, steps: NDArray[np.integer[Any]]) -> Array:
    """Curves (n, 8) from ℒ down to the losses."""
    sight, scale = stage.sight, stage.scale
    x0, y0 = np.asarray(total_x(stage)), total_y(stage) + TOTAL[1] / 2 * scale
    x1 = stage.columns(mark, steps)
    if _alone(stage):  # straight down, though ℒ may have to stand a little aside
        most = (TOTAL[0] / 2 - TOTAL[1] / 2) * scale
        x0 = np.clip(x1, x0 - most, x0 + most)
    y1 = float(sight.y(mark.y)) - mark.h / 2 * scale
    out = np.empty((len(steps), 8))
    out[:, 0], out[:, 1] = x0, y0
    out[:, 2], out[:, 3] = x0 + (x1 - x0) * 0.22, y0 + (y1 - y0) * 0.62
    out[:, 4], out[:, 5] = x1 - (x1 - x0) * 0.04, y0 + (y1 - y0) * 0.34
    out[:, 6], out[:, 7] = x1, y1
    return out


def _alone(stage: Stage) -> bool:
    """Whether the sequence has one loss and no more."""
    owned = [stage.owned(mark.segment) for mark in pills_of(stage)]
    return sum(high - low for low, high in owned) == 1


def edges(stage: Stage) -> list[Item]:
    """Curves between the losses and their sum."""
    items: list[Item] = []
    for mark in pills_of(stage):
        steps = loss_steps(stage, mark)
        if not len(steps):
            continue
        points = curve_points(stage, mark, steps)
        counts = weights_at(stage, mark, steps) != 0
        back = within(steps, stage.frame.complete(mark.segment, mark.slot))
        if not stage.film.recording.has_gradients:
            back[:] = False
        quiet = points[counts & ~back].reshape(-1, 4, 2)[:, ::-1].reshape(-1, 8)
        if len(quiet):
            items.append(Curves("edge-sum", quiet, arrows="end"))
        if len(points[~counts]):
            items.append(Curves("edge-dashed", points[~counts]))
        lit = points[counts & back]
        if len(lit):
            widths = np.full(len(lit), 3.0 * max(stage.scale, 0.5))
            items.append(Curves("edge-backward-soft", lit, widths, "end"))
    return items


def draw(stage: Stage) -> list[Item]:
    """Pills and targets."""
    items: list[Item] = []
    for mark in pills_of(stage):
        steps = loss_steps(stage, mark)
        if len(steps):
            items += _pills(stage, mark, steps)
    return items


def _pills(stage: Stage, mark: Mark, steps: NDArray[np.integer[Any]]) -> list[Item]:
    scale = stage.scale
    boxes = stage.boxes(mark, steps)
    counts = weights_at(stage, mark, steps) != 0
    node, chosen = stage.doing(), stage.selected((mark.segment, mark.slot))
    now = (
        node.t
        if node is not None and (node.segment, node.slot) == (mark.segment, mark.slot)
        else -9
    )
    current = steps == now
    selected = (steps == chosen) & ~current if chosen is not None else current & False
    style_now = "pill-current" if stage.frame.phase == "backward" else "pill-forward"
    items: list[Item] = []
    for style, which in (
        ("pill", counts & ~current & ~selected),
        ("pill-off", ~counts & ~selected),
        (style_now, current & counts),
        ("pill-selected", selected),
    ):
        if which.any():
            items.append(Rects(style, boxes[which], radius=16 * scale))
    valued = stage.frame.valued(mark.segment, mark.slot)[1]
    values = stage.film.recording.value(mark.segment, mark.slot)[steps, stage.b, 0]
    first = stage.tile(mark.segment) + 1
    strings = [
        f"L_{{{t + first}}}" + (f" {loss_figure(float(v))}" if t < valued else "")
        for t, v in zip(steps, values)
    ]
    centres = np.column_stack([boxes[:, 0] + boxes[:, 2] / 2, boxes[:, 1] + boxes[:, 3] / 2])
    size = scale * _size(stage, mark)
    for style, which in (("pill-text", counts), ("pill-text-off", ~counts)):
        if which.any():
            chosen_strings = tuple(s for s, w in zip(strings, which) if w)
            items.append(Texts(style, centres[which], chosen_strings, "middle", scale=size))
    if (~counts).any():
        items.append(_struck(boxes[~counts]))
    return items + _targets(stage, mark, steps, boxes)


def _size(stage: Stage, mark: Mark) -> float:
    """The scale at which the longest words of all pills have room, whichever are in sight."""
    g, k = mark.segment, mark.slot
    last = stage.tile(g) + stage.network.segments[g].steps

    def found() -> float:
        values = stage.film.recording.value(g, k)[:, stage.b, 0]
        finite = values[np.isfinite(values)]
        sizes = np.abs(finite[finite != 0.0])
        some = [finite.max(), finite.min()] if len(finite) else []
        some += [sizes.min()] if len(sizes) else []
        some += [np.nan] if len(finite) < len(values) else []
        words = [f"L_{{{last}}} {loss_figure(float(value))}" for value in some]
        return min(shrunk(text, mark.w - 10.0, "pill-text") for text in words)

    return float(stage.film.kept(("pill", g, k, stage.b, mark.w), found))


def _struck(boxes: Array) -> Item:
    inset = boxes[:, 2] * 0.14
    y = boxes[:, 1] + boxes[:, 3] / 2
    lines = np.stack(
        [
            np.column_stack([boxes[:, 0] + inset, y]),
            np.column_stack([boxes[:, 0] + boxes[:, 2] - inset, y]),
        ],
        axis=1,
    )
    return Polylines("edge-hover", tuple(lines))


def _targets(stage: Stage, mark: Mark, steps: NDArray[np.integer[Any]], boxes: Array) -> list[Item]:
    """What should have come out, as much of it as has room up to the next loss."""
    every = told(stage.network, stage.film.run.batch.target_labels)
    labels = every[stage.b] if stage.b < len(every) else ()
    room = room_of(stage.layout.pitch, mark, stage.view.stretch)
    tile, last = stage.tile(mark.segment), last_told(labels)
    said = said_until(stage.film.run, stage.frame)
    texts, places = [], []
    for t, box in zip(steps, boxes):
        free = LONGEST if t + tile == last and (room or _alone(stage)) else room
        if t + tile < min(len(labels), said) and labels[t + tile] and free:
            texts.append(fitted(word_of(labels[t + tile]), free, "target"))
            places.append((box[0] + box[2] + BESIDE * stage.scale, box[1] + box[3] / 2))
    if not texts:
        return []
    return [Texts("target", np.array(places), tuple(texts), scale=stage.scale)]


def total(stage: Stage) -> list[Item]:
    """The pill of ℒ."""
    if not pills_of(stage):
        return []
    scale, frame = stage.scale, stage.frame
    text = "ℒ = Σ L_{t}"
    if (count := stage.film.recording.batch) > 1:
        word = "mean" if stage.film.run.experiment.reduction == "mean" else "sum"
        text = f"ℒ, {word} of {count}"
    if frame.has_total:
        text += f" = {loss_figure(stage.film.recording.loss, 3)}"
    x, y = total_x(stage), total_y(stage)
    w, h = TOTAL[0] * scale, TOTAL[1] * scale
    size = shrunk(text, TOTAL[0] - 16.0, "pill-total-text")
    current = frame.seeded and frame.phase == "backward"
    style = "pill-total-current" if current else "pill-total"
    return [
        Rects(style, np.array([[x - w / 2, y - h / 2, w, h]]), radius=17 * scale),
        Texts("pill-total-text", np.array([[x, y]]), (text,), "middle", scale=scale * size),
    ]


def part_of_total(stage: Stage, first: int, last: int) -> list[Item]:
    """What the steps [first, last) of a line that is not the first add to ℒ."""
    terms = [term for mark in pills_of(stage) for term in _terms(stage, mark, first, last)]
    if not terms:
        return []
    text = f"L_{{{terms[0][0]}}}" if len(terms) == 1 else _sum_of(terms[0][0], terms[-1][0])
    if all(value is not None for _, value in terms):
        text += f" = {loss_figure(sum(value or 0.0 for _, value in terms))}"
    scale, x, y = stage.scale, total_x(stage), total_y(stage)
    w, h = TOTAL[0] * scale, TOTAL[1] * scale
    size = scale * shrunk(text, TOTAL[0] - 16.0, "pill-part-text")
    return [
        Rects("pill-part", np.array([[x - w / 2, y - h / 2, w, h]]), radius=17 * scale),
        Texts("pill-part-text", np.array([[x, y]]), (text,), "middle", scale=size),
    ]


def _sum_of(first: int, last: int) -> str:
    return f"L_{{{first}}} {'+' if last == first + 1 else '+ … +'} L_{{{last}}}"


def _terms(stage: Stage, mark: Mark, first: int, last: int) -> list[tuple[int, float | None]]:
    """The losses that count in some steps of the picture: their number, and their value as soon as
    there is one."""
    tile, (low, high) = stage.tile(mark.segment), stage.owned(mark.segment)
    steps = np.arange(max(first - tile, low), min(last - tile, high))
    steps = steps[weights_at(stage, mark, steps) != 0] if len(steps) else steps
    values = stage.film.recording.value(mark.segment, mark.slot)[steps, stage.b, 0]
    valued = stage.frame.valued(mark.segment, mark.slot)[1]
    return [
        (int(t) + tile + 1, float(value) if t < valued else None) for t, value in zip(steps, values)
    ]


def loss_figure(value: float, digits: int = 2) -> str:
    """A loss for a pill: digits after the point, exponent where it is huge, words where lost."""
    if not np.isfinite(value):
        return "not finite"
    if abs(value) >= 1e5 or 0 < abs(value) < 10.0**-digits / 2:
        return f"{value:.1e}".replace("e-0", "e-").replace("e+0", "e").replace("-", "−")
    return f"{value:.{digits}f}".replace("-", "−")
