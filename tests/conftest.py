"""What all tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests_browser import CHROMIUM, FLAGS
from tests_postgres import PostgresServer, postgres_server, programs
from tests_spark import Cluster, connect_server, java, spark_cluster

# The machine that runs them may be busy: how long an example takes says nothing. What hypothesis finds is the same in
# every run, so that a test that passed at home passes elsewhere too.
settings.register_profile("coterie", deadline=None, derandomize=True, database=None)
settings.load_profile("coterie")

REFERENCE = Path(__file__).resolve().parents[1].parent / "shared" / "data"


@pytest.fixture(scope="session")
def reference_data() -> Path:
    """Real data sets by others, kept beside the project and never copied into it."""
    if not REFERENCE.is_dir():
        pytest.skip(f"needs the reference data sets in {REFERENCE}, which are not part of the project")
    return REFERENCE


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server of the tests' own; where its programs are missing the tests that need it are skipped."""
    if programs() is None:
        pytest.skip("needs PostgreSQL's server programs (initdb, pg_ctl), which are not installed")
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def spark() -> Iterator[Cluster]:
    """A Spark cluster of the tests' own; without Java the tests that need it are skipped."""
    if java() is None:
        pytest.skip("needs Java for Spark, which is not installed")
    with spark_cluster() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def connect(spark: Cluster) -> Iterator[str]:
    """The address of a Spark Connect server of the tests' own."""
    with connect_server(spark.folder) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium; where it is not installed the tests that need it are skipped."""
    if CHROMIUM is None:
        pytest.skip("needs Chromium, which is not installed here")
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright, of the extra `dev`")
    with playwright.sync_playwright() as tools:
        opened = tools.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(autouse=True)
def _plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Colours and width of the terminal that runs the tests must not change what is printed."""
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")
