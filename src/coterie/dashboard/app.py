"""The addresses of the dashboard: pages, files, downloads and the API behind one guard."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from anyio.to_thread import current_default_thread_limiter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response

from coterie.dashboard.answers import TITLES, NotAnswered, status_of
from coterie.dashboard.api import add_api
from coterie.dashboard.asking import MOST_WAITING
from coterie.dashboard.door import HEALTH, LET_IN, LOGGED_IN, Door
from coterie.dashboard.finding import options_look, with_options
from coterie.dashboard.looking import (
    bare_look,
    customer_look,
    customers_look,
    look_at,
    metrics_look,
    model_look,
    refuse_single,
    retention_look,
    segment_look,
    segments_look,
)
from coterie.dashboard.safety import LARGEST_BODY, Guard
from coterie.errors import CoterieError
from coterie.explore.contract import FIELDS
from coterie.views import (
    BOARDS,
    MEASURED,
    Board,
    Look,
    board_page,
    compare_of,
    dashboard_file,
    filters_of,
    find_of,
    measure_of,
    message_page,
    message_piece,
    options_piece,
    over_time,
    period_of,
    search_of,
    tried_of,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from fastapi import FastAPI
    from starlette.types import ASGIApp, Receive, Scope, Send

    from coterie.dashboard.access import Access
    from coterie.dashboard.opened import Opened
    from coterie.dashboard.session import Session
    from coterie.engines import FileFormat

OPTIONS = "/options"
OF_LIST = ("text", "sort", "descending", "page")
FOREVER, ASK_AGAIN = "public, max-age=31536000, immutable", "no-cache"
THREADS = 3 * MOST_WAITING
"""Pages answered at a time: more than may wait for the shop and beside it, so that others need not wait for those."""
DOWNLOADS: Mapping[FileFormat, str] = {"csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet"}
NO_PAGE = "There is no such page. The bar above has all there are."
NO_ADDRESS = "There is no such address. See /api/openapi.json for all there are."
NOT_NOW = "No page can be shown just now; each of them says why."
BUG = "This is a fault of Coterie, not of the data; where it was started it says more."


def guarded(session: Session, access: Access, hosts: Collection[str]) -> ASGIApp:
    """The whole dashboard: the application behind the door that asks who looks, behind the guard."""
    return Guard(Door(application(session), access), hosts)


def application(session: Session) -> FastAPI:
    """Pages and API, without guard and door."""
    from fastapi import FastAPI
    from fastapi.exceptions import RequestValidationError
    from starlette.middleware.gzip import GZipMiddleware

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        current_default_thread_limiter().total_tokens = THREADS
        yield
        session.close()

    app = FastAPI(
        title="Coterie",
        summary="The segments of a run, and scoring of further customers.",
        version=version("coterie"),
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        max_body_size=LARGEST_BODY,
        # Nothing is told to anybody else, whatever the environment says.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
        lifespan=lifespan,
    )
    app.add_middleware(GZipMiddleware, minimum_size=1_000, compresslevel=6)
    told = _tell_on(session)
    app.add_exception_handler(CoterieError, told)
    app.add_exception_handler(HTTPException, told)
    app.add_exception_handler(RequestValidationError, told)
    app.add_exception_handler(Exception, told)
    for path, page in _pages(session):
        app.add_route(path, page, methods=["GET"])
    app.add_route("/static/{name}", _static, methods=["GET"])
    app.add_route("/healthz", _health(session), methods=["GET"])
    add_api(app, session)
    return app


Page = Callable[[Request], Response]


def _pages(session: Session) -> Iterable[tuple[str, Page]]:
    """Path and page of everything that a browser shows or saves; what is more special comes first."""
    ways: dict[str, Callable[[Opened, Board, Request, str], Look]] = {
        "metrics": _metrics,
        "model": _model,
        "retention": _retention,
        "segments": _segments,
        "segment": _segment,
        "customers": _customers,
        "customer": _customer,
    }

    def page(board: Board) -> Page:
        def answer(request: Request) -> Response:
            address = address_of(request)
            with session.opened() as opened:
                look = ways.get(board.name, _plain)(opened, board, request, address)
                look = with_options(opened, look, find_of(request.query_params.multi_items()))
                return HTMLResponse(board_page(board.name, _with_way_out(look, request)))

        return answer

    yield OPTIONS, _options(session)
    for file_format in DOWNLOADS:
        yield f"/customers.{file_format}", _download(session, file_format)
    for board in BOARDS:
        yield board.path.replace("{customer}", "{customer:path}"), page(board)


def address_of(request: Request) -> str:
    """Path and query as asked for, root-absolute, and never the address of another site."""
    path = "/" + quote(request.url.path, safe="/%:@!$&'()*+,;=~").lstrip("/")
    return f"{path}?{request.url.query}" if request.url.query else path


def _plain(opened: Opened, board: Board, request: Request, address: str) -> Look:
    return look_at(opened, board, filters_of(request.query_params.multi_items()), address)


def _metrics(opened: Opened, board: Board, request: Request, address: str) -> Look:
    params = request.query_params.multi_items()
    filters = filters_of(params, others=MEASURED)
    return metrics_look(opened, board, filters, measure_of(params), address, over_time=over_time(params))


def _model(opened: Opened, board: Board, request: Request, address: str) -> Look:
    params = request.query_params.multi_items()
    return model_look(opened, board, filters_of(params, others=("k",)), tried_of(params), address)


def _retention(opened: Opened, board: Board, request: Request, address: str) -> Look:
    params = request.query_params.multi_items()
    return retention_look(opened, board, filters_of(params, others=("period",)), period_of(params), address)


def _segments(opened: Opened, board: Board, request: Request, address: str) -> Look:
    params = request.query_params.multi_items()
    return segments_look(opened, board, filters_of(params, others=("compare",)), compare_of(params), address)


def _segment(opened: Opened, board: Board, request: Request, address: str) -> Look:
    filters = filters_of(request.query_params.multi_items())
    number = request.path_params["segment"]
    if not (number.isascii() and number.removeprefix("-").isdigit() and len(number) < 6):
        raise NotAnswered(404, f"There is no segment {number[:40]!r}. Segments have whole numbers.")
    return segment_look(opened, board, int(number), filters, address)


def _customers(opened: Opened, board: Board, request: Request, address: str) -> Look:
    params = request.query_params.multi_items()
    return customers_look(opened, board, filters_of(params, others=OF_LIST), search_of(params), address)


def _customer(opened: Opened, board: Board, request: Request, address: str) -> Look:
    filters = filters_of(request.query_params.multi_items())
    return customer_look(opened, board, filters, request.path_params["customer"], address)


def _options(session: Session) -> Page:
    """The list of one filter for a text typed into it: a piece of the page, for htmx."""

    def answer(request: Request) -> Response:
        params = request.query_params.multi_items()
        filters, name = filters_of(params, others=("filter",)), request.query_params.get("filter", "")
        with session.opened() as opened:
            look = options_look(opened, name, filters, find_of(params), address_of(request))
            return HTMLResponse(options_piece(FIELDS[name], look))

    return answer


def _download(session: Session, file_format: FileFormat) -> Page:
    """The filtered customer list as a file, written for this request and removed after it."""

    def answer(request: Request) -> Response:
        params = request.query_params.multi_items()
        filters, search = filters_of(params, others=OF_LIST), search_of(params)
        with session.opened() as opened:
            refuse_single(opened)
            folder = Path(tempfile.mkdtemp(prefix="coterie-"))
            try:
                path = folder / f"customers.{file_format}"
                opened.write(filters, search.text, path, file_format)
            except BaseException:
                shutil.rmtree(folder, ignore_errors=True)
                raise
        return _Sent(path, headers={"accept-ranges": "none"}, media_type=DOWNLOADS[file_format], filename=path.name)

    return answer


class _Sent(FileResponse):
    """A file that is sent whole, and is gone with its folder whatever becomes of the answer."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(name, value) for name, value in scope["headers"] if name.lower() != b"range"]
        try:
            await super().__call__({**scope, "headers": headers}, receive, send)
        finally:
            shutil.rmtree(Path(self.path).parent, ignore_errors=True)


