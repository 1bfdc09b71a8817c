"""What a network says where it reads its own output, in the picture: bars, ways, words, clicks."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

import engine
from engine.template import Node
from visualizer.scene.compose import compose, fit, sight_of
from visualizer.scene.film import Film
from visualizer.scene.layers import odds
from visualizer.scene.odds import logits_of, odds_at, said_at, taken_at, with_forced
from visualizer.scene.pick import pick
from visualizer.scene.picture import Item, Polylines, Rects, Texts

SIZE = (1400.0, 900.0)
SENTENCE = "I think therefore I am"


@cache
def film(**settings: object) -> Film:
    return Film(engine.run(SENTENCE, **{"seed": 5, **settings}))


def writing() -> Film:
    return film(feeding="own", prompt="I think", write=4, draws=3)


def items(shown: Film, moment: float = 1.0, style: str = "") -> list[Item]:
    view = fit(shown, *SIZE, level="tensors")
    picture = compose(shown, shown.frame_at(moment), view, *SIZE)
    return [item for item in picture.items if getattr(item, "style", None) == style]


def words(shown: Film, style: str, moment: float = 1.0) -> list[str]:
    found = [item for item in items(shown, moment, style) if isinstance(item, Texts)]
    return [string for item in found for string in item.strings]


def test_every_step_has_bars_once_it_is_said_and_a_way_where_it_is_read() -> None:
    shown = writing()
    (boxes,) = items(shown, 1.0, "odds")
    assert isinstance(boxes, Rects) and len(boxes.boxes) == shown.steps == 5
    ways = items(shown, 1.0, "edge-fed")  # one in the legend
    lines = [line for item in ways if isinstance(item, Polylines) for line in item.points]
    assert len([line for line in lines if len(line) == 4]) == 3
    assert items(shown, 0.0, "odds") == [], "nothing is said yet"
    own = words(shown, "token-own")
    assert len(own) == 3 and words(shown, "token-own", 0.0) == []
    assert len(words(shown, "target")) == 5 and words(shown, "target", 0.0) == []
    assert len(words(film(), "target", 0.0)) == 5, "the truth is known from the start"
    assert not items(film(), 1.0, "odds") and not items(film(), 1.0, "edge-fed")


def test_coins_are_told_in_words() -> None:
    shown = film(feeding="scheduled", truth=0.5, draws=1)
    own = shown.run.batch.own
    assert own is not None and 0 < own.sum() < 4
    assert len(words(shown, "odds-own")) == own.sum()
    assert len(words(shown, "odds-truth")) == shown.steps - own.sum()


def test_the_bars_are_the_odds_that_were_drawn_from() -> None:
    run = writing().run
    row = odds_at(run, 2, 0)
    logits = run.recording.value(*logits_of(run)[0])[2, 0]
    bare = np.exp(logits - logits.max())
    bare[-1] = 0.0  # the stop token could not come
    np.testing.assert_allclose(row, bare / bare.sum(), rtol=1e-12)
    said = said_at(run, 2, 0, 3)
    assert sum(each.taken for each in said) == 1
    taken = next(each for each in said if each.taken)
    assert taken.name == run.batch.labels[0][3] and taken.index == taken_at(run, 2, 0)
    assert taken_at(run, 0, 0) == -1, "the prompt goes on there"


def test_a_click_on_the_bars_is_one_on_their_logits() -> None:
    shown = writing()
    view = fit(shown, *SIZE, level="tensors")
    here = sight_of(shown, view, *SIZE)
    box = odds.box_of(shown, here.layout)
    assert box is not None
    x, y = float(here.x(3, box[0])), float(here.y(box[1]))
    assert pick(shown, view, *SIZE, x, y) == Node(1, 3, 0)
    assert odds.box_of(film(), shown.layout("tensors")) is None


@pytest.mark.parametrize(
    ("forced", "step", "name", "after"),
    [
        ("", 8, "q", "9:q"),
        ("9:q 12:x", 8, "z", "9:z 12:x"),
        ("9:q 12:x", 8, None, "12:x"),
        ("12:x", 1, "␣", "2:␣ 12:x"),
    ],
)
def test_one_token_more_or_less_is_forced(
    forced: str, step: int, name: str | None, after: str
) -> None:
    assert with_forced(forced, step, name) == after
