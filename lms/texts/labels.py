"""Names of codes, for lists and selects: `label("kind", "federal")` is the sentence `kind_federal`."""

from __future__ import annotations

from collections.abc import Iterable

from lms.texts.sentences import sentence


def label(family: str, code: str) -> str:
    """Return the name of a code of a family; the code itself when it has none, so that a list never breaks."""
    try:
        return sentence(f"{family}_{code}")
    except KeyError:
        return code


def choices(family: str, codes: Iterable[str]) -> list[tuple[str, str]]:
    """Return (code, name) of each code, for a select."""
    return [(code, label(family, code)) for code in codes]


def explained(family: str, codes: Iterable[str]) -> list[tuple[str, str]]:
    """Return (code, name and what it means) of each code, for radio buttons."""
    return [(code, f"{label(family, code)}. {sentence(f'{family}_{code}_help')}") for code in codes]
