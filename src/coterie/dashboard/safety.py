"""What stands before every page: who may be asked for, from where, how much; and the headers of every answer."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from coterie.errors import UsageError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY = 64 * 1024
"""Bytes of a request's body."""

LONGEST_PATH, LONGEST_QUERY = 4 * 1024, 16 * 1024
"""Bytes of an address."""

LOOPBACK = ("localhost", "127.0.0.1", "::1")
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - the names of what is refused without further options
POSTED: Mapping[str, str] = {"/login": "GET, HEAD, POST", "/logout": "POST", "/api/score": "POST"}
"""All that is not only asked for by GET, with the methods it has."""

HEADERS: Mapping[str, str] = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}
"""In every answer, unless it says otherwise itself."""


@dataclass(frozen=True)
class Refused:
    """Why a request is not answered."""

    status: int
    sentence: str
    headers: tuple[tuple[str, str], ...] = ()


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach what is bound to this name or address.

    Example:
        >>> [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "192.168.1.5", "shop.example")]
        [True, True, True, False, False, False]
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def allowed_hosts(host: str, more: Iterable[str]) -> frozenset[str]:
    """The names under which the server may be asked for: loopback, what it is bound to, and those given.

    Raises:
        UsageError: It is bound to every address and no name is given, or a name is none.
    """
    given = tuple(more)
    if host in EVERYWHERE and not given:
        raise UsageError(
            f"With --host {host} the server answers on every address of the machine. Say under which name it is to be "
            "asked for, such as --allowed-host shop.example."
        )
    for name in given:
        if not name or hostname_of(name) != name.lower().strip("[]"):
            raise UsageError(f"--allowed-host {name!r} is no name of a host. Give it alone: no port, no path, no *.")
    own = () if host in EVERYWHERE else (host,)
    return frozenset(name.lower().strip("[]") for name in (*LOOPBACK, *own, *given))


def hostname_of(header: str) -> str | None:
    """The name in a Host header, small and without its port; None where it is none.

    Example:
        >>> [hostname_of(text) for text in ("Shop.example:80", "[::1]:8765", "127.0.0.1", "a b", "evil@127.0.0.1", "")]
        ['shop.example', '::1', '127.0.0.1', None, None, None]
    """
    found = re.fullmatch(r"(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]+))(?::[0-9]{1,5})?", header)
    if found:
        return (found[1] or found[2]).lower()
    return header.lower() if header.count(":") > 1 and re.fullmatch(r"[0-9a-fA-F:.]+", header) else None


@dataclass(frozen=True)
class Guard:
    """Refuses what no reader of the dashboard asks for, and gives every answer the headers of `HEADERS`.

    Attributes:
        app: Answers what is let through.
        hosts: Names under which the server may be asked for.
    """

    app: ASGIApp
    hosts: Collection[str]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; what is no request of HTTP is passed over, but for the server's own start and end."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":  # a WebSocket: there are none
            await send({"type": "websocket.close", "code": 1008})
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": _completed(message.get("headers", ()))}
            await send(message)

        refused = refusal(scope, self.hosts)
        if refused is None:
            await self.app(scope, receive, with_headers)
        else:
            await _answer(refused, with_headers, as_json=scope["path"].startswith("/api/"))


def refusal(scope: Scope, hosts: Collection[str]) -> Refused | None:
    """Why this request is not answered, from its first lines alone; None where nothing speaks against it."""
    headers = header_lists(scope)
    named = [hostname_of(value) for value in headers.get("host", [])]
    if len(named) != 1 or named[0] not in hosts:
        return Refused(
            400, "This server is not asked for under this name. Name it with --allowed-host, if it is yours."
        )
    if len(scope.get("raw_path") or b"") > LONGEST_PATH or len(scope["query_string"]) > LONGEST_QUERY:
        return Refused(414, "The address is too long. Choose fewer values.")
    if "\0" in scope["path"]:
        return Refused(400, "The address holds a character that no address has.")
    method, path = scope["method"], scope["path"]
    # Which methods a path has is said by the path itself, with all of them, where they are asked for.
    if method not in ("GET", "HEAD", "POST"):
        allowed = POSTED.get(path, "GET" if path.startswith("/api/") else "GET, HEAD")
        return Refused(405, "This is not asked for in this way.", (("allow", allowed),))
    return _of_other_site(method, path, headers) or _too_large(headers)


def _too_large(headers: Mapping[str, list[str]]) -> Refused | None:
    for value in headers.get("content-length", []):
        if not re.fullmatch(r"[0-9]{1,18}", value) or int(value) > LARGEST_BODY:
            return Refused(413, f"A request may have {LARGEST_BODY // 1024} KB and no more.")
    return None


def _of_other_site(method: str, path: str, headers: Mapping[str, list[str]]) -> Refused | None:
    """Refuse what a page of another site has its reader's browser ask for, but for a link that is followed."""
    site, origins = headers.get("sec-fetch-site", []), headers.get("origin", [])
    if site:
        foreign = any(value not in ("same-origin", "none") for value in site)
    else:
        own = headers.get("host", [""])[0].lower()
        # A form of ours says "null", as we tell browsers to say nothing of where they were. It holds its own secret.
        foreign = any(_authority(value) != own and not (value == "null" and path == "/login") for value in origins)
    followed = method == "GET" and headers.get("sec-fetch-mode") == ["navigate"]
    link = followed and headers.get("sec-fetch-dest", ["document"]) == ["document"]
    if not foreign or link or (method != "POST" and not site):
        return None
    return Refused(403, "A page of another site asked for this. Open the dashboard in a window of its own.")


def _authority(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc.lower() or None
    except ValueError:
        return None


def header_lists(scope: Scope) -> dict[str, list[str]]:
    """Name of each header, small, with all its values."""
    found: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        found.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
    return found


def _completed(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    given = list(headers)
    names = {name.lower() for name, _ in given}
    more = [(name.encode(), value.encode()) for name, value in HEADERS.items() if name.encode() not in names]
    return given + more


async def _answer(refused: Refused, send: Send, *, as_json: bool) -> None:
    """Answer with one sentence, which needs nothing of the run."""
    text = json.dumps({"detail": refused.sentence}) if as_json else refused.sentence + "\n"
    body, kind = text.encode("utf-8"), b"application/json" if as_json else b"text/plain; charset=utf-8"
    headers = [
        (b"content-type", kind),
        (b"content-length", str(len(body)).encode()),
        # What is left of a request that was not read is not taken for the next one.
        (b"connection", b"close"),
        *((name.encode(), value.encode()) for name, value in refused.headers),
    ]
    await send({"type": "http.response.start", "status": refused.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
