"""One array in numpy's .npy format: header first, against the limits and the stored bytes.

Written out here instead of `numpy.load` because nothing may be allocated, unpickled or evaluated
on the word of a file. Reading files is in `engine.files`.

Source: the .npy format, versions 1.0 to 3.0, of numpy.lib.format.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import Unusable
from engine.files import MAX_ELEMENTS, NPY_MAGIC, Member, expect, readable

MAX_HEADER = 10_000  # bytes; a plain array needs about 120
MAX_DIMENSIONS = 8

_DESCR = re.compile(r"'descr'\s*:\s*(?:'([^']*)'|(\[))")
_ORDER = re.compile(r"'fortran_order'\s*:\s*(True|False)")
_SHAPE = re.compile(r"'shape'\s*:\s*\(([0-9L,\s]*)\)")
_NUMBER = re.compile(r"[<>|=]?(?:b1|[iu][1248]|f[248])")
_WORDS = re.compile(r"[<>|=]?U(?:[1-9]|[1-5][0-9]|6[0-4])")  # of at most 64 characters


@dataclass(frozen=True, slots=True)
class Header:
    """What a .npy file says of its array, checked against the limits."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    fortran: bool
    begin: int  # first byte of the numbers

    @property
    def count(self) -> int:
        count = 1
        for extent in self.shape:
            count *= extent
        return count


def parse(data: bytes, name: str, *, words: bool = False) -> NDArray[Any]:
    """The array in the bytes of a .npy file: bools, integers or float16/32/64, or `words` too.
    Read-only."""
    header = parse_header(data[: MAX_HEADER + 12], name, len(data), words=words)
    flat = np.frombuffer(data, dtype=header.dtype, count=header.count, offset=header.begin)
    array = flat.reshape(header.shape, order="F" if header.fortran else "C")
    native = array.astype(header.dtype.newbyteorder("="), order="C")
    if native.dtype.kind == "U" and not _is_text(native):
        raise Unusable(f"{name} holds characters that no text has; save it anew with numpy.save")
    native.setflags(write=False)
    return native


def _is_text(array: NDArray[Any]) -> bool:
    """Whether every character is one: no surrogate, and none beyond the last."""
    codes = array.reshape(-1).view(np.uint32)
    return not bool(((codes > 0x10FFFF) | ((codes >= 0xD800) & (codes < 0xE000))).any())


def parse_member(member: Member, archive: str, *, words: bool = False) -> NDArray[Any]:
    """The array in a member of a zip; its header is judged before the rest is expanded."""
    name = f"{archive}: {member.name}"
    with readable(archive), member.open() as file:
        head = file.read(MAX_HEADER + 12)
        parse_header(head, name, member.size, words=words)
        data = head + file.read()
    return parse(data, name, words=words)


def parse_header(head: bytes, name: str, stored: int, *, words: bool = False) -> Header:
    """The header at the beginning of `stored` bytes; `Unusable` if they cannot be what it says."""
    expect(head, name, NPY_MAGIC, "a numpy array (.npy)")
    version = head[6:7]
    if version not in (b"\x01", b"\x02", b"\x03"):
        raise Unusable(f"{name} has an unknown .npy version; save the array anew with numpy.save")
    width = 2 if version == b"\x01" else 4
    length = int.from_bytes(head[8 : 8 + width], "little")
    begin = 8 + width + length
    if length > MAX_HEADER or begin > stored:
        raise Unusable(f"{name} has a damaged .npy header; save the array anew with numpy.save")
    said = head[8 + width : begin].decode("latin-1")
    descr, order, shape = _DESCR.search(said), _ORDER.search(said), _SHAPE.search(said)
    if descr is None or order is None or shape is None:
        raise Unusable(f"{name} has a damaged .npy header; save the array anew with numpy.save")
    header = Header(_dtype(descr, name, words), _extents(shape[1], name), order[1] == "True", begin)
    _check_sizes(header, name, stored)
    return header


def _dtype(descr: re.Match[str], name: str, words: bool) -> np.dtype[Any]:
    code = descr[1]
    known = code is not None and (_NUMBER.fullmatch(code) or (words and _WORDS.fullmatch(code)))
    if known:
        return np.dtype(code)
    if code is not None and code.lstrip("<>|=").startswith("O"):
        what = "Python objects, which are never unpickled"
    elif code is None:
        what = "records of several fields"
    else:
        what = f"the type “{code[:20]}”"
    raise Unusable(
        f"{name} holds {what}; bool, integers and float16/32/64 are read:"
        " save it after .astype(float)"
    )


def _extents(inside: str, name: str) -> tuple[int, ...]:
    words = [word.strip().rstrip("L") for word in inside.split(",") if word.strip()]
    if any(not word.isdigit() or len(word) > 18 for word in words):
        raise Unusable(f"{name} has a damaged .npy header; save the array anew with numpy.save")
    if len(words) > MAX_DIMENSIONS:
        raise Unusable(
            f"{name} has {len(words)} dimensions; at most {MAX_DIMENSIONS} are read: reshape it"
        )
    return tuple(int(word) for word in words)


def _check_sizes(header: Header, name: str, stored: int) -> None:
    count = header.count
    said = f"{header.shape} of {header.dtype.name}"
    if count > MAX_ELEMENTS:
        raise Unusable(
            f"{name} says {said}: {count:,} numbers; at most {MAX_ELEMENTS:,} are read:"
            " save a part of it"
        )
    need, have = count * header.dtype.itemsize, stored - header.begin
    if need != have:
        raise Unusable(
            f"{name} says {said}, which is {need:,} bytes, but {have:,} are stored;"
            " save or download it anew"
        )
