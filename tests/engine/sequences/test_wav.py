"""Sound stays in its file; each way to store a sample gives the same numbers; lies are told."""

from __future__ import annotations

import os
import struct
import wave
from pathlib import Path

import numpy as np
import pytest

from engine.batching import batch_of
from engine.errors import Unusable
from engine.experiment import Experiment
from engine.sequences import Sequence, Signal, encode, read
from engine.sequences.window import Window
from tests.engine.sequences.files_made import riff, wav

WAVE = np.round(np.sin(np.arange(40) / 3) * 100) / 128  # exact in every format
WIDE = struct.pack("<HHIIHHHHI", 0xFFFE, 1, 8000, 16000, 2, 16, 22, 16, 4) + struct.pack("<H", 1)
WIDE += bytes(14)  # the rest of the identifier


def opened(folder: Path, content: bytes, name: str = "a.wav") -> Sequence:
    (folder / name).write_bytes(content)
    return read(folder / name)


def three_bytes(values: np.ndarray) -> bytes:
    return b"".join(int(v).to_bytes(3, "little", signed=True) for v in values)


STORED = {
    "8": wav((WAVE * 128 + 128).astype("u1").tobytes(), 8),
    "16": wav((WAVE * 2**15).astype("<i2").tobytes()),
    "24": wav(three_bytes(WAVE * 2**23), 24),
    "32": wav((WAVE * 2**31).astype("<i4").tobytes(), 32),
    "float 32": wav(WAVE.astype("<f4").tobytes(), 32, form=3),
    "float 64": wav(WAVE.astype("<f8").tobytes(), 64, form=3),
    "extensible": riff((b"fmt ", WIDE), (b"data", (WAVE * 2**15).astype("<i2").tobytes())),
    "after others": riff(
        (b"LIST", b"INFOodd"),
        (b"fmt ", struct.pack("<HHIIHH", 1, 1, 8000, 16000, 2, 16)),
        (b"fact", bytes(4)),
        (b"data", (WAVE * 2**15).astype("<i2").tobytes()),
        (b"LIST", b"tail"),
    ),
}


@pytest.mark.parametrize("name", STORED)
def test_every_way_to_store_a_sample_gives_the_same_numbers(tmp_path, name):
    signal = opened(tmp_path, STORED[name]).series[0]
    assert isinstance(signal, Signal)
    assert signal.shape == (40, 1)
    assert np.array_equal(signal[:][:, 0], WAVE)
    assert np.array_equal(signal[7:12][:, 0], WAVE[7:12])
    assert signal[90:].shape == (0, 1)
    assert np.array_equal(signal.stored()[:, 0], WAVE)


def test_what_the_standard_library_writes_is_read(tmp_path):
    values = (np.arange(24).reshape(12, 2) * 1000).astype("<i2")
    with wave.open(str(tmp_path / "b.wav"), "wb") as file:
        file.setparams((2, 2, 44_100, 0, "NONE", ""))
        file.writeframes(values.tobytes())
    given = read(tmp_path / "b.wav")
    assert (given.columns, given.title) == (("left", "right"), "b")
    assert np.array_equal(given.series[0][:] * 32768, values)
    assert encode(given).steps == 11


def test_a_recorder_that_did_not_know_the_size_is_believed_in_the_bytes_that_are_there(tmp_path):
    content = bytearray(STORED["16"])
    for said in (0, 0xFFFFFFFF):
        content[40:44] = said.to_bytes(4, "little")
        assert len(opened(tmp_path, bytes(content)).series[0]) == 40
    content[40:44] = (3).to_bytes(4, "little")  # half a sample at the end is none
    assert len(opened(tmp_path, bytes(content)).series[0]) == 1


def test_a_window_of_a_sound_is_encoded_as_that_part_of_the_whole(tmp_path):
    given = opened(tmp_path, STORED["16"])
    whole = encode(given)
    part = batch_of(given, Experiment(first=11, steps=6))
    assert part.window == Window(10, 16, 39)
    assert np.array_equal(part.x, whole.x[10:16])
    assert np.array_equal(part.targets, whole.targets[10:16])
    assert part.labels[0] == ("11", "12", "13", "14", "15", "16")


