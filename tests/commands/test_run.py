"""`run`, `check` and `samples` on real input and on bad input."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from engine.choices import VECTOR_CELLS
from engine.sequences import samples, typed
from engine.sequences.generated import GENERATED
from tests.commands.calling import call
from visualizer.document import session
from visualizer.document.derive import derive
from visualizer.document.snapshot import Snapshot

SENTENCE = b"I think therefore I am\n"
Capture = pytest.CaptureFixture[str]


def test_json_of_a_sentence(capsys: Capture) -> None:
    said = call(capsys, "run", "-", "--cell", "lstm", "--hidden", 8, "--json", stdin=SENTENCE)
    found = json.loads(said.out)
    assert found["cost"] == {
        "parameters": 493, "forward": 2400, "backward": 5000, "padding": 0, "zeros": 640,
        "bytes": found["cost"]["bytes"],
    }  # fmt: skip
    assert said.code == 0 and said.err == "" and said.out.count("\n") == 1
    names = "steps batch nodes edges parameters loss norms gradients source hops cost"
    assert " ".join(found) == names
    assert (found["steps"], found["batch"], found["nodes"]) == (5, 1, 65)
    assert len(found["norms"]["h"]) == len(found["norms"]["c"]) == 5
    assert set(found["gradients"]) == {"W", "b", "V", "c"}
    assert found["loss"] > 0


@pytest.mark.parametrize("cell", VECTOR_CELLS)
def test_every_cell_for_people(capsys: Capture, cell: str) -> None:
    said = call(capsys, "run", "-", "--cell", cell, "--layers", 2, stdin=SENTENCE)
    assert said.code == 0 and said.err == ""
    assert "5 steps" in said.out and "‖δ(h^2)‖" in said.out and "therefore" in said.out


def test_a_long_table_is_shortened(capsys: Capture) -> None:
    said = call(capsys, "run", "sunspots", "--cell", "gru", "--hidden", 4)
    assert "248 more steps (--json prints all)" in said.out
    assert len(json.loads(call(capsys, "run", "sunspots", "--json").out)["norms"]["h"]) == 308


@pytest.mark.parametrize("cell", VECTOR_CELLS)
def test_arrays(capsys: Capture, tmp_path: Path, cell: str) -> None:
    place = tmp_path / "o.npz"
    words = ("run", "japanese-vowels", "--cell", cell, "--hidden", 3, "--layers", 2)
    found = json.loads(call(capsys, *words, "--out", place, "--json").out)
    arrays = np.load(place)
    steps, batch = found["steps"], found["batch"]
    assert arrays["h_t"].shape == arrays["dh_t"].shape == (2, steps, batch, 3)
    assert arrays["y"].shape == (steps, batch, 3)
    assert np.allclose(arrays["dh_norm"], found["norms"]["h"])
    assert ("c_t" in arrays) == ("c" in found["norms"])
    for name, norm in found["gradients"].items():
        assert np.linalg.norm(arrays[f"g_{name}"]) == pytest.approx(norm)
    short = int(np.argmin((arrays["h_t"][0] != 0).any(-1).sum(0)))
    length = int((arrays["h_t"][0, :, short] != 0).any(-1).sum())
    assert length < steps and not arrays["dh_t"][:, length:, short].any()
    assert np.array_equal(arrays["h_n"][:, short], arrays["h_t"][:, length - 1, short])
    if cell != "elman":
        blocks = {"gated": 2, "lstm": 4, "lecture-gru": 3, "gru": 3}[cell]
        assert arrays["gates"].shape == arrays["dgates"].shape == (2, steps, blocks, batch, 3)
    again = tmp_path / "again.npz"
    call(capsys, *words, "--out", again)
    assert again.read_bytes() == place.read_bytes()


def test_a_session(capsys: Capture, tmp_path: Path) -> None:
    place = tmp_path / "a.unrolled"
    derived = derive(Snapshot(typed("I think therefore I am")).with_settings(cell="gru", hidden=3))
    loss = derived.run.recording.loss
    session.save(place, session.pack(derived.snapshot, loss))
    said = call(capsys, "run", place, "--json")
    assert said.err == "" and json.loads(said.out)["loss"] == loss
    other = call(capsys, "run", place, "--hidden", 4, "--json")
    assert json.loads(other.out)["loss"] != loss
    swapped = call(capsys, "run", place, "--sequence", "nile", "--json")
    assert json.loads(swapped.out)["steps"] == 99
    assert call(capsys, "run", place, "--missing", "drop").code == 2
    session.save(place, session.pack(derived.snapshot, 18.466))
    assert "note: this session was saved with the loss 18.466" in call(capsys, "run", place).err
    place.write_bytes(place.read_bytes()[:400])
    said = call(capsys, "run", place)
    assert said.code == 65 and said.err.count("\n") == 1 and "a.unrolled" in said.err


BAD_TEXT = {
    b"": "the text is empty",
    b" \n": "the text is empty",
    b"word": "one word",
    b"a \0 b": "zero byte",
    b"\xff\xfea\0": "UTF-16",
    b"caf\xe9 au lait": "not UTF-8",
}


@pytest.mark.parametrize("text", BAD_TEXT)
def test_bad_text(capsys: Capture, text: bytes) -> None:
    said = call(capsys, "run", "-", stdin=text)
    assert said.code == 65 and said.out == "" and said.err.count("\n") == 1
    assert BAD_TEXT[text] in said.err


@pytest.mark.parametrize("cell", VECTOR_CELLS)
def test_check(capsys: Capture, cell: str) -> None:
    said = call(capsys, "check", "-", "--cell", cell, "--hidden", 4, "--json", stdin=SENTENCE)
    found = json.loads(said.out)
    assert said.code == 0 and found["failed"] == [] and found["worst"] < 1e-6
    named = [row["name"] for row in found["rows"]]
    assert found["checked"] == len(named) and "parameter V" in named
    assert all(row["error"] < 1e-12 for row in found["rows"] if row["method"] == "complex step")


def test_check_that_fails(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.check import TOLERANCES

    monkeypatch.setitem(TOLERANCES, "complex step", 0.0)
    said = call(capsys, "check", "-", "--hidden", 2, stdin=SENTENCE)
    assert said.code == 1 and "FAILED" in said.out


def test_samples(capsys: Capture) -> None:
    said = call(capsys, "samples")
    assert said.code == 0 and all(s.id in said.out for s in samples())
    rows = json.loads(call(capsys, "samples", "--json").out)
    assert [row["id"] for row in rows] == [*(s.id for s in samples()), *GENERATED]
    assert all(set(row) == {"id", "title", "about"} for row in rows)


def test_both_directions_stand_in_order_and_end_where_they_end(
    capsys: Capture, tmp_path: Path
) -> None:
    target = tmp_path / "out.npz"
    said = call(capsys, "run", "japanese-vowels", "--direction", "both", "--out", target)
    assert said.code == 0, said.err
    with np.load(target) as found:
        h, y, ends = found["h_t"], found["y"], found["h_n"]
        assert h.shape[0] == 2 and y.shape[-1] == 2 * h.shape[-1]
        np.testing.assert_array_equal(y[..., h.shape[-1] :], h[1])
        np.testing.assert_array_equal(ends[1], h[1][0])


@pytest.mark.parametrize(
    ("settings", "hops"),
    [
        ((), [4, 3, 2, 1, 0]),
        (("--arrangement", "attention"), [1, 1, 1, 1, 0]),
        (
            ("--arrangement", "temporal-convolution", "--taps", "3", "--layers", "2"),
            [2, 2, 1, 1, 0],
        ),
        (("--arrangement", "temporal-convolution"), [None, None, None, 1, 0]),
    ],
)
def test_hops_from_every_input_to_the_last_loss(
    capsys: Capture, settings: tuple[str, ...], hops: list[int | None]
) -> None:
    said = call(capsys, "run", "-", "--json", *settings, stdin=SENTENCE)
    assert json.loads(said.out)["hops"] == hops


def test_a_setting_without_a_meaning_is_said_and_left_out(capsys: Capture) -> None:
    words = ("run", "-", "--arrangement", "per-layer", "--direction", "both")
    said = call(capsys, *words, stdin=SENTENCE)
    assert said.code == 0
    assert said.err.startswith("note: direction means nothing here; it needs arrangement")
    assert said.err.count("\n") == 1
