"""The server: bound to one address, quiet, and gone without a trace when it is stopped."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from coterie.errors import UsageError

if TYPE_CHECKING:
    from coterie.dashboard.access import Access
    from coterie.dashboard.session import Session

MOST_AT_ONCE = 500
"""Connections, of which a browser keeps up to six; more are told to come again."""


def check_installed() -> None:
    """Whether the libraries of the dashboard are there; raises UsageError naming the one that is not."""
    try:
        import fastapi  # noqa: F401
        import uvicorn  # noqa: F401
    except ModuleNotFoundError as error:
        raise UsageError(
            f"The dashboard needs the library {error.name}, which is not installed. "
            "Run: pip install 'coterie[dashboard]'."
        ) from None


def serve(
    session: Session,
    access: Access,
    hosts: Collection[str],
    listening: socket.socket,
    *,
    started: Callable[[], None] = lambda: None,
) -> None:
    """Serve a session that has started, on a socket that listens, until Ctrl-C."""
    import uvicorn

    from coterie.dashboard.app import guarded

    config = uvicorn.Config(
        guarded(session, access, hosts),
        log_level="warning",
        access_log=False,  # addresses hold names and ids of customers
        server_header=False,
        lifespan="on",
        ws="none",
        # A proxy in front that ends TLS, on this machine, says who asks; nobody else is believed.
        forwarded_allow_ips=["127.0.0.1", "::1"],
        limit_concurrency=MOST_AT_ONCE,
        timeout_graceful_shutdown=3,
    )
    started()
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listening])


def bound(host: str, port: int) -> socket.socket:
    """A socket that listens; raises UsageError where the address is taken or not of this machine."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=256)
    except OSError as error:
        why = str(error.strerror or error).lower()
        raise UsageError(
            f"{host} port {port} cannot be served: {why}. Choose another port with --port, or 0 for any that is free."
        ) from None
