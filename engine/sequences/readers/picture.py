"""Pictures (.png, .jpg, .bmp, .gif, .webp), read row by row: a step a row, a column a pixel of it.

A pixel is its grey, 0 black … 1 white; what is transparent lies on white, and of a picture that
moves the first is read. Sizes are judged by the head of the file, before anything is unpacked.
"""

from __future__ import annotations

import io
import warnings

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from engine import files
from engine.damage import damage
from engine.errors import Unusable
from engine.sequences.sequence import Floats, Sequence
from engine.sequences.source import Source

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP")
MOST_PIXELS = 4_000_000  # a second or two until they are on the screen
WIDEST = 4_096  # pixels of a row, each of which is an input
MAGIC = (b"\x89PNG", b"\xff\xd8\xff", b"BM", b"GIF8", b"RIFF")


def read(source: Source) -> Sequence:
    """The rows of the picture, from the top."""
    if not source.data.startswith(MAGIC):
        files.expect(source.data, source.name, MAGIC[0], "a picture")
    rows = _rows(source)
    if len(rows) < 2:
        raise Unusable(f"{source.name} has one row of pixels; at least two are needed: turn it")
    wide = rows.shape[1]
    return Sequence(
        kind="numbers",
        series=(rows,),
        columns=tuple(f"pixel {c + 1}" for c in range(wide)),
        roles=("input",) * wide,
        title=source.title,
        source=source.origin,
    )


def _rows(source: Source) -> Floats:
    """(height, width) grey."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of large ones; those are judged here
            with Image.open(io.BytesIO(source.data), formats=FORMATS) as picture:
                _check_size(picture.size, source.name)
                turned = ImageOps.exif_transpose(picture)
                _check_size(turned.size, source.name)
                return _grey(turned)
    except Unusable:
        raise
    except Image.DecompressionBombError:
        raise Unusable(
            f"{source.name} has far more than {MOST_PIXELS:,} pixels, the most that are read: scale"
            " it down"
        ) from None
    except UnidentifiedImageError:
        raise Unusable(
            f"{source.name} begins like a picture and is none; {', '.join(FORMATS)} are read: save"
            " or download it anew"
        ) from None
    except Exception as error:  # the readers of formats raise whatever they stumble over
        what = damage(error, "its pixels cannot be read")
        raise Unusable(f"{source.name} is damaged: {what}; save or download it anew") from None


def _check_size(size: tuple[int, int], name: str) -> None:
    wide, high = size
    if wide * high > MOST_PIXELS or wide > WIDEST or not wide or not high:
        raise Unusable(
            f"{name} has {wide:,} × {high:,} pixels; at most {MOST_PIXELS:,} are read, and"
            f" {WIDEST:,} of a row: scale it down"
        )


def _grey(picture: Image.Image) -> Floats:
    if picture.mode.startswith("I;16"):
        return np.asarray(picture, np.float64) / 65535
    full = picture.convert("RGBA")
    white = Image.new("RGBA", full.size, "white")
    white.alpha_composite(full)
    return np.asarray(white.convert("L"), np.float64) / 255
