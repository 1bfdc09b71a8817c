"""A model file as a snapshot: what the window, figures and checks show of somebody's weights."""

from __future__ import annotations

from pathlib import Path

from engine import files
from engine.errors import Unusable
from engine.models.conversion import as_in_file
from engine.models.model import format_of, load_model
from engine.models.opening import opened
from engine.models.recorded import is_recorded
from engine.models.running import parity
from engine.models.states import states_of
from engine.models.torch_names import is_model
from engine.sequences import Sequence
from visualizer.document.derive import Derived
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
        playhead=1.0,  # whoever brings a model wants to know what came back
    )


def snapshot_for(path: Path, sequence: Sequence) -> Snapshot:
    """The model on what was recorded with it; without that on the sequence that is open, if it has
    as many inputs; else on noise."""
    model = load_model(path)
    fits = sequence.kind == "numbers" and sequence.roles.count("input") == model.stack.inputs
    return snapshot_of_model(path, sequence if fits and model.recorded is None else None)


def parity_words(derived: Derived) -> str:
    """How far the outputs and gradients are from those of the program that the model comes from;
    "" if none came with it."""
    given = derived.snapshot.given
    if given is None or not given.outputs:
        return ""
    found = states_of(derived.run)
    if given.stack is not None and derived.run.recording.has_gradients:
        gradients = as_in_file(given.stack, derived.run.recording.gradients)
        found |= {f"g_{name}": array for name, array in gradients.items()}
    measured = parity(found, dict(given.outputs))
    if not measured.errors:
        return ""
    name, worst = measured.worst
    count = len(measured.errors)
    return f"{count} arrays agree with the recorded run to {worst:.1g} of their largest ({name})"
