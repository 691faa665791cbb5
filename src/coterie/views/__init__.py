"""Charts and pages of report and dashboard. Each is one entry of `CHARTS` or `PAGES`."""

from __future__ import annotations

from coterie.views.charts import CHARTS
from coterie.views.contract import Chart, ChartTable, Drawings, Drawn, Page, ReportInput
from coterie.views.pages import PAGES

__all__ = ["CHARTS", "PAGES", "Chart", "ChartTable", "Drawings", "Drawn", "Page", "ReportInput"]
