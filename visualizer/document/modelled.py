"""A model file as a snapshot: what the window, figures and checks show of somebody's weights."""

from __future__ import annotations

from pathlib import Path

from engine import files
from engine.errors import Unusable
from engine.models.model import format_of, load_model
from engine.models.opening import opened
from engine.models.recorded import is_recorded
from engine.models.torch_names import is_model
from engine.sequences import Sequence
from visualizer.document.snapshot import Snapshot


def holds_model(path: Path) -> bool:
    """Whether the file is one of weights: by its suffix; an .npz by the names of its arrays."""
    if format_of(path) is None or not path.is_file():
        return False
    if path.suffix.lower() != ".npz":
        return True
    names = _names(path)
    return is_model(names) or is_recorded(names)


def _names(path: Path) -> list[str]:
    """The names of the arrays of an .npz; a broken one is judged where it is read."""
    try:
        found = [member.name for member in files.members(files.load(path), path.name)]
    except Unusable:
        return []
    return [name.removesuffix(".npy") for name in found]


def snapshot_of_model(
    path: Path,
    sequence: Sequence | None = None,
    *,
    prefix: str | None = None,
    nonlinearity: str = "tanh",
) -> Snapshot:
    """The model on the batch recorded with it, on `sequence`, or on noise."""
    model = load_model(path, prefix=prefix, nonlinearity=nonlinearity)
    found = opened(model, sequence)
    return Snapshot(
        sequence=found.sequence,
        experiment=found.experiment,
        parameters=found.parameters,
        given=found.given,
    )


def snapshot_for(path: Path, sequence: Sequence) -> Snapshot:
    """The model on what was recorded with it; without that on the sequence that is open, if it has
    as many inputs; else on noise."""
    model = load_model(path)
    fits = sequence.kind == "numbers" and sequence.roles.count("input") == model.stack.inputs
    return snapshot_of_model(path, sequence if fits and model.recorded is None else None)
