"""What can be done in the window, one row an action: menus, palette and the list of keys read it.

`does` is a path from the window to a method ("files.open"); nothing is performed here.
"""

from __future__ import annotations

from dataclasses import dataclass

DETAIL = "level detail numbers ops tensors block bands"
MENUS = ("File", "Edit", "Network", "View", "Play", "Help")


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do. The first of `keys` is shown; `state` names a bool property of a check."""

    id: str
    menu: str
    text: str
    does: str
    keys: tuple[str, ...] = ()
    state: str = ""
    words: str = ""  # more words by which the palette finds it
    line_before: bool = False


ACTIONS: tuple[Action, ...] = (
    Action("open", "File", "Open…", "files.open", ("Ctrl+O",), words="load file session sequence"),
    Action(
        "lessons",
        "File",
        "Lessons and samples…",
        "lessons.browse",
        ("Ctrl+L",),
        words="gallery lecture examples start",
    ),
    Action(
        "paste",
        "File",
        "Paste a sequence",
        "files.paste",
        ("Ctrl+Shift+V",),
        words="text sentence numbers table cells clipboard",
    ),
    Action("columns", "File", "Columns…", "files.show_columns", words="roles input target label"),
    Action("save", "File", "Save", "files.save", ("Ctrl+S",)),
    Action("save-as", "File", "Save as…", "files.save_as", ("Ctrl+Shift+S",)),
    Action(
        "found",
        "File",
        "What was found in the model…",
        "files.show_found",
        words="weights layers gate order parity table pytorch keras onnx",
    ),
    Action(
        "wire",
        "File",
        "How the model is wired…",
        "files.choose_wiring",
        words="layers embedding convolution linear order choose prefix",
    ),
    Action(
        "save-weights",
        "File",
        "Save weights…",
        "files.save_weights",
        words="model safetensors npz pytorch keras changed back",
    ),
    Action(
        "export",
        "File",
        "Export…",
        "export_figure",
        ("Ctrl+E",),
        words="figure svg pdf png picture",
        line_before=True,
    ),
    Action("quit", "File", "Quit", "close", ("Ctrl+Q",), words="exit", line_before=True),
    Action("undo", "Edit", "Undo", "undo", ("Ctrl+Z",)),
    Action("redo", "Edit", "Redo", "redo", ("Ctrl+Y", "Ctrl+Shift+Z")),
    Action(
        "train", "Network", "Train, or pause training", "panels.learning.toggle", ("Ctrl+Return",)
    ),
    Action("train-stop", "Network", "End training", "panels.learning.stop"),
    Action(
        "report",
        "Network",
        "Gradient doctor…",
        "panels.examine",
        ("Ctrl+R",),
        words="report diagnose why not learn vanishing exploding horizon saturated clip faults",
    ),
    Action(
        "write",
        "Network",
        "Let the network write",
        "panels.writing.write",
        ("Ctrl+Shift+Return",),
        words="generate sample autoregressive text prompt",
    ),
    Action(
        "read",
        "Network",
        "Read the sequence again",
        "panels.writing.read",
        words="teacher forcing stop writing",
    ),
    Action(
        "stop",
        "Network",
        "Stop what is under way",
        "panels.progress.stop",
        ("Esc",),
        words="cancel abort",
    ),
    Action(
        "copy-numbers",
        "Edit",
        "Copy numbers of the selection",
        "inspector.copy_numbers",
        ("Ctrl+Shift+C",),
        words="clipboard",
        line_before=True,
    ),
    Action("copy-csv", "Edit", "Copy as CSV", "inspector.copy_csv", words="clipboard table"),
    Action("copy-latex", "Edit", "Copy as LaTeX", "inspector.copy_latex", words="equation"),
    Action("copy-numpy", "Edit", "Copy as numpy", "files.copy_source", words="source code python"),
    Action(
        "copy-pytorch",
        "Edit",
        "Copy the change as PyTorch",
        "files.copy_pytorch",
        words="lines script forget bias clip orthogonal",
    ),
    Action(
        "restore-numbers",
        "Edit",
        "Take back all typed numbers",
        "stage.restore_numbers",
        words="reset edits",
        line_before=True,
    ),
    Action("restore-losses", "Edit", "Switch all losses on", "stage.restore_losses", words="reset"),
    Action(
        "page-on",
        "View",
        "Steps after these",
        "stage.page_on",
        ("Ctrl+PgDown",),
        words="next window of a long sequence",
    ),
    Action(
        "page-back",
        "View",
        "Steps before these",
        "stage.page_back",
        ("Ctrl+PgUp",),
        words="previous window of a long sequence",
    ),
    Action(
        "compare",
        "View",
        "Compare two experiments",
        "stage.compare",
        ("C",),
        state="stage.comparing",
        words="second twin below beside double",
    ),
    Action("turn", "View", "Take the other in hand", "stage.turn", ("B",), words="compare swap"),
    Action(
        "fit", "View", "Fit the graph", "canvas.fit", ("F",), words="whole zoom", line_before=True
    ),
    Action("zoom-in", "View", "Zoom in", "canvas.zoom_in", ("+", "=", "Ctrl++")),
    Action("zoom-out", "View", "Zoom out", "canvas.zoom_out", ("-", "Ctrl+-")),
    Action("time-in", "View", "Stretch time", "canvas.stretch", ("Alt++", "Alt+=")),
    Action("time-out", "View", "Shrink time", "canvas.shrink", ("Alt+-",)),
    Action(
        "go-to",
        "View",
        "Go to step…",
        "panels.going.open",
        ("Ctrl+G",),
        words="jump number time find",
    ),
    Action("detail-more", "View", "More of a step", "canvas.overlay.more", ("D",), words=DETAIL),
    Action(
        "detail-less", "View", "Less of a step", "canvas.overlay.less", ("Shift+D",), words=DETAIL
    ),
    Action(
        "fold",
        "View",
        "Fold into one step",
        "canvas.folding.toggle",
        ("U",),
        state="canvas.folding.folds",
        words="unroll loop textbook morph deck",
    ),
    Action(
        "wrap",
        "View",
        "Wrap into lines",
        "canvas.wrapping.toggle",
        ("W",),
        state="canvas.wrapping.wraps",
        words="rows text print break several",
    ),
    Action(
        "losses",
        "View",
        "Table of losses and steps…",
        "plot.show_losses",
        words="T×T gradient loss where from norms heat map",
    ),
    Action(
        "cost",
        "View",
        "Cost",
        "plot.show_cost",
        words="parameters multiply-adds memory bytes padded per-layer shared zero",
    ),
    Action("scale", "View", "Logarithmic norms", "plot.toggle_scale", state="plot.logarithmic"),
    Action(
        "show-model",
        "View",
        "Model panel",
        "toggle_model",
        ("Ctrl+1",),
        state="model_shown",
        line_before=True,
    ),
    Action(
        "show-inspector", "View", "Inspector", "toggle_inspector", ("Ctrl+2",), "inspector_shown"
    ),
    Action("show-plot", "View", "Gradient norms", "toggle_plot", ("Ctrl+3",), "plot.wanted"),
    Action(
        "theme",
        "View",
        "Dark theme",
        "toggle_theme",
        ("Ctrl+T",),
        state="dark",
        words="light colours",
        line_before=True,
    ),
    Action("play", "Play", "Play or pause", "player.toggle", ("Space",), words="start stop"),
    Action("event-next", "Play", "Next event", "player.next_event", ("Right",)),
    Action("event-back", "Play", "Event before", "player.previous_event", ("Left",)),
    Action("step-next", "Play", "Next step", "player.next_step", ("Shift+Right",)),
    Action("step-back", "Play", "Step before", "player.previous_step", ("Shift+Left",)),
    Action("start", "Play", "To the start", "player.to_start", ("Home",), words="rewind"),
    Action("end", "Play", "To the end", "player.to_end", ("End",)),
    Action("cue-next", "Play", "Next cue", "lessons.next_cue", ("PgDown",), words="lesson"),
    Action("cue-back", "Play", "Cue before", "lessons.previous_cue", ("PgUp",), words="lesson"),
    Action("slower", "Play", "Slower", "player.slower", ("[",), words="speed", line_before=True),
    Action("faster", "Play", "Faster", "player.faster", ("]",), words="speed"),
    Action("loop", "Play", "Loop", "player.toggle_loop", ("L",), state="player.loop"),
    Action(
        "follow",
        "Play",
        "Follow the playhead",
        "stage.toggle_follow",
        ("Shift+F",),
        state="stage.follows",
        words="scroll frontier page pan",
    ),
    Action("search", "Help", "Search nodes and actions", "toolbar.search", ("Ctrl+K",)),
    Action("menu", "Help", "Open the menu", "toolbar.open_menu", ("F10",)),
    Action("keys", "Help", "All keys", "show_keys", ("F1",), words="help shortcuts"),
)


def of_menu(menu: str) -> tuple[Action, ...]:
    """The rows of one menu, in order."""
    return tuple(a for a in ACTIONS if a.menu == menu)
