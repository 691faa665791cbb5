"""From pages to one HTML file: templates, embedded style, scripts and specs, under a strict content security policy."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coterie.views import format as say
from coterie.views import tokens
from coterie.views.bundle import STATIC, shipped
from coterie.views.charts import CHARTS
from coterie.views.pages import PAGES
from coterie.views.pages.cards import mix_row
from coterie.views.terms import anchor, definition
from coterie.views.vega import CONFIG

if TYPE_CHECKING:
    from jinja2 import Environment

    from coterie.views.contract import Drawings, ReportInput

_TEMPLATES = Path(__file__).parent / "templates"


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
    style = tokens.css() + _static("report.css")
    scripts = (shipped(), _static("report.js"))
    return (
        _environment()
        .get_template("report.html")
        .render(
            title=title,
            result=result,
            parts=parts,
            style=_raw(style),
            scripts=tuple(_raw(script) for script in scripts),
            specs=_raw(script_json({"config": CONFIG, "charts": specs})),
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


@cache
def _static(name: str) -> str:
    return (STATIC / name).read_text(encoding="utf-8")


def _raw(text: str) -> Any:
    """Our own text, exempt from escaping: style, scripts, escaped JSON."""
    from markupsafe import Markup

    return Markup(text)  # noqa: S704 - never text from the data


@cache
def _environment() -> Environment:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    words: Mapping[str, Any] = {
        "count": say.count, "share": say.share, "date": say.date, "dates": say.dates, "upper_first": say.upper_first,
        "mix_row": mix_row, "sentence": say.sentence, "lower_first": say.lower_first, "slot": tokens.slot,
        "anchor": anchor, "definition": definition,
    }  # fmt: skip
    environment.filters.update(words)
    return environment
