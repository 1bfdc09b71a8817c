"""From the words of the command line to an exit code: which command, and how every error ends.

An error is one line on standard error. What the commands do stands in their modules.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from glob import has_magic
from importlib import import_module
from pathlib import Path

from engine.errors import BAD_SETTINGS, Unusable
from visualizer.commands import COMMANDS
from visualizer.commands.parser import Parser
from visualizer.lessons.table import IDS
from visualizer.version import VERSION

FAILED = 1
INTERRUPTED = 130
PROGRAM = "main.py"


def enter(words: Sequence[str]) -> int:
    """Run the command that `words` name; returns the exit code."""
    try:
        code = _perform(list(words))
        sys.stdout.flush()
        return code
    except Unusable as error:
        return _fail(error.message, error.exit)
    except KeyboardInterrupt:
        return _fail("interrupted; nothing was left half-written", INTERRUPTED)
    except BrokenPipeError:
        # whoever read the output has seen enough; keep the interpreter's last flush quiet
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except MemoryError:
        return _fail("the memory is not enough; give a shorter sequence or fewer units", FAILED)


def _perform(words: list[str]) -> int:
    word = words[0] if words else ""
    command = next((c for c in COMMANDS if c.name == word), None)
    if command is not None:
        parser = Parser(prog=f"{PROGRAM} {command.name}", description=command.about)
        command.options(parser)
        return _call(command.module, parser, words[1:])
    parser = _front()
    if words and not (word.startswith("-") or _is_there(word) or word in IDS):
        samples = import_module("visualizer.commands.given").named()
        if word not in samples:
            raise _unknown(word, samples)
    return _call("visualizer.commands.window", parser, words)


def _is_there(word: str) -> bool:
    """Whether this is a file, a folder, or a pattern of files."""
    return os.path.exists(word) or has_magic(word)


def _call(module: str, parser: Parser, words: list[str]) -> int:
    try:
        options = parser.read(words)
    except SystemExit as done:  # --help and --version
        return int(done.code or 0)
    if getattr(options, "more", None):
        options = import_module("visualizer.commands.given").arranged(options)
    return int(import_module(module).perform(options))


def _front() -> Parser:
    rows = "\n".join(f"  {command.name:9}{command.about}" for command in COMMANDS)
    parser = Parser(
        prog=PROGRAM,
        description="See inside a recurrent network: unrolled in time, deltas coming back.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage=f"{PROGRAM} [FILE…|LESSON|SAMPLE] | {PROGRAM} COMMAND … | {PROGRAM} COMMAND --help",
    )
    parser.epilog = f"commands:\n{rows}\n\n{parser.epilog}"
    parser.add_argument(
        "files",
        nargs="*",
        default=[],
        metavar="FILE",
        help="open a session, a model, a sequence, a lesson or a sample in the window; several"
        " sequences are one batch, and beside a session or a model what it reads",
    )
    parser.add_argument("--version", action="version", version=f"Unrolled {VERSION}")
    return parser


def _unknown(word: str, samples: Sequence[str]) -> Unusable:
    names = ", ".join(command.name for command in COMMANDS)
    word = word if len(word) <= 60 else f"{word[:60]}…"
    if Path(word).suffix or os.sep in word:
        return Unusable(f"there is no file {word}; give the path of a file that exists")
    known = [*(c.name for c in COMMANDS), *IDS, *samples]
    close = get_close_matches(word.lower(), known, cutoff=0.6)
    likely = f"did you mean {' or '.join(close)}?" if close else f"see {PROGRAM} --help"
    return Unusable(
        f"{word} is neither a command ({names}) nor a file, a lesson or a sample; {likely}",
        exit=BAD_SETTINGS,
    )


def _fail(message: str, code: int) -> int:
    sys.stdout.flush()
    print(f"{PROGRAM}: {message}", file=sys.stderr)
    return code
