"""A model file as a snapshot: what the window, figures and checks show of somebody's weights."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from engine import files, npy
from engine.chains import joined
from engine.door import Run
from engine.errors import BAD_SETTINGS, Unusable
from engine.models import pytorch_lines, way_back
from engine.models.found import lines
from engine.models.given import Given
from engine.models.model import Model, format_of, load_model, rewired
from engine.models.npz_file import arrays_in
from engine.models.opening import Opened, is_noise, opened, opened_on
from engine.models.recorded import is_recorded
from engine.models.running import KNOWN, compared, inputs_of, parity
from engine.models.states import outputs_of_run
from engine.models.torch_names import is_model
from engine.models.way_back import Changed
from engine.models.weights import Array
from engine.models.wiring import AUTO
from engine.norms import step_norms
from engine.sequences import Sequence
from engine.template import Node
from visualizer.document import graphed
from visualizer.document.snapshot import Snapshot


def holds_model(path: Path) -> bool:
    """Whether the file is one of weights: by its suffix; an .npz by the names of its arrays."""
    if path.suffix.lower() == graphed.SUFFIX:
        return path.is_file()
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
    inputs: Path | None = None,
    reference: Path | None = None,
    targets: Path | None = None,
    wire: str | None = AUTO,
    **sound: Any,
) -> Snapshot:
    """The model on the arrays in `inputs`, on `sequence`, on the batch recorded with it, or on
    noise. `reference`: a file of the outputs that it should give. `wire`: see `load_model`;
    `sound`: how a graph reads a sound, see `graphed.opened`."""
    if path.suffix.lower() == graphed.SUFFIX:
        if targets or reference:
            raise Unusable(
                f"{path.name} is a graph: what came back to an output is given as cot_NAME in"
                " --inputs, and outputs are compared by main.py run --reference",
                exit=BAD_SETTINGS,
            )
        return _snapshot(graphed.opened(path, sequence, inputs, prefix, **sound), path)
    model = load_model(path, prefix=prefix, nonlinearity=nonlinearity, wire=wire)
    arrays = None
    beside = targets or reference
    if inputs is None and model.recorded is None and beside is not None:
        raise Unusable(
            f"{beside.name} goes with inputs; give --inputs FILE.npz with x, too",
            exit=BAD_SETTINGS,
        )
    if inputs is not None or (targets is not None and sequence is None):
        named, name = arrays_given(model, inputs, targets)
        check_certain(model, named)
        arrays = inputs_of(model, named, name)
    if arrays is None and sequence is not None:
        return _snapshot(opened_on(model, sequence), path)
    wanted = None if reference is None else arrays_in(reference)
    return _snapshot(opened(model, None, arrays, wanted), path)


def _snapshot(found: Opened, origin: Path | str) -> Snapshot:
    given = replace(found.given, origin=str(Path(origin).absolute()) if origin else "")
    return Snapshot(
        sequence=found.sequence,
        experiment=found.experiment,
        parameters=found.parameters,
        given=given,
        playhead=1.0,  # whoever brings a model wants to know what came back
    )


def arrays_given(
    model: Model, inputs: Path | None, targets: Path | None
) -> tuple[dict[str, Array], str]:
    """The arrays of an .npz and its name, with targets out of a file of their own if there is one;
    those that were recorded with the model where none is named."""
    arrays, name = dict(model.recorded.inputs if model.recorded is not None else {}), model.name
    if inputs is not None:
        arrays, name = arrays_in(inputs), inputs.name
    if targets is not None:
        arrays = {n: a for n, a in arrays.items() if not n.startswith("cot_")}
        arrays["targets"] = _targets_in(targets)
    return arrays, name


def asks_for_more(arrays: dict[str, Array]) -> bool:
    """Whether the arrays are for layers around the recurrent one too: targets, or tokens."""
    return "targets" in arrays or np.asarray(arrays.get("x", 0.0)).ndim == 2


def check_certain(model: Model, arrays: dict[str, Array]) -> None:
    """Refuse arrays for layers of which it is not certain how they are wired."""
    if model.doubt and asks_for_more(arrays):
        raise Unusable(
            f"{model.name}: {model.doubt}; --wire NAME,NAME,… in the order in which they are run"
            " decides (NAME:relu where one is bent)",
            exit=BAD_SETTINGS,
        )


def _targets_in(path: Path) -> Array:
    if path.suffix.lower() == ".npy":
        return npy.parse(files.load(path), path.name)
    found = arrays_in(path)
    if "targets" not in found and len(found) != 1:
        raise Unusable(f"{path.name} holds {', '.join(found)[:60]}; targets are needed: name them")
    return found.get("targets", next(iter(found.values())))


def snapshot_for(path: Path, sequence: Sequence | None) -> Snapshot:
    """The model on what was recorded with it; without that on the sequence that is open, if it has
    as many inputs; else on noise. A graph that reads sound on the sound that is open."""
    if path.suffix.lower() == graphed.SUFFIX:
        return _snapshot(graphed.opened(path, sequence), path)
    model = load_model(path, wire=AUTO, choose=True)
    if sequence is None or model.recorded is not None:
        return _snapshot(opened(model), path)
    fits = sequence.kind == "numbers" and sequence.roles.count("input") == model.wiring.inputs
    fits &= not model.wiring.before
    return _snapshot(opened(model, sequence if fits else None), path)


def wired_anew(snapshot: Snapshot, wire: str) -> Snapshot:
    """The model that is open with its layers in another order, on the sequence that is open if it
    reads as many numbers; else on noise."""
    given = snapshot.given
    if given is None or given.weights is None or given.wiring is None:
        raise Unusable("what is open comes from no file of weights; open one to wire its layers")
    model = rewired(given.weights, wire, snapshot.experiment.nonlinearity)
    fits = snapshot.sequence.roles.count("input") == model.wiring.inputs
    fits &= not model.wiring.before and not is_noise(snapshot.sequence)
    return _snapshot(opened(model, snapshot.sequence if fits else None), given.origin)


def node_anew(snapshot: Snapshot, node: str) -> Snapshot:
    """The graph that is open with another of its recurrent nodes in steps, on noise."""
    given = snapshot.given
    origin = Path(given.origin if given is not None else "")
    if given is None or given.held is None or not origin.is_file():
        raise Unusable(f"{origin} is not there any more, and {node} is in no session; open it anew")
    return _snapshot(graphed.opened(origin, prefix=node), origin)


def parity_words(snapshot: Snapshot, run: Run) -> str:
    """How far the outputs and gradients are from those of the program that the model comes from;
    "" if none came with it."""
    given = snapshot.given
    if given is None or not given.outputs:
        return ""
    measured = parity(_comparable(given, run), given.outputs)
    if not measured.errors:
        return ""
    count = len(measured.errors)
    arrays = "one array agrees" if count == 1 else f"{count} arrays agree"
    return f"{arrays} with the reference to {measured.worst[1]:.1g}"


def is_for_model(path: Path, snapshot: Snapshot) -> bool:
    """Whether an .npz holds inputs for the model that is open, or outputs to compare it with."""
    given = snapshot.given
    if path.suffix.lower() != ".npz" or given is None or given.wiring is None:
        return False
    names = _names(path)
    outputs = bool(names) and all(n in OUTPUTS or n.startswith("g_") for n in names)
    return outputs or holds_inputs(path)


def holds_inputs(path: Path) -> bool:
    """Whether an .npz holds what a model of weights reads."""
    names = _names(path)
    return "x" in names and set(names) <= set(KNOWN)


def with_arrays(snapshot: Snapshot, run: Run, path: Path) -> Snapshot:
    """The model that is open on the inputs in an .npz, or with the outputs in it as reference."""
    given, arrays = snapshot.given, arrays_in(path)
    assert given is not None and given.weights is not None and given.wiring is not None
    if "x" not in arrays:
        errors = compared(_comparable(given, run), arrays, path.name).errors
        return snapshot.changed(given=replace(given, outputs=arrays, errors=errors))
    kind = snapshot.experiment.nonlinearity
    model = Model(given.weights, given.wiring, nonlinearity=kind, doubt=given.doubt)
    if (not model.wiring.tokens and not model.wiring.behind) or arrays["x"].ndim == 3:
        model = model if "targets" in arrays else model.alone
    found = _snapshot(opened(model, inputs=inputs_of(model, arrays, path.name)), given.origin)
    return found if snapshot.parameters is None else _with_numbers(found, snapshot)


def _with_numbers(found: Snapshot, before: Snapshot) -> Snapshot:
    """With the parameters that were there, if they are of the same shapes."""
    new, old = found.parameters or {}, before.parameters or {}
    same = {n: a.shape for n, a in new.items()} == {n: a.shape for n, a in old.items()}
    return found.changed(parameters=old) if same else found


OUTPUTS = ("y", "h_n", "c_n", "loss")
FADED = 0.01  # of the largest norm


def faded(run: Run) -> tuple[Node, str] | None:
    """The step at which the gradient of the state has died, going back from its largest norm: from
    there on it is below 1 %. The lowest layer is asked, which the input reaches first."""
    if not run.recording.has_gradients or not run.chains("h"):
        return None
    (g, k) = place = run.chains("h")[0][0]
    norms = step_norms(joined(run.recording, (place,), "delta"))
    peak = int(np.nanargmax(np.where(np.isfinite(norms), norms, -1.0)))
    low = np.flatnonzero(~(norms[:peak] >= FADED * norms[peak]))
    kept = np.flatnonzero(norms[:peak] >= FADED * norms[peak])
    died = int(kept[0]) - 1 if kept.size else peak - 1
    if norms[peak] <= 0 or died < 0 or not low.size:
        return None
    words = f"at step {died + 1} and before δ(h) is below 1 % of what it is at step {peak + 1}"
    return Node(g, died, k), words


def _comparable(given: Given, run: Run) -> dict[str, Array]:
    """What a reference may hold, under the names of `run --out`."""
    found = outputs_of_run(run) | {"loss": np.asarray(run.recording.loss)}
    if given.wiring is not None and run.recording.has_gradients:
        gradients = given.wiring.in_file(run.recording.gradients)
        found |= {f"g_{name}": array for name, array in gradients.items()}
    return found


def told(snapshot: Snapshot, run: Run) -> str:
    """What a model is, how far it agrees with the program that it comes from, where its gradient
    dies."""
    given, died = snapshot.given, faded(run)
    said = (
        given.said if given is not None else "",
        parity_words(snapshot, run),
        died[1] if died is not None else "",
    )
    return "; ".join(filter(None, said))


def found_words(snapshot: Snapshot, run: Run) -> str:
    """What was found in the file and how far it is from the reference, as text of several lines."""
    given = snapshot.given
    if given is None:
        return ""
    said = [given.source, *lines(given.found)]
    if given.errors:
        said.append("when it was opened, max |a − b| / max |b| against the reference:")
        said += [f"  {name:22} {error:.2g}" for name, error in given.errors.items()]
    if now := parity_words(snapshot, run):
        said.append(f"now {now}")
    return "\n".join(said) + "\n"


def changed_weights(snapshot: Snapshot, run: Run) -> Changed:
    """The weights as they are now, under the names of the file that they came from."""
    return way_back.changed_weights(snapshot.given or Given(), run.recording.parameters)


def pytorch_words(snapshot: Snapshot, run: Run) -> str:
    """The lines of PyTorch that make the same change in a training script."""
    given = snapshot.given
    if given is None or given.wiring is None:
        return pytorch_lines.lines(snapshot.experiment)
    try:
        changed = changed_weights(snapshot, run)
    except Unusable:  # another network: its settings are what a script can say
        return pytorch_lines.lines(snapshot.experiment, given.wiring)
    return pytorch_lines.lines(snapshot.experiment, given.wiring, changed)
