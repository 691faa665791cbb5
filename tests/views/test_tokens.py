"""Colours: readable in both themes, told once, never left as tokens in files."""

from __future__ import annotations

import re

import pytest

from coterie.views import tokens


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_is_readable(theme):
    palette = tokens.PALETTES[theme]
    for text in ("ink", "ink-2", "accent", "warn", "bad"):
        assert _contrast(palette[text], palette["paper"]) >= 4.5, text
        assert _contrast(palette[text], palette["panel"]) >= 4.5, text


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_chips_and_heat_cells_are_readable(theme):
    palette = tokens.PALETTES[theme]
    for number in range(1, tokens.COLOURS + 1):
        assert _contrast(palette[f"seg-{number}"], palette["paper"]) >= 3.3, number
        assert _contrast(palette[f"seg-{number}"], palette[f"on-seg-{number}"]) >= 4.5, number
    assert _contrast(palette["none"], palette["on-none"]) >= 4.5
    for step in range(1, 8):
        assert _contrast(palette[f"h{step}"], palette["on-deep" if step >= 6 else "on-heat"]) >= 4.5, step


def test_both_themes_have_the_same_tokens():
    assert tokens.PALETTES["light"].keys() == tokens.PALETTES["dark"].keys()


def test_dark_is_for_screens_only():
    style = tokens.css()
    assert "@media screen and (prefers-color-scheme:dark)" in style
    assert style.index("--paper:#fbfaf7") < style.index("@media screen") < style.index("--paper:#141517")


def test_colours_replace_tokens_and_leave_the_original():
    spec = {"a": ["var(--seg-1)", {"b": "var(--ink-2)"}], "c": 3, "d": "plain"}
    assert tokens.with_colours(spec, "dark") == {"a": ["#8cc1f9", {"b": "#abaeb3"}], "c": 3, "d": "plain"}
    assert spec["a"][0] == "var(--seg-1)"


def test_every_segment_has_a_slot():
    assert [tokens.slot(one) for one in (None, -1, 0, 1, 10, 11)] == [
        "none",
        "none",
        "none",
        "seg-1",
        "seg-10",
        "seg-1",
    ]
    for name in re.findall(r"\.(seg-\d+|none)\{", tokens.css()):
        assert name in tokens.PALETTES["light"]
