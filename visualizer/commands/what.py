"""WHAT of the command line: whatever can be named, a lesson with its variants too, computed.

One session, sequence or sample is in `given`; what is done with them in the commands' modules.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from engine.errors import BAD_SETTINGS, Unusable
from visualizer.commands.given import is_lesson, note, one
from visualizer.commands.options import given_settings
from visualizer.document.derive import Derived, derive
from visualizer.document.snapshot import Snapshot
from visualizer.document.titles import titles_of
from visualizer.lessons.opening import opened
from visualizer.lessons.reading import lesson


@dataclass(frozen=True, slots=True)
class Given:
    """What was named, computed; `title` is that of the variant of a lesson, or of one of two."""

    derived: Derived
    title: str = ""


def given(options: argparse.Namespace) -> Derived:
    """What the options name, computed, of a lesson one variant; with --compare a second one."""
    derived = _alone(options, first=True)[0].derived
    wanted = getattr(options, "compare", None)
    if wanted is None:
        return derived
    both = derive(derived.snapshot.compared_with(_other(options, derived, wanted)), derived)
    note(both.notice)
    return both


def variants(options: argparse.Namespace) -> list[Given]:
    """Every variant of a lesson, or the one asked for; both of two that are compared; of all else
    there is one. What the user should know goes to standard error."""
    if getattr(options, "compare", None) is not None:
        return _parts(given(options))
    found = _alone(options)
    return _parts(found[0].derived, found[0].title) if len(found) == 1 else found


def _parts(derived: Derived, title: str = "") -> list[Given]:
    """Every experiment of a comparison, as they stand one above the other; one alone has the title
    that is given."""
    parts = derived.parts[::-1] if derived.snapshot.below else derived.parts
    if len(parts) < 2:
        return [Given(derived, title)]
    titles = titles_of(parts[0][0], parts[1][0])
    return [
        Given(Derived(snapshot.alone, computed), title)
        for (snapshot, computed), title in zip(parts, titles)
    ]


def _other(options: argparse.Namespace, derived: Derived, words: str) -> Snapshot:
    """The experiment that --compare names: the same with other settings, or another variant."""
    settings: dict[str, object] = {}
    for part in words.split(","):
        name, equals, value = part.partition("=")
        if not equals or not name.strip():
            raise Unusable(
                f"--compare takes settings like cell=lstm,forget_bias=3; got {words!r}",
                exit=BAD_SETTINGS,
            )
        settings[name.strip().replace("-", "_")] = value.strip()
    variant = settings.pop("variant", None)
    if variant is None:
        return derived.snapshot.alone.with_settings(**settings)
    if not is_lesson(options.what):
        raise Unusable(
            f"variants are those of a lesson, and {options.what} is none; name settings",
            exit=BAD_SETTINGS,
        )
    found = lesson(options.what)
    return opened(found, found.number_of(str(variant)), settings).snapshot


def _alone(options: argparse.Namespace, first: bool = False) -> list[Given]:
    """What is named, without --compare; `first`: of a lesson only the first variant."""
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
    for option in ("sequence", "missing", "columns", "as_is"):
        if getattr(options, option, None) is not None:
            raise Unusable(
                f"--{option.replace('_', '-')} does not go with a lesson, which has its sequence;"
                " leave it out",
                exit=BAD_SETTINGS,
            )
