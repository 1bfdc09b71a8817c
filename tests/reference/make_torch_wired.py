"""Writes tests/reference/models/torch_wired.npz: whole models with a loss as PyTorch runs them.

Run by hand with torch 2.13.0 (CPU). "case/weights/name", "case/in/name" and "case/out/name" hold a
state dict, x and targets, and outputs, gradients and per-step gradients (float64).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

STEPS, BATCH = 6, 3
Made = tuple[nn.Module, Tensor, Tensor, Callable[[nn.Module, Tensor, dict[str, Tensor]], Tensor]]


def language() -> Made:
    """embedding → LSTM, two layers both ways → linear; cross-entropy with targets left out."""
    model = nn.ModuleDict(
        {"embed": nn.Embedding(7, 4), "rnn": nn.LSTM(4, 3, 2, bidirectional=True),
         "head": nn.Linear(6, 5)}
    )  # fmt: skip
    targets = torch.randint(0, 5, (STEPS, BATCH))
    targets[0, 1] = targets[4, 2] = -100

    def loss(m: nn.Module, x: Tensor, kept: dict[str, Tensor]) -> Tensor:
        y, _ = m["rnn"](m["embed"](x))
        kept["s"] = m["head"](y)
        return F.cross_entropy(kept["s"].flatten(0, 1), targets.flatten())

    return model, torch.randint(0, 7, (STEPS, BATCH)), targets, loss


def series() -> Made:
    """GRU → linear on its last state; mean squared error."""
    model = nn.ModuleDict({"rnn": nn.GRU(2, 4), "out": nn.Linear(4, 2)})
    targets = torch.randn(BATCH, 2).double()

    def loss(m: nn.Module, x: Tensor, kept: dict[str, Tensor]) -> Tensor:
        kept["s"] = m["out"](m["rnn"](x)[0][-1])[None]
        return F.mse_loss(kept["s"][0], targets)

    return model, torch.randn(STEPS, BATCH, 2), targets, loss


def sound() -> Made:
    """convolution (padding 1, stride 2), relu → GRU → linear, relu → linear; summed."""
    model = nn.ModuleDict(
        {"conv": nn.Conv1d(2, 5, 3, padding=1, stride=2), "rnn": nn.GRU(5, 4),
         "fc1": nn.Linear(4, 6), "fc2": nn.Linear(6, 3)}
    )  # fmt: skip
    targets = torch.randint(0, 3, (STEPS // 2, BATCH))

    def loss(m: nn.Module, x: Tensor, kept: dict[str, Tensor]) -> Tensor:
        wide = torch.relu(m["conv"](x.permute(1, 2, 0))).permute(2, 0, 1)
        kept["s"] = m["fc2"](torch.relu(m["fc1"](m["rnn"](wide)[0])))
        return F.cross_entropy(kept["s"].flatten(0, 1), targets.flatten(), reduction="sum")

    return model, torch.randn(STEPS, BATCH, 2), targets, loss


def tower() -> Made:
    """LSTM of 4 units under one of 3 → linear; squared error of every step, summed."""
    model = nn.ModuleDict(
        {"low": nn.LSTM(2, 4), "high": nn.LSTM(4, 3), "out": nn.Linear(3, 2)}
    )  # fmt: skip
    targets = torch.randn(STEPS, BATCH, 2).double()

    def loss(m: nn.Module, x: Tensor, kept: dict[str, Tensor]) -> Tensor:
        kept["s"] = m["out"](m["high"](m["low"](x)[0])[0])
        return F.mse_loss(kept["s"], targets, reduction="sum")

    return model, torch.randn(STEPS, BATCH, 2), targets, loss


def stepwise() -> Made:
    """LSTM step by step → linear; ∂ℒ/∂h_t and ∂ℒ/∂c_t are kept."""
    model = nn.ModuleDict({"rnn": nn.LSTM(2, 4), "head": nn.Linear(4, 3)})
    targets = torch.randint(0, 3, (STEPS, BATCH))

    def loss(m: nn.Module, x: Tensor, kept: dict[str, Tensor]) -> Tensor:
        h = c = torch.zeros(BATCH, 4).double()
        p, rows = dict(m["rnn"].named_parameters()), []
        for t in range(STEPS):
            z = x[t] @ p["weight_ih_l0"].T + h @ p["weight_hh_l0"].T
            i, f, g, o = (z + p["bias_ih_l0"] + p["bias_hh_l0"]).chunk(4, 1)
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * c.tanh()
            for name, each in zip("hc", (h, c)):
                each.retain_grad()
                kept[f"{name}{t}"] = each
            rows.append(m["head"](h))
        kept["s"] = torch.stack(rows)
        return F.cross_entropy(kept["s"].flatten(0, 1), targets.flatten())

    return model, torch.randn(STEPS, BATCH, 2), targets, loss


CASES = (language, series, sound, tower, stepwise)


def main() -> None:
    torch.manual_seed(12)
    found: dict[str, np.ndarray] = {}
    for case in CASES:
        model, x, targets, loss_of = case()
        model.double()
        x = x if x.dtype == torch.int64 else x.double().requires_grad_()
        kept: dict[str, Tensor] = {}
        loss = loss_of(model, x, kept)
        loss.backward()
        out = {"loss": loss, "s": kept["s"]}
        out |= {f"g_{name}": p.grad for name, p in model.named_parameters()}
        if x.grad is not None:
            out["g_x"] = x.grad
        for word in "hc":
            steps = [kept[f"{word}{t}"].grad for t in range(STEPS) if f"{word}{t}" in kept]
            out |= {f"d{word}_t": torch.stack(steps)[None]} if steps else {}
        for folder, held in (
            ("weights", dict(model.named_parameters())),
            ("in", {"x": x, "targets": targets}),
            ("out", out),
        ):
            found |= {
                f"{case.__name__}/{folder}/{name}": each.detach().numpy()
                for name, each in held.items()
            }
    np.savez_compressed(Path(__file__).parent / "models" / "torch_wired.npz", **found)


if __name__ == "__main__":
    main()
