"""Bytes of a file that somebody gave: size, what they really are, text, members of a zip.

Everything here looks before it allocates and ends in data or in `Unusable`. What the data mean is
said by the readers; arrays are in `engine.npy`. Nothing here writes, runs or unpickles anything.
"""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from engine.damage import damage
from engine.errors import Unusable

MAX_FILE = 200_000_000  # bytes
MAX_EXPANDED = 1_000_000_000  # bytes, all members of a zip together
MAX_RATIO = 200  # expanded : stored
MAX_MEMBERS = 1_000
MAX_ELEMENTS = 100_000_000  # of one array

NPY_MAGIC = b"\x93NUMPY"
ZIP_MAGIC = b"PK\x03\x04"
ZIP_END = b"PK\x05\x06"  # with which an empty archive begins
ZIP_ENTRY = b"PK\x01\x02"  # with which every row of its directory does

_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    struct.error,
)


@dataclass(frozen=True, slots=True)
class Disguise:
    """Beginnings that tell what a file really is, and what to do about it."""

    beginnings: tuple[bytes, ...]
    what: str
    remedy: str


DISGUISES = (
    Disguise(
        (b"version https://git-lfs.",),
        "a Git LFS pointer",
        "fetch the file itself with git lfs pull",
    ),
    Disguise(
        (b"<!doctype html", b"<html", b"<head", b"<body"),
        "an HTML page",
        "download the file itself",
    ),
    Disguise((b"<?xml",), "an XML document", "export the data themselves"),
    Disguise(
        tuple(bytes((0x80, protocol)) for protocol in range(2, 6)),
        "a Python pickle, which is never opened",
        "save the numbers alone (.npy, .csv, .safetensors)",
    ),
    Disguise((NPY_MAGIC,), "a numpy array", "name it .npy"),
    Disguise((ZIP_MAGIC,), "a zip archive or a workbook", "export .csv or .npz"),
    Disguise((ZIP_END,), "a zip archive without a file in it", "save it anew"),
    Disguise((b"\x1f\x8b",), "compressed with gzip", "unpack it first"),
    Disguise((b"%PDF-",), "a PDF document", "export its text"),
    Disguise((b"\x89PNG", b"\xff\xd8\xff", b"GIF8"), "a picture", "export its numbers as .npy"),
    Disguise((b"\x89HDF",), "an HDF5 file", "export the array as .npy"),
    Disguise((b"\xff\xfe", b"\xfe\xff"), "text in UTF-16", "save it as UTF-8"),
)


def load(path: Path) -> bytes:
    """All bytes of a regular file of at most 200 MB."""
    name = path.name or str(path)
    with opened(path, name) as (file, status):
        if status.st_size > MAX_FILE:
            raise Unusable(
                f"{name} has {status.st_size:,} bytes; at most {MAX_FILE:,} are read:"
                " give a shorter part of it"
            )
        return file.read(MAX_FILE + 1)


