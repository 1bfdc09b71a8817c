"""A snapshot as what the gradient doctor examines, here or in another process."""

from __future__ import annotations

from engine.door import Run
from engine.models.given import Given
from engine.models.opening import is_noise
from engine.reporting.case import Case
from engine.reporting.finding import Report
from engine.reporting.report import examined
from engine.watching import Watch, within
from visualizer.document.elsewhere import sheet_here
from visualizer.document.snapshot import Snapshot

DERIVED = 0.2  # of the work


def case_of(snapshot: Snapshot, run: Run, *, overfit: bool = True) -> Case:
    """The experiment in hand; of a model in the numbers that its file has."""
    given = snapshot.given or Given()
    kind = given.weights.dtype if given.weights is not None else ""
    learnt = snapshot.trained
    observed = learnt.history.curves.get("gradient_norm") if learnt is not None else None
    return Case(run, is_noise(snapshot.sequence), kind, overfit, given.summed, observed)


def examine(snapshot: Snapshot, watch: Watch) -> Report:
    """The report on one experiment. Runs elsewhere."""
    sheet = sheet_here(snapshot.alone, within(watch, 0.0, DERIVED))
    return examined(case_of(snapshot, sheet.film.run), within(watch, DERIVED, 1.0))
