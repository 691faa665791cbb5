"""The rooms of the house: who may import whom, and the one room of each heavy library. CONTRIBUTING.md draws the map."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SRC = ROOT / "src"

ROOMS = {
    "errors": 0,
    "names": 0,
    "rounding": 0,
    "settings": 1,
    "schema": 1,
    "engines": 2,
    "tables": 3,
    "features": 4,
    "clustering": 5,
    "evidence": 6,
    "metrics": 6,
    "explore": 7,
    "profiles": 7,
    "actions": 8,
    "segmentation": 9,
    "runs": 10,
    "views": 11,
    "report": 12,
    "dashboard": 12,
    "api": 13,
    "finished": 13,
    "cli": 13,
    "__init__": 13,
    "__main__": 13,
}
FACE = {"api", "finished", "cli", "__init__", "__main__"}
"""The files of room 13 are one face, and may import each other."""

NETWORK = ("socket", "http", "urllib", "requests", "httpx", "httpx2", "aiohttp", "ftplib", "smtplib")
LIBRARIES: dict[str, set[str]] = {
    "duckdb": {"engines"},
    "psycopg": {"engines"},
    "pyspark": {"engines"},
    "python_calamine": {"tables"},
    "sklearn": {"clustering"},
    "altair": {"views"},
    "vl_convert": {"views"},
    "jinja2": {"views"},
    "fastapi": {"dashboard"},
    "uvicorn": {"dashboard"},
    "typer": {"cli"},
    "rich": {"cli"},
    "ibis": {room for room, number in ROOMS.items() if 2 <= number <= 9},
    "scipy": {room for room, number in ROOMS.items() if 4 <= number <= 7},
    # Frames come in and go out where a user hands one over or asks for one; see also `only inside functions`.
    "pandas": {"tables", "finished"},
    "polars": {"tables", "finished"},
    # What makes SQL is one room; the others speak Ibis.
    "sqlglot": {"engines"},
    # A run folder from a stranger must be safe to load, and no request leaves the machine.
    "pickle": set(),
    "joblib": set(),
    **{library: {"dashboard"} for library in NETWORK},
}
TEXT_ONLY = {"urllib.parse"}
"""Modules of the network's libraries that only take addresses apart."""
LAZY = {"pandas", "polars", "sklearn", "altair", "vl_convert", "fastapi", "uvicorn"}
"""Imported only inside functions, because start-up counts."""


def room_of(module: str) -> str:
    """The room of a module named with dots: `coterie.tables.csv_files` -> `tables`; `coterie` itself -> `__init__`."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def imports(tree: ast.Module) -> Iterator[tuple[int, str, tuple[str, ...], bool]]:
    """Line, module, names taken from it, and whether it runs on loading; what only type checkers read is passed over."""

    def walk(node: ast.AST, *, eager: bool) -> Iterator[tuple[int, str, tuple[str, ...], bool]]:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for child in node.orelse:
                yield from walk(child, eager=eager)
            return
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name, (), eager
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: imports are written in full"
            yield node.lineno, str(node.module), tuple(alias.name for alias in node.names), eager
        inside = eager and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for child in ast.iter_child_nodes(node):
            yield from walk(child, eager=inside)

    return walk(tree, eager=True)


def violations(module: str, source: str) -> list[str]:
    """What a module imports against the rules, one sentence each."""
    room = room_of(module)
    if room not in ROOMS:
        return [f"{module} is in no room: give {room} a number here and in CONTRIBUTING.md"]
    found = []
    for line, target, taken, eager in imports(ast.parse(source)):
        top = target.split(".")[0]
        if top == "coterie":
            for full in [f"coterie.{name}" for name in taken] if target == "coterie" else [target]:
                found += [f"{module}:{line} {sentence}" for sentence in _between_rooms(room, full, taken)]
        elif target not in TEXT_ONLY and room not in LIBRARIES.get(top, {room}):
            found.append(f"{module}:{line} imports {top}, which belongs in {sorted(LIBRARIES[top]) or 'no room'}")
        elif eager and top in LAZY:
            found.append(f"{module}:{line} imports {top} on loading; do it inside the function that needs it")
    return found


def _between_rooms(room: str, target: str, taken: tuple[str, ...]) -> Iterator[str]:
    parts = target.split(".")
    other = room_of(target)
    if other == room:
        return
    if other not in ROOMS:
        # A public name of the package, such as `from coterie import segment`: that is the face itself.
        other = "__init__"
    if ROOMS[other] > ROOMS[room]:
        yield f"imports upward: {target} is in room {ROOMS[other]}, this is room {ROOMS[room]}"
    elif ROOMS[other] == ROOMS[room] and not {room, other} <= FACE:
        yield f"imports sideways: {target} is in another room {ROOMS[other]}"
    if len(parts) > 2 and parts[2:] != ["contract"]:
        yield f"reaches into {other}: import from coterie.{other} or its contract, not from {target}"
    if len(parts) == 2:
        for name in _files_of(other) & set(taken) - _front_door(other) - {"contract"}:
            yield f"reaches into {other}: {name} is a file of it; import what is inside from coterie.{other}"


def _files_of(room: str) -> set[str]:
    return {entry.stem for entry in (SRC / "coterie" / room).glob("[a-z]*") if entry.is_dir() or entry.suffix == ".py"}


def _front_door(room: str) -> set[str]:
    """The names that the room's `__init__` gives out; one may be called like the file it comes from."""
    door = SRC / "coterie" / room / "__init__.py"
    tree = ast.parse(door.read_text(encoding="utf-8") if door.exists() else "")
    taken = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    return taken | {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}


