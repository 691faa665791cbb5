"""The report as a whole: the numbers of the result are in it, and its charts can be had as files."""

from __future__ import annotations

import html
import importlib.util
import re
import sys
from pathlib import Path

import pytest

from coterie.report import chart_files, render_report


@pytest.fixture(scope="module")
def sample():
    name = "coterie_sample_result"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / "views" / "sample_result.py")
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name].sample_result()


def _words(document: str) -> str:
    body = re.sub(r"<(script|style).*?</\1>", " ", document, flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", body)))


def test_the_report_tells_the_numbers_of_the_result(sample):
    words = _words(render_report(sample))
    for told in (
        "dunnhumby", "1 Nov 2016 – 18 Feb 2018", "seed 7", "7,208 of 7,231 rows used", "1,584", "12.3 %", "Regular burners",
        "Offer first, without a deeper discount", "Never-burn collectors", "Has burnt at least one coupon and holds 5 or more",
        "the highest silhouette with every segment stable", "23 coupons have a status nobody knows", "Kaplan-Meier",
        "Burn rate of 12 customers without a mature coupon", "Over-index",
    ):  # fmt: skip
        assert told in words, told


def test_no_column_name_is_printed(sample):
    words = _words(render_report(sample))
    assert not re.search(
        r"\b(transaction_count|burn_rate|coupons_\w+|recency|claims_per_time)\b", words.replace("Recency", "")
    )


def test_the_title_replaces_the_label(sample):
    document = render_report(sample, title="Shop & Co")
    assert "<title>Shop &amp; Co</title>" in document
    assert "Coterie . Shop & Co, 1 Nov 2016" in _words(document)
    assert "Made by Coterie from Shop & Co." in _words(document)


def test_the_report_stays_small(sample):
    assert len(render_report(sample).encode()) < 1_500_000


def test_chart_files_in_one_format(sample, tmp_path):
    paths = chart_files(sample, tmp_path, ("svg",))
    assert len(paths) == len(set(paths)) == 33
    assert all(path.read_text(encoding="utf-8").startswith("<svg") for path in paths)
