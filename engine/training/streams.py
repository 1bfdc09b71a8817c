"""Windows of one long series or text, side by side, the states carried from one to the next.

Other supplies of data are in `batches`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.door import Array
from engine.errors import Unusable
from engine.experiment import Experiment
from engine.sequences import Batch, Sequence
from engine.sequences.inputs import Inputs, inputs_of
from engine.sequences.wording import shown
from engine.training.drawn import Drawn
from engine.training.training import Training


class Stream:
    """Windows of a long series, `size` of them side by side, each going on where it stopped.

    Several texts follow one another, the stop token after each; after the last window all streams
    begin again, with states of 0, where `moved` says so elsewhere. Numbers are not moved: behind
    their end comes not their beginning.
    """

    def __init__(self, sequence: Sequence, experiment: Experiment, training: Training) -> None:
        inputs = inputs_of(sequence, experiment.tokens, experiment.standardise, stop=True)
        whole = _joined(inputs)
        held = round(len(whole) * training.held_out)
        self.window = training.window
        self._refuse_short(len(whole) - held, "to train on")
        self.size = min(training.batch_size, (len(whole) - held - 1) // self.window)
        self.names = tuple(shown(token) for token in inputs.vocabulary)
        self.text = whole[: len(whole) - held]
        self.own = _laid(self.text, self.size)
        self.seed = training.shuffle if training.moved and self.names else None
        self._cut = 0, self.own  # of the pass that was last drawn from
        self.others = None
        if held:
            self._refuse_short(held, "held out")
            self.others = _laid(whole[-held:], min(self.size, (held - 1) // self.window))
        blank = _blank(sequence, inputs, self.window, self.size)
        held_states = experiment.meant().padding == "mask"
        self.first = self.whole = replace(blank, real=blank.stop) if held_states else blank
        kind = "tokens" if inputs.vocabulary else "steps"
        self.about = f"{self.size} streams of {len(self.own) - 1:,} {kind}"

    def _refuse_short(self, count: int, which: str) -> None:
        if count < self.window + 1:
            raise Unusable(
                f"there are {count:,} steps {which}, and a window of {self.window} needs "
                f"{self.window + 1:,}; give more of it or --window {max(count - 1, 1)}",
                exit=2,
            )

    @property
    def per_pass(self) -> int:
        return (len(self.own) - 1) // self.window

    def draw(self, update: int) -> Drawn:
        lap, place = divmod(update, self.per_pass)
        return self._part(self._of_pass(lap), place)

    def _of_pass(self, lap: int) -> Array:
        """The text cut into streams: where it begins differs from pass to pass, its order not."""
        if self.seed is None or not lap:
            return self.own
        if self._cut[0] != lap:
            begin = int(np.random.default_rng([self.seed, lap]).integers(len(self.text)))
            self._cut = lap, _laid(np.roll(self.text, -begin, axis=0), self.size)
        return self._cut[1]

    def _part(self, laid: Array, n: int) -> Drawn:
        low, high = n * self.window, (n + 1) * self.window
        read, told = laid[low:high], laid[low + 1 : high + 1]
        if self.names:
            return Drawn(told, tokens=read, begins=n == 0)
        return Drawn(told, x=read, begins=n == 0)

    def held_out(self) -> list[Drawn]:
        if self.others is None:
            return []
        missing = self.size - self.others.shape[1]
        spread = [(0, 0), (0, missing), *[(0, 0)] * (self.others.ndim - 2)]
        laid = np.pad(self.others, spread)
        factors = np.ones((self.window, self.size))
        factors[:, self.size - missing :] = 0.0
        windows = (len(laid) - 1) // self.window
        return [replace(self._part(laid, n), factors=factors) for n in range(windows)]

    def batch(self, update: int) -> Batch:
        drawn = self.draw(update)
        if drawn.tokens is None:
            assert drawn.x is not None
            return replace(self.first, x=np.array(drawn.x), targets=np.array(drawn.targets))
        x = np.zeros(self.first.x.shape)
        np.put_along_axis(x, drawn.tokens[..., None], 1.0, -1)
        targets = np.array(drawn.targets)
        labels, told = self._words(drawn.tokens), self._words(targets)
        return replace(self.first, x=x, targets=targets, labels=labels, target_labels=told)

    def _words(self, tokens: Array) -> tuple[tuple[str, ...], ...]:
        return tuple(tuple(self.names[k] for k in column) for column in tokens.T.tolist())


def _joined(inputs: Inputs) -> Array:
    """All tokens (N,), the stop token after every text; or the numbers of the one series (N, I)."""
    if inputs.vocabulary:
        stop = [len(inputs.vocabulary) - 1]
        return np.concatenate([part for each in inputs.indices for part in (each, stop)])
    if len(inputs.values) > 1:
        raise Unusable(
            "a stream of numbers is one series, and here are "
            f"{len(inputs.values)}; choose --batches mini",
            exit=2,
        )
    return inputs.values[0]


def _laid(values: Array, streams: int) -> Array:
    """(steps + 1, streams, …): what the streams read, each with its last target."""
    steps = (len(values) - 1) // streams
    rows = np.arange(steps + 1)[:, None] + steps * np.arange(streams)
    return np.asarray(values[rows])


def _blank(sequence: Sequence, inputs: Inputs, window: int, size: int) -> Batch:
    """A batch of the shape of all windows."""
    text, width = bool(inputs.vocabulary), len(inputs.names)
    scaling = inputs.scaling
    scales = (scaling.means, scaling.scales) if scaling else ((), ())
    return Batch(
        x=np.zeros((window, size, width)),
        start=np.zeros(size, np.int64),
        stop=np.full(size, window),
        kind="class" if text else "regression",
        targets=np.zeros((window, size), np.int64) if text else np.zeros((window, size, width)),
        weights=np.ones((window, size)),
        readout="every",
        outputs=width,
        vocabulary=inputs.vocabulary,
        input_names=inputs.names,
        title=sequence.title,
        source=sequence.source,
        output_names=inputs.names,
        task="next",
        means=scales[0],
        scales=scales[1],
        target_means=scales[0],
        target_scales=scales[1],
    )
