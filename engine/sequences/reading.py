"""From a file or typed text to a `Sequence`: the table of readers, and the doors `read`, `typed`.

What a format looks like inside is in `engine.sequences.readers`, a file each.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path

from engine import files
from engine.errors import BAD_SETTINGS, Unusable
from engine.sequences import samples
from engine.sequences.columns import check_missing
from engine.sequences.generated import GENERATED, drawn
from engine.sequences.roles import as_asked
from engine.sequences.sequence import TOKENS, Sequence
from engine.sequences.source import Reading, Source


@dataclass(frozen=True, slots=True)
class Reader:
    """One format: its suffixes, what it is called in a file dialog, and the function of a module
    of `readers` that reads it, which is imported when it does. `stays`: most of it stays in the
    file, which may be larger than what is loaded. `roles`: it gives columns the roles asked for."""

    suffixes: tuple[str, ...]
    title: str
    place: str
    stays: bool = False
    roles: bool = False

    def read(self, source: Source) -> Sequence:
        module, _, function = self.place.partition(".")
        place = import_module(f"engine.sequences.readers.{module}")
        read: Callable[[Source], Sequence] = getattr(place, function)
        found = read(source)
        return as_asked(found, {} if self.roles else source.reading.roles, source.reading.as_is)


READERS = (
    Reader((".txt",), "Text", "text.read"),
    Reader((".csv", ".tsv"), "Table", "table.read", roles=True),
    Reader((".npy",), "Numpy array", "arrays.read_npy"),
    Reader((".npz",), "Numpy arrays", "arrays.read_npz"),
    Reader((".ts",), "UCR/UEA time series", "ts.read"),
    Reader((".json",), "JSON", "json_text.read", roles=True),
    Reader((".jsonl",), "JSON lines", "json_text.read_lines", roles=True),
    Reader((".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp"), "Picture", "picture.read"),
    Reader((".wav",), "Sound", "wav.read", stays=True),
)


def suffixes() -> tuple[str, ...]:
    """All suffixes that `read` takes, in the order of READERS."""
    return tuple(suffix for reader in READERS for suffix in reader.suffixes)


def read(
    path: str | os.PathLike[str],
    *,
    tokens: str = "auto",
    missing: str | None = None,
    delimiter: str | None = None,
    roles: Mapping[str, str] | Iterable[str] | None = None,
    as_is: Iterable[str] = (),
) -> Sequence:
    """The sequence in a file; which reader, says the suffix.

    tokens: words or characters; auto is characters for .txt.
    missing: what is done about missing values, drop or interpolate; None: they are an error.
    delimiter: of a table; None: looked up in its first line.
    roles: input, target, label, time or ignore, by the name of the column or by its number counted
      from "1", or one for each column in order.
    as_is: columns that are fed as they are where the others are standardised.
    A file of `resources/samples` is read as its row in SOURCES.toml says. Raises `Unusable`.
    """
    given = Path(path)
    reading = samples.reading_of(given) or Reading()
    if tokens != "auto":
        reading = replace(reading, tokens=tokens)
    if missing is not None:
        reading = replace(reading, missing=missing)
    if delimiter is not None:
        reading = replace(reading, delimiter=delimiter)
    if roles is not None:
        named = roles if isinstance(roles, Mapping) else _numbered(roles)
        reading = replace(reading, roles=dict(named))
    if as_is:
        reading = replace(reading, as_is=tuple(as_is))
    return read_as(given, reading)


def _numbered(roles: Iterable[str]) -> dict[str, str]:
    return {str(c): role for c, role in enumerate(roles, start=1)}


def read_as(path: Path, reading: Reading) -> Sequence:
    """The sequence in a file, read as said."""
    check_tokens(reading.tokens)
    check_missing(reading.missing)
    suffix = path.suffix.lower()
    for reader in READERS:
        if suffix in reader.suffixes:
            data = b"" if reader.stays else files.load(path)
            return reader.read(Source(path.name, data, reading, path))
    found = f"the suffix {suffix}" if suffix else "no suffix"
    raise Unusable(
        f"{path.name} has {found}; a sequence is {', '.join(suffixes())}: save it as one of these"
    )


def sample(name: str) -> Sequence:
    """The shipped sample with this id, or a few sequences of the task with this id."""
    if name in GENERATED:
        return drawn(name)
    known = {each.id: each for each in samples.samples()}
    if name not in known:
        raise Unusable(f"there is no sample {name}; samples are {', '.join(known)}")
    return read_as(known[name].path, known[name].reading)


def typed(text: str | Iterable[str], tokens: str = "words") -> Sequence:
    """Typed or pasted text: one string is one series, several strings are a ragged batch."""
    check_tokens(tokens)
    given = (text,) if isinstance(text, str) else tuple(text)
    texts = tuple(_tidy(each) for each in given)
    if not texts or not all(each.strip() for each in texts):
        raise Unusable("the text is empty; at least two words are needed: type some")
    words = " ".join(texts[0][:400].split())
    return Sequence(
        kind="text",
        texts=texts,
        tokens="words" if tokens == "auto" else tokens,
        title=words if len(words) <= 40 else words[:39].rstrip() + "…",
        source="typed",
    )


def _tidy(text: str) -> str:
    """Line ends made \\n; the last one belongs to the terminal, not to the text."""
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")


def check_tokens(tokens: str) -> None:
    if tokens not in ("auto", *TOKENS):
        raise Unusable(f"tokens must be auto, words or characters, got {tokens}", exit=BAD_SETTINGS)
