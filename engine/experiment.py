"""What the user can choose of an experiment: one frozen snapshot, and the table of its settings.

From the fields follow form, command line, session schema and undo. Neither numpy nor anything
else heavy is imported here, so that `--help` is instant; `engine.run` does the work.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

from engine.errors import Unusable

Scalar = str | int | float | bool

CELL_CHOICES = ("elman", "gated", "lstm", "lecture-gru", "gru")


@dataclass(frozen=True, slots=True)
class Setting:
    """One field of `Experiment` as forms and command lines need it.

    `when`: (other field, allowed values); the setting has no meaning otherwise and is hidden.
    `reshapes`: a change makes new parameters.
    """

    name: str
    label: str
    help: str
    group: str
    kind: str  # choice, int, float, bool
    default: Scalar
    choices: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 0.0
    log: bool = False
    when: tuple[str, tuple[Scalar, ...]] | None = None
    reshapes: bool = False

    def clean(self, value: object) -> Scalar:
        """`value` as this setting's type; Unusable if it is not allowed."""
        if self.kind == "bool":
            return self._bool(value)
        if self.kind == "choice":
            if value in self.choices:
                return str(value)
            raise Unusable(
                f"{self.name} must be one of {', '.join(self.choices)}; got {value!r}", exit=2
            )
        return self._number(value)

    def _bool(self, value: object) -> bool:
        words = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.lower() in words:
            return words[value.lower()]
        raise Unusable(f"{self.name} must be yes or no; got {value!r}", exit=2)

    def _number(self, value: object) -> int | float:
        allowed = f"{self.name} must be {self.low:g}..{self.high:g}"
        try:
            number = float(value)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            raise Unusable(f"{allowed}; got {value!r}", exit=2) from None
        if not self.low <= number <= self.high or (self.kind == "int" and number % 1):
            raise Unusable(f"{allowed}, got {value}", exit=2)
        return int(number) if self.kind == "int" else number


def _choice(default: str, choices: tuple[str, ...], label: str, text: str, **more: Any) -> Any:
    return _setting("choice", default, label, text, choices=choices, **more)


def _number(kind: str, default: float, low: float, high: float, *words: str, **more: Any) -> Any:
    return _setting(kind, default, words[0], words[1], low=low, high=high, **more)


def _setting(kind: str, default: Scalar, label: str, text: str, **more: Any) -> Any:
    group = more.pop("group", "Model")
    return field(
        default=default,
        metadata={"kind": kind, "label": label, "help": text, "group": group, **more},
    )


