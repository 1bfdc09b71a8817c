"""Graphs as files: every kind is read back by another program's reader with all that was in it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import networkx
import pytest

import engine
from engine.graph import LEVELS, graph_of
from tests.commands.calling import call
from visualizer.export import write_graph

SENTENCE = "I think therefore I am"
Capture = pytest.CaptureFixture[str]


def same(found: networkx.MultiDiGraph, wanted: networkx.MultiDiGraph) -> None:
    assert set(found.nodes) == set(wanted.nodes)
    assert sorted(found.edges()) == sorted(wanted.edges())
    for name, facts in wanted.nodes(data=True):
        assert found.nodes[name] == pytest.approx(facts)
    for source, target, key in wanted.edges(keys=True):
        assert found.number_of_edges(source, target) == wanted.number_of_edges(source, target)
        assert key < found.number_of_edges(source, target)


@pytest.mark.parametrize("level", LEVELS)
def test_graphml_is_read_back(tmp_path: Path, level: str) -> None:
    recording = engine.run(SENTENCE, cell="lstm").recording
    write_graph(recording, tmp_path / "g.graphml", level)
    found = networkx.read_graphml(tmp_path / "g.graphml", force_multigraph=True)
    wanted = graph_of(recording, level)
    same(found, wanted)
    sent = sorted(
        f["contribution_norm"] for *_, f in wanted.edges(data=True) if "contribution_norm" in f
    )
    back = sorted(
        f["contribution_norm"] for *_, f in found.edges(data=True) if "contribution_norm" in f
    )
    assert back == pytest.approx(sent)


@pytest.mark.parametrize("level", LEVELS)
def test_json_is_read_back(tmp_path: Path, level: str) -> None:
    recording = engine.run(SENTENCE, cell="gru", layers=2).recording
    write_graph(recording, tmp_path / "g.json", level)
    stored = json.loads((tmp_path / "g.json").read_text())
    assert stored["directed"] and stored["multigraph"]
    found = networkx.node_link_graph(stored, edges="edges")
    wanted = graph_of(recording, level)
    assert networkx.utils.graphs_equal(found, wanted)
    assert found.graph["loss"] == recording.loss


@pytest.mark.parametrize("level", LEVELS)
def test_dot_has_every_node_and_edge(tmp_path: Path, level: str) -> None:
    recording = engine.run(SENTENCE).recording
    write_graph(recording, tmp_path / "g.dot", level)
    text = (tmp_path / "g.dot").read_text()
    wanted = graph_of(recording, level)
    assert len(re.findall(r'^  "[^"]*" -> "[^"]*" \[', text, re.M)) == wanted.number_of_edges()
    assert len(re.findall(r'^  "[^"]*" \[', text, re.M)) == wanted.number_of_nodes()


@pytest.mark.parametrize("suffix", [".graphml", ".dot", ".json"])
def test_the_command_writes_it(capsys: Capture, tmp_path: Path, suffix: str) -> None:
    place = tmp_path / f"g{suffix}"
    said = call(capsys, "export", "-", "-o", place, "--level", "tensors", stdin=SENTENCE.encode())
    assert said.code == 0 and "at the level tensors" in said.out and place.stat().st_size > 500


def test_counts_of_the_file_are_those_of_run(capsys: Capture, tmp_path: Path) -> None:
    words = ("--cell", "lstm", "--hidden", 3)
    place = tmp_path / "g.json"
    call(capsys, "export", "-", "-o", place, *words, stdin=SENTENCE.encode())
    said = call(capsys, "run", "-", "--json", *words, stdin=SENTENCE.encode())
    summary, stored = json.loads(said.out), json.loads(place.read_text())
    assert sum(n["kind"] == "slot" for n in stored["nodes"]) == summary["nodes"]
    assert sum(e["kind"] == "use" for e in stored["edges"]) == summary["edges"]


def test_a_formula_too(capsys: Capture, tmp_path: Path) -> None:
    place = tmp_path / "g.json"
    words = ("export", "-", "-o", place, "--arrangement", "expression")
    assert call(capsys, *words, stdin=b"x = 3; x + x").code == 0
    stored = json.loads(place.read_text())
    assert [n["id"] for n in stored["nodes"]] == ["x", "f"] and len(stored["edges"]) == 2


@pytest.mark.parametrize("level", ["bands", "numbers"])
def test_other_levels_are_refused(capsys: Capture, tmp_path: Path, level: str) -> None:
    place = tmp_path / "g.json"
    said = call(capsys, "export", "-", "-o", place, "--level", level, stdin=SENTENCE.encode())
    assert said.code == 2 and "at the level ops, tensors, steps" in said.err
    assert not place.exists()
