"""Cards of parameters: what was kept from before, what overwriting leaves, what clipping did."""

from __future__ import annotations

import numpy as np
import pytest

from tests.scene.films import film
from tests.scene.marks import of, words
from visualizer.scene.compose import compose, fit
from visualizer.scene.film import Film
from visualizer.scene.picture import Picture, Rects, Texts
from visualizer.scene.view import View
from visualizer.styles import STYLES
from visualizer.typeset import width_of

SIZE = (1600.0, 900.0)


def at(movie: Film, s: float, **changes: str) -> Picture:
    view = fit(movie, *SIZE)
    changed = View(view.level, view.zoom, view.stretch, view.origin, **changes)  # type: ignore[arg-type]
    return compose(movie, movie.frame_at(s), changed, *SIZE)


def heights(here: Picture, style: str) -> np.ndarray:
    """Heights of the bars of a style, card by card."""
    found = [item.boxes[:, 3] for item in of(here, Rects, style)]
    return np.concatenate(found) if found else np.zeros(0)


def test_what_was_not_zeroed_is_a_bar_of_its_own() -> None:
    movie = film(zeroing=False)
    for s in (0.0, 0.6, 1.0):
        assert len(heights(at(movie, s), "parameter-bar-before")) == 3
    assert not len(heights(at(film(), 1.0), "parameter-bar-before"))
    bars, before = (
        heights(at(movie, 1.0), "parameter-bar"),
        heights(at(movie, 1.0), "parameter-bar-before"),
    )
    rec = movie.recording
    norm = np.sqrt(sum(np.square(rec.previous[n]).sum() for n in ("V", "c")))
    term = np.sqrt(sum(rec.parameter_term_norms(n)[0] ** 2 for n in ("V", "c")))
    assert bars[0] / before[0] == pytest.approx(term / norm)


def test_overwriting_drops_what_was_before() -> None:
    movie = film(zeroing=False, rule="overwrite")
    assert len(heights(at(movie, 0.2), "parameter-bar-before")) == 3
    assert not len(heights(at(movie, 1.0), "parameter-bar-before"))


def test_a_gradient_that_is_exactly_zero_says_why() -> None:
    """The Elman cell with h_0 = 0 under =: the step that is visited last is t = 1."""
    movie = film(rule="overwrite")
    assert not movie.recording.gradients["W_hh"].any()
    told = words(at(movie, 1.0))
    assert "dW_{hh} = 0" in told and "at t = 1, h_{0} = 0" in told
    assert not any(w.startswith("dW") for w in words(at(movie, 0.7)))
    assert not any(w.startswith("dW") for w in words(at(film(), 1.0)))


def test_clipping_by_norm_is_seen() -> None:
    """From its event on, bars have shrunk by the factor and the card says it."""
    movie = film(clip="norm", clip_at=0.5)
    event = next(n for n in range(movie.events) if movie.event(n).kind == "clip")
    before, after = (at(movie, (event + k) / movie.events) for k in (0, 1))
    factor = movie.run.clip_factor
    assert not any("clipped" in w for w in words(before))
    assert f"clipped ×{factor:.2g}" in words(after)
    assert len(heights(after, "parameter-bar")) == len(heights(before, "parameter-bar"))
    tall = heights(after, "parameter-bar-out")
    shrunk = heights(after, "parameter-bar")
    seen = tall * factor > 1.3 * 1.2  # below that, bars keep a height that can be seen
    assert seen.any() and np.allclose(shrunk[seen], (tall * factor)[seen])


def test_clipping_that_changes_nothing_says_so() -> None:
    movie = film(clip="norm", clip_at=1e3)
    assert "not clipped" in words(at(movie, 1.0))
    assert not len(heights(at(movie, 1.0), "parameter-bar-out"))
    assert "clipped to ±0.01" in words(at(film(clip="value", clip_at=0.01), 1.0))


def test_zeroing_is_seen_as_it_happens() -> None:
    movie = film()
    event = next(n for n in range(movie.events) if movie.event(n).kind == "zero")
    assert "= 0" in words(at(movie, (event + 1) / movie.events))
    assert "= 0" not in words(at(movie, (event + 2) / movie.events))


def test_the_selected_card_is_outlined() -> None:
    chosen = of(at(film(), 0.5, parameter="b"), Rects, "parameter-card-selected")
    assert len(chosen) == 1 and len(chosen[0].boxes) == 1
    assert not of(at(film(), 0.5), Rects, "parameter-card-selected")


def test_of_a_backward_chain_the_right_end_is_visited_last() -> None:
    """Overwritten, dW_hh of both chains is exactly 0: each ends at its own first state of zeros."""
    movie = film(rule="overwrite", direction="both")
    for name in ("W_hh", "W_hh^b"):
        assert not movie.recording.gradients[name].any()
    told = words(at(movie, 1.0))
    assert "dW_{hh}^{←} = 0" in told and "at t = 5, h_{0} = 0" in told
    view = fit(movie, *SIZE)
    bars = of(compose(movie, movie.frame_at(1.0), view, *SIZE), Rects, "parameter-bar")
    assert sum(len(b.boxes) for b in bars) == len(movie.layout("ops").cards)


def test_notes_stay_readable_where_cards_are_small() -> None:
    """Beneath their card then, in letters of their own size."""
    movie = film(rule="overwrite")
    view = fit(movie, 800.0, 480.0)
    here = compose(movie, movie.frame_at(1.0), view, 800.0, 480.0)
    (note,) = of(here, Texts, "parameter-note")
    assert note.scale >= 1.0 and len(note.strings) == 2
    boxes = np.concatenate([r.boxes for r in of(here, Rects, "parameter-card")])
    for x, y in note.positions:
        inside = (boxes[:, 0] <= x) & (x <= boxes[:, 0] + boxes[:, 2])
        assert not (inside & (boxes[:, 1] <= y) & (y <= boxes[:, 1] + boxes[:, 3])).any()


def test_a_name_keeps_clear_of_the_rule_beside_it() -> None:
    """By more than what a screen rounds its letters up by."""
    movie = film("gru", layers=2, direction="both")
    picture = at(movie, 0.0)
    names = {
        (round(float(y), 1)): float(x) + width_of(s, STYLES[i.style]) * i.scale
        for i in of(picture, Texts, "parameter-name")
        for (x, y), s in zip(i.positions, i.strings)
    }
    for rule in of(picture, Texts, "parameter-rule"):
        for (x, y), s in zip(rule.positions, rule.strings):
            left = float(x) - width_of(s, STYLES[rule.style]) * rule.scale
            assert names[round(float(y), 1)] + 5.0 * rule.scale <= left
