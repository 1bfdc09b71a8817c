"""A session, a sequence, a sample or `-`, made into a derived snapshot.

Lessons, which are several at once, are in `what`; what is done with it in the commands' modules.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from engine import files
from engine.errors import BAD_SETTINGS, Unusable
from engine.experiment import Experiment, settings
from engine.models.suffixes import may_be_model
from engine.sequences import Sequence, read, sample, samples, typed
from engine.sequences.roles import as_asked, parsed
from engine.sequences.source import Reading
from engine.sequences.together import files_named, read_together, stands_for_several
from visualizer.document import session
from visualizer.document.derive import Derived, derive
from visualizer.document.snapshot import Snapshot
from visualizer.lessons.table import IDS

STDIN = "-"
OF_A_MODEL = ("inputs", "prefix", "reference", "targets", "wire", "chunk", "context")


def is_lesson(what: str) -> bool:
    """A file of that name goes before a lesson, and a lesson before a sample."""
    return what in IDS and not os.path.exists(what)


def one(options: argparse.Namespace, chosen: dict[str, object]) -> Derived:
    """What the options name, computed. What the user should know goes to standard error."""
    path = Path(options.what)
    if options.sequence is None and more(options):
        _refuse_what_is_no_file([options.what, *more(options)])
    if path.suffix == session.SUFFIX and os.path.exists(path):
        refuse_arrays(options)
        derived = _session(path, chosen, options)
    elif may_be_model(options.what) and holds_model(path):
        derived = _model(path, chosen, options)
    else:
        refuse_arrays(options)
        if options.sequence is not None:
            raise Unusable(
                f"--sequence puts a sequence into a session, and {options.what} is none; "
                "give the sequence alone",
                exit=BAD_SETTINGS,
            )
        experiment = Experiment().changed(**{**asked_of(options.what), **chosen})
        sequence = sequence_of(options.what, reading_of(options, experiment.tokens), more(options))
        derived = derive(Snapshot(sequence, experiment), tell=note)
    note(derived.notice)
    _idle(derived.snapshot.experiment, chosen)
    return derived


def arranged(options: argparse.Namespace) -> argparse.Namespace:
    """The options with each of several files in its place: a session or a model is WHAT, and the
    others its sequence or its inputs."""
    from visualizer.document.several import told_apart

    found = told_apart([options.what, *more(options)])
    if found.head is None:
        return options
    given = argparse.Namespace(**vars(options))
    given.what, given.more = found.head, list(found.sequences[1:])
    for name, value in (("inputs", found.inputs), ("sequence", (*found.sequences, None)[0])):
        if value is None:
            continue
        if getattr(options, name) is not None:
            raise Unusable(
                f"{short(value)} and --{name} {short(getattr(options, name))} are both what"
                f" {short(found.head)} should read; give one of them",
                exit=BAD_SETTINGS,
            )
        setattr(given, name, value)
    return given


def refuse_arrays(options: argparse.Namespace) -> None:
    """Options that only a model has."""
    for option in OF_A_MODEL:
        if getattr(options, option, None) is not None:
            if may_be_model(options.what):
                files.load(Path(options.what))  # which says so if there is no such file
            raise Unusable(
                f"--{option} goes with a model (.safetensors .pt .pth .npz .keras .h5 .onnx),"
                f" and {options.what} is none; leave it out",
                exit=BAD_SETTINGS,
            )


def _refuse_what_is_no_file(names: list[str]) -> None:
    """Several files are one batch: each is a sequence."""
    for name in names:
        there = os.path.exists(name) or stands_for_several(name)
        if not there and name not in (STDIN, *named(), *IDS):
            raise Unusable(f"there is no file {short(name)}; give the path of a file that exists")
        if not there:
            raise Unusable(
                f"several files are read as one batch, and {short(name)} is no file; give it alone",
                exit=BAD_SETTINGS,
            )


def holds_model(path: Path) -> bool:
    """Whether a file that may be one is a model. What reads them is imported only then."""
    from visualizer.document import modelled

    return modelled.holds_model(path)


def _model(path: Path, chosen: dict[str, object], options: argparse.Namespace) -> Derived:
    """Somebody's weights on the batch recorded with them, on --sequence, or on noise."""
    from visualizer.document import modelled

    sequence = None
    refuse_reading(options)
    if path.suffix.lower() == ".onnx":
        options = of_graph(options)
    if options.sequence is not None:
        refuse_both(options)
        sequence = sequence_of(options.sequence, reading_of(options), more(options))
    kind = str(chosen.get("nonlinearity", "tanh"))
    files_named = {
        name: getattr(options, name, None) for name in ("inputs", "reference", "targets")
    }
    places = {name: Path(given) for name, given in files_named.items() if given is not None}
    snapshot = modelled.snapshot_of_model(
        path,
        sequence,
        prefix=getattr(options, "prefix", None),
        nonlinearity=kind,
        wire=getattr(options, "wire", None) or "auto",
        chunk=getattr(options, "chunk", None),
        context=getattr(options, "context", None),
        every=chosen.get("readout") == "every",
        dtype=chosen.get("dtype"),
        **places,
    )
    assert snapshot.given is not None
    note(snapshot.given.said)
    derived = derive(snapshot.with_settings(**chosen), tell=note)
    note(modelled.parity_words(derived.snapshot, derived.run))
    return derived


def _idle(experiment: Experiment, given: dict[str, object]) -> None:
    """Say which of the given settings have no meaning with the others, and what they need."""
    for row in settings():
        if row.name in given and not experiment.shows(row):
            note(f"{row.name} means nothing here; it needs {row.needs}")


