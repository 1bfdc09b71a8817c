"""The words beside the losses, what should have come out: how much room they have, and how far that
of the last step stands out to the right of the graph. What draws them: `layers.losses`.
"""

from __future__ import annotations

from engine.template import Network
from visualizer.scene.layout import Layout
from visualizer.scene.tile import Mark
from visualizer.styles import STYLES
from visualizer.typeset import width_of

BESIDE = 6.0  # from the pill to its words
AROUND = 12.0
MARGIN = 6.0  # of what a fitted view leaves free at its right edge anyway
LEAST = 30.0  # less room than that, and there are none
LONGEST = 120.0  # of words with nothing at their right
SLACK = 1.08  # a figure may be opened without the bundled fonts: others are wider

Labels = tuple[tuple[str, ...], ...]


def told(network: Network, labels: Labels) -> Labels:
    """The labels of every step; none where targets are pictures, of which no word says anything."""
    slots = [slot for segment in network.segments for slot in segment.slots]
    if any(slot.role == "logit" and slot.picture for slot in slots):
        return ()
    return labels


def word_of(label: str) -> str:
    """What is written beside a loss."""
    number = label[:1] == "-" and label[1:2].isdigit()
    return f"→ {label.replace('-', '−') if number else label}"


def last_told(row: tuple[str, ...]) -> int:
    """The last step that has a label, -1 if none has: looked for from the end, where it is."""
    return next((t for t in reversed(range(len(row))) if row[t]), -1)


def room_of(pitch: float, mark: Mark, stretch: float) -> float:
    """Room for words between two pills; 0 where there is too little."""
    room = pitch * max(stretch, 1.0) - mark.w - AROUND
    return min(room, pitch - mark.w / 2 - AROUND) if room >= LEAST else 0.0


def overhang(network: Network, layout: Layout, labels: Labels, steps: int) -> float:
    """How far the words of the last steps reach beyond the right edge of the last of `steps`."""
    pills = [mark for mark in layout.marks if mark.kind == "pill"]
    shown = told(network, labels)
    most = 0.0
    for mark in pills:
        for row in shown:
            last = last_told(row)
            if last < 0:
                continue
            wide = min(width_of(word_of(row[last]), STYLES["target"]), LONGEST) * SLACK
            right = last * layout.pitch + mark.x + mark.w / 2 + BESIDE + wide - MARGIN
            most = max(most, right - steps * layout.pitch)
    return most
