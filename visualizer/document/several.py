"""Several files that are opened at once: one may be a session or a model, the others are what it
reads. Without one they are a batch of sequences.

How each is read is in `engine`; what it becomes, in `modelled` and `session`.
"""

from __future__ import annotations

from collections.abc import Sequence as Several
from dataclasses import dataclass
from pathlib import Path

from engine.errors import BAD_SETTINGS, Unusable
from engine.models.suffixes import may_be_model
from visualizer.document import graphed, modelled, session

KINDS = {True: "a session", False: "a model"}


@dataclass(frozen=True, slots=True)
class Together:
    """Names of files: `head` is a session or a model; `inputs` arrays (.npz) or a sound for it;
    `sequences` are one batch."""

    head: str | None
    inputs: str | None
    sequences: tuple[str, ...]


def told_apart(names: Several[str]) -> Together:
    """What each of several files is. Unusable if two would have to be the document."""
    heads = [name for name in names if is_head(name)]
    rest = tuple(name for name in names if name not in heads)
    if not heads:
        return Together(None, None, rest)
    head = heads[0]
    if len(heads) > 1:
        raise Unusable(
            f"{_short(head)} is {_kind(head)} and {_short(heads[1])} is {_kind(heads[1])}; one of"
            " them goes with files of sequences: open the other by itself",
            exit=BAD_SETTINGS,
        )
    arrays = [name for name in rest if _holds_inputs(head, name)]
    if arrays and len(rest) > 1:
        raise Unusable(
            f"{_short(arrays[0])} holds all that {_short(head)} reads; leave the other files out",
            exit=BAD_SETTINGS,
        )
    return Together(head, arrays[0], ()) if arrays else Together(head, None, rest)


def is_head(name: str) -> bool:
    """Whether this is a session or a model."""
    path = Path(name)
    if path.suffix.lower() == session.SUFFIX:
        return True
    return may_be_model(name) and modelled.holds_model(path)


def _holds_inputs(head: str, name: str) -> bool:
    suffix, graph = Path(name).suffix.lower(), Path(head).suffix.lower() == graphed.SUFFIX
    if Path(head).suffix.lower() == session.SUFFIX:
        return False
    if suffix == ".npz":
        return graph or modelled.holds_inputs(Path(name))
    return graph and suffix == graphed.SOUND


def _kind(name: str) -> str:
    return KINDS[Path(name).suffix.lower() == session.SUFFIX]


def _short(name: str) -> str:
    return name if len(name) <= 60 else f"{name[:60]}…"
