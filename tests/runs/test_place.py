from __future__ import annotations

import fcntl
import hashlib
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from coterie.errors import UsageError
from coterie.runs import check_target, place, save, tidy, writing

WRITER = Path(__file__).with_name("killed_writer.py")
ROOT = Path(__file__).resolve().parents[2]
WAYS = ("exchange", "two-steps")


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways to replace a run: the system can exchange folders, or it cannot."""
    if request.param == "two-steps":
        monkeypatch.setattr(place, "_exchange", lambda one, other: False)
    return str(request.param)


def write(path: Path, text: str) -> None:
    with writing(path) as folder:
        (folder / "text").write_text(text)
        save(folder, {}, {})


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


# --- in its place ---


def test_a_new_run_is_put_where_nothing_was(tmp_path: Path) -> None:
    write(tmp_path / "run", "one")
    assert names(tmp_path) == ["run"]
    assert names(tmp_path / "run") == ["manifest.json", "text"]


def test_an_older_run_is_replaced_whole(tmp_path: Path, way: str) -> None:
    with writing(tmp_path / "run") as folder:
        (folder / "only in the old one").touch()
        save(folder, {}, {})
    write(tmp_path / "run", "two")
    assert names(tmp_path) == ["run"]
    assert names(tmp_path / "run") == ["manifest.json", "text"]
    assert (tmp_path / "run" / "text").read_text() == "two"


def test_this_system_can_exchange(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for folder in (one, other):
        folder.mkdir()
        (folder / folder.name).touch()
    if not place._exchange(one, other):
        pytest.skip("this system or file system has no renameat2")
    assert names(one) == ["other"]
    assert names(other) == ["one"]


def test_an_empty_folder_is_allowed(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    write(tmp_path / "run", "one")
    assert (tmp_path / "run" / "text").read_text() == "one"


def test_a_link_to_a_run_stays_a_link(tmp_path: Path) -> None:
    write(tmp_path / "2026-11", "one")
    (tmp_path / "latest").symlink_to("2026-11")
    write(tmp_path / "latest", "two")
    assert (tmp_path / "latest").is_symlink()
    assert (tmp_path / "2026-11" / "text").read_text() == "two"


def test_only_the_owner_can_look_while_it_is_written(tmp_path: Path) -> None:
    with writing(tmp_path / "run") as folder:
        assert folder.parent.parent == tmp_path
        assert stat.S_IMODE(folder.parent.stat().st_mode) == 0o700


def test_permissions_of_the_old_run_are_kept(tmp_path: Path, way: str) -> None:
    write(tmp_path / "run", "one")
    (tmp_path / "run").chmod(0o750)
    write(tmp_path / "run", "two")
    assert stat.S_IMODE((tmp_path / "run").stat().st_mode) == 0o750


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_after_an_error_all_is_as_before(tmp_path: Path, error: type[BaseException]) -> None:
    write(tmp_path / "old", "one")
    for name in ("old", "new"):
        with pytest.raises(error), writing(tmp_path / name) as folder:
            (folder / "text").write_text("half")
            raise error
    assert names(tmp_path) == ["old"]
    assert (tmp_path / "old" / "text").read_text() == "one"


def test_an_interrupt_between_the_two_steps_brings_the_old_run_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, "_exchange", lambda one, other: False)
    write(tmp_path / "run", "one")
    rename = Path.rename

    def interrupted(self: Path, target: Path) -> Path:
        if self.name == "run" and self.parent.name.endswith(".tmp"):
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "run", "two")
    assert names(tmp_path) == ["run"]
    assert (tmp_path / "run" / "text").read_text() == "one"


def test_an_interrupt_while_the_old_run_is_removed_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "run", "one")
    rmtree, calls = place.shutil.rmtree, []

    def interrupted(path: Path, **options: bool) -> None:
        calls.append(path)
        if len(calls) == 1:
            raise KeyboardInterrupt
        rmtree(path, **options)

    monkeypatch.setattr(place.shutil, "rmtree", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "run", "two")
    assert names(tmp_path) == ["run"]
    assert (tmp_path / "run" / "text").read_text() == "two"


def test_a_full_disk_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^The disk is full: .*run was not written\."), writing(tmp_path / "run"):
        raise OSError(28, "No space left on device")
    assert names(tmp_path) == []


def test_other_errors_of_the_system_pass_as_they_are(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="Input/output error"), writing(tmp_path / "run"):
        raise OSError(5, "Input/output error")


# --- where it may not be written ---


def refusal(path: Path) -> str:
    with pytest.raises(UsageError) as checked:
        check_target(path)
    with pytest.raises(UsageError) as written, writing(path):
        pytest.fail("the block must not run")
    assert str(checked.value) == str(written.value)
    return str(checked.value)


def test_a_folder_that_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    foreign = tmp_path / "photos"
    foreign.mkdir()
    (foreign / "cat.png").write_bytes(b"cat")
    assert refusal(foreign) == (
        f"{foreign} holds files but no run of Coterie, so it is left alone. "
        "Choose a folder that is new, empty or an older run."
    )
    assert names(tmp_path) == ["photos"]
    assert (foreign / "cat.png").read_bytes() == b"cat"


@pytest.mark.parametrize(
    "manifest", ["{}", "[]", "not json", '{"product": "other"}', '{"name": "a web app"}', "[" * 10**5]
)
def test_a_manifest_of_somebody_else_is_not_ours(tmp_path: Path, manifest: str) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "manifest.json").write_text(manifest)
    assert "left alone" in refusal(tmp_path / "app")


def test_a_folder_that_turns_foreign_meanwhile_is_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "run"
    with pytest.raises(UsageError, match="left alone"), writing(target) as folder:
        save(folder, {}, {})
        target.mkdir()
        (target / "mine").touch()
    assert names(tmp_path) == ["run"]
    assert names(target) == ["mine"]


def test_a_file_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("text")
    assert refusal(tmp_path / "run").endswith("is a file, and a run is a folder. Choose a name where nothing is yet.")


def test_a_file_as_parent(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "is a file, not a folder" in refusal(tmp_path / "file" / "run")


def test_a_parent_that_is_missing(tmp_path: Path) -> None:
    assert f"the folder {tmp_path / 'a'} does not exist" in refusal(tmp_path / "a" / "run")
    assert names(tmp_path) == []


def test_the_current_folder_and_mount_points_cannot_be_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "cannot be replaced where it is" in refusal(Path())
    assert "cannot be replaced where it is" in refusal(Path("/"))


def test_the_root_has_nothing_to_tidy() -> None:
    tidy("/")


def test_a_name_too_long_for_the_system(tmp_path: Path) -> None:
    assert "file name too long" in refusal(tmp_path / ("x" * 300))


def test_links_in_a_circle(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    refusal(tmp_path / "a")


def test_a_parent_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root may write anywhere
    assert f"no permission in {tmp_path}" in refusal(tmp_path / "run")


def test_a_read_only_file_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> str:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(place.tempfile, "mkdtemp", refuse)
    with pytest.raises(UsageError, match="cannot be written: read-only file system"), writing(tmp_path / "run"):
        pytest.fail("the block must not run")


def test_a_previous_that_is_not_ours_stops_the_two_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place, "_exchange", lambda one, other: False)
    write(tmp_path / "run", "one")
    (tmp_path / "run.previous").mkdir()
    with pytest.raises(UsageError, match=r"run\.previous is in the way"):
        write(tmp_path / "run", "two")
    assert names(tmp_path) == ["run", "run.previous"]
    assert (tmp_path / "run" / "text").read_text() == "one"


# --- tidying ---


def left_behind(tmp_path: Path, name: str = "run", *, marked: bool = True) -> Path:
    private = tmp_path / f".{name}.coterie-abcd1234.tmp"
    (private / "run").mkdir(parents=True)
    (private / "run" / "half").touch()
    if marked:
        (private / "coterie.lock").touch()
    return private


def test_what_a_kill_left_behind_is_removed(tmp_path: Path) -> None:
    left_behind(tmp_path)
    (tmp_path / ".run.coterie-00000000.tmp").mkdir()  # killed before it was marked
    tidy(tmp_path / "run")
    assert names(tmp_path) == []


def test_siblings_of_a_living_process_stay(tmp_path: Path) -> None:
    private = left_behind(tmp_path)
    with (private / "coterie.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        tidy(tmp_path / "run")
        assert (private / "run" / "half").exists()
    tidy(tmp_path / "run")
    assert names(tmp_path) == []


def test_two_that_write_the_same_run_do_not_disturb_each_other(tmp_path: Path, way: str) -> None:
    with writing(tmp_path / "run") as slow:
        (slow / "text").write_text("slow")
        write(tmp_path / "run", "quick")
        assert (tmp_path / "run" / "text").read_text() == "quick"
        save(slow, {}, {})
    assert (tmp_path / "run" / "text").read_text() == "slow"
    assert names(tmp_path) == ["run"]


@pytest.mark.parametrize(
    ("name", "marked"),
    [("other", True), ("run2", True), ("run", False)],
    ids=["of another run", "of a run whose name begins the same", "without our mark"],
)
def test_what_is_not_left_by_this_run_stays(tmp_path: Path, name: str, marked: bool) -> None:
    private = left_behind(tmp_path, name, marked=marked)
    tidy(tmp_path / "run")
    assert (private / "run" / "half").exists()


def test_a_link_named_like_ours_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter").touch()
    private = left_behind(tmp_path)
    (private / "link").symlink_to(tmp_path / "mine")
    tidy(tmp_path / "run")
    assert names(tmp_path) == ["mine"]
    assert names(tmp_path / "mine") == ["letter"]


def test_a_run_moved_aside_comes_back(tmp_path: Path) -> None:
    write(tmp_path / "run", "one")
    (tmp_path / "run").rename(tmp_path / "run.previous")
    tidy(tmp_path / "run")
    assert names(tmp_path) == ["run"]
    assert (tmp_path / "run" / "text").read_text() == "one"


@pytest.mark.parametrize("ours", [True, False])
def test_a_previous_beside_a_run_is_removed_only_after_a_kill_of_ours(tmp_path: Path, ours: bool) -> None:
    write(tmp_path / "run", "two")
    write(tmp_path / "run.previous", "one")
    if ours:
        (left_behind(tmp_path) / "swapping").touch()
    tidy(tmp_path / "run")
    assert names(tmp_path) == (["run"] if ours else ["run", "run.previous"])


def test_a_foreign_previous_is_not_made_a_run(tmp_path: Path) -> None:
    (tmp_path / "run.previous").mkdir()
    tidy(tmp_path / "run")
    assert names(tmp_path) == ["run.previous"]


def test_tidying_where_nothing_is_harms_nothing(tmp_path: Path) -> None:
    tidy(tmp_path / "no" / "such" / "place")
    assert names(tmp_path) == []


# --- killed ---


def number_in(run: Path) -> int:
    """The number of a run that is whole: checksum, files and value agree."""
    body = (run / "body").read_bytes()
    assert hashlib.sha256(body).hexdigest() == json.loads((run / "manifest.json").read_text())["sum"]
    assert (run / "rejects" / "more").read_bytes() == body
    assert names(run) == ["body", "choice.json", "manifest.json", "rejects"]
    return int(json.loads((run / "choice.json").read_text())["k"])


def kill_writers(*arguments: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    subprocess.run([sys.executable, str(WRITER), *arguments], env=environment, check=True, timeout=60)


@pytest.mark.parametrize("way", WAYS)
def test_killed_at_a_random_moment_the_run_is_the_old_or_the_new_one(tmp_path: Path, way: str) -> None:
    seeds = [str(seed) for seed in range(20)]
    kill_writers("moments", str(tmp_path), way, *seeds)
    for seed in seeds:
        target, done = tmp_path / seed / "run", tmp_path / seed / "done"
        last = max((int(line) for line in done.read_text().split()), default=0)
        if target.exists():
            number_in(target)
        else:
            assert way == "two-steps"
            number_in(target.with_name("run.previous"))
        tidy(target)
        assert number_in(target) in {last, last + 1}
        assert names(target.parent) == ["done", "run"]


@pytest.mark.parametrize("way", WAYS)
def test_killed_before_each_single_step_the_run_is_the_old_or_the_new_one(tmp_path: Path, way: str) -> None:
    kill_writers("steps", str(tmp_path), way)
    steps = sorted(int(folder.name) for folder in tmp_path.iterdir())
    assert len(steps) > 30  # the last one came to an end
    outcomes, moved_aside = [], 0
    for step in steps:
        target = tmp_path / f"{step}" / "run"
        if not target.exists():
            moved_aside += 1
            assert number_in(target.with_name("run.previous")) == 1
        else:
            number_in(target)
        tidy(target)
        outcomes.append(number_in(target))
        assert names(target.parent) == ["run"]
    assert outcomes == sorted(outcomes)
    assert set(outcomes) == {1, 2}
    assert moved_aside == (0 if way == "exchange" else 1)
