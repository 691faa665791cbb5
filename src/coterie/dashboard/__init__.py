"""The live dashboard: a saved run, and with `--data` its shop, as pages and an API on this machine."""

from __future__ import annotations

from coterie.dashboard.access import Access, access_for, refuse_unguarded
from coterie.dashboard.safety import allowed_hosts, is_loopback
from coterie.dashboard.serve import bound, check_installed, serve
from coterie.dashboard.session import Session

__all__ = [
    "Access",
    "Session",
    "access_for",
    "allowed_hosts",
    "bound",
    "check_installed",
    "is_loopback",
    "refuse_unguarded",
    "serve",
]
