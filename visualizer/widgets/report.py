"""The gradient doctor beside the window: what it found, faults first, with figures and links that
lead to the nodes it speaks of. Examining and writing files go on in another process.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from engine.errors import Stopped
from engine.reporting.finding import Finding, NotAsked, Place, Report
from engine.reporting.telling import TONES, in_order, quantity_words, shown, told_of
from engine.template import Node
from engine.watching import unwatched
from visualizer.document.elsewhere import arrays_of
from visualizer.document.examining import examine
from visualizer.export import EXPORTERS
from visualizer.export.elsewhere import write_found
from visualizer.plots.chart import chart_picture
from visualizer.widgets.parts.guard import guarded
from visualizer.widgets.parts.long_work import Work
from visualizer.widgets.parts.pictured import Pictured
from visualizer.widgets.parts.stage import Stage

SIZE = (720, 760)
FIGURE = (600.0, 230.0)
TONE = {"bad": "fault", "look": "waiting", "good": "arrived"}
KIND = "report"  # of work


class Link(QPushButton):
    """Leads to a place."""

    followed = Signal(object)

    def __init__(self, words: str, place: Place) -> None:
        super().__init__(words)
        self._place = place
        self.setProperty("tone", "link")
        self.setAutoDefault(False)
        self.clicked.connect(self._follow)

    def _follow(self) -> None:
        self.followed.emit(self._place)


class ReportDialog(QDialog):
    """One report. `node_wanted`: a link to a node was followed."""

    node_wanted = Signal(object)

    def __init__(self, stage: Stage, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Gradient doctor")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._stage = stage
        self.report: Report | None = None
        self._content: object = None  # what the report is of
        self.head = _words("")
        self.head.setProperty("tone", "muted")
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.state = QLabel()
        self.state.setProperty("tone", "muted")
        self.again = QPushButton("Examine again")
        self.save = QPushButton("&Export…")
        self.leave = QPushButton("C&lose")
        self._build()
        self._connect()
        room = parent.window().frameGeometry()
        self.resize(min(SIZE[0], room.width() - 40), min(SIZE[1], room.height() - 120))
        # beside the graph, to which its links lead
        self.move(room.right() - self.width() - 20, room.top() + 60)

    def _build(self) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self.state, 1)
        for button in (self.again, self.save, self.leave):
            button.setAutoDefault(False)
            buttons.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 18)
        column.setSpacing(12)
        column.addWidget(self.head)
        column.addWidget(self.area, 1)
        column.addLayout(buttons)

    def _connect(self) -> None:
        self.again.clicked.connect(self.turn)
        self.save.clicked.connect(self._choose_file)
        self.leave.clicked.connect(self.close)
        self.finished.connect(self._leave)
        self._stage.ran.connect(self._compare)
        if self._stage.work is not None:
            self._stage.work.changed.connect(self._tell)

    # ---- examining

    @property
    def working(self) -> bool:
        work = self._stage.work
        return work is not None and work.now is not None and work.now.kind == KIND

    def turn(self) -> None:
        """Examine again, or stop it."""
        if self.working and self._stage.work is not None:
            self._stage.work.cancel(KIND)
        else:
            self.examine()

    def examine(self) -> None:
        """Look at the experiment in hand, as it is now."""
        snapshot = self._stage.document.snapshot.alone
        self._content = snapshot.content
        self.save.setEnabled(False)
        self.state.setText("Examining …")
        if self._stage.work is None:
            try:
                self._found(examine(snapshot, unwatched))
            except Exception as error:
                self._found(error)
            return
        keep = arrays_of(snapshot)
        words = "Examining the gradient"
        self._stage.work.perform(Work(KIND, examine, (snapshot,), self._found, words, 2.0, keep))

    def _tell(self) -> None:
        """How far it is."""
        if self.working and self._stage.work is not None:
            self.again.setText("Stop")
            self.state.setText(f"Examining … {100 * self._stage.work.fraction:.0f} %")
        elif self.again.text() == "Stop":
            self.again.setText("Examine again")

    def _found(self, found: Any) -> None:
        self.again.setText("Examine again")
        if isinstance(found, Exception):
            stopped = isinstance(found, Stopped)
            self.state.setText("Stopped." if stopped else str(found))
            self.save.setEnabled(self.report is not None)
            return
        self.report = found
        self.state.setText("")
        self.save.setEnabled(True)
        self.head.setText("\n".join(f"{head} {words}" for head, words in told_of(found)[1:]))
        self.setWindowTitle(f"Gradient doctor: {found.title}")
        self.area.setWidget(self._page(found))
        self._compare()

    def _compare(self) -> None:
        """Say whether the report is of what is shown."""
        now = self._stage.document.snapshot.alone.content
        if self.report is not None and not self.working:
            old = now != self._content
            self.state.setText("This is about what was shown before." if old else "")

    # ---- the page

    def _page(self, report: Report) -> QWidget:
        page = QWidget()
        page.setObjectName("page")
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 12, 0)
        column.setSpacing(8)
        for finding in in_order(report):
            self._add(column, finding)
        _add_not_asked(column, report.not_asked)
        column.addStretch()
        return page

    def _add(self, column: QVBoxLayout, finding: Finding) -> None:
        """Verdict and name, question, sentence, advice, numbers, figure, links."""
        column.addWidget(_rule())
        head = QHBoxLayout()
        head.setSpacing(10)
        for words, tone in ((TONES[finding.verdict], TONE[finding.verdict]),
                            (finding.name, "title")):  # fmt: skip
            label = _words(words)
            label.setProperty("tone", tone)
            head.addWidget(label)
        head.addStretch()
        for place in finding.places:
            head.addWidget(self._link(place))
        column.addLayout(head)
        said = [(finding.question, "muted"), (finding.sentence, "")]
        said += [(f"→ {finding.advice}", "")] if finding.advice else []
        said += [(quantity_words(q), "muted") for q in shown(finding)]
        for words, tone in said:
            label = _words(words)
            label.setProperty("tone", tone)
            column.addWidget(label)
        if finding.chart is not None:
            figure = Pictured(finding.chart.title)
            figure.show_picture(chart_picture(finding.chart, FIGURE))
            column.addWidget(figure)

    def _link(self, place: Place) -> Link:
        several = self.report is not None and self.report.sequences > 1
        where = f", sequence {place.sequence + 1}" if several else ""
        link = Link(f"Go to {place.label}{where}", place)
        link.followed.connect(self.follow)
        return link

    def follow(self, place: Place) -> None:
        """Show the node in the window, if it is still there."""
        network = self._stage.run.network
        segment = network.segments[place.segment] if place.segment < len(network.segments) else None
        t = place.step - 1 - (segment.offset if segment is not None else 0)
        if segment is None or not 0 <= t < segment.steps or place.slot >= len(segment.slots):
            self.state.setText(f"{place.label} is not there any more; examine again.")
            return
        if place.sequence < self._stage.run.recording.batch:
            self._stage.look(sequence=place.sequence)
        self._stage.move_to(1.0)  # its δ is there only when backward has passed
        self.node_wanted.emit(Node(place.segment, t, place.slot))

    # ---- files

    def _choose_file(self) -> None:
        rows = [row for row in EXPORTERS if row.holds == "report"]
        kinds = ";;".join(f"{row.about} (*{row.suffix})" for row in rows)
        start = f"{self._stage.document.title} report{rows[0].suffix}".replace("/", "-")
        name, kind = QFileDialog.getSaveFileName(self, "Save the report", start, kinds)
        if name:
            path, wanted = Path(name), kind.rpartition("*")[2].rstrip(")")
            known = path.suffix.lower() in [row.suffix for row in rows]
            self.write(path if known else path.with_name(path.name + (wanted or rows[0].suffix)))

    def write(self, path: Path) -> None:
        """Write the report to a .html or .pdf file."""
        assert self.report is not None

        def done(found: Any) -> None:
            failed = isinstance(found, Exception)
            self.state.setText(str(found) if failed else f"Wrote {path.name}")

        if self._stage.work is None:
            done(write_found(self.report, str(path), unwatched))
            return
        self.state.setText(f"Writing {path.name} …")
        words = f"Writing {path.name}"
        self._stage.work.perform(Work("export", write_found, (self.report, str(path)), done, words))

    @guarded()
    def reject(self) -> None:
        """Esc: first what is under way is stopped."""
        if self.working and self._stage.work is not None:
            self._stage.work.cancel(KIND)
        else:
            super().reject()

    def _leave(self) -> None:
        if self._stage.work is not None:
            self._stage.work.cancel(KIND, quietly=True)


def _add_not_asked(column: QVBoxLayout, rows: tuple[NotAsked, ...]) -> None:
    if not rows:
        return
    column.addWidget(_rule())
    title = _words("Not asked")
    title.setProperty("tone", "title")
    column.addWidget(title)
    for row in rows:
        column.addWidget(_words(f"{row.name}: {row.why}"))


def _words(text: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse
        | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    return label


def _rule() -> QFrame:
    rule = QFrame()
    rule.setObjectName("rule")
    rule.setFixedHeight(1)
    return rule
