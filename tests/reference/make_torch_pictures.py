"""Writes tests/reference/torch/pictures/*.npz: convolutional networks as PyTorch 2.13.0 has them.

Run by hand with torch installed; the tests read the files and need no torch. F.conv2d with padding
k // 2, F.max_pool2d, CPU, float64. Gates in the order i f g o over the channels of [x; h], as
convolutional LSTMs in PyTorch have them. Loss: sum over steps, mean over sequences.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

STEPS, BATCH, SIDE, HIDDEN, KERNEL, CLASSES = 4, 3, 4, 2, 3, 3
PIXELS = SIDE * SIDE
LENGTHS = (4, 2, 3)
# name: what is repeated, layers, what is told
CASES = {
    "conv_rnn_1_se": ("conv-rnn", 1, "se"),
    "conv_rnn_2_ce": ("conv-rnn", 2, "ce"),
    "conv_lstm_1_ce": ("conv-lstm", 1, "ce"),
    "conv_lstm_2_se": ("conv-lstm", 2, "se"),
    "encoder_rnn_1_ce": ("encoder", 1, "ce"),
}


def conv(x, weight, bias):
    return functional.conv2d(x, weight, bias, padding=weight.shape[-1] // 2)


def step(kind, layer, leaves, below, state):
    """The new states of one layer, h first."""
    weight, bias = leaves[f"weight_{layer}"], leaves[f"bias_{layer}"]
    if kind == "encoder":
        return (torch.tanh(torch.cat([below, state[0]], 1) @ weight.T + bias),)
    z = conv(torch.cat([below, state[0]], 1), weight, bias)
    if kind == "conv-rnn":
        return (torch.tanh(z),)
    i, f, g, o = z.chunk(4, 1)
    c = torch.sigmoid(f) * state[1] + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


def draw(kind, layers, told):
    """All leaves: inputs, first states, parameters."""
    leaves = {"x": torch.randn(STEPS, BATCH, 1, SIDE, SIDE)}
    shape = (HIDDEN,) if kind == "encoder" else (HIDDEN, SIDE, SIDE)
    for name in ("h0", "c0") if kind == "conv-lstm" else ("h0",):
        leaves[name] = torch.randn(layers, BATCH, *shape)
    if kind == "encoder":
        leaves |= {"kernel": torch.randn(4, 1, KERNEL, KERNEL), "kernel_bias": torch.randn(4)}
        inputs = 4 * (SIDE // 2) ** 2
        leaves |= {"weight_0": torch.randn(HIDDEN, inputs + HIDDEN), "bias_0": torch.randn(HIDDEN)}
    else:
        height = HIDDEN * (4 if kind == "conv-lstm" else 1)
        for layer in range(layers):
            depth = HIDDEN + (HIDDEN if layer else 1)
            leaves[f"weight_{layer}"] = torch.randn(height, depth, KERNEL, KERNEL)
            leaves[f"bias_{layer}"] = torch.randn(height)
    if told == "se":
        leaves |= {"V": torch.randn(1, HIDDEN, 1, 1), "c": torch.randn(1)}
    else:
        width = HIDDEN if kind == "encoder" else HIDDEN * PIXELS
        leaves |= {"V": torch.randn(CLASSES, width), "c": torch.randn(CLASSES)}
    return {n: (a if n == "x" else 0.6 * a).requires_grad_() for n, a in leaves.items()}


def run(kind, layers, leaves):
    """h of the top layer at every step; every h of every layer with its gradient kept."""
    names = [n for n in ("h0", "c0") if n in leaves]
    states = [tuple(leaves[n][layer] for n in names) for layer in range(layers)]
    kept = [[] for _ in range(layers)]
    for t in range(STEPS):
        below = leaves["x"][t]
        if kind == "encoder":
            m = functional.relu(conv(below, leaves["kernel"], leaves["kernel_bias"]))
            below = functional.max_pool2d(m, 2).flatten(1)
        for layer in range(layers):
            states[layer] = step(kind, layer, leaves, below, states[layer])
            below = states[layer][0]
            below.retain_grad()
            kept[layer].append(below)
    return kept


def make(seed, kind, layers, told):
    """All arrays of one case, float64; pictures flat, channel after channel."""
    torch.manual_seed(seed)
    leaves = draw(kind, layers, told)
    kept = run(kind, layers, leaves)
    if told == "se":
        targets = torch.randn(STEPS, BATCH, PIXELS)
    else:
        targets = torch.randint(CLASSES, (STEPS, BATCH))
    loss = torch.zeros(())
    for t, h in enumerate(kept[-1]):
        if told == "se":
            s = conv(h, leaves["V"], leaves["c"]).flatten(1)
            each = ((s - targets[t]) ** 2).sum(1)
        else:
            s = h.flatten(1) @ leaves["V"].T + leaves["c"]
            each = functional.cross_entropy(s, targets[t], reduction="none")
        inside = torch.tensor([t < n for n in LENGTHS])
        loss = loss + (each * inside).sum() / BATCH
    loss.backward()
    arrays = {n: a.detach() for n, a in leaves.items()}
    arrays |= {f"g_{n}": a.grad for n, a in leaves.items()}
    arrays |= {"targets": targets, "lengths": torch.tensor(LENGTHS), "loss": loss.detach()}
    arrays["h"] = torch.stack([torch.stack(rows) for rows in kept]).detach()
    arrays["dh"] = torch.stack([torch.stack([h.grad for h in rows]) for rows in kept])
    return {name: array.numpy() for name, array in arrays.items()}


def main() -> None:
    torch.set_default_dtype(torch.float64)
    folder = Path(__file__).parent / "torch" / "pictures"
    for seed, (name, case) in enumerate(CASES.items()):
        np.savez_compressed(folder / f"{name}.npz", **make(seed, *case))
        print(name)


if __name__ == "__main__":
    main()
