"""`main.py lessons`: the lessons of the lecture; with a name and --export, one as files."""

from __future__ import annotations

import argparse
import json
from difflib import get_close_matches
from functools import partial
from pathlib import Path

from engine.errors import BAD_SETTINGS, Unusable
from visualizer.document import session
from visualizer.document.atomic import WORK_FAILED
from visualizer.document.derive import Derived
from visualizer.export import write
from visualizer.export.figures import FIGURES, figure, thumbnail
from visualizer.lessons.facts import filled
from visualizer.lessons.opening import opened
from visualizer.lessons.reading import Lesson, lesson, lessons
from visualizer.lessons.table import IDS
from visualizer.theme import Theme, theme_named


def perform(options: argparse.Namespace) -> int:
    if options.name is None:
        if options.export is not None:
            raise Unusable(
                "--export writes one lesson; give its name: main.py lessons NAME --export DIR",
                exit=BAD_SETTINGS,
            )
        return _list(options.json)
    found = _named(options.name)
    if options.export is None:
        return _tell(found, options.json)
    folder = _folder(options.export)
    files = [
        _write(found, n, folder, theme_named(options.theme)) for n in range(len(found.variants))
    ]
    for variant, wrote in zip(found.variants, files):
        title = f"{variant.title}: " if variant.title else ""
        print(f"{title}wrote {', '.join(map(str, wrote))}")
    return 0


def _write(found: Lesson, n: int, folder: Path, theme: Theme) -> list[Path]:
    """The files of a variant: the graph, its plot and the session."""
    derived = opened(found, n)
    name = found.id if n == 0 else f"{found.id}-{n + 1}"
    view, moment = derived.snapshot.view, derived.snapshot.playhead
    wrote = [folder / f"{name}.svg", folder / f"{name}{session.SUFFIX}"]
    level = view.level if view is not None else None
    write(figure(derived.film, moment=moment, level=level, like=view), wrote[0], theme)
    session.save(wrote[1], _packed(derived))
    plot = found.view(n).plot.split()[0]
    if plot in FIGURES:
        wrote.append(folder / f"{name}-{plot}.svg")
        write(figure(derived.film, plot, moment=moment, like=view), wrote[-1], theme)
    return wrote


def _list(as_json: bool) -> int:
    rows = [{"id": each.id, "title": each.title, "about": each.about} for each in lessons()]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False))
        return 0
    width = max(map(len, IDS))
    group = ""
    for each in lessons():
        if each.group != group:
            print(f"{chr(10) if group else ''}{each.group}")
            group = each.group
        print(f"  {each.id:{width}}  {each.title}")
    return 0


def _tell(found: Lesson, as_json: bool) -> int:
    """One lesson: what it shows, with its numbers."""
    made = [opened(found, n) for n in range(len(found.variants))]
    told = [partial(filled, run=each.run, trained=each.snapshot.trained) for each in made]
    caption = told[0](found.record.caption)
    shown = [(v.title, tell(v.caption)) for v, tell in zip(found.variants, told)]
    if as_json:
        rows = [{"title": title, "caption": words} for title, words in shown]
        fact = {"id": found.id, "title": found.title, "about": found.about, "caption": caption}
        print(json.dumps({**fact, "variants": rows}, ensure_ascii=False))
        return 0
    print(f"{found.title}: {found.about}\n\n{caption}")
    for n, (title, words) in enumerate(shown, 1):
        if title or words:
            print(f"\n{n}  {title}\n   {words}")
    return 0


def _named(name: str) -> Lesson:
    if name in IDS:
        return lesson(name)
    close = get_close_matches(name.lower(), IDS, cutoff=0.5)
    likely = f"did you mean {' or '.join(close)}? " if close else ""
    raise Unusable(
        f"there is no lesson {name[:60]}; {likely}main.py lessons lists all", exit=BAD_SETTINGS
    )


def _folder(name: str) -> Path:
    folder = Path(name)
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise Unusable(
            f"the folder {folder} cannot be made ({error.strerror}); give one that can be written",
            exit=WORK_FAILED,
        ) from None
    return folder


def _packed(derived: Derived) -> bytes:
    small = thumbnail(derived.snapshot, derived.film)
    return session.pack(derived.snapshot, *derived.losses, thumbnail=small)
