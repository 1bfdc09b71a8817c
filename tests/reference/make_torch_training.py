"""Writes tests/reference/torch_training/curves.npz: 60 losses of a character LSTM that PyTorch
2.13.0 (CPU, float64) trains with each of its optimisers, schedules and ways to clip.

Run by hand with torch installed (`python tests/reference/make_torch_training.py`). The text is
random; it is read in windows of four streams side by side, states carried over and detached, 0
again after the last window. Loss: cross-entropy, sum over steps, mean over streams. The bias that
PyTorch has twice is trained once. Parameters have the names and the gate order of the program.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import nn, optim
from torch.nn.functional import cross_entropy, one_hot
from torch.nn.utils import clip_grad_norm_, clip_grad_value_

UPDATES, WINDOW, STREAMS, SYMBOLS, HIDDEN = 60, 12, 4, 9, 7
ORDER = (1, 0, 2, 3)  # ours f i g o; PyTorch's i f g o
schedule = optim.lr_scheduler

# name: optimiser, its rate, schedule or None, way to clip and threshold or None
CASES = {
    "sgd": (lambda p: optim.SGD(p, 0.05), None, None),
    "momentum": (lambda p: optim.SGD(p, 0.01, momentum=0.9), None, None),
    "rmsprop": (lambda p: optim.RMSprop(p, 0.01), None, None),
    "adagrad": (lambda p: optim.Adagrad(p, 0.1), None, None),
    "adam": (lambda p: optim.Adam(p, 0.02), None, None),
    "sgd step": (lambda p: optim.SGD(p, 0.05), lambda o: schedule.StepLR(o, 20, 0.5), None),
    "sgd exponential": (
        lambda p: optim.SGD(p, 0.05),
        lambda o: schedule.ExponentialLR(o, 0.5 ** (1 / 20)),
        None,
    ),
    "sgd cosine": (
        lambda p: optim.SGD(p, 0.05),
        lambda o: schedule.CosineAnnealingLR(o, UPDATES),
        None,
    ),
    "adam warm-up": (
        lambda p: optim.Adam(p, 0.02),
        lambda o: schedule.LambdaLR(o, lambda i: min((i + 1) / 20, 1.0)),
        None,
    ),
    "sgd norm": (lambda p: optim.SGD(p, 0.1), None, ("norm", 1.0)),
    "adagrad value": (lambda p: optim.Adagrad(p, 0.1), None, ("value", 0.2)),
}


def main() -> None:
    rng = np.random.default_rng(5)
    tokens = rng.integers(0, SYMBOLS, STREAMS * WINDOW * 7 + 1)
    tokens[::2] = tokens[0]  # something to learn
    start = {
        "W": rng.uniform(-0.4, 0.4, (4 * HIDDEN, HIDDEN + SYMBOLS)),
        "b": rng.uniform(-0.4, 0.4, 4 * HIDDEN),
        "V": rng.uniform(-0.4, 0.4, (SYMBOLS, HIDDEN)),
        "c": rng.uniform(-0.4, 0.4, SYMBOLS),
    }
    curves = {name: train(tokens, start, *case) for name, case in CASES.items()}
    place = Path(__file__).parent / "torch_training"
    place.mkdir(exist_ok=True)
    np.savez(place / "curves.npz", tokens=tokens, **start, **curves)


def train(tokens, start, optimiser, plan, clip):
    cell, readout = model(start)
    parameters = [p for p in (*cell.parameters(), *readout.parameters()) if p.requires_grad]
    adapt = optimiser(parameters)
    rates = plan(adapt) if plan else None
    long = (len(tokens) - 1) // STREAMS
    laid = torch.tensor(
        np.stack([tokens[b * long : (b + 1) * long + 1] for b in range(STREAMS)], 1)
    )
    losses = []
    for update in range(UPDATES):
        place = update % (long // WINDOW)
        if not place:
            states = tuple(torch.zeros(1, STREAMS, HIDDEN, dtype=torch.float64) for _ in "hc")
        low = place * WINDOW
        x = one_hot(laid[low : low + WINDOW], SYMBOLS).double()
        h, states = cell(x, tuple(s.detach() for s in states))
        logits = readout(h).reshape(-1, SYMBOLS)
        told = laid[low + 1 : low + WINDOW + 1].reshape(-1)
        loss = cross_entropy(logits, told, reduction="sum") / STREAMS
        adapt.zero_grad()
        loss.backward()
        if clip:
            {"norm": clip_grad_norm_, "value": clip_grad_value_}[clip[0]](parameters, clip[1])
        adapt.step()
        if rates:
            rates.step()
        losses.append(loss.item())
    return np.array(losses)


def model(start):
    cell = nn.LSTM(SYMBOLS, HIDDEN).double()
    readout = nn.Linear(HIDDEN, SYMBOLS).double()
    rows = np.concatenate([np.arange(k * HIDDEN, (k + 1) * HIDDEN) for k in ORDER])
    given = {
        cell.weight_hh_l0: start["W"][rows, :HIDDEN],
        cell.weight_ih_l0: start["W"][rows, HIDDEN:],
        cell.bias_ih_l0: start["b"][rows],
        cell.bias_hh_l0: np.zeros(4 * HIDDEN),
        readout.weight: start["V"],
        readout.bias: start["c"],
    }
    with torch.no_grad():
        for parameter, values in given.items():
            parameter.copy_(torch.tensor(values))
    cell.bias_hh_l0.requires_grad_(False)
    return cell, readout


if __name__ == "__main__":
    main()
