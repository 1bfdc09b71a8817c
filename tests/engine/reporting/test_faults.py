"""Every planted fault is found and named, and a healthy network raises no alarm."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import engine
from engine.door import Run
from engine.errors import Stopped
from engine.reporting.case import Case
from engine.reporting.finding import Finding, Report
from engine.reporting.report import examined
from engine.reporting.sizes import clip_threshold
from engine.reporting.table import FINDINGS
from tests.engine.reporting import faults


def examine(run: Run, kind: str = "") -> Report:
    return examined(Case(run, kind=kind, overfit=False))


def found(run: Run, id: str) -> Finding:
    return examine(run)[id]


def test_a_healthy_network_raises_no_alarm() -> None:
    report = engine.report(faults.learnt())
    assert [f.id for f in report.findings if f.verdict != "good"] == []
    assert report.verdict == "good"
    asked = {f.id for f in report.findings} | {n.id for n in report.not_asked}
    assert asked == {row.id for row in FINDINGS}


def test_it_tells_how_far_it_is_and_can_be_ended() -> None:
    shares: list[float] = []
    engine.report(faults.learnt(), watch=shares.append)
    assert shares[0] == 0.0 and shares[-1] == 1.0 and shares == sorted(shares)
    assert len(shares) > len(FINDINGS)

    def end(share: float) -> None:
        if share > 0.3:
            raise Stopped

    with pytest.raises(Stopped):
        engine.report(faults.learnt(), watch=end)


def test_batch_first_mistaken() -> None:
    by_loss, by_inputs = found(faults.batch_first(), "batch"), found(faults.exchanged(), "batch")
    assert by_loss.verdict == by_inputs.verdict == "bad"
    assert "sequence 20 alone" in by_loss.sentence and "batch_first" in by_loss.sentence
    assert "axes look exchanged" in by_inputs.sentence and "batch_first=True" in by_inputs.advice
    assert found(faults.regression(), "batch").verdict == "good"


def test_padding_that_is_read() -> None:
    padded = found(faults.ragged(padding="pad"), "padding")
    assert padded.verdict == "bad" and "of the loss is read there" in padded.sentence
    zeros = found(faults.zero_ends(), "padding")
    assert zeros.verdict == "bad" and "sequence 4 from step 9 on" in zeros.sentence
    assert found(faults.zero_ends(2), "padding").verdict == "bad"
    for padding in ("pack", "mask"):
        assert found(faults.ragged(padding=padding), "padding").verdict == "good"


@pytest.mark.parametrize(
    ("shift", "word", "advice"), [(1, "later", "targets[1:]"), (-1, "earlier", "targets[:-1]")]
)
def test_targets_shifted_by_one(shift: int, word: str, advice: str) -> None:
    said = found(faults.with_targets(faults.learnt(), shift), "targets")
    assert said.verdict == "bad"
    assert f"one step {word} much better" in said.sentence and advice in said.advice


def test_targets_that_copy_the_input() -> None:
    same, before = found(faults.copied(), "targets"), found(faults.delayed(), "targets")
    assert same.verdict == before.verdict == "bad"
    assert "equal the input of the same step" in same.sentence
    assert "equal the input one step before" in before.sentence


def test_an_input_that_is_not_read() -> None:
    run = faults.regression(cell="elman")
    weight = np.array(run.recording.parameters["W_xh"])
    weight[:, 1] = 0
    said = found(faults.moved(run, W_xh=weight), "input")
    assert said.verdict == "bad" and said.sentence.startswith("c2 is not read")
    said = found(faults.moved(run, W_xh=0 * weight), "input")
    assert said.verdict == "bad" and "does not read its input" in said.sentence


def test_an_input_behind_saturation_is_read_without_a_gradient() -> None:
    run = faults.regression(cell="elman")
    said = found(faults.moved(run, W_xh=1e9 * np.abs(run.recording.parameters["W_xh"])), "input")
    assert said.verdict == "look" and "saturated" in said.sentence


def test_a_constant_answer() -> None:
    run = faults.regression()
    said = found(faults.moved(run, V=0 * run.recording.parameters["V"]), "constant")
    assert said.verdict == "bad" and "one and the same answer at every step" in said.sentence


def test_what_was_never_trained_is_not_called_bad() -> None:
    said = found(faults.regression(), "constant")
    assert said.verdict == "good" and "not been trained yet" in said.sentence


def test_a_parameter_without_a_gradient() -> None:
    said = found(faults.regression(cell="elman", rule="overwrite"), "idle")
    assert said.verdict == "bad" and "W_hh has no gradient" in said.sentence
    assert "overwritten" in said.sentence


def test_saturated_gates() -> None:
    run = faults.regression()
    bias = np.array(run.recording.parameters["b"])
    bias[: len(bias) // 4] = 20.0
    said = found(faults.moved(run, b=bias), "gates")
    assert said.verdict == "bad"
    assert said.sentence.startswith("f is saturated: 100 % of f stands above 0.95 (open)")
    assert said.places[0].label.startswith("f")


def test_dead_relus() -> None:
    run = faults.regression(cell="elman", nonlinearity="relu")
    bias = np.full_like(run.recording.parameters["b"], -50.0)
    said = found(faults.moved(run, b=bias), "relu")
    assert said.verdict == "bad" and said.sentence.startswith("100 % of the relu units are 0")


def test_a_weight_that_is_nan() -> None:
    run = faults.regression(cell="elman")
    weight = np.array(run.recording.parameters["W_hh"])
    weight[2, 3] = np.nan
    said = found(faults.moved(run, W_hh=weight), "finite")
    assert said.verdict == "bad" and said.sentence.startswith("W_hh[3, 4] is nan (1 entry of it")


def test_the_first_number_that_is_none() -> None:
    run = faults.linear(2.0, nonlinearity="relu", hidden=3)
    big = {n: 1e80 * np.abs(p) for n, p in run.recording.parameters.items() if n == "W_hh"}
    said = found(faults.moved(run, **big), "finite")
    assert said.verdict == "bad" and "is the first node that is not finite" in said.sentence
    place = said.places[0]
    values = faults.moved(run, **big).recording.value(place.segment, place.slot)
    assert not np.isfinite(values[place.step - 1]).all()
    assert np.isfinite(values[: place.step - 1]).all()


def test_what_float16_cannot_hold() -> None:
    run = faults.regression(cell="elman", nonlinearity="relu", dtype="float32")
    weight = 1e6 * np.abs(run.recording.parameters["W_xh"])
    said = examine(faults.moved(run, W_xh=weight), "float16")["finite"]
    assert said.verdict == "bad" and "too large for float16" in said.sentence
    assert examine(faults.moved(run, W_xh=weight), "float32")["finite"].verdict == "good"


def test_a_leak_from_the_future() -> None:
    run = engine.run(faults.CYCLE, cell="gru", direction="both")
    said = found(run, "future")
    assert said.verdict == "bad" and "a leak" in said.sentence
    nameless = engine.run(replace(run.batch, task=""), run.experiment)  # as of a model of others
    assert "a leak" in found(nameless, "future").sentence
    later = found(faults.regression(direction="both"), "future")
    assert later.verdict == "look" and "backwards" in later.sentence


def test_one_step_decides() -> None:
    said = found(faults.one_step(), "steps")
    assert said.verdict == "bad" and "step 12" in said.sentence
    assert said.places[0].step == 12


def test_one_sequence_overrules_the_others() -> None:
    said = found(faults.one_sequence(), "clip")
    assert said.verdict == "bad" and "single ones overrule the others" in said.sentence
    assert "--clip-at" in said.advice


def test_a_threshold_from_the_norms_of_a_training() -> None:
    norms = np.append(np.full(40, 2.0), 30.0)
    said = clip_threshold(Case(faults.regression(), observed=norms))
    assert said.verdict == "look" and "over 41 updates of its training" in said.sentence
    assert "Clip by norm at 4 (twice the median of these)" in said.advice
    calm = clip_threshold(Case(faults.regression(), observed=norms[:-1]))
    assert calm.verdict == "good" and "as a guard clip by norm at 4" in calm.sentence


def test_inputs_of_another_size() -> None:
    x = faults.noise(4, 10, 2)
    x[..., 0] = 1000 + 50 * x[..., 0]
    run = engine.run(faults.series(x, targets=1), standardise=False)
    said = found(run, "scale")
    assert said.verdict == "look" and "c1: has large numbers" in said.sentence
