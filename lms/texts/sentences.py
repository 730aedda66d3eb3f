"""Sentences by code, merged from the `sentences_<topic>.py` modules of this folder.

Each module has `SENTENCES: dict[str, str]`, `str.format` templates. A code may have a second form `<code>.one`, taken
when the parameter `count` is 1. Whole numbers are said with thousands separators, dates in words, moments in the time
of Ciudad de México; a year, or anything not to be said so, asks for its own format: `{year:d}`.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from importlib import import_module
from string import Formatter

import lms.texts
from lms.clock import MEXICO


class _Spanish(Formatter):
    """Says every value in Spanish, unless the template asks for its own format: `{year:d}` stays 2026."""

    def format_field(self, value: object, format_spec: str) -> str:
        return format(value, format_spec) if format_spec else say(value)


_SPANISH = _Spanish()
_MONTHS = (
    *("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto"),
    *("septiembre", "octubre", "noviembre", "diciembre"),
)


def sentence(code: str, **params: object) -> str:
    """Return the sentence of a code with its parameters said in Spanish.

    Raises KeyError for an unknown code or a missing parameter.
    """
    sentences = _sentences()
    singular = f"{code}.one"
    template = sentences[singular if params.get("count") == 1 and singular in sentences else code]
    return _SPANISH.vformat(template, (), params)


def say(value: object) -> str:
    """Return a value as a person reads it: 9,000 · 5 de diciembre de 2026 · 14:35 h del 5 de diciembre de 2026."""
    if isinstance(value, bool) or not isinstance(value, int | date):
        return str(value)
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, datetime):
        local = value.astimezone(MEXICO)
        return f"{local:%H:%M} h del {say(local.date())}"
    return f"{value.day} de {_MONTHS[value.month - 1]} de {value.year}"


@lru_cache(maxsize=1)
def _sentences() -> Mapping[str, str]:
    """Merge the catalogues. Raises ValueError when two of them give the same code."""
    merged: dict[str, str] = {}
    for module in pkgutil.iter_modules(lms.texts.__path__):
        if not module.name.startswith("sentences_"):
            continue
        catalogue: dict[str, str] = import_module(f"lms.texts.{module.name}").SENTENCES
        repeated = merged.keys() & catalogue.keys()
        if repeated:
            raise ValueError(f"{module.name} repeats {', '.join(sorted(repeated))}")
        merged |= catalogue
    return merged
