"""Paths of a formula: one term for each way, what they add up to, and what overwriting leaves."""

from __future__ import annotations

import json

import numpy as np
import pytest

from engine.door import run
from engine.paths import MOST, paths_of, variables_of
from tests.engine.random_formulas import random_formula
from tests.engine.test_expression import LECTURE, MICROGRAD

X = 2.0
SHOWN = {"a": 138.8338, "b": 645.5773}


def summary(text: str, **settings) -> dict:
    found = run(text, arrangement="expression", **settings).summary()
    return json.loads(json.dumps(found, allow_nan=False))


def test_the_paths_of_a_function_of_a_function():
    """Truth 6: df/dx = ∂g/∂x + (dh/dx)(∂g/∂h) for f(x) = g(x, h(x)), one term for each path."""
    found = summary(LECTURE)
    h, slope = X**2, 2 * X
    direct, through_h = h, slope * (X + 1 - np.tanh(h) ** 2)
    by_way = {tuple(p["nodes"]): p["product"] for p in found["paths"]}
    assert by_way == {
        ("x", "u", "f"): direct,
        ("x", "h", "u", "f"): slope * X,
        ("x", "h", "v", "f"): pytest.approx(slope * (1 - np.tanh(h) ** 2), rel=1e-14),
    }
    assert sum(p for way, p in by_way.items() if "h" in way) == pytest.approx(through_h, rel=1e-14)
    gradient = found["variables"]["x"]["gradient"]
    assert gradient == pytest.approx(direct + through_h, rel=1e-14)
    assert sum(by_way.values()) == pytest.approx(gradient, rel=1e-14)


def test_a_product_is_that_of_its_factors():
    for path in summary(MICROGRAD)["paths"]:
        assert np.prod(path["factors"]) == pytest.approx(path["product"], rel=1e-13)
        assert len(path["factors"]) == len(path["nodes"]) - 1


def test_the_readme_of_micrograd_by_its_paths():
    """Truth 5: 138.8338 and 645.5773, accumulated."""
    found = summary(MICROGRAD)
    for name, wanted in SHOWN.items():
        variable = found["variables"][name]
        assert variable["gradient"] == pytest.approx(wanted, abs=5e-5)
        paths = [p["product"] for p in found["paths"] if p["variable"] == name]
        assert len(paths) == variable["paths"] <= MOST
        assert sum(paths) == pytest.approx(wanted, abs=5e-5)


@pytest.mark.parametrize("seed", range(20))
def test_listed_paths_add_up_to_the_gradient(seed):
    recording = run(random_formula(np.random.default_rng(seed)), arrangement="expression").recording
    for variable in variables_of(recording):
        ways = paths_of(recording, variable.slot)
        total = sum((p.product for p in ways.listed), np.zeros_like(variable.delta)) + ways.rest
        np.testing.assert_allclose(total, variable.delta, 1e-11, 1e-12)
        assert len(ways.listed) == min(ways.count, MOST)
        if ways.count <= MOST:
            assert not ways.rest.any()


def test_of_very_many_paths_a_hundred_are_listed_and_all_are_counted():
    text = "x = 0.5; a = x*x; b = a*a; c = b*b; d = c*c; e = d*d; g = e*e; k = g*g; m = k*k; m"
    recording = run(text, arrangement="expression").recording
    ways = paths_of(recording, 0)
    assert (ways.count, len(ways.listed)) == (2**8, MOST)
    listed = sum(p.product[0] for p in ways.listed)
    assert listed + ways.rest[0] == pytest.approx(2**8 * 0.5 ** (2**8 - 1), rel=1e-12)
    assert summary(text)["variables"]["x"]["paths"] == 2**8


def test_the_paths_of_a_vector_are_vectors():
    found = summary("w = [1, -2, 3]; v = [0.5, 0, 2]; dot(w, v) + sum(w)")
    by_way = {tuple(p["nodes"]): p for p in found["paths"]}
    assert by_way["w", "q", "f"]["product"] == [1.0, 1.0, 1.0]
    assert sum(np.array(p["product"]) for p in found["paths"] if p["variable"] == "w").tolist() == [
        1.5,
        1.0,
        3.0,
    ]
    assert by_way["w", "q", "f"]["factors"] == []


def test_a_variable_that_nothing_reads_has_no_path_and_no_gradient():
    found = summary("x = 2; y = 5; x*x")["variables"]["y"]
    assert found == {"value": 5.0, "gradient": 0.0, "paths": 0}


@pytest.mark.parametrize(
    ("text", "name", "accumulated", "overwritten"),
    [
        ("x = 3; x + x", "x", 2.0, 1.0),
        ("x = 3; tanh(x)*0 + x", "x", 1.0, 0.0),
        ("x = 3; y = x*x; y + 5*x", "x", 11.0, 3.0),
        ("x = 3; y = 5*x; y + x*x", "x", 11.0, 5.0),
        ("x = 3; 5*x", "x", 5.0, 5.0),
    ],
)
def test_overwriting_leaves_the_contribution_that_came_last(text, name, accumulated, overwritten):
    """Backward comes to the reader that was computed last first, so the first reader wins."""
    assert summary(text)["gradients"][name] == accumulated
    assert summary(text, rule="overwrite")["variables"][name]["gradient"] == overwritten
    recording = run(text, arrangement="expression", rule="overwrite").recording
    assert recording.delta(0, 0)[0, 0, 0] == accumulated  # δ itself is always the sum


def test_overwriting_agrees_where_every_variable_is_read_once():
    text = "a = 0.3; b = -1.2; c = 0.7; tanh(a*b) - exp(c)"
    assert summary(text) == summary(text, rule="overwrite")


def test_without_zeroing_the_gradient_comes_twice():
    assert summary("x = 3; x*x", zeroing=False)["variables"]["x"]["gradient"] == 12.0


def test_a_formula_has_no_norms_by_step_even_of_a_part_called_h():
    found = summary("x = 2; h = x*x; h + 1")
    assert found["norms"] == {} and found["parameters"] == 0
    assert (found["nodes"], found["edges"], found["steps"]) == (3, 3, 1)
