"""The main job end to end: what a user gets, held against planted truth, itself run again, and bad input."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from sklearn.metrics import adjusted_rand_score
from typer.testing import CliRunner

import coterie as ct
from coterie.cli import app
from coterie.errors import CoterieError

FILES = {
    "manifest.json",
    "model.json",
    "assignments.parquet",
    "assignments.csv",
    "profiles.json",
    "choice.json",
    "evidence.json",
    "metrics.json",
    "actions.json",
    "quality.json",
    "report.html",
}
LIST = ["customer_id", "segment", "name", "distance", "margin", "action"]


def run_cli(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    return ct.sample(tmp_path_factory.mktemp("main") / "shop", customers=300, seed=1)


@pytest.fixture(scope="module")
def run_folder(shop):
    folder = shop.parent / "run"
    result = run_cli("segment", shop, "-o", folder, "--k-range", "2-5")
    assert result.exit_code == 0, result.output
    return folder


def read_list(folder):
    return pq.read_table(folder / "assignments.parquet").to_pandas()


def test_run_folder_holds_what_is_promised(run_folder):
    assert {path.name for path in run_folder.iterdir()} == FILES


def test_every_known_customer_is_listed_once(shop, run_folder):
    found = read_list(run_folder)
    people = pd.read_csv(shop / "customers.csv")
    events = pd.read_csv(shop / "transactions.csv")
    assert list(found.columns) == LIST
    assert list(found.customer_id) == sorted({*people.customer_id, *events.customer_id})
    assert set(found.customer_id[found.segment == 0]) == set(people.customer_id) - set(events.customer_id)


def test_numbers_of_the_run_agree_with_each_other(run_folder):
    found = read_list(run_folder)
    choice, profiles = (json.loads((run_folder / f"{name}.json").read_text()) for name in ("choice", "profiles"))
    actions = json.loads((run_folder / "actions.json").read_text())["actions"]
    sizes = found.segment.value_counts().to_dict()
    assert {entry["segment"]: entry["customers"] for entry in profiles["segments"]} == sizes
    assert max(sizes) == choice["k"]
    assert [entry["k"] for entry in choice["candidates"]] == [2, 3, 4, 5]
    assert sorted(entry["segment"] for entry in actions if entry["primary"]) == sorted(sizes)
    assert found.groupby("segment").name.nunique().eq(1).all()
    assert found.name.nunique() == len(sizes)
    assert sorted(entry["priority"] for entry in actions) == list(range(1, len(actions) + 1))


def test_csv_list_equals_parquet_list(run_folder):
    text = pd.read_csv(run_folder / "assignments.csv")
    pd.testing.assert_frame_equal(text, read_list(run_folder), check_dtype=False)


def test_json_summary(shop, tmp_path):
    result = run_cli("segment", shop, "-o", tmp_path / "run", "--k", 3, "--json", "--no-report", "--no-evidence")
    found = json.loads(result.stdout)
    assert (found["k"], found["customers"]) == (3, 300)
    assert sum(entry["customers"] for entry in found["segments"]) == 300
    assert not (tmp_path / "run" / "report.html").exists()
    coupons = pd.read_csv(shop / "transactions.csv").merge(read_list(tmp_path / "run"), on="customer_id")
    for entry in found["segments"]:
        own = coupons[coupons.segment == entry["segment"]]
        burnt = int((own.transaction_status == "burnt").sum())
        assert (entry["coupons"], entry["burnt"]) == (len(own), burnt)
        assert entry["burn_rate"] == (burnt / len(own) if len(own) else None)
        assert "orders" not in entry


def test_json_summary_of_orders(tmp_path):
    rows = pd.DataFrame({"customer": [number % 50 for number in range(300)]})
    rows["date"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(rows.index * 7 % 200, unit="D")
    rows["amount"] = [f"€{number % 11 - (number % 13 == 0) * 20}" for number in rows.index]
    rows.to_csv(tmp_path / "orders.csv", index=False)
    options = ["--k", 2, "--json", "--no-report", "--no-evidence"]
    result = run_cli("segment", tmp_path / "orders.csv", "-o", tmp_path / "run", *options)
    found = json.loads(result.stdout)
    assert found["currency"] == "€"
    rows["money"] = rows.amount.str.removeprefix("€").astype(float)
    sold = rows[rows.money >= 0]
    orders = sold.groupby(["customer", "date"], as_index=False).money.sum().rename(columns={"customer": "customer_id"})
    orders = orders.merge(read_list(tmp_path / "run"), on="customer_id")
    for entry in found["segments"]:
        own = orders[orders.segment == entry["segment"]]
        assert (entry["orders"], entry["sales"]) == (len(own), own.money.sum())
        assert entry["aov"] == pytest.approx(own.money.mean())
        assert entry["sales_share"] == pytest.approx(own.money.sum() / sold.money.sum())
        assert "coupons" not in entry


def test_same_data_and_seed_give_the_same_bytes(shop, run_folder, tmp_path):
    run_cli("segment", shop, "-o", tmp_path / "again", "--k-range", "2-5")
    for name in ("model.json", "assignments.parquet", "profiles.json", "choice.json", "actions.json", "quality.json"):
        assert (tmp_path / "again" / name).read_bytes() == (run_folder / name).read_bytes(), name


@pytest.mark.parametrize("form", ["shuffled", "split", "parquet", "xlsx", "frames"])
def test_form_of_the_data_changes_no_assignment(form, shop, run_folder, tmp_path):
    data = tmp_path / "shop"
    data.mkdir()
    frames = {path.stem: pd.read_csv(path) for path in shop.glob("*.csv")}
    if form == "frames":
        data = frames
    elif form in ("parquet", "xlsx"):
        data = ct.sample(tmp_path / form, customers=300, seed=1, file_format=form)
    else:
        for name, frame in frames.items():
            whole = frame.sample(frac=1, random_state=2) if form == "shuffled" else frame
            if form == "split" and name == "transactions":
                for part in range(3):
                    whole.iloc[part::3].to_csv(data / f"{name}-{part}.csv", index=False)
            else:
                whole.to_csv(data / f"{name}.csv", index=False)
    run = ct.segment(data, k_range=(2, 5))
    pd.testing.assert_frame_equal(run.to_pandas(), read_list(run_folder), rtol=1e-12, atol=1e-12)


def test_assign_reproduces_the_training_assignments(shop, run_folder, tmp_path):
    result = run_cli("assign", run_folder, shop, "-o", tmp_path / "list.parquet")
    assert result.exit_code == 0, result.output
    assert pq.read_table(tmp_path / "list.parquet").equals(pq.read_table(run_folder / "assignments.parquet"))


def test_loaded_run_says_the_same(shop, run_folder):
    fresh, loaded = ct.segment(shop, k_range=(2, 5)), ct.load(run_folder)
    assert loaded.choice == fresh.choice
    assert loaded.profiles == fresh.profiles
    assert loaded.actions == fresh.actions
    assert loaded.result.model == fresh.result.model
    assert loaded.to_arrow().equals(fresh.to_arrow())
    assert loaded.assign(shop).equals(fresh.to_arrow())


def test_report_again_is_the_same_page(run_folder, tmp_path):
    copy = tmp_path / "run"
    shutil.copytree(run_folder, copy)
    page = (copy / "report.html").read_bytes()
    assert run_cli("report", copy).exit_code == 0
    assert (copy / "report.html").read_bytes() == page


def planted(seed, separation, tmp_path):
    shop = ct.sample(
        tmp_path / f"{separation}{seed}", customers=1000, seed=seed, separation=separation, file_format="parquet"
    )
    truth = pd.read_csv(shop / "truth" / "groups.csv").set_index("customer_id").group
    return shop, truth[truth != "Never active"]


@pytest.mark.parametrize("seed", range(10))
def test_planted_groups_are_found(seed, tmp_path):
    shop, truth = planted(seed, "wide", tmp_path)
    true_k = truth.nunique()
    at_true_k = ct.segment(shop, k=true_k, seed=seed, evidence=False).to_pandas().set_index("customer_id").segment
    assert adjusted_rand_score(truth, at_true_k.reindex(truth.index)) >= 0.9
    # With evidence the number of natural groups is taken; it costs as much again, so a few seeds stand for all.
    assert abs(ct.segment(shop, seed=seed, evidence=seed < 3).choice.k - true_k) <= 1


def test_realistic_shop_comes_near_what_the_true_model_attains(tmp_path):
    from coterie.tables.sample import attainable_ari, make_shop

    shop, truth = planted(0, "realistic", tmp_path)
    found = ct.segment(shop, k=truth.nunique(), evidence=False).to_pandas().set_index("customer_id").segment
    attained = adjusted_rand_score(truth, found.reindex(truth.index))
    best = attainable_ari(make_shop(customers=1000, seed=0, separation="realistic"))
    assert 0.1 < attained < best + 0.02


def test_planted_dirt_is_found_by_count(tmp_path):
    shop = ct.sample(tmp_path / "dirty", customers=1000, seed=3, dirt=True)
    planted_counts = json.loads((shop / "truth" / "dirt.json").read_text())
    quality = ct.read(shop).quality
    found = {}
    for problem in quality.problems:
        found[problem.table, problem.rule] = found.get((problem.table, problem.rule), 0) + problem.count
    wanted = {}
    for entry in planted_counts["planted"]:
        key = entry["table"], entry["rule"]
        wanted[key] = wanted.get(key, 0) + entry["count"]
    assert {key: found.get(key) for key in wanted} == wanted
    assert {key for key in found if found[key]} - set(wanted) <= {
        key for key in found if any(p.severity == "note" for p in quality.problems if (p.table, p.rule) == key)
    }
    for name, count in quality.tables.items():
        assert count.rows_in == count.rows_used + count.rows_set_aside, name


def test_rows_set_aside_are_kept_with_their_reason(tmp_path):
    from coterie.tables.rules import RULES

    shop = ct.sample(tmp_path / "dirty", customers=300, seed=4, dirt=True)
    run = ct.segment(shop, k=3)
    folder = run.save(tmp_path / "run", report=False)
    kept = {rule.name for rule in RULES if rule.kept_in_rejects}
    for name, count in run.quality.tables.items():
        wanted = {rule: rows for rule, rows in count.reasons.items() if rule in kept}
        path = folder / "rejects" / f"{name}.parquet"
        found = pq.read_table(path).to_pandas()._reason.value_counts().to_dict() if path.exists() else {}
        assert found == wanted, name
    assert run.quality.tables["transactions"].reasons.keys() - kept == {"duplicate"}


def one_event(customers):
    return pd.DataFrame(
        {
            "transaction_id": np.arange(customers),
            "customer_id": np.arange(customers),
            "transaction_date": "2024-03-01",
            "transaction_status": "claimed",
        }
    )


@pytest.mark.parametrize("customers", [1, 50])
def test_customers_all_alike_are_one_segment(customers, tmp_path):
    run = ct.segment({"transactions": one_event(customers)})
    assert run.choice is None
    assert [entry.name for entry in run.profiles.segments] == ["All customers"]
    assert run.to_pandas().segment.eq(1).all()
    assert any("alike" in note for note in run.result.notes)
    folder = run.save(tmp_path / "run")
    choice = json.loads((folder / "choice.json").read_text())
    assert (choice["k"], choice["reason"], choice["candidates"]) == (1, run.result.notes[-1], [])
    assert ct.load(folder).choice is None


def broken(kind, folder):
    """A data folder that cannot serve, or settings that cannot be met: (data, further arguments)."""
    folder.mkdir()
    if kind == "missing path":
        return folder / "nowhere", ()
    if kind == "empty folder":
        return folder, ()
    name, content = {
        "empty file": ("transactions.csv", b""),
        "header only": ("transactions.csv", b"customer_id,transaction_date,transaction_status\n"),
        "no key column": ("transactions.csv", b"who,transaction_date,transaction_status\n1,2024-01-01,claimed\n"),
        "broken xlsx": ("shop.xlsx", b"PK\x03\x04 this is no workbook"),
        "broken parquet": ("transactions.parquet", b"PAR1 this is no parquet PAR1"),
        "no valid event": ("transactions.csv", b"customer_id,transaction_date,transaction_status\n1,never,claimed\n"),
    }.get(
        kind,
        (
            "transactions.csv",
            one_event(3).assign(transaction_date=["2024-01-01"] * 2 + ["2024-02-02"]).to_csv(index=False).encode(),
        ),
    )
    (folder / name).write_bytes(content)
    extra = {
        "k is 0": ("--k", 0),
        "k above distinct customers": ("--k", 9),
        "unknown feature": ("--features", "recencyy"),
        "unknown preset": ("--preset", "engagment"),
        "bad range": ("--k-range", "5-2"),
        "k beyond telling apart": ("--k", 51),
    }
    return (folder / name if kind == "broken xlsx" else folder), extra.get(kind, ())


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("missing path", 2),
        ("empty folder", 3),
        ("empty file", 3),
        ("header only", 3),
        ("no key column", 3),
        ("broken xlsx", 3),
        ("broken parquet", 3),
        ("no valid event", 3),
        ("k is 0", 2),
        ("k above distinct customers", 2),
        ("unknown feature", 2),
        ("unknown preset", 2),
        ("bad range", 2),
        ("k beyond telling apart", 2),
    ],
)
def test_bad_input_is_told_in_one_sentence(kind, code, tmp_path):
    data, extra = broken(kind, tmp_path / "data")
    result = run_cli("segment", data, "-o", tmp_path / "run", *extra)
    assert result.exit_code == code, result.output
    said = [line for line in result.stderr.splitlines() if line and not line.startswith("  ")]
    assert len(said) == 1
    assert "Traceback" not in result.output
    assert {path.name for path in tmp_path.iterdir()} == {"data"}


@pytest.mark.parametrize("kind", ["foreign folder", "file in the way", "no parent"])
def test_bad_targets_are_refused_and_untouched(kind, shop, tmp_path):
    target = tmp_path / "run"
    if kind == "foreign folder":
        target.mkdir()
        (target / "thesis.txt").write_text("mine")
    elif kind == "file in the way":
        target.write_text("mine")
    else:
        target = tmp_path / "no" / "run"
    before = sorted(tmp_path.rglob("*"))
    result = run_cli("segment", shop, "-o", target)
    assert result.exit_code == 2
    assert sorted(tmp_path.rglob("*")) == before


def test_interrupt_leaves_nothing_behind(shop, tmp_path, monkeypatch):
    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("coterie.finished.render_report", interrupted)
    result = run_cli("segment", shop, "-o", tmp_path / "run", "--k", 2)
    assert result.exit_code == 130
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", ["shop/customers.csv", "run/list.csv"])
def test_list_is_not_written_over_what_is_read(place, shop, run_folder, tmp_path):
    for folder in (shop, run_folder):
        shutil.copytree(folder, tmp_path / folder.name)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    result = run_cli("assign", tmp_path / "run", tmp_path / "shop", "-o", tmp_path / place)
    assert result.exit_code == 2
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_ids_like_formulas_are_made_safe_and_told(tmp_path):
    rows = one_event(6).assign(customer_id=["=1+1", "+2", "ann", "@x", "-3", "bob"])
    rows["transaction_date"] = ["2024-01-01", "2024-01-02", "2024-01-03"] * 2
    (tmp_path / "shop").mkdir()
    rows.to_csv(tmp_path / "shop" / "transactions.csv", index=False)
    result = run_cli("segment", tmp_path / "shop", "-o", tmp_path / "run", "--k", 2)
    assert "In assignments.csv 4 cells begin like a formula" in result.stderr
    assert set(read_list(tmp_path / "run").customer_id) == {"=1+1", "+2", "ann", "@x", "-3", "bob"}
    text = pd.read_csv(tmp_path / "run" / "assignments.csv").customer_id
    assert set(text) == {"'=1+1", "'+2", "ann", "'@x", "'-3", "bob"}


def test_guess_that_decides_is_said_at_once(tmp_path):
    rows = one_event(8).assign(transaction_date=[f"0{day}/0{9 - day}/2024" for day in range(1, 9)])
    (tmp_path / "shop").mkdir()
    rows.to_csv(tmp_path / "shop" / "transactions.csv", index=False)
    result = run_cli("segment", tmp_path / "shop", "-o", tmp_path / "run", "--k", 2)
    assert "date_order" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"as_of": "soon"}, 'as_of: "soon" is no day. Write it as 2026-01-31.'),
        ({"cut": "nonsense"}, 'cut: "nonsense" is no day. Write it as 2026-01-31.'),
        ({"seed": -1}, "seed = -1 cannot be used"),
        ({"k": True}, "k = True cannot be used"),
        ({"preset": "engagement", "features": ["recency"]}, "Give one of them"),
        ({"k": 1}, "k = 1 makes no segments"),
    ],
)
def test_wrong_arguments_are_told_in_one_sentence(arguments, said):
    with pytest.raises(ct.UsageError, match=said):
        ct.segment({"transactions": one_event(5)}, **arguments)


@pytest.mark.parametrize(("command", "option"), [("check", "--as-of"), ("segment", "--as-of"), ("segment", "--cut")])
def test_a_wrong_day_is_one_sentence_on_the_command_line(shop, tmp_path, command, option):
    output = ["-o", tmp_path / "run"] if command == "segment" else []
    result = run_cli(command, shop, *output, option, "31.1.2026")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f'{option}: "31.1.2026" is no day. Write it as 2026-01-31.\n'
    assert not (tmp_path / "run").exists()


def test_frame_without_its_table_name_is_told():
    with pytest.raises(ct.UsageError, match="Give a path, or frames by table name"):
        ct.segment(one_event(5))


def test_day_may_be_given_as_text(shop):
    run = ct.segment(shop, as_of="2024-06-30", k=2)
    assert str(run.result.as_of) == "2024-06-30"
    assert repr(run).splitlines()[0] == f"Segmentation of shop: {run.result.customers} customers"


def test_tables_keep_the_day_of_which_they_were_read(shop):
    tables = ct.read(shop, as_of="2024-06-30")
    with pytest.raises(ct.UsageError, match=r"were read as of 2024-06-30, so as_of = 2024-05-31 cannot be used"):
        ct.segment(tables, as_of="2024-05-31")
    run = ct.segment(tables, as_of="2024-06-30", k=2, evidence=False)
    with pytest.raises(ct.UsageError, match="Read them again"):
        run.assign(tables, as_of="2024-05-31")


def test_errors_are_one_family():
    with pytest.raises(CoterieError, match="feature"):
        ct.segment({"transactions": one_event(2)}, features=["nothing"])
