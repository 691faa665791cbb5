"""What the bytes of a CSV file tell before any of it is parsed: encoding, line ends, quotes. One streaming pass."""

from __future__ import annotations

import codecs
import gzip
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, cast

from coterie.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CHUNK = 1 << 20
HEAD = 1 << 18
"""So many bytes decide over delimiter and header."""

EXPANSION_BYTES = 2 << 30
EXPANSION_RATIO = 200
"""A compressed file that grows beyond both is refused."""

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True)
class CsvBytes:
    """The raw facts of one file.

    Attributes:
        encoding: Python's name of it; what does not decode is replaced and counted while reading.
        guessed: It is not UTF-8, and nothing says what it is instead.
        head: The decoded beginning, without byte order mark, cut after a whole line where the file goes on.
        lines: Physical lines, trailing empty ones left out (exact for plain files only).
        plain: UTF-8 with one kind of line end (LF or CRLF) and no NUL: the engine's own reader may try it.
        quotes: There is a quote character somewhere.
        spaced_quotes: A quote stands beside a blank, which readers understand differently.
    """

    encoding: str
    guessed: bool
    head: str
    lines: int
    plain: bool
    quotes: bool
    spaced_quotes: bool


@dataclass
class _Tally:
    """Counts of one pass over the bytes."""

    newlines: int = 0
    returns: int = 0
    pairs: int = 0
    trailing: int = 0
    size: int = 0
    nul: bool = False
    quotes: bool = False
    spaced_quotes: bool = False
    last: bytes = b""

    def add(self, chunk: bytes) -> None:
        newlines = chunk.count(b"\n")
        self.newlines += newlines
        if b"\r" in chunk or self.last == b"\r":
            self.returns += chunk.count(b"\r")
            self.pairs += chunk.count(b"\r\n") + (self.last == b"\r" and chunk.startswith(b"\n"))
        self.nul = self.nul or b"\0" in chunk
        if b'"' in chunk:
            self.quotes = True
            seam = self.last + chunk
            self.spaced_quotes = self.spaced_quotes or b' "' in seam or b'" ' in seam
        elif self.quotes and self.last == b'"' and chunk.startswith(b" "):
            self.spaced_quotes = True
        body = chunk.rstrip(b"\r\n")
        tail = chunk[len(body) :].count(b"\n")
        self.trailing = tail if body else self.trailing + tail
        self.size += len(chunk)
        self.last = chunk[-1:]


class _Utf8:
    """Whether chunks of bytes are UTF-8, and if not, whether the first chunk that is not looks mostly like it."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("strict")
        self._broken = False
        self.mostly = False

    def add(self, chunk: bytes) -> None:
        if self._broken or (chunk.isascii() and not self._decoder.getstate()[0]):
            return
        try:
            self._decoder.decode(chunk)
        except UnicodeDecodeError:
            self._broken = True
            text = chunk.decode("utf-8", "replace")
            bad = text.count("\ufffd")
            self.mostly = sum(ord(sign) > 127 for sign in text) - bad > bad

    def ends_broken(self) -> bool:
        return self._broken or bool(self._decoder.getstate()[0])


def open_bytes(path: Path) -> BinaryIO:
    """The file's bytes, decompressed where it is gzip (told by its first bytes, not its name)."""
    with path.open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
    return cast("BinaryIO", gzip.open(path, "rb")) if zipped else path.open("rb")


def read_chunks(path: Path, label: str) -> Iterator[bytes]:
    """The bytes in chunks, decompressed, counted against expansion.

    Raises:
        DataError: Where the archive is broken or grows beyond all reason.
    """
    packed = max(1, path.stat().st_size)
    size = 0
    try:
        with open_bytes(path) as stream:
            while chunk := stream.read(CHUNK):
                size += len(chunk)
                if size > EXPANSION_BYTES and size > EXPANSION_RATIO * packed:
                    raise DataError(
                        f"{label} grows to more than {EXPANSION_RATIO} times its size when it is decompressed, which "
                        "is not trusted. Decompress it yourself if you know what it is."
                    )
                yield chunk
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DataError(f"{label} is a broken gzip file ({error}). Copy or export it again.") from error


def inspect_bytes(path: Path, label: str, encoding: str | None) -> CsvBytes:
    """Read the file once and tell what it is made of.

    Args:
        path: File, gzip or not.
        label: Its name in messages.
        encoding: The setting, which is believed.

    Raises:
        DataError: Where the file is empty or a broken archive.
    """
    tally, utf8, head = _Tally(), _Utf8(), b""
    for chunk in read_chunks(path, label):
        tally.add(chunk)
        utf8.add(chunk)
        if len(head) < HEAD:
            head += chunk[: HEAD - len(head)]
    if not tally.size:
        raise DataError(f"{label} is empty (0 bytes). Export it again with its header and rows.")
    broken = utf8.ends_broken()
    name, mark = _encoding(head, encoding, broken=broken, mostly_utf8=utf8.mostly)
    one_line_end = tally.returns == tally.pairs and tally.pairs in (0, tally.newlines)
    return CsvBytes(
        encoding=name,
        guessed=name == "cp1252" and encoding is None,
        head=_decode_head(head[mark:], name, whole=tally.size <= len(head)),
        lines=tally.newlines - tally.trailing + (1 if tally.trailing or tally.last not in {b"\n", b"\r"} else 0),
        plain=name == "utf-8" and not broken and not tally.nul and one_line_end,
        quotes=tally.quotes,
        spaced_quotes=tally.spaced_quotes,
    )


def _encoding(head: bytes, setting: str | None, *, broken: bool, mostly_utf8: bool) -> tuple[str, int]:
    """Name of the encoding and length of the byte order mark."""
    for mark, name in BOMS:
        if head.startswith(mark):
            return name, len(mark)
    if setting is not None:
        return codecs.lookup(setting).name, 0
    even, odd, half = head[::2].count(0), head[1::2].count(0), max(1, len(head) // 2)
    if odd > 0.4 * half and even < 0.1 * half:
        return "utf-16-le", 0
    if even > 0.4 * half and odd < 0.1 * half:
        return "utf-16-be", 0
    return ("utf-8" if not broken or mostly_utf8 else "cp1252"), 0


def _decode_head(head: bytes, encoding: str, *, whole: bool) -> str:
    text = head.decode(encoding, "replace").replace("\0", "")
    if whole:
        return text
    end = max(text.rfind("\n"), text.rfind("\r"))
    return text[: end + 1] if end > 0 else text
