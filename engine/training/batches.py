"""What each update reads: all series, some of them, windows of a stream, or fresh sequences.

`draw(update)` is a function of the number of the update (from 0) and the seed alone, so that every
update can be gone back to. Encoding stands in `engine.sequences`; who asks is `trainer`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.batching import batch_of
from engine.errors import Unusable
from engine.experiment import Experiment
from engine.sequences import TASKS, Batch, Sequence, natural_task
from engine.sequences.generated import Generated, as_sequence, check_length
from engine.sequences.sequence import Integers, Wires
from engine.training.drawn import Batches, Drawn
from engine.training.streams import Stream
from engine.training.training import Training


class Series:
    """All series at every update, or `size` of them in an order that is new in every pass."""

    def __init__(self, whole: Batch, training: Training, size: int) -> None:
        held = held_series(whole.size, training.held_out)
        self.whole = whole
        self.shuffle = training.shuffle
        self.own = whole.size - held
        self.size = min(size, self.own)
        self.first = picked(whole, np.arange(self.size))
        all_of = self.size == self.own
        self.about = f"all {self.own} series" if all_of else f"{self.size} of {self.own} series"
        self._held = np.arange(self.own, whole.size)

    @property
    def per_pass(self) -> int:
        return -(-self.own // self.size)

    def draw(self, update: int) -> Drawn:
        if self.size == self.own:
            return Drawn(self.first.targets, batch=self.first)
        batch = self.batch(update)
        return Drawn(batch.targets, batch=batch)

    def batch(self, update: int) -> Batch:
        if self.size == self.own:
            return self.first
        lap, place = divmod(update, self.per_pass)
        order = np.random.default_rng([self.shuffle, lap]).permutation(self.own)
        # the last of a pass is filled up from its beginning
        return picked(self.whole, np.resize(order, self.per_pass * self.size)[self._at(place)])

    def _at(self, place: int) -> slice:
        return slice(place * self.size, (place + 1) * self.size)

    def held_out(self) -> list[Drawn]:
        """In parts as large as a batch; what fills the last one up has no weight."""
        found = []
        for low in range(0, len(self._held), self.size):
            part = self._held[low : low + self.size]
            batch = picked(self.whole, np.resize(part, self.size))
            factors = np.ones(batch.weights.shape)
            factors[:, len(part) :] = 0.0
            found.append(Drawn(batch.targets, batch=batch, factors=factors))
        return found


def held_series(count: int, share: float) -> int:
    """How many of so many series are held out, the last ones."""
    if not share:
        return 0
    if count < 2:
        raise Unusable(
            "one series cannot be parted into trained and held out; give several, "
            "--batches stream, or --held-out 0",
            exit=2,
        )
    return min(max(round(count * share), 1), count - 1)


def picked(batch: Batch, columns: Integers) -> Batch:
    """Some of the sequences of a batch, in this order, as long as the longest of all."""
    chosen = columns.tolist()
    return replace(
        batch,
        x=batch.x[:, columns],
        start=batch.start[columns],
        stop=batch.stop[columns],
        targets=batch.targets[:, columns],
        weights=batch.weights[:, columns],
        labels=tuple(batch.labels[b] for b in chosen) if batch.labels else (),
        target_labels=tuple(batch.target_labels[b] for b in chosen) if batch.target_labels else (),
        read_stop=None if batch.read_stop is None else batch.read_stop[columns],
        real=None if batch.real is None else batch.real[columns],
    )


class Fresh:
    """New sequences of a generated task at every update."""

    def __init__(self, task: Generated, training: Training, experiment: Experiment) -> None:
        check_length(task, training.length)
        self.task = task
        self.steps = training.length
        self.size = training.batch_size
        self.seed = training.shuffle
        self.held = training.held_out
        sequence = as_sequence(task, *task.draw(self._rng(0), self.size, self.steps))
        self.first = self.whole = batch_of(sequence, experiment)
        self.about = f"{self.size} fresh sequences of {self.steps} steps"

    @property
    def per_pass(self) -> int:
        return 0

    def _rng(self, update: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, update])

    def draw(self, update: int) -> Drawn:
        x, targets = self.task.draw(self._rng(update), self.size, self.steps)
        return Drawn(targets, x=x)

    def held_out(self) -> list[Drawn]:
        """Sequences that no update reads: the seed before the first update's."""
        if not self.held:
            return []
        rng = np.random.default_rng([self.seed, 0, 1])
        return [
            Drawn(targets, x=x)
            for x, targets in (self.task.draw(rng, self.size, self.steps) for _ in range(4))
        ]

    def batch(self, update: int) -> Batch:
        drawn = self.draw(update)
        assert drawn.x is not None
        return replace(self.first, x=drawn.x, targets=drawn.targets)


def supply(
    what: Sequence | Batch,
    task: Generated | None,
    experiment: Experiment,
    training: Training,
    wired: Wires | None = None,
) -> Batches:
    """The batches that the settings ask for, of a model of another program as it reads them;
    Unusable where the data has no such."""
    if task is not None:
        return Fresh(task, training, experiment)
    if wired is not None and isinstance(what, Sequence):
        whole = wired.batch(what, experiment)
    elif isinstance(what, Sequence) and _streams(what, experiment, training):
        return Stream(what, experiment, training)
    else:
        whole = batch_of(what, experiment)
    if training.batches == "stream":
        raise Unusable(
            "a stream is what comes next, at every step, of a text or of one long series, read "
            "forwards by a recurrent network; choose --batches mini or full",
            exit=2,
        )
    size = whole.size if training.batches == "full" else training.batch_size
    return Series(whole, training, size)


def _streams(what: Sequence, experiment: Experiment, training: Training) -> bool:
    meant = experiment.meant()
    row = TASKS[meant.task] if meant.task != "auto" else natural_task(what)
    able = (
        (meant.arrangement, meant.readout, meant.reads) == ("recurrent", "every", "every")
        and meant.direction == "forward"
        and row.id == "next"
    )
    if training.batches == "stream" or not able:
        return able and training.batches == "stream"
    long = what.kind == "text" and sum(map(len, what.texts)) > 4 * training.window
    return training.batches == "auto" and long and what.tokens == "characters"
