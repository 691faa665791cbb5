"""The API: what the run says, one customer as listed, scores as assigned; nothing hostile makes it fail."""

from __future__ import annotations

import json
import math

import pandas as pd
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import (
    content_type_conformance,
    negative_data_rejection,
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.generation import GenerationMode

import coterie as ct
from coterie.dashboard import Access, Session, allowed_hosts
from coterie.dashboard.app import guarded
from coterie.features import describe
from coterie.runs import load_result


@pytest.fixture(scope="module")
def listed(saved):
    return pd.read_parquet(saved / "assignments.parquet")


def test_the_run_is_told(client, live, saved):
    manifest = json.loads((saved / "manifest.json").read_text(encoding="utf-8"))
    found = client.get("/api/run").json()
    assert {name: found[name] for name in ("label", "as_of", "first_day", "customers", "active", "run_date")} == {
        name: manifest[name] for name in ("label", "as_of", "first_day", "customers", "active", "run_date")
    }
    assert (found["segments"], found["algorithm"], found["live"], found["changed"]) == (3, "k-means", False, False)
    assert live.get("/api/run").json() == {**found, "live": True}


@pytest.mark.parametrize("kind", ["client", "live"])
def test_segments_are_counted_as_listed(request, kind, listed):
    found = request.getfixturevalue(kind).get("/api/segments").json()["segments"]
    assert {one["segment"]: one["customers"] for one in found if one["customers"]} == dict(
        listed["segment"].value_counts()
    )
    assert {one["segment"]: one["name"] for one in found} == dict(zip(listed["segment"], listed["name"], strict=True))
    assert math.isclose(sum(one["share"] for one in found), 1)


def test_segments_of_a_filter_are_counted_as_pandas_does(live, listed, shop):
    people = pd.read_csv(shop / "customers.csv").merge(pd.read_csv(shop / "cities.csv"), on="city_id")
    people = people.merge(listed, on="customer_id")
    city = people["city_name"].value_counts().index[0]
    found = live.get("/api/segments", params={"city": city}).json()["segments"]
    expected = people.loc[people["city_name"] == city, "segment"].value_counts()
    assert expected.sum() > 10
    assert {one["segment"]: one["customers"] for one in found} == dict(expected)


def test_filters_need_the_raw_tables(client):
    found = client.get("/api/segments?city=Giza")
    assert found.status_code == 400
    assert found.json() == {"detail": "These filters need the raw tables. Start the dashboard with --data."}
    assert len(client.get("/api/segments?segment=2").json()["segments"]) == 1


def test_profiles_are_those_of_the_run(client, saved):
    kept = json.loads((saved / "profiles.json").read_text(encoding="utf-8"))
    assert client.get("/api/profiles").json() == kept
    assert client.get("/api/profiles/2").json() == next(one for one in kept["segments"] if one["segment"] == 2)
    assert client.get("/api/profiles/99").status_code == 404
    assert client.get("/api/profiles/two").status_code == 422


@pytest.mark.parametrize("kind", ["client", "live"])
def test_a_customer_is_told_as_listed(request, kind, listed):
    client = request.getfixturevalue(kind)
    for row in listed.sample(5, random_state=0).to_dict("records"):
        found = client.get(f"/api/customers/{row['customer_id']}").json()
        assert found["customer_id"] == str(row["customer_id"])
        assert (found["segment"], found["name"], found["action"]) == (row["segment"], row["name"], row["action"])
        margin = row["margin"]
        assert found["margin"] is None if math.isnan(margin) else math.isclose(found["margin"], margin, rel_tol=1e-9)
    missing = client.get("/api/customers/nobody")
    assert (missing.status_code, list(missing.json())) == (404, ["detail"])


def test_a_posted_customer_is_scored_as_assigned(client, listed, saved, shop):
    result, tables = load_result(saved), ct.read(shop)
    asked = client.get("/api/model").json()["features"]
    names = [one["name"] for one in asked]
    assert names == ["coupons_claimed", "recency", "city"]
    assert [one["kind"] for one in asked] == ["number", "number", "text"]
    assert asked[2]["values"] == list(result.learned.levels["city"])
    described = describe(tables, features=names, learned=result.learned, expected=False)
    rows = tables.engine.collect(described.table.filter(described.table.active)).to_pylist()
    places = {str(row["customer_id"]): row for row in listed.to_dict("records")}
    for row in rows[:25]:
        found = client.post("/api/score", json={"features": {name: row[name] for name in names}}).json()
        place = places[str(row["customer_id"])]
        assert (found["segment"], found["name"], found["action"]) == (place["segment"], place["name"], place["action"])
        assert math.isclose(found["distance"], place["distance"], rel_tol=1e-9)
        assert math.isclose(found["margin"], place["margin"], rel_tol=1e-9, abs_tol=1e-12)


GOOD = '{"features": {"coupons_claimed": 3, "recency": 5, "city": null}}'


@pytest.mark.parametrize(
    "body",
    [
        "", "{", "[]", "null", '"x"', "{}", '{"features": []}', '{"features": {}}', '{"features": null}',
        GOOD.replace("3", "NaN"), GOOD.replace("3", "Infinity"), GOOD.replace("3", "1e999"),
        GOOD.replace("3", "9" * 5_000), GOOD.replace("3", "9" * 400), GOOD.replace("3", '"3"'), GOOD.replace("3", "true"),
        GOOD.replace("3", "[3]"), GOOD.replace("null", "7"), GOOD.replace("}}", '}, "more": 1}'),
        GOOD.replace("null}", 'null, "shoe_size": 41}'), '{"features":' * 1_000 + "1" + "}" * 1_000, "[" * 60_000,
        GOOD.replace("null", '"\\ud800"').replace("3", "-1e300"),
    ],
)  # fmt: skip
def test_what_cannot_be_scored_is_one_sentence(client, body):
    found = client.post("/api/score", content=body, headers={"content-type": "application/json"})
    assert found.status_code in (400, 422)
    assert list(found.json()) == ["detail"]
    assert isinstance(found.json()["detail"], str)


def test_what_can_be_scored_is(client):
    found = client.post("/api/score", content=GOOD, headers={"content-type": "application/json; charset=utf-8"})
    assert found.status_code == 200
    assert found.json()["segment"] in (1, 2, 3)


def test_the_api_is_described_without_any_other_server(client):
    described = client.get("/api/openapi.json").json()
    assert set(described["paths"]) == {
        "/api/run", "/api/segments", "/api/profiles", "/api/profiles/{segment}", "/api/customers/{customer_id}",
        "/api/model", "/api/score",
    }  # fmt: skip
    assert "http" not in json.dumps(described["paths"])
    for path in ("/docs", "/redoc", "/openapi.json", "/api/docs"):
        assert client.get(path).status_code == 404
    assert client.get("/api/nowhere").json() == {
        "detail": "There is no such address. See /api/openapi.json for all there are."
    }


@pytest.fixture(scope="module")
def described(saved, shop):
    session = Session(saved, str(shop))
    session.start()
    app = guarded(session, Access(), allowed_hosts("127.0.0.1", ["testserver"]))
    yield schemathesis.openapi.from_asgi("/api/openapi.json", app)
    session.close()


CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
)
RIGHT, WRONG = GenerationMode


