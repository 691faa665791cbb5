"""The command that serves a run."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from coterie.cli.terminal import Stages, say

if TYPE_CHECKING:
    from coterie.dashboard import Access


@dataclass(frozen=True)
class Reach:
    """Where the dashboard is reached, under which names, and what it asks for."""

    host: str
    port: int
    allowed: tuple[str, ...]
    token_file: Path | None
    user: str | None


def serve_run(run: Path, data: str | None, reach: Reach, *, private: bool, **reading: Any) -> None:
    """Serve a run until Ctrl-C; what could be refused is looked at before any work."""
    from coterie.dashboard import Session, allowed_hosts, bound, check_installed, serve

    check_installed()
    access, hosts = _access(reach), allowed_hosts(reach.host, reach.allowed)
    session = Session(run, data, private=private, **reading)
    try:
        with bound(reach.host, reach.port) as listening:
            with Stages() as stages:
                session.start(stages)
            port = listening.getsockname()[1]
            serve(session, access, hosts, listening, started=lambda: _say_where(reach, port, asked=not access.open))
    finally:
        session.close()
    say("Stopped.")


def _say_where(reach: Reach, port: int, *, asked: bool) -> None:
    if reach.allowed and not asked:
        say(
            f"Whoever reaches it as {', '.join(reach.allowed)} can look at the customers: nobody is asked who they are."
        )
    name = reach.allowed[0] if reach.host in ("0.0.0.0", "::") else reach.host  # noqa: S104 - not bound here
    say(f"Dashboard at http://{f'[{name}]' if ':' in name else name}:{port}/ (Ctrl-C stops it)")


def _access(reach: Reach) -> Access:
    from coterie.dashboard import access_for, is_loopback, refuse_unguarded

    access = access_for(reach.token_file, reach.user, lambda: _ask(reach.user))
    refuse_unguarded(reach.host, access, loopback=is_loopback(reach.host))
    return access


def _ask(user: str | None) -> str | None:
    """The password typed in; None where nobody is there to type."""
    if not sys.stdin.isatty():
        return None
    typed: str = typer.prompt(f"Password of {user}", hide_input=True, err=True)
    return typed
