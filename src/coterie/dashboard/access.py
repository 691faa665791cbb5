"""Who may look: everybody on this machine, or whoever has the token, or the name and password."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import ipaddress
import os
import re
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from coterie.errors import UsageError

if TYPE_CHECKING:
    from starlette.types import Scope

COOKIE = "coterie_session"
SESSION_SECONDS = 12 * 3600
MOST_SESSIONS = 1_000

WINDOW_SECONDS = 60.0
MOST_WRONG, MOST_WRONG_OF_ALL = 5, 100
"""Wrong tries in a window, of one address and of all together, before no more are looked at."""

SHORTEST_TOKEN, SHORTEST_PASSWORD = 16, 8

Answer = Literal["yes", "no", "wrong", "wait"]
"""Let in; nothing was shown; what was shown is wrong; too many wrong tries."""


@dataclass(frozen=True)
class Hashed:
    """A secret that can be checked and not read: salt and scrypt of it."""

    salt: bytes
    digest: bytes

    @classmethod
    def of(cls, secret: str) -> Hashed:
        """Hash a secret with a salt of its own."""
        salt = secrets.token_bytes(16)
        return cls(salt, _scrypt(secret, salt))

    def fits(self, secret: str) -> bool:
        """Whether this is the secret; takes as long for a wrong one."""
        return hmac.compare_digest(self.digest, _scrypt(secret, self.salt))


def _scrypt(secret: str, salt: bytes) -> bytes:
    return hashlib.scrypt(secret.encode("utf-8"), salt=salt, n=2**14, r=8, p=1, dklen=32)


class WrongTries:
    """Counts wrong tries by address, and says when no more are to be looked at."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._of_all: deque[float] = deque(maxlen=MOST_WRONG_OF_ALL)
        self._by_address: dict[str, deque[float]] = {}

    def too_many(self, address: str) -> bool:
        """Whether this address, or all together, have used up their tries."""
        with self._lock:
            since = self._clock() - WINDOW_SECONDS
            full = len(self._of_all) == MOST_WRONG_OF_ALL and self._of_all[0] > since
            own = self._by_address.get(_network(address), deque())
            return full or (len(own) == MOST_WRONG and own[0] > since)

    def count(self, address: str) -> None:
        """Remember a wrong try."""
        with self._lock:
            now = self._clock()
            self._of_all.append(now)
            self._by_address.setdefault(_network(address), deque(maxlen=MOST_WRONG)).append(now)
            # No more tries than that are let through in a window, so these are all that are still of use.
            while len(self._by_address) > MOST_WRONG_OF_ALL:
                oldest = min(self._by_address, key=lambda one: self._by_address[one][-1])
                del self._by_address[oldest]


def _network(address: str) -> str:
    """What one person may have many of: of IPv6 the first half."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(found) if found.version == 4 else str(ipaddress.ip_network((found, 64), strict=False))


class Sessions:
    """Those who have logged in with the token, by the random number in their cookie."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._ends: dict[bytes, float] = {}

    def begin(self) -> str:
        """A new number, for the cookie."""
        number = secrets.token_urlsafe(32)
        with self._lock:
            now = self._clock()
            self._ends = {key: end for key, end in self._ends.items() if end > now}
            while len(self._ends) >= MOST_SESSIONS:
                del self._ends[next(iter(self._ends))]
            self._ends[_digest(number)] = now + SESSION_SECONDS
        return number

    def end(self, number: str) -> None:
        """Forget the number: whoever has a copy of the cookie is out too."""
        with self._lock:
            self._ends.pop(_digest(number), None)

    def holds(self, number: str) -> bool:
        """Whether the number is one of ours and not too old."""
        with self._lock:
            # Digests are looked up, so that how long it takes says nothing about the numbers.
            return self._ends.get(_digest(number), 0.0) > self._clock()


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()