@dataclass(frozen=True, slots=True)
class Experiment:
    """Everything but the sequence and the numbers in the parameters. Every value is checked."""

    cell: str = _choice(
        "elman", CELL_CHOICES, "Cell", "what is repeated at every step", reshapes=True
    )
    nonlinearity: str = _choice(
        "tanh",
        ("tanh", "relu", "identity", "sigmoid"),
        "Nonlinearity",
        "σ in h = σ(W_hh h + W_xh x + b)",
        when=("cell", ("elman",)),
    )
    reset: str = _choice(
        "after",
        ("after", "before"),
        "Reset gate",
        "after the product, r ⊙ (U h) as in PyTorch, or before it, U (r ⊙ h) as in the paper",
        when=("cell", ("gru",)),
        reshapes=True,
    )
    hidden: int = _number(
        "int", 8, 1, 4096, "Hidden units", "width of the state", reshapes=True, log=True
    )
    layers: int = _number("int", 1, 1, 8, "Layers", "recurrent layers, stacked", reshapes=True)
    direction: str = _choice(
        "forward",
        ("forward", "both"),
        "Direction",
        "both: a second chain reads each sequence from its end, and the readout sees both",
        reshapes=True,
    )
    readout: str = _choice(
        "every", ("every", "last"), "Readout", "a readout and a loss at every step or at the last"
    )
    task: str = _choice(
        "auto",
        ("auto", "next", "regression", "class"),
        "Task",
        "what is predicted; auto: what the sequence offers",
        group="Sequence",
        reshapes=True,
    )
    tokens: str = _choice(
        "auto",
        ("auto", "words", "characters"),
        "Tokens",
        "how text is cut; auto: words if typed, characters from a file",
        group="Sequence",
        reshapes=True,
    )
    standardise: bool = _setting(
        "bool", True, "Standardise", "numbers to mean 0 and deviation 1", group="Sequence"
    )
    initialisation: str = _choice(
        "glorot",
        ("glorot", "orthogonal", "identity", "gaussian"),
        "Start",
        "how the recurrent matrix starts; the others start with Glorot's rule",
        group="Parameters",
        reshapes=True,
    )
    gain: float = _number(
        "float",
        1.0,
        0.0,
        10.0,
        "Gain",
        "the recurrent matrix is multiplied by this; Gaussian: deviation gain/√n",
        group="Parameters",
        reshapes=True,
    )
    radius: float = _number(
        "float",
        0.0,
        0.0,
        10.0,
        "Spectral radius ρ",
        "the recurrent matrix is scaled to this spectral radius; 0 leaves it",
        group="Parameters",
        reshapes=True,
        when=("sigma", (0.0,)),
    )
    sigma: float = _number(
        "float",
        0.0,
        0.0,
        10.0,
        "Singular value σ₁",
        "the recurrent matrix is scaled to this largest singular value; 0 leaves it",
        group="Parameters",
        reshapes=True,
        when=("radius", (0.0,)),
    )
    forget_bias: float = _number(
        "float",
        0.0,
        -10.0,
        10.0,
        "Gate bias",
        "start of the bias of the gate that remembers (f; z of the GRU)",
        group="Parameters",
        when=("cell", ("gated", "lstm", "lecture-gru", "gru")),
        reshapes=True,
    )
    seed: int = _number(
        "int", 3, 0, 2**31 - 1, "Seed", "of the random start", group="Parameters", reshapes=True
    )
    loss: str = _choice(
        "auto",
        ("auto", "cross-entropy", "squared-error"),
        "Loss",
        "auto: cross-entropy for classes, squared error for numbers",
        group="Gradient",
    )
    reduction: str = _choice(
        "mean", ("mean", "sum"), "Over sequences", "mean or sum of their losses", group="Gradient"
    )
    rule: str = _choice(
        "accumulate",
        ("accumulate", "overwrite"),
        "Parameter gradient",
        "every step adds its term (+=) or replaces what was there (=)",
        group="Gradient",
    )
    zeroing: bool = _setting(
        "bool",
        True,
        "Zero gradients first",
        "without it the gradient of the backward run before is still there, and comes twice",
        group="Gradient",
    )
    clip: str = _choice(
        "off", ("off", "norm", "value"), "Clip", "of the parameter gradient", group="Gradient"
    )
    clip_at: float = _number(
        "float",
        1.0,
        1e-6,
        1e6,
        "Threshold θ",
        "g ← g·θ/‖g‖ when ‖g‖ ≥ θ, or every entry to −θ … θ",
        group="Gradient",
        when=("clip", ("norm", "value")),
        log=True,
    )
    learning_rate: float = _number(
        "float", 0.01, 0.0, 100.0, "Learning rate", "of the update", group="Gradient"
    )
    dtype: str = _choice(
        "float64", ("float64", "float32"), "Numbers", "float64 or float32", group="Gradient"
    )

    def __post_init__(self) -> None:
        for setting in settings():
            value = setting.clean(getattr(self, setting.name))
            object.__setattr__(self, setting.name, value)
        if self.radius and self.sigma:
            raise Unusable("radius and sigma both scale the same matrix; give one of them", exit=2)

    def changed(self, **values: object) -> Experiment:
        """A copy with other values; an unknown name is Unusable and lists the known ones."""
        unknown = sorted(set(values) - {s.name for s in settings()})
        if unknown:
            known = ", ".join(s.name for s in settings())
            raise Unusable(f"no setting is called {unknown[0]!r}; there are {known}", exit=2)
        return dataclasses.replace(self, **values)  # type: ignore[arg-type]

    def shows(self, setting: Setting) -> bool:
        """Whether the setting has a meaning with the other values as they are."""
        return setting.when is None or getattr(self, setting.when[0]) in setting.when[1]


_SETTINGS: list[Setting] = []


def settings() -> tuple[Setting, ...]:
    """All settings in the order of the fields."""
    if not _SETTINGS:
        for f in dataclasses.fields(Experiment):
            default: Any = f.default
            _SETTINGS.append(Setting(name=f.name, default=default, **dict(f.metadata)))
    return tuple(_SETTINGS)
