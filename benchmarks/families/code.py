"""Which code a draw comes from, so that figures of different code are never counted together."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from families.contract import Family

ROOTS = {
    "structure": (
        ("coterie.evidence.hills", "find_hills"),
        ("coterie.evidence.smear", "plain_space"),
        ("coterie.evidence.smear", "space_of"),
        ("coterie.evidence.structure", "agreement_of"),
        ("coterie.evidence.structure", "NATURAL"),
        ("families.measure", "structure"),
    ),
    "foresight": (("coterie.evidence.foresight", "judge_foresight"), ("families.measure", "foresight")),
    "reliability": (("coterie.evidence.reliability", "judge_reliability"), ("families.measure", "reliability")),
}
"""What is asked for each question; everything these reach in the rooms below counts."""
ROOMS = ("coterie.evidence", "coterie.clustering.kmeans", "coterie.clustering.agreement", "families")


def fingerprints(families: Iterable[Family]) -> dict[str, str]:
    """Family -> a short hash of the code that makes it and judges it, comments and docstrings left out."""
    found = {}
    for family in families:
        reached: dict[tuple[str, str], str] = {}
        for module, name in (*ROOTS[family.question], (family.make.__module__, family.make.__name__)):
            _reach(module, name, reached)
        code = "\n".join(f"{'.'.join(key)}: {text}" for key, text in sorted(reached.items()))
        found[family.name] = hashlib.sha256(code.encode()).hexdigest()[:12]
    return found


def _reach(module: str, name: str, reached: dict[tuple[str, str], str]) -> None:
    """Add a definition, and those it names, to what is reached."""
    if (module, name) in reached or not module.startswith(("coterie", "families")):
        return
    defined, imported = _module(module)
    if name in imported:
        _reach(*imported[name], reached)
    elif name in defined and module.startswith(ROOMS):
        reached[module, name], names = defined[name]
        for other in sorted(names):
            _reach(module, other, reached)


@cache
def _module(module: str) -> tuple[dict[str, tuple[str, frozenset[str]]], dict[str, tuple[str, str]]]:
    """Of a module: name -> its code and the names in it; and name -> where it is imported from."""
    found = importlib.util.find_spec(module)
    if found is None or found.origin is None:
        return {}, {}
    tree = ast.parse(Path(found.origin).read_text(encoding="utf-8"))
    imported = {
        alias.asname or alias.name: (node.module, alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }
    defined = {}
    for node in tree.body:
        names = frozenset(part.id for part in ast.walk(node) if isinstance(part, ast.Name))
        for target in _targets(node):
            defined[target] = (ast.dump(_plain(node)), names)
    return defined, imported


def _targets(node: ast.stmt) -> list[str]:
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [part.id for target in node.targets for part in ast.walk(target) if isinstance(part, ast.Name)]
    return [node.target.id] if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) else []


def _plain(node: ast.stmt) -> ast.stmt:
    """The same without docstrings and other lone strings."""
    for part in ast.walk(node):
        if isinstance(part, (ast.FunctionDef, ast.ClassDef)):
            kept = [one for one in part.body if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))]
            part.body = kept or [ast.Pass()]
    return node
