"""What every step adds to the gradient of a parameter: bars as long as the terms, no more of them
than backward has come to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from engine.measures import parameter_ledger
from engine.sequences import typed
from engine.template import Node
from tests.scene.films import PAIR, RAGGED, film
from tests.scene.marks import of, words
from visualizer.plots.axes import TOP, figure
from visualizer.plots.layers import layers_picture, terms_of
from visualizer.plots.losses import losses_picture
from visualizer.plots.norms import norms_picture
from visualizer.scene.compose import fit
from visualizer.scene.film import Film
from visualizer.scene.picture import Picture, Rects, Texts

SIZE = (914.0, 196.0)
GONE = "parameter-bar-out"


def draw(movie: Film, s: float, scale: str = "linear", **look: Any) -> Picture:
    view = replace(fit(movie, 914, 590), **look)
    return layers_picture(movie, movie.frame_at(s), view, *SIZE, scale)


def bars(here: Picture) -> np.ndarray:
    found = [i.boxes for i in of(here, Rects, "bar-own")]
    return np.concatenate(found) if found else np.zeros((0, 4))


def test_bars_are_as_long_as_the_terms() -> None:
    movie = film("elman")
    norms = parameter_ledger(movie.recording, "W_hh").norms
    here = bars(draw(movie, 1.0))
    assert norms[0] == 0 and len(here) == 4  # h₀ = 0: nothing at step 1
    np.testing.assert_allclose(here[:, 3] / here[0, 3], norms[1:] / norms[1], rtol=1e-9)
    assert {figure(float(n)) for n in norms} <= set(words(draw(movie, 1.0)))


def test_terms_come_in_as_backward_visits_their_steps() -> None:
    movie = film("elman")
    counts = [len(bars(draw(movie, k / movie.events))) for k in range(movie.events + 1)]
    assert counts[0] == 0 and counts[-1] == 4 and counts == sorted(counts)
    assert set(counts) == {0, 1, 2, 3, 4}


def test_the_selected_parameter_is_shown() -> None:
    movie = film("lstm", layers=2)
    for name in ("W^1", "b^2", "V", "c"):
        found = terms_of(movie, replace(fit(movie, 914, 590), parameter=name))
        assert found is not None and found.name == name
        expected = parameter_ledger(movie.recording, name).norms
        np.testing.assert_array_equal(found.norms, expected)
    first = terms_of(movie, fit(movie, 914, 590))
    assert first is not None and (first.name, first.own) == ("W^2", False)


def test_where_sequences_differ_in_length_a_step_says_how_many_have_it() -> None:
    movie = film("elman", text=typed(["I think therefore I am", "I am"]))
    told = words(draw(movie, 1.0))
    assert {"t=1, 2 of 2", "t=5, 1 of 2"} <= set(told)
    assert any("2 sequences" in w for w in told)


def test_every_layer_of_its_own_has_a_share_and_they_add_to_all() -> None:
    movie = film("elman", text=typed(["I think therefore I am", "I am"]), arrangement="per-layer")
    terms = terms_of(movie, fit(movie, 914, 590))
    assert terms is not None and terms.own and terms.name == "W"
    gradient = movie.recording.gradients["W"]
    np.testing.assert_allclose(terms.norms, [np.linalg.norm(g) for g in gradient], rtol=1e-12)
    assert terms.shares.sum() == 1.0
    told = words(draw(movie, 1.0))
    assert f"{figure(float(terms.norms[4]))}  {100 * terms.shares[4]:.0f} %" in told
    assert {"t=1, 1 of 2", "t=5, 2 of 2"} <= set(told)  # the short one enters at the fourth


def test_a_matrix_that_reads_and_writes_has_terms_in_both() -> None:
    movie = film("elman", text=typed(["I think", "so"]), readout="after")
    terms = terms_of(movie, fit(movie, 914, 590))
    assert terms is not None and len(terms.norms) == movie.steps and (terms.norms[1:] > 0).all()
    counts = [len(bars(draw(movie, k / movie.events))) for k in range(movie.events + 1)]
    assert counts == sorted(counts) and counts[-1] == movie.steps - 1


def test_terms_that_the_rule_threw_away_are_dotted() -> None:
    """With = only the term of the step visited last is left: the first; of W_xh it is not 0."""
    movie = film("elman", rule="overwrite")
    for s, left in ((1.0, 1), (0.7, None)):
        here = draw(movie, s, parameter="W_xh")
        lost = np.concatenate([np.zeros((0, 4)), *(r.boxes for r in of(here, Rects, GONE))])
        own = bars(here)
        assert len(own) == 1 and (left is None or len(lost) == 4)
        assert (lost[:, 0] > own[0, 0]).all()
    assert not of(draw(film("elman"), 1.0), Rects, GONE)
    both = film("elman", direction="both", rule="overwrite")
    backwards = draw(both, 1.0, parameter="W_xh^b")
    assert len(bars(backwards)) == 1
    assert (
        bars(backwards)[0, 0]
        > np.concatenate([r.boxes for r in of(backwards, Rects, GONE)])[:, 0].max()
    )


def test_padding_of_one_sequence_hatches_no_bars_of_all() -> None:
    movie = film("elman", RAGGED)
    for plot in (layers_picture, norms_picture):
        view = replace(fit(movie, 914, 590), sequence=1)
        here = plot(movie, movie.frame_at(1.0), view, *SIZE)
        assert of(here, Rects, "bar-own") and not of(here, Rects, "column-padded")
    one = losses_picture(movie, movie.frame_at(1.0), view, *SIZE)
    assert of(one, Rects, "column-padded")


def test_the_number_of_the_largest_bar_is_below_the_heading() -> None:
    """Though the bar be as high as the axis."""
    movie = film("elman")
    for plot in (layers_picture, norms_picture):
        here = plot(movie, movie.frame_at(1.0), fit(movie, 914, 590), *SIZE)
        top = TOP - 9.0  # where the number of a bar up to the top of the axis stands
        heading = next(i for i in of(here, Texts, "subtitle")).positions[0, 1]
        numbers = np.concatenate([i.positions for i in of(here, Texts, "bar-label")])
        assert numbers[:, 1].min() >= top and top - heading >= 14.0


def test_of_several_matrices_that_of_the_selected_part_is_shown_and_the_others_are_named() -> None:
    movie = film(text=PAIR, arrangement="encoder-decoder")
    view = fit(movie, 914, 590)
    for g, name, other in ((0, "W_hh^e", "W_{hh}^{d}"), (1, "W_hh^d", "W_{hh}^{e}")):
        for k, slot in enumerate(movie.network.segments[g].slots):
            chosen = replace(view, selected=Node(g, 0, k))
            found = terms_of(movie, chosen)
            assert found is not None and found.name == name, slot.name
            drawn = words(layers_picture(movie, movie.frame_at(1.0), chosen, *SIZE))
            assert any(f"click a card for {other}" in word for word in drawn)
    assert not any("click a card" in word for word in words(draw(film("elman"), 1.0)))
