"""A formula as what a network is fed, and what its values say once they are computed."""

from __future__ import annotations

import numpy as np

from engine.errors import Unusable
from engine.expression.drafting import short
from engine.expression.formula import Formula, plain
from engine.expression.reading import EXAMPLE, parse
from engine.recording import Recording
from engine.sequences.sequence import Batch, Sequence

TASK = "expression"


def text_of(sequence: Sequence) -> str:
    """The lines of a typed text as one formula."""
    if sequence.kind != "text":
        raise Unusable(
            f"{sequence.source or 'the sequence'} is a table of numbers; an expression is a text"
            f" like {EXAMPLE}: type one, or choose another arrangement",
            exit=2,
        )
    return "\n".join(sequence.texts)


def formula_batch(sequence: Sequence) -> Batch:
    """x (1, 1, all numbers of all variables), one step, no target."""
    text = text_of(sequence)
    formula = parse(text)
    names = [
        part.name if part.width == 1 else f"{part.name}[{n + 1}]"
        for part in formula.variables
        for n in range(part.width)
    ]
    one = np.ones(1, dtype=np.int64)
    return Batch(
        x=np.array(formula.numbers).reshape(1, 1, -1),
        start=one - 1,
        stop=one,
        kind="none",
        targets=np.zeros((1, 1, 0)),
        weights=np.ones((1, 1)),
        readout="every",
        outputs=0,
        input_names=tuple(plain(name) for name in names),
        title=sequence.title,
        source=sequence.source,
        task=TASK,
        formula=text,
    )


def refuse_what_is_not_finite(recording: Recording, text: str) -> None:
    """Unusable, naming the operation, where a value or a derivative of a formula is no finite
    number; without a text there is no formula."""
    if not text:
        return
    formula = parse(text)
    for k in range(len(formula.parts)):
        if not np.isfinite(recording.value(0, k)).all():
            raise _undefined(recording, formula, k)
    for k in reversed(range(len(formula.parts))):
        if np.isfinite(recording.delta(0, k)).all():
            continue
        # whatever reads it has a finite δ: backward comes to it first
        uses = recording.network.uses(0, k)
        sent = (u for u in uses if not np.isfinite(recording.contribution(u)).all())
        guilty = formula.parts[next(sent, uses[-1]).consumer.slot]
        raise Unusable(
            f"the derivative of {short(guilty.source)} is infinite where"
            f" {_told(recording, formula, k)}; change a variable"
        )


def _undefined(recording: Recording, formula: Formula, place: int) -> Unusable:
    part = formula.parts[place]
    told = [_told(recording, formula, k) for k in part.reads]
    numbers = [recording.value(0, k) for k in part.reads]
    constants, source = dict(part.constants), short(part.source)
    below = part.op == "div" and not numbers[1].all()
    if below or (part.op == "power" and constants["p"] < 0 and not numbers[0].all()):
        return Unusable(f"division by zero in {source}: {told[-1]}; change a variable")
    if part.op in ("log", "sqrt"):
        taken = "numbers above 0" if part.op == "log" else "numbers from 0 on"
        if (numbers[0] <= 0).any():
            return Unusable(f"{source} with {told[0]}; {part.op} takes {taken}: change a variable")
    if part.op == "power" and (numbers[0] < 0).any():
        return Unusable(f"{source} is no real number where {told[0]}; change a variable")
    return Unusable(f"{source} is too large for a number; make a variable smaller")


def _told(recording: Recording, formula: Formula, place: int) -> str:
    """x is 0; a part without a name of its own by its text."""
    part, value = formula.parts[place], recording.value(0, place)[0, 0]
    name = plain(part.name) if part.op == "input" else short(part.source)
    numbers = f"{value[0]:.6g}" if len(value) == 1 else f"[{', '.join(f'{v:.4g}' for v in value)}]"
    return f"{name} is {numbers}"
