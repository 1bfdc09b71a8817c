"""How a training goes, told while it goes: a bar for people, or a JSON object a line.

Training itself is in `train`.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import fields

from engine.training.history import Report
from engine.training.trainer import Trainer
from visualizer.commands.numbers import finite

WIDTH = 24  # characters of the bar
REDRAWN = 0.1  # seconds
LARGE = 1e4  # a loss from here on is written with its power of ten
LINES = 10  # where nobody watches, so many lines in all


class Lines:
    """One JSON object a report, on standard output."""

    def tell(self, report: Report) -> None:
        facts = {f.name: getattr(report, f.name) for f in fields(report)}
        facts |= {"norms": report.norms.tolist(), "clipped": report.clipped}
        print(json.dumps(finite(facts), ensure_ascii=False), flush=True)

    def end(self, place: str) -> None:
        """Nothing but reports stands on standard output."""


class Bar:
    """A line on standard error that is drawn anew; where that is no terminal, a few lines."""

    def __init__(self, trainer: Trainer) -> None:
        self.trainer = trainer
        self.all, self.before = trainer.training.updates, trainer.begun
        self.held: float | None = None
        self.last: Report | None = None
        self.drawn = -1.0
        self.terminal = sys.stderr.isatty()
        self.begun = time.monotonic()

    def tell(self, report: Report) -> None:
        self.last = report
        if report.held_out is not None:
            self.held = report.held_out
        if report.sample:
            self._line(f"\nafter {report.update + 1:,} updates: {report.sample}\n")
        done = report.update + 1 - self.before
        if self.terminal:
            if time.monotonic() - self.drawn > REDRAWN or done == self.all or report.ended:
                self.drawn = time.monotonic()
                print(f"\r{self._words(report)}\x1b[K", end="", file=sys.stderr, flush=True)
        elif done * LINES // self.all > (done - 1) * LINES // self.all:
            self._line(self._words(report))

    def _line(self, words: str) -> None:
        print(words, file=sys.stderr, flush=True)

    def _words(self, report: Report) -> str:
        at, done = report.update + 1, report.update + 1 - self.before
        full = done * WIDTH // self.all
        bar = "█" * full + "░" * (WIDTH - full)
        held = "" if self.held is None else f", held out {_loss(self.held)}"
        left = (time.monotonic() - self.begun) / done * (self.all - done)
        return (
            f"{bar} {at:,}/{self.all + self.before:,}  loss {_loss(report.mean)}{held}  "
            f"‖g‖ {report.gradient_norm:.3g}  {_clock(left)} left"
        )

    def end(self, place: str) -> None:
        if self.terminal:
            self._line("")
        told = "" if self.last is None else f", loss {_loss(self.last.mean)} a target"
        held = "" if self.held is None else f", held out {_loss(self.held)}"
        print(
            f"learnt    {self.trainer.update:,} updates, {self.trainer.batches.about}{told}{held}"
        )
        remark = self.trainer.trained().remark
        if remark:
            print(f"but       {remark}")
        print(f"wrote     {place}")


def _loss(value: float) -> str:
    return f"{value:.4f}" if abs(value) < LARGE else f"{value:.4g}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
