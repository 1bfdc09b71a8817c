"""From whatever describes a sequence to the batch that a network reads, and that network.

Which steps of a long sequence these are is decided here; recording them is `engine.door`'s.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeGuard

from engine.arrangements import ARRANGEMENTS
from engine.arrangements.building import Shape
from engine.arrangements.pictures import picture_of
from engine.blank import blank_of
from engine.errors import Unusable
from engine.experiment import Experiment
from engine.expression.feeding import formula_batch
from engine.fitting import Needs, needs_of, refuse_what_does_not_fit, steps_that_fit
from engine.sequences import Batch, Sequence, encode, read, typed
from engine.sequences.ragged import as_arranged, read_once, run_out
from engine.sequences.tasks import steps_made
from engine.sequences.window import Window
from engine.template import Network

What = str | list[str] | tuple[str, ...] | Path | Sequence | Batch
SURE = 2000  # steps up to which all are recorded and nobody counts


def _are_texts(what: object) -> TypeGuard[list[str]]:
    return isinstance(what, list | tuple) and all(isinstance(each, str) for each in what)


def sequence_of(what: What, experiment: Experiment) -> Sequence:
    """Whatever describes a sequence, read: text is typed text."""
    if isinstance(what, Path):
        return read(what, tokens=experiment.tokens)
    if isinstance(what, str) or _are_texts(what):
        return typed(what, "words" if experiment.tokens == "auto" else experiment.tokens)
    if not isinstance(what, Sequence):
        raise Unusable(
            f"a sequence is a text, a list of texts, a Path or a Sequence, got {what!r:.60}; "
            "numbers come from engine.read, or as a Sequence of series"
        )
    return what


def batch_of(what: What, experiment: Experiment) -> Batch:
    """Whatever describes a sequence, encoded as the experiment asks: text is typed text."""
    if isinstance(what, Batch):
        return what
    what = sequence_of(what, experiment)
    if experiment.arrangement == "expression":
        return formula_batch(what)
    meant = experiment.meant()
    if meant.readout == "after" and meant.arrangement not in ("recurrent", "encoder-decoder"):
        raise Unusable(
            f"writing after all was read goes on from a state, and {meant.arrangement} has none; "
            "choose --arrangement recurrent or --readout every",
            exit=2,
        )
    if meant.feeding == "own" and meant.arrangement == "recurrent":
        return _as_it_is_read(blank_of(what, meant), meant)
    return _encoded(what, meant, window_of(what, meant))


def _encoded(sequence: Sequence, meant: Experiment, window: Window | None) -> Batch:
    batch = encode(
        sequence,
        tokens=meant.tokens,
        task=meant.task,
        readout=meant.readout,
        standardise=meant.standardise,
        fed=meant.arrangement == "encoder-decoder",
        window=window,
    )
    return _as_it_is_read(batch, meant)


def window_of(sequence: Sequence, experiment: Experiment) -> Window | None:
    """The steps that the settings ask for, or else as many as fit; None: all of them."""
    meant = experiment.meant()
    if not _parted(meant):
        return None
    made = steps_made(sequence, meant.tokens, meant.task)
    whole, low, latest = max(made), meant.first - 1, max(min(made) - 1, 1)
    if not low and not meant.steps and whole <= SURE:
        return None
    if low >= latest:
        which = "the shortest series" if len(made) > 1 else "the sequence"
        raise Unusable(
            f"first must be 1..{latest:,}, since {which} has {min(made):,} steps and at least two "
            f"of them are read; got {low + 1:,}",
            exit=2,
        )
    steps = meant.steps or steps_that_fit(
        whole, _needs(sequence, meant, Window(low, low + 1, whole))
    )
    window = Window(low, min(low + steps, whole), whole)
    return None if window.everything else window


def _parted(meant: Experiment) -> bool:
    """Whether some of the steps can be recorded without the others."""
    whole = meant.arrangement == "expression" or meant.readout == "after"
    return not whole and meant.feeding != "own"


def needs_for(sequence: Sequence, experiment: Experiment) -> Needs:
    """What a recording will take, before anything is made; Unusable as `batch_of` is."""
    meant = experiment.meant()
    if not _parted(meant):
        batch = batch_of(sequence, meant)
        return needs_of(_network(meant, batch, batch.steps), batch.size, meant.dtype)
    whole = max(steps_made(sequence, meant.tokens, meant.task))
    window = window_of(sequence, meant) or Window(0, whole, whole)
    few = Window(window.low, window.low + 1, whole)
    return _needs(sequence, meant, few)(window.steps)


def _needs(sequence: Sequence, meant: Experiment, few: Window) -> Callable[[int], Needs]:
    """What so many steps take, as a few of them tell."""
    # what numbers are standardised by says nothing here, and takes a look at all of them
    batch = _encoded(sequence, meant.changed(standardise=False), few)
    return lambda steps: needs_of(_network(meant, batch, steps), batch.size, meant.dtype)


def _as_it_is_read(batch: Batch, meant: Experiment) -> Batch:
    """Entered late, run over its padding, read once: as the settings have it."""
    batch = as_arranged(batch, meant.arrangement)
    if meant.arrangement == "per-layer" and meant.padding == "mask":
        raise Unusable(
            "own weights in every layer have no state to hold; choose --padding pack or pad", exit=2
        )
    if meant.padding != "pack":
        batch = run_out(batch, masked=meant.padding == "mask")
    return read_once(batch) if meant.reads == "first" else batch


def network_of(experiment: Experiment, batch: Batch) -> Network:
    """The network that an experiment makes for a batch; Unusable if it cannot be held."""
    if batch.wired is not None:
        network = batch.wired.network(experiment, batch)
    else:
        network = _network(experiment, batch, batch.steps)
    refuse_what_does_not_fit(needs_of(network, batch.size, experiment.dtype))
    return network


def _network(experiment: Experiment, batch: Batch, steps: int) -> Network:
    """The same for a batch that has other steps."""
    loss = experiment.loss
    if loss == "auto":
        loss = "cross-entropy" if batch.kind == "class" else "squared-error"
    if (loss == "cross-entropy") != (batch.kind == "class") and batch.kind != "none":
        raise Unusable(
            f"loss {loss} does not fit {batch.kind} targets; cross-entropy is for classes, "
            "squared-error for numbers; use --loss auto",
            exit=2,
        )
    outputs = 0 if batch.kind == "none" else batch.outputs
    row = ARRANGEMENTS.get(experiment.arrangement)
    if row is None:
        raise Unusable(
            f"arrangement must be one of {', '.join(ARRANGEMENTS)}; got {experiment.arrangement!r}",
            exit=2,
        )
    picture, inputs = picture_of(batch), batch.x.shape[2]
    shape = Shape(steps, inputs, outputs, loss, batch.turn, picture, batch.formula)
    return row.make(experiment.meant(), shape)
