"""Values of a run as JSON: written with stable bytes, read back with every key and number checked."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import json
import math
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol, TypeVar

from coterie.errors import DataError, UsageError
from coterie.runs.place import MANIFEST, is_run, tidy

T = TypeVar("T")

FORMAT = 1
"""Version of the folder's layout. Raised when an older Coterie could no longer read it."""

MODEL = "model.json"
_LARGEST_JSON = 256 * 2**20


def save(folder: Path, values: Mapping[str, object], manifest: Mapping[str, object]) -> None:
    """Write each value as JSON under its file name, and the manifest, marked as ours.

    Times, durations and paths belong into the manifest alone; the other files have the same bytes for the same run.
    """
    for name, value in values.items():
        dump_json(value, folder / name)
    dump_json({"product": "coterie", "format": FORMAT, **manifest}, folder / MANIFEST)


def open_run(path: Path | str) -> Path:
    """The full path of a run folder to read, after `tidy`.

    Raises UsageError when there is none, DataError when a newer Coterie wrote it.
    """
    tidy(path)
    folder = Path(path).expanduser().resolve()
    if not folder.exists():
        raise UsageError(f"There is no run at {path}. Name a folder that `coterie segment DATA -o RUN` has written.")
    if not is_run(folder):
        raise UsageError(
            f"{path} is not a run of Coterie: it has no {MANIFEST} of ours. "
            "Name a folder that `coterie segment DATA -o RUN` has written."
        )
    version = load_json(folder / MANIFEST).get("format")
    if not isinstance(version, int) or version > FORMAT:
        raise DataError(
            f"{path} has format {version}, and this Coterie reads up to {FORMAT}. "
            "Upgrade Coterie, or write the run again with this one."
        )
    return folder


