"""The one door: whatever can be recorded in, a report out. `engine.report` is this `report`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from engine.batching import What, batch_of, network_of
from engine.door import Run, run
from engine.errors import BAD_SETTINGS, Unusable
from engine.experiment import Experiment
from engine.models.cotangents import of_the_last
from engine.models.model import Model, load_model
from engine.models.opening import is_noise, opened
from engine.models.running import inputs_of
from engine.models.suffixes import may_be_model
from engine.reporting.case import Case
from engine.reporting.finding import Finding, NotAsked, Report
from engine.reporting.table import FINDINGS, NEEDS, Row
from engine.reporting.words import count
from engine.watching import Watch, unwatched, within

BEGUN = 0.1  # of the work: the fresh starts
LOSSES = {
    "targets": "from the targets",
    "cotangents": "Σ output · the gradient that came back to it",
    "sum": "Σ of the last outputs, since no loss was given",
    "none": "none",
}


def report(
    what: What | Run | Model,
    experiment: Experiment | None = None,
    *,
    inputs: Mapping[str, Any] | None = None,
    overfit: bool = True,
    noise: bool = False,
    kind: str = "",
    watch: Watch = unwatched,
    **changes: Any,
) -> Report:
    """Examine a network on a sequence, and say what keeps it from learning.

    `what`: a `Run`, a `Model` (with `inputs`, arrays by name as `run --inputs` has them), the path
    of a model file, or whatever `engine.run` records with `experiment` and `changes`. `overfit`:
    try to learn one sequence by heart. `noise`: the inputs stand in for ones that nobody gave.
    `kind`: in which numbers the parameters were kept. `watch` is told the share done, and may
    raise `Stopped`. Unusable for what cannot be recorded, and for a formula.
    """
    if isinstance(what, Path | str) and _is_model(what):
        what = load_model(what)
    if isinstance(what, Model):
        made, noise = run_of_model(what, inputs)
        kind = kind or what.weights.dtype
    elif inputs is not None:
        raise Unusable("inputs go with a model; leave them out", exit=BAD_SETTINGS)
    else:
        made = what if isinstance(what, Run) else run(what, experiment, **changes)
    return examined(Case(made, noise, kind, overfit), watch)


def _is_model(what: Path | str) -> bool:
    return os.path.isfile(what) and may_be_model(str(what))


def run_of_model(model: Model, arrays: Mapping[str, Any] | None) -> tuple[Run, bool]:
    """A model on arrays, on what was recorded with it, or on noise, and whether it was noise.
    Without a loss of its own, that is the sum of the last outputs."""
    given = {name: np.asarray(array) for name, array in (arrays or {}).items()}
    inputs = None if arrays is None else inputs_of(model, given, "inputs")
    found = opened(model, inputs=inputs)
    experiment, wired, own = found.experiment, found.given.wired, found.given.cotangents
    batch = (
        batch_of(found.sequence, experiment)
        if wired is None
        else wired.batch(found.sequence, experiment)
    )
    cotangents = own if own else of_the_last(network_of(experiment, batch), batch)
    made = run(
        batch,
        experiment,
        parameters=found.parameters,
        states=dict(found.given.states),
        cotangents=cotangents,
    )
    return made, is_noise(found.sequence)


def examined(case: Case, watch: Watch = unwatched) -> Report:
    """Every row of FINDINGS asked of a case."""
    if case.run.network.timeless:
        raise Unusable(
            "a formula has no steps, so there is nothing to say of its memory; give a sequence",
            exit=BAD_SETTINGS,
        )
    case.watch = within(watch, 0.0, BEGUN)
    case = case.with_twins() if case.loss != "none" else case
    findings, not_asked = [], []
    ends = np.cumsum([0.0, *(row.work for row in FINDINGS)])
    shares = (BEGUN + (1 - BEGUN) * ends / ends[-1]).tolist()
    for row, low, high in zip(FINDINGS, shares, shares[1:]):
        watch(low)
        case.watch = within(watch, low, high)
        lacking = next((need for need in row.needs if not NEEDS[need].holds(case)), None)
        if lacking is not None:
            not_asked.append(NotAsked(row.id, row.name, NEEDS[lacking].lacks))
        else:
            findings.append(_asked(row, case))
    watch(1.0)
    return _report(case, tuple(findings), tuple(not_asked))


def _asked(row: Row, case: Case) -> Finding:
    with np.errstate(all="ignore"):  # what is not finite is said
        said = row.examine(case)
    return Finding(
        row.id,
        row.name,
        row.question,
        said.verdict,
        said.sentence,
        said.advice,
        said.quantities,
        said.chart,
        said.places,
    )


def _report(case: Case, findings: tuple[Finding, ...], not_asked: tuple[NotAsked, ...]) -> Report:
    run, recording = case.run, case.recording
    e = run.experiment
    network = f"{e.cell}, {count(e.hidden, 'unit')}, {count(e.layers, 'layer')}"
    return Report(
        title=run.batch.title,
        source=run.batch.source,
        network=network if e.arrangement == "recurrent" else f"{e.arrangement}, {network}",
        dtype=recording.dtype.name,
        steps=recording.steps,
        sequences=recording.batch,
        parameters=sum(int(p.size) for p in recording.parameters.values()),
        loss=recording.loss if recording.has_gradients else None,
        loss_words=LOSSES[case.loss],
        findings=findings,
        not_asked=not_asked,
    )
