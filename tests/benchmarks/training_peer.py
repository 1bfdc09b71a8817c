"""Updates of one character LSTM, by the engine and, where torch is there, by PyTorch: in turn.

Run by `training` in the interpreter that was named; prints samples as JSON. All do the same work:
128 units, 32 streams of 64 steps, 65 symbols, float32; forward, backward, Adam.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from engine.experiment import Experiment
from engine.sequences import Sequence
from engine.training.trainer import Trainer
from engine.training.training import Training

try:
    import torch
except ImportError:  # then the engine is timed alone
    torch: Any = None  # type: ignore[no-redef]

UNITS, STREAMS, STEPS, SYMBOLS, RATE = 128, 32, 64, 65, 2e-3
ROUNDS, BLOCK = 9, 8  # turns, and updates in each


def engine() -> Callable[[], object]:
    letters = [chr(33 + n) for n in range(SYMBOLS - 1)]  # and the stop token
    rng = np.random.default_rng(0)
    text = "".join(letters) + "".join(rng.choice(letters, 4 * STREAMS * STEPS))
    experiment = Experiment(cell="lstm", hidden=UNITS, dtype="float32", learning_rate=RATE)
    training = Training(batches="stream", window=STEPS, batch_size=STREAMS, keep=0)
    sequence = Sequence(kind="text", texts=(text,), tokens="characters")
    return Trainer(sequence, experiment, training).step


class Torch:
    """An update as a user of PyTorch writes it, with one-hot inputs."""

    def __init__(self, fused: bool) -> None:
        torch.set_num_threads(1)
        torch.manual_seed(0)
        self.fused = fused
        self.cell = torch.nn.LSTM(SYMBOLS, UNITS) if fused else torch.nn.LSTMCell(SYMBOLS, UNITS)
        self.readout = torch.nn.Linear(UNITS, SYMBOLS)
        self.parameters = [*self.cell.parameters(), *self.readout.parameters()]
        self.adam = torch.optim.Adam(self.parameters, lr=RATE)
        self.tokens = torch.randint(0, SYMBOLS, (STEPS + 1, STREAMS))

    def __call__(self) -> float:
        x = torch.nn.functional.one_hot(self.tokens[:-1], SYMBOLS).float()
        if self.fused:
            states = self.cell(x)[0]
        else:
            h = c = torch.zeros(STREAMS, UNITS)
            found = []
            for t in range(STEPS):
                h, c = self.cell(x[t], (h, c))
                found.append(h)
            states = torch.stack(found)
        logits = self.readout(states).reshape(-1, SYMBOLS)
        told = self.tokens[1:].reshape(-1)
        loss = torch.nn.functional.cross_entropy(logits, told, reduction="sum") / STREAMS
        self.adam.zero_grad()
        loss.backward()
        self.adam.step()
        return float(loss.detach())


def main() -> int:
    deeds: dict[str, Callable[[], object]] = {"engine": engine()}
    if torch is not None:
        deeds |= {"torch": Torch(True), "torch, cell by cell": Torch(False)}
    found: dict[str, list[list[float]]] = {name: [] for name in deeds}
    for turn in range(ROUNDS + 1):
        for name, deed in deeds.items():
            deed()  # caches are those of the one before
            begun, then = time.perf_counter(), time.process_time()
            for _ in range(BLOCK):
                deed()
            if turn:
                cpu, wall = time.process_time() - then, time.perf_counter() - begun
                found[name].append([cpu / BLOCK, wall / BLOCK])
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
