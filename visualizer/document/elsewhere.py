"""Experiments derived in another process: what goes there, what comes back, how long it may take.

The sequence and trained parameters stay on both sides and are not sent back. Processes are the
engine's `worker`; when one is asked is decided by the clock of the window.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.batching import needs_for
from engine.errors import Unusable
from engine.fitting import MOST_NODES, WINDOW
from engine.models.suffixes import may_be_model
from engine.sequences import Sequence, read
from engine.sequences.source import Reading
from engine.sequences.together import read_together
from engine.watching import Watch, within
from visualizer.document import session
from visualizer.document.atomic import replace_file
from visualizer.document.derive import Computed, Derived, derive, missing, sheet_of, sighted
from visualizer.document.snapshot import Edits, Snapshot
from visualizer.document.thumbnail import Draw, small_picture
from visualizer.scene.compose import compose, fit
from visualizer.scene.film import Film
from visualizer.scene.sheet import Sheet

Size = tuple[int, int]
Loaded = session.Stored | Sequence | Snapshot
Losses = tuple[float | None, ...]
LARGE = 300_000  # bytes of a file that are read in a twentieth of a second
LARGE_ARRAYS = 30_000_000  # the same of a file that is nothing but arrays
ARRAYS = (".safetensors", ".npz", ".npy", ".pt", ".pth")
LARGE_SAVED = 3_000_000  # bytes that are packed, read back and written in as much
DRAWN = 0.15  # s of a recording whose small picture takes as long
PER_STEP, PER_PRODUCT = 40e-6, 1.2e-9  # seconds, on one slow core
PER_WEIGHT = 1.2e-7  # drawing a parameter, and its gradient
COUNTED = 100_000  # characters of text whose words are counted; of a longer one about one in six
NODES = 13  # of a step, about
RECORDED = 0.8  # of the work; the rest is what is wanted besides
LEAST_SHARE = 0.3  # of what is expected, however fast another recording was: it may be a large one
UNSURE = 0.02  # s; what was expected and what it took say little of each other below


@dataclass(frozen=True, eq=False)
class Made:
    """What one experiment leads to; `edits` and `losses_off` are those that fit."""

    edits: Edits
    losses_off: frozenset[tuple[int, int]]
    parameters_fit: bool
    dropped: str
    computed: Computed


_here: list[tuple[Snapshot, Derived]] = []  # in the other process: what it has derived last


def make(parts: tuple[Snapshot, ...], size: Size, watch: Watch) -> tuple[Made, ...]:
    """Derive each of these experiments, and what its film keeps of the first picture in a graph of
    this size. Runs elsewhere."""
    made = []
    for k, part in enumerate(parts):
        mine = within(watch, k / len(parts), (k + 1) / len(parts))
        derived = _derived(part, within(mine, 0.0, RECORDED))
        mine(RECORDED)
        _look(derived.film, part, size)
        mine(1.0)
        its = derived.snapshot
        fits = its.parameters is part.parameters
        made.append(Made(its.edits, its.losses_off, fits, derived.dropped, derived.computed))
    return tuple(made)


def _look(film: Film, part: Snapshot, size: Size) -> None:
    """Compose what will be seen; the picture is not kept, what it needed is."""
    view = sighted(part.view, film.run.batch, film.network) or fit(film, *size)
    compose(film, film.frame_at(part.playhead), view, *size)


def _derived(part: Snapshot, watch: Watch) -> Derived:
    ready = {asked.own: derived for asked, derived in _here}
    known = _here[-1][1] if _here else None
    if part.own not in ready:
        _here[:] = _here[-1:]  # two may be compared; a third would only take memory
    derived = derive(part, known, watch, ready=ready)
    if part.own not in ready:
        _here.append((part, derived))
    return derived


def work_out(
    parts: tuple[Snapshot, ...], call: Callable[..., Any], args: tuple[Any, ...], watch: Watch
) -> tuple[Any, ...]:
    """`call(film, *args)` for the film of each of these experiments. Runs elsewhere."""
    found = []
    for part in parts:
        film = _derived(part, within(watch, 0.0, 0.0)).film
        watch(0.0)
        found.append(call(film, *args))
    return tuple(found)


def sheet_here(snapshot: Snapshot, watch: Watch) -> Sheet:
    """What is on the canvas of a snapshot. Runs elsewhere."""
    parts = [part.alone for part in missing(snapshot, None)]
    ready = {part.own: _derived(part, watch) for part in parts}
    return sheet_of(derive(snapshot, ready=ready))


def joined(
    snapshot: Snapshot, before: Derived | None, parts: Iterable[Snapshot], made: Iterable[Made]
) -> Derived:
    """The whole of a snapshot, of whose `parts` those that were missing have been made."""
    ready = {}
    for part, its in zip(parts, made, strict=True):
        fitting = part.alone.changed(edits=its.edits, losses_off=its.losses_off)
        if not its.parameters_fit:
            fitting = fitting.changed(parameters=None)
        ready[part.own] = Derived(fitting, its.computed, dropped=its.dropped)
    return derive(snapshot, before, ready=ready)


def loaded(path: str, shown: Sequence | None, inputs: str | None, watch: Watch) -> Loaded:
    """The session in a file; the model, on the file of `inputs`, or on the numbers that are `shown`
    if it reads as many; or the sequence. Runs elsewhere."""
    if Path(path).suffix.lower() == session.SUFFIX:
        return session.load(path)
    if may_be_model(path):
        from visualizer.document import modelled

        if modelled.holds_model(Path(path)):
            watch(0.0)
            if inputs is not None:
                return modelled.snapshot_of_model(Path(path), inputs=Path(inputs))
            return modelled.snapshot_for(Path(path), shown)
    return read(path)


def read_files(paths: tuple[str, ...], reading: Reading, watch: Watch) -> Sequence:
    """The sequence in a file, read as said; several are one batch. Runs elsewhere."""
    watch(0.0)
    if len(paths) == 1 and reading == Reading():
        return read(paths[0])
    return read_together([Path(path) for path in paths], reading)


def saved(snapshot: Snapshot, losses: Losses, draw: Draw | None, path: str, watch: Watch) -> None:
    """Write the session of a snapshot whose runs have these losses. Runs elsewhere."""
    drawing, writing = within(watch, 0.0, 0.4), within(watch, 0.6, 1.0)
    picture = small_picture(draw, snapshot, lambda: sheet_here(snapshot, drawing))
    watch(0.4)
    session.save(path, session.pack(snapshot, *losses, thumbnail=picture), writing)


def copied(snapshot: Snapshot, losses: Losses, path: str, copy: str, watch: Watch) -> None:
    """Write a copy, of a session that is saved at `path`. Runs elsewhere."""
    watch(0.0)
    data = session.pack(snapshot, *losses, path=path)
    watch(0.5)
    replace_file(copy, data)


def saves_long(snapshot: Snapshot) -> bool:
    """Whether saving would hold up whoever waits for it: its arrays are large, or what its small
    picture shows."""
    both = (snapshot,) if snapshot.beside is None else (snapshot, snapshot.beside)
    return any(_bytes(each) > LARGE_SAVED or seconds(each) > DRAWN for each in both)


def _bytes(snapshot: Snapshot) -> int:
    """About how many the arrays of a session have; of numbers in a file as if they were read."""
    series = sum(8 * math.prod(each.shape) for each in snapshot.sequence.series)
    return series + sum(array.nbytes for array in (snapshot.parameters or {}).values())


def arrays_of(snapshot: Snapshot) -> tuple[object, ...]:
    """What the other process keeps of a snapshot, so that it is sent once."""
    both = (snapshot,) if snapshot.beside is None else (snapshot, snapshot.beside)
    held = [x for each in both for x in (each.sequence, each.parameters, each.given)]
    return tuple(each for each in held if each is not None)


def takes_long(path: Path) -> bool:
    """Whether reading a file would hold up whoever waits for it."""
    try:
        large = LARGE_ARRAYS if path.suffix.lower() in ARRAYS else LARGE
        return path.stat().st_size > large
    except OSError:  # whoever reads it says why
        return False


# ---- how long it may take


def expected(snapshot: Snapshot, before: Derived | None) -> float:
    """About how many seconds it takes to derive what `before` does not show already."""
    wanted = sum(seconds(part) for part in missing(snapshot, before))
    if before is None or not wanted:
        return wanted
    guessed = sum(seconds(part) for part, _ in before.parts)
    took = sum(computed.seconds for _, computed in before.parts)
    if not took:
        return wanted
    return wanted * max((took + UNSURE) / (guessed + UNSURE), LEAST_SHARE)


def seconds(snapshot: Snapshot) -> float:
    """About how long a recording takes, before any has been made."""
    experiment, steps = snapshot.experiment, steps_of(snapshot)
    products = 12 * experiment.hidden**2 * snapshot.sequence.count
    weights = 4 * experiment.hidden**2
    each = steps * (PER_STEP + PER_PRODUCT * products) + PER_WEIGHT * weights
    return experiment.layers * each


def steps_of(snapshot: Snapshot) -> int:
    """About how many steps are recorded; characters count as steps, words as one in six."""
    sequence, experiment = snapshot.sequence, snapshot.experiment
    whole = _length(sequence, experiment.tokens)
    rest = max(whole - experiment.first + 1, 1)
    if experiment.steps:
        return min(rest, experiment.steps)
    return rest if whole <= MOST_NODES // NODES else min(rest, WINDOW)


def _length(sequence: Sequence, tokens: str) -> int:
    if sequence.kind != "text":
        return max((len(s) for s in sequence.series), default=0)
    words = (sequence.tokens if tokens == "auto" else tokens) == "words"
    longest = max((len(text) for text in sequence.texts), default=0)
    if words and longest <= COUNTED:
        return max((len(text.split()) for text in sequence.texts), default=0)
    return longest // 6 if words else longest


def named(snapshot: Snapshot) -> str:
    """What is recorded, how much that is, and what memory it takes."""
    try:
        return f"Recording {needs_for(snapshot.sequence, snapshot.experiment).words}"
    except Unusable:  # whoever records it says why
        return f"Recording {steps_of(snapshot):,} steps"
