"""Write the parts of these pages that are read from the code; `make docs` runs it, and a test fails where one is stale.

A part stands between `<!-- from the code: NAME -->` and `<!-- end -->`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import typer.main

from coterie.actions import load_playbook
from coterie.actions.facts import FACTS, FIELDS, LEAD_FIELDS
from coterie.cli import app
from coterie.clustering import ALGORITHMS, ON_ORDERS
from coterie.engines import DIALECTS
from coterie.features import FEATURES, PRESETS
from coterie.profiles import LEVELS
from coterie.schema import ORDER_STATUS_WORDS, STATUS_WORDS, TABLES
from coterie.settings import ReadSettings, Settings
from coterie.tables.rules import RULES
from coterie.views.charts import CHARTS
from coterie.views.pages import PAGES

HERE = Path(__file__).resolve().parent
PART = re.compile(r"(<!-- from the code: (?P<name>[a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def code(words: Iterable[str]) -> str:
    """Words as code, separated by commas."""
    return ", ".join(f"`{word}`" for word in words)


def features() -> str:
    """The catalogue, one table per family."""
    parts = []
    for family in dict.fromkeys(entry.family for entry in FEATURES):
        rows = (
            (f"`{entry.name}`", entry.unit, entry.treatment, entry.meaning, code(entry.needs))
            for entry in FEATURES
            if entry.family == family
        )
        parts.append(f"### {family.capitalize()}\n\n" + table(("name", "unit", "treatment", "meaning", "needs"), rows))
    return "\n\n".join(parts)


def presets() -> str:
    """The presets with their features."""
    rows = ((f"`{one.name}`", f"{one.meaning} {one.caution}".strip(), code(one.features)) for one in PRESETS)
    return table(("preset", "meaning", "features"), rows)


def tables() -> str:
    """Tables and columns of the contract with their synonyms."""
    parts = []
    for spec in TABLES:
        rows = (
            (
                f"`{column.name}`",
                column.kind,
                "yes" if column.required else "",
                code((*column.synonyms, *column.fallbacks)),
            )
            for column in spec.columns
        )
        known = f"\n\nFiles and sheets are also found as {code(spec.words)}." if spec.words else ""
        heads = ("column", "kind", "required", "also found as")
        parts.append(f"### {spec.name}\n\n" + table(heads, rows) + known)
    return "\n\n".join(parts)


def status() -> str:
    """The words for a coupon's status."""
    return table(("status", "words"), ((f"`{name}`", code(words)) for name, words in STATUS_WORDS.items()))


def order_status() -> str:
    """The words for an order's status."""
    return table(("status", "words"), ((name, code(words)) for name, words in ORDER_STATUS_WORDS.items()))


def rules() -> str:
    """Every rule of the check, with its effect."""
    heads = ("rule", "finds", "effect", "what to do")
    return table(heads, ((f"`{rule.name}`", rule.finds, rule.effect, rule.cure) for rule in RULES))


def _attributes(model: type) -> str:
    """A table of settings from the Attributes section of their docstring."""
    section = (model.__doc__ or "").split("Attributes:")[1]
    entries = re.findall(r"^ {4,8}(\w[\w, ]*): (.*?)(?=^ {4,8}\w[\w, ]*: |\Z)", section, re.MULTILINE | re.DOTALL)
    rows = [(code(names.split(", ")), " ".join(text.split())) for names, text in entries]
    silent = [name for name in model.model_fields if not re.search(rf"\b{name}\b", section)]  # type: ignore[attr-defined]
    if silent:
        raise SystemExit(f"{model.__name__} does not describe {', '.join(silent)}: write it into its docstring")
    return table(("setting", "meaning"), rows)


def read_settings() -> str:
    """What coterie.toml may say about reading."""
    return _attributes(ReadSettings)


def segment_settings() -> str:
    """What the table [segment] of coterie.toml may hold."""
    return _attributes(Settings)


def commands() -> str:
    """Every command with its arguments and options."""
    group = typer.main.get_command(app)
    parts = []
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        rows = []
        for parameter in command.params:
            if parameter.name == "help":
                continue
            if parameter.param_type_name == "option":
                shown = code(parameter.opts)
            else:
                shown = f"`{(parameter.metavar or parameter.name).strip('[]')}`"
            rows.append((shown, getattr(parameter, "help", None) or ""))
        told = re.sub(r" Example: (.*)$", r"\n\nExample: `\1`", " ".join((command.help or "").split()))
        parts.append(f"### coterie {name}\n\n{told}\n\n" + table(("argument", "meaning"), rows))
    return "\n\n".join(parts)


def charts() -> str:
    """Every chart of the report."""
    return table(("chart", "shows"), ((f"`{chart.name}`", chart.about) for chart in CHARTS))


def pages() -> str:
    """Every part of the report."""
    return table(("part", "holds"), ((f"`{page.name}`", page.about) for page in PAGES))


def actions() -> str:
    """The advice of our own playbook."""
    rows = (
        (f"`{rule.name}`", rule.texts["title"], "yes" if rule.coupon else "no", rule.gain)
        for rule in load_playbook(None).rules
    )
    return table(("action", "advice", "coupon", "gain"), rows)


def facts() -> str:
    """What the conditions of a rule may compare with a number."""
    return table(("fact", "meaning"), ((f"`{name}`", meaning) for name, meaning in FACTS.items()))


def levels() -> str:
    """What the conditions of a rule may ask for by word."""
    return table(("dimension", "levels"), ((f"`{name}`", code(words)) for name, words in LEVELS.items()))


def fields() -> str:
    """What the sentences of a rule may hold in braces."""
    both = {**FIELDS, **LEAD_FIELDS}
    rows = ((f"`{{{name}}}`", meaning, "" if name in FIELDS else "yes") for name, meaning in both.items())
    return table(("field", "meaning", "only with `lead`"), rows)


def algorithms() -> str:
    """The clustering algorithms."""
    return table(("algorithm", "meaning"), ((f"`{one.name}`", one.meaning) for one in (*ALGORITHMS, *ON_ORDERS)))


def dialects() -> str:
    """The dialects of SQL in which a model can be written."""
    rows = ((f"`{one.name}`", one.meaning, "yes" if one.tried else "") for one in DIALECTS)
    return table(("dialect", "whose", "run in our tests"), rows)


PARTS: dict[str, Callable[[], str]] = {
    "dialects": dialects,
    "features": features,
    "presets": presets,
    "tables": tables,
    "status": status,
    "order-status": order_status,
    "rules": rules,
    "read-settings": read_settings,
    "segment-settings": segment_settings,
    "commands": commands,
    "charts": charts,
    "pages": pages,
    "actions": actions,
    "facts": facts,
    "levels": levels,
    "fields": fields,
    "algorithms": algorithms,
}


def written(text: str) -> str:
    """A page with its parts as the code has them now."""
    return PART.sub(lambda part: f"{part[1]}\n{PARTS[part['name']]()}\n\n{part[3]}", text)


def main() -> None:
    """Write all pages again."""
    for page in sorted(HERE.glob("*.md")):
        old = page.read_text(encoding="utf-8")
        new = written(old)
        if new != old:
            page.write_text(new, encoding="utf-8")
            sys.stdout.write(f"{page.name} written\n")


if __name__ == "__main__":
    main()
