"""What Spark refuses, as one sentence each."""

from __future__ import annotations

import contextlib
import logging
import re
import warnings
from collections.abc import Iterator

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.logger import PySparkLogger

from coterie.errors import DataError, UsageError

NO_JAVA = (
    "Spark needs Java 17 or newer, which is not found on this machine. Install it (on Debian and Ubuntu: apt-get "
    "install openjdk-17-jre-headless), or set JAVA_HOME to where it is."
)


REFUSALS = (PySparkException, Py4JError, OSError, EOFError)
"""What a query raises that Spark refuses, that its Java breaks off, or whose connection ends. No bug of ours."""

_LOGGERS = ("SQLQueryContextLogger", "DataFrameQueryContextLogger")


def _not_of_py4j(record: logging.LogRecord) -> bool:
    return record.module != "java_gateway"


@contextlib.contextmanager
def hushed() -> Iterator[None]:
    """Without what Spark prints beside the errors that it raises: those are told, or expected, or Ctrl-C.

    Nor what it says about versions of pandas, which we do not use with it.
    """
    loggers, root = [PySparkLogger.getLogger(name) for name in _LOGGERS], logging.getLogger()
    before = [logger.disabled for logger in loggers]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="PySpark does not yet fully support", category=FutureWarning)
        for logger in loggers:
            logger.disabled = True
        root.addFilter(_not_of_py4j)
        try:
            yield
        finally:
            root.removeFilter(_not_of_py4j)
            for logger, disabled in zip(loggers, before, strict=True):
                logger.disabled = disabled


@contextlib.contextmanager
def told(address: str) -> Iterator[None]:
    """What a query may meet that is nobody's bug, as one sentence."""
    try:
        with hushed():
            yield
    except REFUSALS as error:
        if _was_interrupted(error):
            raise KeyboardInterrupt from error
        said = str(error)
        for pattern, sentence, kind in _SENTENCES:
            if re.search(pattern, said):
                raise kind(f"Spark at {address} {sentence.format(said=first_of(said))}") from error
        raise


def _was_interrupted(error: BaseException | None) -> bool:
    """Whether Ctrl-C came first: Spark then breaks its jobs off, and raises that in its place."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__context__
    return error is not None


_UNREADABLE = (
    r"is not a Parquet file|can not read class org\.apache\.parquet|org\.apache\.parquet\S*Exception|"
    r"Could not read footer|CANNOT_READ_FILE_FOOTER|PARQUET_TYPE|Unable to infer schema|"
    r"UNABLE_TO_INFER_SCHEMA|ParquetDecodingException|corrupt|expected magic number|"
    r"MALFORMED_RECORD|MalformedRecord|malformed CSV|TextParsingException|BadRecordException|MALFORMED_CSV_RECORD"
)

_SENTENCES: tuple[tuple[str, str, type[UsageError | DataError]], ...] = (
    (
        r"PATH_NOT_FOUND|FILE_NOT_EXIST|FILE_NOT_FOUND|FileNotFoundException|NoSuchFileException|Mkdirs failed",
        (
            "does not see a file or folder of this machine ({said}). Put data and run folder on a disk that this "
            "machine, the driver and all workers see at the same path, or leave out --engine."
        ),
        DataError,
    ),
    (
        r"AccessControlException|AccessDeniedException|Permission denied|INSUFFICIENT_PERMISSIONS|PERMISSION_DENIED",
        "may not read or write there ({said}). Ask for that right for the user its workers run as.",
        UsageError,
    ),
    (
        r"TABLE_OR_VIEW_NOT_FOUND|SCHEMA_NOT_FOUND|NoSuchTableException",
        "misses a table that its catalogue listed ({said}). Run the command again.",
        DataError,
    ),
    (
        r"OutOfMemoryError|No space left on device|SparkOutOfMemoryError|UNABLE_TO_ACQUIRE_MEMORY|maxResultSize",
        "ran out of memory or disk ({said}). Give it more with --memory, or more workers.",
        DataError,
    ),
    (
        r"Checkpoint block \S+ not found|CHECKPOINT_RDD_BLOCK_ID_NOT_FOUND",
        "lost rows together with the workers that held them ({said}). Nothing was written; run the command again.",
        DataError,
    ),
    (_UNREADABLE, "cannot read a file of the data ({said}). Write it again, or leave out --engine.", DataError),
    (
        r"PACKAGE_NOT_INSTALLED|MINIMUM_PACKAGE_VERSION",
        "needs a library that is not installed ({said}). Run: pip install 'coterie[spark]'.",
        UsageError,
    ),
    (
        (
            r"stopped SparkContext|SparkContext was shut down|SparkContext has been shutdown|StatusCode\.UNAVAILABLE|"
            r"SESSION_CLOSED|SESSION_NOT_FOUND|INVALID_HANDLE|Connection refused|Answer from Java side is empty|"
            r"while sending command|error occurred while trying to connect to the Java server|Connection reset"
        ),
        "is no longer there ({said}). Nothing was written; run the command again.",
        DataError,
    ),
    (
        r"Job aborted due to stage failure|ExecutorLostFailure|Job \d+ cancelled",
        "broke a step off after several tries ({said}). Look at its log; nothing was written.",
        DataError,
    ),
)
"""Spark's own words -> the rest of a sentence that begins with Spark."""


def unreadable(error: BaseException) -> bool:
    """Whether this is about a file that cannot be read, rather than about Spark."""
    return isinstance(error.__cause__, Exception) and re.search(_UNREADABLE, str(error.__cause__)) is not None


def first_of(said: str) -> str:
    """The first line of what Spark said that says something, without codes and stack."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    causes = [line for line in lines if line.startswith(("Caused by:", ": "))]
    line = (
        causes[-1] if causes and lines[0].startswith("An error occurred while calling") else lines[0] if lines else ""
    )
    line = re.sub(r"^(Caused by: |: )?([\w.$]+(Exception|Error|Throwable): )*", "", line)
    line = re.sub(r"^\(?[\w.$]*\)? ?\[[A-Z0-9_.]+\] ", "", line)
    line = re.sub(r"\s*SQLSTATE: \w+.*$", "", line)
    return line[:200].rstrip(". ") or "no reason given"
