"""A PostgreSQL server of the tests' own: on loopback, in a folder that goes away with it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PASSWORD = "s3cret-of-the-tests"

TYPES = {
    "branches": "branch_id int PRIMARY KEY, merchant_id int",
    "cities": "city_id int PRIMARY KEY, city_name text",
    "customers": "customer_id int PRIMARY KEY, join_date date, city_id int, gender_id int, age int, tier text",
    "genders": "gender_id int PRIMARY KEY, gender_name text",
    "merchants": "merchant_id int PRIMARY KEY, merchant_name text",
    "transactions": "transaction_id int PRIMARY KEY, customer_id int, transaction_date date, transaction_status text, "
    "coupon_name text, burn_date date, branch_id int",
    "orders": "order_id int, customer_id int, order_date date, amount numeric(12,2), product_category text, branch_id int",
}
"""The columns of the generated shop's tables."""


@dataclass(frozen=True)
class PostgresServer:
    """Where it listens; `owner` may do all, `reader` (with PASSWORD) may read what it is granted."""

    port: int
    folder: Path
    programs: Path

    def address(self, database: str, user: str = "owner") -> str:
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def put(self, database: str, shop: Path, types: Mapping[str, str] = TYPES, made: str = "") -> str:
        """The CSV files of a shop as tables of a new database, `made` with these options; its address."""
        self.sql("postgres", f"DROP DATABASE IF EXISTS {database} WITH (FORCE)", f"CREATE DATABASE {database} {made}")
        for file in sorted(shop.glob("*.csv")):
            copied = f"\\copy {file.stem} FROM '{file}' CSV HEADER"
            self.sql(database, f"CREATE TABLE {file.stem} ({types[file.stem]})", copied, seconds=600)
        self.sql(database, "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader", "ANALYZE")
        return self.address(database)

    def sql(self, database: str, *statements: str, seconds: float = 120) -> str:
        """Run statements as the owner."""
        command = [shutil.which("psql") or self.programs / "psql", "-qAtX", "-v", "ON_ERROR_STOP=1"]
        for statement in statements:
            command += ["-c", statement]
        done = subprocess.run(
            [*command, self.address(database)], capture_output=True, text=True, check=False, timeout=seconds
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def stop(self, how: str = "immediate") -> None:
        subprocess.run(
            [self.programs / "pg_ctl", "-D", self.folder / "data", "-m", how, "-w", "stop"],
            check=False,
            capture_output=True,
            **_as_server(),
        )


def programs() -> Path | None:
    """The folder of initdb and pg_ctl; Debian keeps them off the path."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return folders[-1].parent if folders else None


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Start a server with nobody but `owner` (trusted) and `reader` (by password); stop it in the end."""
    where = programs()
    assert where is not None, "PostgreSQL's server programs (initdb, pg_ctl) are not installed"
    folder = Path(tempfile.mkdtemp(prefix="coterie-pg-"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = PostgresServer(port, folder, where)
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        _run([where / "initdb", "-D", folder / "data", "-U", "owner", "-A", "trust", "--no-sync", "-E", "UTF8"])
        (folder / "data" / "pg_hba.conf").write_text(
            "host all owner 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
        )
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        _run([where / "pg_ctl", "-D", folder / "data", "-l", folder / "log", "-o", options, "-w", "start"])
        server.sql("postgres", f"CREATE ROLE reader LOGIN PASSWORD '{PASSWORD}'")
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def wait_for(happened: object, seconds: float = 20.0) -> None:
    """Until `happened()` is true."""
    end = time.monotonic() + seconds
    while not happened():  # type: ignore[operator]
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def _run(command: list[str | Path]) -> None:
    # Output goes nowhere: a server that is started keeps the pipes of who started it.
    done = subprocess.run(
        command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120, **_as_server()
    )
    assert done.returncode == 0, f"{command[0]} failed"


def _as_server() -> dict[str, object]:
    """Nobody may run a server as root."""
    return {"user": "postgres", "cwd": "/"} if os.geteuid() == 0 else {}
