"""The door: the first word is a command, or a file for the window. Nothing is done here."""

from __future__ import annotations

import os
import sys

# two BLAS threads made everything slower and take the window's core; numpy reads this once
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from visualizer.commands.door import enter

if __name__ == "__main__":
    sys.exit(enter(sys.argv[1:]))
