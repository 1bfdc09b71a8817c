"""Words in SVG: the rule of a style as CSS, strings as <text> with lowered and raised pieces, or
as the outlines of their letters (through ziafont, imported when asked for). No Qt.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any, Protocol

import numpy as np

from visualizer.paint.xml import number, numbers, words
from visualizer.scene.picture import Anchor
from visualizer.styles import Style
from visualizer.theme import Theme
from visualizer.typeset import CAPITALS, FAMILIES, FILES, FONTS, runs_of, width_of

Row = tuple[float, float, str]
_FIGURES = re.compile(r"[0-9]+")
FIGURE = "\ue000"  # stands for figures where only they differ; a character that nobody uses


def style_rule(style: Style, theme: Theme) -> str:
    """The CSS of a mark: fill, stroke, width, dashes."""
    parts = [_paint("fill", style.fill, theme), _paint("stroke", style.stroke, theme)]
    if style.stroke:
        parts.append(f"stroke-width:{style.width:g};stroke-linejoin:round")
        if style.dash:
            parts.append("stroke-dasharray:" + " ".join(f"{each:g}" for each in style.dash))
    return ";".join(parts)


def _paint(name: str, token: str | None, theme: Theme) -> str:
    if token is None:
        return f"{name}:none"
    colour = theme.colour(token)
    clear = f";{name}-opacity:{colour.opacity:g}" if colour.opacity < 1 else ""
    return f"{name}:{colour.hex}{clear}"


def text_rules(style: Style, theme: Theme, lettering: Lettering) -> str:
    """The CSS of a text style: its colour, and its font unless the letters are outlines."""
    fill = _paint("fill", style.colour, theme)
    if not lettering.needs_fonts:
        return fill
    families = ",".join(f"'{each}'" if " " in each else each for each in FAMILIES[style.font])
    slant = "italic " if style.italic else ""
    # Contextual glyphs would join "+=" into one sign.
    return (
        f"{fill};font:{slant}{style.weight} {style.size:g}px {families};"
        "font-feature-settings:'calt' 0"
    )


class Lettering(Protocol):
    """How strings become elements."""

    needs_fonts: bool

    def elements(
        self,
        css: str,
        style: Style,
        rows: Iterable[Row],
        anchor: Anchor,
        baseline: bool,
        scale: float,
    ) -> list[str]:
        """The elements of strings (x, y, text), in one group of that class."""
        ...

    def definitions(self) -> list[str]:
        """What they refer to."""
        ...


def _drop(style: Style, baseline: bool, scale: float) -> float:
    """From the middle of the capitals down to the baseline."""
    return 0.0 if baseline else CAPITALS[style.font] * style.size * scale / 2


class PlainTexts:
    """Strings as <text>."""

    needs_fonts = True

    def elements(
        self,
        css: str,
        style: Style,
        rows: Iterable[Row],
        anchor: Anchor,
        baseline: bool,
        scale: float,
    ) -> list[str]:
        """One <text> a string."""
        drop = _drop(style, baseline, scale)
        size = f' style="font-size:{number(style.size * scale)}px"' if scale != 1.0 else ""
        side = "" if anchor == "start" else f' text-anchor="{anchor}"'
        # A space at the edge of a piece is part of the string: preserve keeps it.
        out = [f'<g class="{css}"{side}{size} xml:space="preserve">']
        inked = [row for row in rows if row[2]]
        places = np.array([row[:2] for row in inked], float).reshape(-1, 2)
        xs, ys = numbers(places[:, 0]), numbers(places[:, 1] + drop)
        out += [
            f'<text x="{x}" y="{y}">{_spans(row[2], style, scale)}</text>'
            for x, y, row in zip(xs, ys, inked)
        ]
        out.append("</g>")
        return out

    def definitions(self) -> list[str]:
        """Nothing."""
        return []


def _spans(string: str, style: Style, scale: float) -> str:
    """The pieces of a string. Those that differ in their figures only are made once."""
    form = _FIGURES.sub(FIGURE, string)
    made = _form(form, style, scale) if FIGURE not in string else None
    if made is None:
        return _pieces(string, style, scale)
    figures = _FIGURES.findall(string)
    return "".join(each for pair in zip(made, [*figures, ""]) for each in pair)


@lru_cache(maxsize=1_000)
def _form(form: str, style: Style, scale: float) -> tuple[str, ...] | None:
    """What stands between the figures; None where it depends on how wide they are."""
    if any(run.back for run in runs_of(form)):
        return None
    return tuple(_pieces(form, style, scale).split(FIGURE))


def _pieces(string: str, style: Style, scale: float) -> str:
    """A piece says how far it goes down, or back over the piece before it, as differences, as
    <tspan> wants; what two stacked pieces leave open is made up after them."""
    out: list[str] = []
    level = last = owed = 0.0
    for run in runs_of(string):
        size = run.size * style.size * scale
        shift, long = run.shift * style.size * scale, width_of(run.text, style) * run.size * scale
        back, owed = (-last, max(last - long, 0.0)) if run.back else (owed, 0.0)
        move = f' dx="{number(back)}"' if back else ""
        move += f' dy="{number(shift - level)}"' if shift != level else ""
        move += f' font-size="{number(size)}"' if run.size < 1 else ""
        text = words(run.text)
        out.append(f"<tspan{move}>{text}</tspan>" if move else text)
        level, last = shift, long
    return "".join(out)


class PathTexts:
    """Strings as outlines; every letter is defined once and used where it stands."""

    needs_fonts = False

    def __init__(self) -> None:
        self.glyphs: dict[str, str] = {}

    def elements(
        self,
        css: str,
        style: Style,
        rows: Iterable[Row],
        anchor: Anchor,
        baseline: bool,
        scale: float,
    ) -> list[str]:
        """One group a string, a <use> a letter."""
        drop = _drop(style, baseline, scale)
        out = [f'<g class="{css}">']
        for x, y, text in rows:
            letters, width = self.letters(text, style, scale)
            left = x - {"start": 0.0, "middle": width / 2, "end": width}[anchor]
            body = "".join(
                f'<use href="#{name}" transform="translate({number(left + dx)} '
                f'{number(y + drop + dy)}) scale({size:.5f})"/>'
                for name, dx, dy, size in letters
            )
            out.append(f'<g aria-label="{words(text)}">{body}</g>')
        out.append("</g>")
        return out

    def letters(
        self, string: str, style: Style, scale: float
    ) -> tuple[list[tuple[str, float, float, float]], float]:
        """Each inked letter as (glyph, dx, dy, size per unit of the font), and the width."""
        placed, start, end = [], 0.0, 0.0
        for run in runs_of(string):
            pen = start if run.back else end
            start = pen
            size = run.size * style.size * scale
            for letter, after in zip(run.text, [*run.text[1:], ""]):
                font, key = _font_with(letter, style)
                unit = size / font.info.layout.unitsperem
                glyph = font.glyph(letter)
                name = f"{key}-{ord(letter):x}"
                if name not in self.glyphs:
                    self.glyphs[name] = _outline(glyph)
                if self.glyphs[name]:
                    placed.append((name, pen, run.shift * style.size * scale, unit))
                near = after and _font_with(after, style)[0] is font
                pen += glyph.advance(font.glyph(after) if near else None) * unit
            end = max(end, pen)
        return placed, end

    def definitions(self) -> list[str]:
        """The letters in use."""
        return [f'<path id="{name}" d="{d}"/>' for name, d in sorted(self.glyphs.items()) if d]


def _outline(glyph: Any) -> str:
    element = glyph.svgpath(scale_factor=1 / glyph.funits_to_points(1))
    return "" if element is None else re.sub(r"\s*([A-Z])\s*", r"\1", element.get("d", "")).strip()


@cache
def _font(role: str, weight: int) -> Any:
    from ziafont.font import Font

    return Font(str(FONTS / FILES[role, weight]))


def _font_with(letter: str, style: Style) -> tuple[Any, str]:
    """The font of the style, or the first other of ours that has the letter."""
    own = min(
        (weight for role, weight in FILES if role == style.font),
        key=lambda weight: abs(weight - style.weight),
    )
    for role, weight in ((style.font, own), ("math", 400), ("ui", 400), ("mono", 400)):
        font = _font(role, weight)
        if font.glyphindex(letter) > 0:
            return font, f"{role}{weight}"
    return _font(style.font, own), f"{style.font}{own}"
