"""The command line."""

from __future__ import annotations

import gc
import os
import sys
import warnings
from pathlib import Path

from coterie.cli.commands import app
from coterie.cli.terminal import INTERRUPTED

__all__ = ["app", "main"]


def main() -> None:
    """Run the command line; the console script `coterie`."""
    if sys.stderr is None:  # closed by the caller, who does not want to hear
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    # What is loaded by now stays: looking through it again and again for waste takes a twentieth of a small run.
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    # OpenBLAS now and then says so of finite numbers (numpy/numpy#24067); what is not finite is refused before.
    warnings.filterwarnings("ignore", "invalid value encountered in matmul", RuntimeWarning)
    try:
        app()
    except KeyboardInterrupt:  # before or after the command itself, which says so on its own
        sys.exit(INTERRUPTED)
