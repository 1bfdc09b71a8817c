"""Training itself: one update after another, each with a report. `engine.train` is `train`.

What an update reads is in `batches`, what it changes in `optimizers`, what is left in `trained`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from engine.batching import What, network_of, sequence_of
from engine.door import Array, clip_factor
from engine.errors import Unusable
from engine.experiment import Experiment
from engine.feeding import feed
from engine.parameters import initialise
from engine.sequences import Sequence
from engine.sequences.generated import GENERATED, drawn
from engine.sequences.sequence import Wires
from engine.training.batches import supply
from engine.training.choosing import Manner
from engine.training.drawn import Drawn
from engine.training.generation import write
from engine.training.history import History, Kept, Log, Report
from engine.training.machine import Machine
from engine.training.optimizers import Changes
from engine.training.sampling import Sampler, coins_of, with_inputs
from engine.training.schedules import rate_factor, truth_probability
from engine.training.standing import Standing, alike, standing_of
from engine.training.trained import Trained
from engine.training.training import Training, training_settings
from engine.training.writer import refuse_what_cannot_write

Arrays = dict[str, Array]
SAMPLE_LENGTH, SAMPLE_TEMPERATURE = 150, 0.8
MOST_UPDATES = 1_000_000  # of one training, as its setting has it
NO_TARGET = "this model has no target to learn from; choose a task with --task next"


class Trainer:
    """Iterate over it: every turn is an update, and gives its `Report`.

    One may stop at any moment and go on later; `trained()` is always of use. `what` is a sequence
    in any form that `engine.run` takes, or the id of a generated task. `resumed`: an earlier
    training of the same network, which goes on for as many updates more. `wired`: a model of
    another program that is the network. Raises `Unusable`.
    """

    def __init__(
        self,
        what: What,
        experiment: Experiment | None = None,
        training: Training | None = None,
        *,
        parameters: Arrays | None = None,
        resumed: Trained | None = None,
        wired: Wires | None = None,
    ) -> None:
        self.task = GENERATED.get(what) if isinstance(what, str) else None
        experiment = experiment or Experiment()
        if self.task is not None:
            experiment = experiment.changed(**self.task.settings)
        # what is read while learning is the training's choice
        self.experiment = experiment.taught.meant()
        self.training = training or Training()
        self.sequence = self._sequence(what)
        self.wired = wired
        self.batches = supply(self.sequence, self.task, self.experiment, self.training, wired)
        before = resumed.parameters if resumed is not None else None
        self.machine = self._machine(parameters or before)
        self.changes = Changes(
            self.training.optimizer, self.training.momentum, self.machine.parameters
        )
        first, start = self.batches.first, self.machine.parameters
        if self.training.sample_every:
            refuse_what_cannot_write(self.experiment, first)
        sampled = self.training.sampling != "teacher"
        self.sampler = Sampler(self.experiment, first, start) if sampled else None
        self._begin(resumed.history if resumed is not None else None)
        self.ended = ""
        self.failed = False  # whether something was not finite
        self._held = self.batches.held_out()
        self._sound = _copies(self.machine.parameters)  # with which the last loss was finite
        self._best: tuple[float, Arrays] | None = None
        self._waited = 0
        self._previous: Arrays = {}
        if resumed is not None and resumed.standing is not None:
            self._resume(resumed.standing)

    def _begin(self, before: History | None) -> None:
        size = sum(array.nbytes for array in self.machine.parameters.values())
        self.log = Log(self.training, size, before)
        self.begun = self.update = self.log.count
        self.until = self.update + self.training.updates
        # as schedules see it: with all updates that there will have been
        self._whole = replace(self.training, updates=min(self.until, MOST_UPDATES))
        spent = float(before.curves["seconds"][-1]) if before and len(before.updates) else 0.0
        self._since = time.perf_counter() - spent

    def _resume(self, standing: Standing) -> None:
        standing.resume(self.changes)
        states = self.machine.carried()
        if alike({n: [a] for n, a in states.items()}, {n: [a] for n, a in standing.states.items()}):
            self.machine.restore(dict(standing.states))
        if not self.experiment.zeroing:
            self._previous = _copies(dict(standing.unzeroed))

    def _sequence(self, what: What) -> Sequence:
        if self.task is None:
            return sequence_of(what, self.experiment)
        return drawn(self.task.id, self.training.length, seed=self.training.shuffle)

    def _machine(self, parameters: Arrays | None) -> Machine:
        first = self.batches.first
        if first.kind == "none" or self.experiment.arrangement == "expression":
            raise Unusable(self.wired.untaught if self.wired is not None else NO_TARGET, exit=2)
        start = parameters or initialise(self.experiment, network_of(self.experiment, first))
        tokens = self.batches.draw(0).tokens is not None
        return Machine(self.experiment, first, start, self.batches.whole, tokens)

    def __iter__(self) -> Iterator[Report]:
        while self.update < self.until and not self.ended:
            yield self.step()

    # -------------------------------------------------------------- one update

    def step(self) -> Report:
        """One update. Where something is not finite, nothing is changed and `ended` says what."""
        with np.errstate(all="ignore"):  # it is found and said
            return self._step()

    def _step(self) -> Report:
        machine, i = self.machine, self.update
        self._load(i)
        if self.log.kept.wants(i):
            self.log.keep(Kept(i, _copies(machine.parameters), machine.carried()))
        machine.run()
        loss, bare = machine.loss()
        gradients = self._gradients()
        norm = _norm(gradients)
        if not np.isfinite(loss) or not np.isfinite(norm):
            return self._failed(loss)
        for name, array in machine.parameters.items():
            np.copyto(self._sound[name], array)
        factor = self._clip(gradients, norm)
        rate = self.experiment.learning_rate * rate_factor(self._whole, i)
        norms, gates = machine.norms(), machine.saturation()
        self.changes.apply(gradients, rate)
        machine.carry()
        self.update += 1
        return self._told(
            Report(
                update=i,
                loss=loss,
                mean=bare / max(float(machine.counted.sum()), 1.0),
                gradient_norm=norm,
                clip_factor=factor,
                norms=norms,
                saturation=sum(gates.values()) / max(len(gates), 1),
                gates=gates,
                rate=rate,
                probability=truth_probability(self.training, i),
                seconds=time.perf_counter() - self._since,
                held_out=self._measured(),
                sample=self._sample(),
                ended=self.ended,
            )
        )

    def _load(self, i: int) -> None:
        drawn = self.batches.draw(i)
        self.machine.load(drawn)
        if self.sampler is None:
            return
        batch = drawn.batch
        truth = drawn.tokens if drawn.tokens is not None else drawn.x
        if batch is not None:
            truth = batch.x.argmax(-1) if batch.kind == "class" else batch.x
        assert truth is not None
        states = self.machine.carried()
        share, coins = truth_probability(self.training, i), coins_of(self.training.shuffle, i)
        mixed = self.sampler.mixed(truth, share, coins, self.machine.parameters, states)
        if batch is not None:
            feed(self.machine.plan, with_inputs(batch, mixed).x)
        elif truth.ndim == 2:
            self.machine.read_tokens(mixed.read)
        else:
            feed(self.machine.plan, mixed.read)

    def _told(self, report: Report) -> Report:
        self.log.add(report)
        return report

    def _gradients(self) -> Arrays:
        """As the parameter rule leaves them, in arrays that may be written over."""
        gradients = self.machine.gradients
        if self.experiment.rule == "overwrite":
            gradients = _copies(self.machine.recording("overwrite").gradients)
        if not self.experiment.zeroing:
            for name, before in self._previous.items():
                np.add(gradients[name], before, out=gradients[name])
            self._previous = _copies(gradients)
        return gradients

    def _clip(self, gradients: Arrays, norm: float) -> float:
        """Clip in place; the factor, or by value the share of entries that were within."""
        if self.experiment.clip == "value":
            at = self.experiment.clip_at
            within = sum(int((np.abs(g) <= at).sum()) for g in gradients.values())
            for g in gradients.values():
                np.clip(g, -at, at, out=g)
            return within / sum(g.size for g in gradients.values())
        factor = clip_factor(self.experiment, norm)
        if factor < 1:
            for g in gradients.values():
                np.multiply(g, factor, out=g)
        return factor

    def _failed(self, loss: float) -> Report:
        """The last sound parameters come back; the report says which node was first."""
        node = self.machine.first_not_finite() or "the gradient"
        for name, array in self.machine.parameters.items():
            np.copyto(array, self._sound[name])
        rate = self.experiment.learning_rate * rate_factor(self._whole, self.update)
        self.failed = True
        self.ended = (
            f"at update {self.update + 1} {node} was the first that is not finite, and training "
            f"stopped; the parameters before it are kept: give a --learning-rate below {rate:g} "
            "or --clip norm"
        )
        nothing = np.zeros_like(self.machine.norms())
        seconds = time.perf_counter() - self._since
        return self._told(
            Report(
                self.update, loss, loss, np.nan, 1.0, nothing, 0.0, rate, 1.0, seconds,
                ended=self.ended,
            )
        )  # fmt: skip

    # -------------------------------------------------------------- held out

    def _measured(self) -> float | None:
        """The held-out loss after this update, when it is time; patience may end here."""
        last = self.update == self.until
        if not self._held or (self.update % self.training.measure_every and not last):
            return None
        found = self.held_out()
        if self.training.patience:
            if self._best is None or found < self._best[0]:
                self._best, self._waited = (found, _copies(self.machine.parameters)), 0
            else:
                self._waited += 1
            if self._waited >= self.training.patience:
                self.ended = (
                    f"the held-out loss did not fall in {self._waited} measurements; the "
                    f"parameters with the lowest, {self._best[0]:.4g}, are kept"
                )
        return found

    def held_out(self) -> float:
        """The mean loss of what is held out, with the parameters as they are."""
        return self.measured(self._held)

    def measured(self, parts: list[Drawn]) -> float:
        """The mean of the losses that count over `parts`; the states between updates stay."""
        states, total, count = self.machine.carried(), 0.0, 0.0
        for part in parts:
            self.machine.load(part)
            self.machine.run(backward=False)
            total += self.machine.loss()[1]
            count += float(self.machine.counted.sum())
            self.machine.carry()
        self.machine.restore(states)
        return total / max(count, 1.0)

    # -------------------------------------------------------------- what is left

    def _sample(self) -> str:
        """What the network writes after this update, when it is time."""
        every = self.training.sample_every
        if not every or self.update % every:
            return ""
        manner = Manner(temperature=SAMPLE_TEMPERATURE)
        first = self.batches.first
        written = write(self.trained(), first, "", SAMPLE_LENGTH, manner, self.update)
        rows = [" ".join(f"{v:.4g}" for v in row) for row in written.numbers[:12].tolist()]
        return "; ".join(rows) or written.text

    def trained(self) -> Trained:
        """What was learnt so far."""
        standing = None
        if self._best is None and not self.failed:
            standing = standing_of(self.changes, self.machine.carried(), self._previous)
        return Trained(
            self.experiment,
            self.training,
            self.sequence,
            self.learnt(),
            self.log.history(),
            self.task.id if self.task is not None else "",
            standing,
            self.wired,
        )

    def learnt(self) -> Arrays:
        """The parameters so far, in copies; the best ones where training is patient."""
        return _copies(self.machine.parameters if self._best is None else self._best[1])


def train(
    what: What,
    experiment: Experiment | None = None,
    training: Training | None = None,
    *,
    parameters: Arrays | None = None,
    report: Callable[[Report], object] = lambda report: None,
    stop: Callable[[], bool] = lambda: False,
    **changes: object,
) -> Trained:
    """Train on `what` until all updates are done, or `stop()` says so; `report` is told of each.

    `changes` are settings of the training (`updates=300`) or the experiment (`cell="lstm"`).
    """
    names = {row.name for row in training_settings()}
    training = (training or Training()).changed(**{n: v for n, v in changes.items() if n in names})
    experiment = (experiment or Experiment()).changed(
        **{n: v for n, v in changes.items() if n not in names}
    )
    trainer = Trainer(what, experiment, training, parameters=parameters)
    for each in trainer:
        report(each)
        if stop():
            break
    return trainer.trained()


def _copies(arrays: Arrays) -> Arrays:
    return {name: array.copy() for name, array in arrays.items()}


def _norm(gradients: Arrays) -> float:
    return float(np.sqrt(sum(float(np.vdot(g, g)) for g in gradients.values())))
