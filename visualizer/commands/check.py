"""`main.py check`: every op and parameter against the forward code alone, as a table."""

from __future__ import annotations

import argparse
import json

from visualizer.commands.given import given
