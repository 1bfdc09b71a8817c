"""What README says is true: its commands, its example, its pictures."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()
SET_UP = "python3 -m venv .venv && .venv/bin/pip install -q uv && .venv/bin/uv run "


def test_the_two_commands() -> None:
    for command in (f"{SET_UP}main.py demo", f"{SET_UP}pytest"):
        assert f"\n{command}\n" in README
    assert f"\n{SET_UP}pytest\n" in (ROOT / ".ci" / "run").read_text()


def test_the_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert len(example.splitlines()) <= 10
    exec(compile(example, "README.md", "exec"), {})
    assert "therefore" in capsys.readouterr().out


def test_links_and_pictures_are_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)|src=\"([^\"]+)\"", README):
        name = target[0] or target[1]
        assert name.startswith("https://") or (ROOT / name).is_file(), name
