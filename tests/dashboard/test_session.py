"""A run folder that is replaced, damaged or missing while it is served; data that have changed since."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import threading
import time
from concurrent.futures import Future

import pandas as pd
import pytest

import coterie as ct
from coterie.dashboard import Session
from coterie.dashboard import loading as of_loading
from coterie.dashboard import session as of_session
from coterie.dashboard.answers import NotAnswered
from coterie.errors import DataError, UsageError
from coterie.runs import writing
from coterie.views import BOARDS
from tests_dashboard import client_of
from tests_postgres import wait_for


@pytest.fixture
def served(run):
    session = Session(run)
    session.start()
    with client_of(session) as client:
        yield client


def rewritten(path, **changes):
    found = json.loads(path.read_text(encoding="utf-8"))
    new = path.with_suffix(".new")
    new.write_text(json.dumps({**found, **changes}), encoding="utf-8")
    new.replace(path)


def test_a_run_that_is_replaced_is_shown_at_once(served, run, shop):
    assert served.get("/api/run").json()["segments"] == 3
    ct.segment(shop, features=["coupons_claimed", "recency"], k=4, evidence=False).save(run)
    assert served.get("/api/run").json()["segments"] == 4
    assert served.get("/segments/4").status_code == 200
    listed = served.get("/api/segments").json()["segments"]
    assert sum(one["customers"] for one in listed) == 160


def test_a_run_that_stays_is_loaded_once(served, monkeypatch):
    monkeypatch.setattr(of_loading, "load_result", lambda folder: pytest.fail("loaded again"))
    for path in ("/", "/api/run", "/segments"):
        assert served.get(path).status_code == 200


def test_a_run_that_is_gone_is_told_and_comes_back(served, run, tmp_path):
    run.rename(tmp_path / "away")
    found = served.get("/")
    assert (found.status_code, found.headers["retry-after"]) == (503, "5")
    assert "The run is not in its place just now." in found.text
    assert served.get("/healthz").status_code == 503
    (tmp_path / "away").rename(run)
    assert served.get("/").status_code == 200


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda run: (run / "profiles.json").write_text("{", encoding="utf-8"), "it is not valid JSON"),
        (lambda run: (run / "model.json").unlink(), "it is missing"),
        (lambda run: rewritten(run / "choice.json", k=7), "it says k = 7, the model 3"),
        (lambda run: (run / "assignments.parquet").write_bytes(b"PAR1"), "is no Parquet file"),
        (lambda run: rewritten(run / "manifest.json", format=99), "format 99"),
        (lambda run: rewritten(run / "manifest.json", product="other"), "is not a run of Coterie"),
    ],
)
def test_a_damaged_run_is_one_clear_page(served, run, tmp_path, monkeypatch, damage, said):
    monkeypatch.setattr(of_session, "RETRY_SECONDS", 0.0)
    kept = shutil.copytree(run, tmp_path / "kept")
    damage(run)
    rewritten(run / "manifest.json", seconds={})
    for path in ("/", "/segments/1", "/api/run", "/customers.csv"):
        found = served.get(path)
        assert found.status_code == 503, path
        assert said in found.text, path
        assert str(tmp_path) not in found.text, path  # paths of the machine are nobody's business
    shutil.copytree(kept, run, dirs_exist_ok=True)
    time.sleep(0.01)
    assert served.get("/").status_code == 200


def test_a_failed_run_is_not_read_at_every_request(served, run, monkeypatch):
    (run / "model.json").unlink()
    rewritten(run / "manifest.json", seconds={})
    assert served.get("/").status_code == 503
    monkeypatch.setattr(of_loading, "load_result", lambda folder: pytest.fail("read again"))
    assert served.get("/").status_code == 503


def test_a_run_without_its_list_shows_the_rest(run):
    (run / "assignments.parquet").unlink()
    session = Session(run)
    session.start()
    with client_of(session) as client:
        assert client.get("/").status_code == 200
        for path in ("/customers", "/customers.csv", "/api/customers/1"):
            found = client.get(path)
            assert found.status_code == 404
            assert "was written to a table of the database" in found.text
        assert len(client.get("/api/segments").json()["segments"]) >= 3


@pytest.mark.parametrize("data", [False, True])
def test_a_run_of_before_there_were_metrics_is_shown(run, shop, data):
    (run / "metrics.json").unlink()
    session = Session(run, str(shop) if data else None)
    session.start()
    with client_of(session) as client:
        for board in BOARDS:
            path = board.path.replace("{segment}", "1").replace("{customer}", "1")
            assert client.get(path).status_code == 200, path


def test_a_run_is_replaced_again_and_again_while_it_is_read(served, run, saved):
    answers = []

    def read():
        while not done.is_set():
            answers.append([served.get(path).status_code for path in ("/segments", "/customers?segment=1", "/api/run")])

    done = threading.Event()
    readers = [threading.Thread(target=read) for _ in range(3)]
    for one in readers:
        one.start()
    for _ in range(8):
        with writing(run) as folder:
            shutil.copytree(saved, folder, dirs_exist_ok=True, copy_function=shutil.copyfile)
    done.set()
    for one in readers:
        one.join()
    assert {status for row in answers for status in row} <= {200, 503}
    assert served.get("/segments").status_code == 200


def test_starting_tells_what_is_wrong(run, tmp_path):
    with pytest.raises(UsageError, match="There is no run at"):
        Session(tmp_path / "nowhere")
    (run / "model.json").unlink()
    with pytest.raises(DataError, match="it is missing"):
        Session(run).start()


def test_data_that_have_changed_are_told(run, shop, tmp_path):
    newer = shutil.copytree(shop, tmp_path / "shop")
    with (newer / "customers.csv").open("a", encoding="utf-8") as file:
        header = (shop / "customers.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
        file.write(",".join("999999" if name == "customer_id" else "" for name in header) + "\n")
    for data, changed in ((shop, False), (newer, True)):
        session = Session(run, str(data))
        session.start()
        with client_of(session) as client:
            assert client.get("/api/run").json()["changed"] is changed
            assert ("The data have changed since this run" in client.get("/").text) is changed
            assert client.get("/api/customers/999999").status_code == (200 if changed else 404)


def test_data_that_went_away_are_read_again(run, shop, monkeypatch):
    session = Session(run, str(shop))
    session.start()

    def gone(*given):
        raise DataError("The database has gone away.")

    with client_of(session) as client:
        with session.opened() as first:
            monkeypatch.setattr(first.shop, "alone", gone)
        for _ in range(2):
            found = client.get("/customers/1")
            assert found.status_code == 503
            assert "The database has gone away." in found.text
        monkeypatch.setattr(of_session, "REOPEN_SECONDS", 0.0)
        assert client.get("/customers/1").status_code == 200
        assert first._closed
        with session.opened() as second:
            assert client.get("/").status_code == 200
            with session.opened() as third:
                assert third is second


def test_who_reads_keeps_the_run_open(run):
    session = Session(run)
    session.start()
    with session.opened() as first:
        rewritten(run / "manifest.json", seconds={})
        with session.opened() as second:
            assert second is not first
        assert not first._closed
        assert sum(first.shop.segments(of_nothing()).values()) == 160
    wait_for(lambda: first._closed)
    session.close()
    assert second._closed


def of_nothing():
    from coterie.explore import Filters

    return Filters()


@pytest.fixture
def held(monkeypatch):
    """Loading waits until this is set."""
    go, load = threading.Event(), of_loading.load_result
    monkeypatch.setattr(of_loading, "load_result", lambda folder: go.wait(30) and load(folder))
    yield go
    go.set()


def test_while_the_new_run_is_loaded_the_one_before_is_shown(run, shop, monkeypatch, held):
    monkeypatch.setattr(of_session, "WAIT_SECONDS", 0.2)
    held.set()
    session = Session(run, str(shop))
    session.start()
    held.clear()
    with client_of(session) as client:
        ct.segment(shop, features=["coupons_claimed", "recency"], k=4, evidence=False).save(run)
        before = time.monotonic()
        for path in ("/", "/metrics?segment=3", "/segments/3"):
            found = client.get(path)
            assert found.status_code == 200
            assert found.text.count("The run has been replaced. The new one is being loaded") == 1
        assert client.get("/api/run").json()["segments"] == 3
        assert client.get("/healthz").status_code == 200
        assert time.monotonic() - before < 20
        monkeypatch.setattr(of_session, "WAIT_SECONDS", 60.0)
        held.set()
        wait_for(lambda: client.get("/api/run").json()["segments"] == 4)
        found = client.get("/segments/4")
        assert found.status_code == 200
        assert "has been replaced" not in found.text


def test_where_there_is_none_before_it_is_told_that_it_is_being_loaded(run, monkeypatch, held):
    monkeypatch.setattr(of_session, "RETRY_SECONDS", 0.0)
    held.set()
    session = Session(run)
    session.start()
    kept = (run / "model.json").read_bytes()
    with client_of(session) as client:
        (run / "model.json").unlink()
        rewritten(run / "manifest.json", seconds={})
        assert "it is missing" in client.get("/").text
        (run / "model.json").write_bytes(kept)
        held.clear()
        monkeypatch.setattr(of_session, "WAIT_SECONDS", 0.2)
        time.sleep(0.01)
        for path in ("/", "/healthz", "/segments"):
            found = client.get(path)
            assert (found.status_code, found.headers["retry-after"]) == (503, "5"), path
        assert "is being loaded" in found.text
        held.set()
        monkeypatch.setattr(of_session, "WAIT_SECONDS", 60.0)
        assert client.get("/").status_code == 200
        assert client.get("/healthz").status_code == 200


def test_what_is_replaced_once_more_while_it_is_loaded_is_shown_to_nobody(run, shop, monkeypatch, held):
    monkeypatch.setattr(of_session, "WAIT_SECONDS", 0.0)
    held.set()
    session = Session(run)
    session.start()
    held.clear()
    made, load = [], of_session.load_opened
    monkeypatch.setattr(of_session, "load_opened", lambda *given: made.append(load(*given)) or made[-1])
    for _ in range(2):
        rewritten(run / "manifest.json", seconds={})
        with session.opened() as shown:
            assert shown.replaced
    held.set()
    monkeypatch.setattr(of_session, "WAIT_SECONDS", 60.0)
    with session.opened() as last:
        assert not last.replaced
    assert [one is last for one in made] == [False, True]
    wait_for(lambda: made[0]._closed and shown._closed)
    assert not last._closed
    session.close()
    assert last._closed


def test_who_looked_at_the_manifest_early_does_not_undo_what_is_loaded(run, monkeypatch):
    session = Session(run)
    session.start()
    loads, load = [], of_loading.load_result
    monkeypatch.setattr(of_loading, "load_result", lambda folder: loads.append(folder) or load(folder))
    stamp_of, looked, go = of_session._stamp_of, threading.Event(), threading.Event()

    def late(folder):
        found = stamp_of(folder)
        if threading.current_thread() is first and not looked.is_set():
            looked.set()
            go.wait(2)  # an old stamp in hand, while the run is replaced and asked for by others
        return found

    def ask():
        with session.opened():
            pass

    monkeypatch.setattr(of_session, "_stamp_of", late)
    first, second = threading.Thread(target=ask), threading.Thread(target=ask)
    first.start()
    assert looked.wait(10)
    rewritten(run / "manifest.json", seconds={})
    second.start()
    second.join(1)
    go.set()
    first.join()
    second.join()
    with session.opened():
        pass
    assert len(loads) == 1
    session.close()


def test_a_run_given_up_for_a_newer_one_is_being_loaded(run, monkeypatch):
    session = Session(run)
    given_up = Future()
    assert given_up.cancel()
    monkeypatch.setattr(session, "_current", lambda: (given_up, None, 0.0))
    with pytest.raises(NotAnswered, match="is being loaded") as told:
        session.check()
    assert told.value.status == 503
    session.close()


def test_after_the_end_there_is_nothing_to_look_at(run):
    session = Session(run)
    session.start()
    session.close()
    with pytest.raises(NotAnswered, match="is not in its place") as told, session.opened():
        pass
    assert told.value.status == 503


def test_whoever_watches_over_the_server_hears_nothing_of_paths(run, shop, tmp_path):
    data = shutil.copytree(shop, tmp_path / "tables")
    session = Session(run, str(data))
    session.start()
    with client_of(session) as client:
        (data / "customers.csv").unlink()
        rewritten(run / "manifest.json", seconds={})
        assert client.get("/").status_code == 503
        found = client.get("/healthz")
        assert (found.status_code, found.headers["retry-after"]) == (503, "5")
        assert found.json() == {"detail": "No page can be shown just now; each of them says why."}
        page = client.get("/")
        assert page.status_code == 503
        assert "tables" in page.text
        assert str(tmp_path) not in page.text


@pytest.mark.parametrize("data", ["shop", ".", "/", "", None])
def test_only_paths_are_shortened(run, data):
    session = Session(run, data)
    said = "A shop. It has 3/4 of its files in the shop."
    assert session.shortened(said) == said
    assert session.shortened(f"{run / 'model.json'} is missing.") == "run/model.json is missing."


def test_the_data_of_the_run_are_known_to_its_day(shop, tmp_path):
    day = dt.date(2023, 9, 30)
    people = pd.read_csv(shop / "customers.csv", parse_dates=["join_date"])
    claims = pd.read_csv(shop / "transactions.csv", parse_dates=["transaction_date"])
    until = claims[claims.transaction_date <= pd.Timestamp(day)]
    assert len(until) < len(claims)
    run = ct.segment(shop, features=["coupons_claimed", "recency"], k=3, evidence=False, as_of=day)
    saved = run.save(tmp_path / "run")
    session = Session(saved, str(shop))
    session.start()
    with client_of(session) as client:
        assert client.get("/api/run").json()["changed"] is False
        with session.opened() as opened:
            assert opened.shop.choices.last_day == day
            figures = opened.shop.figures(of_nothing())
        assert figures.coupons == len(until)
        assert figures.customers == (people.join_date <= pd.Timestamp(day)).sum() == run.result.customers
        listed = client.get("/api/segments?since=2000-01-01").json()["segments"]
        active = [one for one in listed if one["segment"] > 0]
        assert [one["customers"] for one in active] == [one.customers for one in run.profiles.segments if one.segment]
    newer = shutil.copytree(shop, tmp_path / "newer")  # what has changed since is shown to its end
    claims.drop(index=until.index[0]).to_csv(newer / "transactions.csv", index=False)
    session = Session(saved, str(newer))
    session.start()
    with session.opened() as opened:
        assert opened.changed
        assert opened.shop.choices.last_day > day
        assert opened.shop.figures(of_nothing()).coupons == len(claims) - 1
    session.close()
    after = claims[claims.transaction_date > pd.Timestamp(day)]  # nothing was there by the day of the run
    after.to_csv(newer / "transactions.csv", index=False)
    session = Session(saved, str(newer))
    session.start()
    with session.opened() as opened:
        assert opened.changed
        assert opened.shop.figures(of_nothing()).coupons == len(after)
    session.close()
