"""Sentences with named fields: only the fields on the list, nothing of a value's inside can be reached."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from string import Formatter


def fields_in(template: str) -> tuple[str, ...]:
    """The names in braces, as written.

    Raises:
        ValueError: Braces do not pair, or a field carries a conversion or a format.

    Example:
        >>> fields_in("They burn {burn_rate} against {burn_rate_all}.")
        ('burn_rate', 'burn_rate_all')
    """
    names = []
    for _, name, spec, conversion in Formatter().parse(template):
        if name is None:
            continue
        if spec or conversion:
            raise ValueError(f"{{{name}}} carries a format, but fields come ready to print")
        names.append(name)
    return tuple(names)


def unknown_fields(template: str, known: Collection[str]) -> tuple[str, ...]:
    """The names in braces that are not on the list; `{name.attribute}` and `{name[0]}` never are."""
    return tuple(name for name in fields_in(template) if name not in known)


def filled(template: str, fields: Mapping[str, str]) -> str:
    """The template with its fields put in, by name only.

    Raises:
        ValueError: It holds a field that is not given.

    Example:
        >>> filled("They burn {burn_rate}.", {"burn_rate": "29%"})
        'They burn 29%.'
        >>> filled("{name.__class__}", {"name": "Lapsed"})
        Traceback (most recent call last):
        ...
        ValueError: {name.__class__} is not a field of the playbook
    """
    unknown = unknown_fields(template, fields)
    if unknown:
        raise ValueError(f"{{{unknown[0]}}} is not a field of the playbook")
    return "".join(
        literal + (fields[name] if name is not None else "") for literal, name, _, _ in Formatter().parse(template)
    )
