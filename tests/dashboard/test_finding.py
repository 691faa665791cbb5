"""Values of a filter looked for by a text: as a piece of the page, and without a script as a page."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from coterie.dashboard import Session
from tests_dashboard import client_of


@pytest.fixture(scope="module")
def branches(shop):
    """Branch -> events there, as the files have them."""
    rows = pd.concat([pd.read_csv(shop / f"{name}.csv").branch_id for name in ("orders", "transactions")])
    return rows.dropna().astype(int).astype(str).value_counts()


def listed(html):
    """Value -> (count, ticked) of every box of branches."""
    found = re.findall(r'name="branch" value="([^"]*)"( checked)?>.*?class="number">(.*?)<', html)
    return {value: (int(count.replace(",", "")), bool(ticked)) for value, ticked, count in found}


def test_a_text_finds_values_of_a_filter(live, branches):
    wanted = {value: (count, False) for value, count in branches.items() if "7" in value}
    assert 1 < len(wanted) < 50
    found = live.get("/options", params={"filter": "branch", "find-branch": "7"})
    assert found.headers["content-type"].startswith("text/html")
    assert "<html" not in found.text
    assert listed(found.text) == wanted
    # A page shows the same to a form that is sent without a script; what is ticked stays.
    page = live.get("/trends", params={"find-branch": "7", "branch": ["1", "7"], "segment": ["1"]}).text
    assert listed(page) == wanted | {"1": (branches["1"], True), "7": (branches["7"], True)}
    assert 'name="find-branch" value="7"' in page


def test_without_a_text_the_list_is_that_of_the_bar(live):
    found = live.get("/options", params={"filter": "branch", "find-branch": " "})
    assert listed(found.text) == listed(live.get("/trends").text)


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("filter=planet", 404, "There is no filter &#39;planet&#39; with values to choose from here."),
        ("filter=segment&find-city=x", 200, None),
        ("", 404, "There is no filter &#39;&#39;"),
        ("filter=city&planet=1", 400, "which is no filter"),
        ("filter=city&find-city=" + "x" * 501, 400, "Use at most 500."),
        ("filter=city&find-city=a&find-city=b", 400, "The address has find-city 2 times. Give it once."),
        ("filter=city&find-city=%3Cscript%3E", 200, "Nothing is called so."),
    ],
)
def test_failures_are_a_sentence_in_the_place_of_the_list(live, query, status, said):
    found = live.get(f"/options?{query}")
    assert found.status_code == status
    assert "<html" not in found.text
    assert said is None or said in found.text


def test_a_run_alone_has_nothing_to_look_for(client):
    assert client.get("/options?filter=city&find-city=a").status_code == 404
    assert client.get("/trends?find-city=a").status_code == 200


def test_privately_what_few_have_is_not_found(saved, shop, branches, monkeypatch):
    monkeypatch.setattr("coterie.dashboard.private.FEWEST", 25)
    session = Session(saved, str(shop), private=True)
    session.start()
    with client_of(session) as private:
        some = {value: count for value, count in branches.items() if "3" in value}
        found = private.get("/options", params={"filter": "branch", "find-branch": "3"}).text
        assert set(listed(found)) == {value for value, count in some.items() if count >= 25} < set(some)
