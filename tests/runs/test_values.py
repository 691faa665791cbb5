from __future__ import annotations

import datetime as dt
import enum
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from coterie.clustering.contract import Candidate, Choice
from coterie.errors import CoterieError, DataError, UsageError
from coterie.features.contract import BurnCurveTable, Learned
from coterie.profiles.contract import BurnCurve, FeatureFigure, Mix, MixRow, PlainRule, SegmentProfile
from coterie.runs import FORMAT, dump_json, from_json, load, load_json, load_model, open_run, save, to_json
from coterie.settings import Settings
from coterie.tables.contract import Problem, Quality, TableCount


class Colour(enum.Enum):
    RED = "red"


@dataclass(frozen=True)
class Point:
    x: float
    y: float | None = None


@dataclass(frozen=True)
class Axis:
    name: str
    mean: float


@dataclass(frozen=True)
class Model:
    as_of: dt.date
    k: int
    features: tuple[Axis, ...]
    centroids: tuple[tuple[float, ...], ...]
    learned: Learned


LEARNED = Learned(
    0.5, (1.0, 2.0), (3.0, 4.0), (5.0, 6.0), BurnCurveTable((0.0, 0.25)), {"recency": 9.0}, {"city": ("A", "B")}
)
MODEL = Model(dt.date(2026, 11, 21), 2, (Axis("recency", 0.1 + 0.2),), ((1.5,), (-2e-17,)), LEARNED)
CANDIDATE = Candidate(2, 10.5, 0.35, 0.34, 0.36, 99.0, None, None, 0.4)
CHOICE = Choice(2, "Because.", 2, None, (CANDIDATE, replace(CANDIDATE, k=3, silhouette=None)))
QUALITY = Quality(
    {"transactions": TableCount(10, 8, 2, {"unknown_status": 2})},
    (Problem("unknown_status", "transactions", 2, "Two.", "Set aside.", examples=("line 1", "line 2")),),
)
FIGURE = FeatureFigure(1.0, 0.5, 1.5, 1.0, 2.0, 2.0, None, True)
PROFILE = SegmentProfile(
    1, "Loyal redeemers", "b", "h", 3, 0.5, 9, 4, 0.5, 0.5,
    {"recency": FIGURE},
    (Mix("city", "City", "customers", (MixRow("A", 1, 2, 0.5, 0.5, 1.0, 0.5, False),)),),
    ({"customer_id": "007", "recency": 3.0, "burn_rate": None},),
    PlainRule("Any.", (("recency", "under", 30.0),), 0.9, 0.8),
    BurnCurve((0, 1), (0.0, 0.5), 0.5, 1, None),
    (),
)  # fmt: skip


# --- out ---


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (True, True),
        (None, None),
        (math.nan, None),
        (-math.inf, None),
        (np.float64(0.1), 0.1),
        (np.float32("nan"), None),
        (np.int64(3), 3),
        (np.bool_(True), True),
        (np.array([[1.0, np.nan], [2.0, 3.0]]), [[1.0, None], [2.0, 3.0]]),
        (dt.date(2026, 1, 2), "2026-01-02"),
        (dt.datetime(2026, 1, 2, 3, 4, tzinfo=dt.UTC), "2026-01-02T03:04:00+00:00"),
        (Path("a/b"), "a/b"),
        (Colour.RED, "red"),
        ({2: (1, 2), "b": {"y", "x"}}, {"2": [1, 2], "b": ["x", "y"]}),
        ((Point(1.0), Point(2.0, 3.0)), [{"x": 1.0, "y": None}, {"x": 2.0, "y": 3.0}]),
        (Settings(k=3).k_range, [2, 10]),
    ],
)
def test_values_become_plain_json(value: object, plain: object) -> None:
    assert to_json(value) == plain
    assert type(to_json(value)) is type(plain)


def test_settings_keep_their_fields_and_order() -> None:
    assert list(to_json(Settings(k=3))) == list(Settings.model_fields)
    assert to_json(Settings(playbook=Path("p.toml")))["playbook"] == "p.toml"


