"""The rail: bus lines through the steps that use a parameter, and its card, where one bar a step
grows as the gradient accumulates. Bars are norms of the terms, on one scale for the whole film.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from visualizer.scene.picture import Dots, Item, Polylines, Rects, Texts
from visualizer.scene.rail import CARD, CARD_X, Card, Dot
from visualizer.scene.stage import Stage, within
from visualizer.scene.symbols import matrix_of, name_of, raised_of
from visualizer.styles import STYLES
from visualizer.typeset import width_of

Array = NDArray[np.floating[Any]]
BARS = (76.0, 24.0)
MOST_BARS = 19
NOTE = 1.12
NAME = 55.0  # room for a name, and for the px that a screen rounds letters up by
DASHES = 9.0  # px after which the dashes of a bus repeat on whole pixels


def buses(stage: Stage) -> list[Item]:
    """Lines from the cards through the steps, with a dot where the matrix stands on an edge."""
    sight, scale = stage.sight, stage.scale
    lines, dots = [], []
    for card in stage.layout.cards:
        if card.bus_y is None:
            continue
        y = float(sight.y(card.bus_y))
        end = max((_last(stage, dot) for dot in card.dots), default=-np.inf)
        if end < sight.left:
            continue
        lines.append(line(stage, card, y, min(end, sight.width + DASHES)))
        if sight.step > 24:
            xs = [x for x in (_dots(stage, dot) for dot in card.dots) if len(x)]
            dots += [np.column_stack([x, np.full(len(x), y)]) for x in xs]
    items: list[Item] = [Polylines("bus", tuple(lines), radius=6 * scale)] if lines else []
    if dots:
        points = np.concatenate(dots)
        points = points[points[:, 0] > sight.left]
        items.append(Dots("bus-dot", points, np.full(len(points), 2.7 * max(scale, 0.7))))
    return items


def _having(stage: Stage, dot: Dot) -> tuple[int, int]:
    """Steps [low, high) of its segment that have a dot."""
    mine, until = stage.owned(dot.segment)
    back = stage.backwards(dot.segment)
    return (mine, until - dot.missing) if back else (mine + dot.missing, until)


def _last(stage: Stage, dot: Dot) -> float:
    """Pixel x of a dot in the last step that has it, in sight or not."""
    mine, until = _having(stage, dot)
    if until <= mine:
        return -np.inf
    return float(stage.sight.x(until - 1 + stage.tile(dot.segment), dot.x, dot.d))


def _dots(stage: Stage, dot: Dot) -> Array:
    """Pixel x of a dot in all visible steps that have it."""
    (low, high), (mine, until) = stage.seen(dot.segment), _having(stage, dot)
    steps = np.arange(max(low, mine), max(min(high, until), max(low, mine)))
    return np.asarray(stage.sight.x(steps + stage.tile(dot.segment), dot.x, dot.d))


def line(stage: Stage, card: Card, y: float, end: float) -> Array:
    """Straight from the card; with a knee where the card had to give way. In a stretch of the graph
    without its rail, from where a dash begins in all of them."""
    if not stage.sight.left:
        return np.array([[stage.sight.x0 % -DASHES, y], [end, y]])
    x = (CARD_X + CARD[0] / 2) * stage.scale
    inside = (card.h / 2 - 8) * stage.scale
    at = float(stage.sight.y(card.y))
    start = min(max(y, at - inside), at + inside)
    if abs(start - y) < 0.5:
        return np.array([[x, y], [end, y]])
    knee = x + 9 * stage.scale
    return np.array([[x, start], [knee, start], [knee, y], [end, y]])


def cards(stage: Stage) -> list[Item]:
    """Cards with their names, the rule, the bars, and why a gradient is nothing."""
    scale = stage.scale
    boxes: dict[str, list[tuple[float, ...]]] = {}
    texts: dict[tuple[str, float], list[tuple[float, float, str]]] = {}
    bars: dict[str, list[Array]] = {}
    for card in stage.layout.cards:
        x = (CARD_X - CARD[0] / 2) * scale
        y = float(stage.sight.y(card.y)) - card.h / 2 * scale
        chosen = stage.view.parameter in card.parameters
        style = "parameter-card-selected" if chosen else "parameter-card"
        boxes.setdefault(style, []).append((x, y, CARD[0] * scale, card.h * scale))
        name = card.title or ", ".join(map(_name, card.parameters))
        for style, dx, text in (
            ("parameter-name", 10.0, name),
            ("parameter-rule", CARD[0] - 9.0, _sign(stage, card)),
        ):
            words = texts.setdefault((style, _size(text) * scale), [])
            words.append((x + dx * scale, y + 15 * scale, text))
        notes = _notes(stage, card)
        size = max(scale, 1.0)
        outside = 14.0 * size * len(notes) < _free_below(stage, card)
        size = size if outside else scale
        top = y + card.h * scale + 9.0 * size if outside else y + 27.0 * scale
        left = x + (2.0 if outside else 10.0 * scale)
        for n, note in enumerate(notes):
            words = texts.setdefault(("parameter-note", size * (NOTE if outside else 1.0)), [])
            words.append((left, top + n * (13.0 * size if outside else 9.8 * scale), note))
        room = (BARS[1] - (0.0 if outside else 6.5 * len(notes))) * scale
        _bars(stage, card, x + 10 * scale, y + (card.h - 8) * scale, room, bars)
    items: list[Item] = [
        Rects(style, np.array(found), radius=8 * scale) for style, found in boxes.items()
    ]
    items += [Rects(style, np.concatenate(found)) for style, found in bars.items()]
    return items + _words(texts)


def _words(texts: dict[tuple[str, float], list[tuple[float, float, str]]]) -> list[Item]:
    items: list[Item] = []
    for (style, size), found in texts.items():
        anchor: Literal["start", "end"] = "end" if style == "parameter-rule" else "start"
        places = np.array([place[:2] for place in found])
        items.append(Texts(style, places, tuple(text for *_, text in found), anchor, scale=size))
    return items


def _free_below(stage: Stage, card: Card) -> float:
    """Pixels between a card and what stands next below it in the rail."""
    bottom = card.y + card.h / 2
    tops = [c.y - c.h / 2 for c in stage.layout.cards]
    tops += [i.y - i.h / 2 for i in stage.layout.initials if not i.back]
    below = min((top for top in tops if top > bottom - 1.0), default=stage.layout.bottom)
    return (below - bottom) * stage.scale


def _sign(stage: Stage, card: Card) -> str:
    """What is done with the gradient now: += or =, = 0 while it is zeroed, ✓ after the update."""
    film, frame = stage.film, stage.frame
    if set(frame.updated()).issuperset(card.parameters):
        return "✓"
    if frame.zeroed and not frame.seeded:
        return "= 0"
    return "=" if film.recording.rule == "overwrite" else "+="


def _notes(stage: Stage, card: Card) -> tuple[str, ...]:
    """Why the gradient is exactly 0 where overwriting has left the term of the first step alone;
    else what clipping did to it."""
    run, recording = stage.film.run, stage.film.recording
    if recording.rule == "overwrite" and _accumulated(stage, card) == _all(stage, card):
        nothing = _kept(stage, card, "0", lambda name: not recording.gradients[name].any())
        for name in nothing:
            term = f"its term at t = {_last_visited(stage, card)}"
            return f"d{matrix_of(name)} = 0", _zero_state(stage, card, name) or term
    if not stage.frame.clipped:
        return ()
    changed = _kept(stage, card, "clip", lambda n: (run.clipped[n] != recording.gradients[n]).any())
    if not changed:
        return ("not clipped",)
    if run.experiment.clip == "value":
        return (f"clipped to ±{run.experiment.clip_at:.3g}",)
    return (f"clipped ×{run.clip_factor:.2g}".replace("e-0", "e-"),)


def _kept(stage: Stage, card: Card, key: str, which: Callable[[str], Any]) -> tuple[str, ...]:
    """The card's parameters of which something holds; asked once in a film."""
    found: tuple[str, ...] = stage.film.kept(
        (key, card.parameters), lambda: tuple(n for n in card.parameters if which(n))
    )
    return found


