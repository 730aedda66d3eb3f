"""What identifies a partner institution: its RFC and the short key of its addresses and commands."""

import re
from datetime import date
from typing import Final

from lms.rules.people import search_name

SLUG_MAX: Final = 60

# The address of the page where institutions are registered.
_TAKEN: Final = "nueva"
_RFC = re.compile(r"[A-ZÑ&]{3,4}([0-9]{2})([0-9]{2})([0-9]{2})[A-Z0-9]{2}[0-9A]")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_BLANKS = re.compile(r"[\s._/-]+")


def read_rfc(text: str) -> str | None:
    """The RFC of an organisation (12 characters) or a person with a business (13) in capitals, or None.

    Only its shape and date are looked at; the tax authority alone knows whether it exists.
    """
    clean = _BLANKS.sub("", text).upper()
    match = _RFC.fullmatch(clean)
    if match is None:
        return None
    year, month, day = (int(part) for part in match.groups())
    try:
        # 2000 was a leap year, so no real date of either century is refused.
        date(2000 + year, month, day)
    except ValueError:
        return None
    return clean


def make_slug(text: str) -> str:
    """The key of an institution's addresses made from its short name: small ASCII letters, digits and hyphens."""
    words = search_name(text).encode("ascii", "ignore").decode().lower().split()
    return "-".join(words)[:SLUG_MAX].strip("-")


def read_slug(text: str) -> str | None:
    """A key as typed, in small letters, or None when it holds anything but letters, digits and single hyphens."""
    clean = text.strip().lower()
    return clean if len(clean) <= SLUG_MAX and clean != _TAKEN and _SLUG.fullmatch(clean) else None


def area_key(*names: str) -> str:
    """The key by which a roster finds an area: the searchable names from the root, " / " between them."""
    return " / ".join(search_name(name) for name in names)