@contextmanager
def opened(path: Path, name: str) -> Iterator[tuple[IO[bytes], os.stat_result]]:
    """A regular file that is not empty, open for reading, and what the system knows of it."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise Unusable(f"{name} is a folder; give the path of a file")
        if not stat.S_ISREG(status.st_mode):  # opening a pipe would wait for ever
            raise Unusable(f"{name} is not a regular file; give the path of a file")
        if not status.st_size:
            raise Unusable(f"{name} is empty (0 bytes); give a file with data")
        with path.open("rb") as file:
            yield file, status
    except FileNotFoundError:
        raise Unusable(f"there is no file {path}; give the path of a file that exists") from None
    except Unusable:
        raise
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Unusable(f"{name} cannot be read ({reason}); check its path and rights") from None


def expect(data: bytes, name: str, magic: bytes, what: str) -> None:
    """Raise `Unusable` unless the data begin with `magic`; says what they are instead."""
    if not data.startswith(magic):
        found = disguise(data)
        if found is None:
            raise Unusable(f"{name} is not {what}; save the data anew")
        raise Unusable(f"{name} is {found.what}, not {what}; {found.remedy}")


def disguise(data: bytes) -> Disguise | None:
    """What well-known thing other than plain text the data begin like; None if nothing."""
    head = data[:256].removeprefix(b"\xef\xbb\xbf")
    folded = head.lstrip().lower()
    for row in DISGUISES:
        if head.startswith(row.beginnings) or folded.startswith(row.beginnings):
            return row
    return None


def text(data: bytes, name: str) -> str:
    """The data as text: UTF-8, with or without a byte order mark, line ends made \\n."""
    found = disguise(data)
    if found is not None:
        raise Unusable(f"{name} is {found.what}; {found.remedy}")
    if b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        raise Unusable(f"{name}: line {line} has a zero byte, so this is no text; give a text file")
    try:
        decoded = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        byte = data[error.start]
        raise Unusable(
            f"{name}: line {line} has the byte 0x{byte:02x}, which is not UTF-8;"
            " save the file as UTF-8"
        ) from None
    if "\r" in decoded:
        decoded = decoded.replace("\r\n", "\n").replace("\r", "\n")
    return decoded


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a zip whose directory has passed the limits."""

    name: str
    size: int  # bytes, expanded
    archive: zipfile.ZipFile
    info: zipfile.ZipInfo

    def open(self) -> IO[bytes]:
        return self.archive.open(self.info)


def members(data: bytes, name: str) -> Iterator[Member]:
    """The members of a zip in the order of its directory, totals and ratio checked first.

    Reading a member can fail at any byte (a cut file, a wrong checksum): read it inside
    `with readable(name):`.
    """
    if not data.startswith(ZIP_END):
        expect(data, name, ZIP_MAGIC, "a zip archive")
    # a row takes half a kilobyte once it is an object: too many are not even listed
    if data.count(ZIP_ENTRY) > 2 * MAX_MEMBERS:
        raise Unusable(
            f"{name} has more than {2 * MAX_MEMBERS:,} members; at most {MAX_MEMBERS:,} are read:"
            " split it"
        )
    with readable(name):
        archive = zipfile.ZipFile(io.BytesIO(data))
    with archive:
        directory = [info for info in archive.infolist() if not info.filename.endswith("/")]
        _check_directory(directory, len(data), name)
        for info in directory:
            yield Member(info.filename, info.file_size, archive, info)


def _check_directory(directory: list[zipfile.ZipInfo], stored: int, name: str) -> None:
    if len(directory) > MAX_MEMBERS:
        raise Unusable(
            f"{name} has {len(directory):,} members; at most {MAX_MEMBERS:,} are read: split it"
        )
    total = sum(info.file_size for info in directory)
    if total > MAX_EXPANDED or total > MAX_RATIO * stored:
        raise Unusable(
            f"{name} would grow from {stored:,} to {total:,} bytes; at most {MAX_EXPANDED:,} and"
            f" {MAX_RATIO} times its size are read: split it"
        )
    for info in directory:
        if info.flag_bits & 0x1:
            raise Unusable(f"{name}: {info.filename} is encrypted; save it without a password")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Unusable(
                f"{name}: {info.filename} has compression method {info.compress_type};"
                " stored and deflated members are read: save it anew"
            )
        if _leads_out(info.filename):
            raise Unusable(f"{name}: {info.filename} leads out of the archive; save it anew")
    names = [info.filename for info in directory]
    if len(set(names)) != len(names):
        twice = next(each for each in names if names.count(each) > 1)
        raise Unusable(f"{name} has two members called {twice}; save it anew")


def _leads_out(member: str) -> bool:
    """Nothing is ever unpacked to a disk; whoever writes such a name means no good all the same."""
    parts = member.replace("\\", "/").split("/")
    return ".." in parts or parts[0] == "" or parts[0].endswith(":")


@contextmanager
def readable(name: str) -> Iterator[None]:
    """Turn what a broken zip raises into one `Unusable`."""
    try:
        yield
    except Unusable:
        raise
    except (*_BROKEN, ValueError, OSError, OverflowError) as error:
        what = damage(error, "its directory and its parts do not agree")
        raise Unusable(f"{name} is damaged: {what}; save or download it anew") from None
