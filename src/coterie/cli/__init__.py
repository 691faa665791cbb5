"""The command line."""

from __future__ import annotations

import sys

from coterie.cli.commands import app
from coterie.cli.terminal import INTERRUPTED

__all__ = ["app", "main"]


def main() -> None:
    """Run the command line; the console script `coterie`."""
    try:
        app()
    except KeyboardInterrupt:  # before or after the command itself, which says so on its own
        sys.exit(INTERRUPTED)
