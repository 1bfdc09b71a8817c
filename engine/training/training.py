"""What the user can choose of training: one frozen value, and the table of its settings.

The learning rate, clipping, the parameter rule, truncation and the loss are those of the
`Experiment`. What the choices mean is in `optimizers`, `schedules` and `batches`. Neither numpy nor
anything else heavy is imported here, so that `--help` is instant.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cache
from typing import Any

from engine.errors import Unusable
from engine.setting import Setting, choice, number, setting, unknown_setting

OPTIMIZER_CHOICES = ("adam", "sgd", "momentum", "rmsprop", "adagrad")
SCHEDULE_CHOICES = ("constant", "step", "exponential", "cosine", "warm-up")
BATCH_CHOICES = ("auto", "full", "mini", "stream")
SAMPLING_CHOICES = ("teacher", "linear", "exponential", "inverse-sigmoid")
DECAYS = SAMPLING_CHOICES[1:]
GROUP = "Training"


@dataclass(frozen=True, slots=True)
class Training:
    """How parameters are changed, and by what data. Every value is checked."""

    updates: int = number(
        "int",
        300,
        1,
        1_000_000,
        "Updates",
        "how often the parameters change",
        group=GROUP,
        log=True,
    )
    optimizer: str = choice(
        "adam", OPTIMIZER_CHOICES, "Optimiser", "how a gradient becomes a change", group=GROUP
    )
    momentum: float = number(
        "float",
        0.9,
        0.0,
        0.9999,
        "Momentum μ",
        "share of the change before that goes on",
        group=GROUP,
        when=((("optimizer", ("momentum",)),),),
    )
    schedule: str = choice(
        "constant",
        SCHEDULE_CHOICES,
        "Rate schedule",
        "how the learning rate goes on: constant, × factor after every so many updates, "
        "× factor smoothly, a half cosine down to 0, or rising from 0 at first",
        group=GROUP,
    )
    schedule_every: int = number(
        "int",
        100,
        1,
        1_000_000,
        "Schedule updates",
        "updates from one step of the schedule to the next; until the warm-up is over",
        group=GROUP,
        when=((("schedule", ("step", "exponential", "warm-up")),),),
    )
    schedule_factor: float = number(
        "float",
        0.5,
        0.0,
        1.0,
        "Schedule factor",
        "what the rate is multiplied by in that time",
        group=GROUP,
        when=((("schedule", ("step", "exponential")),),),
    )
    batches: str = choice(
        "auto",
        BATCH_CHOICES,
        "Batches",
        "full: all series at every update; mini: some of them; stream: windows of long series, "
        "side by side, states carried over; auto: a stream of a long text, else mini or full",
        group=GROUP,
    )
    batch_size: int = number(
        "int",
        32,
        1,
        4096,
        "Batch size",
        "series, streams or fresh sequences side by side",
        group=GROUP,
        log=True,
        when=((("batches", ("auto", "mini", "stream")),),),
    )
    window: int = number(
        "int",
        64,
        1,
        100_000,
        "Window",
        "steps of a stream in one update; no gradient goes back beyond it",
        group=GROUP,
        log=True,
        when=((("batches", ("auto", "stream")),),),
    )
    moved: bool = setting(
        "bool",
        True,
        "New cuts",
        "in every pass after the first the text is cut into streams elsewhere, so that places are "
        "not learnt in place of words",
        group=GROUP,
        when=((("batches", ("auto", "stream")),),),
    )
    length: int = number(
        "int", 50, 4, 5000, "Length", "steps of the sequences of a generated task", group=GROUP
    )
    held_out: float = number(
        "float",
        0.0,
        0.0,
        0.5,
        "Held out",
        "share of the data that is not trained on; 0: none (fresh sequences of a generated task)",
        group=GROUP,
    )
    measure_every: int = number(
        "int",
        50,
        1,
        100_000,
        "Measure every",
        "updates from one measurement of the held-out loss to the next",
        group=GROUP,
    )
    patience: int = number(
        "int",
        0,
        0,
        1000,
        "Patience",
        "measurements without a lower held-out loss until training stops, and the best parameters "
        "are kept; 0: it goes on",
        group=GROUP,
    )
    sampling: str = choice(
        "teacher",
        SAMPLING_CHOICES,
        "Scheduled sampling",
        "teacher: every input is the truth; else a coin at each step takes the network's own "
        "output of the step before, the more often the later",
        group=GROUP,
    )
    sampling_k: float = number(
        "float",
        0.0,
        0.0,
        1_000_000.0,
        "Sampling k",
        "linear: the probability of the truth at first; exponential: k^i, k < 1; inverse sigmoid: "
        "k/(k + e^(i/k)), k ≥ 1; 0: 1, 0.99 or 50",
        group=GROUP,
        when=((("sampling", DECAYS),),),
    )
    sampling_slope: float = number(
        "float",
        0.005,
        0.0,
        1.0,
        "Sampling slope c",
        "how much less the truth is taken after every update",
        group=GROUP,
        when=((("sampling", ("linear",)),),),
    )
    sampling_floor: float = number(
        "float",
        0.1,
        0.0,
        1.0,
        "Sampling floor ε",
        "the truth is taken at least with this probability",
        group=GROUP,
        when=((("sampling", ("linear",)),),),
    )
    keep: int = number(
        "int",
        20,
        0,
        200,
        "Keep",
        "updates whose parameters are kept, evenly spread, to go back to",
        group=GROUP,
    )
    sample_every: int = number(
        "int",
        0,
        0,
        100_000,
        "Sample every",
        "updates from one written sample to the next; 0: none",
        group=GROUP,
    )
    shuffle: int = number(
        "int",
        1,
        0,
        2**31 - 1,
        "Order",
        "seed of all that is drawn while training: order of series, fresh sequences, coins",
        group=GROUP,
    )

    def __post_init__(self) -> None:
        for row in training_settings():
            object.__setattr__(self, row.name, row.clean(getattr(self, row.name)))
        k, kind = self.sampling_k, self.sampling
        if k and ((kind in ("linear", "exponential") and k > 1) or (kind == DECAYS[2] and k < 1)):
            allowed = "at least 1" if kind == DECAYS[2] else "0..1"
            raise Unusable(f"sampling_k of {kind} must be {allowed}, got {k:g}", exit=2)
        if self.patience and not self.held_out:
            raise Unusable(
                "patience waits for the held-out loss, and nothing is held out; "
                "give --held-out 0.1",
                exit=2,
            )

    def changed(self, **values: object) -> Training:
        """A copy with other values; an unknown name is Unusable."""
        unknown = sorted(set(values) - {s.name for s in training_settings()})
        if unknown:
            raise unknown_setting(unknown[0], [s.name for s in training_settings()])
        return replace(self, **values)  # type: ignore[arg-type]

    def shows(self, row: Setting) -> bool:
        """Whether the setting has a meaning with the other values as they are."""
        return not row.when or any(
            all(getattr(self, name) in allowed for name, allowed in pairs) for pairs in row.when
        )


@cache
def training_settings() -> tuple[Setting, ...]:
    """All settings in the order of the fields."""
    found: Any = fields(Training)
    return tuple(Setting(name=f.name, default=f.default, **f.metadata) for f in found)
