"""How the terminal speaks: progress and messages on stderr, data on stdout, errors as one sentence."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import sys
import textwrap
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Self

import typer

from coterie.errors import CoterieError, UsageError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID

INTERRUPTED = 130
STOPPED = "Interrupted: what was finished before stays, nothing is half-written."
PIPE_WIDTH = 120
"""Columns of a table that is not printed to a terminal."""
MESSAGE_WIDTH = 100
"""Columns at most of a message in a terminal."""


@contextlib.contextmanager
def one_sentence() -> Iterator[None]:
    """End the command with an expected error's own exit code and its sentence on stderr; bugs keep their traceback."""
    try:
        yield
    except CoterieError as error:
        say(error.sentence)
        raise typer.Exit(error.exit_code) from None
    except KeyboardInterrupt:
        say(STOPPED)
        raise typer.Exit(INTERRUPTED) from None
    except RuntimeError as error:
        # In the middle of a query, the engine tells Ctrl-C in this way.
        if "interrupted" not in str(error).lower():
            raise
        say(STOPPED)
        raise typer.Exit(INTERRUPTED) from None
    except BrokenPipeError:
        # The reader of our output has gone (`| head`). That is no error, but closing stdout would complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EIO, errno.EBADF):
            raise
        say(f"The output cannot be written: {str(error.strerror).lower()}. Send it elsewhere.")
        raise typer.Exit(UsageError.exit_code) from None


def console() -> Console:
    """Where messages go: stderr."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    """As wide as the terminal; a pipe or file has no width, so that names need not be broken there."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    known = stream.isatty() or "COLUMNS" in os.environ
    return Console(stderr=stderr, highlight=False, soft_wrap=False, width=None if known else PIPE_WIDTH)


def say(sentence: str) -> None:
    """One message on stderr, without markup: names from the data must not be read as styles.

    Lines break between words in a terminal; elsewhere a message is one line, so that it can be searched for.
    """
    if sys.stderr.isatty():
        width = max(40, min(shutil.get_terminal_size().columns, MESSAGE_WIDTH))
        sentence = textwrap.fill(sentence, width, break_long_words=False, break_on_hyphens=False)
    print(sentence, file=sys.stderr)


def put_json(value: Any) -> None:
    """One JSON value on stdout."""
    from coterie.runs import to_json

    print(json.dumps(to_json(value), ensure_ascii=False, indent=2, allow_nan=False))


class Stages:
    """Stages as they pass, with elapsed time, on stderr: live in a terminal, one line a stage elsewhere.

    Use as a context; call it with the name of the stage that begins.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._stage: str | None = None
        self._start = 0.0
        self._live: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *rest: object) -> None:
        self._end(done=kind is None)

    def __call__(self, stage: str) -> None:
        """Begin a stage; the one before is done."""
        self._end(done=True)
        if self._quiet:
            return
        self._stage, self._start = stage, time.perf_counter()
        if sys.stderr.isatty():
            from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

            columns = (SpinnerColumn(style="cyan"), TextColumn("{task.description}"), TimeElapsedColumn())
            self._live = Progress(*columns, console=console(), transient=True)
            self._live.start()
            self._task = self._live.add_task(stage, total=None)

    def _end(self, *, done: bool) -> None:
        if self._stage is None:
            return
        if self._live is not None:
            self._live.stop()
            self._live = None
        if done:
            say(f"  {self._stage:<40} {time.perf_counter() - self._start:6.1f} s")
        self._stage = None


def table(
    title: str, columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[str]], *, where: Console | None = None
) -> None:
    """A plain table; columns are (head, "left" or "right"). Cell text is printed as it is, never as markup."""
    from rich.table import Table
    from rich.text import Text

    drawn = Table(
        title=title or None, title_justify="left", box=None, pad_edge=False, header_style="bold", title_style="bold"
    )
    for head, side in columns:
        drawn.add_column(head, justify="right" if side == "right" else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*(Text(cell) for cell in row))
    (where or _console(stderr=False)).print(drawn)
