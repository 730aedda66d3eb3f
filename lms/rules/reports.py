"""Follow-up: what is typed to find a person, and how much of a CURP a list may show."""

import re

_LEAD = re.compile(r"[A-Z]{4}[0-9]{2}[0-9A-Z]{0,12}")
_BLANKS = re.compile(r"[\s-]+")


def curp_lead(text: str) -> str | None:
    """Return a CURP, or its first six characters or more, as it is stored; None when the text is no such thing."""
    clean = _BLANKS.sub("", text).upper()
    return clean if _LEAD.fullmatch(clean) else None


def mask_curp(curp: str) -> str:
    """Return a CURP to be recognised and not copied: its first four characters and its last two."""
    return f"{curp[:4]}{'•' * 12}{curp[-2:]}"
