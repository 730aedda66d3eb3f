"""The only source of time and of chance."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

MEXICO = ZoneInfo("America/Mexico_City")

# Crockford's base 32 without U: nothing that is read aloud or typed can be mistaken for something else.
READABLE = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def now() -> datetime:
    """Return this moment in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Return the calendar date in Mexico City, where deadlines end."""
    return datetime.now(MEXICO).date()


def monotonic() -> float:
    """Return seconds on a clock that only goes forward, for measuring how long something takes."""
    return time.monotonic()


# A dash in front reads as an option on a command line, and mail programs cut links that end in one.
_LETTERS_ONLY = str.maketrans("-_", "Zz")


def public_id() -> str:
    """Return a new identifier for URLs and command lines: 16 letters and digits, some 95 random bits."""
    return secrets.token_urlsafe(12).translate(_LETTERS_ONLY)


def token() -> str:
    """Return a new secret for a link: 43 letters and digits, some 254 random bits."""
    return secrets.token_urlsafe(32).translate(_LETTERS_ONLY)


def readable(length: int) -> str:
    """Return a random text of `length` readable characters, 5 bits each."""
    return "".join(secrets.choice(READABLE) for _ in range(length))


def short_code() -> str:
    """Return a new activation code to print: 12 characters, 60 random bits, single use and throttled."""
    return readable(12)


def folio() -> str:
    """Return a new folio for a constancia: 20 characters, 100 random bits."""
    return readable(20)


def seed() -> int:
    """Return a new seed for a question draw, 62 bits so that it fits a signed 64-bit column."""
    return secrets.randbits(62)


def pause(seconds: float) -> None:
    """Wait before answering. Never inside a transaction."""
    time.sleep(seconds)
