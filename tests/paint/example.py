"""A hand-made picture with every kind of item: five steps of a recurrent net, the backward pass
at step 3, as in the drawing the program aims at. For the tests of both backends and for looking.
"""

from __future__ import annotations

import numpy as np

from visualizer.scene.picture import (
    Clip,
    Curves,
    Dots,
    Heat,
    Item,
    Picture,
    Polylines,
    Rects,
    Rings,
    Strips,
    Texts,
    Unclip,
    level_of,
)

WIDTH, HEIGHT = 1052.0, 680.0
STEP, FIRST = 172.0, 236.0
ROWS = {"L": 150.0, "s": 256.0, "h": 380.0, "z": 504.0, "x": 628.0}
TOKENS = ("I", "think", "therefore", "I", "am")
TARGETS = ("think", "therefore", "I", "am", "■")
LOSSES = (2.58, 5.69, 5.16, 2.81, 2.22)
NODE = (96.0, 40.0)
CELLS = 60.0


def box(t: int, row: str) -> tuple[float, float, float, float]:
    """The box of the node in that row at step t."""
    return (FIRST + t * STEP - NODE[0] / 2, ROWS[row] - NODE[1] / 2, *NODE)


def columns() -> list[Item]:
    """The grounds of the steps."""
    edge = FIRST - STEP / 2
    return [
        Rects("column-current", np.array([[edge + 2 * STEP, 0, STEP, HEIGHT]])),
        Rects("column-done", np.array([[edge + k * STEP, 0, STEP, HEIGHT] for k in (3, 4)])),
        Polylines(
            "column-line",
            tuple(np.array([[edge + k * STEP, 0], [edge + k * STEP, HEIGHT]]) for k in range(6)),
        ),
    ]


def edges() -> list[Item]:
    """Forward in grey, backward in orange."""
    grey, orange, wide = [], [], []
    for t in range(5):
        x = FIRST + t * STEP
        for low, high, on, width in (
            ("x", "z", False, 0.0),
            ("z", "h", t >= 3, 4.0),
            ("h", "s", t >= 2, 4.4),
            ("s", "L", t >= 2, 3.2),
        ):
            down = [[x, ROWS[high] + (16 if high == "L" else 20)], [x, ROWS[low] - 20]]
            if on:
                orange.append(np.array(down))
                wide.append(width)
            else:
                grey.append(np.array(down[::-1]))
    lag, back = [], []
    for t in range(-1, 4):
        x = FIRST + t * STEP
        start = (x + (48 if t >= 0 else 54), ROWS["h"])
        end = (x + STEP - 48, ROWS["z"] + 8)
        middle = (start[0] + end[0]) / 2
        row = [*start, middle, start[1], middle, end[1], *end]
        (back if t >= 2 else lag).append(
            row if t < 2 else [*row[6:], *row[4:6], *row[2:4], *row[:2]]
        )
    total = (FIRST + 2 * STEP, 70.0)
    fan = [[*total, total[0], 104, FIRST + t * STEP, 92, FIRST + t * STEP, 134.0] for t in range(5)]
    return [
        Curves("edge-lag", np.array(lag), arrows="end"),
        Polylines("edge", tuple(grey), arrows="end"),
        Curves("edge-backward-soft", np.array(fan), arrows="end"),
        Polylines("edge-backward", tuple(orange), widths=np.array(wide), arrows="end"),
        Curves("edge-backward", np.array(back), widths=np.array([3.0, 3.4]), arrows="end"),
    ]


def nodes(seed: int = 3) -> list[Item]:
    """Boxes, strips and symbols."""
    random = np.random.default_rng(seed)
    plain = [box(t, row) for row in "xzhs" for t in range(5) if (t, row) != (2, "h")]
    values, deltas, empty, symbols, places = [], [], [], [], []
    counts, levels, dark = [], [], []
    for row in "xzhs":
        for t in range(5):
            x, y, _, _ = box(t, row)
            count = 5 if row in "sx" else 8
            strip = (x + 30, y + 8, CELLS, 10.0)
            numbers = np.eye(5)[(0, 1, 2, 0, 3)[t]] if row == "x" else random.normal(0, 0.7, count)
            values.append(strip)
            counts.append(count)
            levels.append(level_of(numbers, 1.0))
            under = (x + 30, y + 23, CELLS, 10.0)
            if row != "x" and (t >= 3 or (t == 2 and row in "sh")):
                deltas.append((under, count))
                dark.append(level_of(random.normal(0, 1.2, count), 3.0))
            else:
                empty.append(under)
            symbols.append(f"{row}_{{{t + 1}}}")
            places.append((x + 10, y + 20))
    return [
        Rects("node", np.array(plain), ids=tuple(f"n{k}" for k in range(len(plain)))),
        Rects("node-current", np.array([box(2, "h")]), titles=("h3: waits for z4",)),
        Rects("node-absent", np.array([[54, ROWS["h"] - 16, 64, 32]])),
        Rects("strip-empty", np.array(empty)),
        Strips("value", np.array(values), np.array(counts), np.concatenate(levels)),
        Strips(
            "delta",
            np.array([each for each, _ in deltas]),
            np.array([count for _, count in deltas]),
            np.concatenate(dark),
        ),
        Texts("symbol", np.array(places), tuple(symbols)),
        Texts("symbol-muted", np.array([[86, ROWS["h"]]]), ("h_{0} = 0",), "middle"),
    ]


