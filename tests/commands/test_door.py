"""The first word, help, exit codes, and that every error is one line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from engine.cells import CELLS
from engine.errors import Unusable
from engine.experiment import settings
from engine.sequences import TASKS
from engine.sequences.columns import MISSING
from tests.commands.calling import call
from visualizer.commands import (
    COMMANDS,
    check,
    demo,
    export,
    given,
    lessons,
    options,
    run,
    samples,
    window,
)
from visualizer.theme import THEMES
from visualizer.version import VERSION

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("numpy", "PySide6", "msgspec", "networkx", "pyqtgraph", "engine.door")


def light(*words: str) -> subprocess.CompletedProcess[str]:
    """main.py in a process that fails if it imports anything heavy."""
    program = (
        "import sys, runpy\n"
        f"sys.argv = ['main.py', *{words!r}]\n"
        "try: runpy.run_path('main.py', run_name='__main__')\n"
        f"finally: assert not set(sys.modules) & set({HEAVY!r}), 'imports too much'\n"
    )
    return subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("words", [["--help"], *([c.name, "--help"] for c in COMMANDS)])
def test_help_is_instant(words: list[str]) -> None:
    said = light(*words)
    assert said.returncode == 0, said.stderr
    assert said.stdout.startswith("usage: main.py")


def test_help_names_every_command_and_every_setting(capsys: pytest.CaptureFixture[str]) -> None:
    said = call(capsys, "--help").out
    assert all(f"  {c.name} " in said and c.about in said for c in COMMANDS)
    said = call(capsys, "run", "--help").out
    assert all(f"--{s.name.replace('_', '-')}" in said for s in settings())


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(capsys, "--version").out == f"Unrolled {VERSION}\n"
    assert light("--version").returncode == 0


def test_doctor_needs_the_standard_library_only() -> None:
    said = light("doctor")
    assert said.returncode in (0, 1) and "Python" in said.stdout and "numpy" in said.stdout


def test_every_module_of_a_command_is_in_the_table() -> None:
    named = {c.module.rsplit(".", 1)[1] for c in COMMANDS} | {"window"}
    folder = ROOT / "visualizer" / "commands"
    found = {p.stem for p in folder.glob("*.py") if "\ndef perform(" in p.read_text()}
    assert found == named
    assert all(hasattr(m, "perform") for m in (check, demo, export, lessons, run, samples))


WRONG = [
    (
        ["frobnicate"],
        2,
        "frobnicate is neither a command (demo, run, export, train, generate, check, report",
    ),
    (["none.csv"], 65, "there is no file none.csv; give the path of a file that exists"),
    (["run"], 2, "the following arguments are required: WHAT; see main.py run --help"),
    (
        ["run", "-", "--seeds", "3"],
        2,
        "--seeds is nothing that main.py run takes; did you mean --seed, or see",
    ),
    (["run", "therefore", "--hidden", "0"], 2, "hidden must be 1..4096, got 0"),
    (["run", "therefore", "--steps", "1e9"], 2, "steps must be 0..5,000,000, got 1e9"),
    (["run", "therefore", "--hidden", "1e9"], 2, "hidden must be 1..4096, got 1e9"),
    (["run", "therefore", "--hidden", "some"], 2, "hidden must be 1..4096; got 'some'"),
    (["run", "therefore", "--cell", "transformer"], 2, "cell must be one of elman, gated"),
    (["run", "therefore", "--radius", "1", "--sigma", "1"], 2, "give one of them"),
    (["run", "nothing"], 65, "no file, lesson, sample or task called nothing; main.py lessons and"),
    (
        ["run", "gate"],
        65,
        "no file, lesson, sample or task called gate; did you mean gated or latex? main.py less",
    ),
    (
        ["lessons", "gate"],
        2,
        "there is no lesson gate; did you mean gated? main.py lessons lists",
    ),
    (["lessons", "--export", "d"], 2, "--export writes one lesson; give its name"),
    (["run", "gated", "--variant", "bias 9"], 2, "lesson gated has no variant 'bias 9'; it has 1"),
    (["run", "therefore", "--variant", "1"], 2, "--variant is for lessons, and therefore is none"),
    (["run", "gated", "--sequence", "a.csv"], 2, "--sequence does not go with a lesson, which has"),
    (["sunspot"], 2, "nor a file, a lesson or a sample; did you mean sunspots?"),
    (["stackd"], 2, "nor a file, a lesson or a sample; did you mean stacked?"),
    (["run", "therefore", "--out", "/none/o.npz"], 1, "/none does not exist; create it"),
    (["run", "therefore", "--sequence", "a.csv"], 2, "--sequence puts a sequence into a session"),
    (["export", "therefore"], 2, "the following arguments are required: -o/--output"),
    (["export", "therefore", "-o", "/none/f.svg"], 1, "/none does not exist; create it"),
    (["export", "therefore", "-o", "f.svg", "--at", "2"], 2, "a moment is 0..1, got '2'"),
    (["export", "therefore", "-o", "f.svg", "--event", "-1"], 2, "a whole number from 0 on"),
    (["export", "therefore", "-o", "f.svg", "--size", "9"], 2, "a size is WIDTHxHEIGHT"),
    (["export", "therefore", "-o", "f.docx"], 2, ".svg"),
    (["check", "therefore", "--dtype", "int8"], 2, "dtype must be one of float64, float32"),
]


@pytest.mark.parametrize("words, code, message", WRONG, ids=[" ".join(w[0]) for w in WRONG])
def test_wrong_usage_is_one_line(
    capsys: pytest.CaptureFixture[str], words: list[str], code: int, message: str
) -> None:
    said = call(capsys, *words)
    assert said.code == code
    assert said.out == "" and said.err.startswith("main.py: ") and said.err.count("\n") == 1
    assert message in said.err


@pytest.mark.parametrize(
    "error, code",
    [(Unusable("no"), 65), (KeyboardInterrupt(), 130), (MemoryError(), 1)],
)
def test_exit_codes(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
    code: int,
) -> None:
    def fail(options: object) -> int:
        raise error

    monkeypatch.setattr(samples, "perform", fail)
    assert call(capsys, "samples").code == code


def test_a_closed_pipe_is_no_error() -> None:
    program = f"{sys.executable} main.py run sunspots --json | head -c 10"
    said = subprocess.run(
        ["bash", "-o", "pipefail", "-c", program], cwd=ROOT, capture_output=True, text=True
    )
    assert (said.returncode, said.stderr) == (0, "")


def test_choices_that_stand_twice_agree() -> None:
    """`options` may not import what is heavy; here it is held against it."""
    assert options.MISSING == MISSING
    assert set(options.THEMES) == set(THEMES)
    choices = {s.name: s.choices for s in settings()}
    assert set(choices["cell"]) == set(CELLS)
    assert set(choices["task"]) == {"auto", *TASKS}


@pytest.mark.parametrize("name, arrangement", [("sunspots", "recurrent"), ("adding", "recurrent")])
def test_a_sample_opens_in_the_window_by_its_name(name: str, arrangement: str) -> None:
    shown = window.opened(name)
    assert shown.snapshot.experiment.arrangement == arrangement
    assert shown.path is None and shown.run.recording.nodes > 0
    settings = given.asked_of(name)
    assert all(getattr(shown.snapshot.experiment, key) == settings[key] for key in settings)
    assert bool(settings) == (name == "adding")
