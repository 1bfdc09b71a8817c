"""The small picture in a session file: drawn by whoever can draw, and not missed if that fails.

How it is drawn is given; here is only what it shows.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from engine.errors import Stopped
from visualizer.document.snapshot import Snapshot
from visualizer.scene.film import Film
from visualizer.scene.sheet import Sheet

log = logging.getLogger("unrolled.document")
Draw = Callable[[Snapshot, Film], str]


def small_picture(
    draw: Draw | None, snapshot: Snapshot, sheet_of: Callable[[], Sheet]
) -> str | None:
    """SVG of the film in hand at the playhead; None without anybody who draws."""
    if draw is None:
        return None
    try:
        sheet = sheet_of()
        moment = sheet.moment_within(sheet.hand, snapshot.playhead)
        return draw(snapshot.changed(playhead=moment), sheet.film)
    except Stopped:
        raise
    except Exception:  # whatever fails in drawing, the document must be saved
        log.exception("the thumbnail could not be drawn")
        return None
