"""Themes: every style resolves, words can be read, colour maps say what they should."""

from __future__ import annotations

import numpy as np
import pytest

from visualizer import palette
from visualizer.scene.picture import level_of
from visualizer.styles import STYLES
from visualizer.theme import THEMES, Theme, contrast, reads_dark
from visualizer.typeset import plain, runs_of, width_of

GROUNDS = ("canvas", "panel", "plot", "surface", "raised", "sunken", "column-done")
WORDS = ("text", "muted", "accent-text", "backward-text", "parameter-text", "danger-text")


@pytest.fixture(params=sorted(THEMES))
def theme(request: pytest.FixtureRequest) -> Theme:
    return THEMES[request.param]


def test_the_themes_have_the_same_tokens() -> None:
    assert len({frozenset(theme.tokens) for theme in THEMES.values()}) == 1


@pytest.mark.parametrize("name", sorted(STYLES))
def test_every_style_resolves(name: str, theme: Theme) -> None:
    style = theme.style(name)
    for token in (style.fill, style.stroke, style.hatch, style.colour):
        if token is not None:
            colour = theme.colour(token)
            assert 0 <= colour.opacity <= 1
            assert len(palette.rgb(colour.hex)) == 3
    assert style.size >= 9, "smaller words cannot be read"


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("ground", (*GROUNDS, "column-current"))
def test_words_can_be_read_on_every_ground(word: str, ground: str, theme: Theme) -> None:
    assert contrast(theme.tokens[word], theme.tokens[ground]) >= 4.5


def test_words_on_what_can_be_pressed(theme: Theme) -> None:
    assert contrast(theme.tokens["on-accent"], theme.tokens["accent"]) >= 4.5
    assert contrast(theme.tokens["text"], theme.tokens["accent-soft"]) >= 4.5
    assert contrast(theme.tokens["parameter-text"], theme.tokens["parameter-soft"]) >= 4.5


@pytest.mark.parametrize(
    "line", ["backward", "parameter", "accent", *(f"series-{k}" for k in range(1, 7))]
)
def test_lines_stand_out(line: str, theme: Theme) -> None:
    for ground in ("canvas", "plot", "column-current"):
        assert contrast(theme.tokens[line], theme.tokens[ground]) >= 3.0


@pytest.mark.parametrize("name", ["value", "gate", "delta"])
def test_maps(name: str, theme: Theme) -> None:
    colours = palette.table(theme.name, name)
    assert colours.shape == (256, 3) and colours.dtype == np.uint8
    assert not colours.flags.writeable
    hexes = palette.hexes(theme.name, name)
    assert hexes[1] == palette.MAPS[theme.name][name][0]
    assert hexes[255] == palette.MAPS[theme.name][name][-1]
    assert hexes[0] == palette.NOT_FINITE and hexes.count(palette.NOT_FINITE) == 1


@pytest.mark.parametrize("name", sorted(palette.SIGNED))
def test_zero_is_quiet_and_both_ends_are_loud(name: str, theme: Theme) -> None:
    """The middle lies near the surface; away from it the contrast to the surface only grows."""
    surface = theme.tokens["surface"]
    away = [contrast(each, surface) for each in palette.hexes(theme.name, name)]
    assert away[128] < 1.35
    assert min(away[1], away[255]) > 2.8
    right, left = np.array(away[128:]), np.array(away[128:0:-1])
    assert (np.diff(right) > -0.02).all() and (np.diff(left) > -0.02).all()


def test_ink_on_cells(theme: Theme) -> None:
    for name in ("value", "gate", "delta"):
        for back in palette.hexes(theme.name, name):
            ink = "ink-dark" if reads_dark(back) else "ink-light"
            assert contrast(theme.tokens[ink], back) >= 4.5


def test_levels() -> None:
    values = [-9.0, -1.0, 0.0, 1.0, 9.0, np.nan, np.inf]
    assert level_of(values, 1.0).tolist() == [1, 1, 128, 255, 255, 0, 0]
    assert level_of([0.0, 0.5, 1.0], 1.0, signed=False).tolist() == [1, 128, 255]
    assert level_of([1.0], 0.0).tolist() == [255]
    assert level_of(1e-9, 1.0).tolist() == 128


def test_markup() -> None:
    assert [run.text for run in runs_of("W_{hh}^{⊤}δ(z_{4})")] == ["W", "hh", "⊤", "δ(z", "4", ")"]
    assert [run.back for run in runs_of("a_{t}^{l}")] == [False, False, True]
    assert runs_of("W_hh, b^2")[0].text == "W_hh, b^2"
    assert plain("h_{3}^{1} = 0") == "h31 = 0"
    assert runs_of("") == ()


def test_widths() -> None:
    mono, symbol = STYLES["value-text"], STYLES["symbol"]
    assert width_of("+0.25", mono) == pytest.approx(5 * 0.6 * mono.size)
    stacked, apart = width_of("a_{t}^{l}", symbol), width_of("a_{t}b^{l}", symbol)
    assert stacked < apart
    assert width_of("h_{3}", symbol) < width_of("h3", symbol)
    assert width_of("δ→■Ж漢", STYLES["token"]) > 0
