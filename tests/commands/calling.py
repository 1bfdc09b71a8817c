"""Calling the command line in this process, as `main.py` does."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass

import pytest

from visualizer.commands.door import enter


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str


def call(capsys: pytest.CaptureFixture[str], *words: object, stdin: bytes | None = None) -> Answer:
    with pytest.MonkeyPatch.context() as patch:
        if stdin is not None:
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capsys.readouterr()
        code = enter([str(word) for word in words])
    said = capsys.readouterr()
    return Answer(code, said.out, said.err)
