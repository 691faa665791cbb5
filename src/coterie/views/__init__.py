"""Charts and pages of report and dashboard. Each is one entry of `CHARTS` or `PAGES`."""

from __future__ import annotations

from coterie.views.boards import BOARDS
from coterie.views.boards.contract import Board, Look, Search
from coterie.views.boards.page import DashboardFile, board_page, dashboard_file, message_page
from coterie.views.boards.query import compare_of, filters_of, measure_of, query_of, search_of, tried_of
from coterie.views.charts import CHARTS
from coterie.views.contract import Chart, ChartTable, Drawings, Drawn, Page, ReportInput
from coterie.views.export import FORMATS, as_altair, write_files
from coterie.views.format import money, plain, score, share
from coterie.views.pages import PAGES
from coterie.views.pick import notebook_chart
from coterie.views.render import document, draw_all

__all__ = [
    "BOARDS",
    "CHARTS",
    "FORMATS",
    "PAGES",
    "Board",
    "Chart",
    "ChartTable",
    "DashboardFile",
    "Drawings",
    "Drawn",
    "Look",
    "Page",
    "ReportInput",
    "Search",
    "as_altair",
    "board_page",
    "compare_of",
    "dashboard_file",
    "document",
    "draw_all",
    "filters_of",
    "measure_of",
    "message_page",
    "money",
    "notebook_chart",
    "plain",
    "query_of",
    "score",
    "search_of",
    "share",
    "tried_of",
    "write_files",
]
