"""The rail: bus lines through the steps that use a parameter, and its card, where one bar a step
grows as the gradient accumulates. Bars are norms of the terms, on one scale for the whole film.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visualizer.scene.picture import Dots, Item, Polylines, Rects, Texts
from visualizer.scene.rail import CARD, CARD_X, Card
from visualizer.scene.stage import Stage

Array = NDArray[np.floating[Any]]
BARS = (76.0, 24.0)
MOST_BARS = 19


def buses(stage: Stage) -> list[Item]:
    """Lines from the cards through the steps, with a dot where the matrix stands on an edge."""
    sight, scale = stage.sight, stage.scale
    lines, dots = [], []
    for card in stage.layout.cards:
        if card.bus_y is None:
            continue
        y = float(sight.y(card.bus_y))
        low, high = stage.seen(card.segment)
        mine, until = stage.owned(card.segment)
        low, high = max(low, mine), min(high, until)
        if high <= low:
            continue
        steps = np.arange(low, high) + stage.tile(card.segment)
        xs = [np.asarray(sight.x(steps, x, d)) for x, d in card.dots]
        end = float(max((x.max() for x in xs), default=sight.edge(high)))
        lines.append(_line(stage, card, y, max(end, sight.left)))
        if sight.step > 24:
            dots += [np.column_stack([x, np.full(len(x), y)]) for x in xs]
    items: list[Item] = [Polylines("bus", tuple(lines), radius=6 * scale)] if lines else []
    if dots:
        points = np.concatenate(dots)
        points = points[points[:, 0] > sight.left]
        items.append(Dots("bus-dot", points, np.full(len(points), 2.7 * max(scale, 0.7))))
    return items


def _line(stage: Stage, card: Card, y: float, end: float) -> Array:
    """Straight from the card; with a knee where the card had to give way."""
    x = (CARD_X + CARD[0] / 2) * stage.scale
    inside = (card.h / 2 - 8) * stage.scale
    at = float(stage.sight.y(card.y))
    start = min(max(y, at - inside), at + inside)
    if abs(start - y) < 0.5:
        return np.array([[x, y], [end, y]])
    knee = x + 9 * stage.scale
    return np.array([[x, start], [knee, start], [knee, y], [end, y]])


def cards(stage: Stage) -> list[Item]:
    """Cards with their names, the rule and the bars."""
    scale = stage.scale
    boxes, names, rules = [], [], []
    bars: dict[str, list[Array]] = {
        "parameter-bar": [],
        "parameter-stub": [],
        "parameter-bar-out": [],
    }
    updated = set(stage.frame.updated())
    sign = "=" if stage.film.recording.rule == "overwrite" else "+="
    for card in stage.layout.cards:
        x = (CARD_X - CARD[0] / 2) * scale
        y = float(stage.sight.y(card.y)) - card.h / 2 * scale
        boxes.append((x, y, CARD[0] * scale, card.h * scale))
        names.append(
            ((x + 10 * scale, y + 15 * scale), card.title or ", ".join(map(_name, card.parameters)))
        )
        done = "✓" if updated.issuperset(card.parameters) else sign
        rules.append(((x + (CARD[0] - 9) * scale, y + 15 * scale), done))
        _bars(stage, card, x + 10 * scale, y + (card.h - 8) * scale, bars)
    if not boxes:
        return []
    items: list[Item] = [Rects("parameter-card", np.array(boxes), radius=8 * scale)]
    for style, found in bars.items():
        if found:
            items.append(Rects(style, np.concatenate(found)))
    for style, words, anchor in (
        ("parameter-name", names, "start"),
        ("parameter-rule", rules, "end"),
    ):
        for size in sorted({_size(s) for _, s in words}):
            chosen = [(p, s) for p, s in words if _size(s) == size]
            places = np.array([p for p, _ in chosen])
            strings = tuple(s for _, s in chosen)
            items.append(Texts(style, places, strings, anchor, scale=scale * size))  # type: ignore[arg-type]
    return items


def _size(name: str) -> float:
    """Long names a little smaller, so that the rule beside them stays clear."""
    letters = len(re.sub(r"[_^{}]", "", name)) + name.count("_") - 0.4 * name.count("^")
    return min(1.0, round(7.8 / max(letters, 1.0), 2))


def _name(parameter: str) -> str:
    base, above, layer = parameter.partition("^")
    return f"{base}^{{{layer}}}" if above else base


def _bars(stage: Stage, card: Card, x: float, bottom: float, into: dict[str, list[Array]]) -> None:
    norms = _card_norms(stage, card)
    steps = len(norms)
    first = _accumulated_from(stage, card)
    shown = min(steps, MOST_BARS)
    starts = np.arange(shown) * steps // shown
    there = np.append(starts[1:], steps) > first
    visible = np.where(np.arange(steps) >= first, norms, 0.0)
    finite = norms[np.isfinite(norms)]
    top = float(finite.max()) if finite.size else 0.0
    heights = np.maximum.reduceat(np.nan_to_num(visible, posinf=top), starts)
    scale = stage.scale
    each = BARS[0] / shown
    width = min(max(each - 3.0, each * 0.7), 22.0)
    tall = np.where(there, np.maximum(heights / (top or 1.0) * BARS[1], 1.2), 2.0) * scale
    boxes = np.column_stack(
        [
            x + (np.arange(shown) * each + (each - width) / 2) * scale,
            bottom - tall,
            np.full(shown, width * scale),
            tall,
        ]
    )
    lit = there
    if stage.film.recording.rule == "overwrite" and there.any():
        kept = int(np.flatnonzero(there)[0])
        lit = np.arange(shown) == kept
        into["parameter-bar-out"].append(boxes[there & ~lit])
    into["parameter-bar"].append(boxes[lit])
    into["parameter-stub"].append(boxes[~there])


def _card_norms(stage: Stage, card: Card) -> Array:
    squares = [np.square(stage.film.term_norms(name)) for name in card.parameters]
    return np.asarray(np.sqrt(np.sum(squares, axis=0)))


def _accumulated_from(stage: Stage, card: Card) -> int:
    """First step whose terms are in, of the last of the card's parameters that has any."""
    segment = stage.network.segments[card.segment]
    if not stage.film.recording.has_gradients:
        return segment.steps
    found = [
        stage.frame.accumulated(card.segment, k, name)
        for k in card.slots
        for name in card.parameters
        if name in segment.slots[k].parameters
    ]
    return min(found, default=segment.steps)
