"""The version of the program, the same as in pyproject.toml. Nothing else."""

from __future__ import annotations

VERSION = "0.1.0"
