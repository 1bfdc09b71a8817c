"""From a sequence to a batch: inputs, targets, weights, and the text under every step.

TASKS is the table of what a network can be asked: the next token or number, numbers beside the
inputs, a class. How inputs are made (one-hot, standardised) is in `engine.sequences.inputs`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import BAD_SETTINGS, Unusable
from engine.sequences.inputs import Inputs, check_size, inputs_of
from engine.sequences.pairs import encode_pairs
from engine.sequences.reading import check_tokens
from engine.sequences.scaling import Scaling, scaling_of
from engine.sequences.sequence import Batch, Floats, Integers, Sequence, Strings
from engine.sequences.window import Window
from engine.sequences.wording import STOP, number, plain, shown

READOUTS = ("every", "last", "after")


@dataclass(frozen=True, slots=True)
class Targets:
    """What the outputs are compared with, per series; the batch is padded afterwards.

    values: class (T_i,) int64, regression (T_i, O) float64.    inputs: what is left to be read.
    """

    kind: str
    inputs: Inputs
    values: list[Integers] | list[Floats] | list[NDArray[Any]]
    labels: tuple[Strings, ...]
    outputs: Strings
    vocabulary: Strings = ()
    scaling: Scaling | None = None

    def cut(self, steps: int) -> Targets:
        """Those of the first steps."""
        return replace(
            self,
            inputs=self.inputs.cut(steps),
            values=[each[:steps] for each in self.values],
            labels=tuple(each[:steps] for each in self.labels),
        )


@dataclass(frozen=True, slots=True)
class Task:
    """One row: id, name for people, what it asks, when it is the natural one, how it is made."""

    id: str
    title: str
    about: str
    natural: Callable[[Sequence], bool]
    make: Callable[[Sequence, Inputs], Targets]


def encode(
    sequence: Sequence,
    *,
    tokens: str = "auto",
    task: str = "auto",
    readout: str = "every",
    standardise: bool = True,
    fed: bool = False,
    window: Window | None = None,
) -> Batch:
    """The batch that a network is fed.

    tokens: words, characters, or auto (as the sequence says).
    task: next, regression, class, or auto: a class if there are labels of two kinds, numbers
      beside the inputs if there is a target column, else what comes next.
    readout: a loss at every step, at the last step of each series only, or at steps of their own
      after all was read; `fed`: those steps read the target one step late.
    standardise: numeric inputs and targets get mean 0 and variance 1 per column.
    window: which steps; None: all of them. It does not go with the readout after.
    Raises `Unusable`; settings that do not go with the sequence have exit code 2.
    """
    check_tokens(tokens)
    _check_choices(task, readout)
    if readout == "after":
        return encode_pairs(sequence, tokens=tokens, standardise=standardise, echo=not fed, fed=fed)
    row = TASKS[task] if task != "auto" else natural_task(sequence)
    inputs = inputs_of(sequence, tokens, standardise, stop=row.id == "next", window=window)
    targets = row.make(sequence, inputs)
    if window is None:
        return _padded(sequence, row, targets, readout)
    made = _padded(sequence, row, targets.cut(window.steps), readout)
    return replace(made, window=window)


def _check_choices(task: str, readout: str) -> None:
    if task != "auto" and task not in TASKS:
        raise Unusable(
            f"task must be auto, {', '.join(TASKS)}; got {plain(task)}", exit=BAD_SETTINGS
        )
    if readout not in READOUTS:
        raise Unusable(
            f"readout must be {', '.join(READOUTS)}; got {plain(readout)}", exit=BAD_SETTINGS
        )
    if readout == "after" and task == "class":
        raise Unusable(
            "task class has one answer, and readout after writes several; choose readout last",
            exit=BAD_SETTINGS,
        )


def natural_task(sequence: Sequence) -> Task:
    """The task that `auto` means for this sequence."""
    return next(row for row in reversed(TASKS.values()) if row.natural(sequence))


def steps_made(sequence: Sequence, tokens: str, task: str) -> list[int]:
    """How many steps each series has for a task: of numbers the last may be a target only."""
    row = TASKS[task] if task in TASKS else natural_task(sequence)
    beside = row.id in ("class", "none") or (row.id == "regression" and "target" in sequence.roles)
    last = int(sequence.kind == "numbers" and not beside)
    return [length - last for length in sequence.lengths(tokens)]


def _next(sequence: Sequence, inputs: Inputs) -> Targets:
    """Text: the tokens shifted by one, then the stop token. Numbers: the inputs one step later."""
    return _next_token(inputs) if sequence.kind == "text" else _next_numbers(sequence, inputs)


def _next_token(inputs: Inputs) -> Targets:
    stop = len(inputs.vocabulary) - 1
    for b, (indices, label) in enumerate(zip(inputs.indices, inputs.labels)):
        if len(indices) < 2:
            unit = "word" if inputs.tokens == "words" else "character"
            which = _which("text", b, len(inputs.indices))
            remedy = ", or choose --tokens characters" if unit == "word" else ""
            raise Unusable(
                f"{which} is one {unit} (“{''.join(label)}”); at least two are needed to"
                f" predict the next: add a {unit}{remedy}"
            )
    names = tuple(shown(token) for token in inputs.vocabulary)
    return Targets(
        kind="class",
        inputs=inputs,
        values=[np.append(each[1:], stop) for each in inputs.indices],
        labels=tuple((*label[1:], STOP) for label in inputs.labels),
        outputs=names,
        vocabulary=inputs.vocabulary,
    )


def _next_numbers(sequence: Sequence, inputs: Inputs) -> Targets:
    for b, values in enumerate(inputs.values):
        if len(values) < 2:
            which = _which("series", b, len(inputs.values))
            raise Unusable(
                f"{sequence.source}: {which} has one step; at least two are needed to predict the"
                " next: add a step, a target or a label"
            )
    raw = [_columns(array, sequence.roles, "input")[1:] for array in inputs.raw]
    return Targets(
        kind="regression",
        inputs=inputs.shortened(1),
        values=[each[1:] for each in inputs.values],
        labels=tuple(_number_labels(each) for each in raw),
        outputs=inputs.names,
        scaling=inputs.scaling,
    )


def _regression(sequence: Sequence, inputs: Inputs) -> Targets:
    """The target columns at the same step; without any, the inputs one step later."""
    if sequence.kind == "text":
        raise Unusable(
            "a text has no numbers for the task regression; choose next, or give a table",
            exit=BAD_SETTINGS,
        )
    if "target" not in sequence.roles:
        return _next_numbers(sequence, inputs)
    raw = [_columns(array, sequence.roles, "target") for array in inputs.raw]
    scaling = scaling_of(sequence, "target") if inputs.scaling is not None else None
    return Targets(
        kind="regression",
        inputs=inputs,
        values=raw if scaling is None else [scaling.apply(each) for each in raw],
        labels=tuple(_number_labels(each) for each in raw),
        outputs=_names(sequence, "target"),
        scaling=scaling,
    )


def _class(sequence: Sequence, inputs: Inputs) -> Targets:
    """The class of each series at each of its steps, or a class of its own per step."""
    classes = sequence.classes
    if len(classes) < 2:
        found = f"the label {plain(classes[0])} only" if classes else "no labels"
        raise Unusable(
            f"{sequence.source or 'the sequence'} has {found}; the task class needs two different"
            " ones: choose another task, or give labels",
            exit=BAD_SETTINGS,
        )
    index = {name: k for k, name in enumerate(classes)}
    values = []
    labels = []
    for given, steps in zip(sequence.labels, inputs.lengths):
        each = given * steps if len(given) == 1 else given[inputs.low : inputs.low + steps]
        values.append(np.array([index[name] for name in each], dtype=np.int64))
        labels.append(tuple(plain(name) for name in each))
    return Targets("class", inputs, values, tuple(labels), classes, classes)


def _none(sequence: Sequence, inputs: Inputs) -> Targets:
    """Nothing to compare with."""
    values = [np.zeros(length, np.int64) for length in inputs.lengths]
    return Targets("none", inputs, values, tuple(() for _ in values), ())


# In the order of a form; `auto` takes the last natural one.
TASKS: dict[str, Task] = {
    row.id: row
    for row in (
        Task(
            "next",
            "Predict next",
            "what comes after each step; after the last word the stop token ■",
            lambda sequence: True,
            _next,
        ),
        Task(
            "regression",
            "Predict numbers",
            "the target columns at the same step; without any, the next step's inputs",
            lambda sequence: sequence.kind == "numbers" and "target" in sequence.roles,
            _regression,
        ),
        Task(
            "class",
            "Predict class",
            "the class of the series, or of each step",
            lambda sequence: len(sequence.classes) > 1,
            _class,
        ),
        Task("none", "No target", "outputs alone, without a loss", lambda sequence: False, _none),
    )
}


def _which(what: str, b: int, count: int) -> str:
    return f"{what} {b + 1} of {count}" if count > 1 else f"the {what}"


def _columns(array: Floats, roles: Strings, role: str) -> Floats:
    return array[:, [c for c, each in enumerate(roles) if each == role]]


def _names(sequence: Sequence, role: str) -> Strings:
    return tuple(
        plain(name) for name, each in zip(sequence.columns, sequence.roles) if each == role
    )


def _number_labels(raw: Floats) -> Strings:
    """The first number of each step, as it was before standardising; more are hinted at."""
    more = " …" if raw.shape[1] > 1 else ""
    return tuple(number(value) + more for value in raw[:, 0].tolist())


def _padded(sequence: Sequence, task: Task, targets: Targets, readout: str) -> Batch:
    inputs = targets.inputs
    lengths = inputs.lengths
    steps, size = max(lengths), len(lengths)
    outputs = len(targets.outputs)
    wide = outputs if targets.kind == "regression" else 1
    check_size(steps, size, max(len(inputs.names), wide), sequence.source)
    values: NDArray[np.float64] | NDArray[np.int64]
    if targets.kind in ("class", "none"):
        values = np.zeros((steps, size), dtype=np.int64)
    else:
        values = np.zeros((steps, size, outputs))
    weights = np.zeros((steps, size))
    for b, (length, each) in enumerate(zip(lengths, targets.values)):
        values[:length, b] = each
        weights[length - 1 if readout == "last" else 0 : length, b] = 1.0
    scaling, target_scaling = inputs.scaling, targets.scaling
    return Batch(
        x=inputs.padded(),
        start=np.zeros(size, dtype=np.int64),
        stop=np.array(lengths, dtype=np.int64),
        kind=targets.kind,
        targets=values,
        weights=weights,
        readout=readout,
        outputs=outputs,
        vocabulary=targets.vocabulary,
        input_names=inputs.names,
        labels=inputs.labels,
        target_labels=targets.labels,
        title=sequence.title,
        source=sequence.source,
        output_names=targets.outputs,
        task=task.id,
        means=scaling.means if scaling else (),
        scales=scaling.scales if scaling else (),
        target_means=target_scaling.means if target_scaling else (),
        target_scales=target_scaling.scales if target_scaling else (),
    )
