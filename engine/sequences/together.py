"""Several files, a folder or a pattern as one ragged batch; each file is read by `reading`."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable
from collections.abc import Sequence as Several
from dataclasses import replace
from pathlib import Path

from engine import files
from engine.errors import Unusable
from engine.sequences.reading import read_as, suffixes
from engine.sequences.sequence import Sequence, join
from engine.sequences.source import Reading

MOST_FILES = 1_000
NAMED = 3  # files that the line which says what was read names


def stands_for_several(what: str) -> bool:
    """Whether a word names a folder, or is a pattern like `data/*.csv`."""
    return os.path.isdir(what) or (glob.has_magic(what) and not os.path.exists(what))


def files_of(what: str) -> tuple[Path, ...]:
    """The files that a folder or a pattern stands for, by name; other things in a folder are left
    alone. Unusable if there are none, or if they are of several formats."""
    if os.path.isdir(what):
        found = [path for path in Path(what).iterdir() if path.suffix.lower() in suffixes()]
    else:
        found = [Path(name) for name in glob.glob(what, recursive=True)]
    found = sorted(path for path in found if path.is_file() and not path.name.startswith("."))
    if not found:
        raise Unusable(
            f"{what} holds no file that is a sequence; {', '.join(suffixes())} are: name another"
        )
    formats = sorted({path.suffix.lower() for path in found})
    if len(formats) > 1:
        raise Unusable(
            f"{what} holds files of {len(formats)} formats ({', '.join(formats)}); one batch is of"
            f" one: name some of them, as in {Path(what) / ('*' + formats[0])}"
        )
    return tuple(found)


def files_named(names: Iterable[str]) -> tuple[Path, ...]:
    """The files that these words name, folders and patterns among them."""
    return tuple(
        path
        for name in names
        for path in (files_of(name) if stands_for_several(name) else (Path(name),))
    )


def read_together(paths: Several[Path], reading: Reading) -> Sequence:
    """The files as one ragged batch, a series each, or as many as each holds."""
    if not 1 <= len(paths) <= MOST_FILES:
        raise Unusable(f"{len(paths):,} files were given; 1..{MOST_FILES:,} are read: take fewer")
    total = sum(path.stat().st_size for path in paths if path.is_file())
    if total > files.MAX_EXPANDED:
        raise Unusable(
            f"{len(paths):,} files have {total:,} bytes; at most {files.MAX_EXPANDED:,} are read:"
            " take fewer"
        )
    found = tuple(read_as(path, reading) for path in paths)
    if len(found) == 1:
        return found[0]
    folder = paths[0].resolve().parent.name
    together = join(found, f"{folder} ({len(paths)} files)" if folder else f"{len(paths)} files")
    names = [path.name for path in paths]
    if len(names) > NAMED:
        names = [*names[:2], "…", names[-1]]
    return replace(together, source=", ".join(names))
