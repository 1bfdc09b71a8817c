"""The command line: COMMANDS, a row and a module each. Only the module of the command that was
asked for is imported, so that help, version and doctor work on a machine that has nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from visualizer.commands import options
from visualizer.commands.parser import Parser


@dataclass(frozen=True, slots=True)
class Command:
    """`module` has `perform(options) -> exit code`."""

    name: str
    about: str
    module: str
    options: Callable[[Parser], None]


COMMANDS = (
    Command(
        "demo",
        "show the main job: a moving graph, or without a screen a figure in ./unrolled-demo",
        "visualizer.commands.demo",
        options.nothing,
    ),
    Command(
        "run",
        "record WHAT; print steps, nodes, loss and the gradient norm of every step",
        "visualizer.commands.run",
        options.run,
    ),
    Command(
        "export",
        "write a figure of WHAT as svg, pdf or png",
        "visualizer.commands.export",
        options.export,
    ),
    Command(
        "train",
        "learn from WHAT, watched while it learns; Ctrl-C keeps what was learnt",
        "visualizer.commands.train",
        options.train,
    ),
    Command(
        "generate",
        "let a trained session write; standard output is the text alone",
        "visualizer.commands.generate",
        options.generate,
    ),
    Command(
        "check",
        "hold every gradient of WHAT against complex step or differences of the forward code",
        "visualizer.commands.check",
        options.check,
    ),
    Command(
        "report",
        "examine WHAT: why it does not learn, how far its gradient reaches, what to try",
        "visualizer.commands.report",
        options.report,
    ),
    Command(
        "samples",
        "list the sequences that come with the program",
        "visualizer.commands.samples",
        options.samples,
    ),
    Command(
        "lessons",
        "list the lessons; with a name tell what it shows, with --export write it as files",
        "visualizer.commands.lessons",
        options.lessons,
    ),
    Command(
        "snippet",
        "print lines that record a batch of a model that is trained elsewhere",
        "visualizer.commands.snippet",
        options.snippet,
    ),
    Command(
        "doctor",
        "say what this machine lacks and the command that mends it",
        "visualizer.commands.doctor",
        options.nothing,
    ),
)
