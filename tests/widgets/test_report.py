"""The gradient doctor in the window: asked, read, followed, exported, out of date."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel

from engine.reporting.telling import in_order
from engine.template import Node
from visualizer.widgets.parts.pictured import Pictured
from visualizer.widgets.report import Link, ReportDialog

pytestmark = pytest.mark.window


@pytest.fixture
def dialog(window, qtbot):
    window.panels.examine()
    found = window.findChild(ReportDialog)
    qtbot.waitUntil(lambda: found.report is not None, timeout=60_000)
    return found


def words_of(dialog: ReportDialog) -> str:
    return "\n".join(label.text() for label in dialog.area.widget().findChildren(QLabel))


def test_every_finding_is_told_with_its_figure(dialog):
    said = words_of(dialog)
    for finding in dialog.report.findings:
        assert finding.name in said and finding.question in said and finding.sentence in said
    for each in dialog.report.not_asked:
        assert each.why in said
    figures = dialog.area.widget().findChildren(Pictured)
    assert len(figures) == sum(f.chart is not None for f in dialog.report.findings)
    assert all(f.height() == round(f.picture.height) for f in figures)


def test_a_link_leads_to_its_node(window, dialog):
    places = [p for f in in_order(dialog.report) for p in f.places]
    links = dialog.area.widget().findChildren(Link)
    assert len(links) == len(places) > 0
    assert [link.text() for link in links] == [f"Go to {p.label}" for p in places]
    links[-1].click()
    node = window.stage.selection
    assert isinstance(node, Node)
    offset = window.stage.run.network.segments[node.segment].offset
    where = (node.segment, node.slot, node.t + offset + 1)
    assert where == (places[-1].segment, places[-1].slot, places[-1].step)
    assert window.stage.position == 1.0


def test_it_says_when_something_else_is_shown(window, dialog, qtbot):
    assert dialog.state.text() == ""
    window.stage.set("hidden", 5)
    qtbot.waitUntil(lambda: "shown before" in dialog.state.text(), timeout=20_000)
    dialog.again.click()
    qtbot.waitUntil(lambda: "5 units" in dialog.head.text(), timeout=60_000)
    assert dialog.state.text() == ""


@pytest.mark.parametrize("suffix", [".html", ".pdf"])
def test_it_is_exported(dialog, qtbot, tmp_path, suffix):
    place = tmp_path / f"r{suffix}"
    dialog.write(place)
    qtbot.waitUntil(lambda: f"Wrote r{suffix}" in dialog.state.text(), timeout=60_000)
    assert place.stat().st_size > 10_000
    dialog.write(tmp_path / "none" / "r.html")
    qtbot.waitUntil(lambda: "none" in dialog.state.text(), timeout=20_000)


def test_it_can_be_stopped(window, qtbot):
    window.panels.examine()
    found = window.findChild(ReportDialog)
    assert found.working
    found.again.click()
    assert found.state.text() == "Stopped." and found.report is None
    found.close()
    assert not found.working
