"""From pages to one HTML file: templates, embedded style, scripts and specs, under a strict content security policy."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Any

from coterie.views import format as say
from coterie.views import tokens
from coterie.views.bundle import shipped
from coterie.views.charts import CHARTS
from coterie.views.pages import PAGES
from coterie.views.templating import environment, raw, static
from coterie.views.vega import CONFIG

if TYPE_CHECKING:
    from coterie.views.contract import Drawings, ReportInput


def draw_all(result: ReportInput) -> Drawings:
    """Every chart of the registry, drawn once."""
    return {chart.name: chart.draw(result) for chart in CHARTS}


def document(result: ReportInput, title: str) -> str:
    """The whole report as one HTML document that asks nobody for anything.

    Style and scripts are embedded and named by their digest in the content security policy, so nothing else can run;
    specs lie in a data block, escaped so that no text from the data can end it.
    """
    drawings = draw_all(result)
    parts = [(page, value) for page in PAGES if (value := page.value(result, drawings)) is not None]
    specs = {chart.name: chart.spec for drawn in drawings.values() for chart in drawn}
    style = tokens.css() + static("report.css")
    scripts = (shipped(), static("report.js"))
    return (
        environment()
        .get_template("report.html")
        .render(
            title=title,
            result=result,
            parts=parts,
            style=raw(style),
            scripts=tuple(raw(script) for script in scripts),
            specs=raw(script_json({"config": CONFIG, "charts": specs})),
            policy=_policy(style, scripts),
            rows=_rows_used(result),
        )
    )


def script_json(value: Any) -> str:
    r"""JSON that is safe inside a script element: no <, >, & or line separators, no NaN.

    Example:
        >>> script_json({"name": "</script>"})
        '{"name":"\\u003c/script\\u003e"}'
    """
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _policy(style: str, scripts: tuple[str, ...]) -> str:
    def digest(text: str) -> str:
        return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"

    allowed = " ".join(digest(script) for script in scripts)
    return (
        f"default-src 'none'; script-src {allowed}; style-src {digest(style)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _rows_used(result: ReportInput) -> str:
    tables = result.quality.tables
    events = [tables[name] for name in ("transactions", "orders") if name in tables] or list(tables.values())
    used, total = sum(one.rows_used for one in events), sum(one.rows_in for one in events)
    return f"{say.count(used)} of {say.count(total)} rows used"
