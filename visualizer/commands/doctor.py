"""`main.py doctor`: what this machine lacks and the command that mends it. Standard library only:
it must run where nothing is installed, so it looks at pyproject.toml and imports none of it.
"""

from __future__ import annotations

import argparse
import ctypes
import importlib.metadata
import os
import re
import shutil
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"
PYTHON = (3, 11)
INSTALL = "python3 -m venv .venv && .venv/bin/pip install -q uv && .venv/bin/uv sync"

OFFSCREEN_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libfontconfig.so.1": "libfontconfig1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libglib-2.0.so.0": "libglib2.0-0",
}
WINDOW_LIBRARIES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """`needed`: the program cannot do its work without it."""

    what: str
    state: str
    good: bool
    remedy: str = ""
    needed: bool = True


def perform(options: argparse.Namespace) -> int:
    del options
    findings = [_python(), *_packages(), *_libraries(), _screen()]
    for finding in findings:
        print(f"{'ok   ' if finding.good else 'lacks'}  {finding.what:34} {finding.state}")
    remedies = dict.fromkeys(f.remedy for f in findings if not f.good and f.remedy)
    for remedy in remedies:
        print(f"\n{remedy}")
    lacking = [f.what for f in findings if not f.good and f.needed]
    print("\n" + (f"{len(lacking)} things are lacking" if lacking else "nothing is lacking"))
    return 1 if lacking else 0


def _python() -> Finding:
    version = ".".join(str(part) for part in sys.version_info[:3])
    wanted = ".".join(str(part) for part in PYTHON)
    good = sys.version_info[:2] >= PYTHON
    return Finding("Python", f"{version}, {wanted} or later is needed", good)


def _packages() -> list[Finding]:
    """One finding for each dependency that pyproject.toml names."""
    with PROJECT.open("rb") as file:
        wanted = tomllib.load(file)["project"]["dependencies"]
    return [_package(requirement) for requirement in wanted]


def _package(requirement: str) -> Finding:
    name, _, conditions = re.fullmatch(r"([\w.-]+)((.*))", requirement).groups()  # type: ignore[union-attr]
    remedy = f"in the folder of the program:  {INSTALL}"
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return Finding(name, f"not installed, {conditions} is needed", False, remedy)
    good = all(_holds(version, condition) for condition in conditions.split(",") if condition)
    return Finding(name, version if good else f"{version}, needed is {conditions}", good, remedy)


def _holds(version: str, condition: str) -> bool:
    sign, wanted = re.match(r"\s*(>=|<=|!=|==|<|>)\s*(.+)", condition).groups()  # type: ignore[union-attr]
    have, want = _parts(version), _parts(wanted)
    length = max(len(have), len(want))
    have += (0,) * (length - len(have))
    want += (0,) * (length - len(want))
    return {
        ">=": have >= want,
        "<=": have <= want,
        "!=": have != want,
        "==": have == want,
        "<": have < want,
        ">": have > want,
    }[sign]


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version.split("+")[0])[:4])


def _libraries() -> list[Finding]:
    if not sys.platform.startswith("linux"):
        return []
    findings = []
    for what, names in (("Qt", OFFSCREEN_LIBRARIES), ("window", WINDOW_LIBRARIES)):
        lacking = [library for library in names if not _loads(library)]
        packages = " ".join(names[library] for library in lacking)
        state = f"no {', '.join(lacking)}" if lacking else "all there"
        remedy = f"on Debian or Ubuntu:  apt-get install {packages}"
        findings.append(Finding(f"system libraries of the {what}", state, not lacking, remedy))
    return findings


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _screen() -> Finding:
    if not sys.platform.startswith("linux"):
        return Finding("screen", "as the system has it", True)
    offered = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY")
    remedy = "for the window, on a virtual screen:  xvfb-run -a .venv/bin/uv run main.py"
    if not shutil.which("xvfb-run"):
        remedy += "   (apt-get install xvfb)"
    state = offered or "none: demo, run, export and check work, the window does not"
    return Finding("screen", state, bool(offered), remedy, needed=False)
