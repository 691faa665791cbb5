"""The pages: each is there with and without raw tables, filters mean what they say, downloads hold the customers."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import html
import io
import re
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest

from coterie.views import BOARDS, dashboard_file

PATHS = [board.path.replace("{segment}", "1").replace("{customer}", "1") for board in BOARDS]


@pytest.fixture(scope="module")
def listed(saved):
    """The customer list of the run, as the report has it."""
    return pd.read_parquet(saved / "assignments.parquet")


@pytest.fixture(scope="module")
def raw(shop):
    return {path.stem: pd.read_csv(path) for path in shop.glob("*.csv")}


def said(page):
    """The sentences of a page of a message."""
    return [html.unescape(one) for one in re.findall(r'<p class="standfirst">(.*?)</p>', page)]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("kind", ["client", "live"])
def test_every_page_is_there(request, kind, path):
    found = request.getfixturevalue(kind).get(path)
    assert found.status_code == 200
    assert found.headers["content-type"] == "text/html; charset=utf-8"
    assert found.text.startswith("<!doctype html>")
    head = request.getfixturevalue(kind).head(path)
    assert (head.status_code, head.text) == (200, "")


def test_filters_count_as_pandas_does(live, raw, listed):
    people = raw["customers"].merge(raw["cities"], on="city_id")
    people = people.merge(listed, on="customer_id")
    city = people["city_name"].value_counts().index[0]
    found = live.get("/customers", params={"city": city, "segment": ["1", "2"]}).text
    expected = int((people["city_name"].eq(city) & people["segment"].isin([1, 2])).sum())
    assert expected > 10
    assert f"{expected:,} of 160 customers" in found


def test_downloads_hold_the_customers_of_the_filter(live, listed):
    expected = sorted(listed.loc[listed["segment"] == 2, "customer_id"])
    csv = live.get("/customers.csv?segment=2")
    assert csv.headers["content-disposition"] == 'attachment; filename="customers.csv"'
    assert sorted(pd.read_csv(io.StringIO(csv.text))["customer_id"]) == expected
    parquet = live.get("/customers.parquet?segment=2")
    assert sorted(pd.read_parquet(io.BytesIO(parquet.content))["customer_id"]) == expected


def test_many_ask_at_once_and_each_gets_its_own(live, listed):
    sizes = listed["segment"].value_counts()
    asked = [number for number in (1, 2, 3) for _ in range(8)]
    with ThreadPoolExecutor(12) as pool:
        found = list(pool.map(lambda number: live.get(f"/customers.csv?segment={number}"), asked))
    for number, answer in zip(asked, found, strict=True):
        rows = pd.read_csv(io.StringIO(answer.text))
        assert (set(rows["segment"]), len(rows)) == ({number}, sizes[number])


def test_a_download_leaves_nothing_behind(live, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert live.get("/customers.csv").status_code == 200
    assert live.get("/customers.parquet?segment=7").status_code == 200
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["client", "live"])
def test_the_list_without_filters_has_everybody(request, kind, listed):
    found = pd.read_csv(io.StringIO(request.getfixturevalue(kind).get("/customers.csv").text))
    assert sorted(found["customer_id"]) == sorted(listed["customer_id"])
    assert dict(found["segment"].value_counts()) == dict(listed["segment"].value_counts())


def test_a_list_alone_cannot_be_filtered_by_what_it_does_not_know(client):
    found = client.get("/customers.csv?city=Cairo")
    assert found.status_code == 400
    assert "cannot be filtered by cities" in said(found.text)[0]


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("/nowhere", 404, "There is no such page. The bar above has all there are."),
        ("/segments/", 404, "There is no such page. The bar above has all there are."),
        ("/segments/99", 404, "There is no segment 99. The run has"),
        ("/segments/two", 404, "There is no segment 'two'. Segments have whole numbers."),
        ("/segments/²", 404, "There is no segment '²'. Segments have whole numbers."),
        ("/customers/nobody", 404, "There is no customer 'nobody'. Search the list of customers for another one."),
        ("/customers/../../etc/passwd", 404, "There is no "),
        ("/static/passwd", 404, "There is no such page."),
        ("/?segment=x", 400, "segment='x' is no segment."),
        ("/?since=yesterday", 400, "since='yesterday' is no day. Write it as 2024-01-31."),
        ("/?since=2024-02-30", 400, "since='2024-02-30' is no day."),
        ("/?since=2024-02-01&until=2024-01-01", 400, "The days end, on 2024-01-01, before they begin, on 2024-02-01."),
        ("/?colour=red", 400, "The address asks for 'colour', which is no filter."),
        ("/segments?compare=1&compare=9", 400, "There is no segment 9."),
        ("/customers?sort=segment;drop", 400, "Customers cannot be put in order by 'segment;drop'."),
        ("/customers?page=0", 400, "page='0' is no page."),
        ("/customers?descending=maybe", 400, "descending='maybe' says neither yes nor no."),
        ("/metrics?measure=profit", 400, "'profit' is not measured."),
        ("/metrics?by=moon", 400, "Nothing is told by 'moon'."),
        ("/?" + "&".join(f"city={n}" for n in range(501)), 400, "The address has more than 500 values."),
        ("/?city=" + "a" * 501, 400, "A value of 'city' has 501 characters. Use at most 500."),
        ("/customers?text=%00", 400, "A value of 'text' holds a character that no text has."),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["client", "live"])
def test_what_cannot_be_shown_is_one_sentence(request, kind, path, status, sentence):
    found = request.getfixturevalue(kind).get(path)
    assert found.status_code == status
    assert said(found.text)[0].startswith(sentence)
    assert "Traceback" not in found.text


@pytest.mark.parametrize(
    "query",
    [
        "city='; DROP TABLE customers; --", "city=' OR '1'='1", "branch=%' OR 1=1 --", "merchant=\\", 'category="',
        "gender=<script>alert(1)</script>", "text=%", "text=_", "text=' OR ''='", "text=\\", "city=\ud7ff\u0001",
        "segment=999999", "since=0001-01-01", "until=9999-12-31", "since=9999-12-31", "until=0001-01-01", "city=",
    ],
)  # fmt: skip
def test_hostile_values_match_nobody_and_harm_nothing(live, query):
    for path in ("/customers", "/metrics", "/trends", "/"):
        if "text=" in query and path != "/customers":
            continue
        found = live.get(path, params=[tuple(query.split("=", 1))])
        assert found.status_code == 200, (path, said(found.text))
        assert "<script>alert" not in found.text
    assert live.get("/api/run").json()["customers"] == 160
    assert sum(one["customers"] for one in live.get("/api/segments").json()["segments"]) == 160


def test_a_customer_of_any_id_has_a_page(live, listed):
    for customer_id in listed["customer_id"].head(3):
        assert live.get(f"/customers/{customer_id}").status_code == 200


def test_files_are_kept_for_ever_by_their_digest(client):
    file = dashboard_file("dashboard.css")
    found = client.get(f"/static/dashboard.css?v={file.digest}", headers={"accept-encoding": "gzip"})
    assert found.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert (found.headers["content-encoding"], found.headers["etag"]) == ("gzip", f'"{file.digest}"')
    assert found.content == file.content == gzip.decompress(file.packed)
    plain = client.get("/static/dashboard.css?v=old", headers={"accept-encoding": "identity"})
    assert (plain.headers["cache-control"], "content-encoding" in plain.headers) == ("no-cache", False)
    assert plain.content == file.content
    again = client.get("/static/dashboard.css", headers={"if-none-match": f'"{file.digest}"'})
    assert (again.status_code, again.content) == (304, b"")


def test_the_files_of_every_page_are_there(client):
    for path in set(re.findall(r'(?:src|href)="(/static/[^"]+)"', client.get("/").text)):
        found = client.get(path)
        assert found.status_code == 200, path
        assert "immutable" in found.headers["cache-control"], path


def test_links_of_the_pages_lead_somewhere(live):
    links = {html.unescape(link) for path in PATHS for link in re.findall(r' href="(/[^"#]*)', live.get(path).text)}
    assert len(links) > 20
    for link in sorted(links)[:120]:
        assert live.get(link).status_code == 200, link


def test_pages_are_packed(live):
    found = live.get("/customers", headers={"accept-encoding": "gzip"})
    assert found.headers["content-encoding"] == "gzip"


def test_a_bug_is_one_sentence_without_its_traceback(client, monkeypatch):
    def broken(name, look):
        raise RuntimeError("secret of the inside")

    monkeypatch.setattr("coterie.dashboard.app.board_page", broken)
    found = client.get("/model")
    assert found.status_code == 500
    assert "secret of the inside" not in found.text
    assert "This is a fault of Coterie" in said(found.text)[0]
    assert found.headers["x-content-type-options"] == "nosniff"


def test_another_number_of_segments_is_tried(live, client):
    answer = live.get("/model?k=3")
    assert answer.status_code == 200
    assert "What three groups would be" in answer.text
    assert "So it is in the run." in answer.text
    for wrong in ("1", "11", "two", "3&k=4"):
        refused = live.get(f"/model?k={wrong}")
        assert refused.status_code == 400, wrong
    assert "What three groups" not in client.get("/model?k=3").text


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=0-3", "lines=1-2", "bytes=5-2"])
def test_a_download_comes_whole_and_leaves_nothing_whatever_part_is_asked_for(client, tmp_path, monkeypatch, asked):
    whole = client.get("/customers.csv").content
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    found = client.get("/customers.csv", headers={"range": asked})
    assert (found.status_code, found.headers["accept-ranges"]) == (200, "none")
    assert found.content == whole
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("version", ["2.3", "2.4"])
def test_a_download_leaves_nothing_when_who_asked_has_gone(client, tmp_path, monkeypatch, version):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    sent = []

    async def receive():
        await asyncio.sleep(0.01)
        return {"type": "http.disconnect"} if sent else {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message["type"])
        raise OSError("They have gone.")

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": version},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/customers.csv",
        "raw_path": b"/customers.csv",
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"127.0.0.1:8765")],
        "client": ("127.0.0.1", 5),
        "server": ("127.0.0.1", 8765),
    }
    with contextlib.suppress(OSError, ExceptionGroup):
        client.portal.call(client.app, scope, receive, send)
    assert sent
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/retention?since=2023-01-01&segment=1", "Days do not narrow this page."),
        ("/model?city=Arvenport&branch=1&until=2023-06-30", "Cities, branches and days do not narrow this page."),
        ("/customers/1?segment=2", "Segments do not narrow this page."),
        ("/data?category=", "Categories do not narrow this page."),
        ("/retention?segment=1", ""),
        ("/model?since=&until=", ""),
        ("/metrics?since=2023-01-01", ""),
    ],
)
def test_a_filter_that_a_page_does_not_have_is_named(live, path, said):
    text = live.get(path).text
    assert (said in text) if said else ("narrow this page" not in text)


def test_without_raw_tables_it_is_named_too(client):
    assert "Cities do not narrow this page." in client.get("/metrics?city=Arvenport&segment=1").text
    assert "narrow this page" not in client.get("/metrics?segment=1").text


def test_an_engine_without_room_is_not_just_now(live, monkeypatch):
    from coterie.engines import NoRoom
    from coterie.explore import Shop

    def full(*given):
        raise NoRoom("The engine needs more memory than it may hold. Allow more with --memory.")

    monkeypatch.setattr(Shop, "figures", full)
    found = live.get("/metrics?since=2023-02-03")
    assert (found.status_code, found.headers["retry-after"]) == (503, "5")
    assert "The engine needs more memory than it may hold. Allow more with --memory." in found.text
    monkeypatch.undo()
    assert live.get("/metrics?since=2023-02-03").status_code == 200
