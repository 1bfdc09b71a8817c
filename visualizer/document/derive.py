"""From a snapshot to what is computed from it: the recording and the film. Nothing is saved here.

A snapshot is first brought into order: what was typed over in an array that is gone, or lies
outside it now, is dropped and said.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.batching import batch_of, network_of, window_of
from engine.door import Run
from engine.door import run as record
from engine.fitting import NOTABLE, needs_of
from engine.models.cotangents import Cotangents, of_the_last
from engine.parameters import initialise
from engine.sequences import Batch
from engine.template import Network
from engine.watching import Watch, unwatched, within
from visualizer.document.snapshot import Edits, Parameters, Snapshot
from visualizer.document.titles import titles_of
from visualizer.scene.film import Film
from visualizer.scene.learnt import Learnt
from visualizer.scene.sheet import Sheet
from visualizer.scene.view import View

Arrays = dict[str, NDArray[Any]]
Shapes = dict[str, tuple[int, ...]]
Ready = Mapping[tuple[object, ...], "Derived"]
ENCODING = (  # settings that shape the batch
    "arrangement",
    "tokens",
    "task",
    "reads",
    "readout",
    "padding",
    "standardise",
    "first",
    "steps",
    "feeding",
)


@dataclass(frozen=True, eq=False)
class Computed:
    """What one content of a snapshot leads to."""

    run: Run
    base: Arrays  # the parameters before anything is typed over: what a cell is given back to
    seconds: float = 0.0  # that it took, whatever else the machine did
    ahead: tuple[str, ...] = ()  # layers of a model that were run before the recurrence

    @cached_property
    def film(self) -> Film:
        return Film(self.run, self.ahead)


Part = tuple[Snapshot, Computed]
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Derived:
    """`snapshot` is the one asked for without what does not fit; `notice` says what was dropped,
    which is `dropped`, and which steps are recorded if not all are.
    `beside` is what the experiment beside it leads to, if there is one."""

    snapshot: Snapshot
    computed: Computed
    notice: str = ""
    beside: Computed | None = None
    dropped: str = ""

    @property
    def run(self) -> Run:
        return self.computed.run

    @property
    def film(self) -> Film:
        return self.computed.film

    @property
    def parts(self) -> tuple[Part, ...]:
        """Every experiment with what it leads to, the one in hand first."""
        mine = (self.snapshot, self.computed)
        if self.snapshot.beside is None or self.beside is None:
            return (mine,)
        return mine, (self.snapshot.beside, self.beside)

    def seen_as(self, other: Snapshot) -> Derived:
        """Looked at as another snapshot is."""
        view = sighted(other.view, self.run.batch, self.run.network)
        return replace(self, snapshot=self.snapshot.changed(view=view, playhead=other.playhead))

    @property
    def losses(self) -> tuple[float | None, ...]:
        """Of every experiment, the one in hand first."""
        return tuple(computed.run.recording.loss for _, computed in self.parts)


def derive(
    snapshot: Snapshot,
    before: Derived | None = None,
    watch: Watch = unwatched,
    tell: Tell = lambda words: None,
    ready: Ready = MappingProxyType({}),
) -> Derived:
    """Compute what `before` does not show already. Raises `Unusable` if it cannot be done.

    `watch` is told the share that is done, 0 … 1, and may raise to end the work; `tell`, what a
    large recording takes, before it is made. `ready` are experiments that were derived alone, by
    their `own`.
    """
    known = before.parts if before is not None else ()
    half = 0.5 if len(missing(snapshot, before)) > 1 else 1.0
    mine = _derive(snapshot, known, within(watch, 0.0, half), tell, ready)
    if snapshot.beside is None:
        return mine
    other = _derive(
        snapshot.beside, (*mine.parts[:1], *known), within(watch, half, 1.0), tell, ready
    )
    notice = other.notice and f"in the other experiment {other.notice}"
    return Derived(
        mine.snapshot.changed(beside=other.snapshot),
        mine.computed,
        "; ".join(filter(None, (mine.notice, notice))),
        other.computed,
    )


def sheet_of(derived: Derived) -> Sheet:
    """What is on the canvas: one film, or two with what tells them apart, the upper one first."""
    below = derived.snapshot.below
    parts = derived.parts[::-1] if below else derived.parts
    films = tuple(computed.film for _, computed in parts)
    learnt = tuple(Learnt(p.trained, p.update) if p.trained else None for p, _ in parts)
    if len(films) < 2:
        return Sheet(films, learnt=learnt)
    return Sheet(films, titles_of(parts[0][0], parts[1][0]), int(below), learnt)


def timed(snapshot: Snapshot, derived: Derived, old: Sheet, run: Run) -> Snapshot:
    """With the playhead where it was on a sheet with `run` in hand, told by the clock of two films
    or by that of one."""
    new = sheet_of(derived)
    moment = old.moment_within(old.hand, snapshot.playhead)
    runs = [film.run for film in new.films]
    place = runs.index(run) if run in runs else new.hand
    return snapshot.changed(playhead=new.moment_of(place, moment))


def missing(snapshot: Snapshot, before: Derived | None) -> tuple[Snapshot, ...]:
    """The experiments of a snapshot that `before` does not show, and that must be computed."""
    known = [part.own for part, _ in before.parts] if before is not None else []
    both = (snapshot,) if snapshot.beside is None else (snapshot, snapshot.beside)
    wanted = {part.own: part for part in both if part.own not in known}
    return tuple(wanted.values())


def _derive(
    snapshot: Snapshot, known: tuple[Part, ...], watch: Watch, tell: Tell, ready: Ready
) -> Derived:
    """One experiment, whatever stands beside it."""
    for part, computed in known:
        if part.own == snapshot.own:
            return Derived(snapshot, computed)
    if snapshot.own in ready:
        return _fitted(snapshot, ready[snapshot.own], known)
    begun = time.thread_time()
    batch = _batch(snapshot, known)
    network = network_of(snapshot.experiment, batch)
    needs = needs_of(network, batch.size, snapshot.experiment.dtype)
    if needs.bytes >= NOTABLE:
        tell(f"recording {needs.words}")
    fitting, dropped = _fit(snapshot, batch, network)
    starting, recording = within(watch, 0.05, 0.2), within(watch, 0.2, 1.0)
    base: Arrays = dict(fitting.parameters or initialise(fitting.experiment, network, starting))
    shapes = _shapes(fitting, batch, network)
    zeros = {name: np.zeros(shapes[name]) for name in _states(network)}
    sources = {**base, "x": batch.x, **zeros, **_first_states(fitting, shapes)}
    edited = _edited(fitting.edits, sources)
    fitting = fitting.changed(view=sighted(fitting.view, batch, network))
    run = record(
        batch,
        fitting.experiment,
        parameters={name: edited.get(name, array) for name, array in base.items()},
        states={**_first_states(fitting, shapes), **_edited_states(edited, network)},
        inputs=edited.get("x"),
        loss_weights=_loss_weights(fitting, batch),
        cotangents=_cotangents(fitting, batch, network),
        watch=recording,
    )
    ahead = snapshot.given.ahead if snapshot.given is not None else ()
    computed = Computed(run, base, time.thread_time() - begun, ahead)
    return _noticed(fitting, computed, dropped, known)


def _noticed(
    snapshot: Snapshot, computed: Computed, dropped: str, known: tuple[Part, ...]
) -> Derived:
    """With what the user should know, if it is news: that not all steps are recorded is said once,
    and stands beside the sequence."""
    window, words = computed.run.batch.window, dropped
    told = any(
        part.sequence is snapshot.sequence and other.run.batch.window is not None
        for part, other in known
    )
    if window is not None and not told and not snapshot.experiment.steps:
        some = f"{window.words} are recorded; choose others with --first and --steps"
        words = "; ".join(filter(None, (some, dropped)))
    return Derived(snapshot, computed, words, dropped=dropped)


def _fitted(snapshot: Snapshot, alone: Derived, known: tuple[Part, ...]) -> Derived:
    """A snapshot with what was found to fit of its experiment."""
    its, run = alone.snapshot, alone.run
    fitting = snapshot.changed(
        edits=its.edits,
        losses_off=its.losses_off,
        parameters=its.parameters,
        view=sighted(snapshot.view, run.batch, run.network),
    )
    return _noticed(fitting, alone.computed, alone.dropped, known)


def _batch(snapshot: Snapshot, known: tuple[Part, ...]) -> Batch:
    """The sequence encoded; a known batch if nothing differs that it is made from."""
    wanted = snapshot.experiment.meant()
    wired = snapshot.given.wired if snapshot.given is not None else None
    if wired is not None:
        return wired.batch(snapshot.sequence, snapshot.experiment)
    for part, computed in known:
        had = part.experiment.meant()
        same = part.sequence is snapshot.sequence and wanted.feeding == "teacher"
        if same and all(getattr(had, name) == getattr(wanted, name) for name in ENCODING):
            batch = computed.run.batch
            if batch.window == window_of(snapshot.sequence, snapshot.experiment):
                return batch
    return batch_of(snapshot.sequence, snapshot.experiment)


def _states(network: Network) -> tuple[str, ...]:
    slots = (slot for segment in network.segments for slot in segment.slots)
    return tuple(dict.fromkeys(slot.initial for slot in slots if slot.initial))


def _shapes(snapshot: Snapshot, batch: Batch, network: Network) -> Shapes:
    """Of every array that can be typed over."""
    named: Shapes = {}
    for name in _states(network):
        slots = [s for segment in network.segments for s in segment.slots if s.initial == name]
        named[name] = (len(slots), batch.size, slots[0].width)
    return {**network.parameters, **named, "x": batch.x.shape}


def _fit(snapshot: Snapshot, batch: Batch, network: Network) -> tuple[Snapshot, str]:
    """Without edits, switched-off losses and parameters that have no place; what was dropped."""
    dropped = []
    parameters = snapshot.parameters
    if parameters is not None and not _match(parameters, network):
        parameters = None
        dropped.append("the trained parameters")
    shapes = _shapes(snapshot, batch, network)
    if snapshot.experiment.meant().feeding != "teacher":
        del shapes["x"]  # what is read there is not for the hand to say
    edits = tuple(edit for edit in snapshot.edits if _inside(edit[0][1], shapes.get(edit[0][0])))
    if gone := len(snapshot.edits) - len(edits):
        dropped.append("one edited cell" if gone == 1 else f"{gone} edited cells")
    owned = {(t, b) for t, b in snapshot.losses_off if b < batch.size and 0 <= t < batch.stop[b]}
    if gone := len(snapshot.losses_off) - len(owned):
        dropped.append("one switched-off loss" if gone == 1 else f"{gone} switched-off losses")
    if not dropped:
        return snapshot, ""
    fitting = snapshot.changed(parameters=parameters, edits=edits, losses_off=frozenset(owned))
    them = "it" if len(dropped) == 1 and dropped[0].startswith("one ") else "them"
    return (
        fitting,
        f"{' and '.join(dropped)} did not fit any more and went; undo brings {them} back",
    )


def sighted(view: View | None, batch: Batch, network: Network) -> View | None:
    """The view, turned away from a node or a sequence that is not there."""
    if view is None:
        return None
    node = view.selected
    there = node is None or (
        0 <= node.segment < len(network.segments)
        and 0 <= node.t < network.segments[node.segment].steps
        and 0 <= node.slot < len(network.segments[node.segment].slots)
    )
    sequence = view.sequence if 0 <= view.sequence < batch.size else 0
    if there and sequence == view.sequence and view.hover is None:
        return view
    return replace(view, sequence=sequence, selected=node if there else None, hover=None)


def _match(parameters: Parameters, network: Network) -> bool:
    return {n: tuple(a.shape) for n, a in parameters.items()} == dict(network.parameters)


def _inside(index: tuple[int, ...], shape: tuple[int, ...] | None) -> bool:
    if shape is None or len(index) != len(shape):
        return False
    return all(0 <= i < extent for i, extent in zip(index, shape, strict=True))


def _edited(edits: Edits, sources: Arrays) -> Arrays:
    """Copies of the arrays in which something was typed over."""
    found: Arrays = {}
    for (target, index), value in edits:
        if target not in found:
            found[target] = np.array(sources[target], np.float64)
        found[target][index] = value
    return found


def _edited_states(edited: Arrays, network: Network) -> Arrays:
    return {name: edited[name] for name in _states(network) if name in edited}


def _first_states(snapshot: Snapshot, shapes: Shapes) -> Arrays:
    """The first states that came with a model, where they fit."""
    given = snapshot.given.states if snapshot.given is not None else {}
    return {n: np.asarray(a) for n, a in given.items() if a.shape == shapes.get(n)}


def _cotangents(snapshot: Snapshot, batch: Batch, network: Network) -> Cotangents | None:
    """The loss of a network that has no targets: what came with the model, else Σ y_T."""
    if batch.kind != "none" or not any(s.kind == "layer" for s in network.segments):
        return None
    given = snapshot.given.cotangents if snapshot.given is not None else Cotangents()
    return given if given and given.fit(network, batch) else of_the_last(network, batch)


def _loss_weights(snapshot: Snapshot, batch: Batch) -> NDArray[np.float64] | None:
    if not snapshot.losses_off:
        return None
    weights = np.ones((batch.steps, batch.size))
    for place in snapshot.losses_off:
        weights[place] = 0.0
    return weights