@pytest.mark.parametrize("value", [object(), {1.5: 1}, {None: 1}, {True: 1}, Point, 1j])
def test_what_json_cannot_say_is_a_bug(value: object) -> None:
    with pytest.raises(TypeError):
        to_json(value)


def test_bytes_are_stable_readable_and_utf8(tmp_path: Path) -> None:
    dump_json({"b": -0.0, "a": "Zürich </script>", "n": 0.1 + 0.2}, tmp_path / "x.json")
    assert (tmp_path / "x.json").read_bytes() == (
        '{\n  "b": 0.0,\n  "a": "Zürich </script>",\n  "n": 0.30000000000000004\n}\n'.encode()
    )


# --- back ---


@pytest.mark.parametrize("value", [CHOICE, QUALITY, PROFILE, MODEL, LEARNED], ids=lambda value: type(value).__name__)
def test_values_come_back_as_they_were(tmp_path: Path, value: object) -> None:
    dump_json(value, tmp_path / "x.json")
    back = load(type(value), tmp_path, "x.json")
    assert back == value
    dump_json(back, tmp_path / "y.json")
    assert (tmp_path / "x.json").read_bytes() == (tmp_path / "y.json").read_bytes()


def test_floats_come_back_to_the_last_bit(tmp_path: Path) -> None:
    numbers = np.random.default_rng(7).normal(size=1000) * 10.0 ** np.random.default_rng(8).integers(-300, 300, 1000)
    dump_json(numbers, tmp_path / "x.json")
    assert np.array_equal(np.array(load_json(tmp_path / "x.json")), numbers)


def test_what_was_not_a_number_is_none_again(tmp_path: Path) -> None:
    figures = {"recency": replace(FIGURE, mean=math.nan), "tenure": FIGURE}
    dump_json(replace(PROFILE, features=figures), tmp_path / "x.json")
    back = load(SegmentProfile, tmp_path, "x.json").features
    assert math.isnan(back["recency"].mean)
    assert back["tenure"] == FIGURE


def refusal(type_: type, value: object, *, exact: bool = False) -> str:
    with pytest.raises(DataError) as caught:
        from_json(type_, value, where="run/x.json", exact=exact)
    return str(caught.value)


def changed(**changes: object) -> dict[str, object]:
    return {**to_json(CHOICE), **changes}


def test_damage_is_told_in_one_sentence_with_its_place() -> None:
    assert refusal(Choice, changed(k="2")) == (
        "run/x.json is damaged or not ours: at k: input should be a valid integer, found '2'. "
        "Write the run again with `coterie segment`."
    )
    candidates = [*to_json(CHOICE)["candidates"]]
    candidates[1] = {**candidates[1], "inertia": "x" * 100}
    sentence = refusal(Choice, changed(candidates=candidates))
    assert "at candidates.1.inertia: " in sentence
    assert len(sentence) < 250


@pytest.mark.parametrize("value", [[], None, "x", 3, {}])
def test_another_shape_is_refused(value: object) -> None:
    refusal(Choice, value)


def test_unknown_keys_are_refused_at_any_depth() -> None:
    assert "it holds 'extra', which is unknown" in refusal(Choice, changed(extra=1))
    quality = to_json(QUALITY)
    quality["tables"]["transactions"]["sql"] = "DROP TABLE x"
    assert "it holds 'tables.transactions.sql'" in refusal(Quality, quality)


def test_none_is_no_number_where_exactness_counts() -> None:
    model = to_json(MODEL)
    model["centroids"][0][0] = None
    assert "at centroids.0.0" in refusal(Model, model, exact=True)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "not valid JSON"),
        (b"{", "not valid JSON"),
        (b'{"a": NaN}', "the number NaN is not finite"),
        (b'{"a": -Infinity}', "the number -Infinity is not finite"),
        (b'{"a": 1e999}', "the number 1e999 is not finite"),
        (b"\xff\xfe", "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
        (b"1" * 10_000, "not valid JSON"),
    ],
    ids=["empty", "cut off", "nan", "infinity", "overflow", "not utf-8", "too deep", "too long a number"],
)
def test_files_that_are_not_sound_json_are_refused(tmp_path: Path, content: bytes, what: str) -> None:
    (tmp_path / "x.json").write_bytes(content)
    with pytest.raises(DataError, match=what):
        load_json(tmp_path / "x.json")


