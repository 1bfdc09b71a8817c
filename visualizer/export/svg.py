"""A picture as an .svg file, without Qt."""

from __future__ import annotations

from engine.errors import BAD_SETTINGS, Unusable
from visualizer.paint.svg import TextAs, to_svg
from visualizer.scene.picture import Picture
from visualizer.theme import Theme

MOST_BYTES = 100_000_000  # browsers and editors give up soon after


def data_of(picture: Picture, theme: Theme, scale: float, text_as: TextAs) -> bytes:
    """The bytes of the file; `scale` changes how large it opens, not what it holds. Unusable where
    they are more than programs open."""
    text = to_svg(picture, theme, text_as=text_as, scale=scale)
    data = text.encode("utf-8")
    if len(data) > MOST_BYTES:
        raise Unusable(
            f"this .svg would have {len(data) / 1e6:,.0f} MB; programs open at most "
            f"{MOST_BYTES / 1e6:.0f} MB: give a smaller --size, fewer --steps or --level bands",
            exit=BAD_SETTINGS,
        )
    return data
