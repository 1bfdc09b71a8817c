"""A signal that stays in its file: an hour of sound has more samples than anybody wants in memory.

Steps of it are read when they are asked for. Formats stand in `engine.sequences.readers`, which say
where in the file the samples are.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import Unusable
from engine.files import MAX_FILE

# how a sample is stored → (bytes, what is taken off, what is full scale); numbers end up in −1 … 1
CODES = {
    "u1": (1, 128.0, 128.0),
    "<i2": (2, 0.0, 32768.0),
    "<i3": (3, 0.0, 8388608.0),
    "<i4": (4, 0.0, 2147483648.0),
    "<f4": (4, 0.0, 1.0),
    "<f8": (8, 0.0, 1.0),
}
BLOCK = 1_000_000  # steps that are read at once


@dataclass(frozen=True, slots=True)
class Signal:
    """(steps, channels) samples from the byte `begin` on; `size` and `changed` are the file's, by
    which one sees whether it is still the same."""

    path: str
    size: int
    changed: int
    begin: int
    steps: int
    channels: int
    code: str

    def __len__(self) -> int:
        return self.steps

    @property
    def shape(self) -> tuple[int, int]:
        return self.steps, self.channels

    def __getitem__(self, some: slice) -> NDArray[np.float64]:
        """(steps, channels) of the steps low … high − 1; a stride is not known here."""
        low, high, _ = some.indices(self.steps)
        high = max(low, high)
        width = CODES[self.code][0] * self.channels
        data = self._bytes(self.begin + low * width, (high - low) * width)
        found = _numbers(data, self.code).reshape(-1, self.channels)
        if self.code[1] == "f" and not np.isfinite(found).all():
            at = low + int(np.flatnonzero(~np.isfinite(found).all(1))[0]) + 1
            raise Unusable(
                f"{Path(self.path).name}: sample {at:,} is not a finite number; save it anew"
            )
        found.setflags(write=False)
        return found

    def stored(self) -> NDArray[Any]:
        """All of it, in the fewest bytes that lose nothing; `Unusable` if those are too many."""
        dtype = np.dtype(np.float64 if self.code in ("<i4", "<f8") else np.float32)
        size = self.steps * self.channels * dtype.itemsize
        if size > MAX_FILE:
            raise Unusable(
                f"{Path(self.path).name} has {self.steps:,} steps, which are {size:,} bytes in a "
                f"session; at most {MAX_FILE:,} are saved: open a shorter part of it"
            )
        return np.concatenate(
            [self[low : low + BLOCK] for low in range(0, self.steps, BLOCK)], dtype=dtype
        )

    def _bytes(self, at: int, count: int) -> bytes:
        name = Path(self.path).name
        try:
            status = Path(self.path).stat()
            if (status.st_size, status.st_mtime_ns) != (self.size, self.changed):
                raise Unusable(f"{name} has changed since it was opened; open it again")
            with open(self.path, "rb") as file:
                file.seek(at)
                data = file.read(count)
        except OSError as error:
            reason = error.strerror or str(error)
            raise Unusable(
                f"{name} cannot be read any more ({reason}); put it back, or open another"
            ) from None
        if len(data) != count:
            raise Unusable(f"{name} is shorter than it was when it was opened; open it again")
        return data


def _numbers(data: bytes, code: str) -> NDArray[np.float64]:
    """The samples as numbers of −1 … 1."""
    _, zero, full = CODES[code]
    if code == "<i3":  # 24 bits: the upper three bytes of an integer of four
        wide = np.zeros((len(data) // 3, 4), np.uint8)
        wide[:, 1:] = np.frombuffer(data, np.uint8).reshape(-1, 3)
        return wide.view("<i4")[:, 0] / (256.0 * full)
    with np.errstate(invalid="ignore"):  # some NaNs are reported when they are widened
        raw = np.frombuffer(data, np.dtype(code)).astype(np.float64)
    return (raw - zero) / full
