"""Texts as dates in the words of PostgreSQL, there and in the engine that tries out a query, beside Python's own strptime."""

from __future__ import annotations

import datetime as dt
import itertools

import pyarrow as pa
import pytest

from coterie.engines import open_engine
from coterie.engines.postgres_dates import parse_dates, parse_dates_for_both

FORMATS = ["%Y-%m-%d", "%d-%m-%Y", "%m-%d-%Y", "%d-%m-%y", "%m-%d-%y", "%d-%b-%Y", "%b-%d-%Y", "%d-%b-%y", "%b-%d-%y"]
YEARS = {"%Y": ("0000", "0001", "0100", "0400", "1900", "1999", "2000", "2023", "2024", "9999")}
YEARS["%y"] = tuple(f"{year:02}" for year in range(100))
MONTHS = {"%m": ("0", "1", "2", "02", "9", "11", "12", "13"), "%b": ("jan", "FEB", "Feb", "aPr", "Jun", "DEC", "mai")}
DAYS = ("0", "1", "01", "09", "19", "28", "29", "30", "31", "32")
OTHERS = ("", "x", " 2024-01-01", "2024-01-011", "2024-01-01\n", "1-1-1", "٢٠٢٤-01-01", "2024-1-5", "99-99-9999")


def python(text, formats):
    for spelt in formats if text.isascii() else ():
        try:
            return dt.datetime.strptime(text, spelt).date()  # noqa: DTZ007
        except ValueError:
            continue
    return None


def texts_of(spelt):
    """Every year with every month and day, spelt so."""
    year, month = (next(kind for kind in kinds if kind in spelt) for kinds in (YEARS, MONTHS))
    for one, other, day in itertools.product(YEARS[year], MONTHS[month], DAYS):
        yield spelt.replace(year, one).replace(month, other).replace("%d", day)


@pytest.fixture(scope="module", params=["there", "for both there", "for both"])
def parsed(request):
    """Gives the days of texts in an engine."""
    there = "there" in request.param
    address = request.getfixturevalue("postgres").address("postgres") if there else None
    engine = open_engine("postgres" if there else "duckdb", address=address)
    parse = parse_dates_for_both if "both" in request.param else parse_dates

    def days_of(texts, formats):
        table = pa.table({"n": range(len(texts)), "text": texts})
        rows = engine.load(table.to_batches(), table.schema)
        return engine.collect(rows.select("n", day=parse(rows.text, formats)).order_by("n"))["day"].to_pylist()

    yield days_of
    engine.close()


@pytest.mark.parametrize(
    "formats", [*([one] for one in FORMATS), FORMATS], ids=lambda formats: formats[-1] + "," * (len(formats) - 1)
)
def test_it_reads_as_python_does(parsed, formats):
    texts = [
        *dict.fromkeys(itertools.chain(*map(texts_of, formats[:3] if len(formats) > 1 else formats), OTHERS)),
        None,
    ]
    days = parsed(texts, formats)
    assert [(text, day) for text, day in zip(texts, days, strict=True)] == [
        (text, None if text is None else python(text, formats)) for text in texts
    ]