def modules() -> list[tuple[str, Path]]:
    """All modules of the package by their dotted names."""
    found = []
    for path in sorted((SRC / "coterie").rglob("*.py")):
        parts = path.relative_to(SRC).with_suffix("").parts
        found.append((".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 2 else parts), path))
    return found


@pytest.mark.parametrize(("module", "path"), modules(), ids=[name for name, _ in modules()])
def test_imports_go_one_way_and_heavy_libraries_stay_in_their_room(module: str, path: Path) -> None:
    assert violations(module, path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("module", "source", "said"),
    [
        ("coterie.tables.files", "from coterie.features import FEATURES", "upward"),
        ("coterie.tables.files", "import coterie.cli", "upward"),
        ("coterie.tables.files", "from coterie import segment", "upward"),
        ("coterie.tables.files", "def f():\n    from coterie import api", "upward"),
        ("coterie.schema", "from coterie.settings import Settings", "sideways"),
        ("coterie.report", "import coterie.dashboard", "sideways"),
        ("coterie.features.people", "from coterie.tables.files import scan", "reaches into tables"),
        ("coterie.features.people", "from coterie.engines import duckdb", "reaches into engines"),
        ("coterie.features.people", "import duckdb", "belongs in ['engines']"),
        ("coterie.features.people", "def f():\n    import duckdb.typing", "belongs in ['engines']"),
        ("coterie.views.charts.sizes", "import ibis", "belongs in"),
        ("coterie.views.charts.sizes", "import altair as alt", "inside the function"),
        ("coterie.runs.values", "import pickle", "belongs in no room"),
        ("coterie.report", "from urllib.request import urlopen", "belongs in ['dashboard']"),
        ("coterie.finished", "class A:\n    import pandas", "inside the function"),
        ("coterie.helpers", "x = 1", "is in no room"),
    ],
)
def test_each_rule_is_noticed_when_broken(module: str, source: str, said: str) -> None:
    found = violations(module, source)
    assert len(found) == 1
    assert said in found[0]


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("coterie.features.people", "from coterie.tables import Tables\nfrom coterie.tables.contract import Quality"),
        ("coterie.features.people", "from coterie.features.contract import Feature\nimport ibis, scipy.stats, numpy"),
        ("coterie.engines.duckdb", "import duckdb"),
        ("coterie.views.vega", "def f():\n    import altair"),
        ("coterie.finished", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import pandas, ibis, altair"),
        ("coterie.cli", "from coterie import api\nfrom coterie.api import segment"),
        ("coterie.__init__", "from coterie.api import segment"),
        ("coterie.runs.values", "from coterie.segmentation import Model\nfrom coterie.runs.place import is_run"),
    ],
)
def test_what_is_allowed_passes(module: str, source: str) -> None:
    assert violations(module, source) == []


def test_every_file_says_what_it_holds() -> None:
    drawers = re.compile(r"(^|_)(utils?|helpers?|common|misc|tools)(_|$)")
    assert [module for module, _ in modules() if drawers.search(module.split(".")[-1])] == []


@pytest.mark.parametrize(
    "statement", ["import coterie", "import sys; sys.argv[1:] = ['--help']; import coterie.cli as c; c.main()"]
)
def test_starting_up_loads_no_heavy_library(statement: str) -> None:
    heavy = ("altair", "sklearn", "duckdb", "pandas", "polars", "scipy", "vl_convert", "fastapi", "python_calamine")
    program = (
        "import sys\n"
        f"try:\n    exec({statement!r})\n"
        "except SystemExit as end:\n    assert not end.code, end.code\n"
        f"print('LOADED', *sorted(set({heavy!r}) & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        env={"PYTHONPATH": str(SRC)},
        check=True,
    )
    assert done.stdout.splitlines()[-1].split() == ["LOADED"]