def losses() -> list[Item]:
    """Pills, targets, tokens and the total."""
    centres = [FIRST + t * STEP for t in range(5)]
    x = FIRST + 2 * STEP
    return [
        Rects("pill", np.array([[x - 34, ROWS["L"] - 16, 68, 32] for x in centres])),
        Texts(
            "pill-text",
            np.array([[x, ROWS["L"]] for x in centres]),
            tuple(f"L_{{{t + 1}}} {loss:.2f}" for t, loss in enumerate(LOSSES)),
            "middle",
        ),
        Texts(
            "target",
            np.array([[x + 42, ROWS["L"]] for x in centres]),
            tuple(f"→ {word}" for word in TARGETS),
        ),
        Texts(
            "token",
            np.array([[x, 664] for x in centres]),
            tuple(f"“{word}”" for word in TOKENS),
            "middle",
        ),
        Rects("pill-total-current", np.array([[x - 76, 40, 152, 32]])),
        Texts("pill-total-text", np.array([[x, 56]]), ("ℒ = Σ L_{t} = 18.466",), "middle"),
    ]


def rail() -> list[Item]:
    """Parameter cards with their bars, and the buses through the steps."""
    cards = (("V, c", 314.0, (0, 0, 22, 24, 19)), ("W_hh, b", 496.0, (0, 0, 0, 11, 18)))
    cards += (("W_xh", 566.0, (0, 0, 0, 10, 16)),)
    boxes = np.array([[18, y - 30, 96, 60] for _, y, _ in cards])
    bars, stubs = [], []
    for _, y, heights in cards:
        for k, height in enumerate(heights):
            place = (28 + 16 * k, y + 22)
            if height:
                bars.append((place[0], place[1] - height, 13, height))
            else:
                stubs.append((place[0], place[1] - 2, 13, 2))
    buses = tuple(np.array([[114.0, y], [FIRST + 4.4 * STEP, y]]) for y in (314.0, 566.0))
    dots = np.array([[FIRST + t * STEP, y] for y in (314.0, 566.0) for t in range(5)])
    return [
        Polylines("bus", buses),
        Dots("bus-dot", dots, np.full(len(dots), 3.0)),
        Rects("parameter-card", boxes),
        Rects("parameter-bar", np.array(bars)),
        Rects("parameter-stub", np.array(stubs)),
        Texts("parameter-name", boxes[:, :2] + (10, 16), tuple(name for name, _, _ in cards)),
        Texts("parameter-rule", boxes[:, :2] + (86, 16), ("+=",) * 3, "end"),
    ]


def above() -> list[Item]:
    """Rings, the packet on its way and the callout."""
    rings = np.array([[FIRST + t * STEP + 46, ROWS["h"] - 20] for t in range(4)])
    packet = np.array([[FIRST + 2.52 * STEP, ROWS["h"] + 66]])
    x, y = FIRST + 2 * STEP + 64, 284.0
    return [
        Dots("packet-halo", packet, np.array([10.0])),
        Dots("packet", packet, np.array([5.0])),
        Rings("ring", rings, 11.0, np.full(4, 2), np.array([0, 0, 1, 2])),
        Rects("callout", np.array([[x, y, 222, 56]])),
        Texts("callout-title", np.array([[x + 12, y + 17]]), ("1 of 2 descendants has arrived",)),
        Texts(
            "callout-text",
            np.array([[x + 12, y + 39]]),
            ("δ(h_{3}) = V^{⊤}δ(s_{3}) + W_{hh}^{⊤}δ(z_{4})",),
        ),
    ]


def unrolled() -> Picture:
    """The whole window's middle."""
    items = [*columns(), *edges(), *nodes(), *losses(), *rail(), *above()]
    return Picture(WIDTH, HEIGHT, tuple(items), title="I think therefore I am")


def bands() -> Picture:
    """Heat maps from afar, hatching, lines, gates and clipping."""
    random = np.random.default_rng(5)
    walk = np.cumsum(random.normal(0, 0.15, (8, 400)), axis=1)
    x, width = 110.0, 440.0
    level = np.linspace(0, 1, 8)
    line = np.stack([x + np.arange(400) * 1.1, 220 - 40 * np.abs(walk[0]) % 60], axis=1)
    items: tuple[Item, ...] = (
        Heat("value", (x, 20, width, 40), level_of(walk, 1.0)),
        Heat("gate", (x, 70, width, 20), level_of(np.abs(walk), 1.0, signed=False)),
        Rects("band-pending", np.array([[x, 100, width / 2, 24]])),
        Heat("delta", (x + width / 2, 100, width / 2, 24), level_of(walk[:, 200:], 2.0)),
        Texts("band-symbol", np.array([[20, 40], [20, 80]]), ("h", "f")),
        Texts("band-delta", np.array([[20.0, 112.0]]), ("δ(h)",)),
        Texts("band-role", np.array([[100, 40], [100, 80]]), ("state", "forget"), "end"),
        Strips(
            "gate", np.array([[x, 132, 128, 12]]), np.array([8]), level_of(level, 1, signed=False)
        ),
        Rects("node-padded", np.array([[x + 150, 130, 96, 40]])),
        Clip((x, 180, width, 60)),
        Polylines("line-1", (line,)),
        Polylines("line-4", (line + np.array([0.0, 12.0]),)),
        Unclip(),
        Polylines("playhead", (np.array([[x + width / 2, 10], [x + width / 2, 250.0]]),)),
        Texts("cell-text", np.array([[x + 300, 140]]), ("+0.25",)),
        Rects("minimap", np.array([[x, 256, width, 20]])),
        Rects("minimap-view", np.array([[x + 30, 254, 90, 24]])),
    )
    return Picture(570, 290, items)
