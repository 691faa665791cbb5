"""requirements.lock: complete, hashed, without addresses; and the pin of SQLGlot that Ibis needs."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import ibis
import pytest

import coterie

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")


def locked() -> dict[str, set[str]]:
    """Name -> its locked versions (there may be one per Python version)."""
    found: dict[str, set[str]] = {}
    for name, number in re.findall(r"^([a-z0-9-]+)==(\S+)", LOCK, re.MULTILINE):
        found.setdefault(name, set()).add(number)
    return found


def plain(requirement: str) -> str:
    return re.split(r"[\[<>=!~; ]", requirement, maxsplit=1)[0]


def wanted() -> list[str]:
    extras = PROJECT["optional-dependencies"]
    return sorted(
        {plain(line) for lines in (PROJECT["dependencies"], *extras.values()) for line in lines} - {"coterie"}
    )


def test_the_package_and_its_project_name_one_version() -> None:
    assert coterie.__version__ == PROJECT["version"]


def test_it_holds_no_address_and_no_local_path() -> None:
    assert not re.search(r"://|--(extra-)?index|--find-links|\s@\s|file:", LOCK)


def test_every_entry_is_pinned_and_hashed() -> None:
    entries = re.split(r"\n(?=[a-z])", LOCK.strip())
    assert len(entries) == len(re.findall(r"^[a-z]", LOCK, re.MULTILINE)) > 30
    for entry in entries:
        assert re.match(r"[a-z0-9-]+==\S+", entry), entry[:80]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry[:80]


@pytest.mark.parametrize("name", wanted())
def test_every_requirement_is_locked(name: str) -> None:
    assert name in locked()


def test_exact_pins_are_locked_as_they_are() -> None:
    pins = {plain(line): line.split("==")[1] for line in PROJECT["dependencies"] if "==" in line}
    assert set(pins) == {"ibis-framework", "sqlglot"}
    assert locked()["sqlglot"] == {pins["sqlglot"]} == {"30.17.0"}
    assert all(number.startswith("12.") for number in locked()["ibis-framework"])


def test_dev_includes_every_other_extra() -> None:
    extras = PROJECT["optional-dependencies"]
    included = re.findall(r"coterie\[(.*?)\]", " ".join(extras["dev"]))
    assert {name for group in included for name in group.split(",")} == set(extras) - {"dev"}


def test_the_default_install_brings_no_frame_library_and_no_scikit_learn() -> None:
    assert not {"pandas", "polars", "scikit-learn"} & {plain(line) for line in PROJECT["dependencies"]}


def test_the_pinned_sqlglot_is_the_one_at_work_and_keeps_table_names_in_drops() -> None:
    """The reason for the pin: from 30.18 on, Ibis 12 writes DROP without the name of the table."""
    assert version("sqlglot") == "30.17.0"
    connection = ibis.duckdb.connect()
    connection.raw_sql("CREATE TABLE kept AS SELECT 1 AS x")
    connection.raw_sql("CREATE TABLE gone AS SELECT 2 AS x")
    connection.drop_table("gone")
    assert connection.con.sql("SELECT table_name FROM information_schema.tables").fetchall() == [("kept",)]
    connection.disconnect()
