"""What opens a door: identifiers as typed, passwords as kept, links and short codes, and keys that name nobody."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from hashlib import sha256
from ipaddress import IPv6Address, ip_address
from typing import Final, Literal

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from lms.clock import READABLE
from lms.rules.people import Curp, normalise_password, read_curp, read_email

CODE_LENGTH: Final = 12
# OWASP Password Storage Cheat Sheet, Argon2id: 19 MiB, two passes, one lane.
_MEMORY_KIB: Final = 19_456
_PASSES: Final = 2
_LANES: Final = 1

Purpose = Literal["activation", "reset"]
Form = Literal["link", "code"]

_LIFETIMES: Final[dict[tuple[str, str], timedelta]] = {
    ("activation", "link"): timedelta(days=14),
    ("activation", "code"): timedelta(days=30),
    ("reset", "link"): timedelta(days=1),
    ("reset", "code"): timedelta(days=30),
}


@dataclass(frozen=True, slots=True)
class Identifier:
    """What somebody typed to say who she is: an e-mail, a CURP, or something that is neither and finds nobody."""

    kind: Literal["email", "curp", "other"]
    value: str


def read_identifier(text: str) -> Identifier:
    """Read an e-mail or a CURP as people type them. What is neither keeps its letters, so that it can be counted."""
    if "@" in text:
        email = read_email(text)
        return Identifier("email", email) if email else Identifier("other", text.casefold()[:300])
    curp = read_curp(text)
    return Identifier("curp", curp.value) if isinstance(curp, Curp) else Identifier("other", text.casefold()[:300])


@lru_cache(maxsize=1)
def _hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=_PASSES, memory_cost=_MEMORY_KIB, parallelism=_LANES)


@lru_cache(maxsize=1)
def _nobody() -> str:
    """A hash with today's parameters that no password matches: who is unknown costs the same time as who is known."""

    def text(size: int) -> str:
        return base64.b64encode(bytes(size)).decode().rstrip("=")

    return f"$argon2id$v=19$m={_MEMORY_KIB},t={_PASSES},p={_LANES}${text(16)}${text(32)}"


def hash_password(password: str) -> str:
    """Hash a password to keep: some 40 ms and 19 MiB, so never inside a write transaction."""
    return _hasher().hash(normalise_password(password))


def password_matches(kept: str | None, password: str) -> bool:
    """Compare a password with its hash; `None` (nobody, or no password yet) takes as long and is never right."""
    try:
        return _hasher().verify(kept or _nobody(), normalise_password(password)) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def outdated(kept: str) -> bool:
    """Tell whether a hash was made with other parameters than today's."""
    return _hasher().check_needs_rehash(kept)


def lifetime(purpose: str, form: str) -> timedelta:
    """Return how long a link or a short code opens the door."""
    return _LIFETIMES[purpose, form]


def read_code(text: str) -> str | None:
    """Read a short code as typed from paper: any case, blanks and hyphens, O for 0, I or L for 1, U for V.

    None when it cannot be one.
    """
    plain = "".join(c for c in text.upper() if not c.isspace() and c not in "-–—‐‑_.")
    plain = plain.translate(str.maketrans("OILU", "011V"))
    return plain if len(plain) == CODE_LENGTH and all(c in READABLE for c in plain) else None


def token_hash(token: str) -> str:
    """Return the SHA-256 under which a link, a short code or a session is stored; a code in any spelling."""
    return sha256((read_code(token) or token).encode()).hexdigest()


def network(address: str | None) -> str:
    """Return the address as throttles see it: an IPv6 by its /64, which is what one subscriber is given."""
    try:
        read = ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(read, IPv6Address):
        if read.ipv4_mapped:
            return str(read.ipv4_mapped)
        return str(IPv6Address(int(read) >> 64 << 64)) + "/64"
    return str(read)


def throttle_key(secret: str, kind: str, parts: Iterable[str]) -> str:
    """Return an opaque key for the throttle table: without the secret nobody can tell whom it counts."""
    text = "\0".join((kind, *parts))
    return f"{kind}:{hmac.new(secret.encode(), text.encode(), sha256).hexdigest()}"
