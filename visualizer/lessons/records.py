"""What may stand in the file of a lesson, field by field. An unknown or mistyped one is refused."""

from __future__ import annotations

from typing import Annotated

import msgspec

Number = float | int | str  # a string is a sum: see `arithmetic`
Count = Annotated[int, msgspec.Meta(ge=1)]
Scalar = str | int | float | bool


class SequenceRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of text, texts, sample, series, generator, task.

    `take`: numbers of the series of a sample, from 1.    `first`: so many of its steps.
    `series`: [series][step][column].    `labels`: a class for each series, or one for each step.
    `generator`: a row of GENERATORS; `numbers` and `seed` are what it is given.
    `task`: a row of GENERATED, `first` steps of it.
    """

    text: str = ""
    texts: tuple[str, ...] = ()
    tokens: str = "words"
    sample: str = ""
    take: tuple[Count, ...] = ()
    first: int = 0
    series: tuple[tuple[tuple[Number, ...], ...], ...] = ()
    columns: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    labels: tuple[tuple[str, ...], ...] = ()
    generator: str = ""
    task: str = ""
    numbers: dict[str, Number] = {}
    seed: int = 0


class ViewRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where one looks. `moment`: 0 … 1, or a name ("δ(h3)<-z4"). `plot`: "norms log"."""

    level: str = "auto"
    moment: float | str = 1.0
    plot: str = "norms"
    fold: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.0
    sequence: Count = 1


class CueRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    moment: float | str
    caption: str


class VariantRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is different from the lesson. `edits` come after those of the lesson.

    `trained`: as of the lesson.
    `beside`: settings by which a second experiment differs, which stands below on the same axis.
    """

    title: str
    caption: str = ""
    settings: dict[str, Scalar] = {}
    sequence: SequenceRecord | None = None
    edits: dict[str, Number] = {}
    losses_off: tuple[Count, ...] | None = None
    trained: str = ""
    beside: dict[str, Scalar] = {}
    view: ViewRecord | None = None
    cues: tuple[CueRecord, ...] = ()


class LessonRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`about`: one line.    `caption`: what to see; {loss:.4g} and its like are filled in.

    `edits`: "W_hh[1, 1:3]" = a number, counted from 1, both ends included.
    `losses_off`: steps whose losses are switched off, in every sequence of the batch.
    `card`: the figure that the gallery shows.    `steps`: ends of a slider of how many the
    generator makes.    `step_size`: a slider of the h of finite differences.
    `trained`: a session of `resources/trained`, whose experiment, parameters and (if no other is
    given) sequence are those of the lesson.
    """

    id: str
    title: str
    about: str
    caption: str
    sequence: SequenceRecord | None = None
    trained: str = ""
    settings: dict[str, Scalar] = {}
    edits: dict[str, Number] = {}
    losses_off: tuple[Count, ...] = ()
    card: str = "graph"
    steps: tuple[Count, Count] | None = None
    step_size: bool = False
    view: ViewRecord = ViewRecord()
    variants: tuple[VariantRecord, ...] = ()
    cues: tuple[CueRecord, ...] = ()
