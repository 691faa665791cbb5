"""The docs are executed and checked: commands and code run, registries are printed as they are, links lead somewhere."""

from __future__ import annotations

import os
import re
import runpy
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest
import typer.main

import coterie as ct
from coterie.actions import load_playbook
from coterie.cli import app
from coterie.clustering import ALGORITHMS
from coterie.evidence.outcomes import OUTCOMES
from coterie.schema import TABLES
from coterie.settings import ReadSettings, Settings

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
STRICT = ("-W", "error", "-W", "ignore:fetch_arrow_table() is deprecated:DeprecationWarning")
"""Warnings are errors here too, but for the one that pyproject.toml gives the reason for."""
WRITER = runpy.run_path(str(ROOT / "docs" / "write.py"))


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of a page in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def readme(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the commands and then the Python of the README were run, as a reader would."""
    folder = tmp_path_factory.mktemp("readme")
    page = ROOT / "README.md"
    # The first block names a folder of the reader's own; the sample shop stands in for it.
    first, *others = blocks(page, "sh")
    lines = [
        shlex.split(line, comments=True) for block in (*others, first) for line in block.splitlines() if line.strip()
    ]
    program = "import sys; from coterie.cli import main; main()"
    for line in lines:
        assert line[0] == "coterie", line
        _run([sys.executable, "-c", program, *line[1:]], folder)
    _run([sys.executable, *STRICT, "-c", "\n".join(blocks(page, "python"))], folder)
    return folder


def _run(command: list[str], folder: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, f"{command[-1]}: {done.stderr}"


@pytest.mark.runs
def test_the_readme_does_what_it_says(readme: Path) -> None:
    assert {"shop", "november", "december", "buyers", "list.csv"} <= {entry.name for entry in readme.iterdir()}


@pytest.mark.runs
def test_the_page_of_the_query_does_what_it_says(readme: Path) -> None:
    page = ROOT / "docs" / "sql.md"
    program = "import sys; from coterie.cli import main; main()"
    for line in (line for block in blocks(page, "sh") for line in block.splitlines()):
        _run([sys.executable, "-c", program, *shlex.split(line)[1:]], readme)
    assert (readme / "november.sql").read_text(encoding="utf-8").splitlines()[1] == "-- Dialect: postgres."
    _run([sys.executable, *STRICT, "-c", "\n".join(blocks(page, "python"))], readme)


@pytest.mark.runs
def test_every_file_of_a_run_is_documented(readme: Path) -> None:
    page = (ROOT / "docs" / "run-folder.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `([\w.]+)/?` ", page, re.MULTILINE))
    found = {entry.name for entry in (readme / "november").iterdir()}
    assert found <= told
    assert told - found <= {"rejects", "comparison.json"}  # only where rows were set aside, or ways compared


@pytest.mark.runs
def test_the_ways_of_asking_for_evidence_are_real(tmp_path: Path) -> None:
    """The commands of the page for marketers are understood; its Python is run, on a small shop."""
    page = ROOT / "docs" / "evidence.md"
    ct.sample(tmp_path / "shop", customers=300, seed=7)
    lines = [shlex.split(line, comments=True) for block in blocks(page, "sh") for line in block.splitlines()]
    command = typer.main.get_command(app).commands["segment"]  # type: ignore[attr-defined]
    asked = [command.make_context("segment", line[2:]).params for line in lines if line[:2] == ["coterie", "segment"]]
    assert len(asked) == len(lines)
    assert [one["no_evidence"] for one in asked].count(True) == [one["compare"] for one in asked].count(True) == 1
    assert {one["algorithm"] for one in asked} - {None} <= {one.name for one in ALGORITHMS}
    assert {one["outcome"] for one in asked} - {None} <= {one.name for one in OUTCOMES}
    _run([sys.executable, *STRICT, "-c", "\n".join(blocks(page, "python"))], tmp_path)


def test_pictures_are_small() -> None:
    assert {path.name: path.stat().st_size for path in (ROOT / "docs").glob("evidence-*.png")}
    for path in (ROOT / "docs").glob("evidence-*.png"):
        assert path.stat().st_size < 150_000, path.name
        assert any(f"]({path.name})" in page.read_text(encoding="utf-8") for page in PAGES), path.name


def test_the_picture_stands_in_the_first_screen() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert next(number for number, line in enumerate(lines) if "](docs/report.png)" in line) < 25


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_parts_from_the_code_are_as_the_code_has_them(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert WRITER["written"](text) == text, "run `make docs`"


def test_every_part_is_printed_somewhere() -> None:
    printed = {
        name for page in PAGES for name in re.findall(r"<!-- from the code: ([a-z-]+) -->", page.read_text("utf-8"))
    }
    assert printed == set(WRITER["PARTS"])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        assert target.startswith("https://") or (page.parent / target.split("#")[0]).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_page_needs_what_only_this_machine_has(page: Path) -> None:
    assert not re.search(r"\.\./shared|/work/|/root/|/tmp/|/home/", page.read_text(encoding="utf-8"))


def test_the_settings_shown_are_real() -> None:
    shown = [tomllib.loads(block) for block in blocks(ROOT / "docs" / "data-contract.md", "toml")]
    assert len(shown) == 1
    for content in shown:
        Settings.model_validate(content.pop("segment"))
        ReadSettings.model_validate(content)
        for table, columns in content["columns"].items():
            spec = next(entry for entry in TABLES if entry.name == table)
            assert all(spec.column(column) for column in columns)


def test_the_rule_shown_is_real(tmp_path: Path) -> None:
    (shown,) = blocks(ROOT / "docs" / "playbook.md", "toml")
    ours = (ROOT / "src" / "coterie" / "actions" / "playbook.toml").read_text(encoding="utf-8")
    own = tmp_path / "own.toml"
    mine = shown.replace('"win-back"', '"my-win-back"')
    own.write_text(ours.replace("[[rule]]", f"{mine}\n[[rule]]", 1), encoding="utf-8")
    assert load_playbook(own).rules[0].name == "my-win-back"


def targets() -> Iterable[str]:
    return re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


def test_make_lists_its_targets() -> None:
    done = subprocess.run(["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert re.findall(r"^  make (\w+) ", done.stdout, re.MULTILINE) == targets()
    assert {"setup", "demo", "test", "check", "lock", "clean"} <= set(targets())


def test_make_commands_named_in_pages_exist() -> None:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        named = re.findall(r"`make ([a-z]+)`", text) + re.findall(r"^    make ([a-z]+)", text, re.MULTILINE)
        assert set(named) <= set(targets()), page.name


def test_the_map_shows_every_room() -> None:
    """CONTRIBUTING.md numbers the rooms as the test of the layers does."""
    rooms = runpy.run_path(str(ROOT / "tests" / "test_layers.py"))["ROOMS"]
    drawn: dict[str, int] = {}
    for number, cell in re.findall(
        r"^\| (\d+) \| (.*?) \|", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.MULTILINE
    ):
        for name in re.findall(r"`(\w+)(?:\.py|/)`", cell):
            drawn[name] = int(number)
    there = {
        entry.stem
        for entry in (ROOT / "src" / "coterie").glob("[a-z_]*")
        if entry.name not in {"__pycache__", "py.typed"}
    }
    assert set(drawn) == there
    assert drawn == {name: rooms[name] for name in drawn}
