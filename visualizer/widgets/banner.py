"""The banner: one sentence over the graph, for what was refused or went wrong. Never a dialog."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from visualizer.widgets.parts.buttons import IconButton
from visualizer.widgets.parts.guard import guarded
from visualizer.widgets.parts.overlay import Overlay

NOTE_SECONDS, HINT_SECONDS = 6, 30
MARGIN = 8
LEAST = 320
TALL, BELOW = 34, 2
BUTTONS = 150  # px of icon, Close and what is round the words
SLACK = 30  # px of a line that its last word may leave free
LINES = 2  # of words that have room in the strip of the legend
LONG, BREAK = re.compile(r"\S{32}(?=\S)"), "\N{ZERO WIDTH SPACE}"  # names of files have no blanks
GAP = 18  # px to the end of the legend


class Banner(QFrame):
    """Floats beside the legend, and where that leaves no room over it: what it hides is a scale,
    never names or numbers of the graph. A refusal stays until it is closed or outdated, a note goes
    by itself."""

    def __init__(self, parent: QWidget, beside: Overlay) -> None:
        super().__init__(parent)
        self._graph, self._beside = parent, beside
        self.setObjectName("banner")
        self.setAccessibleName("Message")
        self._icon = IconButton("triangle-alert", "What happened")
        self._icon.setEnabled(True)
        self._icon.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._icon.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._deed: Callable[[], object] | None = None
        self._parting: Callable[[], object] | None = None
        self._hinting = False
        self._patient: Callable[[], None] | None = None  # makes the offer that is shown again
        self._next: Callable[[], None] | None = None  # makes one that waits
        self.button = QPushButton()
        self.button.setAccessibleName("Do it")
        self.button.clicked.connect(self._accept)
        self.button.hide()
        self.close_button = close = QPushButton("Close")
        close.setProperty("tone", "link")
        close.clicked.connect(self._decline)
        line = QHBoxLayout(self)
        line.setContentsMargins(8, 1, 6, 1)
        line.addWidget(self._icon)
        line.addWidget(self.words, 1)
        line.addWidget(self.button)
        line.addWidget(close)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._end)
        parent.installEventFilter(self)
        self.hide()

    def refuse(self, sentence: str) -> None:
        """Say why something was not done."""
        self._show(sentence, "wrong", "triangle-alert")
        self._timer.stop()

    def note(self, sentence: str) -> None:
        """Say something in passing."""
        self._show(sentence, "note", "info")
        self._timer.start(NOTE_SECONDS * 1000)

    def offer(
        self,
        sentence: str,
        word: str,
        deed: Callable[[], object],
        parting: Callable[[], object] = lambda: None,
        icon: str = "history",
        *,
        patient: bool = False,
    ) -> None:
        """Offer to do something; it stays until it is taken or declined. What is `patient` comes
        when the offer that is there now has gone, and again after what was said in its place."""
        again = partial(self.offer, sentence, word, deed, parting, icon, patient=True)
        if patient and self._deed is not None and not self.isHidden():
            self._next = again
            return
        self._show(sentence, "note", icon)
        self._timer.stop()
        self._deed, self._parting = deed, parting
        self._patient = again if patient else None
        self.button.setText(word)
        self.button.setAccessibleName(word)
        self.button.show()
        self._place()

    def _accept(self) -> None:
        deed, self._deed, self._parting, self._patient = self._deed, None, None, None
        self.hide()
        if deed is not None:
            deed()
        self._follow()

    def _decline(self) -> None:
        parting, self._deed, self._parting, self._patient = self._parting, None, None, None
        self.hide()
        if parting is not None:
            parting()
        self._follow()

    def _follow(self) -> None:
        """What has waited, if there is room for it."""
        if self._next is not None and self.isHidden():
            offer, self._next = self._next, None
            offer()

    def _end(self) -> None:
        """A note has been there long enough."""
        self.hide()
        self._follow()

    def hint(self, sentence: str) -> None:
        """Say how to begin, until somebody does."""
        self._show(sentence, "note", "info")
        self._timer.start(HINT_SECONDS * 1000)
        self._hinting = True

    def begun(self) -> None:
        """Somebody plays or drags: she needs no hint."""
        if self._hinting:
            self._hinting = False
            self._end()

    def outdated(self) -> None:
        """Something was done: an old refusal no longer matters."""
        if self.property("tone") == "wrong":
            self._end()
        elif self.isVisible():
            self._place()  # the legend may have become longer

    def _show(self, sentence: str, tone: str, icon: str) -> None:
        if not sentence:
            return
        self._next = self._patient or self._next
        self._deed = self._parting = self._patient = None
        self._hinting = False
        self.button.hide()
        self.words.setText(LONG.sub(rf"\g<0>{BREAK}", sentence))
        self.setProperty("tone", tone)
        self._icon.show_icon(icon)
        self.style().unpolish(self)
        self.style().polish(self)
        self._place()
        self.show()
        self.raise_()

    def _place(self) -> None:
        parent, text = self._graph, self.words.fontMetrics()
        word = 0 if self.button.isHidden() else self.button.sizeHint().width() + 16
        around = BUTTONS + word
        inner = text.horizontalAdvance(self.words.text()) + around
        right = self._beside.width() + 2 * MARGIN
        most = parent.width() - right - MARGIN
        beside = most + MARGIN - round(self._beside.legend_end()) - GAP
        long = inner - around > (beside - around - SLACK) * LINES
        over = long or beside < LEAST + word
        wide = max(most if over else min(inner, beside), LEAST)  # no half of the legend shows
        self.setFixedWidth(wide)
        self.setFixedHeight(max(TALL, self.heightForWidth(wide)))
        self.move(parent.width() - wide - right, parent.height() - self.height() - BELOW)

    @guarded(neutral=False)
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False
