"""ARRANGEMENTS: how cells become a network of segments. So far the stack of recurrent layers."""

from __future__ import annotations

from engine.arrangements.recurrent import recurrent

ARRANGEMENTS = {"recurrent": recurrent}
