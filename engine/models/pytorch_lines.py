"""Lines of PyTorch that make the same change in a training script: cells that were typed over,
a forget bias, an orthogonal start, clipping. Nothing here is run.
"""

from __future__ import annotations

import numpy as np

from engine.experiment import Experiment
from engine.models import conversion
from engine.models.layers import Recurrent
from engine.models.torch_names import bare
from engine.models.way_back import Changed
from engine.models.wiring import Wiring

MOST = 24  # entries that are spelled out; more are loaded from a file
GATES = {"lstm": (1, 4), "gru": (1, 3)}  # block that remembers, of how many, in PyTorch's order


def lines(
    experiment: Experiment, wiring: Wiring | None = None, changed: Changed | None = None
) -> str:
    """What was changed, as a script that has `model` and an optimiser says it."""
    stack = wiring.stacks[0] if wiring is not None else None
    name = bare(stack.prefix).rstrip(".") if stack is not None else "rnn"
    found = [f"rnn = {_path(name)}  # the layer, by its name in your model"]
    found += _entries(stack, changed) + _start(experiment) + _clip(experiment)
    if len(found) == 1:
        found.append("# nothing was changed that a script would have to say")
    return "\n".join(["import torch", "", *found]) + "\n"


def _path(name: str) -> str:
    """model.encoder.rnn, or model["name"] where the name is no path of identifiers."""
    if name and all(part.isidentifier() or part.isdigit() for part in name.split(".")):
        words = [f"[{part}]" if part.isdigit() else f".{part}" for part in name.split(".")]
        return "model" + "".join(words)
    return "model"


def _entries(stack: Recurrent | None, changed: Changed | None) -> list[str]:
    """Every number that differs from the file, or the file that holds them."""
    if stack is None or changed is None or not any(m.any() for m in changed.places.values()):
        return []
    if sum(int(mask.sum()) for mask in changed.places.values()) > MOST or stack.source != "PyTorch":
        return [
            "# main.py export SESSION -o weights.safetensors, then:",
            "from safetensors.torch import load_file",
            'model.load_state_dict(load_file("weights.safetensors"))',
        ]
    found = ["with torch.no_grad():  # numbers that were typed over"]
    for name in changed.places:
        own = bare(name)
        inner = own.startswith(bare(stack.prefix)) and name in stack.names.values()
        own = f"rnn.{own.removeprefix(bare(stack.prefix))}" if inner else f"{_path(own)}"
        for place in np.argwhere(changed.places[name]):
            index = ", ".join(map(str, place))
            value = float(changed.weights.arrays[name][tuple(place)])
            found.append(f"    {own}[{index}] = {value!r}")
    return found


def _start(experiment: Experiment) -> list[str]:
    """How recurrent matrices and the bias of the gate that remembers start."""
    e = experiment.meant()
    kinds = {"orthogonal": "torch.nn.init.orthogonal_(block)", "identity": "block.copy_(eye)"}
    inner = []
    if e.initialisation in kinds:
        inner += ['        if "weight_hh" in name:', "            eye = torch.eye(p.shape[1])"]
        inner += ["            for block in p.split(p.shape[1]):  # one square a gate"]
        inner += [f"                {kinds[e.initialisation]}"]
        if e.gain != 1:
            inner += [f"            p.mul_({e.gain!r})"]
    if e.forget_bias and e.cell in GATES:
        at, of = GATES[e.cell]
        order = " ".join(conversion.SOURCES["PyTorch"].gates[e.cell.upper()])
        inner += [f'        if "bias" in name:  # blocks {order}; two biases are added']
        inner += [f"            gate = p.chunk({of})[{at}]"]
        inner += [f'            gate.fill_({e.forget_bias!r} if "bias_ih" in name else 0.0)']
    if not inner:
        return []
    return [
        "with torch.no_grad():  # before training",
        "    for name, p in rnn.named_parameters():",
        *inner,
    ]


def _clip(experiment: Experiment) -> list[str]:
    e = experiment.meant()
    if e.clip == "off":
        return []
    word = "clip_grad_norm_" if e.clip == "norm" else "clip_grad_value_"
    return [
        "# after loss.backward(), before optimiser.step():",
        f"torch.nn.utils.{word}(model.parameters(), {e.clip_at!r})",
    ]
