"""Every lesson opens, runs and says its numbers; the list is the lecture's; files are strict."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import pytest

from engine.check import check_run
from engine.errors import Unusable
from tests.commands.calling import call
from tests.lessons import test_truths, test_truths_of_ways, test_truths_of_writing
from visualizer.document import session
from visualizer.export.figures import FIGURES
from visualizer.lessons import reading
from visualizer.lessons.arithmetic import number
from visualizer.lessons.facts import filled
from visualizer.lessons.generators import GENERATORS, generate
from visualizer.lessons.opening import opened
from visualizer.lessons.reading import FOLDER, lesson, lessons, parse
from visualizer.lessons.table import GROUPS, IDS
from visualizer.plots.table import PLOTS
from visualizer.scene.levels import LEVELS

Capture = pytest.CaptureFixture[str]
EACH = pytest.mark.parametrize("id", IDS)
LECTURE = (
    "padded", "per-layer", "shared", "fold", "overwrite", "expression", "readouts", "depth",
    "clip", "gated", "lstm", "lecture-gru", "gru", "temporal-convolution", "attention",
    "one-to-one", "one-to-many", "many-to-one", "read-then-write", "many-to-many",
    "encoder-decoder", "conv-encoder", "stacked", "bidirectional", "conv-rnn", "conv-lstm",
    "pad-mask-pack", "truncated", "right-odds", "one-wrong-word", "scheduled-sampling", "pages",
    "verify", "naive",
)  # fmt: skip
LONG = 40  # steps; what is longer is the same cell again
SMALLEST = """
id = "small"
title = "Small"
about = "two words"
caption = "{steps} steps"
sequence = { text = "two words" }
"""


def test_every_file_is_in_the_table() -> None:
    assert {path.stem for path in FOLDER.glob("*.toml")} == set(IDS)
    assert len(set(IDS)) == len(IDS) == sum(len(group.ids) for group in GROUPS)


def test_the_list(capsys: Capture) -> None:
    found = json.loads(call(capsys, "lessons", "--json").out)
    assert [row["id"] for row in found] == list(IDS)
    assert set(IDS) == set(LECTURE) and len(LECTURE) == 34
    assert all(set(row) == {"id", "title", "about"} and all(row.values()) for row in found)
    said = call(capsys, "lessons").out
    assert all(f"  {each.id} " in said and each.title in said for each in lessons())
    assert all(group.title in said for group in GROUPS)


@EACH
def test_its_truth_is_held(id: str) -> None:
    modules = (test_truths, test_truths_of_ways, test_truths_of_writing)
    tests = [name for module in modules for name in vars(module)]
    assert any(name.startswith(f"test_{id.replace('-', '_')}") for name in tests)


@EACH
def test_it_opens_and_every_number_is_there(id: str) -> None:
    found = lesson(id)
    titles = [variant.title for variant in found.variants]
    assert len(set(titles)) == len(titles) and (all(titles) or len(titles) == 1)
    for n, variant in enumerate(found.variants):
        derived = opened(found, n)
        assert derived.notice == "", "everything that is typed over has its place"
        summary, trained = derived.run.summary(), derived.snapshot.trained
        assert math.isfinite(summary["loss"]), titles[n]
        assert all(math.isfinite(norm) for norm in summary["gradients"].values())
        words = filled(f"{found.record.caption} {variant.caption}", derived.run, trained)
        said = (
            filled("{prompt}|{text}", derived.run) if trained else "|"
        )  # LaTeX has braces of its own
        assert "{" not in re.sub(r"[_^]\{", "", words.replace(said, "")) and not {
            "nan",
            "inf",
        } & set(words.split())
        assert 0 <= derived.snapshot.playhead <= 1
        for look in (found.view(n).moment, *(cue.moment for cue in found.cues(n))):
            if isinstance(look, str):
                derived.film.find(look)
        assert found.view(n).level in ("auto", *LEVELS)
        assert found.view(n).plot.split()[0] in PLOTS


@EACH
def test_words_are_short(id: str) -> None:
    found = lesson(id)
    assert len(found.title) <= 40 and len(found.about) <= 110 and "\n" not in found.about
    assert len(found.record.caption) <= 420
    assert all(len(v.title) <= 24 and len(v.caption) <= 300 for v in found.variants)


def test_run_prints_every_variant(capsys: Capture) -> None:
    said = call(capsys, "run", "overwrite", "--json")
    found = json.loads(said.out)
    assert said.code == 0 and said.err == "" and said.out.count("\n") == 1
    titles = [variant.title for variant in lesson("overwrite").variants]
    assert [found["title"], *(v["title"] for v in found["variants"])] == titles
    assert found["source"] == "lesson overwrite"
    said = call(capsys, "run", "overwrite")
    assert said.code == 0 and all(f"variant   {title}" in said.out for title in titles)


def test_one_variant_by_number_and_by_title(capsys: Capture) -> None:
    by_number = json.loads(call(capsys, "run", "overwrite", "--variant", "2", "--json").out)
    by_title = json.loads(call(capsys, "run", "overwrite", "--variant", "=", "--json").out)
    assert by_number == by_title and by_number["title"] == "=" and "variants" not in by_number


def test_options_go_before_the_lesson(capsys: Capture) -> None:
    said = call(capsys, "run", "stacked", "--hidden", "3", "--cell", "lstm", "--json")
    assert len(json.loads(said.out)["norms"]["c"]) == 2, "two layers of the lesson, of LSTMs"
    assert json.loads(said.out)["parameters"] != lesson_parameters("stacked")


def lesson_parameters(id: str) -> int:
    return int(opened(lesson(id)).run.summary()["parameters"])


def test_a_file_goes_before_a_lesson(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert json.loads(call(capsys, "run", "shared", "--json").out)["source"] == "lesson shared"
    (tmp_path / "shared").write_text("no suffix")
    assert "shared has no suffix" in call(capsys, "run", "shared", "--json").err


@EACH
def test_every_gradient_of_it_holds(id: str) -> None:
    found = lesson(id)
    for n, variant in enumerate(found.variants):
        run = opened(found, n).run
        if run.recording.steps <= LONG:
            assert [row.name for row in check_run(run) if not row.ok] == [], variant.title


def test_check_prints_every_variant(capsys: Capture) -> None:
    said = call(capsys, "check", "overwrite", "--json")
    found = json.loads(said.out)
    assert said.code == 0 and found["failed"] == []
    assert [v["failed"] for v in found["variants"]] == [[]] * 4
    said = call(capsys, "check", "overwrite", "--variant", "1")
    assert said.code == 0 and said.out.startswith("variant +=")


@EACH
def test_export(capsys: Capture, tmp_path: Path, id: str) -> None:
    said = call(capsys, "export", id, "-o", tmp_path / "f.svg")
    assert said.code == 0 and said.err == ""
    assert "nan" not in (tmp_path / "f.svg").read_text()


def test_a_lesson_as_files(capsys: Capture, tmp_path: Path) -> None:
    folder = tmp_path / "made"
    said = call(capsys, "lessons", "clip", "--export", folder)
    assert said.code == 0 and said.out.count("wrote") == len(lesson("clip").variants)
    names = {path.name for path in folder.iterdir()}
    assert {"clip.svg", "clip-2.svg", "clip.unrolled", "clip-cliff.svg"} <= names
    stored = session.load(folder / "clip.unrolled")
    assert stored.snapshot.sequence.source == "lesson clip"
    assert stored.losses[0] == pytest.approx(0.0060125553)
    assert "norms" in FIGURES


def test_one_lesson_for_people(capsys: Capture) -> None:
    said = call(capsys, "lessons", "clip").out
    assert said.startswith("The cliff, and clipping: ") and "dE/db = -661.68" in said
    found = json.loads(call(capsys, "lessons", "clip", "--json").out)
    assert [v["title"] for v in found["variants"]][:2] == ["not clipped", "by norm"]


WRONG = [
    ("[", "at end of document"),
    ("colour = 1", "Object contains unknown field `colour`"),
    ("losses_off = [0]", "Expected `int` >= 1 - at `$.losses_off[0]`"),
    ("view = { zoom = 2 }", "unknown field `zoom` - at `$.view`"),
    ("variants = [{ caption = '' }]", "missing required field `title` - at `$.variants[0]`"),
]


@pytest.mark.parametrize("line, words", WRONG, ids=[w[0] for w in WRONG])
def test_what_has_no_place_is_one_line(line: str, words: str) -> None:
    with pytest.raises(Unusable) as caught:
        parse(SMALLEST + line, "small")
    assert words in caught.value.message and caught.value.message.startswith("lesson small: ")
    assert "\n" not in caught.value.message


MISTAKES = [
    ("settings = { colour = 1 }", "lesson small: no setting is called 'colour'"),
    ("settings = { hidden = 0 }", "lesson small: hidden must be 1..4096, got 0"),
    ("edits = { W_hh = 1 }", "lesson small: 'W_hh' names no cells; write W_hh[1, 2]"),
    ("edits = { 'W_hh[1]' = '2 +' }", "lesson small: '2 +' is no number"),
]


@pytest.mark.parametrize("line, words", MISTAKES, ids=[m[0] for m in MISTAKES])
def test_what_makes_no_session_is_one_line(line: str, words: str) -> None:
    made = reading.Lesson(parse(SMALLEST + line, "small"), "")
    with pytest.raises(Unusable) as caught:
        made.snapshot()
    assert caught.value.message.startswith(words) and "\n" not in caught.value.message


def test_a_file_has_the_name_of_its_lesson() -> None:
    with pytest.raises(Unusable, match="the file says it is small"):
        parse(SMALLEST, "large")


SEQUENCES = [
    ("{}", "give one"),
    ("{ text = 'a b', sample = 'nile' }", "give one"),
    ("{ generator = 'dice' }", "there is no generator dice"),
    ("{ generator = 'noise', numbers = { hops = 2 } }", "it was given hops"),
    ("{ sample = 'digits', take = [101] }", "digits has 100 series"),
    ("{ series = [[[1, 2], [3]]] }", "every row needs 2 numbers"),
]


@pytest.mark.parametrize("written, words", SEQUENCES, ids=[s[0] for s in SEQUENCES])
def test_sequences_that_are_none(written: str, words: str) -> None:
    text = SMALLEST.replace('{ text = "two words" }', written)
    with pytest.raises(Unusable, match=words):
        reading.Lesson(parse(text, "small"), "").snapshot()


def test_part_of_a_sample() -> None:
    text = SMALLEST.replace('{ text = "two words" }', '{ sample = "digits", take = [3, 5] }')
    taken = reading.Lesson(parse(text, "small"), "").snapshot().sequence
    assert taken.count == 2 and taken.labels[0] != () and taken.title == "Small"
    text = SMALLEST.replace('{ text = "two words" }', '{ sample = "seattle-weather", first = 9 }')
    taken = reading.Lesson(parse(text, "small"), "").snapshot().sequence
    assert [len(taken.series[0]), len(taken.labels[0]), len(taken.times[0])] == [9, 9, 9]


def test_cells_are_counted_from_one() -> None:
    found = parse(SMALLEST + "edits = { 'W_hh[2, 1:3]' = 4 }", "small")
    edits = reading.Lesson(found, "").snapshot().edits
    assert edits == tuple((("W_hh", (1, column)), 4.0) for column in range(3))


@pytest.mark.parametrize("row", GENERATORS.values(), ids=lambda row: row.id)
def test_generators(row: object) -> None:
    name = row.id  # type: ignore[attr-defined]
    assert generate(name, 3, {}) == generate(name, 3, {})


@pytest.mark.parametrize(
    "written, value",
    [(2, 2.0), ("2**3 - 1", 7.0), ("-sqrt(4)/2", -1.0), ("0.5 - 5*sigmoid(0)", -2.0)],
)
def test_sums(written: float | str, value: float) -> None:
    assert number(written) == value


@pytest.mark.parametrize("written", ["", "x", "open('f')", "1/0", "9**9**9**9", "log(-1)", "(1,)"])
def test_what_is_no_sum(written: str) -> None:
    with pytest.raises(Unusable, match="is no number"):
        number(written)
