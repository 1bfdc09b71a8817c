"""What an experiment is called; of two that are compared, what they are and where they differ."""

from __future__ import annotations

from engine.arrangements import ARRANGEMENTS
from engine.cells import CELLS
from engine.experiment import Experiment, settings
from engine.setting import Setting
from visualizer.document.snapshot import Snapshot

MOST = 4  # differences that are named
SAME = "the same so far"


def titles_of(first: Snapshot, second: Snapshot) -> tuple[str, str]:
    """ "LSTM, gate bias 3" and "RNN": every title says what the other one has not."""
    a, b = first.experiment, second.experiment
    rows = [row for row in settings() if row.name not in NAMED and _tells(row, a, b)]
    both = tuple(_title(each, rows, other) for each, other in ((first, second), (second, first)))
    return (both[0], both[1]) if both[0] != both[1] else (both[0], f"{both[1]}, {SAME}")


WRITES = {"last": "one output", "after": "reads, then writes"}
NAMED = ("arrangement", "cell")  # their names are the beginning of every title


def _tells(row: Setting, a: Experiment, b: Experiment) -> bool:
    """Whether a setting is told: the values differ, or only one of the two has it, and not at its
    usual value."""
    if getattr(a, row.name) != getattr(b, row.name):
        return True
    return a.shows(row) != b.shows(row) and getattr(a, row.name) != row.default


def _title(snapshot: Snapshot, rows: list[Setting], other: Snapshot) -> str:
    experiment = snapshot.experiment
    words = [_words(row, experiment) for row in rows if experiment.shows(row)]
    if snapshot.sequence is not other.sequence:
        words.append(f"“{snapshot.sequence.title}”")
    if snapshot.edits and snapshot.edits != other.edits:
        words.append(_counted(len(snapshot.edits), "typed number"))
    if snapshot.losses_off and snapshot.losses_off != other.losses_off:
        words.append(f"{_counted(len(snapshot.losses_off), 'loss', 'losses')} off")
    if snapshot.parameters is not other.parameters:
        words.append("as it starts" if snapshot.parameters is None else "trained")
    shown = words if len(words) <= MOST else [*words[:MOST], "…"]
    return ", ".join([_name(experiment), *shown])


def kind_of(experiment: Experiment) -> str:
    """What an experiment is, in short: "RNN", "Encoder–decoder, LSTM", "GRU, 2 layers, both
    directions"; the cell first, then what is made of it."""
    here = experiment.meant()
    words = [_name(here)]
    if here.encoder == "convolution":
        words.append("after a convolution")
    if here.layers > 1:
        words.append(f"{here.layers} layers")
    if here.direction == "both":
        words.append("both directions")
    if here.reads == "first":
        words.append("one input")
    if here.arrangement == "recurrent" and here.readout != "every":
        words.append(WRITES[here.readout])
    return ", ".join(words)


def _name(experiment: Experiment) -> str:
    """The cell, after the arrangement where that is another than the usual."""
    cell = next(row for row in settings() if row.name == "cell")
    words = [CELLS[experiment.cell].title] if experiment.shows(cell) else []
    if experiment.arrangement != "recurrent":
        words.insert(0, ARRANGEMENTS[experiment.arrangement].title)
    return ", ".join(words)


def _words(setting: Setting, experiment: Experiment) -> str:
    """ "gate bias 3", "2 layers", "zero gradients first: no"."""
    value = getattr(experiment, setting.name)
    label = setting.label[:1].lower() + setting.label[1:]
    if setting.kind == "bool":
        return f"{label}: {'yes' if value else 'no'}"
    if setting.kind == "int" and label.endswith("s"):
        return f"{value:,} {label if value != 1 else label[:-1]}"
    return f"{label} {value:g}" if setting.kind == "float" else f"{label} {value}"


def _counted(number: int, noun: str, several: str = "") -> str:
    return f"{number} {noun if number == 1 else several or f'{noun}s'}"
