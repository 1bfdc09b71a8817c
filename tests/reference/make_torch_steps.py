"""Writes tests/reference/torch_steps/*.npz: what PyTorch 2.13.0 (CPU, float64) says of networks
that read many steps at once: causal self-attention and dilated convolution over time.

Run by hand with torch installed (`python tests/reference/make_torch_steps.py`). Attention is
torch.nn.functional.scaled_dot_product_attention with is_causal, the convolution nn.Conv1d with its
zeros on the left alone. Ragged batches are sequences run alone. Loss: cross-entropy, sum over
steps, mean over sequences. Arrays are time first, parameters have the names of the program.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn.functional import conv1d, cross_entropy, pad, scaled_dot_product_attention

# name: kind, layers, taps, dilation, readout, lengths
CASES = {
    "attention_1": ("attention", 1, 0, 0, "every", (6, 6, 6)),
    "attention_2_ragged": ("attention", 2, 0, 0, "every", (6, 2, 4)),
    "attention_2_last": ("attention", 2, 0, 0, "last", (3, 6, 1)),
    "convolution_1": ("convolution", 1, 3, 1, "every", (6, 6, 6)),
    "convolution_3_dilated": ("convolution", 3, 2, 2, "every", (6, 2, 4)),
    "convolution_2_last": ("convolution", 2, 3, 2, "last", (3, 6, 1)),
}
STEPS, BATCH, INPUTS, HIDDEN, OUTPUTS = 6, 3, 2, 3, 4


def attend(x, p, mark, dilation):
    """A layer of attention on one sequence (T, I)."""
    q, k, v = (x @ p[f"W_{name}{mark}"].T for name in "qkv")
    o = scaled_dot_product_attention(q[None], k[None], v[None], is_causal=True)[0]
    return torch.tanh(o @ p[f"W_o{mark}"].T + x @ p[f"W_x{mark}"].T + p[f"b{mark}"])


def convolve(x, p, mark, dilation):
    """A layer of convolution on one sequence (T, I)."""
    weight = p[f"W{mark}"]
    taps = weight.shape[2]
    padded = pad(x.T[None], ((taps - 1) * dilation, 0))
    return torch.tanh(conv1d(padded, weight, p[f"b{mark}"], dilation=dilation)[0].T)


def shapes(kind, layers, taps):
    """Shapes of all parameters; the taps of a convolution are last, as PyTorch has them."""
    found = {}
    for layer in range(layers):
        mark = f"^{layer + 1}" if layers > 1 else ""
        width = HIDDEN if layer else INPUTS
        if kind == "attention":
            found |= {f"W_{n}{mark}": (HIDDEN, width) for n in ("q", "k", "v", "x")}
            found[f"W_o{mark}"] = (HIDDEN, HIDDEN)
        else:
            found[f"W{mark}"] = (HIDDEN, width, taps)
        found[f"b{mark}"] = (HIDDEN,)
    return found | {"V": (OUTPUTS, HIDDEN), "c": (OUTPUTS,)}


def forward(x, p, case):
    """Every state of every layer of one sequence, and the logits."""
    kind, layers, _, dilation, _, _ = case
    states = []
    for layer in range(layers):
        mark = f"^{layer + 1}" if layers > 1 else ""
        x = (attend if kind == "attention" else convolve)(x, p, mark, dilation**layer)
        x.retain_grad()
        states.append(x)
    return states, x @ p["V"].T + p["c"]


def make(seed, case):
    """All arrays of one case, float64."""
    kind, layers, taps, _, readout, lengths = case
    torch.manual_seed(seed)
    p = {n: nn.Parameter(torch.randn(s) * 0.7) for n, s in shapes(kind, layers, taps).items()}
    x = torch.randn(STEPS, BATCH, INPUTS, requires_grad=True)
    targets = torch.randint(OUTPUTS, (STEPS, BATCH))
    total, kept = torch.zeros(()), []
    for b, length in enumerate(lengths):
        states, s = forward(x[:length, b], p, case)
        kept.append(states)
        for t in range(length) if readout == "every" else (length - 1,):
            total = total + cross_entropy(s[t], targets[t, b]) / BATCH
    total.backward()
    arrays = {"x": x, "targets": targets, "lengths": torch.tensor(lengths), "loss": total}
    arrays |= {"g_x": x.grad} | p | {f"g_{n}": a.grad for n, a in p.items()}
    found = {name: array.detach().numpy() for name, array in arrays.items()}
    return laid_out(found) | {"h": stacked(kept, False), "dh": stacked(kept, True)}


def laid_out(arrays):
    """Taps side by side, the newest first: (out, in, taps) to (out, taps · in)."""
    return {
        n: a.transpose(0, 2, 1)[:, ::-1].reshape(len(a), -1) if a.ndim == 3 and "W" in n else a
        for n, a in arrays.items()
    }


def stacked(kept, deltas):
    """(L, T, B, H), 0 at steps past the length."""
    found = np.zeros((len(kept[0]), STEPS, BATCH, HIDDEN))
    for b, states in enumerate(kept):
        for layer, h in enumerate(states):
            found[layer, : len(h), b] = (h.grad if deltas else h.detach()).numpy()
    return found


def main() -> None:
    torch.set_default_dtype(torch.float64)
    folder = Path(__file__).parent / "torch_steps"
    folder.mkdir(exist_ok=True)
    for seed, (name, case) in enumerate(CASES.items()):
        np.savez_compressed(folder / f"{name}.npz", **make(seed, case))
        print(name)


if __name__ == "__main__":
    main()
