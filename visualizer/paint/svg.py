"""A picture as SVG text, written by hand: no Qt, no application object. Same picture, theme and
settings give the same bytes. Geometry: `shapes`; words: `svg_text`; heat maps: `png`.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from typing import Any, Literal

import numpy as np

from visualizer import palette
from visualizer.paint import shapes
from visualizer.paint.png import indexed_png
from visualizer.paint.svg_text import PathTexts, PlainTexts, style_rule, text_rules
from visualizer.paint.xml import number, words
from visualizer.scene.picture import (
    Bytes,
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
)
from visualizer.styles import Style
from visualizer.theme import Theme

TextAs = Literal["text", "paths"]
RING_TEXT_AT = 11.0
CRISP = 128  # pixels of an embedded picture that has fewer cells


def to_svg(picture: Picture, theme: Theme, *, text_as: TextAs = "text", scale: float = 1.0) -> str:
    """The picture in that theme, to open at `scale` times its size. `text_as="paths"` draws the
    letters' outlines, for machines that lack the fonts; "text" keeps words that can be searched
    and edited."""
    return _Writer(theme, text_as).write(picture, scale)


class _Writer:
    """Writes one picture: the body first, and with it what the head must define."""

    def __init__(self, theme: Theme, text_as: TextAs) -> None:
        self.theme = theme
        self.used: dict[str, Style] = {}
        self.words: set[str] = set()
        self.hatches: dict[str, str] = {}
        self.clips: list[str] = []
        self.ids: set[str] = set()
        self.inside = False
        self.out: list[str] = []
        self.texts = PathTexts() if text_as == "paths" else PlainTexts()

    def write(self, picture: Picture, scale: float) -> str:
        """The whole document."""
        width, height = number(picture.width), number(picture.height)
        for item in picture.items:
            PAINTERS[type(item)](self, item)
        if self.inside:
            self.unclip(Unclip())
        head = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{number(picture.width * scale)}" '
            f'height="{number(picture.height * scale)}" '
            f'viewBox="0 0 {width} {height}" role="img">'
        ]
        if picture.title:
            head.append(f"<title>{words(picture.title)}</title>")
        head.append(self.sheet())
        if picture.background:
            fill = self.theme.colour(picture.background).hex
            head.append(f'<rect width="{width}" height="{height}" fill="{fill}"/>')
        return "\n".join([*head, *self.out, "</svg>", ""])

    def sheet(self) -> str:
        """The styles in use, the hatches, the clips and, for text as paths, the glyphs."""
        rules = [
            f".{self.theme.name}-{name}{{{style_rule(style, self.theme)}}}"
            for name, style in sorted(self.used.items())
        ]
        for name in sorted(self.words):
            rule = text_rules(self.theme.style(name), self.theme, self.texts)
            rules.append(f".{self.theme.name}-{name}{{{rule}}}")
        defs = [*self.hatches.values(), *self.clips, *self.texts.definitions()]
        parts = ["<style>" + "\n".join(rules) + "</style>"] if rules else []
        parts += ["<defs>" + "".join(defs) + "</defs>"] if defs else []
        return "\n".join(parts)

    def css(self, name: str) -> str:
        """The class of a style, noting that it is in use."""
        self.used[name] = self.theme.style(name)
        return f"{self.theme.name}-{name}"

    def put(self, element: str, item: Any, place: int) -> None:
        """Adds an element ("<rect …") with the id and the tooltip that the item has for it."""
        tag = element[1 : element.index(" ")]
        if item.ids and item.ids[place] and item.ids[place] not in self.ids:
            self.ids.add(item.ids[place])
            name = words("-".join(item.ids[place].split()))
            element = f'<{tag} id="{name}"{element[len(tag) + 1 :]}'
        if item.titles and item.titles[place]:
            self.out.append(f"{element}><title>{words(item.titles[place])}</title></{tag}>")
        else:
            self.out.append(element + "/>")

    def rects(self, item: Rects) -> None:
        """Boxes; the stroke lies inside the box, so that neighbours never overlap."""
        style = self.theme.style(item.style)
        boxes, fine = shapes.sound(item.boxes)
        radius = style.radius if item.radius is None else item.radius
        inset = style.width / 2 if style.stroke else 0.0
        self.out.append(f'<g class="{self.css(item.style)}">')
        for place in np.flatnonzero(fine).tolist():
            x, y, width, height = boxes[place].tolist()
            width, height = max(width - 2 * inset, 0.0), max(height - 2 * inset, 0.0)
            at = f'x="{number(x + inset)}" y="{number(y + inset)}"'
            size = f'width="{number(width)}" height="{number(height)}"'
            bend = max(min(radius - inset, width / 2, height / 2), 0.0)
            corner = f' rx="{number(bend)}"' if bend else ""
            self.put(f"<rect {at} {size}{corner}", item, place)
            if style.hatch:
                fill = self.hatch(style.hatch)
                self.out.append(f'<rect {at} {size}{corner} fill="{fill}" stroke="none"/>')
        self.out.append("</g>")

    def hatch(self, token: str) -> str:
        """A fill of thin lines rising to the right, defined once for each colour."""
        name = f"{self.theme.name}-hatch-{token.replace('/', '-')}"
        pitch, colour = shapes.HATCH_PITCH, self.theme.colour(token)
        side = number(pitch)
        self.hatches[token] = (
            f'<pattern id="{name}" width="{side}" height="{side}" patternUnits="userSpaceOnUse">'
            f'<path d="M-1 1L1 -1M0 {side}L{side} 0M{number(pitch - 1)} {number(pitch + 1)}'
            f'L{number(pitch + 1)} {number(pitch - 1)}" fill="none" stroke="{colour.hex}" '
            f'stroke-opacity="{number(colour.opacity)}" stroke-width="{shapes.HATCH_WIDTH}"/>'
            "</pattern>"
        )
        return f"url(#{name})"

    def dots(self, item: Dots) -> None:
        """Discs."""
        centres, fine = shapes.sound(item.centres)
        radii, round_ = shapes.sound(item.radii)
        self.out.append(f'<g class="{self.css(item.style)}">')
        for place in np.flatnonzero(fine & round_).tolist():
            x, y = centres[place].tolist()
            size = number(max(float(radii[place]), 0.0))
            self.put(f'<circle cx="{number(x)}" cy="{number(y)}" r="{size}"', item, place)
        self.out.append("</g>")

    def strips(self, item: Strips) -> None:
        """Cells: in each strip one path for each run of cells of one colour that touch."""
        colours = palette.hexes(self.theme.name, item.map)
        boxes, levels = shapes.cells_of(item)
        _, fine = shapes.sound(item.boxes)
        counts = np.where(fine, np.asarray(item.counts, np.intp), 0)
        ends = np.cumsum(counts).tolist()
        self.out.append('<g shape-rendering="crispEdges">')
        for place, (count, end) in enumerate(zip(counts.tolist(), ends)):
            if not count:
                continue
            cells = _cells(boxes[end - count : end].tolist(), levels[end - count : end].tolist())
            body = "".join(f'<path fill="{colours[level]}" d="{d}"/>' for level, d in cells)
            title = item.titles[place] if item.titles else ""
            note = f"<title>{words(title)}</title>" if title else ""
            self.out.append(f"<g>{note}{body}</g>" if note else body)
        self.out.append("</g>")

    def heat(self, item: Heat) -> None:
        """A heat map, as an embedded PNG."""
        box, fine = shapes.sound([item.box])
        if not fine[0] or not item.levels.size:
            return
        data = indexed_png(_enlarged(item.levels), palette.table(self.theme.name, item.map))
        x, y, width, height = (number(each) for each in box[0].tolist())
        note = f"<title>{words(item.title)}</title>" if item.title else ""
        self.out.append(
            f'<image x="{x}" y="{y}" width="{width}" height="{height}" '
            'preserveAspectRatio="none" image-rendering="pixelated" '
            f'href="data:image/png;base64,{base64.b64encode(data).decode()}">{note}</image>'
        )

    def lines(self, item: Polylines | Curves) -> None:
        """Lines and curves, each with its arrowhead."""
        style = self.theme.style(item.style)
        self.out.append(f'<g class="{self.css(item.style)}">')
        stroke = self.theme.colour(style.stroke or "text")
        for place, path, tip, width in shapes.arrows_of(item, style.width):
            wide = "" if item.widths is None else f' stroke-width="{number(width)}"'
            self.put(f'<path d="{_path(path)}"{wide}', item, place)
            if tip is not None:
                d = "M" + "L".join(f"{number(x)} {number(y)}" for x, y in tip) + "Z"
                clear = f' fill-opacity="{number(stroke.opacity)}"' if stroke.opacity < 1 else ""
                self.out.append(f'<path d="{d}" fill="{stroke.hex}"{clear} stroke="none"/>')
        self.out.append("</g>")

    def rings(self, item: Rings) -> None:
        """Discs with arcs round a Σ."""
        name = item.style
        face, track, lit = self.css(name), self.css(f"{name}-track"), self.css(f"{name}-lit")
        for place, (x, y, middle, arcs) in enumerate(shapes.arcs_of(item)):
            note = f"<title>{words(item.titles[place])}</title>" if item.titles else ""
            at = f'cx="{number(x)}" cy="{number(y)}"'
            disc = f'<circle class="{face}" {at} r="{number(item.radius)}"/>'
            body = "".join(
                f'<path class="{lit if on else track}" d="{_arc(x, y, middle, start, span)}"/>'
                for start, span, on in arcs
                if span > 0
            )
            self.out.append(f"<g>{note}{disc}{body}</g>")
            text = (
                f"{name}-text-lit" if any(on and span for _, span, on in arcs) else f"{name}-text"
            )
            self.sigma(text, x, y, item.radius / RING_TEXT_AT)

    def sigma(self, name: str, x: float, y: float, scale: float) -> None:
        """The Σ in the middle of a ring."""
        self.texts_at(Texts(name, np.array([[x, y]]), ("Σ",), "middle"), scale)

    def texts_at(self, item: Texts, scale: float = 1.0) -> None:
        """Strings, `scale` times the size of their style."""
        style = self.theme.style(item.style)
        places, fine = shapes.sound(item.positions)
        self.words.add(item.style)
        rows = [(*places[k].tolist(), item.strings[k]) for k in np.flatnonzero(fine).tolist()]
        css = f"{self.theme.name}-{item.style}"
        scale *= item.scale
        self.out += self.texts.elements(css, style, rows, item.anchor, item.baseline, scale)

    def clip(self, item: Clip) -> None:
        """Begins a clipped group."""
        if self.inside:
            self.unclip(Unclip())
        box, _ = shapes.sound([item.box])
        x, y, width, height = (number(each) for each in box[0].tolist())
        name = f"{self.theme.name}-clip-{len(self.clips) + 1}"
        self.clips.append(
            f'<clipPath id="{name}"><rect x="{x}" y="{y}" width="{width}" height="{height}"/>'
            "</clipPath>"
        )
        self.out.append(f'<g clip-path="url(#{name})">')
        self.inside = True

    def unclip(self, item: Unclip) -> None:
        """Ends it."""
        if self.inside:
            self.out.append("</g>")
        self.inside = False


PAINTERS: dict[type[Item], Callable[[_Writer, Any], None]] = {
    Rects: _Writer.rects,
    Dots: _Writer.dots,
    Strips: _Writer.strips,
    Heat: _Writer.heat,
    Polylines: _Writer.lines,
    Curves: _Writer.lines,
    Rings: _Writer.rings,
    Texts: _Writer.texts_at,
    Clip: _Writer.clip,
    Unclip: _Writer.unclip,
}


def _cells(boxes: list[list[float]], levels: list[int]) -> Iterable[tuple[int, str]]:
    """Runs of touching cells of one level and height as (level, path)."""
    place = 0
    while place < len(boxes):
        x, y, width, height = boxes[place]
        last = place
        while (
            last + 1 < len(boxes)
            and levels[last + 1] == levels[place]
            and abs(boxes[last][0] + boxes[last][2] - boxes[last + 1][0]) < 1e-6
        ):
            last += 1
        width = boxes[last][0] + boxes[last][2] - x
        size = f"h{number(width)}v{number(height)}h{number(-width)}z"
        yield levels[place], f"M{number(x)} {number(y)}{size}"
        place = last + 1


def _path(path: shapes.Path) -> str:
    return "".join(step[0] + " ".join(number(each) for each in step[1:]) for step in path)


def _arc(x: float, y: float, radius: float, start: float, span: float) -> str:
    """An arc clockwise from the top; a whole turn is made of two halves."""
    turns = [(start, span)] if span < 359 else [(start, span / 2), (start + span / 2, span / 2)]
    steps = []
    for begin, reach in turns:
        a, b = np.radians(begin - 90), np.radians(begin + reach - 90)
        far = 1 if reach > 180 else 0
        size = number(radius)
        steps.append(
            f"M{number(x + radius * np.cos(a))} {number(y + radius * np.sin(a))}"
            f"A{size} {size} 0 {far} 1 {number(x + radius * np.cos(b))} "
            f"{number(y + radius * np.sin(b))}"
        )
    return "".join(steps)


def _enlarged(levels: Bytes) -> Bytes:
    """Few cells as many pixels: not every program heeds that they are not to be smoothed."""
    down, across = (max(1, CRISP // cells) for cells in levels.shape)
    return levels.repeat(down, 0).repeat(across, 1)
