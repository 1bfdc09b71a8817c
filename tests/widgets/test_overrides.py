"""Every override of a method that Qt calls is guarded, and every painter is left by `with`."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

WIDGETS = Path(__file__).resolve().parents[2] / "visualizer" / "widgets"
CALLED_BY_QT = {
    "event",
    "eventFilter",
    "sizeHint",
    "minimumSizeHint",
    "focusNextPrevChild",
    "hasHeightForWidth",
    "heightForWidth",
}


def is_override(name: str) -> bool:
    return name in CALLED_BY_QT or (name.endswith("Event") and name[0].islower())


@pytest.mark.parametrize("path", sorted(WIDGETS.rglob("*.py")), ids=lambda p: p.stem)
def test_overrides_are_guarded_and_painters_closed(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and is_override(node.name):
            marks = [ast.unparse(d) for d in node.decorator_list]
            assert any(m.startswith("guarded(") for m in marks), f"{path.name}: {node.name}"
    painters = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and named(n) == "QPainter"]
    managed = [
        item.context_expr for n in ast.walk(tree) if isinstance(n, ast.With) for item in n.items
    ]
    assert all(p in managed for p in painters), f"{path.name}: a painter without with"
    assert "processEvents" not in path.read_text(encoding="utf-8")


def named(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""