@dataclass(frozen=True)
class Access:
    """What has to be shown to be let in; nothing where there is neither a token nor a user.

    Attributes:
        token: Of `Authorization: Bearer` and of the form.
        user, password: Of HTTP Basic.
    """

    token: Hashed | None = None
    user: str | None = None
    password: Hashed | None = None
    wrong: WrongTries = field(default_factory=WrongTries)
    sessions: Sessions = field(default_factory=Sessions)
    _known: dict[bytes, None] = field(default_factory=dict)
    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    _one: threading.Lock = field(default_factory=threading.Lock)

    @property
    def open(self) -> bool:
        """Whether everybody is let in."""
        return self.token is None and self.user is None

    def answer(self, scope: Scope, headers: dict[str, list[str]]) -> Answer:
        """Whether this request is let in."""
        if self.open or self.logged_in(headers):
            return "yes"
        shown = headers.get("authorization", [])
        if not shown:
            return "no"
        header = shown[0] if len(shown) == 1 else ""
        return self._tried(_address(scope), header, self._shows)

    def logged_in(self, headers: dict[str, list[str]]) -> bool:
        """Whether the cookie of the request is one that logging in gave."""
        return any(self.sessions.holds(number) for number in _cookies(headers))

    def log_out(self, headers: dict[str, list[str]]) -> None:
        """Let in nobody more by the cookie of this request."""
        for number in _cookies(headers):
            self.sessions.end(number)

    def log_in(self, scope: Scope, token: str) -> Answer:
        """Whether the token of the form is right; "wait" also for a right one after too many wrong ones."""
        return self._tried(_address(scope), f"Bearer {token}", self._shows)

    def _tried(self, address: str, shown: str, fits: Callable[[str], bool]) -> Answer:
        """Whether what is shown is right; one is looked at after the other, so that no wrong one goes uncounted."""
        known = hmac.digest(self._key, shown.encode("utf-8", "surrogateescape"), "sha256")
        # What has been seen to be right is let in at once: a stranger's tries shut nobody out who is in.
        if known in self._known:
            return "yes"
        with self._one:
            if known in self._known:
                return "yes"
            if self.wrong.too_many(address):
                return "wait"
            if not fits(shown):
                self.wrong.count(address)
                return "wrong"
            if len(self._known) < MOST_SESSIONS:
                self._known[known] = None
            return "yes"

    def _shows(self, header: str) -> bool:
        scheme, _, value = header.partition(" ")
        if scheme.lower() == "bearer":
            return self._is_token(value.strip())
        if scheme.lower() == "basic":
            return self._is_user(value.strip())
        return False

    def _is_token(self, token: str) -> bool:
        return self.token is not None and self.token.fits(token)

    def _is_user(self, encoded: str) -> bool:
        if self.user is None or self.password is None:
            return False
        try:
            name, _, password = base64.b64decode(encoded, validate=True).decode("utf-8").partition(":")
        except (binascii.Error, ValueError):
            return False
        right = self.password.fits(password)  # first and always, so that a wrong name takes as long
        return hmac.compare_digest(_digest(name), _digest(self.user)) and right


def _cookies(headers: dict[str, list[str]]) -> list[str]:
    pairs = (part.strip().partition("=") for line in headers.get("cookie", []) for part in line.split(";"))
    return [value for name, _, value in pairs if name == COOKIE][:3]


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else ""


def read_token(path: Path) -> str:
    """The token that a file holds.

    Raises:
        UsageError: The file cannot be read, or holds no token or one that could be guessed.
    """
    try:
        token = path.expanduser().read_bytes()[:4_096].decode("ascii").strip()
    except OSError as error:
        raise UsageError(f"--token-file {path} cannot be read: {str(error.strerror).lower()}.") from None
    except UnicodeDecodeError:
        token = ""
    if not re.fullmatch(r"[!-~]+", token):
        raise UsageError(f"--token-file {path} holds no token: one line of letters, digits and signs, without blanks.")
    if len(token) < SHORTEST_TOKEN:
        raise UsageError(
            f"The token in {path} has {len(token)} characters and could be guessed. Use {SHORTEST_TOKEN} or more, such "
            "as those of `openssl rand -hex 32`."
        )
    return token


def access_for(token_file: Path | None, user: str | None, ask: Callable[[], str | None]) -> Access:
    """What has to be shown to be let in.

    Args:
        token_file: Holds the token.
        user: Name of the one user; the password is that of COTERIE_PASSWORD in the environment.
        ask: Asks for the password where the environment has none; None where there is nobody to ask.

    Raises:
        UsageError: There is no password, or it or the token could be guessed.
    """
    token = None if token_file is None else Hashed.of(read_token(token_file))
    if user is None:
        return Access(token=token)
    if not user or ":" in user:
        raise UsageError(f"--user {user!r} is no name: give one without a colon.")
    password = os.environ.get("COTERIE_PASSWORD") or ask()
    if not password:
        raise UsageError(f"--user {user} needs a password: put it into COTERIE_PASSWORD in the environment.")
    if len(password) < SHORTEST_PASSWORD:
        raise UsageError(
            f"The password of {user} has {len(password)} characters and could be guessed. "
            f"Use {SHORTEST_PASSWORD} or more."
        )
    return Access(token=token, user=user, password=Hashed.of(password))


def refuse_unguarded(host: str, access: Access, *, loopback: bool) -> None:
    """Refuse to serve beyond this machine without asking who looks; raises UsageError."""
    if access.open and not loopback:
        raise UsageError(
            f"--host {host} can be reached from other machines, and everybody there could look at the customers. Add "
            "--token-file FILE or --user NAME, or leave --host out."
        )
