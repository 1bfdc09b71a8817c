"""`PYTHON-WITH-TORCH -m tests.benchmarks.held_out TEXT`: what 2,000 updates leave on held-out text.

The engine and PyTorch train the same character LSTM from the same start on the same windows in the
same order, and are measured on the same tenth of the text. Minutes; the text is not part of the
program.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import torch
from torch.nn.functional import cross_entropy, one_hot

from engine.experiment import Experiment
from engine.sequences import read
from engine.training.streams import Stream
from engine.training.trainer import Trainer
from engine.training.training import Training

ORDER = (1, 0, 2, 3)  # ours f i g o, PyTorch's i f g o


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("text", type=Path)
    parser.add_argument("--updates", type=int, default=2000)
    parser.add_argument("--every", type=int, default=250)
    options = parser.parse_args()
    experiment = Experiment(cell="lstm", hidden=128, dtype="float32", learning_rate=2e-3)
    training = Training(
        updates=options.updates,
        batches="stream",
        batch_size=32,
        window=64,
        held_out=0.1,
        measure_every=options.every,
        keep=0,
    )
    trainer = Trainer(read(options.text), experiment, training)
    peer = Peer(trainer)
    print(f"{trainer.batches.about}, {trainer.batches.first.outputs} symbols")
    for report in trainer:
        loss = peer.update(report.update)
        if report.held_out is not None:
            held = peer.held_out()
            print(
                f"{report.update + 1:6} updates: loss {report.mean:.4f}, PyTorch {loss:.4f}; "
                f"held out {report.held_out:.4f}, PyTorch {held:.4f}, "
                f"ratio {report.held_out / held:.4f}",
                flush=True,
            )
    return 0


class Peer:
    """The same network in PyTorch, with the trainer's start and windows."""

    def __init__(self, trainer: Trainer) -> None:
        torch.set_num_threads(1)
        assert isinstance(trainer.batches, Stream)
        self.stream = trainer.batches
        self.symbols, self.units = self.stream.first.outputs, trainer.experiment.hidden
        self.cell = torch.nn.LSTM(self.symbols, self.units)
        self.readout = torch.nn.Linear(self.units, self.symbols)
        self._start({name: array.copy() for name, array in trainer.machine.parameters.items()})
        self.cell.bias_hh_l0.requires_grad_(False)
        every = (*self.cell.parameters(), *self.readout.parameters())
        self.adam = torch.optim.Adam([p for p in every if p.requires_grad], lr=2e-3)
        self.states = self._zero()

    def _start(self, given: dict[str, np.ndarray]) -> None:
        size = self.units
        rows = np.concatenate([np.arange(k * size, (k + 1) * size) for k in ORDER])
        values = {
            self.cell.weight_hh_l0: given["W"][rows, :size],
            self.cell.weight_ih_l0: given["W"][rows, size:],
            self.cell.bias_ih_l0: given["b"][rows],
            self.cell.bias_hh_l0: np.zeros(4 * size),
            self.readout.weight: given["V"],
            self.readout.bias: given["c"],
        }
        with torch.no_grad():
            for parameter, value in values.items():
                parameter.copy_(torch.tensor(value))

    def _zero(self) -> tuple[torch.Tensor, torch.Tensor]:
        return tuple(torch.zeros(1, self.stream.size, self.units) for _ in "hc")  # type: ignore[return-value]

    def _losses(self, drawn, states):  # type: ignore[no-untyped-def]
        x = one_hot(torch.tensor(drawn.tokens), self.symbols).float()
        h, states = self.cell(x, states)
        logits = self.readout(h)
        told = torch.tensor(drawn.targets)
        losses = cross_entropy(logits.flatten(0, 1), told.flatten(), reduction="none")
        return losses.reshape(told.shape), tuple(s.detach() for s in states)

    def update(self, n: int) -> float:
        drawn = self.stream.draw(n)
        losses, self.states = self._losses(drawn, self._zero() if drawn.begins else self.states)
        self.adam.zero_grad()
        (losses.sum() / self.stream.size).backward()
        self.adam.step()
        return float(losses.detach().mean())

    def held_out(self) -> float:
        total = count = 0.0
        states = self._zero()
        with torch.no_grad():
            for drawn in self.stream.held_out():
                states = self._zero() if drawn.begins else states
                losses, states = self._losses(drawn, states)
                factors = torch.tensor(drawn.factors)
                total += float((losses * factors).sum())
                count += float(factors.sum())
        return total / count


if __name__ == "__main__":
    sys.exit(main())
