"""Both directions and the encoder–decoder against stored results of PyTorch 2.13.0, ragged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import engine
from engine.sequences import Batch
from tests.reference.from_torch import OURS, gates

FOLDER = Path(__file__).parents[1] / "reference" / "torch" / "chains"
NAMES = sorted(path.stem for path in FOLDER.glob("*.npz"))


def batch_of(stored) -> Batch:
    read, written = stored["read"], stored["written"]
    steps, turn = len(stored["x"]), int(read.max()) if len(written) else 0
    stop = turn + written if turn else read
    t = np.arange(steps)[:, None]
    return Batch(
        x=stored["x"],
        start=np.zeros_like(stop),
        stop=stop,
        kind="class",
        targets=stored["targets"],
        weights=((t >= turn) & (t < stop)).astype(float),
        readout="every",
        outputs=len(stored["V"]),
        turn=turn,
        read_stop=read if turn else None,
    )


def parameters_of(stored, kind: str, prefix: str = "") -> dict[str, np.ndarray]:
    """The arrays under our names: ^e1, ^d1, ^1, ^1^b; `prefix` g_ takes the gradients."""
    found = {name: stored[prefix + name] for name in ("V", "c")}
    for key in stored:
        if (
            not key.startswith(prefix)
            or "weight_ih_l" not in key
            or (not prefix and key[:2] == "g_")
        ):
            continue
        part, _, rest = key[len(prefix) :].rpartition("weight_ih_l")
        number, _, back = rest.partition("_")
        layers = len({k for k in stored if f"{part}weight_ih_l" in k and not k.startswith("g_")})
        layers //= 2 if "weight_ih_l0_reverse" in stored else 1
        own = part.rstrip(".") + (str(int(number) + 1) if layers > 1 else "")
        suffix = (f"^{own}" if own else "") + ("^b" if back else "")
        arrays = [
            stored[f"{prefix}{part}{name}_l{rest}"]
            for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        ]
        found |= {name + suffix: a for name, a in gates(kind, *arrays, summed=not prefix).items()}
    return found


@pytest.mark.parametrize("name", NAMES)
def test_the_engine_agrees_with_torch(name):
    with np.load(FOLDER / f"{name}.npz") as file:
        stored = {key: file[key] for key in file.files}
    *way, kind, layers = name.split("_")
    settings = {"direction": "both"} if way == ["both"] else {"arrangement": "encoder-decoder"}
    run = engine.run(
        batch_of(stored),
        cell=OURS[kind],
        layers=int(layers),
        hidden=3,
        parameters=parameters_of(stored, kind),
        **settings,
    )
    found = run.recording
    np.testing.assert_allclose(found.loss, stored["loss"], rtol=1e-12)
    expected = parameters_of(stored, kind, "g_")
    assert set(expected) == set(found.gradients)
    for key, gradient in expected.items():
        np.testing.assert_allclose(found.gradients[key], gradient, rtol=0, atol=1e-12, err_msg=key)
    for g, segment in enumerate(run.network.segments):
        if segment.slots[0].name == "x":
            here = found.global_steps(g)
            np.testing.assert_allclose(found.delta(g, 0), stored["g_x"][here], rtol=0, atol=1e-12)


def test_the_stored_results_cover_what_they_should():
    assert {n.split("_")[-2] for n in NAMES} == set(OURS)
    assert {n.split("_")[0] for n in NAMES} == {"both", "encoder"}
    assert len(NAMES) == 7
