"""What a PostgreSQL server refuses, as one sentence each; a password never stands in one."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
from psycopg import errors

from coterie.errors import CoterieError, DataError, UsageError


@dataclass(frozen=True)
class Server:
    """Where we are connected, as may be shown: no password."""

    host: str
    database: str
    user: str

    def __str__(self) -> str:
        return f"database {self.database} on {self.host}"


def connection_refused(server: Server, error: psycopg.OperationalError) -> CoterieError:
    """Why there is no connection."""
    said = _first(error)
    if isinstance(error, errors.InvalidPassword | errors.InvalidAuthorizationSpecification) or re.search(
        r"password authentication failed|no password supplied|authentication failed|role .* does not exist", said
    ):
        return UsageError(
            f"User {server.user} is not let in to {server}. Check the name, and the password in PGPASSWORD or in the "
            "password file."
        )
    if re.search(r"database .* does not exist", said):
        return UsageError(f"There is no {server}. Check the name of the database.")
    if re.search(r"could not translate host name|Name or service not known|failed to resolve host", said):
        return UsageError(f"There is no host {server.host}. Check the address.")
    return UsageError(f"No connection to {server} ({said}). Check host and port, and that the server is up.")


@contextlib.contextmanager
def told(server: Server) -> Iterator[None]:
    """What a query may meet that is nobody's bug, as one sentence."""
    try:
        yield
    except errors.InsufficientPrivilege as error:
        raise _not_allowed(server, _first(error)) from error
    except errors.DuplicateTable as error:
        raise UsageError(
            f"Somebody made that table in {server} while we worked ({_first(error)}). Run the command again."
        ) from error
    except (errors.UndefinedTable, errors.UndefinedColumn) as error:
        raise DataError(
            f"The tables of {server} changed while they were read ({_first(error)}). Run the command again."
        ) from error
    except (errors.DiskFull, errors.OutOfMemory, errors.ConfigurationLimitExceeded) as error:
        raise DataError(
            f"{server} ran out of space ({_first(error)}). Give it more room for temporary files."
        ) from error
    except (errors.QueryCanceled, errors.LockNotAvailable, errors.SerializationFailure) as error:
        raise DataError(f"{server} broke a query off ({_first(error)}). Nothing was written; run it again.") from error
    except psycopg.Error as error:
        # Without a code the error is of the client itself: a connection that is gone, or a call of ours that is wrong.
        gone = isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
        code = error.sqlstate or (_LOST[0] if gone else _OURS)
        if code.startswith(_OURS):
            raise
        if not code.startswith(_LOST):
            raise DataError(
                f"A query in {server} failed ({_first(error)}). Nothing was written; mend there what the database "
                "names, and run the command again."
            ) from error
        raise DataError(
            f"The connection to {server} was lost ({_first(error)}). Nothing was written; run the command again."
        ) from error


_LOST = ("08", "57P", "25P03", "25P04")
"""How the codes of errors begin that end a connection: of the line, by the server, too long idle or in one go."""
_OURS = "42"
"""Grammar, names and types of a query: a bug of ours."""


def _not_allowed(server: Server, said: str) -> CoterieError:
    table = re.search(r"for (?:table|view|relation|schema|materialized view|foreign table) (\S+)", said)
    if "temporary" in said:
        return UsageError(
            f"User {server.user} may not make temporary tables in {server}, which every step needs. Ask for: GRANT "
            f"TEMPORARY ON DATABASE {server.database} TO {server.user}."
        )
    what = table[1] if table else "a table"
    right = "USAGE ON SCHEMA" if "schema" in said else "SELECT ON"
    return UsageError(
        f"User {server.user} may not use {what} in {server}. Ask for: GRANT {right} {what} TO {server.user}."
    )


def _first(error: Exception) -> str:
    """The first line of what the server said, without whatever looks like a password."""
    lines = str(error).strip().splitlines() or ["no reason given"]
    line = re.sub(r"^connection failed: ", "", lines[0]).rstrip(".")
    if (fatal := re.search(r"FATAL:\s+(.*)", " ".join(lines))) is not None:
        line = fatal[1].rstrip(".")
    return re.sub(r"(password\s*[=:]\s*)\S+|(//[^:/@\s]+:)[^@\s]+(?=@)", r"\1\2***", line)