def test_a_missing_file_and_a_folder_in_its_place(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="it is missing"):
        load_json(tmp_path / "x.json")
    with pytest.raises(DataError, match="is a directory"):
        load_json(tmp_path)


def test_a_file_that_would_fill_the_memory_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "x.json").open("wb") as file:
        file.truncate(300 * 2**20)
    with pytest.raises(DataError, match="has 300 MB"):
        load_json(tmp_path / "x.json")


# --- the model ---


def load_the_model(folder: Path, model: Mapping[str, object]) -> Model:
    dump_json(model, folder / "model.json")
    return load_model(
        Model,
        folder,
        names=lambda model: (*(axis.name for axis in model.features), *model.learned.medians),
        known={"recency", "tenure"}.__contains__,
    )


def test_the_model_comes_back_to_the_last_bit(tmp_path: Path) -> None:
    assert load_the_model(tmp_path, to_json(MODEL)) == MODEL


@pytest.mark.parametrize("place", ["features", "medians"])
def test_a_feature_that_is_not_in_the_catalogue_is_refused(tmp_path: Path, place: str) -> None:
    model = to_json(MODEL)
    if place == "features":
        model["features"][0]["name"] = 'x"; DROP TABLE customers; --'
    else:
        model["learned"]["medians"] = {"sum(password)": 1.0}
    with pytest.raises(DataError, match="which this Coterie does not know"):
        load_the_model(tmp_path, model)


def test_any_single_change_of_type_in_the_model_is_refused_or_harmless(tmp_path: Path) -> None:
    def places(value: object, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        return [at, *(place for key, item in items for place in places(item, (*at, key)))]

    refused = 0
    for place in places(to_json(MODEL))[1:]:
        for wrong in (None, "=cmd", [], {}, 1e400, {"$ref": "x"}):
            model = to_json(MODEL)
            inner = model
            for key in place[:-1]:
                inner = inner[key]
            inner[place[-1]] = wrong
            (tmp_path / "model.json").write_text(json.dumps(model))
            try:
                loaded = load_model(Model, tmp_path, names=lambda model: [], known=lambda name: True)
            except CoterieError:
                refused += 1
            else:
                assert to_json(loaded) == model
    assert refused > 100


# --- the run ---


@pytest.fixture
def run(tmp_path: Path) -> Path:
    (tmp_path / "run").mkdir()
    save(tmp_path / "run", {"choice.json": CHOICE}, {"version": "0.1.0"})
    return tmp_path / "run"


def test_the_manifest_says_that_it_is_ours(run: Path) -> None:
    assert open_run(run) == run
    assert load_json(run / "manifest.json") == {"product": "coterie", "format": FORMAT, "version": "0.1.0"}
    assert load(Choice, run, "choice.json") == CHOICE


def test_a_run_that_was_moved_aside_is_found(run: Path) -> None:
    run.rename(run.with_name("run.previous"))
    assert open_run(run) == run


def test_a_place_without_a_run_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no run at"):
        open_run(tmp_path / "nothing")
    with pytest.raises(UsageError, match="is not a run of Coterie"):
        open_run(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="is not a run of Coterie"):
        open_run(tmp_path / "file")


@pytest.mark.parametrize("version", [FORMAT + 1, None, "1"])
def test_a_run_of_another_format_says_what_to_do(run: Path, version: object) -> None:
    (run / "manifest.json").write_text(json.dumps({"product": "coterie", "format": version}))
    with pytest.raises(DataError, match="Upgrade Coterie"):
        open_run(run)
