"""Put a run folder in its place whole or not at all, and tidy up after a kill.

A folder is written in a private sibling `.NAME.coterie-XXXXXXXX.tmp` and then exchanged for the old one in a single
step. The sibling holds a locked file while its process lives, so that what a kill leaves behind can be told from what
another process is still writing.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from coterie.errors import UsageError

MANIFEST = "manifest.json"
_LOCK, _SWAPPING = "coterie.lock", "swapping"
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2


@contextlib.contextmanager
def writing(path: Path | str) -> Iterator[Path]:
    """Give an empty private folder to fill; put it in the place of `path` when the block ends well, else drop it.

    An older run at `path` is replaced, keeping its permissions. Whatever happens, a kill included, `path` is absent,
    the old run or the new one, whole. Write the manifest with `save`, so that the folder is known as ours.
    Raises UsageError as `check_target` does, and when the disk is full.
    """
    target = check_target(path)
    tidy(target)
    try:
        with _private_sibling(target) as private:
            folder = private / "run"
            folder.mkdir()
            yield folder
            _flush(folder)
            _put_in_place(folder, check_target(target), private)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise UsageError(f"The disk is full: {path} was not written. Free some space and run again.") from error
        raise


def check_target(path: Path | str) -> Path:
    """The full path of a run folder to write, if it may be written there; call it before long work.

    Allowed are a path where nothing is yet, an empty folder, and an older run of Coterie. A folder that holds anything
    else is never replaced. Raises UsageError naming the obstacle.
    """
    try:
        target = Path(path).expanduser().resolve()
        obstacle = _obstacle(target)
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle, or ~ without a home
        raise UsageError(f"{path} cannot be written: {_why(error)}. Choose another place.") from error
    if obstacle:
        raise UsageError(f"{path} {obstacle}")
    return target


def _obstacle(target: Path) -> str:
    """Why the target may not be written, as the rest of a sentence that begins with it; empty when it may."""
    parent = target.parent
    if not parent.exists():
        return f"cannot be written: the folder {parent} does not exist. Create it first."
    if not parent.is_dir():
        return f"cannot be written: {parent} is a file, not a folder. Choose another place."
    if target.exists():
        if not target.is_dir():
            return "is a file, and a run is a folder. Choose a name where nothing is yet."
        if os.path.ismount(target) or target == Path.cwd():
            return f"cannot be replaced where it is. Name a new folder inside it, such as {target / 'run'}."
        if not is_run(target) and any(target.iterdir()):
            return (
                "holds files but no run of Coterie, so it is left alone. "
                "Choose a folder that is new, empty or an older run."
            )
    if not os.access(parent, os.W_OK | os.X_OK):
        return f"cannot be written: no permission in {parent}. Choose another place."
    return ""


def tidy(path: Path | str) -> None:
    """Remove what a killed command left beside `path`, and bring an older run back that it had moved aside.

    Siblings that a living process still writes stay, and so does everything that is not ours. Never fails: what
    cannot be removed is left for next time.
    """
    with contextlib.suppress(OSError, RuntimeError):
        target = Path(path).expanduser().resolve()
        left_behind: list[tuple[Path, int]] = []
        living = False
        for private in _siblings(target):
            lock = _hold(private)
            if lock is not None:
                left_behind.append((private, lock))
                continue
            # Killed before it was marked, then it is empty; from anything else rmdir removes nothing.
            with contextlib.suppress(OSError):
                private.rmdir()
            living = living or (private / _LOCK).exists()
        try:
            if not living:
                _settle_previous(target, swapping=any((private / _SWAPPING).exists() for private, _ in left_behind))
        finally:
            for private, lock in left_behind:
                # The mark of a half-done swap stays until RUN.previous can be settled.
                if not (living and (private / _SWAPPING).exists()):
                    _discard(private)
                os.close(lock)


def is_run(folder: Path | str) -> bool:
    """Whether the folder holds a manifest of ours."""
    try:
        manifest = json.loads((Path(folder) / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(manifest, dict) and manifest.get("product") == "coterie"


def _siblings(target: Path) -> list[Path]:
    """The private siblings of this target, and of no other."""
    # tempfile draws eight of these characters.
    ours = re.compile(rf"\.{re.escape(target.name)}\.coterie-[a-z0-9_]{{8}}\.tmp")
    return sorted(entry for entry in target.parent.iterdir() if ours.fullmatch(entry.name))


@contextlib.contextmanager
def _private_sibling(target: Path) -> Iterator[Path]:
    """A folder beside the target that only its owner can enter, marked and locked while the block lasts."""
    private, lock = _mark(target)
    try:
        yield private
    finally:
        _discard(private)
        os.close(lock)


def _mark(target: Path) -> tuple[Path, int]:
    while True:
        try:
            made = tempfile.mkdtemp(prefix=f".{target.name}.coterie-", suffix=".tmp", dir=target.parent)
        except OSError as error:
            raise UsageError(f"{target} cannot be written: {_why(error)}. Choose another place.") from error
        private = Path(made)
        # Another command may tidy the folder away before it is locked; then a new one is made.
        try:
            lock = os.open(private / _LOCK, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            continue
        except OSError:
            # A file system without locks: nobody can hold this one, so nobody removes it.
            return private, lock
        if (private / _LOCK).exists():
            return private, lock
        os.close(lock)


def _hold(private: Path) -> int | None:
    """The lock of a sibling whose process is gone; None while it lives, or where nothing says that it is ours."""
    try:
        lock = os.open(private / _LOCK, os.O_RDWR | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        return None
    return lock


def _discard(private: Path) -> None:
    """Remove a sibling of ours, its mark last, so that a kill in between leaves it recognisable."""
    try:
        _remove_content(private)
    except KeyboardInterrupt:
        _remove_content(private)
        raise


def _remove_content(private: Path) -> None:
    with contextlib.suppress(OSError):
        for entry in private.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry, ignore_errors=True)
            elif entry.name != _LOCK:
                entry.unlink()
        (private / _LOCK).unlink()
        private.rmdir()


def _put_in_place(folder: Path, target: Path, private: Path) -> None:
    try:
        if target.exists():
            shutil.copymode(target, folder)
        if not is_run(target):
            folder.rename(target)
        elif not _exchange(folder, target):
            _move_aside(folder, target, private)
    except OSError as error:
        raise UsageError(f"{target} cannot be replaced: {_why(error)}. Choose another place.") from error
    _sync(target.parent)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders in one step; False where the system or the file system cannot."""
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 is None:
        return False
    done = renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), ctypes.c_uint(_RENAME_EXCHANGE))
    if done == 0:
        return True
    code = ctypes.get_errno()
    if code in (errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP):
        return False
    raise OSError(code, os.strerror(code), str(other))


def _move_aside(folder: Path, target: Path, private: Path) -> None:
    """Replace in two steps: between them the old run is called NAME.previous, and `tidy` brings it back."""
    previous = _previous(target)
    if previous.exists():
        raise UsageError(f"{previous} is in the way: the old run is moved there for a moment. Move or remove it.")
    (private / _SWAPPING).touch()
    try:
        target.rename(previous)
        folder.rename(target)
    except BaseException:
        if previous.exists() and not target.exists():
            previous.rename(target)
        raise
    previous.rename(private / "old")


def _settle_previous(target: Path, *, swapping: bool) -> None:
    previous = _previous(target)
    if not is_run(previous):
        return
    if not target.exists():
        previous.rename(target)
    elif swapping:
        shutil.rmtree(previous, ignore_errors=True)


def _previous(target: Path) -> Path:
    return target.parent / f"{target.name}.previous"


def _flush(folder: Path) -> None:
    """Have the system write every file to disk, so that a power cut after the exchange finds them whole."""
    for root, _, files in os.walk(folder):
        for name in files:
            _sync(Path(root) / name)
        _sync(Path(root))


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        # Some network file systems cannot flush a folder; there the rename alone has to do.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)


def _why(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error).lower()
