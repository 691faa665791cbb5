"""Many readers at once: what is known is given at once, and nobody waits for what takes long beside the shop."""

from __future__ import annotations

import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest

from coterie.dashboard import Session
from coterie.dashboard.answers import NotAnswered
from coterie.dashboard.asking import MOST_WAITING, Asking
from coterie.engines import Interrupted
from coterie.explore import Filters, Unremembered
from coterie.explore.shop import SEEN
from tests_dashboard import client_of
from tests_postgres import wait_for


@pytest.fixture
def served(saved, shop):
    session = Session(saved, str(shop))
    session.start()
    with client_of(session) as client:
        yield client, session


@pytest.fixture
def busy(served):
    """The shop is answering something that takes until this is set."""
    go, begun = threading.Event(), threading.Event()

    def ask():
        with served[1].opened() as opened:
            opened.ask(lambda: opened.shop.alone(lambda: begun.set() or go.wait(60)))

    asking = threading.Thread(target=ask)

    def begin():
        asking.start()
        assert begun.wait(10)
        return go

    yield begin
    go.set()
    asking.join()


def test_fifty_wait_for_the_shop_and_the_others_for_nobody(served, busy, shop):
    client, session = served
    days = pd.read_csv(shop / "transactions.csv", parse_dates=["transaction_date"]).transaction_date
    first = days.min()
    known = [client.get(path) for path in ("/", "/metrics?segment=2", "/customers")]
    go = busy()
    asked = [(first + pd.Timedelta(days=10 + number)).date().isoformat() for number in range(60)]
    with ThreadPoolExecutor(60) as readers:
        waiting = [readers.submit(client.get, "/api/segments", params={"since": day}) for day in asked]
        with session.opened() as opened:
            wait_for(lambda: opened.ask._thread._work_queue.qsize() == 60)
        before = time.monotonic()
        again = [client.get(path) for path in ("/", "/metrics?segment=2", "/customers")]
        assert [one.text for one in again] == [one.text for one in known]
        for path in ("/healthz", "/static/dashboard.js", "/static/dashboard.css"):
            assert client.get(path).status_code == 200
        assert time.monotonic() - before < 10
        assert not any(one.done() for one in waiting)
        go.set()
        found = [one.result() for one in waiting]
    transactions = pd.read_csv(shop / "transactions.csv", parse_dates=["transaction_date"])
    orders = pd.read_csv(shop / "orders.csv", parse_dates=["order_date"])
    for day, answer in zip(asked, found, strict=True):
        those = set(transactions[transactions.transaction_date >= day].customer_id)
        those |= set(orders[orders.order_date >= day].customer_id)
        assert sum(one["customers"] for one in answer.json()["segments"]) == len(those), day


def test_who_asks_the_same_waits_for_one_answer(served, busy, monkeypatch):
    client, session = served
    counted = []
    with session.opened() as opened:
        figures = opened.shop._figures
        monkeypatch.setattr(opened.shop, "_figures", lambda filters: counted.append(filters) or figures(filters))
    go = busy()
    with ThreadPoolExecutor(20) as readers:
        waiting = [readers.submit(client.get, "/trends?segment=3") for _ in range(20)]
        time.sleep(0.5)
        go.set()
        found = [one.result() for one in waiting]
    assert {one.status_code for one in found} == {200}
    assert len({one.text for one in found}) == 1
    assert counted == [Filters(segments=(3,))]


def test_other_numbers_of_segments_keep_no_reader_waiting(served):
    client, session = served
    go, begun = threading.Event(), threading.Event()
    with session.opened() as opened, ThreadPoolExecutor(2) as readers:
        tried = opened.try_others
        opened.try_others = lambda: begun.set() or (go.wait(60) and tried())
        waiting = readers.submit(client.get, "/model?k=4")
        assert begun.wait(10)
        assert client.get("/trends?segment=1&segment=2").status_code == 200
        assert not waiting.done()
        go.set()
        assert "What four groups would be" in waiting.result().text
        opened.try_others = lambda: pytest.fail("tried again")
        assert "What five groups would be" in client.get("/model?k=5").text


def test_a_download_keeps_no_reader_waiting(served, shop, monkeypatch):
    from coterie.explore import shop as of_shop

    client, _ = served
    go, begun, write = threading.Event(), threading.Event(), of_shop.write_list

    def slow(*given):
        begun.set()
        go.wait(60)
        write(*given)

    monkeypatch.setattr(of_shop, "write_list", slow)
    with ThreadPoolExecutor(1) as readers:
        waiting = readers.submit(client.get, "/customers.csv?since=2023-03-01&text=1")
        assert begun.wait(10)
        for month in range(1, 10):  # and what is kept of its filters makes room for others
            for day in (1, 11):
                found = client.get("/api/segments", params={"since": f"2023-0{month}-{day:02}"})
                assert found.status_code == 200
        assert not waiting.done()
        go.set()
        lines = waiting.result().text.splitlines()
    transactions, orders = pd.read_csv(shop / "transactions.csv"), pd.read_csv(shop / "orders.csv")
    those = set(transactions[transactions.transaction_date >= "2023-03-01"].customer_id)
    those |= set(orders[orders.order_date >= "2023-03-01"].customer_id)
    assert {line.partition(",")[0] for line in lines[1:]} >= {str(one) for one in those if str(one).startswith("1")}
    assert lines[0].startswith("customer_id,segment,name,")


