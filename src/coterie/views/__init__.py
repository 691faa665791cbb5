"""Charts and pages of report and dashboard. Each is one entry of `CHARTS` or `PAGES`."""

from __future__ import annotations

from coterie.views.charts import CHARTS
from coterie.views.contract import Chart, ChartTable, Drawings, Drawn, Page, ReportInput
from coterie.views.export import FORMATS, as_altair, write_files
from coterie.views.format import money, plain, score, share
from coterie.views.pages import PAGES
from coterie.views.pick import notebook_chart
from coterie.views.render import document, draw_all

__all__ = [
    "CHARTS",
    "FORMATS",
    "PAGES",
    "Chart",
    "ChartTable",
    "Drawings",
    "Drawn",
    "Page",
    "ReportInput",
    "as_altair",
    "document",
    "draw_all",
    "money",
    "notebook_chart",
    "plain",
    "score",
    "share",
    "write_files",
]
