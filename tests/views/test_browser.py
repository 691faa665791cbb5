"""The report in a real browser: every chart has drawn marks, nothing is fetched, no page scrolls sideways on a phone."""

from __future__ import annotations

import pytest

from coterie.report import render_report
from tests_browser import MARKS


@pytest.fixture
def opened(browser, tmp_path):
    """Opens a result's report from disk; gives the page, what it asked for and what it complained about."""
    contexts = []

    def open_report(result, *, width=1280, scheme="light"):
        path = tmp_path / "report.html"
        path.write_text(render_report(result), encoding="utf-8")
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        contexts.append(context)
        page, asked, complaints = context.new_page(), [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path.as_uri())
        page.wait_for_function("document.documentElement.dataset.charts === 'drawn'", timeout=30_000)
        assert asked == [path.as_uri()]
        return page, complaints

    yield open_report
    for context in contexts:
        context.close()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "light"), (1280, "dark"), (390, "dark")])
def test_every_chart_shows_marks_at_every_width_in_both_themes(opened, sample, width, scheme):
    page, complaints = opened(sample, width=width, scheme=scheme)
    charts = page.evaluate(MARKS)
    assert len(charts) == 33
    for chart in charts:
        assert chart["drawn"] == "yes", chart
        assert chart["marks"] > 0, chart
        assert min(chart["width"], 2 * chart["height"]) > 90, chart
        assert chart["width"] <= chart["room"] + 1, chart
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    ends = "[...document.querySelectorAll('.contents a')].map(one => one.getBoundingClientRect().right)"
    assert max(page.evaluate(ends)) <= width - 20
    # Shades stand where there is more to scroll to, and nowhere else.
    shaded = "one => [one.classList.contains('more'), one.scrollWidth > one.clientWidth + 1]"
    places = page.evaluate(f"[...document.querySelectorAll('.scroll, [class*=wide-] > .pan')].map({shaded})")
    assert all(more == wider for more, wider in places)
    assert any(more for more, _ in places)
    assert width == 390 or page.locator("#quality .more").count() == 0
    assert complaints == []
    paper = {"light": "rgb(251, 250, 247)", "dark": "rgb(20, 21, 23)"}[scheme]
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == paper


def test_one_spec_serves_both_themes(opened, sample):
    first = {}
    for scheme in ("light", "dark"):
        page, _ = opened(sample, scheme=scheme)
        first[scheme] = page.evaluate(
            "getComputedStyle(document.querySelector('[data-chart=sizes] svg .mark-rect path')).fill"
        )
    assert first == {"light": "rgb(38, 104, 192)", "dark": "rgb(140, 193, 249)"}


def test_hostile_names_are_text_and_nothing_of_them_runs(opened, samples):
    for width in (1280, 390):
        page, complaints = opened(samples.hostile_result(), width=width)
        assert page.evaluate("window.broken") is None
        assert any("</script><script>window.broken" in text for text in page.locator("h2").all_inner_texts())
        assert page.locator("img").count() == 0
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert all(chart["marks"] > 0 for chart in page.evaluate(MARKS))
        assert complaints == []


def test_other_shapes_of_results_draw_too(opened, samples):
    names = ("never_active", "alike", "many", "chance", "natural", "across", "little", "unjudged", "compared", "both",
             "coupon_shop", "hostile_shop")  # fmt: skip
    for result in (getattr(samples, f"{name}_result")() for name in names):
        page, complaints = opened(result, width=390)
        charts = page.evaluate(MARKS)
        assert min(chart["marks"] for chart in charts) > 0, charts
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert complaints == []


def test_tables_open_by_keyboard_and_tooltips_say_the_numbers(opened, sample):
    page, _ = opened(sample)
    summary = page.locator("figure:has([data-chart=sizes]) summary")
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator("figure:has([data-chart=sizes]) table").is_visible()
    page.keyboard.press("Control+Home")
    page.locator("[data-chart=sizes] svg .mark-rect path").first.hover()
    page.wait_for_selector("#vg-tooltip-element.visible")
    assert page.locator("#vg-tooltip-element").inner_text().split() == ["Segment", "1", "Regular", "burners", "Customers", "246", "Share", "16%"]  # fmt: skip


def test_print_is_light_and_wide_even_from_a_dark_phone(opened, sample):
    page, _ = opened(sample, width=390, scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    page.set_viewport_size({"width": 673, "height": 900})
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate("getComputedStyle(document.body).getPropertyValue('--paper')") == "#fbfaf7"
    assert page.locator("nav").is_hidden()
    assert page.locator(".segments thead").evaluate("head => getComputedStyle(head).display") == "table-header-group"
    for chart in page.evaluate(MARKS):
        assert chart["marks"] > 0, chart
        assert chart["width"] <= chart["room"] + 1, chart
