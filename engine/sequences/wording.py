"""How tokens, numbers and cells of files are written in labels and messages. Reads nothing."""

from __future__ import annotations

STOP = "■"  # the token after the last one of a text

MAX_LABEL = 16  # characters under a step of the graph

_SHOWN = {" ": "␣", "\n": "↵", "\t": "⇥", "\N{NO-BREAK SPACE}": "⍽"}


def shown(token: str, limit: int = MAX_LABEL) -> str:
    """A token as it stands under its step: short, one line, nothing invisible."""
    if len(token) > limit:
        token = token[: limit - 1] + "…"
    if token.isprintable() and " " not in token:
        return token
    return "".join(_visible(character) for character in token)


def _visible(character: str) -> str:
    if character in _SHOWN:
        return _SHOWN[character]
    return character if character.isprintable() else f"U+{ord(character):04X}"


def plain(text: str, limit: int = MAX_LABEL) -> str:
    """A name or a date as it stands: spaces stay spaces, what cannot be printed is made visible."""
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    if text.isprintable():
        return text
    return "".join(c if c == " " else _visible(c) for c in text)


def quoted(text: str, limit: int = 24) -> str:
    """A cell or a word of somebody's file inside a message."""
    return f"“{plain(text, limit)}”"


def number(value: float) -> str:
    """A number as a label: `1749`, `0.53`, `23.1`, `1.2e-07`."""
    return f"{int(value)}" if value == int(value) and abs(value) < 1e9 else f"{value:.4g}"
