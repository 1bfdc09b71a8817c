"""A picture as an .svg file, without Qt."""

from __future__ import annotations

from visualizer.paint.svg import TextAs, to_svg
from visualizer.scene.picture import Picture
from visualizer.theme import Theme


def data_of(picture: Picture, theme: Theme, scale: float, text_as: TextAs) -> bytes:
    """The bytes of the file; `scale` changes how large it opens, not what it holds."""
    text = to_svg(picture, theme, text_as=text_as, scale=scale)
    return text.encode("utf-8")
