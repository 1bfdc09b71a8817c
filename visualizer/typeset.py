"""Words in a picture: the tiny markup, the families of the three fonts, how wide a string is.
No colour and no device lives here; sizes of text are rows of `visualizer.styles`.

Markup: ``h_{3}`` lowers and ``W^{⊤}`` raises what stands in the braces; both after one letter
stand above each other (``a_{t}^{l}``). All other characters are themselves.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from visualizer.advances import ADVANCES, LETTERS
from visualizer.styles import Style

FONTS = Path(__file__).resolve().parents[1] / "resources" / "fonts"
FILES = {
    ("ui", 400): "Inter-Regular.otf",
    ("ui", 500): "Inter-Medium.otf",
    ("ui", 600): "Inter-SemiBold.otf",
    ("mono", 400): "JetBrainsMono-Regular.ttf",
    ("mono", 600): "JetBrainsMono-SemiBold.ttf",
    ("math", 400): "UnrolledMath-Italic.ttf",
}

# The bundled family first, then the bundled letters that it lacks (ℒ, ⊙); the others are for
# machines that open an exported figure.
FAMILIES: dict[str, tuple[str, ...]] = {
    "ui": ("Inter", "Unrolled Math", "Helvetica Neue", "Arial", "sans-serif"),
    "mono": (
        "JetBrains Mono",
        "Unrolled Math",
        "DejaVu Sans Mono",
        "Menlo",
        "Consolas",
        "monospace",
    ),
    "math": ("Unrolled Math", "STIX Two Text", "Cambria Math", "Times New Roman", "serif"),
}
# Height of the capital letters, as a share of the font size.
CAPITALS: dict[str, float] = {"ui": 0.727, "mono": 0.73, "math": 0.657}
SMALL = 0.7
LOWERED = 0.17
RAISED = -0.36

_MARKUP = re.compile(r"([_^])\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a string: `shift` of its baseline and `size`, both as shares of the font size;
    `back` says that it starts where the piece before it started (a superscript over a subscript).
    """

    text: str
    shift: float = 0.0
    size: float = 1.0
    back: bool = False


@lru_cache(maxsize=20_000)
def runs_of(string: str) -> tuple[Run, ...]:
    """The pieces of a string with markup. Empty pieces are left out."""
    runs: list[Run] = []
    place = 0
    for match in _MARKUP.finditer(string):
        plain = string[place : match.start()]
        if plain:
            runs.append(Run(plain))
        stacked = not plain and bool(runs) and runs[-1].shift != 0.0
        if match[2]:
            shift = LOWERED if match[1] == "_" else RAISED
            runs.append(Run(match[2], shift, SMALL, back=stacked))
        place = match.end()
    if string[place:]:
        runs.append(Run(string[place:]))
    return tuple(runs)


def plain(string: str) -> str:
    """The string without markup, for tooltips and screen readers."""
    return _MARKUP.sub(lambda match: match[2], string)


@cache
def _advances(font: str, weight: int) -> dict[str, float]:
    if font == "mono":
        return {}
    weight = 400 if font == "math" else min((400, 500, 600), key=lambda own: abs(own - weight))
    numbers = ADVANCES[f"{font}-{weight}"].split()
    return {letter: int(number) / 1000 for letter, number in zip(LETTERS, numbers) if number != "0"}


def _pen(text: str, style: Style) -> float:
    """How far the pen moves over a piece without markup, as a share of its size."""
    if style.font == "mono":
        return sum(0.6 if ord(letter) < 0x2E80 else 1.0 for letter in text)
    table = _advances(style.font, style.weight)
    # What no bundled font holds is taken as wide as a capital; ideographs are square.
    return sum(table.get(letter, 0.62 if ord(letter) < 0x2E80 else 1.0) for letter in text)


def width_of(string: str, style: Style) -> float:
    """The width of a string with markup in px, kerning apart: exact to about two per cent."""
    start = end = right = 0.0
    for run in runs_of(string):
        start = start if run.back else end
        end = start + _pen(run.text, style) * run.size * style.size
        right = max(right, end)
        end = right if run.back else end
    return right
