"""The door: lets in whoever may look, and asks everybody else for the token, or the name and password."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from coterie.dashboard.access import COOKIE, SESSION_SECONDS, WINDOW_SECONDS, Access
from coterie.dashboard.safety import LARGEST_BODY, header_lists
from coterie.views import dashboard_file, message_page

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

HEALTH, FILES = "/healthz", "/static/"
"""Paths without anything of the run, for whoever asks; of the second the files that there are."""

LET_IN, LOGGED_IN = "coterie.let_in", "coterie.logged_in"
"""In the scope of a request whose sender may look at the run; of one who is let in by the cookie, and may log out."""

WRONG = "This is not the token."
WAIT = "There were too many wrong tries. Wait a minute."
ASK = "Log in to look at this dashboard."

FORM = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Log in · Coterie</title>
<link rel="icon" href="{icon}">
<link rel="stylesheet" href="{style}">
</head>
<body>
<header class="bar"><div class="inner"><p class="brand">Coterie<span class="dot">.</span></p></div></header>
<main id="main"><section class="opening">
<h1>Log in</h1>
<p class="standfirst" role="status">{said}</p>
<form class="search" method="post" action="/login">
<input type="hidden" name="next" value="{next}">
<label for="token">Token</label>
<input type="password" id="token" name="token" required autofocus autocomplete="current-password">
<button type="submit">Log in</button>
</form>
</section></main>
</body>
</html>
"""


@dataclass(frozen=True)
class Door:
    """Passes on what is let in, and answers the rest.

    Attributes:
        app: Answers whoever may look.
        access: What has to be shown.
    """

    app: ASGIApp
    access: Access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or the server's own start and end."""
        if scope["type"] != "http" or self.access.open:
            await self.app({**scope, LET_IN: True}, receive, send)
            return
        if _is_free(scope["path"]):
            await self.app(scope, receive, send)
            return
        request, headers = Request(scope, receive), header_lists(scope)
        if scope["path"] == "/login" and self.access.token is not None:
            answer = await self._log_in(request)
        elif scope["path"] == "/logout" and scope["method"] == "POST" and self.access.token is not None:
            answer = self._log_out(headers)
        else:
            # In a thread: it takes a while on purpose to look at a password.
            found = await run_in_threadpool(self.access.answer, scope, headers)
            if found == "yes":
                known = {LET_IN: True, LOGGED_IN: self.access.logged_in(headers)}
                await self.app({**scope, **known}, receive, send)
                return
            answer = self._refused(request, wait=found == "wait", shown=found == "wrong")
        await answer(scope, receive, send)

    async def _log_in(self, request: Request) -> Response:
        """The form, and what follows from what is filled in."""
        if request.method != "POST":
            return _form(request.query_params.get("next", "/"), ASK, 200)
        fields = await _fields(request)
        if fields is None:
            return _form("/", WRONG, 400)
        after = _inside(fields.get("next", "/"))
        found = await run_in_threadpool(self.access.log_in, request.scope, fields.get("token", "").strip())
        if found != "yes":
            return _form(after, WAIT, 429) if found == "wait" else _form(after, WRONG, 401)
        answer = RedirectResponse(after, 303)
        answer.set_cookie(
            COOKIE,
            self.access.sessions.begin(),
            max_age=SESSION_SECONDS,
            path="/",
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="lax",  # a link from a mail opens; what other sites post is refused by the guard
        )
        return answer

    def _log_out(self, headers: dict[str, list[str]]) -> Response:
        """Forget who it is; that another site has it posted is refused by the guard."""
        self.access.log_out(headers)
        answer = RedirectResponse("/login", 303)
        answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")
        return answer

    def _refused(self, request: Request, *, wait: bool, shown: bool) -> Response:
        """Ask for what is missing: a browser by its own dialogue or by the form, a program by the header."""
        ways = ['Basic realm="Coterie", charset="UTF-8"'] * (self.access.user is not None)
        ways += ['Bearer realm="Coterie"'] * (self.access.token is not None)
        status = 429 if wait else 401
        headers = {"retry-after": str(int(WINDOW_SECONDS))} if wait else {"www-authenticate": ", ".join(ways)}
        sentence = WAIT if wait else "This is not the password or token." if shown else ASK
        path = request.url.path
        if path.startswith("/api/"):
            return JSONResponse({"detail": sentence}, status, headers)
        if status == 401 and self.access.user is None and request.method in ("GET", "HEAD"):
            if request.headers.get("hx-request") == "true":
                # The form would be put into the place of a part of the page: the whole page has to go there.
                return Response(sentence, 401, {**headers, "hx-redirect": _form_for(_page_of(request))}, "text/plain")
            query = f"?{request.url.query}" if request.url.query else ""
            return RedirectResponse(_form_for(path + query), 303)
        return HTMLResponse(message_page("Log in", [sentence]), status, headers)


def _is_free(path: str) -> bool:
    return path == HEALTH or (path.startswith(FILES) and dashboard_file(path.removeprefix(FILES)) is not None)


def _form_for(after: str) -> str:
    """The address of the form that leads to this path."""
    return f"/login?next={quote(_inside(after), safe='')}"


def _page_of(request: Request) -> str:
    """Path and query of the page that a script of ours asks from; the overview where it is of another site."""
    try:
        found = urlsplit(request.headers.get("hx-current-url", ""))
    except ValueError:
        return "/"
    own = found.netloc.lower() == request.headers.get("host", "").lower()
    return f"{found.path}?{found.query}" if own and found.query else found.path if own else "/"


async def _fields(request: Request) -> dict[str, str] | None:
    """What the form holds; None where it is none of ours."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_BODY:
            return None
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        return None
    try:
        found = parse_qs(body.decode("ascii"), max_num_fields=10, errors="strict")
    except ValueError:
        return None
    return {name: values[0] for name, values in found.items()}


def _inside(path: str) -> str:
    """A path of this server; the overview for anything else.

    Example:
        >>> [_inside(path) for path in ("/trends?city=Giza", "//evil.example", "https://evil.example")]
        ['/trends?city=Giza', '/', '/']
    """
    good = path.startswith("/") and not path.startswith("//") and "\\" not in path and path.isprintable()
    return path if good and len(path) < 4_096 else "/"


def _form(after: str, said: str, status: int) -> Response:
    page = FORM.format(
        next=html.escape(_inside(after)), said=html.escape(said), style=_file("dashboard.css"), icon=_file("icon.svg")
    )
    return HTMLResponse(page, status, {"retry-after": str(int(WINDOW_SECONDS))} if status == 429 else None)


def _file(name: str) -> str:
    found = dashboard_file(name)
    return f"/static/{name}?v={found.digest}" if found else f"/static/{name}"
