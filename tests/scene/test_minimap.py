"""The strip of the whole sequence: one axis with the bands, no spike lost, frame and pixels."""

from __future__ import annotations

import numpy as np
import pytest

import engine
from engine.sequences import Sequence
from tests.scene.films import film
from tests.scene.marks import of
from visualizer.scene import minimap
from visualizer.scene.film import Film
from visualizer.scene.minimap import Track
from visualizer.scene.picture import Heat, Item, Picture, Polylines, Rects, Texts

LONG = " ".join(f"w{n % 7}" for n in range(3000))
TRACK = Track(3000, 900.0)


def picture(items: list[Item]) -> Picture:
    return Picture(TRACK.width, minimap.HEIGHT, tuple(items))


def test_pixels_and_steps_are_each_others_inverse() -> None:
    for t in (0.0, 17.5, 2999.0):
        assert TRACK.t(TRACK.x(t)) == pytest.approx(t)
    assert TRACK.x(-5.0) == minimap.LEFT
    assert TRACK.x(9999.0) == pytest.approx(TRACK.width - minimap.RIGHT)


@pytest.mark.parametrize(("low", "high"), [(-3.0, 2.0), (1500.0, 1500.1), (2999.0, 3004.0)])
def test_the_frame_can_be_taken_hold_of_and_stays_on_the_strip(low: float, high: float) -> None:
    x, wide = TRACK.box(low, high)
    assert wide >= minimap.LEAST
    assert x >= minimap.LEFT and x + wide <= TRACK.width - minimap.RIGHT + 1e-6


def test_values_exist_when_they_have_happened() -> None:
    long = film("lstm", LONG)
    line = long.timeline
    start = picture(minimap.draw(long, long.frame_at(0.0), 0, TRACK))
    assert not of(start, Heat) and len(of(start, Rects, "band-pending")) == 2
    done = picture(minimap.draw(long, long.frame_at(1.0), 0, TRACK))
    assert [h.map for h in of(done, Heat)] == ["value", "delta"]
    assert not of(done, Rects, "band-pending")
    half = long.frame_of_event(line.phases[0][1] // 2)
    cells = of(picture(minimap.draw(long, half, 0, TRACK)), Heat)
    assert len(cells) == 1
    assert cells[0].box[2] == pytest.approx(TRACK.inner / 2, abs=2.0)


def test_the_strip_stays_as_long_as_no_column_is_added() -> None:
    long = film("lstm", LONG)
    seen = {minimap.reached(long, long.frame_after(n), 0, TRACK) for n in range(40)}
    assert len(seen) <= 3


def test_no_spike_is_lost() -> None:
    x = np.zeros((4000, 1))
    x[1234] = 50.0
    spiked = Film(
        engine.run(Sequence("numbers", series=(x,), columns=("x",), roles=("input",)), hidden=2)
    )
    (g, k), b = minimap.shown(spiked)[0], 0
    rows = np.abs(spiked.recording.value(g, k)[:, b]).max(1)
    assert np.argmax(rows) in (1233, 1234, 1235)
    track = Track(spiked.steps, 500.0)
    items = minimap.draw(spiked, spiked.frame_at(1.0), 0, track)
    values = next(i for i in items if isinstance(i, Heat) and i.map == "value")
    strength = np.abs(values.levels.astype(int) - 128).max(0)
    at = minimap.LEFT + np.argmax(strength) * values.box[2] / values.levels.shape[1]
    assert at == pytest.approx(track.x(float(np.argmax(rows))), abs=2.0)


def test_losses_are_ticks_where_they_can_be_told_apart() -> None:
    every = film("lstm", LONG)
    assert not of(
        picture(minimap.draw(every, every.frame_at(1.0), 0, TRACK)), Rects, "minimap-loss"
    )
    last = film("lstm", LONG, readout="last")
    found = of(picture(minimap.draw(last, last.frame_at(1.0), 0, TRACK)), Rects, "minimap-loss")
    assert len(found) == 1 and len(found[0].boxes) == 1
    assert found[0].boxes[0, 0] == pytest.approx(TRACK.x(2999.5), abs=1.0)


def test_frame_playhead_and_words() -> None:
    here = picture(minimap.over(TRACK, 99.6, 200.2, 150))
    x, _ = TRACK.box(99.6, 200.2)
    assert of(here, Rects, "minimap-view")[0].boxes[0, 0] == pytest.approx(x - minimap.INSIDE)
    assert of(here, Polylines, "playhead")[0].points[0][0, 0] == pytest.approx(TRACK.x(150.5))
    assert of(here, Texts)[0].strings == ("101–200",)
    assert not of(picture(minimap.over(TRACK, 0.0, 10.0, None)), Polylines)
    assert minimap.words(2998.7, 3002.0, 3000) == "3000"


def test_all_in_sight() -> None:
    assert minimap.all_in_sight(-0.5, 310.0, 308)
    assert not minimap.all_in_sight(1.0, 308.0, 308)
    assert not minimap.all_in_sight(0.0, 307.0, 308)


@pytest.mark.parametrize("settings", [{"arrangement": "attention"}, {"direction": "both"}])
def test_other_arrangements_have_one_too(settings: dict[str, object]) -> None:
    other = film("elman", "I think therefore I am", **settings)
    items = minimap.draw(other, other.frame_at(1.0), 0, Track(other.steps, 400.0))
    assert any(isinstance(item, Heat) for item in items)
