"""Themes: what the tokens of colour are in light, dark and print, and how a style resolves.
The rows of styles are in `visualizer.styles`, the colour maps in `visualizer.palette`. No Qt.

A colour is named by a token, or a token and a per cent of opacity: "backward/60".

Tokens
  canvas panel plot surface raised sunken          grounds, from the back to the front
  border line grid                                 of nodes, of panels, in plots
  text muted on-accent                             words; muted still reads (4.5 : 1 on each ground)
  accent accent-soft accent-text                   the blue of what can be pressed or is chosen
  backward backward-text                           the orange of deltas
  bar-own bar-later                                shares of a norm, opaque over the grid
  column-current column-done                       grounds of the steps the backward pass is at
  parameter parameter-text parameter-soft          the green of parameters and of memory
  forward loss update                              phases of the timeline (backward is the fourth)
  edge hatch danger danger-text shadow             quiet edges, hatching, errors
  ink-dark ink-light                               numbers on coloured cells, the same in all themes
  series-1 … series-6                              lines in plots, told apart in grey by dashes
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from visualizer.styles import STYLES, Style

LIGHT = {
    "canvas": "#fbfbfa",
    "panel": "#f3f4f2",
    "plot": "#f7f8f6",
    "surface": "#ffffff",
    "raised": "#ffffff",
    "sunken": "#eef0ed",
    "border": "#c9cdd2",
    "line": "#e2e4e0",
    "grid": "#ebece9",
    "text": "#1f2328",
    "muted": "#646b78",
    "on-accent": "#ffffff",
    "accent": "#2563eb",
    "accent-soft": "#dae3f2",
    "accent-text": "#1d57d8",
    "backward": "#e8590c",
    "backward-text": "#bd4406",
    "bar-own": "#ec8148",
    "bar-later": "#f3c6ad",
    "column-current": "#f9eee7",
    "column-done": "#faf4f0",
    "parameter": "#0b8f6a",
    "parameter-text": "#08764f",
    "parameter-soft": "#dbeee9",
    "forward": "#2563eb",
    "loss": "#6b7280",
    "update": "#0b8f6a",
    "edge": "#c9cdd2",
    "hatch": "#dcdfdb",
    "danger": "#c0392b",
    "danger-text": "#b02a1d",
    "shadow": "#1f2328",
    "ink-dark": "#050505",
    "ink-light": "#ffffff",
    "series-1": "#e8590c",
    "series-2": "#0b8f6a",
    "series-3": "#2563eb",
    "series-4": "#7b4fb5",
    "series-5": "#8a6a14",
    "series-6": "#5b6470",
}
DARK = {
    "canvas": "#15181c",
    "panel": "#1b1f24",
    "plot": "#181c20",
    "surface": "#20252b",
    "raised": "#262c33",
    "sunken": "#1a1e23",
    "border": "#3b434c",
    "line": "#2b3138",
    "grid": "#23292e",
    "text": "#e6e8eb",
    "muted": "#98a1ab",
    "on-accent": "#10151c",
    "accent": "#6ea8fe",
    "accent-soft": "#252f3e",
    "accent-text": "#82b4ff",
    "backward": "#ff8a3d",
    "backward-text": "#ff9a57",
    "bar-own": "#c46e35",
    "bar-later": "#603e29",
    "column-current": "#27211f",
    "column-done": "#1e1c1d",
    "parameter": "#38c793",
    "parameter-text": "#4bd3a1",
    "parameter-soft": "#20403a",
    "forward": "#6ea8fe",
    "loss": "#8d96a0",
    "update": "#38c793",
    "edge": "#4a535d",
    "hatch": "#2d343b",
    "danger": "#e5604f",
    "danger-text": "#ff8878",
    "shadow": "#000000",
    "ink-dark": "#050505",
    "ink-light": "#ffffff",
    "series-1": "#ff8a3d",
    "series-2": "#38c793",
    "series-3": "#6ea8fe",
    "series-4": "#b79af0",
    "series-5": "#d9b44a",
    "series-6": "#98a1ab",
}
PRINT = LIGHT | {
    "canvas": "#ffffff",
    "panel": "#ffffff",
    "plot": "#ffffff",
    "sunken": "#f4f4f4",
    "border": "#9a9fa6",
    "line": "#c8cbd0",
    "grid": "#e4e6e8",
    "text": "#000000",
    "muted": "#4c525c",
    "bar-own": "#dd6f2f",
    "bar-later": "#f3cbb3",
    "column-current": "#fbf1ea",
    "column-done": "#ffffff",
    "backward": "#d94f04",
    "backward-text": "#a83a02",
    "edge": "#a4a9b0",
    "hatch": "#cfd2d6",
}


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour "#rrggbb" with its opacity, 0 … 1."""

    hex: str
    opacity: float = 1.0


@dataclass(frozen=True, slots=True)
class Theme:
    """One look: its tokens. `dark` says which way contrast runs."""

    name: str
    dark: bool
    tokens: Mapping[str, str]

    def colour(self, named: str) -> Colour:
        """The colour of "token" or "token/per cent". KeyError on a token that is not there."""
        token, _, percent = named.partition("/")
        return Colour(self.tokens[token], int(percent) / 100 if percent else 1.0)

    def style(self, name: str) -> Style:
        """The style of that name. Styles are the same in all themes; their tokens are not."""
        return STYLES[name]


THEMES: Mapping[str, Theme] = MappingProxyType(
    {
        "light": Theme("light", False, MappingProxyType(LIGHT)),
        "dark": Theme("dark", True, MappingProxyType(DARK)),
        "print": Theme("print", False, MappingProxyType(PRINT)),
    }
)


def theme_named(name: str) -> Theme:
    """The theme of that name. KeyError when there is none."""
    return THEMES[name]


def _luminance(colour: str) -> float:
    total = 0.0
    for place, weight in ((1, 0.2126), (3, 0.7152), (5, 0.0722)):
        part = int(colour[place : place + 2], 16) / 255
        linear = part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        total += weight * linear
    return total


@cache
def contrast(front: str, back: str) -> float:
    """The contrast ratio of two "#rrggbb" colours, 1 … 21 (WCAG 2)."""
    low, high = sorted((_luminance(front), _luminance(back)))
    return (high + 0.05) / (low + 0.05)


def reads_dark(back: str) -> bool:
    """Whether dark ink reads better than light on that "#rrggbb": numbers inside cells."""
    return contrast(LIGHT["ink-dark"], back) >= contrast(LIGHT["ink-light"], back)
