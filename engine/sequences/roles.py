"""Which column is what, as somebody asks for it: by the name of a column, or by its number.

What columns are taken for where nobody asks is in `grid`. A sequence that is open can change them
too: numbers become labels or times, and words that are numbers become numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from engine.errors import BAD_SETTINGS, Unusable
from engine.sequences.sequence import ROLES, Floats, Sequence, Strings
from engine.sequences.signal import Signal
from engine.sequences.wording import quoted

OF_NUMBERS = ("input", "target", "ignore")
OF_WORDS = ("label", "time", "ignore")
MOST_WORDS = 10_000_000  # steps that can be words


def by_column(asked: Mapping[str, str], names: Strings, source: str) -> list[str]:
    """The role of each column, "" where nothing was asked; a key is a name, or a number from 1."""
    roles = [""] * len(names)
    for name, role in asked.items():
        if role not in ROLES:
            raise Unusable(
                f"the role of a column must be one of {', '.join(ROLES)}; got {quoted(role)}",
                exit=BAD_SETTINGS,
            )
        if name in names:
            roles[names.index(name)] = role
        elif name.isdecimal() and 1 <= int(name) <= len(roles):
            roles[int(name) - 1] = role
        else:
            raise Unusable(
                f"{source} has no column {quoted(name)}; its columns are {', '.join(names[:12])}",
                exit=BAD_SETTINGS,
            )
    return roles


@dataclass(frozen=True, slots=True)
class Part:
    """A column of a sequence: `words` per series where it is no column of numbers. `possible`: the
    roles that it can have."""

    name: str
    role: str
    possible: Strings
    words: tuple[Strings, ...] = ()


def parts_of(sequence: Sequence) -> tuple[Part, ...]:
    """The columns of numbers, then labels and times if there are some."""
    large = sum(sequence.lengths()) > MOST_WORDS
    stay = large or any(isinstance(each, Signal) for each in sequence.series)
    of_numbers = OF_NUMBERS if stay else ROLES
    parts = [Part(n, role, of_numbers) for n, role in zip(sequence.columns, sequence.roles)]
    for role, words in (("label", sequence.labels), ("time", sequence.times)):
        if words:
            parts.append(Part(f"({role})", role, _possible(role, words, sequence), words))
    return tuple(parts)


def _possible(role: str, words: tuple[Strings, ...], sequence: Sequence) -> Strings:
    """One name for a whole series is no time, and no number of a step."""
    if any(len(each) != steps for each, steps in zip(words, sequence.lengths())):
        return (role, "ignore")
    return ROLES if all(_numbers(each) is not None for each in words) else OF_WORDS


def with_roles(sequence: Sequence, asked: Mapping[str, str]) -> Sequence:
    """The sequence with other roles of its columns; words that are ignored are gone."""
    if not asked:
        return sequence
    name = sequence.source or "the sequence"
    if sequence.kind != "numbers":
        raise Unusable(f"{name} is text, which has no columns; leave them out", exit=BAD_SETTINGS)
    parts = parts_of(sequence)
    found = by_column(asked, tuple(part.name for part in parts), name)
    roles = [role or part.role for role, part in zip(found, parts)]
    _check(parts, roles, name)
    moved = any(
        role != part.role and (part.words or role not in OF_NUMBERS)
        for part, role in zip(parts, roles)
    )
    if not moved:
        return replace(sequence, roles=tuple(roles[: len(sequence.columns)]))
    return _rebuilt(sequence, parts, roles)


def _check(parts: tuple[Part, ...], roles: list[str], name: str) -> None:
    for part, role in zip(parts, roles):
        if role not in part.possible:
            what = "words" if part.words else "numbers"
            raise Unusable(
                f"{name}: the {what} of {quoted(part.name)} can be {', '.join(part.possible)}, not"
                f" {role}",
                exit=BAD_SETTINGS,
            )
    for role in ("label", "time"):
        if roles.count(role) > 1:
            names = ", ".join(p.name for p, r in zip(parts, roles) if r == role)
            raise Unusable(
                f"{name}: {names} would all be {role}, and one column can be; give the others"
                " another role, ignore for one",
                exit=BAD_SETTINGS,
            )
    if "input" not in roles:
        raise Unusable(
            f"{name} has no input left; at least one is needed: change a role to input",
            exit=BAD_SETTINGS,
        )


def _rebuilt(sequence: Sequence, parts: tuple[Part, ...], roles: list[str]) -> Sequence:
    kept = [c for c, role in enumerate(roles) if role in OF_NUMBERS]
    kept = [c for c in kept if not (parts[c].words and roles[c] == "ignore")]
    words = dict.fromkeys(("label", "time"), ()) | {
        role: _words(sequence, parts[c], c) for c, role in enumerate(roles) if role in OF_WORDS[:2]
    }
    labels = words["label"]
    if labels != sequence.labels and all(len(set(each)) == 1 for each in labels):
        labels = tuple(each[:1] for each in labels)  # one name for a whole series
    series = [
        np.stack([_column(sequence, parts[c], c, b) for c in kept], axis=1)
        for b in range(sequence.count)
    ]
    return replace(
        sequence,
        series=tuple(series),
        columns=tuple(parts[c].name.strip("()") if parts[c].words else parts[c].name for c in kept),
        roles=tuple(roles[c] for c in kept),
        labels=labels,
        times=words["time"],
        vocabulary=sequence.vocabulary if labels == sequence.labels else (),
    )


def _column(sequence: Sequence, part: Part, c: int, b: int) -> Floats:
    if not part.words:
        return np.asarray(sequence.series[b][:], np.float64)[:, c]
    numbers = _numbers(part.words[b])
    assert numbers is not None  # else the role was not possible
    return numbers


def _words(sequence: Sequence, part: Part, c: int) -> tuple[Strings, ...]:
    return part.words or tuple(
        tuple(f"{value:.15g}" for value in np.asarray(each[:])[:, c].tolist())
        for each in sequence.series
    )


def _numbers(words: Strings) -> Floats | None:
    """The words as numbers, if they are finite ones."""
    try:
        found = np.array([float(word) for word in words])
    except ValueError:
        return None
    return found if np.isfinite(found).all() and not any("_" in word for word in words) else None


def as_asked(sequence: Sequence, roles: Mapping[str, str], as_is: Strings) -> Sequence:
    """The sequence with other roles of its columns, and some that are not standardised."""
    return kept_as_is(with_roles(sequence, roles), as_is)


def kept_as_is(sequence: Sequence, names: Strings) -> Sequence:
    """The sequence with these columns fed as they are, where the others are standardised."""
    if not names:
        return sequence
    found = []
    for name in names:
        numbered = f"column {name}"  # of a table without names
        if name not in sequence.columns and numbered not in sequence.columns:
            known = ", ".join(sequence.columns[:12]) or "none"
            raise Unusable(
                f"{sequence.source or 'the sequence'} has no column of numbers {quoted(name)};"
                f" those of numbers are {known}",
                exit=BAD_SETTINGS,
            )
        found.append(name if name in sequence.columns else numbered)
    return replace(sequence, as_is=tuple(dict.fromkeys(found)))


def parsed(words: str) -> dict[str, str]:
    """Roles as they are typed: `temperature=input,sky=label`."""
    found: dict[str, str] = {}
    for part in words.split(","):
        name, equals, role = part.rpartition("=")
        if not equals or not name.strip():
            raise Unusable(
                f"columns take roles like 3=target,sky=label ({', '.join(ROLES)}); got"
                f" {quoted(words)}",
                exit=BAD_SETTINGS,
            )
        found[name.strip()] = role.strip()
    return found
