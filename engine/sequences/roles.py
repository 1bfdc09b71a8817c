"""Which column is what, as somebody asks for it: by the name of a column, or by its number.

What columns are taken for where nobody asks is in `grid`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from engine.errors import BAD_SETTINGS, Unusable
from engine.sequences.sequence import ROLES, Sequence, Strings
from engine.sequences.wording import quoted

OF_NUMBERS = ("input", "target", "ignore")


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


def with_roles(sequence: Sequence, asked: Mapping[str, str]) -> Sequence:
    """The sequence with other roles of its columns of numbers."""
    if not asked:
        return sequence
    name = sequence.source or "the sequence"
    if sequence.kind != "numbers":
        raise Unusable(f"{name} is text, which has no columns; leave them out", exit=BAD_SETTINGS)
    found = by_column(asked, sequence.columns, name)
    for column, role in zip(sequence.columns, found):
        if role and role not in OF_NUMBERS:
            raise Unusable(
                f"{name}: the numbers of {quoted(column)} can be {', '.join(OF_NUMBERS)}, not"
                f" {role}",
                exit=BAD_SETTINGS,
            )
    roles = tuple(role or old for role, old in zip(found, sequence.roles))
    if "input" not in roles:
        raise Unusable(
            f"{name} has no input left; at least one is needed: change a role to input",
            exit=BAD_SETTINGS,
        )
    return replace(sequence, roles=roles)


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
