"""`main.py generate`: what a trained network writes, and nothing else, on standard output."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from engine.errors import Unusable
from engine.training.generation import generate
from engine.training.trained import Trained
from visualizer.document import session
from visualizer.document.learning import trained_of


def perform(options: argparse.Namespace) -> int:
    trained = named(options.what)
    written = generate(
        trained,
        options.prompt,
        options.length,
        temperature=options.temperature,
        top_k=options.top_k,
        seed=options.seed,
        stop=options.stop,
    )
    text = written.text
    if written.numbers.size:
        rows = (" ".join(f"{v:.9g}" for v in row) for row in written.numbers.tolist())
        text = "\n".join(rows)
    sys.stdout.write(text)
    if sys.stdout.isatty() and not text.endswith("\n"):
        sys.stdout.write("\n")  # for the eyes; in a pipe there are exactly the tokens
    return 0


def named(what: str) -> Trained:
    """The training in a session, or one of those that come with the program."""
    shipped = session.TRAINED / f"{what}{session.SUFFIX}"
    if os.path.exists(what):
        path = Path(what)
    elif shipped.parent == session.TRAINED and shipped.exists():
        path = shipped
    else:
        names = ", ".join(sorted(each.stem for each in session.TRAINED.glob(f"*{session.SUFFIX}")))
        raise Unusable(
            f"there is no trained session {what[:60]}; give a {session.SUFFIX} file, or one of "
            f"those that come with the program: {names or 'none'}"
        )
    if path.suffix != session.SUFFIX:
        raise Unusable(f"{what} is no session; train it first: main.py train {what} -o t.unrolled")
    return trained_of(session.load(path).snapshot, what)
