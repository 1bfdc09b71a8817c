"""Small whole files of every format, which the mutations begin with, and what opens each."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import numpy as np

from engine.errors import Unusable
from engine.models.model import load_model
from engine.sequences import encode, read
from tests.broken_files import models_made as made
from tests.broken_files.messages import compute, keras_here, run_graph
from tests.broken_files.picture_files import png, small
from tests.broken_files.session_files import good
from tests.broken_files.weight_files import WEIGHTS
from tests.engine.sequences.files_made import TS, npy, npz, wav


def sequence(path: Path) -> object:
    """The sequence read, and as a network reads it; values that are missing are filled in."""
    try:
        batch = encode(read(path))
    except Unusable as error:
        if "--missing" not in error.message:
            raise
        batch = encode(read(path, missing="interpolate"))
    assert np.isfinite(batch.x).all() and np.isfinite(batch.targets).all()
    return batch


PICTURE = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp")

# suffix → what opens such a file; an .npz may be a sequence and a model
OPENED: dict[str, tuple[Callable[[Path], object], ...]] = {
    **dict.fromkeys(
        (".txt", ".csv", ".tsv", ".npy", ".ts", ".json", ".jsonl", ".wav", *PICTURE), (sequence,)
    ),
    ".npz": (sequence, load_model),
    **dict.fromkeys((".safetensors", ".pt", ".pth"), (load_model,)),
    **dict.fromkeys((".keras", ".h5"), (keras_here,)),
    ".onnx": (run_graph,),
    ".unrolled": (compute,),
}


@functools.cache
def seeds() -> dict[str, bytes]:
    """A small whole file of every format, by name."""
    return {
        "a.txt": "To be — or not\nto be\n".encode(),
        "a.csv": b'year,v,"w",sky\n1900,1.5,2,sun\n1901,-3e2,,rain\n1902,4,5,"sun"\n',
        "a.tsv": b"1\t2\n3\t4\n5\t6\n",
        "a.npy": npy(np.arange(6.0).reshape(3, 2)),
        "a.npz": npz(x=np.zeros((3, 2, 1)), lengths=[3, 2], labels=[0, 1]),
        "words.npz": npz(x=np.zeros((2, 2, 1)), labels=["sun", "rain"]),
        "weights.npz": npz(**WEIGHTS),
        "recorded.npz": npz(
            **{"given.0": np.ones((2, 1, 2)), "out.0": np.ones((2, 1, 1))}
            | {f"weights.{name}": array for name, array in WEIGHTS.items()}
        ),
        "a.json": b'[{"year": 1, "v": 2.5, "sky": "sun"}, {"year": 2, "v": -3e1, "sky": "rain"}]',
        "rows.json": b"[[[1, 2], [3, null]], [[4.5, 5], [6, 7]]]",
        "a.jsonl": b'{"v": 1, "w": 2}\n{"v": 3, "w": null}\n{"v": 4, "w": 5}\n',
        "a.ts": (TS + "1,2,3:4,5,6:a\n7,8:9,?:b\n").encode(),
        "a.png": png(),
        "a.jpg": small("JPEG"),
        "a.bmp": small("BMP"),
        "a.gif": small("GIF"),
        "a.webp": small("WEBP"),
        "a.wav": wav(np.arange(-9, 9, dtype="<i2").tobytes()),
        "float.wav": wav(np.arange(8, dtype="<f4").tobytes(), 32, form=3),
        "a.safetensors": made.safetensors(),
        "a.pt": made.torch_zip(),
        "a.keras": made.keras(),
        "a.h5": made.h5(lambda file: file.attrs.update(model_config=made.config())),
        "a.onnx": made.onnx(),
        "a.unrolled": good(),
    }
