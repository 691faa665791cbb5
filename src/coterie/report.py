"""The report: one self-contained HTML file, and every chart as a file of its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from coterie.views import FORMATS, document, draw_all, write_files

if TYPE_CHECKING:
    from coterie.views import ReportInput


def render_report(result: ReportInput, *, title: str | None = None) -> str:
    """The report as one HTML document: works offline, in light and dark, on a phone and on paper.

    Args:
        result: A finished segmentation.
        title: What to call the data in print; the result's own label if not given.
    """
    return document(result, title or result.label)


def chart_files(result: ReportInput, folder: Path, formats: Sequence[str] = FORMATS) -> list[Path]:
    """Write every chart of the report into the folder as PNG and SVG; the paths written.

    Raises:
        UsageError: A format is neither png nor svg, or the extra `charts` is not installed.
    """
    return write_files(draw_all(result), folder, formats)
