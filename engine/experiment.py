"""What the user can choose of an experiment: one frozen snapshot, and the table of its settings.

From the fields follow form, command line, session schema and undo. Neither numpy nor anything
else heavy is imported here, so that `--help` is instant; `engine.run` does the work.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cache, lru_cache
from typing import Any

from engine.choices import (
    CHAIN,
    NETWORK,
    PARTED,
    READOUTS,
    SQUARE,
    UPDATES,
    VECTOR_CELLS,
)
from engine.errors import Unusable
from engine.reading_settings import ReadingSettings
from engine.setting import Setting, choice, number, setting, unknown_setting


@dataclass(frozen=True, slots=True)
class Experiment(ReadingSettings):
    """Everything but the sequence and the numbers in the parameters. Every value is checked."""

    task: str = choice(
        "auto",
        ("auto", "next", "regression", "class", "none"),
        "Task",
        "what is predicted; auto: what the sequence offers",
        group="Sequence",
        when=((NETWORK,),),
        reshapes=True,
    )
    tokens: str = choice(
        "auto",
        ("auto", "words", "characters"),
        "Tokens",
        "how text is cut; auto: words if typed, characters from a file",
        group="Sequence",
        when=((NETWORK,),),
        reshapes=True,
    )
    standardise: bool = setting(
        "bool",
        True,
        "Standardise",
        "numbers to mean 0 and deviation 1",
        group="Sequence",
        when=((NETWORK,),),
    )
    first: int = number(
        "int",
        1,
        1,
        160_000_000,
        "First step",
        "of a long sequence the step that the recording begins with, from the state h₀",
        group="Sequence",
        when=((PARTED, ("readout", ("every", "last"))),),
    )
    steps: int = number(
        "int",
        0,
        0,
        5_000_000,
        "Steps",
        "how many are recorded; 0: all, or 20,000 of a sequence with which they would be too many",
        group="Sequence",
        when=((PARTED, ("readout", ("every", "last"))),),
    )
    initialisation: str = choice(
        "glorot",
        ("glorot", "orthogonal", "identity", "gaussian"),
        "Start",
        "how the recurrent matrix starts; the others start with Glorot's rule",
        group="Parameters",
        when=((SQUARE,),),
        reshapes=True,
    )
    gain: float = number(
        "float",
        1.0,
        0.0,
        10.0,
        "Gain",
        "the recurrent matrix is multiplied by this; Gaussian: deviation gain/√n",
        group="Parameters",
        when=((SQUARE,),),
        reshapes=True,
    )
    radius: float = number(
        "float",
        0.0,
        0.0,
        10.0,
        "Spectral radius ρ",
        "the recurrent matrix is scaled to this spectral radius; 0 leaves it",
        group="Parameters",
        reshapes=True,
        when=((SQUARE, ("sigma", (0.0,)), ("cell", VECTOR_CELLS)),),
    )
    sigma: float = number(
        "float",
        0.0,
        0.0,
        10.0,
        "Singular value σ₁",
        "the recurrent matrix is scaled to this largest singular value; 0 leaves it",
        group="Parameters",
        reshapes=True,
        when=((SQUARE, ("radius", (0.0,)), ("cell", VECTOR_CELLS)),),
    )
    forget_bias: float = number(
        "float",
        0.0,
        -10.0,
        10.0,
        "Gate bias",
        "start of the bias of the gate that remembers (f; z of the GRU)",
        group="Parameters",
        when=((CHAIN, ("cell", ("gated", "lstm", "lecture-gru", "gru", "conv-lstm"))),),
        reshapes=True,
    )
    seed: int = number(
        "int",
        3,
        0,
        2**31 - 1,
        "Seed",
        "of the random start",
        group="Parameters",
        when=((NETWORK,),),
        reshapes=True,
    )
    loss: str = choice(
        "auto",
        ("auto", "cross-entropy", "squared-error"),
        "Loss",
        "auto: cross-entropy for classes, squared error for numbers",
        group="Gradient",
        when=((NETWORK,),),
    )
    reduction: str = choice(
        "mean",
        ("mean", "sum", "elements"),
        "Over sequences",
        "mean or sum of their losses; elements: mean over all that is compared, as in PyTorch",
        group="Gradient",
        when=((NETWORK,),),
    )
    truncation: int = number(
        "int",
        0,
        0,
        100_000,
        "Truncation",
        "no gradient crosses into the step before every k-th one; 0 cuts nothing",
        group="Gradient",
        when=((CHAIN,),),
    )
    rule: str = choice(
        "accumulate",
        ("accumulate", "overwrite"),
        "Parameter gradient",
        "every step adds its term (+=) or replaces what was there (=)",
        group="Gradient",
    )
    zeroing: bool = setting(
        "bool",
        True,
        "Zero gradients first",
        "without it the gradient of the backward run before is still there, and comes twice",
        group="Gradient",
    )
    clip: str = choice(
        "off", ("off", "norm", "value"), "Clip", "of the parameter gradient", group="Gradient"
    )
    clip_at: float = number(
        "float",
        1.0,
        1e-6,
        1e6,
        "Threshold θ",
        "g ← g·θ/‖g‖ when ‖g‖ ≥ θ, or every entry to −θ … θ",
        group="Gradient",
        when=((("clip", ("norm", "value")),),),
        log=True,
    )
    learning_rate: float = number(
        "float", 0.01, 0.0, 100.0, "Learning rate", "of the update", group="Gradient"
    )
    dtype: str = choice(
        "float64", ("float64", "float32"), "Numbers", "float64 or float32", group="Gradient"
    )

    def __post_init__(self) -> None:
        for row in settings():
            object.__setattr__(self, row.name, row.clean(getattr(self, row.name)))
        if self.kernel % 2 == 0:
            raise Unusable(f"kernel must be odd, got {self.kernel}; give 1, 3, 5 …", exit=2)
        if self.radius and self.sigma:
            raise Unusable("radius and sigma scale the same matrix; give one of them", exit=2)

    def changed(self, **values: object) -> Experiment:
        """A copy with other values; an unknown name is Unusable."""
        unknown = sorted(set(values) - {s.name for s in settings()})
        if unknown:
            raise unknown_setting(unknown[0], [s.name for s in settings()])
        return replace(self, **values)  # type: ignore[arg-type]

    @property
    def taught(self) -> Experiment:
        """A copy that reads the truth: what it writes, and how, is nothing that is learnt."""
        return self.changed(**{s.name: s.default for s in settings() if s.group == "Writing"})

    def shows(self, row: Setting) -> bool:
        """Whether the setting has a meaning with the other values as they are."""
        if self.arrangement == "expression" and row.name in UPDATES:
            return False
        return not row.when or any(
            all(getattr(self, name) in allowed for name, allowed in pairs) for pairs in row.when
        )

    def meant(self) -> Experiment:
        """A copy in which every setting that has no meaning here stands at its default, or where
        the arrangement has it."""
        return _meant(self)


@lru_cache(maxsize=256)  # many ask for it at every change
def _meant(experiment: Experiment) -> Experiment:
    hidden = {s.name: s.default for s in settings() if not experiment.shows(s)}
    if experiment.arrangement in READOUTS:
        hidden["readout"] = READOUTS[experiment.arrangement]
    then = replace(experiment, **hidden)  # type: ignore[arg-type]
    # what is set back may take the meaning of another away
    return experiment if then == experiment else _meant(then)


@cache
def settings() -> tuple[Setting, ...]:
    """All settings in the order of the fields."""
    found: Any = fields(Experiment)
    return tuple(Setting(name=f.name, default=f.default, **f.metadata) for f in found)
