"""The rules of the house, read from the source: import directions, sizes, names, lazy imports."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import networkx
import pytest

from visualizer.version import VERSION

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = [ROOT / "main.py", *(ROOT / "engine").rglob("*.py"), *(ROOT / "visualizer").rglob("*.py")]
EVERY = [*PROGRAM, *(ROOT / "tests").rglob("*.py")]
MODULES = {
    ".".join(p.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): p
    for p in PROGRAM
}
QT = ("PySide6", "pyqtgraph", "shiboken6")

# which rooms a room may import, itself apart; theme and what it stands on are ground
GROUND = {"theme", "styles", "palette", "typeset", "advances", "version"}
SCENE = {"engine", "scene"} | GROUND
ROOMS = {
    "engine": set(),
    **{name: GROUND | {"engine"} for name in GROUND},
    "scene": {"engine"} | GROUND,
    "paint": SCENE,
    "plots": SCENE,
    "document": SCENE,
    "lessons": SCENE | {"document"},
    "export": SCENE | {"paint", "plots", "document", "lessons"},
    "commands": SCENE | {"paint", "plots", "document", "lessons", "export", "widgets"},
    "widgets": SCENE | {"paint", "plots", "document", "lessons", "export"},
    "main": {"commands"},
}
NO_QT = {"engine", "scene", "plots", "document", "lessons", "main"} | GROUND

# module → what it imports inside a function, and may
LAZY: dict[str, set[str]] = {
    "engine.door": {"engine.paths", "engine.training.feedback"},
    "visualizer.commands.given": {
        "engine.sequences.generated",
        "visualizer.document.modelled",
        "visualizer.document.several",
    },
    "visualizer.commands.options": {"engine.training.training"},
    "visualizer.commands.screen": {
        "PySide6.QtCore",
        "visualizer.widgets.application",
        "visualizer.widgets.window",
    },
    "visualizer.commands.window": {
        "engine.sequences.preview",
        "visualizer.document.several",
        "visualizer.export.figures",
        "visualizer.lessons.opening",
        "visualizer.lessons.reading",
    },
    "visualizer.widgets.files": {
        "visualizer.document.modelled",
        "visualizer.document.several",
        "visualizer.export",
        "visualizer.widgets.model_table",
        "visualizer.widgets.wiring",
    },
    "visualizer.document.elsewhere": {"visualizer.document.modelled"},
    "visualizer.document.session": {"visualizer.document.manifest"},
    "visualizer.paint.equation": {"ziamath.config", "ziamath.zmath"},
    "visualizer.paint.svg_text": {"ziafont.font"},
    "visualizer.scene.film": {"visualizer.scene.formula_layout"},
    "visualizer.scene.formula_words": {"engine.paths"},
    "visualizer.widgets.parts.painted": {
        "visualizer.paint.raster",
        "visualizer.widgets.parts.columns",
    },
    "visualizer.widgets.panels": {"visualizer.widgets.report"},
    "visualizer.widgets.plot": {"visualizer.widgets.parts.loss_table"},
    "visualizer.widgets.lessons": {"visualizer.widgets.lesson_room"},
    "visualizer.widgets.parts.long_work": {"engine.worker"},
    "visualizer.widgets.parts.sequence_files": {
        "engine.sequences.pasted",
        "engine.sequences.preview",
        "engine.sequences.roles",
        "visualizer.widgets.table_preview",
    },
    "visualizer.widgets.parts.stage": {"visualizer.widgets.parts.options"},
    "visualizer.widgets.window": {
        "visualizer.widgets.export",
        "visualizer.widgets.files",
        "visualizer.widgets.keys",
        "visualizer.widgets.panels",
        "visualizer.widgets.parts.cover",
    },
}


def room(module: str) -> str:
    parts = module.split(".")
    return parts[1] if parts[0] == "visualizer" and len(parts) > 1 else parts[0]


def imports(tree: ast.AST) -> Iterator[tuple[ast.stmt, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: imports are absolute"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield node, inner if inner in MODULES else node.module or ""


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))


@pytest.mark.parametrize("module", MODULES)
def test_imports_run_one_way(module: str) -> None:
    own = room(module)
    for _, name in imports(ast.parse(MODULES[module].read_text())):
        if name.split(".")[0] in QT:
            assert own not in NO_QT, f"{module} imports {name}: no Qt in {own}"
        if name in MODULES and room(name) not in ("visualizer", own):
            assert room(name) in ROOMS[own], f"{module} imports {name}"


def test_no_circle() -> None:
    graph = networkx.DiGraph()
    for module, path in MODULES.items():
        for node, name in imports(ast.parse(path.read_text())):
            if name in MODULES and name != module and not node.col_offset:
                graph.add_edge(module, name)
    assert not list(networkx.simple_cycles(graph))


def test_no_import_inside_a_function_but_the_lazy_ones() -> None:
    found: dict[str, set[str]] = {}
    for module, path in MODULES.items():
        for function in functions(ast.parse(path.read_text())):
            for _, name in imports(function):
                found.setdefault(module, set()).add(name)
    assert found == LAZY


@pytest.mark.parametrize("path", EVERY, ids=lambda p: str(p.relative_to(ROOT)))
def test_sizes_and_names(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= 350
    assert not re.match(r"(utils?|helpers?|common|misc)\b", path.stem), "a name that says nothing"
    tree = ast.parse(text)
    for function in functions(tree):
        lines = (function.end_lineno or 0) - function.lineno + 1
        assert lines <= 40, f"{function.name} has {lines} lines"
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            assert not re.search(r"(Manager|Handler|Helper)$", node.name), node.name


@pytest.mark.parametrize("path", PROGRAM, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_module_says_what_lives_here(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text()))


def test_one_version() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        assert tomllib.load(file)["project"]["version"] == VERSION
