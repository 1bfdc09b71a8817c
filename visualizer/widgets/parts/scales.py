"""How a slider's places map to a setting's values, and how a value is spelt. No Qt here."""

from __future__ import annotations

import math
from dataclasses import dataclass

from engine.setting import Scalar, Setting

PLACES = 1000  # of a continuous slider
COMFORTABLE = {"hidden": 32.0}  # what a drag should reach; more can be typed, and then reaches on
WIDEST = 64.0  # wider ranges than this get no slider, unless they are logarithmic
FITTING, FITS = ("steps",), "as fit"  # settings of which 0 means as many as can be
LOG_SPAN = (1e-2, 1e2)


@dataclass(frozen=True, slots=True)
class Scale:
    """Places 0 … `places` of a slider over values `low` … `high`; `bend`: linear, square, log."""

    low: float
    high: float
    places: int
    bend: str
    whole: bool

    def value(self, place: int) -> float:
        """The value at a place."""
        if self.whole:
            return self.low + place
        part = place / self.places
        if self.bend == "log":
            return _two_places(self.low * (self.high / self.low) ** part)
        if self.bend == "square":
            middle = max(self.low, 0.0) if self.low >= 0 else 0.0
            if self.low >= 0:
                return _two_places(middle + (self.high - middle) * part**2)
            signed = 2 * part - 1
            return _two_places(math.copysign(signed**2, signed) * self.high)
        return _two_places(self.low + (self.high - self.low) * part)

    def place(self, value: float) -> int:
        """The place nearest to a value; values outside stand at an end."""
        held = min(max(value, self.low), self.high)
        if self.whole:
            return round(held - self.low)
        if self.bend == "log":
            part = math.log(held / self.low) / math.log(self.high / self.low)
        elif self.bend == "square" and self.low >= 0:
            part = math.sqrt((held - self.low) / (self.high - self.low))
        elif self.bend == "square":
            part = (math.copysign(math.sqrt(abs(held) / self.high), held) + 1) / 2
        else:
            part = (held - self.low) / (self.high - self.low)
        return round(part * self.places)


def scale_of(setting: Setting, value: Scalar) -> Scale | None:
    """The scale of a setting's slider, wide enough for `value`; None: a number to be typed."""
    if setting.kind not in ("int", "float"):
        return None
    high = max(min(setting.high, COMFORTABLE.get(setting.name, setting.high)), float(value))
    if setting.kind == "int":
        if high - setting.low > WIDEST and setting.name not in COMFORTABLE:
            return None
        return Scale(setting.low, high, round(high - setting.low), "linear", True)
    if setting.log:
        low, top = max(setting.low, LOG_SPAN[0]), min(setting.high, LOG_SPAN[1])
        return Scale(min(low, float(value)), max(top, float(value)), PLACES, "log", False)
    if setting.high - setting.low > WIDEST:
        return None
    return Scale(setting.low, setting.high, PLACES, "square", False)


def spell(setting: Setting, value: Scalar) -> str:
    """The value as it is shown beside its label."""
    if setting.name in FITTING and value == 0:
        return FITS
    if setting.kind == "int" or isinstance(value, str | bool):
        return str(value)
    if setting.low == 0.0 and value == 0.0 and setting.name in ("radius", "sigma"):
        return "as drawn"
    text = f"{float(value):.2f}" if abs(value) >= 0.1 or value == 0 else f"{float(value):.3g}"
    return text


def _two_places(value: float) -> float:
    """Rounded to what is shown, so that the number on the screen is the number in use."""
    if value == 0:
        return 0.0
    if abs(value) >= 0.1:
        return round(value, 2)
    return float(f"{value:.2g}")
