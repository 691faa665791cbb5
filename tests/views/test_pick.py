"""Charts for a notebook: by name, per segment, with errors that name the way out."""

from __future__ import annotations

import subprocess
import sys

import pytest

from coterie.errors import UsageError
from coterie.views import CHARTS, notebook_chart
from coterie.views.pick import pick


def test_every_chart_can_be_had_by_its_name(samples):
    for chart in CHARTS:
        known = (samples.compared_result(), samples.both_result(), samples.orders_result())
        result = next(one for one in known if chart.draw(one))
        first = chart.draw(result)[0]
        assert pick(result, chart.name, first.segment) == first


def test_one_of_several_of_a_kind_goes_by_its_full_name(sample):
    assert pick(sample, "mix-gender").title.startswith("Gender")
    assert pick(sample, "mix") == pick(sample, "mix-coupon")
    assert pick(sample, "coupons-2") == pick(sample, "coupons", 2)
    with pytest.raises(UsageError, match="There is no chart 'mix-shoes'"):
        pick(sample, "mix-shoes")


def test_a_chart_shows_in_a_notebook(sample):
    chart = notebook_chart(sample, "sizes")
    page = chart._repr_mimebundle_()["text/html"]
    assert "vegaEmbed" in page
    assert all(f'"customers": {one.customers}' in page for one in sample.profiles.segments)


def test_dark_and_light_differ_in_colour_only(sample):
    light, dark = (notebook_chart(sample, "sizes", theme=theme).to_dict() for theme in ("light", "dark"))
    assert light["config"]["background"] == "#fbfaf7"
    assert dark["config"]["background"] == "#141517"
    assert len(light["layer"]) == len(dark["layer"])


@pytest.mark.parametrize(
    ("name", "segment", "said"),
    [
        ("silhouete", None, "Did you mean 'silhouette'?"),
        ("coupons", None, "Add segment=, one of 1, 2, 3, 4, 5."),
        ("coupons", 9, "has no segment 9. Take one of 1, 2, 3, 4, 5."),
        ("sizes", 1, "shows all segments at once. Leave out segment."),
    ],
)
def test_a_wrong_name_says_the_right_one(sample, name, segment, said):
    with pytest.raises(UsageError, match=said.replace("?", r"\?")):
        pick(sample, name, segment)


def test_nothing_to_draw_is_said(samples):
    with pytest.raises(UsageError, match="nothing to show"):
        pick(samples.alike_result(), "silhouette")


def test_an_unknown_theme_is_refused(sample):
    with pytest.raises(UsageError, match="'light' or 'dark'"):
        notebook_chart(sample, "sizes", theme="sepia")  # type: ignore[arg-type]


def test_altair_is_imported_only_for_a_chart():
    code = "import sys, coterie.api; sys.exit('altair' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
