"""Reading and writing .safetensors: a JSON header with dtype, shape and place of every tensor,
then their bytes.

Read here and not by the package of that name, so that every limit is judged before anything is
allocated, and every refusal is one line. Format: github.com/huggingface/safetensors, README.
"""

from __future__ import annotations

import json
from typing import Any

from engine import strict_json
from engine.errors import Unusable
from engine.files import disguise
from engine.models.weights import Weights, check_names, checked_shape, decoded, encoded, itemsize
from engine.sequences.wording import quoted

MAX_HEADER = 25_000_000  # bytes
DTYPES = {
    "F64": "float64",
    "F32": "float32",
    "F16": "float16",
    "BF16": "bfloat16",
    "I64": "int64",
    "I32": "int32",
    "I16": "int16",
    "I8": "int8",
    "U64": "uint64",
    "U32": "uint32",
    "U16": "uint16",
    "U8": "uint8",
    "BOOL": "bool",
}


def packed(weights: Weights) -> bytes:
    """The bytes of a file with these tensors in their own dtypes; equal tensors, equal bytes."""
    words = {dtype: word for word, dtype in DTYPES.items()}
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    parts, end = [], 0
    for key, array in weights.arrays.items():
        dtype = weights.dtypes[key]
        if dtype not in words:
            raise Unusable(f"{key} is {dtype}, which no safetensors file holds; write an .npz")
        part = encoded(array, dtype)
        place = [end, end + len(part)]
        header[key] = {"dtype": words[dtype], "shape": list(array.shape), "data_offsets": place}
        parts.append(part)
        end += len(part)
    words_of = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    words_of += b" " * (-len(words_of) % 8)
    return b"".join((len(words_of).to_bytes(8, "little"), words_of, *parts))


def read(data: bytes, name: str) -> Weights:
    """All tensors of the file; Unusable, one line, for anything that cannot be one."""
    header, begin = _header(data, name)
    entries = {key: value for key, value in header.items() if key != "__metadata__"}
    check_names(list(entries), name)
    places = {key: _place(value, f"{name}: {key}") for key, value in entries.items()}
    _check_bytes(places, len(data) - begin, name)
    view = memoryview(data)
    arrays = {
        key: decoded(view[begin + low : begin + high], dtype, shape)
        for key, (dtype, shape, low, high) in places.items()
    }
    return Weights(arrays, {key: p[0] for key, p in places.items()}, name, "safetensors")


_Place = tuple[str, tuple[int, ...], int, int]  # dtype, shape, [low, high) behind the header


def _header(data: bytes, name: str) -> tuple[dict[str, Any], int]:
    if data[8:9] != b"{":  # a header of 640 bytes begins as a pickle does
        found = disguise(data)
        if found is not None:
            raise Unusable(f"{name} is {found.what}, not a safetensors file; {found.remedy}")
        raise Unusable(f"{name} is not a safetensors file; save or download it anew")
    length = int.from_bytes(data[:8], "little")
    if not 2 <= length <= min(MAX_HEADER, len(data) - 8):
        raise Unusable(
            f"{name} says that its header has {length:,} bytes, but {len(data) - 8:,} are stored"
            f" (and at most {MAX_HEADER:,} are read); save or download it anew"
        )
    header = strict_json.parse(data[8 : 8 + length].rstrip(b" "), f"{name}: header")
    if not isinstance(header, dict):
        raise Unusable(f"{name}: its header is no JSON object; save it anew")
    return header, 8 + length


def _place(entry: object, place: str) -> _Place:
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise Unusable(f"{place} needs dtype, shape and data_offsets in the header; save it anew")
    if not isinstance(entry["dtype"], str) or entry["dtype"] not in DTYPES:
        dtype = entry["dtype"]
        given = (
            f"the dtype {quoted(dtype)}" if isinstance(dtype, str) else "a dtype that is no text"
        )
        raise Unusable(f"{place} has {given}; {', '.join(DTYPES)} are read: convert it")
    offsets = entry["data_offsets"]
    if not (isinstance(offsets, list) and len(offsets) == 2 and all(map(_is_count, offsets))):
        raise Unusable(f"{place} has the data_offsets {offsets!r:.40}; two counts are needed")
    dtype, shape = DTYPES[entry["dtype"]], checked_shape(entry["shape"], place)
    low, high = offsets
    need = itemsize(dtype)
    for size in shape:
        need *= size
    if high - low != need:
        raise Unusable(
            f"{place} is {shape} of {dtype}, which is {need:,} bytes, but {high - low:,} are"
            " stored; save or download it anew"
        )
    return dtype, shape, low, high


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _check_bytes(places: dict[str, _Place], stored: int, name: str) -> None:
    """Tensors lie one behind the other and fill the file, as the format demands."""
    end = 0
    for key, (_, _, low, high) in sorted(places.items(), key=lambda item: item[1][2:]):
        if high > stored:
            raise Unusable(
                f"{name}: {key} ends at byte {high:,} of the data, but {stored:,} are stored;"
                " save or download it anew"
            )
        if low != end:
            raise Unusable(
                f"{name}: {key} begins at byte {low:,} of the data, where {end:,} is next;"
                " tensors neither overlap nor leave gaps: save it anew"
            )
        end = high
    if end != stored:
        raise Unusable(
            f"{name} has {stored - end:,} bytes behind its last tensor; save or download it anew"
        )