@pytest.mark.parametrize(
    ("method", "path", "mode"),
    [
        ("GET", "/api/run", RIGHT),
        ("GET", "/api/segments", RIGHT),
        ("GET", "/api/segments", WRONG),
        ("GET", "/api/profiles", RIGHT),
        ("GET", "/api/profiles/{segment}", RIGHT),
        ("GET", "/api/profiles/{segment}", WRONG),
        ("GET", "/api/customers/{customer_id}", RIGHT),
        ("GET", "/api/model", RIGHT),
        ("POST", "/api/score", RIGHT),
        ("POST", "/api/score", WRONG),
    ],
)
def test_whatever_is_asked_gets_what_is_described(described, method, path, mode):
    answers = set()

    @settings(max_examples=30, suppress_health_check=list(HealthCheck))
    @given(case=described[path][method].as_strategy(generation_mode=mode))
    def asked(case):
        answer = case.call()
        answers.add(answer.status_code)
        # That a long address is refused for being long is not on its list of ways to refuse.
        case.validate_response(answer, checks=[one for one in CHECKS if answer.status_code != 414 or one in CHECKS[:4]])

    asked()
    assert answers <= {200, 400, 404, 405, 413, 414, 422}
    assert answers & ({400, 404, 422} if mode is WRONG or "{" in path or method == "POST" else {200})


def test_half_a_character_is_refused_and_not_stumbled_over(client):
    body = r'{"features": {"coupons_claimed": 1, "recency": 2, "city": null, "\ud800": 1}}'
    found = client.post("/api/score", content=body, headers={"content-type": "application/json"})
    assert found.status_code == 422
    assert r"\ud800" in found.json()["detail"]