def test_a_download_that_takes_too_long_is_ended_and_the_next_one_goes(served, shop, monkeypatch):
    from coterie.explore import shop as of_shop

    client, session = served
    ended = []

    def for_hours(narrow, people, path, file_format):
        """160 to the power of six rows."""
        many = people.select(a=people.row)
        for letter in "bcdef":
            many = many.cross_join(people.select(**{letter: people.row}))
        total = ((many.a * many.b + many.c * many.d) % (many.e + many.f + 1)).sum()
        try:
            narrow.engine.write(many.aggregate(n=total), path, file_format)
        except Interrupted:
            ended.append(path)
            raise

    with session.opened() as opened:
        beside = opened.beside
    with monkeypatch.context() as patched:
        patched.setattr(of_shop, "write_list", for_hours)
        patched.setattr(beside, "_seconds", 0.2)
        found = client.get("/customers.csv")
        assert (found.status_code, "takes too long" in found.text) == (503, True)
        wait_for(lambda: ended)
    assert not ended[0].exists()
    listed = client.get("/customers.csv").text.splitlines()
    assert {line.partition(",")[0] for line in listed[1:]} == set(
        map(str, pd.read_csv(shop / "customers.csv").customer_id)
    )


def test_what_a_trial_made_is_dropped_before_the_next_question_where_it_could_not_be_asked_for(served, monkeypatch):
    client, session = served
    module = sys.modules["coterie.segmentation.what_if"]
    with session.opened() as opened:
        shop, ask = opened.shop, opened.ask

    def tables():
        ((count,),) = shop._narrow.engine._connection.execute("SELECT count(*) FROM duckdb_tables()").fetchall()
        return count

    def full(*given, **named):
        made.append(tables())
        while ask._room.acquire(blocking=False):
            pass
        return ask(lambda: shop.alone(lambda: None))

    before, made = tables(), []
    monkeypatch.setattr(module, "cluster", full)
    with pytest.raises(NotAnswered, match="Too much is being asked for"):
        opened.trials()
    assert tables() == made[0] > before
    ask._room.release(MOST_WAITING)
    assert client.get("/api/segments", params={"since": "2023-05-05"}).status_code == 200
    kept_of_filters = 1
    assert tables() == before + kept_of_filters


def test_what_is_left_to_do_is_done_first_and_again_where_it_was_interrupted(served):
    _, session = served
    done = []

    def stopped_once():
        done.append("left")
        if len(done) == 1:
            raise Interrupted

    with session.opened() as opened:
        opened.shop.later(stopped_once)
        assert done == []
        assert opened.ask(lambda: opened.shop.alone(lambda: done.append("asked"))) is None
        assert done == ["left", "left", "asked"]
        opened.shop.later(lambda: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            opened.shop.alone(lambda: None)
        assert opened.shop.alone(lambda: "next") == "next"


def test_what_is_not_remembered_is_asked(served):
    _, session = served
    with session.opened() as opened:
        shop = opened.shop
        with shop.from_memory(), pytest.raises(Unremembered):
            shop.figures(Filters(segments=(1, 2)))
        first = opened.ask(lambda: shop.figures(Filters(segments=(1, 2))))
        with shop.from_memory():
            assert shop.figures(Filters(segments=(1, 2))) is first
            with pytest.raises(Unremembered):
                shop.alone(lambda: pytest.fail("asked"))


def test_a_question_stopped_in_the_place_of_another_is_asked_again():
    ask, tries = Asking(), []

    def stopped_once():
        tries.append(1)
        if len(tries) == 1:
            raise Interrupted
        return "answer"

    assert ask(stopped_once) == "answer"
    assert len(tries) == 2
    ask.close()


def test_the_sample_for_other_numbers_is_drawn_while_nothing_else_is_asked(served, monkeypatch):
    client, session = served
    module = sys.modules["coterie.segmentation.what_if"]
    draw, compute, held = module._drawn, module.cluster, []
    with session.opened() as opened:
        lock = opened.shop._lock

    def watched(work):
        return lambda *given, **named: held.append(lock._is_owned()) or work(*given, **named)

    monkeypatch.setattr(module, "_drawn", watched(draw))
    monkeypatch.setattr(module, "cluster", watched(compute))
    assert "What four groups would be" in client.get("/model?k=4").text
    assert held == [True, False]


def test_between_questions_a_database_holds_no_lock_and_what_was_looked_at_lately_alone(saved, shop, postgres):
    session = Session(saved, postgres.put("watched", shop))
    session.start()
    transactions, orders = pd.read_csv(shop / "transactions.csv"), pd.read_csv(shop / "orders.csv")
    temporary = "SELECT count(*) FROM pg_class WHERE relpersistence = 't' AND relkind IN ('r', 'v')"
    locks = (
        "SELECT state, (SELECT count(*) FROM pg_locks WHERE pg_locks.pid = one.pid) FROM pg_stat_activity AS one "
        "WHERE application_name = 'coterie' AND datname = 'watched'"
    )
    with client_of(session) as client:
        assert client.get("/api/segments").status_code == 200
        before = int(postgres.sql("watched", temporary))
        for number in range(1, 25):
            day = f"2023-05-{number:02}"
            found = client.get("/api/segments", params={"since": day}).json()["segments"]
            those = set(transactions[transactions.transaction_date >= day].customer_id)
            those |= set(orders[orders.order_date >= day].customer_id)
            assert sum(one["customers"] for one in found) == len(those), day
        assert "What four groups would be" in client.get("/model?k=4").text
        assert client.get("/trends?since=2023-07-07").status_code == 200
        assert postgres.sql("watched", locks) == "idle|0"
        assert int(postgres.sql("watched", temporary)) <= before + SEEN