def reading_of(options: argparse.Namespace, tokens: str = "auto") -> Reading:
    """How the options have a file read."""
    columns = getattr(options, "columns", None)
    roles = parsed(columns) if columns is not None else {}
    missing = getattr(options, "missing", None)
    as_is = (name.strip() for name in (getattr(options, "as_is", None) or "").split(","))
    return Reading(tokens, missing, roles=roles, as_is=tuple(filter(None, as_is)))


def more(options: argparse.Namespace) -> list[str]:
    """The files that were named after the first."""
    return list(getattr(options, "more", None) or ())


def refuse_both(options: argparse.Namespace) -> None:
    """A sequence brings all that a model reads, and its targets."""
    for option in ("inputs", "targets"):
        if getattr(options, option, None) is not None:
            raise Unusable(
                f"{short(options.sequence)} and --{option} are both what {short(options.what)}"
                " should read; give one of them (--columns 3=target makes a column the target)",
                exit=BAD_SETTINGS,
            )


def refuse_reading(options: argparse.Namespace) -> None:
    """How a file of a sequence is read says nothing where there is none."""
    for option in ("columns", "missing", "as_is"):
        if options.sequence is None and getattr(options, option, None) is not None:
            raise Unusable(
                f"--{option.replace('_', '-')} says how a sequence is read, and"
                f" {short(options.what)} was given none; name its file too, or leave it out",
                exit=BAD_SETTINGS,
            )


def of_graph(options: argparse.Namespace) -> argparse.Namespace:
    """The options of a graph of ONNX, which reads arrays by its own names or a sound: a sequence
    can only be that."""
    refuse_reading(options)
    if options.sequence is None:
        return options
    if Path(options.sequence).suffix.lower() != ".wav" or options.inputs is not None:
        raise Unusable(
            f"{options.what} is a graph, which reads arrays by its own names or one sound (.wav),"
            f" not {short(options.sequence)}; give --inputs FILE.npz",
            exit=BAD_SETTINGS,
        )
    return argparse.Namespace(**{**vars(options), "inputs": options.sequence, "sequence": None})


def sequence_of(what: str, reading: Reading | None = None, others: Iterable[str] = ()) -> Sequence:
    """The sequence in a file, in several, of a sample, or on standard input."""
    reading, others = reading or Reading(), list(others)
    if others or stands_for_several(what):
        return read_together(files_named((what, *others)), reading)
    if what == STDIN:
        tokens = "words" if reading.tokens == "auto" else reading.tokens
        return as_asked(typed(_standard_input(), tokens), reading.roles, reading.as_is)
    if os.path.exists(what):  # False, and no error, for a sentence that is too long for a name
        return read(
            Path(what),
            tokens=reading.tokens,
            missing=reading.missing,
            roles=reading.roles or None,
            as_is=reading.as_is,
        )
    names = named()
    if what in names:
        return as_asked(sample(what), reading.roles, reading.as_is)
    raise Unusable(
        f"there is no file, lesson, sample or task called {short(what)}; {_likely(what, names)}"
        "and - reads text from standard input"
    )


def named() -> list[str]:
    """Names of the samples, and of the tasks whose sequences are drawn."""
    from engine.sequences.generated import GENERATED

    return [*(each.id for each in samples()), *GENERATED]


def asked_of(what: str) -> dict[str, Any]:
    """Settings that belong to a task of that name; none for anything else."""
    from engine.sequences.generated import GENERATED

    task = GENERATED.get(what)
    return dict(task.settings) if task is not None and not os.path.exists(what) else {}


def _likely(what: str, names: list[str]) -> str:
    close = get_close_matches(what.lower(), [*IDS, *names], cutoff=0.6)
    if close:
        return f"did you mean {' or '.join(close)}? main.py lessons and main.py samples list all, "
    return "main.py lessons and main.py samples list what there is, "


def short(word: str) -> str:
    """A name for a message."""
    return word if len(word) <= 60 else f"{word[:60]}…"


def note(text: str) -> None:
    """A line that belongs neither to the output nor to the errors."""
    if text:
        print(f"note: {text}", file=sys.stderr)


def _session(path: Path, settings: dict[str, object], options: argparse.Namespace) -> Derived:
    stored = session.load(path)
    derived = derive(stored.snapshot, tell=note)
    note(stored.verify(*derived.losses))
    snapshot = derived.snapshot
    if settings:
        snapshot = snapshot.with_settings(**settings)
    if options.sequence is not None:
        tokens = snapshot.experiment.tokens
        snapshot = snapshot.with_sequence(
            sequence_of(options.sequence, reading_of(options, tokens), more(options))
        )
        snapshot = snapshot.with_settings(**settings)  # of these some are about this sequence
    elif options.missing is not None:
        raise Unusable(
            "--missing says how a file is read, and a session holds its numbers already; "
            "leave it out or give --sequence",
            exit=BAD_SETTINGS,
        )
    elif options.columns is not None or options.as_is is not None:
        reading = reading_of(options)
        sequence = as_asked(snapshot.sequence, reading.roles, reading.as_is)
        snapshot = snapshot.with_sequence(sequence)
    note(derived.notice)
    return derive(snapshot, derived, tell=note)


def _standard_input() -> str:
    data = sys.stdin.buffer.read(files.MAX_FILE + 1)
    if len(data) > files.MAX_FILE:
        raise Unusable(
            f"standard input has more than {files.MAX_FILE:,} bytes; give a shorter part of it"
        )
    return files.text(data, "standard input")
