"""Writes tests/reference/models/: weights as PyTorch and safetensors save them, and what they do.

Run by hand with torch 2.13.0 (CPU) and safetensors installed. Every kind in every form that its
module has, on a packed ragged batch, with cotangents of y, h_n and c_n in place of a loss.
`torch_models.npz` holds "case/name" arrays; a few weights are kept as files too.
"""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

STEPS, LENGTHS, INPUTS, HIDDEN = 5, (5, 2, 4), 2, 3
RECORDED = (("LSTM", True, True, True), ("GRU", False, True, False), ("RNN", True, False, True))
FORMS = [
    (kind, layers, both, bias, projection)
    for kind, layers, both, bias, projection in product(
        ("RNN", "LSTM", "GRU"), (1, 2), (False, True), (True, False), (0, 2)
    )
    if (kind == "LSTM" or not projection) and (layers == 2 or bias)
]


def main() -> None:
    torch.manual_seed(6)
    folder = Path(__file__).parent / "models"
    folder.mkdir(exist_ok=True)
    kept: dict[str, np.ndarray] = {}
    for kind, layers, both, bias, projection in FORMS:
        name = f"{kind.lower()}_{layers}{'_both' * both}{'_plain' * (not bias)}"
        name += f"_projected{projection}" * bool(projection)
        more = {"proj_size": projection} if projection else {}
        if kind == "RNN" and layers == 2:
            more["nonlinearity"] = "relu"
            name += "_relu"
        module = getattr(nn, kind)(
            INPUTS, HIDDEN, num_layers=layers, bidirectional=both, bias=bias, **more
        ).double()
        kept |= {f"{name}/{key}": value for key, value in _results(module, kind).items()}
    np.savez_compressed(folder / "torch_models.npz", **kept)
    _files(folder)
    for kind, both, first, packed in RECORDED:
        _recorded(folder / f"recorded_{kind.lower()}.npz", kind, both, first, packed)
    _half(folder)


def _results(module: nn.Module, kind: str) -> dict[str, np.ndarray]:
    chains = module.num_layers * (2 if module.bidirectional else 1)
    size = len(LENGTHS)
    state = module.proj_size or HIDDEN
    x = torch.randn(STEPS, size, INPUTS).double().requires_grad_()
    h0 = torch.randn(chains, size, state).double().requires_grad_()
    c0 = torch.randn(chains, size, HIDDEN).double().requires_grad_()
    packed = pack_padded_sequence(x, torch.tensor(LENGTHS), enforce_sorted=False)
    given = (h0, c0) if kind == "LSTM" else h0
    outputs, last = module(packed, given)
    y, _ = pad_packed_sequence(outputs, total_length=STEPS)
    ends = {"y": y, "h_n": last[0], "c_n": last[1]} if kind == "LSTM" else {"y": y, "h_n": last}
    cotangents = {name: torch.randn_like(end) for name, end in ends.items()}
    loss = sum((ends[name] * cotangents[name]).sum() for name in ends)
    loss.backward()
    found = {"x": x, "h0": h0, "lengths": torch.tensor(LENGTHS), "out/loss": loss}
    found |= {f"cot_{name}": each for name, each in cotangents.items()}
    found |= {f"out/{name}": each for name, each in ends.items()}
    found |= {"out/g_x": x.grad, "out/g_h0": h0.grad}
    if kind == "LSTM":
        found |= {"c0": c0, "out/g_c0": c0.grad}
    for name, parameter in module.named_parameters():
        found |= {f"weights/{name}": parameter, f"out/g_{name}": parameter.grad}
    return {name: each.detach().numpy() for name, each in found.items()}


def _recorded(path: Path, kind: str, both: bool, first: bool, packed: bool) -> None:
    """What the snippet for PyTorch writes, run as a user would: pasted before a training step."""
    torch.manual_seed(8)
    model = nn.Module()
    model.rnn = getattr(nn, kind)(INPUTS, HIDDEN, 2, bidirectional=both, batch_first=first)
    head = nn.Linear(HIDDEN * (2 if both else 1), 2)
    size = len(LENGTHS)
    batch = torch.randn(size, STEPS, INPUTS) if first else torch.randn(STEPS, size, INPUTS)

    def training_step(x: torch.Tensor) -> torch.Tensor:
        lengths = torch.tensor(LENGTHS)
        if not packed:
            outputs, last = model.rnn(x)
        else:
            given = pack_padded_sequence(x, lengths, batch_first=first, enforce_sorted=False)
            outputs, last = model.rnn(given)
            outputs, _ = pad_packed_sequence(outputs, batch_first=first)
        state = last[1] if kind == "LSTM" else last
        return head(outputs).square().sum() + state.sum()

    snippet = Path(__file__).parents[2] / "resources" / "snippets" / "pytorch.txt"
    exec(snippet.read_text(), {"model": model, "training_step": training_step, "batch": batch})
    Path("recorded.npz").replace(path)


def _half(folder: Path) -> None:
    """The same in half precision, which PyTorch computes in throughout."""
    snippet = Path(__file__).parents[2] / "resources" / "snippets" / "pytorch.txt"
    for dtype in (torch.bfloat16, torch.float16):
        torch.manual_seed(1)
        model = nn.Module()
        model.rnn = nn.GRU(3, 4).to(dtype)

        def training_step(x: torch.Tensor, model: nn.Module = model) -> torch.Tensor:
            return model.rnn(x)[0].float().square().sum()

        names = {"model": model, "training_step": training_step}
        exec(snippet.read_text(), {**names, "batch": torch.randn(6, 2, 3).to(dtype)})
        Path("recorded.npz").replace(folder / f"recorded_{str(dtype).removeprefix('torch.')}.npz")


def _files(folder: Path) -> None:
    """The same weights in every container, with the things that checkpoints have round them."""
    torch.manual_seed(7)
    module = nn.Sequential()
    module.embed = nn.Embedding(6, INPUTS)
    module.rnn = nn.LSTM(INPUTS, HIDDEN)
    module.head = nn.Linear(HIDDEN, 6)
    optimiser = torch.optim.Adam(module.parameters())
    module.rnn(module.embed(torch.tensor([[1], [2]])))[0].sum().backward()
    optimiser.step()
    state = module.state_dict()
    torch.save(state, folder / "state.pt")
    wrapped = {f"_orig_mod.module.{name}": each for name, each in state.items()}
    torch.save(
        {"epoch": 3, "model": wrapped, "optimizer": optimiser.state_dict(), "loss": 0.5},
        folder / "checkpoint.pth",
    )
    save_file(state, folder / "state.safetensors", metadata={"format": "pt"})
    half = {name: each.to(torch.bfloat16) for name, each in state.items()}
    save_file(half, folder / "bfloat16.safetensors")
    columns = {n: e.t().contiguous().t() if e.ndim == 2 else e for n, e in state.items()}
    torch.save(columns, folder / "turned.pt")
    torch.save(module, folder / "whole_model.pt")
    np.savez(folder / "state.npz", **{name: each.numpy() for name, each in state.items()})


if __name__ == "__main__":
    main()
