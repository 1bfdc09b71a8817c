"""The door: the first word is a command, or a file for the window. Nothing is done here."""

from __future__ import annotations

import gc
import os
import sys

# two BLAS threads made everything slower and take the window's core; numpy reads this once
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from visualizer.commands.door import enter

# what is imported stays: a collector that looks through it again and again delays the first paint
gc.set_threshold(500_000, 10, 10)

if __name__ == "__main__":
    sys.exit(enter(sys.argv[1:]))
