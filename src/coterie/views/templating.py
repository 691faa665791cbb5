"""The templates and the words they may use; where their links lead to in a report, and in the dashboard."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coterie.views import format as say
from coterie.views import tokens
from coterie.views.bundle import STATIC
from coterie.views.pages.cards import mix_row
from coterie.views.terms import anchor, definition

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"


@cache
def environment(*, live: bool = False) -> Environment:
    """Jinja as report (one page) or dashboard (`live`: a page each for segments and the glossary) needs it."""
    import jinja2

    @jinja2.pass_context
    def segment_at(context: jinja2.runtime.Context, segment: int) -> str:
        return f"/segments/{segment}{context.get('of_segment', '')}" if live else f"#segment-{segment}"

    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    words: Mapping[str, Any] = {
        "count": say.count, "share": say.share, "date": say.date, "dates": say.dates, "upper_first": say.upper_first,
        "mix_row": mix_row, "sentence": say.sentence, "lower_first": say.lower_first, "slot": tokens.slot,
        "anchor": anchor, "definition": definition,
        "segment_at": segment_at,
        "term_at": lambda place: f"/glossary#{place}" if live else f"#{place}",
    }  # fmt: skip
    made.filters.update(words)
    made.globals["live"] = live
    return made


@cache
def static(name: str) -> str:
    """The text of a file that ships in the package."""
    return (STATIC / name).read_text(encoding="utf-8")


def raw(text: str) -> Any:
    """Our own text, exempt from escaping: style, scripts, escaped JSON."""
    from markupsafe import Markup

    return Markup(text)  # noqa: S704 - never text from the data
