"""The trained sessions that come with the program: small, whole, and they write at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.commands.calling import call
from visualizer.document import session
from visualizer.document.derive import derive
from visualizer.document.learning import learns_from
from visualizer.document.session import TRAINED

SHIPPED = sorted(TRAINED.glob("*.unrolled"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.stem)
def test_a_shipped_session_opens_and_writes(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert path.stat().st_size < 1_000_000
    stored = session.load(path)
    derived = derive(stored.snapshot)
    assert stored.verify(*derived.losses) == "" and derived.notice == ""
    trained = stored.snapshot.trained
    assert trained is not None and np.median(trained.history.curves["mean"][-20:]) < 0.1
    assert learns_from(stored.snapshot) is trained.sequence
    words = ("generate", path.stem, "--length", 50, "--seed", 4)
    first, again = call(capsys, *words), call(capsys, *words)
    assert first.code == 0 and len(first.out) == 50 and first.out == again.out


def test_there_are_two() -> None:
    assert [path.stem for path in SHIPPED] == ["latex", "sonnets"]


def test_what_is_not_there_names_what_is(capsys: pytest.CaptureFixture[str]) -> None:
    answer = call(capsys, "generate", "sonets")
    assert answer.code == 65
    assert answer.err.endswith("those that come with the program: latex, sonnets\n")
