"""`main.py demo`: the main job on a built-in sequence, moving on a screen or as files without."""

from __future__ import annotations

import argparse
from pathlib import Path

from engine.door import Run
from engine.errors import Unusable
from visualizer.commands.given import note
from visualizer.commands.screen import NoScreen, show
from visualizer.commands.steps import norm_columns
from visualizer.commands.window import first
from visualizer.document.atomic import WORK_FAILED
from visualizer.document.document import Document
from visualizer.export import write, write_table
from visualizer.export.figures import figure
from visualizer.theme import theme_named

FOLDER = Path("unrolled-demo")
MOMENT = "δ(h3)<-s3"  # one of two descendants has arrived, the Σ ring of h3 is half full


def perform(options: argparse.Namespace) -> int:
    del options
    document = first()
    try:
        return show(document, play=True)
    except NoScreen as reason:
        note(reason.message.partition(";")[0])
    return _write(document)


def _write(document: Document) -> int:
    try:
        FOLDER.mkdir(exist_ok=True)
    except OSError as error:
        raise Unusable(
            f"the folder {FOLDER} cannot be made here ({error.strerror}); "
            "change to a folder that can be written",
            exit=WORK_FAILED,
        ) from None
    run = document.run
    print(
        f"recorded “{document.title}”: {run.recording.steps} steps, loss {run.recording.loss:.6g}"
    )
    film = document.film
    moment = (film.find(MOMENT) + 1.5) / film.events
    write(figure(film, moment=moment), FOLDER / "figure.svg", theme_named("print"))
    write_table(norm_table(run), FOLDER / "norms.csv")
    for name in ("figure.svg", "norms.csv"):
        print(f"wrote {Path.cwd() / FOLDER / name}")
    return 0


def norm_table(run: Run) -> dict[str, list[object]]:
    """Columns: the step, what stands there, ‖δ‖ of every state."""
    norms: dict[str, list[object]] = {name: list(values) for name, values in norm_columns(run)}
    return {
        "step": list(range(1, run.recording.steps + 1)),
        "token": list(run.batch.labels[0]),
        **norms,
    }