def _zero_state(stage: Stage, card: Card, name: str) -> str:
    """The state of zeros that the matrix reads at the first step, if it is that."""
    for place in card.slots:
        slot = stage.network.slot(*place)
        for read, weight in zip(slot.inputs, slot.weights):
            initial = stage.network.slot(read.segment, read.slot).initial
            if weight.parameter == name and read.reach != 0 and initial:
                state = name_of(stage.network, read.segment, read.slot, stage.view.symbols)
                return f"at t = {_last_visited(stage, card)}, {state}_{{0}} = 0"
    return ""


def _last_visited(stage: Stage, card: Card) -> int:
    """Step, counted from 1, that backward visits last."""
    low, high = _all(stage, card)
    return high if stage.backwards(card.segment) else low + 1


def _size(name: str) -> float:
    """Long names a little smaller, so that the rule beside them stays clear."""
    return min(1.0, round(NAME / max(width_of(name, STYLES["parameter-name"]), 1.0), 2))


def _name(parameter: str) -> str:
    base, above, layer = parameter.partition("^")
    return f"{base}^{{{raised_of(layer)}}}" if above else base


def _bars(
    stage: Stage, card: Card, x: float, bottom: float, room: float, into: dict[str, list[Array]]
) -> None:
    """One bar a step (the largest of several, of many), before them what was not zeroed."""
    norms, before = _card_norms(stage, card), _norm_before(stage, card)
    low, (first, until) = _all(stage, card)[0], _accumulated(stage, card)
    steps, first, until = len(norms), first - low, until - low
    shown = min(steps, MOST_BARS)
    starts = np.arange(shown) * steps // shown
    there = (np.append(starts[1:], steps) > first) & (starts < until)
    visible = np.where(within(np.arange(steps), (first, until)), norms, 0.0)
    finite = norms[np.isfinite(norms)]
    top = max(float(finite.max()) if finite.size else 0.0, before)
    heights = np.maximum.reduceat(np.nan_to_num(visible, posinf=top), starts)
    scale, kept = stage.scale, int(before > 0.0)
    each = BARS[0] / (shown + kept)
    width = min(max(each - 3.0, each * 0.7), 22.0)

    def boxes(places: NDArray[Any], tall: Array) -> Array:
        left = x + (places * each + (each - width) / 2) * scale
        return np.column_stack([left, bottom - tall, np.full(len(tall), width * scale), tall])

    tall = np.where(there, np.maximum(heights / (top or 1.0) * room, 1.2 * scale), 2.0 * scale)
    all_ = boxes(np.arange(shown) + kept, tall)
    lit, overwrites = there, stage.film.recording.rule == "overwrite"
    if overwrites and there.any():
        lit = _last_of(there, stage.backwards(card.segment))
    factor = _factor(stage)
    clipped = boxes(np.arange(shown) + kept, np.maximum(tall * factor, 1.2 * scale))
    parts = {
        "parameter-bar-out": all_[there & ~lit] if factor == 1.0 else all_[there],
        "parameter-bar": all_[lit] if factor == 1.0 else clipped[lit],
        "parameter-stub": all_[~there],
    }
    if before:
        own = boxes(np.zeros(1), np.array([before / top * room * factor]))
        parts["parameter-bar-out" if overwrites and there.any() else "parameter-bar-before"] = own
    for style, found in parts.items():
        if len(found):
            into.setdefault(style, []).append(found)


