"""Words after `main.py`: what each command takes. Nothing heavy is imported: `--help` is instant.

Every setting of an experiment is an option made from its row in `engine.experiment.settings()`.
What the commands do with their options stands in one module each.
"""

from __future__ import annotations

import argparse
import re
from typing import Any

from engine.experiment import settings
from engine.setting import Setting
from visualizer.commands.parser import Parser

WHAT = (
    "a session (.unrolled), "
    "a file with a sequence (.txt .csv .tsv .npy .npz .ts .json .jsonl .wav, pictures), "
    "a model (.safetensors .pt .pth .npz .keras .h5 .onnx), "
    "the name of a lesson (see: main.py lessons) or a sample (see: main.py samples), "
    "or - for text on standard input"
)
VIEWS = (
    "graph", "norms", "losses", "targets", "gates", "change", "jacobian", "heat", "layers",
    "cliff", "cost", "learning", "updates", "samples", "odds", "shift", "verify",
    "grid", "schedule", "course",
)  # fmt: skip
MOST_LINES = 1000
LEVELS = ("auto", "numbers", "ops", "tensors", "steps", "bands")
THEMES = ("light", "dark", "print")
SNIPPETS = ("pytorch", "change")
MISSING = ("drop", "interpolate")


def given_settings(options: argparse.Namespace) -> dict[str, object]:
    """The settings that were given; the others stay as session or default say."""
    values = {s.name: getattr(options, s.name, None) for s in settings()}
    return {name: value for name, value in values.items() if value is not None}


def run(parser: Parser) -> None:
    _what(parser)
    _variant(parser, "all of them")
    _compare(parser)
    parser.add_argument("--out", metavar="FILE.npz", help="write values, deltas and gradients")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def export(parser: Parser) -> None:
    _what(parser)
    _variant(parser, "the first")
    _compare(parser)
    parser.add_argument(
        "-o",
        "--output",
        required=True,
        metavar="FILE",
        help=".svg, .pdf, .png; .graphml, .dot, .json; the numbers of a plot as .csv, .json; the "
        "weights of a model that was changed as .safetensors, .npz",
    )
    parser.add_argument("--view", choices=VIEWS, default="graph", help="default: graph")
    moment = parser.add_mutually_exclusive_group()
    moment.add_argument(
        "--at",
        type=_moment,
        metavar="0..1",
        help="the moment, or its name: δ(h3)<-z4; default: the session's, or the end",
    )
    moment.add_argument("--event", type=_count, metavar="N", help="after N events")
    parser.add_argument(
        "--level",
        choices=LEVELS,
        help="how much of each step is drawn; of a graph file: ops (default), tensors or steps",
    )
    _placed(parser)
    parser.add_argument("--theme", choices=THEMES, default="print", help="default: print")
    parser.add_argument("--size", type=_size, metavar="WxH", help="in pixels")
    parser.add_argument(
        "--text", choices=("text", "paths"), default="text", help="letters in svg; default: text"
    )


def _placed(parser: Parser) -> None:
    """Where the steps of the graph stand."""
    parser.add_argument(
        "--fold",
        type=_fold,
        metavar="0..1",
        help="how far the steps lie on one another: 0 unrolled, 1 the folded loop",
    )
    parser.add_argument(
        "--wrap",
        type=_wrap,
        metavar="N|auto",
        help="the steps in so many lines, as a text has them; auto: as many as it takes",
    )


