"""The orientation directory: where to turn, read from `orientation.toml`.

Only services with a dated, recent source have `verified_on` and are shown to the public; the others are for staff to
check. 911 and 079 option 1 always come first. There is no field for an address: a refuge's is never kept here.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from lms.texts.sentences import sentence

FILE = "orientation.toml"

# What must be there in every directory, on top, with the number it calls.
FIRST = {"emergencias-911": "911", "linea-mujeres-079": "079"}

# A think tank: it studies inequality and attends nobody, so nobody may be sent there.
_NOT_SERVICES = frozenset({"imco"})
_DIAL = re.compile(r"\+?[0-9*#]{3,15}")


@dataclass(frozen=True)
class Service:
    """A place to turn to. `phone` is what one reads, `dial` what a `tel:` link calls. Empty text = not known."""

    id: str
    name: str
    scope: str
    handles: str
    phone: str = ""
    dial: str = ""
    hours: str = ""
    emergency: bool = False
    source: str = ""
    verified_on: date | None = None
    url: str | None = None


class DirectoryFaultError(ValueError):
    """The directory file has faults: all of them, as sentences, in `faults`."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


def directory(folder: Path | None = None) -> tuple[Service, ...]:
    """Return the services the public may see: the verified ones, 911 and 079 option 1 first.

    `folder`: where a deployment keeps its own `orientation.toml`; without one, Aula's own. The file is read once per
    process. Raises `DirectoryFaultError`.
    """
    return tuple(service for service in staff_directory(folder) if service.verified_on is not None)


def staff_directory(folder: Path | None = None) -> tuple[Service, ...]:
    """Return every service, also those *sin verificar*, which only staff may see. Raises `DirectoryFaultError`."""
    override = folder / FILE if folder is not None else None
    return _read(override if override is not None and override.is_file() else Path(__file__).with_name(FILE))


@lru_cache(maxsize=4)
def _read(path: Path) -> tuple[Service, ...]:
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("service")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise DirectoryFaultError([sentence("orientation_unreadable", file=path, detail=problem)]) from None
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
        raise DirectoryFaultError([sentence("orientation_no_services", file=path)])
    faults: list[str] = []
    services: list[Service] = []
    for number, entry in enumerate(entries, start=1):
        name = entry.get("id") or f"n.º {number}"
        found = list(_shape_faults(entry))
        if not found:
            services.append(Service(**entry))
            found = list(_meaning_faults(services[-1], services[:-1]))
        faults.extend(sentence(f"orientation_{code}", file=path, service=name, **params) for code, params in found)
    verified = {service.id: service.dial for service in services if service.verified_on}
    if not faults and any(verified.get(must) != dial for must, dial in FIRST.items()):
        faults.append(sentence("orientation_first_missing", file=path))
    if faults:
        raise DirectoryFaultError(faults)
    top = list(FIRST)
    return tuple(sorted(services, key=lambda s: top.index(s.id) if s.id in FIRST else len(top)))


_TYPES: Mapping[str, type] = {f.name: str for f in fields(Service)} | {"emergency": bool, "verified_on": date}


def _shape_faults(entry: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, str]]]:
    for field in entry.keys() - _TYPES.keys():
        yield "unknown_field", {"field": field}
    for field in ("id", "name", "scope", "handles"):
        if not entry.get(field):
            yield "missing_field", {"field": field}
    for field, value in entry.items():
        # `type() is`: to Python a moment is also a date.
        if field in _TYPES and type(value) is not _TYPES[field]:
            yield "wrong_type", {"field": field}


def _meaning_faults(service: Service, before: Sequence[Service]) -> Iterator[tuple[str, dict[str, str]]]:
    if service.id in {other.id for other in before}:
        yield "repeated_id", {}
    if service.id in _NOT_SERVICES:
        yield "not_a_service", {}
    if service.phone and not service.source:
        yield "phone_without_source", {}
    if service.verified_on and not service.source:
        yield "verified_without_source", {}
    if bool(service.phone) != bool(service.dial):
        yield "dial_without_phone", {}
    if service.dial and not _DIAL.fullmatch(service.dial):
        yield "bad_dial", {"value": service.dial}
    if service.url is not None and not service.url.startswith("https://"):
        yield "bad_url", {}