def test_a_sound_as_long_as_an_hour_takes_the_memory_of_its_window(tmp_path):
    path = tmp_path / "hour.wav"
    steps = 28_800_000
    with path.open("wb") as file:
        head = wav(b"")
        file.write(head[:40] + (2 * steps).to_bytes(4, "little"))
        file.truncate(44 + 2 * steps)  # a hole in the file, no bytes on the disk
    given = read(path)
    assert len(given.series[0]) == steps
    batch = batch_of(given, Experiment(first=20_000_001, standardise=False))
    assert batch.window == Window(20_000_000, 20_020_000, steps - 1)
    assert batch.x.nbytes < 200_000


BROKEN = {
    "nothing.wav": (b"", "nothing.wav is empty (0 bytes); give a file with data"),
    "page.wav": (
        b"<!doctype html><html>",
        "page.wav is an HTML page, not a sound (.wav); download the file itself",
    ),
    "other.wav": (
        riff(kind=b"AVI "),
        "other.wav is a RIFF file of another kind, not a sound; give a .wav file",
    ),
    "short.wav": (
        STORED["16"][:60],
        "short.wav says 80 bytes of samples, but 16 are stored; save or download it anew",
    ),
    "silent.wav": (wav(b""), "silent.wav holds no samples; give a sound that lasts"),
    "no-data.wav": (
        riff((b"LIST", b"x")),
        "no-data.wav holds no samples (no chunk called data); save it anew",
    ),
    "lie.wav": (
        riff((b"LIST", b"abcd"))[:16] + b"\xff\xff\xff\x7fabcd",
        "lie.wav: the chunk at byte 12 says 2,147,483,647 bytes, but 4 are stored;"
        " save or download it anew",
    ),
    "before.wav": (
        riff((b"data", b"ab")),
        "before.wav has samples before their format; save it anew",
    ),
    "law.wav": (
        wav(b"ab", 8, form=7),
        "law.wav holds µ-law; PCM and floats are read: save it as PCM of 16 bits",
    ),
    "odd.wav": (
        wav(b"ab", 12),
        "odd.wav holds the format 1 of 12 bits; PCM and floats are read: save it as PCM of 16 bits",
    ),
    "none.wav": (
        wav(b"ab", channels=0),
        "none.wav has 0 channels; 1..64 are read: mix it down",
    ),
    "width.wav": (
        riff((b"fmt ", struct.pack("<HHIIHH", 1, 1, 8000, 16000, 3, 16)), (b"data", b"abcd")),
        "width.wav says 3 bytes for 1 samples of 16 bits; save it as PCM of 16 bits",
    ),
    "nan.wav": (
        wav(struct.pack("<3f", 0, 1, float("nan")), 32, form=3),
        "nan.wav: sample 3 is not a finite number; save it anew",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_bad_sound(tmp_path, name):
    content, message = BROKEN[name]
    with pytest.raises(Unusable) as caught:
        encode(opened(tmp_path, content, name))
    assert (str(caught.value), caught.value.exit) == (message, 65)


def test_a_file_that_changes_under_it_is_not_read_on(tmp_path):
    given = opened(tmp_path, STORED["16"])
    path = tmp_path / "a.wav"
    os.utime(path, ns=(0, 1))
    with pytest.raises(Unusable, match="has changed since it was opened; open it again"):
        given.series[0][:]
    path.unlink()
    with pytest.raises(Unusable, match="cannot be read any more"):
        given.series[0][:]


def test_more_samples_than_can_be_opened_are_refused(tmp_path):
    path = tmp_path / "day.wav"
    with path.open("wb") as file:
        file.write(wav(b"")[:40] + (320_000_002).to_bytes(4, "little"))
        file.truncate(44 + 320_000_002)
    with pytest.raises(Unusable) as caught:
        read(path)
    assert str(caught.value) == (
        "day.wav has 160,000,001 samples; at most 160,000,000 are opened: give a part of it"
    )
