"""The command line."""

from __future__ import annotations

from coterie.cli.commands import app

__all__ = ["app", "main"]


def main() -> None:
    """Run the command line; the console script `coterie`."""
    app()
