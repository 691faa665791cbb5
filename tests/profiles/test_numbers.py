"""Amounts in sentences read as those in tables and charts do; limits are round and a bit above."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from coterie.profiles import a_bit_above, money_text, round_money_text
from coterie.views import format as say


@given(st.floats(0, 1e12), st.sampled_from([None, "GBP", "€", "CHF", "Loyalty points"]))
def test_money_reads_the_same_in_sentences_and_charts(value, currency):
    assert money_text(value, currency) == say.money(value, currency)
    assert money_text(-value, currency) == say.money(-value, currency)


@given(st.floats(0.01, 1e9))
def test_a_limit_is_a_tenth_to_a_quarter_above(value):
    limit = a_bit_above(value)
    assert 1.1 * value * (1 - 1e-9) <= limit <= 1.25 * value * (1 + 1e-9)
    # At most three digits that are not 0.
    assert float(f"{limit:.2e}") == float(f"{limit:.12e}")


def test_nothing_has_no_limit():
    assert a_bit_above(0) == 0
    assert round_money_text(0.05) == "0.05"
