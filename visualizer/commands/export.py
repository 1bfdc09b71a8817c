"""`main.py export`: a figure of WHAT, drawn as in the window, without one."""

from __future__ import annotations

import argparse
import contextlib

from engine.errors import BAD_SETTINGS, Unusable
from engine.models.given import Given
from visualizer.commands.what import given
from visualizer.document import modelled
from visualizer.document.atomic import check_place
from visualizer.document.derive import Derived, sheet_of
from visualizer.export import Holds, exporter_for, write, write_graph, write_table, write_weights
from visualizer.export.figures import figure
from visualizer.plots.columns import COLUMNS, Columns
from visualizer.plots.columns_learnt import LEARNT_COLUMNS
from visualizer.scene.sheet import Sheet
from visualizer.theme import theme_named


def perform(options: argparse.Namespace) -> int:
    # a .json holds the numbers of a plot, or the graph
    tables = {**COLUMNS, **LEARNT_COLUMNS}
    holds: Holds = "table" if options.view in tables else "graph"
    row = exporter_for(options.output, "picture", holds, "weights")
    check_place(options.output)
    derived = given(options)
    if row.holds != "picture":
        said, count = NUMBERS[row.holds](options, derived)
        print(f"wrote {options.output}: {said}, {count:,} bytes")
        return 0
    sheet = sheet_of(derived)
    if sheet.timeless and options.view != "graph":
        raise Unusable(
            f"a formula has no steps, and so no figure {options.view}; leave --view out",
            exit=BAD_SETTINGS,
        )
    moment = _moment(options, derived, sheet)
    look = derived.snapshot.view
    picture = figure(
        sheet,
        options.view,
        moment=moment,
        level=options.level or (look.level if look is not None else None),
        size=options.size,
        like=look,
        fold=options.fold,
        wrap=options.wrap,
        whole=row.suffix == ".svg",  # vectors end nowhere; pixels and pages do
    )
    count = write(picture, options.output, theme_named(options.theme), text_as=options.text)
    print(
        f"wrote {options.output}: {options.view} at {moment:.4g}, "
        f"{picture.width:g} x {picture.height:g} px, {count:,} bytes"
    )
    return 0


def _table(options: argparse.Namespace, derived: Derived) -> tuple[str, int]:
    count = write_table(_columns(options, derived), options.output)
    return f"{exporter_for(options.output, 'table').about}, {options.view}", count


def _graph(options: argparse.Namespace, derived: Derived) -> tuple[str, int]:
    level = "ops" if options.level in (None, "auto") else options.level
    count = write_graph(derived.run.recording, options.output, level)
    return f"{exporter_for(options.output, 'graph').about} at the level {level}", count


def _weights(options: argparse.Namespace, derived: Derived) -> tuple[str, int]:
    """What was changed, and the tensors as the model's own program calls them."""
    changed = modelled.changed_weights(derived.snapshot, derived.run)
    came = derived.snapshot.given or Given()
    return changed.words, write_weights(changed.weights, options.output, came)


NUMBERS = {"table": _table, "graph": _graph, "weights": _weights}


def _columns(options: argparse.Namespace, derived: Derived) -> Columns:
    """The numbers behind a plot; Unusable where there are none."""
    film = derived.film
    needs_loss = options.view not in ("cost", "change", "jacobian")
    found: Columns = {}
    if options.view in LEARNT_COLUMNS:
        found = LEARNT_COLUMNS[options.view](sheet_of(derived))
    elif not film.network.timeless and (film.recording.has_gradients or not needs_loss):
        found = COLUMNS[options.view](film)
    if not found:
        raise Unusable(
            f"there are no numbers for --view {options.view} here; write an .svg to see why",
            exit=BAD_SETTINGS,
        )
    return found


def _moment(options: argparse.Namespace, derived: Derived, sheet: Sheet) -> float:
    """The moment that was asked for; else the playhead of a session, else the end. A name means
    the experiment in hand, or the one beside it if there is no such moment in that."""
    events = sheet.events
    if options.event is not None:
        if options.event > events:
            raise Unusable(
                f"event {options.event} is beyond the end; this film has {events:,} events",
                exit=BAD_SETTINGS,
            )
        return float(options.event / max(events, 1))
    if isinstance(options.at, str):
        for place in (sheet.hand, *range(len(sheet.films))):
            film = sheet.films[place]
            with contextlib.suppress(KeyError):
                return sheet.moment_of(place, (film.find(options.at) + 1) / film.events)
        raise Unusable(
            f"there is no moment {options.at!r}; give 0..1, or a name like h3, δ(h3) or δ(h3)<-z4",
            exit=BAD_SETTINGS,
        )
    if options.at is not None:
        return float(options.at)
    return derived.snapshot.playhead or 1.0
