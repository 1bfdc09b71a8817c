"""The style sheet of all controls, made from the tokens of a theme. No colour is written here."""

from __future__ import annotations

from string import Template

from visualizer.theme import Theme

UI_SIZE = 13  # px

SHEET = Template("""
* { font-family: "Inter"; font-size: ${size}px; color: $text; }
QMainWindow, QDialog, #panel, #toolbar, #transport { background: $panel; }
QMainWindow::separator { background: $line; width: 1px; height: 1px; }
#plot { background: $plot; }
QToolTip { background: $raised; color: $text; border: 1px solid $border; padding: 4px 6px; }
#toolbar { border-bottom: 1px solid $line; }
#transport { border-top: 1px solid $line; }
QSplitter::handle { background: $line; }
QSplitter::handle:hover { background: $accent; }
#app-name { font-size: 16px; font-weight: 600; border: none; background: transparent;
  padding: 4px 6px; border-radius: 6px; }
#app-name:hover, #app-name:focus { background: $sunken; }
#app-name::menu-indicator { image: none; width: 0; }
#document-title, #muted, QLabel[tone="muted"] { color: $muted; }
QLabel[tone="heading"], QPushButton[tone="heading"] { color: $muted; font-size: 11px;
  font-weight: 600; }
QPushButton[tone="heading"] { border: none; background: transparent; text-align: left;
  padding: 2px 0; }
QPushButton[tone="heading"]:hover, QPushButton[tone="heading"]:focus {
    color: $text; background: transparent; }
QLabel[tone="arrived"] { color: $parameter_text; font-weight: 500; }
QLabel[tone="fault"] { color: $danger_text; font-weight: 600; }
QLabel[tone="waiting"] { color: $backward_text; font-weight: 500; }
QLabel[tone="mono"], QLineEdit[tone="value"] { font-family: "JetBrains Mono"; }
QLabel[tone="subheading"] { color: $muted; font-size: 11px; font-weight: 600; }
QLabel[tone="title"] { font-weight: 600; }

QPushButton { background: $surface; border: 1px solid $line; border-radius: 8px;
  padding: 5px 12px; font-weight: 500; }
QPushButton:hover { border-color: $border; background: $raised; }
QPushButton:pressed { background: $sunken; }
QPushButton:focus, QToolButton:focus { border-color: $accent; }
QPushButton:disabled, QToolButton:disabled { color: $muted; }
QPushButton[tone="pill"] { border-radius: 14px; padding: 5px 15px; }
QPushButton[tone="pill"][tight="true"] { padding: 5px 9px; }
QPushButton[tone="small-pill"] { border-radius: 12px; padding: 3px 10px; font-size: 12px; }
QPushButton[tone="pill"]:checked, QPushButton[tone="primary"] { background: $accent;
  color: $on_accent; border-color: $accent; font-weight: 600; }
QPushButton[tone="primary"]:disabled { background: $sunken; color: $muted; border-color: $line; }
QPushButton[tone="pill"]:checked:focus, QPushButton[tone="primary"]:focus {
  border-color: $text; }
QPushButton[tone="link"] { border: 1px solid transparent; background: transparent;
  color: $accent_text; padding: 2px 3px; text-align: left; border-radius: 5px; }
QPushButton[tone="link"]:hover { background: $accent_soft; }
QPushButton[tone="link"]:focus { border-color: $accent; }
QPushButton[tone="value"] { border: 1px solid transparent; background: transparent;
  padding: 1px 0px 1px 4px; text-align: right; font-weight: 400; font-family: "JetBrains Mono";
  border-radius: 5px; }
QPushButton[tone="value"]:hover { background: $sunken; }
QPushButton[tone="value"]:focus { border-color: $accent; }
QPushButton::menu-indicator { image: none; width: 0; }
#segment { background: $surface; border: 1px solid $line; border-radius: 8px; }
QPushButton[tone="segment"] { border: 1px solid transparent; background: transparent;
  border-radius: 6px; padding: 4px 2px; color: $muted; font-size: 12px; }
QPushButton[tone="segment"]:hover { color: $text; }
QPushButton[tone="segment"]:checked { background: $parameter_soft; color: $parameter_text;
  font-weight: 600; }
QPushButton[tone="segment"]:focus { border-color: $accent; }
QToolButton { border: 1px solid transparent; background: transparent; border-radius: 8px;
  padding: 3px; }
QToolButton:hover { background: $sunken; }
QToolButton:checked { background: $accent_soft; }
QToolButton[tone="box"] { background: $surface; border: 1px solid $line; padding: 4px 12px; }
QToolButton[tone="box"]:hover { border-color: $border; }
QToolButton[tone="mono"] { font-family: "JetBrains Mono"; color: $muted; }
QToolButton[tone="small"] { color: $muted; font-size: 11px; padding: 2px 6px; }
#overlay { background: $panel; border: 1px solid $line; border-radius: 8px; }
#amount { background: $raised; border: 1px solid $border; }
QToolButton::menu-indicator { image: none; width: 0; }

QLineEdit, QPlainTextEdit, QTextEdit { background: $surface; border: 1px solid $line;
  border-radius: 8px; padding: 4px 8px; selection-background-color: $accent;
  selection-color: $on_accent; }
QLineEdit:focus, QPlainTextEdit:focus { border-color: $accent; }
QLineEdit[tone="value"] { background: transparent; border: 1px solid transparent;
  border-radius: 5px; padding: 1px 0px 1px 4px; }
QLineEdit[tone="value"]:hover { background: $sunken; }
QLineEdit[tone="value"]:focus { background: $surface; border-color: $accent; }
QLineEdit[tone="wrong"] { border-color: $danger; color: $danger_text; }
#sequence-text { background: transparent; border: none; padding: 0; }
#cell-editor { font-family: "JetBrains Mono"; font-size: 11px; padding: 0 2px;
  border: 1.5px solid $accent; border-radius: 3px; }

QCheckBox { spacing: 8px; }
QCheckBox::indicator { width: 16px; height: 16px; border: none; background: transparent; }
QSlider { min-height: 16px; max-height: 16px; }
QSlider::groove:horizontal { height: 3px; background: $line; border-radius: 1px; }
QSlider::sub-page:horizontal { background: $accent; border-radius: 1px; }
QSlider::handle:horizontal { width: 9px; height: 9px; margin: -5px 0; border-radius: 6px;
  border: 2px solid $accent; background: $surface; }
QSlider::handle:horizontal:hover, QSlider::handle:horizontal:focus { background: $accent_soft; }

QMenu { background: $raised; border: 1px solid $border; padding: 5px; }
QMenu::item { padding: 5px 26px 5px 12px; border-radius: 5px; background: transparent; }
QMenu::item:selected { background: $accent_soft; }
QMenu::item:disabled { color: $muted; }
QMenu::separator { height: 1px; background: $line; margin: 4px 8px; }
QMenu::indicator { width: 14px; height: 14px; margin-left: 6px; }
QListView, QTreeView, QTableView { background: $raised; border: 1px solid $border;
  border-radius: 8px; padding: 4px; outline: none; }
QListView::item { padding: 5px 8px; border-radius: 5px; }
QListView::item:selected { background: $accent_soft; color: $text; }
QHeaderView::section { background: $panel; border: none; padding: 4px; color: $muted; }
QComboBox { background: $surface; border: 1px solid $line; border-radius: 8px;
  padding: 4px 10px; }
QComboBox:focus { border-color: $accent; }
QComboBox::drop-down { border: none; width: 20px; }
QComboBox::down-arrow { image: none; width: 0; }
QComboBox QAbstractItemView { background: $raised; border: 1px solid $border; }
QScrollArea, QScrollArea > QWidget > QWidget#page { background: transparent; border: none; }
QScrollBar:vertical { width: 8px; background: transparent; margin: 0; }
QScrollBar:horizontal { height: 8px; background: transparent; margin: 0; }
QScrollBar::handle { background: $line; border-radius: 2px; margin: 2px; min-height: 24px;
  min-width: 24px; }
QScrollBar::handle:hover { background: $border; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
#banner QLabel { font-size: 12px; }
#banner { background: $raised; border: 1px solid $danger; border-radius: 8px; }
#banner[tone="note"] { border-color: $accent; }
#gallery { background: $panel; border: none; border-top: 1px solid $line; }
#gallery-title { font-size: 20px; font-weight: 600; }
#lesson { background: $surface; border: 1px solid $line; border-radius: 8px; }
#lesson-title { font-weight: 600; font-size: 14px; }
#lesson-words, #lesson-said { font-size: 12px; }
#lesson-said { color: $backward_text; }
QPushButton[tone="choice"] { border-radius: 10px; padding: 3px 9px; font-size: 12px;
  font-weight: 400; background: transparent; }
QPushButton[tone="choice"]:checked { background: $accent_soft; border-color: $accent;
  color: $accent_text; font-weight: 500; }
#rule { background: $line; }
#card { background: $surface; border: 1px solid $line; border-radius: 8px; }
""")


def style_sheet(theme: Theme) -> str:
    """The sheet in the colours of `theme`."""
    words = {name.replace("-", "_"): value for name, value in theme.tokens.items()}
    return SHEET.substitute(words, size=UI_SIZE)
