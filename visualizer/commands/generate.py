"""`main.py generate`: what a trained network writes, and nothing else, on standard output."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from engine.errors import Unusable
from engine.models.model import load_model
from engine.models.suffixes import may_be_model
from engine.models.wiring import AUTO
from engine.models.writing import as_trained, symbols_of
from engine.training.generation import generate
from engine.training.trained import Trained
from visualizer.commands.given import holds_model
from visualizer.document import graphed, session
from visualizer.document.learning import trained_of


def perform(options: argparse.Namespace) -> int:
    path = Path(options.what)
    model = may_be_model(options.what) and holds_model(path)
    if not model and (options.symbols is not None or options.wire is not None):
        raise Unusable(
            "--symbols and --wire go with a model (.safetensors .pt .pth .npz .keras .h5), and"
            f" {options.what} is none; leave them out",
            exit=2,
        )
    trained = _of_model(path, options) if model else named(options.what)
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


def _of_model(path: Path, options: argparse.Namespace) -> Trained:
    """Weights of another program, which do not say what their tokens are."""
    if path.suffix.lower() == graphed.SUFFIX:
        raise Unusable(
            f"{path.name} is a graph of ONNX, which does not write here; give its weights as .pt,"
            " .safetensors or .keras",
            exit=2,
        )
    if options.symbols is None:
        raise Unusable(
            f"{path.name} does not say what its tokens are; give --symbols: a string of them in"
            " their order, a .json, or the text it was trained on",
            exit=2,
        )
    model = load_model(path, wire=options.wire or AUTO)
    return as_trained(model, symbols_of(options.symbols))


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
