"""Numbers and words as they stand in the XML of an SVG."""

from __future__ import annotations

# xml.sax.saxutils would do it, and loads the whole of urllib with it: 24 ms before the first paint
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})


def number(value: float) -> str:
    """A coordinate to a hundredth, without needless zeros: "12", "3.5", "-0.25"."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def words(text: str) -> str:
    """Text escaped for elements and attributes, without the characters that XML forbids."""
    kept = "".join(each for each in text if _allowed(ord(each)))
    return kept.translate(_ESCAPES)


def _allowed(code: int) -> bool:
    if code < 0x20:
        return code == 0x09
    return not (0x7F <= code < 0xA0 or 0xD800 <= code < 0xE000 or 0xFFFE <= code <= 0xFFFF)
