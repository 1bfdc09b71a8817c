"""Writes tests/reference/onnx/: a small detector that reads sound piece by piece, and what
onnxruntime makes of it; a model whose weights are read by two recurrent nodes in a row.

Run by hand with onnx, onnxruntime and numpy installed.
"""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

FOLDER = Path(__file__).parent / "onnx"
CHUNK, CONTEXT, HIDDEN, CHANNELS = 256, 32, 5, 4
RATE, PIECES = 8000, 12


def detector() -> onnx.ModelProto:
    """samples → convolution, relu, mean over time → LSTM → relu, convolution, sigmoid; as
    silero-vad is made, with its state as input and output."""
    rng = np.random.default_rng(5)
    shapes = {
        "K": (CHANNELS, 1, 16), "k": (CHANNELS,), "W": (1, 4 * HIDDEN, CHANNELS),
        "R": (1, 4 * HIDDEN, HIDDEN), "B": (1, 8 * HIDDEN), "V": (1, HIDDEN, 1), "v": (1,),
    }  # fmt: skip
    held = {n: rng.standard_normal(shape).astype(np.float32) for n, shape in shapes.items()}
    held |= {"one": np.array([1]), "two": np.array([2]), "zero": np.array([0]),
             "halves": np.array([1, 1])}  # fmt: skip
    node = helper.make_node
    nodes = [
        node("Unsqueeze", ["input", "one"], ["wide"]),
        node("Conv", ["wide", "K", "k"], ["heard"], name="/encoder/conv", strides=[8]),
        node("Relu", ["heard"], ["bent"]),
        node("ReduceMean", ["bent"], ["mean"], axes=[2], keepdims=0),
        node("Unsqueeze", ["mean", "zero"], ["x"]),
        node("Split", ["state", "halves"], ["h0", "c0"], axis=0),
        node("LSTM", ["x", "W", "R", "B", "", "h0", "c0"], ["y", "h", "c"],
             name="/decoder/rnn/LSTM", hidden_size=HIDDEN),
        node("Concat", ["h", "c"], ["stateN"], axis=0),
        node("Transpose", ["h"], ["turned"], perm=[1, 2, 0]),
        node("Relu", ["turned"], ["up"]),
        node("Conv", ["up", "V", "v"], ["logit"], name="/decoder/conv"),
        node("Sigmoid", ["logit"], ["p"]),
        node("Squeeze", ["p", "two"], ["output"]),
    ]  # fmt: skip
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes, "detector",
        [value("input", TensorProto.FLOAT, [None, None]),
         value("state", TensorProto.FLOAT, [2, None, HIDDEN]),
         value("sr", TensorProto.INT64, [])],
        [value("output", TensorProto.FLOAT, [None, 1]),
         value("stateN", TensorProto.FLOAT, [2, None, HIDDEN])],
        [numpy_helper.from_array(array, name) for name, array in held.items()],
    )  # fmt: skip
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 16)], ir_version=8)


def sound() -> np.ndarray:
    """Pulses with two resonances between silences, 16 bits."""
    t = np.arange(CHUNK * PIECES - 100) / RATE
    pulses = sum(np.sin(2 * np.pi * 140 * k * t) / k for k in range(1, 12))
    loud = np.clip(np.sin(2 * np.pi * 6 * t), 0, 1)
    noise = np.random.default_rng(1).standard_normal(len(t))
    return (8000 * (pulses * loud + 0.05 * noise)).astype("<i2")


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    model = detector()
    onnx.save(model, FOLDER / "detector.onnx")
    samples = sound()
    with wave.open(str(FOLDER / "speech.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    whole = np.zeros(CONTEXT + PIECES * CHUNK, np.float32)
    whole[CONTEXT : CONTEXT + len(samples)] = samples / np.float32(32768)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    state, rows = np.zeros((2, 1, HIDDEN), np.float32), []
    for k in range(PIECES):
        piece = whole[k * CHUNK : (k + 1) * CHUNK + CONTEXT][None]
        output, state = session.run(
            None, {"input": piece, "state": state, "sr": np.array(RATE, np.int64)}
        )
        rows.append(output)
    np.savez_compressed(FOLDER / "detector.npz", output=np.concatenate(rows), stateN=state)


if __name__ == "__main__":
    main()
