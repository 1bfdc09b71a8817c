"""What the tables of broken files are made of: a name for what is wrong, and the bytes."""

from __future__ import annotations

import pickle
from collections.abc import Callable

Files = dict[str, Callable[[], bytes]]

# what is often found under the name of a file of another format
DISGUISES: Files = {
    "empty": lambda: b"",
    "HTML page": lambda: b"<!doctype html><p>404",
    "LFS pointer": lambda: b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a",
    "zip without members": lambda: b"PK\x05\x06" + bytes(18),
    "zeros": lambda: bytes(100),
    "words": lambda: b"hello",
    "pickle": lambda: pickle.dumps({"a": 1}, protocol=4),
}
