"""Charts and pages of report and dashboard. Each is one entry of `CHARTS` or `PAGES`."""

from __future__ import annotations

from coterie.views.boards import BOARDS
from coterie.views.boards.contract import Board, Look, Search
from coterie.views.boards.page import (
    DashboardFile,
    board_page,
    dashboard_file,
    message_page,
    message_piece,
    options_piece,
)
from coterie.views.boards.query import (
    MEASURED,
    compare_of,
    filters_of,
    find_of,
    measure_of,
    over_time,
    period_of,
    query_of,
    search_of,
    tried_of,
    without_effect,
)
from coterie.views.charts import CHARTS
from coterie.views.charts.retention import retention_period
from coterie.views.contract import Chart, ChartTable, Drawings, Drawn, Page, ReportInput
from coterie.views.export import FORMATS, as_altair, write_files
from coterie.views.format import money, plain, score, share
from coterie.views.pages import PAGES
from coterie.views.pick import notebook_chart
from coterie.views.render import document, draw_all
from coterie.views.shop import of_part

__all__ = [
    "BOARDS",
    "CHARTS",
    "FORMATS",
    "MEASURED",
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
    "find_of",
    "measure_of",
    "message_page",
    "message_piece",
    "money",
    "notebook_chart",
    "of_part",
    "options_piece",
    "over_time",
    "period_of",
    "plain",
    "query_of",
    "retention_period",
    "score",
    "search_of",
    "share",
    "tried_of",
    "without_effect",
    "write_files",
]
