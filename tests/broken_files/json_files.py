"""Broken and harmful .json and .jsonl: what was done to each, and its bytes."""

from __future__ import annotations

from tests.broken_files.table import DISGUISES, Files

JSON: Files = {
    **DISGUISES,
    "cut": lambda: b"[1, 2",
    "second line": lambda: b"[1,\n2,\n three]",
    "blanks": lambda: b" \n ",
    "one number": lambda: b"3",
    "nothing in it": lambda: b"[]",
    "NaN": lambda: b"[1, NaN]",
    "Infinity": lambda: b"[1, -Infinity]",
    "1e999": lambda: b"[1, 1e999]",
    "4,300 digits": lambda: b"[1, " + b"9" * 4300 + b"]",
    "equal keys": lambda: b'[{"a": 1, "a": 2}]',
    "deep": lambda: b"[" * 101 + b"]" * 101,
    "abyss": lambda: b"[" * 100_000,
    "UTF-16": lambda: "[1, 2]".encode("utf-16"),
    "half a character": lambda: b'["I am", "so \\ud800 you"]',
    "zero byte": lambda: b"[1, 2\0]",
    "missing": lambda: b"[1, null, 3]",
    "missing in a record": lambda: b'[{"a": 1}, {"b": 2}]',
    "word in a row": lambda: b'[[1, 2], [3, "x"]]',
    "ragged rows in a series": lambda: b"[[[1, 2], [3]], [[4, 5]]]",
    "missing in the only series": lambda: b"[[[1, 2], [3, null], [4, 5]]]",
    "numbers and words": lambda: b'[1, "x"]',
    "records and numbers": lambda: b'[{"a": 1}, 2]',
    "list in a record": lambda: b'[{"a": 1}, {"a": [2]}]',
    "word in a column": lambda: b'[{"a": 1}, {"a": "x"}]',
    "lists of different lengths": lambda: b'{"a": [1, 2], "b": [3]}',
    "fields that are no lists": lambda: b'{"a": 1}',
    "records without fields": lambda: b"[{}, {}]",
    "empty rows": lambda: b"[[], []]",
    "empty text": lambda: b'["I am", " "]',
    "10,000,001 values": lambda: b"[" + b"1," * 10_000_001 + b"1]",
}

LINES: Files = {
    **DISGUISES,
    "cut in line 3": lambda: b'{"a": 1}\n\n{"a": \n',
    "blanks": lambda: b"\n\n",
    "equal keys": lambda: b'{"a": 1}\n{"a": 1, "a": 2}\n',
    "a record and a number": lambda: b'{"a": 1}\n2\n',
    "NaN in line 2": lambda: b"1\nNaN\n",
    "word in line 2": lambda: b'{"a": 1}\n{"a": "x"}\n',
    "deep": lambda: b"[" * 101 + b"]" * 101,
}
