"""A question to the films that are shown, answered beside the window."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.errors import Unusable
from visualizer.document.elsewhere import arrays_of, work_out
from visualizer.widgets.parts.long_work import FRAME, Work
from visualizer.widgets.parts.stage import Stage


def ask(
    stage: Stage,
    kind: str,
    words: str,
    call: Callable[..., Any],
    args: tuple[Any, ...],
    done: Callable[[Any], object],
    seconds: float,
    places: tuple[int, ...] = (),
) -> None:
    """`done` hears what `call(film, *args)` returns for the films at `places` of the sheet, a
    tuple, or an exception. Without places it is the one in hand; what is quick is done here."""
    places = places or (stage.sheet.hand,)
    if stage.work is None or seconds < FRAME:
        try:
            found: Any = tuple(call(stage.sheet.films[place], *args) for place in places)
        except Unusable as error:
            found = error
        done(found)
        return
    parts = tuple(stage.document.parts[place][0].alone for place in places)
    keep = tuple(each for part in parts for each in arrays_of(part))
    stage.work.perform(Work(kind, work_out, (parts, call, args), done, words, seconds, keep))
