"""One setting of an experiment as forms and command lines need it: name, words, range, meaning.

Which settings there are stands in `engine.experiment`. Nothing heavy is imported here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from engine.errors import Unusable

Scalar = str | int | float | bool
# alternatives; each is pairs of a field and the values with which the setting has a meaning
When = tuple[tuple[tuple[str, tuple[Scalar, ...]], ...], ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """One field of `Experiment` as forms and command lines need it.

    `when`: alternatives, each of pairs (other field, allowed values) that all hold; where none
    does, the setting has no meaning and is hidden. Empty: it always has.
    `reshapes`: a change makes new parameters.
    """

    name: str
    label: str
    help: str
    group: str
    kind: str  # choice, int, float, bool, text (of at most `high` characters)
    default: Scalar
    choices: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 0.0
    log: bool = False
    when: When = ()
    reshapes: bool = False

    @property
    def needs(self) -> str:
        """With which other settings this one has a meaning, in words."""
        ways = (
            " with ".join(f"{name} {', '.join(map(str, allowed))}" for name, allowed in pairs)
            for pairs in self.when
        )
        return "; or ".join(ways)

    def clean(self, value: object) -> Scalar:
        """`value` as this setting's type; Unusable if it is not allowed."""
        if self.kind == "bool":
            return self._bool(value)
        if self.kind == "text":
            return self._text(value)
        if self.kind == "choice":
            if value in self.choices:
                return str(value)
            raise Unusable(
                f"{self.name} must be one of {', '.join(self.choices)}; got {value!r}", exit=2
            )
        return self._number(value)

    def _text(self, value: object) -> str:
        if not isinstance(value, str):
            raise Unusable(f"{self.name} must be a text; got {value!r}", exit=2)
        if len(value) > self.high:
            raise Unusable(
                f"{self.name} must be at most {self.high:g} characters, got {len(value):,}", exit=2
            )
        if any(not c.isprintable() and c not in "\n\t\u00a0" for c in value):
            raise Unusable(f"{self.name} holds a character that is not text; type it anew", exit=2)
        return value

    def _bool(self, value: object) -> bool:
        words = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.lower() in words:
            return words[value.lower()]
        raise Unusable(f"{self.name} must be yes or no; got {value!r}", exit=2)

    def _number(self, value: object) -> int | float:
        allowed = f"{self.name} must be {_limit(self.low)}..{_limit(self.high)}"
        try:
            number = float(value)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            raise Unusable(f"{allowed}; got {value!r}", exit=2) from None
        if not self.low <= number <= self.high or (self.kind == "int" and number % 1):
            raise Unusable(f"{allowed}, got {value}", exit=2)
        return int(number) if self.kind == "int" else number


def unknown_setting(name: str, known: Iterable[str]) -> Unusable:
    """The error about a name that no setting has."""
    close = get_close_matches(name, list(known), n=2)
    likely = f"did you mean {' or '.join(close)}?" if close else "main.py run --help lists all"
    return Unusable(f"no setting is called {name[:40]!r}; {likely}", exit=2)


def _limit(number: float) -> str:
    """5,000,000 and not 5e+06; 4096 as it is."""
    return f"{number:,.0f}" if abs(number) >= 10_000 and number % 1 == 0 else f"{number:g}"


def choice(default: str, choices: tuple[str, ...], label: str, text: str, **more: Any) -> Any:
    return setting("choice", default, label, text, choices=choices, **more)


def number(kind: str, default: float, low: float, high: float, *words: str, **more: Any) -> Any:
    return setting(kind, default, words[0], words[1], low=low, high=high, **more)


def text(most: int, label: str, words: str, **more: Any) -> Any:
    return setting("text", "", label, words, high=most, **more)


def setting(kind: str, default: Scalar, label: str, text: str, **more: Any) -> Any:
    group = more.pop("group", "Model")
    return field(
        default=default,
        metadata={"kind": kind, "label": label, "help": text, "group": group, **more},
    )
