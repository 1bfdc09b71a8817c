"""WHAT of the command line: whatever can be named, a lesson with its variants too, computed.

One session, sequence or sample is in `given`; what is done with them in the commands' modules.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from engine.errors import BAD_SETTINGS, Unusable
from visualizer.commands.given import is_lesson, note, one
from visualizer.commands.options import given_settings
from visualizer.document.derive import Derived
from visualizer.lessons.opening import opened
from visualizer.lessons.reading import lesson


@dataclass(frozen=True, slots=True)
class Given:
    """What was named, computed; `title` is that of the variant of a lesson."""

    derived: Derived
    title: str = ""


def given(options: argparse.Namespace) -> Derived:
    """What the options name, computed; of a lesson one variant."""
    return next(iter(variants(options, first=True))).derived


def variants(options: argparse.Namespace, first: bool = False) -> list[Given]:
    """Every variant of a lesson, or the one asked for; of all else there is one.

    `first`: of a lesson only the first. What the user should know goes to standard error.
    """
    settings = given_settings(options)
    if not is_lesson(options.what):
        if getattr(options, "variant", None) is not None:
            raise Unusable(
                f"--variant is for lessons, and {options.what} is none; leave it out",
                exit=BAD_SETTINGS,
            )
        return [Given(one(options, settings))]
    _refuse_files(options)
    found = lesson(options.what)
    numbers = list(range(1 if first else len(found.variants)))
    if getattr(options, "variant", None) is not None:
        numbers = [found.number_of(options.variant)]
    made = [Given(opened(found, n, settings), found.variants[n].title) for n in numbers]
    for each in made:
        note(each.derived.notice)
    return made


def _refuse_files(options: argparse.Namespace) -> None:
    for option in ("sequence", "missing"):
        if getattr(options, option) is not None:
            raise Unusable(
                f"--{option} does not go with a lesson, which has its sequence; leave it out",
                exit=BAD_SETTINGS,
            )
