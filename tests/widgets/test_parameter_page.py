"""What the page of a parameter says of a gradient that is exactly 0."""

from __future__ import annotations

import pytest

from engine import run
from visualizer.scene.film import Film
from visualizer.scene.gathered import parameter_facts
from visualizer.widgets.parts.parameter_page import used_words, why_zero


def said(name: str, **settings: object) -> str:
    made = run("I think therefore I am", **settings)
    facts = parameter_facts(made.recording, Film(made).frame_at(1.0), name)
    return why_zero(made.recording, facts)


def test_a_zero_left_by_overwriting_is_explained() -> None:
    words = said("W_hh", rule="overwrite")
    assert "t=1" in words and "δ(z₁) h₀ᵀ with h₀ = 0" in words and "4 other steps" in words
    assert "t=5" in said("W_hh^b", rule="overwrite", direction="both")


def test_what_is_not_zero_needs_no_words() -> None:
    assert not said("W_hh", rule="accumulate") and not said("W_xh", rule="overwrite")


@pytest.mark.parametrize(
    ("name", "settings", "words"),
    [
        ("W_hh", {}, "used at every step"),
        ("V", {"readout": "last"}, "used once"),
        ("c", {"arrangement": "padded"}, "used once"),
        ("W", {"arrangement": "per-layer"}, "one for every step"),
    ],
)
def test_at_how_many_steps_it_is_used(name: str, settings: dict[str, object], words: str) -> None:
    made = run("I think therefore I am", **settings)
    facts = parameter_facts(made.recording, Film(made).frame_at(1.0), name)
    assert used_words(made.recording, facts) == words
