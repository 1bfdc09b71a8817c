"""Writes tests/reference/torch/*.npz: what PyTorch 2.13.0 (CPU, float64) says of small networks.

Run by hand with torch installed (`python tests/reference/make_torch.py`); the tests read the
files and need no torch. The whole gradient comes from nn.RNN / nn.LSTM / nn.GRU on packed
sequences, the per-step one from a loop over the cells; both are asserted to agree before a file
is written. Loss: sum over steps, mean over sequences. States start from non-zero h0, c0.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

# name: kind, layers, readout, loss, lengths
CASES = {
    "rnn_tanh_1_every_ce": ("rnn_tanh", 1, "every", "ce", (6, 6, 6)),
    "rnn_tanh_2_every_ce": ("rnn_tanh", 2, "every", "ce", (6, 2, 4)),
    "rnn_relu_1_last_ce": ("rnn_relu", 1, "last", "ce", (3, 6, 1)),
    "rnn_relu_2_every_se": ("rnn_relu", 2, "every", "se", (6, 6, 6)),
    "lstm_1_every_ce": ("lstm", 1, "every", "ce", (6, 6, 6)),
    "lstm_2_every_ce": ("lstm", 2, "every", "ce", (6, 2, 4)),
    "lstm_2_last_se": ("lstm", 2, "last", "se", (3, 6, 1)),
    "gru_1_every_se": ("gru", 1, "every", "se", (6, 6, 6)),
    "gru_2_every_ce": ("gru", 2, "every", "ce", (6, 2, 4)),
    "gru_1_last_ce": ("gru", 1, "last", "ce", (3, 6, 1)),
}
MODULES = {
    "rnn_tanh": (nn.RNN, nn.RNNCell, {"nonlinearity": "tanh"}),
    "rnn_relu": (nn.RNN, nn.RNNCell, {"nonlinearity": "relu"}),
    "lstm": (nn.LSTM, nn.LSTMCell, {}),
    "gru": (nn.GRU, nn.GRUCell, {}),
}
STEPS, BATCH, INPUTS, HIDDEN, OUTPUTS = 6, 3, 2, 3, 4


def loss_of(outputs, targets, lengths, readout, kind):
    """Sum over the steps that count, mean over sequences. outputs (T,B,O)."""
    total = torch.zeros(())
    for b, length in enumerate(lengths):
        for t in range(length) if readout == "every" else (length - 1,):
            if kind == "ce":
                total = total + nn.functional.cross_entropy(outputs[t, b], targets[t, b])
            else:
                total = total + ((outputs[t, b] - targets[t, b]) ** 2).sum()
    return total / len(lengths)


def fused(module, head, x, initial, lengths, case):
    """Loss, outputs and final state of the library's own loop on packed sequences."""
    packed = pack_padded_sequence(x, torch.tensor(lengths), enforce_sorted=False)
    y, final = module(packed, initial if len(initial) == 2 else initial[0])
    y = pad_packed_sequence(y, total_length=STEPS)[0]
    return head(y), final if isinstance(final, tuple) else (final,)


def stepwise(module, cell_class, options, head, x, initial, lengths):
    """The same by hand: every state of every layer and step, each with its gradient retained."""
    below, kept = list(x), []
    for layer in range(module.num_layers):
        cell = cell_class(below[0].shape[1], HIDDEN, **options)
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            delattr(cell, name)
            setattr(cell, name, getattr(module, f"{name}_l{layer}"))
        state, rows = tuple(s[layer] for s in initial), []
        for t in range(STEPS):
            new = cell(below[t], state if len(state) == 2 else state[0])
            new = new if isinstance(new, tuple) else (new,)
            for s in new:
                s.retain_grad()
            inside = torch.tensor([[t < n] for n in lengths])
            state = tuple(torch.where(inside, s, old) for s, old in zip(new, state))
            rows.append(new)
        below = [r[0] for r in rows]
        kept.append(rows)
    return head(torch.stack(below)), kept


def gradients(leaves):
    found = {name: leaf.grad.clone() for name, leaf in leaves.items()}
    for leaf in leaves.values():
        leaf.grad = None
    return found


def make(seed, kind, layers, readout, loss_kind, lengths):
    """All arrays of one case, float64."""
    torch.manual_seed(seed)
    module_class, cell_class, options = MODULES[kind]
    module = module_class(INPUTS, HIDDEN, layers, **options)
    head = nn.Linear(HIDDEN, OUTPUTS)
    for parameter in [*module.parameters(), *head.parameters()]:
        nn.init.normal_(parameter, std=0.7)
    x = torch.randn(STEPS, BATCH, INPUTS, requires_grad=True)
    names = ("h0", "c0") if kind == "lstm" else ("h0",)
    initial = tuple(torch.randn(layers, BATCH, HIDDEN, requires_grad=True) for _ in names)
    targets = (
        torch.randint(OUTPUTS, (STEPS, BATCH))
        if loss_kind == "ce"
        else torch.randn(STEPS, BATCH, OUTPUTS)
    )
    leaves = {"x": x, **dict(zip(names, initial)), **dict(module.named_parameters())}
    leaves |= {"V": head.weight, "c": head.bias}

    outputs, final = fused(module, head, x, initial, lengths, kind)
    whole = loss_of(outputs, targets, lengths, readout, loss_kind)
    whole.backward()
    first = gradients(leaves)
    outputs, kept = stepwise(module, cell_class, options, head, x, initial, lengths)
    loss = loss_of(outputs, targets, lengths, readout, loss_kind)
    loss.backward()
    second = gradients(leaves)
    assert abs(whole - loss) < 1e-12
    assert all((first[k] - second[k]).abs().max() < 1e-12 for k in first)

    arrays = {name: leaf.detach() for name, leaf in leaves.items()}
    arrays |= {f"g_{name}": gradient for name, gradient in first.items()}
    arrays |= {"targets": targets, "lengths": torch.tensor(lengths), "loss": whole.detach()}
    arrays |= states(kept, names, lengths)
    arrays |= {f"{n[0]}_n": s.detach() for n, s in zip(names, final)}
    return {name: array.numpy() for name, array in arrays.items()}


def states(kept, names, lengths):
    """h, c (L,T,B,H) and their total derivatives dh, dc; 0 at steps past the length."""
    inside = torch.tensor([[[t < n] for n in lengths] for t in range(STEPS)])
    found = {}
    for k, name in enumerate(names):
        value = torch.stack([torch.stack([r[k] for r in rows]) for rows in kept]).detach()
        delta = torch.stack(
            [
                torch.stack(
                    [torch.zeros_like(r[k]) if r[k].grad is None else r[k].grad for r in rows]
                )
                for rows in kept
            ]
        )
        found[name[0] if name != "c0" else "cell"] = value * inside
        found["d" + (name[0] if name != "c0" else "cell")] = delta * inside
    return found


def main() -> None:
    torch.set_default_dtype(torch.float64)
    folder = Path(__file__).parent / "torch"
    folder.mkdir(exist_ok=True)
    for seed, (name, case) in enumerate(CASES.items()):
        np.savez_compressed(folder / f"{name}.npz", **make(seed, *case))
        print(name)


if __name__ == "__main__":
    main()
