"""Follow-up: what is typed to find a person."""

import re

_LEAD = re.compile(r"[A-Z]{4}[0-9]{2}[0-9A-Z]{0,12}")
_BLANKS = re.compile(r"[\s-]+")


def curp_lead(text: str) -> str | None:
    """Return a CURP, or its first six characters or more, as it is stored; None when the text is no such thing."""
    clean = _BLANKS.sub("", text).upper()
    return clean if _LEAD.fullmatch(clean) else None