def _last_of(there: NDArray[np.bool_], backwards: bool) -> NDArray[np.bool_]:
    """Only the bar whose steps were visited last."""
    return np.asarray(np.arange(len(there)) == np.flatnonzero(there)[-1 if backwards else 0])


def _factor(stage: Stage) -> float:
    """What clipping by norm has left of every bar."""
    return stage.film.run.clip_factor if stage.frame.clipped else 1.0


def _norm_before(stage: Stage, card: Card) -> float:
    """Norm of the gradient that was there before: it is not zero where nothing zeroes it."""
    kept = stage.film.recording.previous
    names = [name for name in card.parameters if name in kept]

    def norm() -> float:
        found = math.sqrt(sum(float(np.square(kept[name]).sum()) for name in names))
        return found if math.isfinite(found) else 0.0

    return float(stage.film.kept(("before", card.parameters), norm)) if names else 0.0


def _card_norms(stage: Stage, card: Card) -> Array:
    """Norms of the terms of all steps that use the card's parameters."""
    squares = [np.square(stage.film.term_norms(name)) for name in card.parameters]
    low, high = _all(stage, card)
    return np.asarray(np.sqrt(np.sum(squares, axis=0)))[low:high]


def _all(stage: Stage, card: Card) -> tuple[int, int]:
    """Global steps [low, high) that use the card's parameters."""
    found: tuple[int, int] = stage.film.kept(("steps", card.parameters), lambda: _used(stage, card))
    return found


def _used(stage: Stage, card: Card) -> tuple[int, int]:
    used = [stage.film.recording.parameter_steps(name) for name in card.parameters]
    return min(steps.start for steps in used), max(steps.stop for steps in used)


def _accumulated(stage: Stage, card: Card) -> tuple[int, int]:
    """Global steps [low, high) whose terms are in, of that of the card's parameters that has
    most; none of them: [end, end)."""
    found = []
    if stage.film.recording.has_gradients:
        found = [stage.frame.gathered(name) for name in card.parameters]
    found = [(low, high) for low, high in found if high > low]
    end = _all(stage, card)[1]
    return min((low for low, _ in found), default=end), max((h for _, h in found), default=end)
