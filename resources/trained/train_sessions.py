"""A program: trains the sessions of this folder anew, so that `main.py generate sonnets` works.

    python resources/trained/train_sessions.py [ID …]

Same settings, same machine: same files. A minute each; those of lessons take a second.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parents[1]))

from engine.experiment import Experiment  # noqa: E402
from engine.sequences import Sequence, sample, typed  # noqa: E402
from engine.training.trainer import Trainer  # noqa: E402
from engine.training.training import Training  # noqa: E402
from visualizer.commands.train import write  # noqa: E402

UPDATES = {"sonnets": 5000, "latex": 3000}
EXPERIMENT = Experiment(
    cell="lstm",
    hidden=80,
    forget_bias=1.0,
    learning_rate=0.01,
    clip="norm",
    clip_at=20.0,
    dtype="float32",
)
TRAINING = Training(
    batches="stream",
    batch_size=16,
    window=64,
    schedule="cosine",
    sample_every=250,
    keep=2,
)


# what begins a text is a token too, so that the first word is drawn as all others are
SENTENCES = (
    "▶ the cat drinks milk",
    "▶ the dog eats meat",
    "▶ the bird sings songs",
    "▶ the bee makes honey",
    "▶ a fish needs water",
    "▶ a child reads books",
    "▶ a baker bakes bread",
    "▶ a king wears gold",
)
FEW = Experiment(cell="lstm", hidden=12, learning_rate=0.03)
SHORT = Training(updates=600, batches="full", keep=2)


def trainer_of(name: str) -> Trainer:
    """What is trained: a page of letters, or the sentences of the lessons, fed back or not."""
    if name in UPDATES:
        return Trainer(sample(name), EXPERIMENT, TRAINING.changed(updates=UPDATES[name]))
    made = typed(SENTENCES)
    few = Sequence(kind="text", texts=made.texts, title="Eight sentences", source="sentences")
    return Trainer(few, FEW.changed(reads="first" if name == "lessons/apart" else "every"), SHORT)


def main(wanted: list[str]) -> None:
    (FOLDER / "lessons").mkdir(exist_ok=True)
    for name in wanted or (*UPDATES, "lessons/sentences", "lessons/apart"):
        trainer = trainer_of(name)
        for report in trainer:
            if report.sample:
                print(f"{name} {report.update + 1}: {report.mean:.4f} {report.sample!r}")
        write(trainer, str(FOLDER / f"{name}.unrolled"), whole=True)


if __name__ == "__main__":
    main(sys.argv[1:])
