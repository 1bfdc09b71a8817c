"""Changed files of every format, ten thousand of each; `tests.broken_files.mutate` tries as many as
one likes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.models.model import FORMATS
from engine.sequences import suffixes
from tests.broken_files.mutate import attempt
from tests.broken_files.seeds import OPENED, seeds

TIMES = 10_000


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a copy of the process looks at them")
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", seeds())
def test_a_changed_file_is_opened_or_refused_in_one_line(name: str, tmp_path: Path) -> None:
    found = attempt(name, range(TIMES), tmp_path)
    assert not found.bad
    assert 0 < found.opened < TIMES


def test_every_format_is_changed() -> None:
    known = {*suffixes(), *(s for row in FORMATS for s in row.suffixes), ".onnx", ".unrolled"}
    assert set(OPENED) == known
    assert {Path(name).suffix for name in seeds()} == known - {".pth", ".jpeg"}
