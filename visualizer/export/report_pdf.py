"""A report of the gradient doctor as a .pdf file: pages of words that can be searched, figures as
vectors."""

from __future__ import annotations

from engine.reporting.finding import Report
from visualizer.export.pdf import pages_of
from visualizer.export.report_pages import MARGIN
from visualizer.export.report_pages import pages_of as pages_with
from visualizer.theme import theme_named


def data_of(report: Report) -> bytes:
    """The bytes of the file."""
    return pages_of(pages_with(report), theme_named("print"), margin=MARGIN)
