"""Names of the data within sentences: marks that turn directions are gone, scripts from the right stand apart."""

from __future__ import annotations

import pytest

from coterie.names import isolated, shortened

HEBREW = "\u05d9\u05e8\u05d5\u05e9\u05dc\u05d9\u05dd"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Giza", "Giza"),
        ("", ""),
        ("12 (b)", "12 (b)"),
        (HEBREW, f"\u2068{HEBREW}\u2069"),
        (f"Stra\u00dfe {HEBREW}, 12", f"\u2068Stra\u00dfe {HEBREW}, 12\u2069"),
        ("\u202egnol\u202c \u2067x\u2069\u200f", "gnol x"),
        (f"\u2069{HEBREW}\u2069", f"\u2068{HEBREW}\u2069"),  # nothing gets out of its island
        ("\U0001f468\u200d\U0001f469 family", "\U0001f468\u200d\U0001f469 family"),
    ],
)
def test_a_name_is_an_island_in_its_sentence(name, shown):
    assert isolated(name) == shown
    assert isolated(shown) == shown
    assert shortened(name, 60) == shown


def test_long_names_keep_both_ends():
    assert shortened("x" * 30 + "\u202e" + "y" * 30, 21) == "x" * 10 + "…" + "y" * 10
    assert shortened(HEBREW * 9, 9) == f"\u2068{HEBREW[:4]}…{HEBREW[-4:]}\u2069"