def dump_json(value: object, path: Path) -> None:
    """Write a value as JSON: UTF-8, keys in the order of the value, one newline at the end, always the same bytes."""
    text = json.dumps(to_json(value), ensure_ascii=False, indent=2, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def to_json(value: object) -> Any:
    """A value as plain JSON values; what JSON cannot say (not a number, infinity) becomes None.

    Takes dataclasses, pydantic models, mappings, sequences, sets (sorted), dates, paths, enums, numpy scalars and
    arrays. Raises TypeError for anything else: that is a bug of ours.

    Example:
        >>> to_json({"day": dt.date(2026, 11, 21), "share": float("nan"), "k": (2, 10)})
        {'day': '2026-11-21', 'share': None, 'k': [2, 10]}
    """
    if isinstance(value, enum.Enum):
        return to_json(value.value)
    if value is None or isinstance(value, bool | int | str):
        return str(value) if isinstance(value, str) else value
    if isinstance(value, float):
        # Adding 0.0 turns -0.0 into 0.0, which is the same number but other bytes.
        return float(value) + 0.0 if math.isfinite(value) else None
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return {_key(key): to_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted(to_json(item) for item in value)
    return _structure_to_json(value)


def _structure_to_json(value: object) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        # A field that would be a word of Python ends in "_", which the file does not show (its alias is for reading).
        return {field.name.rstrip("_"): to_json(getattr(value, field.name)) for field in dataclasses.fields(value)}
    fields = getattr(type(value), "model_fields", None)  # a pydantic model
    if fields is not None:
        return {name: to_json(getattr(value, name)) for name in fields}
    tolist = getattr(value, "tolist", None)  # numpy scalars and arrays
    if callable(tolist):
        return to_json(tolist())
    raise TypeError(f"{type(value).__name__} has no form in JSON: {value!r}")


def _key(key: object) -> str:
    plain = to_json(key)
    if isinstance(plain, bool) or not isinstance(plain, str | int):
        raise TypeError(f"{key!r} cannot be a key in JSON")
    return str(plain)


def load_json(path: Path) -> Any:
    """The content of one JSON file. Raises DataError when it is missing, not JSON, or a number in it is not finite."""
    try:
        size = path.stat().st_size
        if size > _LARGEST_JSON:
            raise DataError(
                f"{path} has {size / 2**20:,.0f} MB, far more than a run of Coterie writes. It is not read."
            )
        return json.loads(path.read_bytes().decode("utf-8"), parse_float=_finite, parse_constant=_finite)
    except FileNotFoundError as error:
        raise _damaged(path, "it is missing") from error
    except OSError as error:
        raise DataError(f"{path} cannot be read: {str(error.strerror).lower()}.") from error
    except (ValueError, RecursionError) as error:
        raise _damaged(path, f"it is not valid JSON ({error})") from error


def load(type_: type[T], folder: Path, name: str) -> T:
    """One value of a run folder, read back as the type it was written from: `load(Choice, folder, "choice.json")`."""
    return from_json(type_, load_json(folder / name), where=folder / name)


def from_json(type_: type[T], value: object, *, where: Path | str = "the value", exact: bool = False) -> T:
    """Read plain JSON values back as a dataclass (nested ones too), strictly: no coercion, no unknown key.

    A None where a number belongs was not a number when written, and is again, unless `exact` refuses it.
    Raises DataError naming the first place that does not fit.
    """
    from pydantic import TypeAdapter, ValidationError

    adapter = TypeAdapter(type_)
    try:
        result = adapter.validate_json(json.dumps(value), strict=True)
    except ValidationError as error:
        holes = [] if exact else [tuple(e["loc"]) for e in error.errors() if _is_hole(e)]
        if not holes:
            raise _misfit(where, error.errors()) from error
        try:
            result = adapter.validate_json(json.dumps(_filled(value, frozenset(holes))), strict=True)
        except ValidationError as second:
            raise _misfit(where, second.errors()) from second
    unknown = _unknown_key(value, to_json(result))
    if unknown is not None:
        raise _damaged(where, f"it holds {unknown!r}, which is unknown")
    return result


def _is_hole(error: Mapping[str, Any]) -> bool:
    return error["type"] == "float_type" and error["input"] is None


def _filled(value: object, holes: frozenset[tuple[Any, ...]], at: tuple[Any, ...] = ()) -> object:
    """A copy with "not a number" at those places."""
    if at in holes:
        return math.nan
    if isinstance(value, dict):
        return {key: _filled(item, holes, (*at, key)) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, holes, (*at, index)) for index, item in enumerate(value)]
    return value


def _unknown_key(given: object, kept: object, at: str = "") -> str | None:
    """Where the first key stands that reading dropped; None when nothing was."""
    pairs: Iterable[tuple[object, object, object]] = ()
    if isinstance(given, dict) and isinstance(kept, dict):
        for key in given:
            if key not in kept:
                return f"{at}.{key}".lstrip(".")
        pairs = ((key, given[key], kept[key]) for key in given)
    elif isinstance(given, list) and isinstance(kept, list):
        pairs = zip(range(len(given)), given, kept, strict=False)
    return next((found for key, one, other in pairs if (found := _unknown_key(one, other, f"{at}.{key}"))), None)


def _misfit(where: Path | str, errors: list[Any]) -> DataError:
    first = errors[0]
    place = ".".join(str(part) for part in first["loc"]) or "all of it"
    found = repr(first["input"])
    return _damaged(
        where, f"at {place}: {first['msg'].lower()}, found {found if len(found) <= 60 else found[:57] + '...'}"
    )


def _damaged(where: Path | str, what: str) -> DataError:
    return DataError(f"{where} is damaged or not ours: {what}. Write the run again with `coterie segment`.")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"the number {text} is not finite")
    return number


class Named(Protocol):
    """A feature of a model: only its name is looked at here."""

    @property
    def name(self) -> str: ...


def load_model(type_: type[T], folder: Path, *, names: Callable[[T], Iterable[str]], known: Callable[[str], bool]) -> T:
    """The model of a run, safe from a stranger: plain JSON, every number finite, every feature one of the catalogue.

    Args:
        type_: Dataclass it was saved from.
        folder: The run.
        names: All feature names that the model mentions.
        known: Whether a name is in the catalogue (or an attribute of the data at hand).

    Raises DataError for anything else.
    """
    path = folder / MODEL
    model = from_json(type_, load_json(path), where=path, exact=True)
    for name in names(model):
        if not known(name):
            raise DataError(
                f"{path} uses the feature {name!r}, which this Coterie does not know. "
                "`coterie features` lists those it does; write the run again with `coterie segment`."
            )
    return model