def train(parser: Parser) -> None:
    _what(parser)
    parser.add_argument(
        "-o", "--output", required=True, metavar="FILE", help="the session that is written"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object an update")
    from engine.training.training import training_settings

    group = parser.add_argument_group("training")
    for row in training_settings():
        _setting(group, row)


def generate(parser: Parser) -> None:
    parser.add_argument(
        "what",
        metavar="WHAT",
        help="a trained session, the name of one that is shipped, or a model with --symbols",
    )
    parser.add_argument(
        "--symbols",
        metavar="TOKENS",
        help="of a model: its tokens in their order, as a string, a .json (list or {token: index}),"
        " or the text it was trained on (its characters sorted)",
    )
    parser.add_argument("--wire", metavar="NAME,NAME…", help="of a model: embed,rnn,head")
    parser.add_argument("--prompt", default="", metavar="TEXT", help="what is read first")
    parser.add_argument(
        "--length", type=_length, default=200, metavar="N", help="tokens (default: 200)"
    )
    parser.add_argument(
        "--temperature",
        type=_temperature,
        default=1.0,
        metavar="τ",
        help="below 1 likely tokens come more often, above 1 less (default: 1)",
    )
    parser.add_argument(
        "--top-k", type=_length, default=0, metavar="K", help="only the K likeliest; 1: no chance"
    )
    parser.add_argument("--seed", type=_length, default=0, help="of what is drawn (default: 0)")
    parser.add_argument("--stop", action="store_true", help="the stop token may come, and ends it")


def _compare(parser: Parser) -> None:
    parser.add_argument(
        "--compare",
        metavar="SETTINGS",
        help="a second experiment below the first, with these other settings: "
        "cell=lstm,forget_bias=3 (of a lesson also variant=2)",
    )


def check(parser: Parser) -> None:
    _what(parser)
    _variant(parser, "all of them")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def report(parser: Parser) -> None:
    _what(parser)
    _variant(parser, "the first")
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="write it with its figures: .html or .pdf"
    )
    parser.add_argument(
        "--no-overfit", action="store_true", help="do not try to learn one sequence by heart"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def samples(parser: Parser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON list")


def lessons(parser: Parser) -> None:
    parser.add_argument("name", nargs="?", metavar="NAME", help="tell what this lesson shows")
    parser.add_argument(
        "--export", metavar="DIR", help="write its pictures and sessions into this folder"
    )
    parser.add_argument("--theme", choices=THEMES, default="print", help="default: print")
    parser.add_argument("--json", action="store_true", help="print one JSON list")


def snippet(parser: Parser) -> None:
    parser.add_argument(
        "which",
        choices=SNIPPETS,
        metavar="|".join(SNIPPETS),
        help="pytorch: record one batch in a training script; change: the lines that make there "
        "what was changed in a session or model",
    )
    parser.add_argument("what", nargs="?", metavar="WHAT", help="of change: a session or a model")
    parser.set_defaults(sequence=None, missing=None, columns=None, as_is=None)


def nothing(parser: Parser) -> None:
    """A command without options."""


def _what(parser: Parser) -> None:
    parser.add_argument("what", metavar="WHAT", help=WHAT)
    parser.add_argument(
        "more",
        nargs="*",
        default=[],
        metavar="FILE",
        help="more files of one format: all together are one batch of sequences, as a folder or a"
        " pattern in quotation marks is; beside a session or a model they are what it reads",
    )
    parser.add_argument("--sequence", metavar="FILE", help="read this sequence into the session")
    _of_a_model(parser)
    parser.add_argument(
        "--missing", choices=MISSING, help="what to do about steps with a missing value"
    )
    parser.add_argument(
        "--columns",
        metavar="NAME=ROLE,…",
        help="what columns are, by name or by number: 3=target,sky=label; roles are input, target, "
        "label, time, ignore",
    )
    parser.add_argument(
        "--as-is",
        metavar="NAME,…",
        help="columns that are not standardised, where --standardise is for the others",
    )
    groups: dict[str, Any] = {}
    for setting in settings():
        if setting.group not in groups:
            groups[setting.group] = parser.add_argument_group(setting.group.lower())
        _setting(groups[setting.group], setting)


def _of_a_model(parser: Parser) -> None:
    """What only a model of another program is given."""
    group = parser.add_argument_group("of a model")
    group.add_argument("--prefix", metavar="NAME", help="which recurrent layer or node")
    group.add_argument(
        "--inputs", metavar="FILE", help="x, h0, c0, lengths, cotangents (.npz), or a sound (.wav)"
    )
    group.add_argument(
        "--chunk", type=_length, metavar="N", help="samples of a sound that are read at once"
    )
    group.add_argument(
        "--context", type=_length, metavar="N", help="samples before them that are read again"
    )
    group.add_argument(
        "--targets", metavar="FILE", help="what its outputs should be (.npy, or .npz with targets)"
    )
    group.add_argument(
        "--wire",
        metavar="NAME,NAME…",
        help="its layers in the order in which they are run: embed,rnn,head; NAME:relu where it is "
        "bent, conv:stride=2:padding=1; auto: what is certain",
    )
    group.add_argument(
        "--reference", metavar="FILE.npz", help="outputs of its own program, to compare with"
    )


def _variant(parser: Parser, default: str) -> None:
    parser.add_argument(
        "--variant",
        metavar="N|TITLE",
        help=f"of a lesson that has several: which (default: {default})",
    )


def _setting(group: Any, setting: Setting) -> None:
    flag = "--" + setting.name.replace("_", "-")
    default = f"{setting.default:g}" if isinstance(setting.default, float) else setting.default
    text = f"{setting.help} (default: {default})".replace("%", "%%")
    if setting.kind == "bool":
        # BooleanOptionalAction adds the --no- form
        group.add_argument(flag, action=argparse.BooleanOptionalAction, default=None, help=text)
        return
    allowed = "|".join(setting.choices) or f"{setting.low:.10g}..{setting.high:.10g}"
    if setting.kind == "text":
        allowed, text = "TEXT", setting.help.replace("%", "%%")
    group.add_argument(flag, metavar=allowed, help=text)


def _moment(word: str) -> float | str:
    """A number, or the name of a moment, which only the film knows."""
    try:
        moment = float(word)
    except ValueError:
        return word
    if not 0 <= moment <= 1:
        raise argparse.ArgumentTypeError(f"a moment is 0..1, got {word!r}")
    return moment


def _fold(word: str) -> float:
    try:
        fold = float(word)
    except ValueError:
        fold = -1.0
    if not 0 <= fold <= 1:
        raise argparse.ArgumentTypeError(
            f"a fold is 0 (unrolled) .. 1 (folded to a loop), got {word!r}"
        )
    return fold


def _wrap(word: str) -> int:
    if word == "auto":
        return 0
    if not re.fullmatch(r"\d{1,4}", word) or not 1 <= int(word) <= MOST_LINES:
        raise argparse.ArgumentTypeError(f"lines are 1..{MOST_LINES} or auto, got {word!r}")
    return int(word)


def _length(word: str) -> int:
    if not re.fullmatch(r"\d{1,9}", word):
        raise argparse.ArgumentTypeError(f"a whole number from 0 on is needed, got {word!r}")
    return int(word)


def _temperature(word: str) -> float:
    try:
        return float(word)  # which ones are allowed says the engine
    except ValueError:
        raise argparse.ArgumentTypeError(f"a number above 0 is needed, got {word!r}") from None


def _count(word: str) -> int:
    if not re.fullmatch(r"\d{1,9}", word):
        raise argparse.ArgumentTypeError(f"an event is a whole number from 0 on, got {word!r}")
    return int(word)


def _size(word: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d{1,5})x(\d{1,5})", word)
    if not found or int(found[1]) < 16 or int(found[2]) < 16:
        raise argparse.ArgumentTypeError(f"a size is WIDTHxHEIGHT from 16x16 on, got {word!r}")
    return int(found[1]), int(found[2])
