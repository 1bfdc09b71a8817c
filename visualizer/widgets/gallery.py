"""The gallery: every lesson and every sample as a card, over the window until one is chosen."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMainWindow,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from engine.sequences import samples
from engine.sequences.generated import GENERATED
from visualizer.lessons.reading import FOLDER, lessons
from visualizer.lessons.table import GROUPS
from visualizer.widgets.parts.buttons import IconButton
from visualizer.widgets.parts.card import Card
from visualizer.widgets.parts.flow import Flow
from visualizer.widgets.parts.guard import guarded

CARDS = FOLDER / "cards"
SAMPLES = "Sequences to begin with"
TO_LEARN = "Tasks to train on"
TASKS = tuple(GENERATED.values())
GAP, SIDE = 18, 40
WIDER = 1.2  # times, up to which cards grow to fill a line
FORWARD = (Qt.Key.Key_Right, Qt.Key.Key_Down)


class Search(QLineEdit):
    """Keys typed here are no shortcuts of the window."""

    @guarded(neutral=False)
    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            event.setAccepted(not control)
            return True
        return super().event(event)


class Gallery(QFrame):
    """`chosen`: lesson or sample, and its id. `closed`: nothing was wanted, or all is done."""

    chosen = Signal(str, str)
    closed = Signal()

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.setObjectName("gallery")
        self.setAccessibleName("Lessons and samples")
        self.cards: list[Card] = []
        self._groups: list[tuple[QWidget, list[Card]]] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._make_head())
        column.addWidget(self._make_body(), 1)
        window.installEventFilter(self)
        self._place()

    def _make_head(self) -> QHBoxLayout:
        title = QLabel("Lessons and samples")
        title.setObjectName("gallery-title")
        self.search = Search()
        self.search.setPlaceholderText("Search")
        self.search.setAccessibleName("Search lessons and samples")
        self.search.setFixedSize(240, 30)
        self.search.setClearButtonEnabled(True)
        self.search.textEdited.connect(self._narrow)
        self.search.returnPressed.connect(self._choose_first)
        close = IconButton("x", "Back to the graph (Esc)")
        close.clicked.connect(self.leave)
        line = QHBoxLayout()
        line.setContentsMargins(SIDE, 22, SIDE - 8, 10)
        line.setSpacing(12)
        line.addWidget(title)
        line.addStretch()
        line.addWidget(self.search)
        line.addWidget(close)
        return line

    def _make_body(self) -> QScrollArea:
        self.page = page = QWidget()
        page.setObjectName("page")
        self._column = QVBoxLayout(page)
        self._column.setContentsMargins(SIDE, 6, SIDE - 8, 40)
        self._column.setSpacing(0)
        self.nothing = QLabel()
        self.nothing.setProperty("tone", "muted")
        self.nothing.hide()
        self._column.addWidget(self.nothing)
        for group in GROUPS:
            found = [each for each in lessons() if each.id in group.ids]
            own = [Card("lesson", e.id, e.title, e.about, CARDS) for e in found]
            self._add_group(group.title, own)
        own = [Card("sample", f"sample-{s.id}", s.title, s.about, CARDS) for s in samples()]
        self._add_group(SAMPLES, own)
        own = [Card("sample", f"sample-{t.id}", t.title, t.about, CARDS) for t in TASKS]
        self._add_group(TO_LEARN, own)
        self._column.addStretch()
        self.area = QScrollArea()
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidget(page)
        return self.area

    def _add_group(self, name: str, cards: list[Card]) -> None:
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 14, 0, 12)
        column.setSpacing(10)
        heading = QLabel(name.upper())
        heading.setProperty("tone", "heading")
        heading.setAccessibleName(name)
        column.addWidget(heading)
        rows = QWidget()
        flow = Flow(rows, GAP, WIDER)
        for card in cards:
            card.clicked.connect(self._clicked)
            card.walked.connect(self._walk)
            flow.addWidget(card)
        column.addWidget(rows)
        self.cards += cards
        self._groups.append((whole, cards))
        self._column.addWidget(whole)

    # ---- opening and leaving

    def open(self) -> None:
        """Over the window, the cursor in the search field."""
        self.search.clear()
        self._narrow("")
        self._place()
        self.show()
        self.raise_()
        self.search.setFocus()

    def leave(self) -> None:
        """Back to what was there."""
        self.hide()

    @guarded()
    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.closed.emit()

    # ---- choosing

    def _clicked(self) -> None:
        card = self.sender()
        if isinstance(card, Card):
            self._choose(card)

    def _choose(self, card: Card) -> None:
        self.chosen.emit(card.kind, card.name.removeprefix("sample-"))

    def _choose_first(self) -> None:
        shown = self.shown()
        wanted = self.search.text().strip().lower()
        if wanted and shown:
            called = [card for card in shown if wanted in card.names()]
            self._choose((called or shown)[0])

    def shown(self) -> list[Card]:
        """The cards that the search leaves."""
        return [card for card in self.cards if not card.isHidden()]

    def _narrow(self, typed: str) -> None:
        words = typed.lower().split()
        for whole, cards in self._groups:
            fitting = [card for card in cards if card.answers(words)]
            for card in cards:
                card.setVisible(card in fitting)
            whole.setVisible(bool(fitting))
        self.nothing.setText(f"Nothing here is called “{typed.strip()}”.")
        self.nothing.setVisible(not self.shown())

    def _walk(self, key: int) -> None:
        """To a neighbour: left and right by one, up and down to the card there."""
        card, shown = self.sender(), self.shown()
        if not isinstance(card, Card):
            return
        at = shown.index(card)
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            target = shown[min(max(at + (1 if key in FORWARD else -1), 0), len(shown) - 1)]
        else:
            target = self._above_or_below(card, shown, 1 if key in FORWARD else -1)
        target.setFocus(Qt.FocusReason.TabFocusReason)
        self.area.ensureWidgetVisible(target, 0, GAP + 40)

    def _above_or_below(self, card: Card, shown: list[Card], way: int) -> Card:
        page = self.page
        here = card.mapTo(page, card.rect().center())
        places = [(other, other.mapTo(page, other.rect().center())) for other in shown]
        beyond = [(o, p) for o, p in places if way * (p.y() - here.y()) > 0]
        if not beyond:
            return card
        row = min(abs(p.y() - here.y()) for _, p in beyond)
        in_row = [(o, p) for o, p in beyond if abs(p.y() - here.y()) == row]
        return min(in_row, key=lambda each: abs(each[1].x() - here.x()))[0]

    # ---- Qt

    def _place(self) -> None:
        above = self._window.menuWidget()
        top = above.height() if above is not None else 0
        self.setGeometry(0, top, self._window.width(), self._window.height() - top)

    @guarded(neutral=False)
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False

    @guarded()
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        else:
            super().keyPressEvent(event)
