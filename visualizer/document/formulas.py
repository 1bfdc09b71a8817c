"""From a sequence to a formula and back, where the arrangement turns: a sentence is no formula, and
a formula is a poor sentence. Undo brings back what was there.
"""

from __future__ import annotations

from engine.errors import Unusable
from engine.expression import parse
from engine.sequences import Sequence, sample, typed
from visualizer.document.snapshot import Snapshot

FORMULA = ("x = 2", "h(x) = x**2", "g(x, y) = x*y + tanh(y)", "f = g(x, h(x))")
SENTENCE = "therefore"
EXPRESSION = "expression"


def is_formula(sequence: Sequence) -> bool:
    """Whether the text of a sequence can be read as a formula."""
    if sequence.kind != "text":
        return False
    try:
        parse("\n".join(sequence.texts))
    except Unusable:
        return False
    return True


def with_fitting_text(snapshot: Snapshot, before: Snapshot) -> Snapshot:
    """The snapshot with a formula where it has become an expression, and a sentence where it is one
    no more."""
    now, then = snapshot.experiment.arrangement, before.experiment.arrangement
    if now == then or EXPRESSION not in (now, then):
        return snapshot
    formula = is_formula(snapshot.sequence)
    if now == EXPRESSION and not formula:
        return snapshot.with_sequence(typed(FORMULA))
    if then == EXPRESSION and formula:
        return snapshot.with_sequence(sample(SENTENCE))
    return snapshot
