"""A picture as SVG text, written by hand: no Qt, no application object. Same picture, theme and
settings give the same bytes. Geometry: `shapes`; words: `svg_text`; heat maps: `png`; paths:
`svg_paths`; hundreds of shapes of one kind: `svg_many`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from visualizer import palette
from visualizer.paint import shapes, svg_many
from visualizer.paint.png import indexed_png
from visualizer.paint.svg_paths import arc_of, cell_runs, path_of
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
BEYOND = 2.0  # times a side of the picture: what lies further out is not to be seen
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
        self.symbols: list[str] = []
        self.ids: set[str] = set()
        self.far = shapes.ENDLESS
        self.inside = False
        self.out: list[str] = []
        self.texts = PathTexts() if text_as == "paths" else PlainTexts()

    def write(self, picture: Picture, scale: float) -> str:
        """The whole document."""
        width, height = number(picture.width), number(picture.height)
        self.far = max(self.far, BEYOND * picture.width, BEYOND * picture.height)
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
        defs = [*self.hatches.values(), *self.clips, *self.symbols, *self.texts.definitions()]
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
        boxes, fine = shapes.sound(item.boxes, self.far)
        radius = style.radius if item.radius is None else item.radius
        inset = style.width / 2 if style.stroke else 0.0
        self.out.append(f'<g class="{self.css(item.style)}">')
        if _many(item, len(boxes)):
            inner = boxes[fine] + np.array([inset, inset, -2 * inset, -2 * inset])
            inner[:, 2:] = np.maximum(inner[:, 2:], 0.0)
            for fill in ("", *([f' fill="{self.hatch(style.hatch)}"'] if style.hatch else [])):
                more = f'{fill} stroke="none"' if fill else ""
                self.out += svg_many.boxes(inner, radius - inset, more, self.define)
            self.out.append("</g>")
            return
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

    def define(self, kind: str, element: str) -> str:
        """Keep an element for uses of it; its name."""
        name = f"{self.theme.name}-{kind}-{len(self.symbols) + 1}"
        tag = element[1:].replace(">", " ").split()[0]
        self.symbols.append(f'<{tag} id="{name}"{element[len(tag) + 1 :]}')
        return name

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
        centres, fine = shapes.sound(item.centres, self.far)
        radii, round_ = shapes.sound(item.radii, self.far)
        self.out.append(f'<g class="{self.css(item.style)}">')
        if _many(item, len(centres)):
            some = fine & round_
            self.out += svg_many.dots(centres[some], np.maximum(radii[some], 0.0), self.define)
            self.out.append("</g>")
            return
        for place in np.flatnonzero(fine & round_).tolist():
            x, y = centres[place].tolist()
            size = number(max(float(radii[place]), 0.0))
            self.put(f'<circle cx="{number(x)}" cy="{number(y)}" r="{size}"', item, place)
        self.out.append("</g>")

    def strips(self, item: Strips) -> None:
        """Cells: in each strip one path for each run of cells of one colour that touch."""
        if _many(item, len(item.boxes)):
            self.out += svg_many.images_of(item, self.theme.name)
            return
        colours = palette.hexes(self.theme.name, item.map)
        boxes, levels, _ = shapes.cells_of(item, far=self.far)
        _, fine = shapes.sound(item.boxes, self.far)
        counts = np.where(fine, np.asarray(item.counts, np.intp), 0)
        ends = np.cumsum(counts).tolist()
        self.out.append('<g shape-rendering="crispEdges">')
        for place, (count, end) in enumerate(zip(counts.tolist(), ends)):
            if not count:
                continue
            cells = cell_runs(boxes[end - count : end].tolist(), levels[end - count : end].tolist())
            body = "".join(f'<path fill="{colours[level]}" d="{d}"/>' for level, d in cells)
            title = item.titles[place] if item.titles else ""
            note = f"<title>{words(title)}</title>" if title else ""
            self.out.append(f"<g>{note}{body}</g>" if note else body)
        self.out.append("</g>")

    def heat(self, item: Heat) -> None:
        """A heat map, as an embedded PNG."""
        box, fine = shapes.sound([item.box], self.far)
        if not fine[0] or not item.levels.size:
            return
        data = indexed_png(_enlarged(item.levels), palette.table(self.theme.name, item.map))
        note = f"<title>{words(item.title)}</title>" if item.title else ""
        self.out.append(svg_many.image(data, tuple(box[0].tolist()), note))

    def lines(self, item: Polylines | Curves) -> None:
        """Lines and curves, each with its arrowhead."""
        style = self.theme.style(item.style)
        self.out.append(f'<g class="{self.css(item.style)}">')
        stroke = self.theme.colour(style.stroke or "text")
        clear = f' fill-opacity="{number(stroke.opacity)}"' if stroke.opacity < 1 else ""
        if _many(item, len(item.points)):
            for wide_, shafts, heads in svg_many.lines_of(item, style.width, self.far):
                self.out.append(f'<path d="{shafts}" stroke-width="{number(wide_)}"/>')
                if heads:
                    fill = f'fill="{stroke.hex}"{clear} stroke="none"'
                    self.out.append(f'<path d="{heads}" {fill}/>')
            self.out.append("</g>")
            return
        for place, path, tip, width in shapes.arrows_of(item, style.width, self.far):
            wide = "" if item.widths is None else f' stroke-width="{number(width)}"'
            self.put(f'<path d="{path_of(path)}"{wide}', item, place)
            if tip is not None:
                d = "M" + "L".join(f"{number(x)} {number(y)}" for x, y in tip) + "Z"
                self.out.append(f'<path d="{d}" fill="{stroke.hex}"{clear} stroke="none"/>')
        self.out.append("</g>")

    def rings(self, item: Rings) -> None:
        """Discs with arcs round a Σ."""
        name = item.style
        face, track, lit = self.css(name), self.css(f"{name}-track"), self.css(f"{name}-lit")
        if _many(item, len(item.centres)):
            self.many_rings(item)
            return
        for place, (x, y, middle, arcs) in enumerate(shapes.arcs_of(item, self.far)):
            note = f"<title>{words(item.titles[place])}</title>" if item.titles else ""
            at = f'cx="{number(x)}" cy="{number(y)}"'
            disc = f'<circle class="{face}" {at} r="{number(item.radius)}"/>'
            body = "".join(
                f'<path class="{lit if on else track}" d="{arc_of(x, y, middle, start, span)}"/>'
                for start, span, on in arcs
                if span > 0
            )
            self.out.append(f"<g>{note}{disc}{body}</g>")
            text = (
                f"{name}-text-lit" if any(on and span for _, span, on in arcs) else f"{name}-text"
            )
            self.sigma(text, x, y, item.radius / RING_TEXT_AT)

    def many_rings(self, item: Rings) -> None:
        """Rings of which many are alike: each that is different once, and where it stands again."""
        kinds = np.column_stack([item.segments, item.filled])
        found, which = np.unique(kinds, axis=0, return_inverse=True)
        for k, (segments, filled) in enumerate(found.tolist()):
            one = _Writer(self.theme, "text")
            one.texts, one.used, one.words = self.texts, self.used, self.words
            alone = np.zeros((1, 2)), item.radius, np.array([segments]), np.array([filled])
            one.rings(Rings(item.style, *alone))
            name = self.define("ring", f"<g>{''.join(one.out)}</g>")
            self.out += svg_many.uses(name, item.centres[which.reshape(-1) == k])

    def sigma(self, name: str, x: float, y: float, scale: float) -> None:
        """The Σ in the middle of a ring."""
        self.texts_at(Texts(name, np.array([[x, y]]), ("Σ",), "middle"), scale)

    def texts_at(self, item: Texts, scale: float = 1.0) -> None:
        """Strings, `scale` times the size of their style."""
        style = self.theme.style(item.style)
        places, fine = shapes.sound(item.positions, self.far)
        self.words.add(item.style)
        rows = [(*places[k].tolist(), item.strings[k]) for k in np.flatnonzero(fine).tolist()]
        css = f"{self.theme.name}-{item.style}"
        scale *= item.scale
        self.out += self.texts.elements(css, style, rows, item.anchor, item.baseline, scale)

    def clip(self, item: Clip) -> None:
        """Begins a clipped group."""
        if self.inside:
            self.unclip(Unclip())
        box, _ = shapes.sound([item.box], self.far)
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


def _many(item: Rects | Dots | Strips | Polylines | Curves | Rings, count: int) -> bool:
    """Whether an item is written as one shape: then its parts cannot have ids and tooltips."""
    return count >= svg_many.MANY and not (getattr(item, "ids", ()) or item.titles)


def _enlarged(levels: Bytes) -> Bytes:
    """Few cells as many pixels: not every program heeds that they are not to be smoothed."""
    down, across = (max(1, CRISP // cells) for cells in levels.shape)
    return levels.repeat(down, 0).repeat(across, 1)
