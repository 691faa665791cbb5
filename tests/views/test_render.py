"""The document: nothing can run that is not ours, nothing from the data can break out, the bundle is the current one."""

from __future__ import annotations

import base64
import hashlib
import html
import itertools
import json
import re
from html.parser import HTMLParser

import pytest

from coterie.views.bundle import build, shipped
from coterie.views.contract import Drawn
from coterie.views.pages import PAGES
from coterie.views.pages.glossary import terms_of
from coterie.views.render import document, draw_all, script_json
from coterie.views.terms import anchor, definition

VOID = {"meta", "link", "br", "img", "input", "hr"}
SVG_SHAPES = {"rect", "line", "circle", "path"}


class _Page(HTMLParser):
    """Collects elements, the text of scripts, ids and links; complains about elements that do not nest."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.scripts: list[tuple[dict, str]] = []
        self.styles: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[tuple[str, dict]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.tags.append((tag, found))
        if tag == "script":
            self.scripts.append((found, ""))
        if "id" in found:
            self.ids.append(found["id"])
        if tag == "a":
            self.links.append(found.get("href", ""))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open[-1:] == [tag], f"</{tag}> closes {self.open[-3:]}"
        self.open.pop()

    def handle_data(self, data):
        if self.open and self.open[-1] == "script":
            found, text = self.scripts[-1]
            self.scripts[-1] = (found, text + data)
        elif self.open and self.open[-1] == "style":
            self.styles.append(data)
        else:
            self.words.append(data)


@pytest.fixture(scope="module")
def page(variant):
    return _Page(document(variant, variant.label))


def test_elements_nest_and_ids_are_unique(page):
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    assert all(link.startswith("#") and link[1:] in page.ids for link in page.links)


def test_every_chart_has_its_place_description_and_table(variant, page):
    places = {found["data-chart"]: found for _, found in page.tags if "data-chart" in found}
    drawn = {chart.name: chart for one in draw_all(variant).values() for chart in one}
    assert places.keys() == drawn.keys()
    for name, found in places.items():
        assert found["role"] == "img"
        assert found["aria-label"] == drawn[name].description
    specs = json.loads(next(text for found, text in page.scripts if found.get("id") == "specs"))
    assert specs["charts"].keys() == drawn.keys()
    assert sum(tag == "details" and found.get("class") == "numbers" for tag, found in page.tags) == len(drawn)


def test_only_our_scripts_and_style_may_run(page):
    policy = next(found["content"] for tag, found in page.tags if found.get("http-equiv") == "Content-Security-Policy")
    allowed = set(re.findall(r"'sha256-([^']+)'", policy))
    running = [text for found, text in page.scripts if found.get("type") != "application/json"]
    assert len(running) == 2
    for text in [*running, "".join(page.styles)]:
        assert base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() in allowed
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert len(page.scripts) == 3


def test_nothing_is_fetched_and_nothing_is_inline(page):
    for tag, found in page.tags:
        assert not {"src", "srcset", "style", "action"} & found.keys(), tag
        assert not any(name.startswith("on") for name in found), tag
        assert tag not in ("link", "iframe", "img", "object", "form", "base"), tag


def test_hostile_names_stay_text(samples):
    hostile = samples.hostile_result()
    found = _Page(document(hostile, hostile.label))
    assert samples.HOSTILE in "".join(found.words)
    specs = json.loads(next(text for one, text in found.scripts if one.get("id") == "specs"))
    names = {row["name"] for row in specs["charts"]["sizes"]["data"]["values"]}
    assert names == {f"{number} {samples.HOSTILE} {number}" for number in range(1, 6)}


def test_json_cannot_end_its_script():
    text = script_json({"a": "</script><!--\u2028\u2029&"})
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == {"a": "</script><!--\u2028\u2029&"}
    with pytest.raises(ValueError, match="not JSON compliant"):
        script_json({"a": float("nan")})


def test_headings_do_not_skip_levels(page):
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_the_shipped_bundle_is_what_the_installed_library_gives():
    pytest.importorskip("vl_convert", reason="needs vl-convert-python, the extra `charts`")
    assert shipped() == build(), "run `python -m coterie.views.bundle`"
    assert "</script" not in shipped()
    assert "<!--" not in shipped()


def test_same_result_same_bytes(sample):
    assert document(sample, "a") == document(sample, "a")


def test_figures_of_the_shop_have_their_definition_on_demand(variant):
    drawings, known = draw_all(variant), {term for term, _ in terms_of(variant)}
    assert {term for drawn in drawings.values() for chart in drawn for term in chart.terms} <= known
    pages = {page.name: page.value(variant, drawings) or {} for page in PAGES}
    shown = [chart for name in ("sales", "retention", "trends", "lifetime") for part in pages[name].values()
             if isinstance(part, tuple) for chart in part if isinstance(chart, Drawn)]  # fmt: skip
    # Small pictures of one segment each stand under a head that defines them all.
    assert all(chart.terms for chart in shown if chart.segment is None)
    said = html.unescape(document(variant, "x"))
    for chart in shown:
        for term in chart.terms:
            assert f"{term}: {definition(anchor(term))}" in said, term
