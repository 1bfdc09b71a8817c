"""From the hand to the picture: a slider of the form is moved in the window, until graph and plot
have been painted anew, and all that follows has happened.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.benchmarks.timing import Figure, clocked
from tests.benchmarks.window import Shown, document
from visualizer.widgets.parts.rows import NumberRow

BARS = {5: 0.05, 50: 0.05, 100: 0.033}  # s, by steps
HIDDEN = 32
SLIDERS = {"hidden": range(28, 32), "radius": range(300, 500, 20)}  # places that the knob takes


def figures(times: int = 40) -> Iterator[Figure]:
    for steps in BARS:
        for name, places in SLIDERS.items():
            yield _slider(name, places, steps, times)


def _slider(name: str, places: range, steps: int, times: int) -> Figure:
    screen = Shown(document(steps, cell="lstm", hidden=HIDDEN))
    row = screen.window.form.rows[name]
    assert isinstance(row, NumberRow) and row.slider is not None
    slider = row.slider
    slider.setSliderDown(True)

    def deed(i: int) -> None:
        slider.setValue(places[i % len(places)])
        screen.until_painted("Canvas", "Plot")

    measured = clocked(lambda _: screen.painted.names.clear(), deed, times)
    screen.close()
    return Figure(
        f"slider of {name}: LSTM, ≤ {HIDDEN} units, {steps} steps", BARS[steps], *measured
    )
