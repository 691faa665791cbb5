"""Queries as people like to read them: nothing said twice over, and as much on a line as fits."""

from __future__ import annotations

import re
from typing import Any

_SPACES = " \t\n\r\v\f"
"""What is stripped from texts, as it stands in a query."""


def simplified(query: Any) -> Any:
    """The tree without what is true or false whatever the row: OR FALSE, AND FALSE, WHEN FALSE."""
    import sqlglot.expressions as sge

    return query.transform(lambda node: _simpler(node, sge), copy=False)


def _simpler(node: Any, sge: Any) -> Any:
    match node:
        case sge.Or() | sge.And():
            left, right = _bare(node.left, sge), _bare(node.right, sge)
            decisive = isinstance(node, sge.Or)
            for one, other in ((left, node.right), (right, node.left)):
                if isinstance(one, sge.Boolean):
                    return _simpler_again(one if bool(one.this) == decisive else other, sge)
        case sge.Case():
            kept = [one for one in node.args["ifs"] if not _is_false(one.this, sge)]
            if len(kept) < len(node.args["ifs"]) and kept:
                node.set("ifs", kept)
        case sge.Paren() if isinstance(node.this, _never_in_doubt(sge)):
            return node.this
        case sge.Concat() if all(one.is_string for one in node.expressions):
            return sge.Literal.string("".join(one.name for one in node.expressions))
    return node


def _simpler_again(node: Any, sge: Any) -> Any:
    return node.transform(lambda one: _simpler(one, sge))


def _is_false(node: Any, sge: Any) -> bool:
    """Whether a condition is FALSE by its own words."""
    node = _bare(node, sge)
    match node:
        case sge.Boolean():
            return not node.this
        case sge.And():
            return _is_false(node.left, sge) or _is_false(node.right, sge)
        case sge.Or():
            return _is_false(node.left, sge) and _is_false(node.right, sge)
    return False


def _bare(node: Any, sge: Any) -> Any:
    while isinstance(node, sge.Paren):
        node = node.this
    return node


def _never_in_doubt(sge: Any) -> tuple[Any, ...]:
    """What needs no brackets wherever it stands."""
    return (sge.Column, sge.Literal, sge.Boolean, sge.Null, sge.Case, sge.Cast, sge.Coalesce, sge.Abs)


def laid_out(text: str, width: int, spaces: str | None) -> str:
    """The text of a query with short brackets and clauses on one line, and rows of numbers side by side.

    Args:
        text: With a line for nearly every word.
        width: Of a line.
        spaces: White space as a text of that dialect; None to leave it as it stands.
    """
    if spaces is not None:
        text = text.replace(f"'{_SPACES}'", spaces).replace(r"' \t\n\r\v\f'", spaces)
    before = ""
    while before != text:
        before = text
        text = re.sub(r"\(\n\s+([^\n]+)\n\s*\)", _within(width), text)
        text = re.sub(
            r"(?<= )(GROUP BY|WHERE|SELECT|SELECT DISTINCT)\n\s+([^\n]+)(?=\n\s*(?:\)|FROM|GROUP|$))", _clause, text
        )
    return "\n".join(_side_by_side(text.split("\n"), width))


def _within(width: int) -> Any:
    def shortened(found: re.Match[str]) -> str:
        line = found.string.rfind("\n", 0, found.start())
        rest = found.string.find("\n", found.end())
        rest = len(found.string) if rest < 0 else rest
        whole = found.start() - line + len(found[1]) + 2 + rest - found.end()
        return f"({found[1]})" if whole <= width and not found[1].endswith(",") else found[0]

    return shortened


def _clause(found: re.Match[str]) -> str:
    return f"{found[1]} {found[2]}"


def _side_by_side(lines: list[str], width: int) -> list[str]:
    """Rows of numbers, which stand on a line each, as many to a line as fit."""
    packed: list[str] = []
    for line in lines:
        row = re.fullmatch(r"\s*(\(-?[\d.]+(?:, -?[\d.]+)*\),?)", line)
        last = re.fullmatch(r"\s*\(-?[\d.]+, .*\),", packed[-1]) if packed else None
        if row and last and len(packed[-1]) + len(row[1]) < width:
            packed[-1] += f" {row[1]}"
        else:
            packed.append(line)
    return packed
