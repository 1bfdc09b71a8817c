"""From the files of `resources/lessons` to lessons, and from a lesson to snapshots.

A lesson has one variant at least; each is a session of its own, which is what a `Snapshot` says.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import msgspec

from engine.errors import Unusable
from engine.sequences import Sequence, sample, typed
from engine.sequences.generated import drawn
from visualizer.document import session
from visualizer.document.snapshot import Edits, Place, Snapshot
from visualizer.lessons.arithmetic import number
from visualizer.lessons.generators import generate
from visualizer.lessons.records import (
    CueRecord,
    LessonRecord,
    Number,
    SequenceRecord,
    VariantRecord,
    ViewRecord,
)
from visualizer.lessons.table import GROUPS, IDS, SOURCE
from visualizer.scene.view import View

FOLDER = Path(__file__).resolve().parents[2] / "resources" / "lessons"
_CELLS = re.compile(r"(\w[\w^]*)\s*\[([\d\s,:]+)\]$")


@dataclass(frozen=True, slots=True)
class Lesson:
    """One lesson as its file says; numbers in captions are filled in by `captions`."""

    record: LessonRecord
    group: str

    @property
    def id(self) -> str:
        return self.record.id

    @property
    def title(self) -> str:
        return self.record.title

    @property
    def about(self) -> str:
        return self.record.about

    @property
    def variants(self) -> tuple[VariantRecord, ...]:
        """What can be switched between; a lesson without variants has one without a title."""
        return self.record.variants or (VariantRecord(title=""),)

    def view(self, variant: int = 0) -> ViewRecord:
        return self.variants[variant].view or self.record.view

    def cues(self, variant: int = 0) -> tuple[CueRecord, ...]:
        return self.variants[variant].cues or self.record.cues

    def sequence(self, variant: int = 0, steps: int | None = None) -> Sequence:
        """The sequence of a variant; of a generated one as many steps as are asked for."""
        record = self.variants[variant].sequence or self.record.sequence
        if record is None:
            found = self._base(variant).sequence
            return replace(found, title=self.title, source=SOURCE + self.id)
        if steps is not None:
            record = msgspec.structs.replace(record, numbers={**record.numbers, "steps": steps})
        trained = self._base(variant).trained
        # a network that was trained reads the tokens that it knows
        known = trained.batches.first.vocabulary if trained is not None else ()
        made = replace(_sequence(record), title=self.title, source=SOURCE + self.id)
        return replace(made, vocabulary=known) if known else made

    def _base(self, variant: int) -> Snapshot:
        """What the settings of a variant are changes of: a trained network, or nothing yet."""
        name = self.variants[variant].trained or self.record.trained
        if not name:
            if not (self.variants[variant].sequence or self.record.sequence):
                raise Unusable(f"lesson {self.id} has no sequence; give one, or a training")
            return Snapshot(typed("no words"))
        return session.load(session.TRAINED / f"{name}{session.SUFFIX}").snapshot

    def snapshot(self, variant: int = 0, settings: Mapping[str, object] | None = None) -> Snapshot:
        """The session of a variant; `settings` go before those of the lesson."""
        record, chosen = self.record, self.variants[variant]
        try:
            sequence = self.sequence(variant)
            given = {**record.settings, **chosen.settings, **(settings or {})}
            edits = (*_edits(record.edits), *_edits(chosen.edits))
            base = self._base(variant).with_settings(**given)
            experiment = base.experiment
            other = experiment.changed(**chosen.beside)
        except Unusable as error:
            if settings:
                raise
            raise Unusable(f"lesson {self.id}: {error.message}") from None
        off = record.losses_off if chosen.losses_off is None else chosen.losses_off
        look = self.view(variant)
        snapshot = base.changed(
            sequence=sequence,
            experiment=experiment,
            losses_off=frozenset((t - 1, b) for t in off for b in range(sequence.count)),
            view=View(
                level=look.level,
                sequence=look.sequence - 1,
                fold=look.fold,
                parameter=parameter_of(look.moment),
            ),
        )
        for (target, index), value in edits:
            snapshot = snapshot.edited(target, index, value)
        return snapshot.compared_with(Snapshot(sequence, other)) if chosen.beside else snapshot

    def number_of(self, named: str) -> int:
        """Which variant "2" (from 1) or a title means; Unusable for one that there is not."""
        titles = [v.title for v in self.variants]
        if named in titles:
            return titles.index(named)
        if named.isdigit() and 1 <= int(named) <= len(titles):
            return int(named) - 1
        rows = ", ".join(f"{n} ({t})" if t else str(n) for n, t in enumerate(titles, 1))
        raise Unusable(f"lesson {self.id} has no variant {named[:60]!r}; it has {rows}", exit=2)


@functools.cache
def lessons() -> tuple[Lesson, ...]:
    """All lessons, in the order of the lecture."""
    return tuple(lesson(id) for id in IDS)


@functools.cache
def lesson(id: str) -> Lesson:
    """The lesson with this id; Unusable if there is none."""
    group = next((g.title for g in GROUPS if id in g.ids), None)
    if group is None:
        raise Unusable(f"there is no lesson {id}; lessons are {', '.join(IDS)}")
    return Lesson(parse((FOLDER / f"{id}.toml").read_text(encoding="utf-8"), id), group)


def parse(text: str, id: str) -> LessonRecord:
    """The text of a file as a record; Unusable, one line, for anything that has no place there."""
    try:
        record = msgspec.convert(tomllib.loads(text), LessonRecord, strict=True)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise Unusable(f"lesson {id}: {error}; see the lessons beside it") from None
    if record.id != id:
        raise Unusable(f"lesson {id}: the file says it is {record.id}; give both one name")
    return record


# -- sequences ----------------------------------------------------------------------------------


def _sequence(record: SequenceRecord) -> Sequence:
    kinds = (record.text, record.texts, record.sample, record.series, record.generator, record.task)
    if sum(map(bool, kinds)) != 1:
        raise Unusable(
            "a sequence is one of text, texts, sample, series, generator, task; give one"
        )
    if record.task:
        return drawn(record.task, record.first or 12, seed=record.seed)
    if record.sample:
        return _part(sample(record.sample), record.take, record.first)
    if record.generator:
        numbers = {name: number(value) for name, value in record.numbers.items()}
        return generate(record.generator, record.seed, numbers)
    if record.series:
        return _series(record)
    made = typed(record.texts or record.text, record.tokens)
    return replace(made, labels=record.labels)


def _series(record: SequenceRecord) -> Sequence:
    series = tuple([[number(cell) for cell in row] for row in each] for each in record.series)
    width = len(record.columns or series[0][0])
    columns = record.columns or tuple(f"x{c + 1}" for c in range(width))
    if any(len(row) != width for each in series for row in each):
        raise Unusable(f"every row needs {width} numbers, as there are columns; make them equal")
    return Sequence(
        kind="numbers",
        series=series,  # type: ignore[arg-type]  # lists become arrays there
        columns=columns,
        roles=record.roles or ("input",) * width,
        labels=record.labels,
    )


def _part(whole: Sequence, take: tuple[int, ...], first: int) -> Sequence:
    """Some series of a sample, and their first steps."""
    chosen = [n - 1 for n in take] or range(whole.count)
    if max(chosen) >= whole.count:
        raise Unusable(f"{whole.source} has {whole.count} series; take some of these")
    cut = slice(first or None)

    def of(rows: tuple, each: slice | None = None) -> tuple:  # type: ignore[type-arg]
        return tuple(rows[n][each] if each else rows[n] for n in chosen) if rows else ()

    steps = [len(names) > 1 for names in whole.labels]
    return replace(
        whole,
        texts=of(whole.texts),
        series=of(whole.series, cut),
        labels=of(whole.labels, cut if all(steps) else None),
        times=of(whole.times, cut),
    )


# -- edits --------------------------------------------------------------------------------------


def parameter_of(moment: float | str) -> str:
    """The parameter that a moment like ∂W_hh@3 is about, else ""."""
    found = re.fullmatch(r"∂(.+)@\d+", moment) if isinstance(moment, str) else None
    return found[1] if found else ""


def _edits(written: Mapping[str, Number]) -> Edits:
    return tuple((p, number(value)) for where, value in written.items() for p in _places(where))


def _places(where: str) -> Iterator[Place]:
    """The cells that "W_hh[1, 1:3]" names."""
    match = _CELLS.match(where.strip())
    if match is None:
        raise Unusable(f"{where!r} names no cells; write W_hh[1, 2] or W_hh[1, 1:3]")
    axes = []
    for part in match[2].split(","):
        low, _, high = part.strip().partition(":")
        try:
            axes.append(range(int(low) - 1, int(high or low)))
        except ValueError:
            raise Unusable(f"{where!r} names no cells; write W_hh[1, 2]") from None
    yield from ((match[1], index) for index in product(*axes))
