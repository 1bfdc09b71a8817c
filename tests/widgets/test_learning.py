"""What the training of the window says is said in words of the window."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from visualizer.widgets.parts.options import in_the_window
from visualizer.widgets.window import Window

RECORDED = Path(__file__).parents[1] / "reference" / "models" / "recorded_lstm.npz"


def test_a_model_without_a_target_says_what_to_choose_in_the_window(
    window: Window, qtbot: QtBot
) -> None:
    assert window.files.open_path(RECORDED)
    learning = window.panels.learning
    learning.start()
    qtbot.waitUntil(lambda: not learning.running, timeout=60_000)
    said = window.banner.words.text().casefold()
    assert "no target to learn from; choose a task in the form" in said and "--" not in said


@pytest.mark.parametrize(
    ("line", "window_says"),
    [
        ("give --batches stream, or --held-out 0", "give Batches: stream, or Held out: 0"),
        ("give more or --window 12", "give more or Window: 12"),
        ("a --learning-rate below 0.1 or --clip norm", "a Learning rate below 0.1 or Clip: norm"),
        ("at every step give --top-k 1", "at every step give Top k: 1"),
        ("it needs --arrangement recurrent and", "it needs Arrangement: recurrent and"),
        ("fill it in, or give --missing drop", "fill it in, or give --missing drop"),
        ("the model is; --first says", "the model is; First step says"),
        ("--steps 12 or fewer, not --first", "Steps: 12 or fewer, not First step"),
    ],
)
def test_options_are_called_as_the_form_calls_them(line: str, window_says: str) -> None:
    assert in_the_window(line) == window_says
