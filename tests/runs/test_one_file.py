"""A file, or a folder of parts, comes into its place whole or not at all."""

from __future__ import annotations

import pytest

from coterie.errors import UsageError
from coterie.runs import check_file_target, writing_file


def names(folder):
    return sorted(entry.name for entry in folder.iterdir())


def test_a_file_is_there_only_when_it_is_whole(tmp_path):
    target = tmp_path / "list.csv"
    target.write_text("old")
    with pytest.raises(ZeroDivisionError), writing_file(target) as draft:
        draft.write_text("half")
        raise ZeroDivisionError
    assert target.read_text() == "old"
    with writing_file(target) as draft:
        assert draft.suffix == ".csv"
        draft.write_text("new")
        assert target.read_text() == "old"
    assert target.read_text() == "new"
    assert names(tmp_path) == ["list.csv"]


def test_a_folder_of_parts_replaces_a_folder_and_a_file(tmp_path):
    folder, file = tmp_path / "a.parquet", tmp_path / "b.parquet"
    folder.mkdir()
    (folder / "part-9").write_text("old")
    file.write_text("old")
    for target in (folder, file):
        with writing_file(target) as draft:
            draft.mkdir()
            (draft / "part-0").write_text("new")
        assert [part.name for part in target.iterdir()] == ["part-0"]
    assert names(tmp_path) == ["a.parquet", "b.parquet"]


def test_what_a_kill_left_does_not_stay(tmp_path):
    target = tmp_path / "list.csv"
    with writing_file(target) as draft:
        draft.write_text("x")
    draft.mkdir()
    (draft / "part-0").write_text("half")
    with writing_file(target) as again:
        assert again == draft
        again.write_text("y")
    assert (target.read_text(), names(tmp_path)) == ("y", ["list.csv"])


@pytest.mark.parametrize("name", ["x" * 250 + ".sql", "x" * 260 + ".sql"])
def test_a_long_name_is_written_or_refused_in_one_sentence(tmp_path, name):
    target = tmp_path / name
    if len(name) > 255:
        with (
            pytest.raises(UsageError, match=r"cannot be written: file name too long\.$"),
            writing_file(target) as draft,
        ):
            draft.write_text("x")
        assert names(tmp_path) == []
        return
    with writing_file(target) as draft:
        draft.write_text("x")
    assert target.read_text() == "x"


def test_places_that_are_refused(tmp_path):
    with pytest.raises(UsageError, match=r"there is no folder .*nowhere\. Create it first\.$"):
        check_file_target(tmp_path / "nowhere" / "list.csv")
    (tmp_path / "manifest.json").write_text('{"product": "coterie"}')
    with pytest.raises(UsageError, match=r"lies inside a run folder"):
        check_file_target(tmp_path / "list.csv")
