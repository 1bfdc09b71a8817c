"""Writes tests/reference/torch/chains/*.npz: both directions, and an encoder–decoder, in PyTorch.

Run by hand with torch 2.13.0 (CPU, float64) installed. Both are the library's own modules: packed
ragged sequences, `bidirectional=True`, and a decoder that begins with (h_n, c_n) of the encoder.
Arrays are stored under PyTorch's names; `tests/engine/test_torch_chains.py` turns them into ours.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

KINDS = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
# name: kind, layers, lengths read, lengths written (empty: both directions)
CASES = {
    "both_rnn_1": ("rnn", 1, (6, 2, 4), ()),
    "both_rnn_2": ("rnn", 2, (6, 2, 4), ()),
    "both_lstm_2": ("lstm", 2, (6, 2, 4), ()),
    "both_gru_2": ("gru", 2, (6, 2, 4), ()),
    "encoder_decoder_rnn_1": ("rnn", 1, (3, 2, 3), (2, 4, 1)),
    "encoder_decoder_lstm_2": ("lstm", 2, (3, 2, 3), (2, 4, 1)),
    "encoder_decoder_gru_1": ("gru", 1, (3, 2, 3), (2, 4, 1)),
}
BATCH, INPUTS, HIDDEN, OUTPUTS = 3, 2, 3, 4


def run(module, x, lengths, initial=None):
    packed = pack_padded_sequence(x, torch.tensor(lengths), enforce_sorted=False)
    y, final = module(packed, initial)
    return pad_packed_sequence(y, total_length=len(x))[0], final


def loss_of(outputs, targets, lengths):
    """Cross-entropy, sum over steps, mean over sequences."""
    return sum(
        nn.functional.cross_entropy(outputs[t, b], targets[t, b])
        for b, length in enumerate(lengths)
        for t in range(length)
    ) / len(lengths)


def make(seed, kind, layers, read, written):
    torch.manual_seed(seed)
    turn = max(read) if written else 0
    steps = turn + max(written or read)
    x = torch.randn(steps, BATCH, INPUTS, requires_grad=True)
    targets = torch.randint(OUTPUTS, (steps, BATCH))
    both = not written
    modules = {"": KINDS[kind](INPUTS, HIDDEN, layers, bidirectional=both)}
    head = nn.Linear(HIDDEN * (2 if both else 1), OUTPUTS)
    if written:
        modules = {"e.": modules[""], "d.": KINDS[kind](INPUTS, HIDDEN, layers)}
    leaves = {"x": x, "V": head.weight, "c": head.bias}
    for prefix, module in modules.items():
        leaves |= {prefix + name: p for name, p in module.named_parameters()}
    for name, leaf in leaves.items():
        if name != "x":
            nn.init.normal_(leaf, std=0.7)
    if both:
        y, _ = run(modules[""], x, read)
        loss = loss_of(head(y), targets, read)
    else:
        _, state = run(modules["e."], x[:turn], read)
        y, _ = run(modules["d."], x[turn:], written, state)
        loss = loss_of(head(y), targets[turn:], written)
    loss.backward()
    arrays = {name: leaf.detach().numpy() for name, leaf in leaves.items()}
    arrays |= {f"g_{name}": leaf.grad.numpy() for name, leaf in leaves.items()}
    return arrays | {
        "targets": targets.numpy(),
        "read": np.array(read),
        "written": np.array(written, dtype=int),
        "y": y.detach().numpy(),
        "loss": loss.detach().numpy(),
    }


def main() -> None:
    torch.set_default_dtype(torch.float64)
    folder = Path(__file__).parent / "torch" / "chains"
    folder.mkdir(exist_ok=True)
    for seed, (name, case) in enumerate(CASES.items()):
        np.savez_compressed(folder / f"{name}.npz", **make(seed, *case))
        print(name)


if __name__ == "__main__":
    main()