async def _static(request: Request) -> Response:
    """A style sheet or script of ours; for ever where its address carries its digest."""
    file = dashboard_file(request.path_params["name"])
    if file is None:
        raise HTTPException(404)
    known = request.query_params.get("v") == file.digest
    headers = {"etag": f'"{file.digest}"', "cache-control": FOREVER if known else ASK_AGAIN, "vary": "Accept-Encoding"}
    if file.digest in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    packed = "gzip" in request.headers.get("accept-encoding", "")
    if packed:
        headers["content-encoding"] = "gzip"
    return Response(file.packed if packed else file.content, media_type=file.media_type, headers=headers)


def _health(session: Session) -> Callable[[Request], Awaitable[Response]]:
    """Whether pages can be shown, for whoever watches over the server; tells nothing of the run, and waits for none."""

    async def answer(request: Request) -> Response:
        session.check()
        return JSONResponse({"status": "ok"})

    return answer


def _tell_on(session: Session) -> Callable[[Request, Exception], Response]:
    """How failures are told: one sentence, as a page, or as JSON where a program asked."""

    def told(request: Request, error: Exception) -> Response:
        status, sentence = _said(error)
        # What was asked for may hold halves of characters, which no answer can.
        sentence = session.shortened(sentence).encode("utf-8", "backslashreplace").decode("utf-8")
        headers = dict(getattr(error, "headers", None) or {})
        if status == 503:
            headers["retry-after"] = "5"
        if request.url.path.startswith("/api/") or request.url.path == HEALTH:
            sentence = NO_ADDRESS if sentence == NO_PAGE else sentence
            sentence = NOT_NOW if status == 503 and request.url.path == HEALTH else sentence
            return JSONResponse({"detail": sentence}, status, headers)
        if request.url.path == OPTIONS:
            return HTMLResponse(message_piece(sentence), status, headers)
        title = TITLES.get(status, TITLES[400])
        return HTMLResponse(message_page(title, [sentence], _look(session, request, status)), status, headers)

    return told


def _look(session: Session, request: Request, status: int) -> Look | None:
    """What gives a message the bar of the pages; nothing where the run itself cannot be shown, or not to them."""
    if status >= 500 or not request.scope.get(LET_IN):
        return None
    try:
        with session.opened() as opened:
            return _with_way_out(bare_look(opened, address_of(request)), request)
    except NotAnswered:
        return None


def _with_way_out(look: Look, request: Request) -> Look:
    return replace(look, logged_in=bool(request.scope.get(LOGGED_IN)))


def _said(error: Exception) -> tuple[int, str]:
    from fastapi.exceptions import RequestValidationError

    if isinstance(error, CoterieError):
        return status_of(error), error.sentence
    if isinstance(error, RequestValidationError):
        first: Any = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"] if part != "body") or "The body"
        return 422, f"{where[:80]}: {str(first['msg']).lower()}."
    if isinstance(error, HTTPException):
        said = {
            404: NO_PAGE,
            405: "This is not asked for in this way.",
            413: f"A request may have {LARGEST_BODY // 1024} KB and no more.",
        }
        return error.status_code, said.get(error.status_code, "This request cannot be read.")
    return 500, BUG
