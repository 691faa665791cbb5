"""From what is looked at to a whole HTML document, and the files that all pages share."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from coterie.views import tokens
from coterie.views.boards import BOARDS
from coterie.views.boards.bar import bar, filter_of
from coterie.views.boards.drawn import DrawnWhenAsked
from coterie.views.boards.foot import foot
from coterie.views.boards.query import address_of
from coterie.views.bundle import shipped
from coterie.views.render import script_json
from coterie.views.templating import environment, raw, static
from coterie.views.vega import CONFIG

if TYPE_CHECKING:
    from coterie.explore.contract import Filters
    from coterie.views.boards.contract import Board, Look

_BY_NAME = {board.name: board for board in BOARDS}
_DRAWN = re.compile(r'data-chart="([^"]+)"')
_FIRST_HEADING = re.compile(r"<h2\b(.*?)</h2>", re.DOTALL)
"""A part of the report is headed by an h2; the first part of a page is what the page says."""


@dataclass(frozen=True)
class DashboardFile:
    """A file that pages ask for: its bytes, plain and packed, and the digest that its address carries."""

    content: bytes
    packed: bytes
    media_type: str
    digest: str


def board_page(name: str, look: Look) -> str:
    """The whole document of one page; every text of the data is escaped, no script or style stands in it.

    Args:
        name: Of an entry of `BOARDS`.
        look: What is looked at.
    """
    board = _BY_NAME[name]
    drawings = DrawnWhenAsked(look.result)
    value = board.value(look, drawings)
    body = environment(live=True).get_template(f"boards/{board.name}.html").render(
        value=value, result=look.result, look=look, board=board, of_segment=_link(_BY_NAME["segment"], look.filters, "")
    )  # fmt: skip
    if "<h1" not in body:
        body = _FIRST_HEADING.sub(r"<h1\1</h1>", body, count=1)
    wanted = set(_DRAWN.findall(body))
    specs = {chart.name: chart.spec for chart in drawings.so_far if chart.name in wanted}
    return _framed(
        look,
        board.label,
        body=raw(body),
        board=board,
        bar=bar(board, look),
        specs=raw(script_json({"config": CONFIG, "charts": specs})),
        foot=foot(look.result),
    )


def options_piece(name: str, look: Look) -> str:
    """What a filter (field of `Filters`) lists, as it stands in the bar."""
    return environment(live=True).get_template("boards/options.html").render(one=filter_of(name, look))


def message_piece(sentence: str) -> str:
    """A sentence in the place of what a filter lists."""
    return environment(live=True).from_string('<p class="note">{{ sentence }}</p>').render(sentence=sentence)


def message_page(title: str, sentences: Sequence[str], look: Look | None = None) -> str:
    """A page that says what is wrong, in the same look; its links lead back where there is something to show."""
    body = environment(live=True).get_template("boards/message.html").render(title=title, sentences=sentences)
    return _framed(look, title, body=raw(body), board=None, bar=None, specs=raw(script_json({"charts": {}})), foot="")


def dashboard_file(name: str) -> DashboardFile | None:
    """A style sheet or script by its name; None where there is none of that name."""
    return _file(name) if name in _FILES else None


def _framed(look: Look | None, label: str, **parts: Any) -> str:
    """The document around a body: head, bar of pages, foot."""
    here = (parts["board"].under or parts["board"].name) if parts["board"] is not None else ""
    links = [
        (board.label, _link(board, look.filters, board.path), board.name == here)
        for board in BOARDS
        if look is not None and not board.hidden
    ]
    return (
        environment(live=True)
        .get_template("boards/frame.html")
        .render(
            look=look,
            label=label,
            title=look.title if look is not None else "Coterie",
            links=links,
            path=look.address.partition("?")[0] if look is not None else "/",
            file=lambda name: f"/static/{name}?v={_file(name).digest}",
            **parts,
        )
    )


def _link(board: Board, filters: Filters, path: str) -> str:
    """The address of a page with the filters that it knows: a choice goes along from page to page."""
    known: Any = {name: getattr(filters, name) for name in board.filters}
    return address_of(path, replace(type(filters)(), **known))


_FILES: dict[str, tuple[str, Callable[[], str]]] = {
    "dashboard.css": ("text/css", lambda: tokens.css() + static("report.css") + static("dashboard.css")),
    "vega.js": ("text/javascript", shipped),
    "htmx.js": ("text/javascript", lambda: static("htmx.js")),
    "dashboard.js": ("text/javascript", lambda: static("dashboard.js")),
    "icon.svg": ("image/svg+xml", lambda: static("icon.svg")),
}


@cache
def _file(name: str) -> DashboardFile:
    media_type, text = _FILES[name]
    content = text().encode("utf-8")
    return DashboardFile(
        content, gzip.compress(content, 9, mtime=0), media_type, hashlib.sha256(content).hexdigest()[:16]
    )


__all__ = ["DashboardFile", "board_page", "dashboard_file", "message_page", "message_piece", "options_piece"]
