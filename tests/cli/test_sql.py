"""What `coterie sql` prints and writes, and what it says where it cannot."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

import coterie as ct
from coterie.cli import app


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sql")
    shop = ct.sample(folder / "shop", customers=200, file_format="parquet")
    ct.segment(shop, preset="coupon-counts", k=2, evidence=False).save(folder / "run", report=False)
    return folder / "run"


def ask(*words):
    return CliRunner().invoke(app, ["sql", *map(str, words)])


def test_the_query_goes_to_stdout_or_into_a_file(run, tmp_path):
    printed = ask(run, "--dialect", "postgres")
    assert printed.exit_code == 0
    assert printed.stdout.startswith("-- customer_id and segment of every customer, by the model of run (Coterie ")
    written = ask(run, "--dialect", "postgres", "-o", tmp_path / "run.sql")
    assert written.stdout.strip() == str(tmp_path / "run.sql")
    assert (tmp_path / "run.sql").read_text() == printed.stdout


def test_what_is_in_the_place_of_the_file_is_not_lost(run, tmp_path, monkeypatch):
    theirs, empty = tmp_path / "theirs.sql", tmp_path / "empty.sql"
    theirs.write_text("SELECT 1")
    empty.touch()
    for target, told in (
        (theirs, "is there and is no query of Coterie's; it would be lost. Choose another place."),
        (tmp_path, "is there and is no query of Coterie's; it would be lost. Choose another place."),
        (run / "run.sql", "lies inside a run folder, which holds that run only. Choose another place."),
        (tmp_path / "no" / "run.sql", f"cannot be written: there is no folder {tmp_path / 'no'}. Create it first."),
    ):
        refused = ask(run, "-o", target)
        assert refused.exit_code == 2
        assert refused.stderr.strip() == f"{target} {told}"
    assert theirs.read_text() == "SELECT 1"
    assert ask(run, "-o", empty).exit_code == 0
    before = empty.read_text()
    with monkeypatch.context() as full:
        full.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        assert ask(run, "-o", empty, "--dialect", "spark").stderr.strip().endswith("no space left on device.")
    assert empty.read_text() == before  # whole or not at all
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty.sql", "theirs.sql"]
    assert ask(run, "-o", empty, "--dialect", "spark").exit_code == 0
    assert empty.read_text() != before


def test_the_settings_are_those_of_the_run_wherever_the_command_is_given(run, tmp_path, monkeypatch):
    shop = tmp_path / "shop"
    shop.mkdir()
    shutil.copy(run.parent / "shop" / "transactions.parquet", shop / "tx.parquet")
    (shop / "coterie.toml").write_text('files.transactions = "tx.parquet"')
    folder = ct.segment(shop, preset="coupon-counts", k=2, evidence=False).save(tmp_path / "run", report=False)
    assert json.loads((folder / "manifest.json").read_text())["config"] == str(shop / "coterie.toml")
    monkeypatch.chdir(tmp_path)
    assert "FROM tx AS" in ask(folder).stdout
    (shop / "coterie.toml").rename(tmp_path / "mine.toml")
    told = f"There is no file {str(shop / 'coterie.toml')!r}. Check the path of the settings."
    assert ask(folder).stderr.strip() == told
    assert "FROM tx AS" in ask(folder, "--config", tmp_path / "mine.toml").stdout


def test_duckdb_is_the_dialect_unless_another_is_named(run):
    shop = run.parent / "shop"
    with duckdb.connect() as there:
        for path in shop.glob("*.parquet"):
            there.execute(f"CREATE VIEW {path.stem} AS FROM '{path}'")
        found = dict(there.execute(ask(run).stdout).fetchall())
    listed = ct.load(run).to_arrow()
    assert found == dict(zip(listed["customer_id"].to_pylist(), listed["segment"].to_pylist(), strict=True))


def test_data_that_moved_are_asked_for_in_one_sentence(run, tmp_path):
    moved = shutil.copytree(run.parent, tmp_path / "copy")
    manifest = moved / "run" / "manifest.json"
    manifest.write_text(manifest.read_text().replace(str(run.parent / "shop"), str(tmp_path / "gone")))
    refused = ask(moved / "run")
    assert refused.exit_code == 2
    assert refused.stderr.strip() == (
        f"The data of the run are not at {tmp_path / 'gone'} any more. Name them: --data DATA, or data=."
    )
    assert ask(moved / "run", "--data", moved / "shop").exit_code == 0


def test_an_unknown_dialect_is_refused_with_those_there_are(run):
    refused = ask(run, "--dialect", "cobol")
    assert refused.exit_code == 2
    assert refused.stderr.startswith("'cobol' is no dialect. There are duckdb, postgres, spark, bigquery, snowflake, ")
