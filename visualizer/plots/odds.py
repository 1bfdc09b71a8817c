"""Right odds, wrong words: what a trained network writes with every output drawn by itself, and
what it writes when each is fed back. The odds of every step are the same in both.
"""

from __future__ import annotations

import numpy as np

from engine.sequences.wording import STOP
from engine.training.independent import Odds, learnt_share, odds
from engine.training.trained import Trained
from visualizer.plots import axes as frames
from visualizer.plots.learning import UNTRAINED
from visualizer.scene.film import Film
from visualizer.scene.frame import Frame
from visualizer.scene.layers.columns import fitted
from visualizer.scene.picture import Item, Picture, Polylines, Texts
from visualizer.scene.sheet import Sheet
from visualizer.scene.view import View

TITLE = "Right odds, wrong words"
COUNT = 400  # texts that are written, of which some are shown
LETTERS = 48  # characters of a text, where it has no end
TOP, ROW = 78.0, 19.0
EDGE = 16.0
LEFT = 108.0  # the menu of plots stands there


def odds_picture(
    sheet: Sheet, shown: tuple[Frame, ...], view: View, width: float, height: float, scale: str
) -> Picture:
    """Two columns of texts; those that were learnt are marked."""
    film, learnt = sheet.films[sheet.hand], sheet.learnt[sheet.hand]
    trained = learnt.trained if learnt is not None else None
    reason = lacks_of(trained)
    if reason or trained is None:
        items = [*frames.heading(TITLE, ""), frames.note(width, reason)]
        return Picture(width, height, tuple(items), background="plot", title=TITLE)
    found = odds_on(film, trained)
    words = f"{len(found.apart):,} texts of {len(found.marginals)} steps each, at the same odds"
    items = frames.heading(TITLE, words)
    half = LEFT + (width - LEFT) / 2
    rows = max(int((height - TOP - 6.0) // ROW), 1)
    items += _column(
        trained, found.texts(found.apart), "every output by itself", LEFT, half - LEFT, rows
    )
    if len(found.together):
        title = "each after what was drawn before"
        items += _column(trained, found.texts(found.together), title, half, width - half, rows)
    else:
        said = "this network reads its first input alone: nothing is fed back"
        items.append(Texts("muted", np.array([[half + EDGE, 58.0]]), (said,)))
    items.append(Polylines("grid", (np.array([[half, 48.0], [half, height - 8.0]]),)))
    return Picture(width, height, tuple(items), background="plot", title=TITLE)


def odds_on(film: Film, trained: Trained) -> Odds:
    """What is written, drawn once for a seed."""
    seed = film.run.experiment.draws
    found: Odds = film.kept(("odds", id(trained), seed), lambda: _drawn(trained, seed))
    return found


def lacks_of(trained: Trained | None) -> str:
    """Why there is nothing to show."""
    if trained is None:
        return UNTRAINED
    experiment = trained.experiment.meant()
    able = (experiment.arrangement, experiment.readout, experiment.direction)
    if trained.sequence.kind != "text" or able != ("recurrent", "every", "forward"):
        return "odds are those of tokens, said step by step by a recurrent network"
    return ""


def _drawn(trained: Trained, seed: int) -> Odds:
    texts = trained.sequence.texts
    letters = len(texts) == 1
    longest = max(len(text.split()) for text in texts) + 1
    return odds(trained, "", LETTERS if letters else longest, count=COUNT, seed=seed)


def _column(
    trained: Trained, texts: list[str], title: str, left: float, width: float, rows: int
) -> list[Item]:
    share, what = learnt_share(trained, texts)
    known = "occur in the data" if what == "words" else "are in the data"
    told = f"{100 * share:.1f} % of the {what} {known}"
    items: list[Item] = [
        Texts("bar-label", np.array([[left + EDGE, 58.0]]), (title,)),
        Texts("legend-text", np.array([[left + width - EDGE, 58.0]]), (told,), "end"),
    ]
    good: list[tuple[float, str]] = []
    bad: list[tuple[float, str]] = []
    for n, text in enumerate(texts[:rows]):
        learnt = what == "texts" and learnt_share(trained, [text])[0] == 1.0
        line = text.replace("\n", " ↵ ").replace(STOP, "")
        (good if learnt else bad).append((TOP + (n + 0.5) * ROW, line))
    for style, mark, some in (("check-good", "✓", good), ("card-text", "✗", bad)):
        mark = mark if what == "texts" else "·"
        if some:
            room = width - 2 * EDGE - 20.0
            marks = np.array([[left + EDGE, y] for y, _ in some])
            places = marks + np.array([20.0, 0.0])
            items.append(Texts(style, marks, (mark,) * len(some)))
            lines = tuple(fitted(text, room, "card-text") for _, text in some)
            items.append(Texts("card-text", places, lines))
    return items
