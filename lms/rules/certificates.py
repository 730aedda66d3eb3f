"""Certificates (constancias): who is eligible, folios as people type them, and the frozen snapshot."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from lms.clock import READABLE
from lms.rules.enrolments import mexico_date

FOLIO_LENGTH = 20
SCHEMA = 1

# What a hand or an eye confuses with a letter or digit of the alphabet, which holds none of these four.
_LOOKALIKES = str.maketrans("OILU", "011V")


class Ineligible(StrEnum):
    """Why no certificate may be issued."""

    NOT_PASSED = "not_passed"
    NOT_COMPLETED = "not_completed"
    NOT_AFFILIATED = "not_affiliated"
    SUSPENDED = "suspended"
    BLOCKED = "blocked"
    ALREADY_ISSUED = "already_issued"
    NO_SIGNATORY = "no_signatory"


@dataclass(frozen=True)
class Span:
    """Days from `from_on` to `to_on`, both included; None means still open."""

    from_on: date
    to_on: date | None

    def holds(self, day: date) -> bool:
        """Tell whether the day is inside."""
        return self.from_on <= day and (self.to_on is None or day <= self.to_on)


@dataclass(frozen=True)
class EligibilityFacts:
    """What decides whether a cycle earns a certificate of an institution.

    `final_passed_at`: when a passing attempt at the final quiz was closed. `affiliations`: the person's places in
    that institution, past ones too. `signatory`: the term of the person who would sign, None when there is nobody.
    """

    final_passed_at: datetime | None
    completed_at: datetime | None
    affiliations: tuple[Span, ...]
    suspended: bool
    blocked: bool
    live_certificate: bool
    signatory: Span | None


def eligible(facts: EligibilityFacts, today: date) -> tuple[Ineligible, ...]:
    """Return every reason against issuing on `today` (Mexico City); empty means eligible.

    The affiliation is asked for on the day of completion: who leaves the job later loses nothing.
    """
    completed_on = mexico_date(facts.completed_at) if facts.completed_at else None
    affiliated = completed_on is None or any(span.holds(completed_on) for span in facts.affiliations)
    reasons = {
        Ineligible.NOT_PASSED: facts.final_passed_at is None,
        Ineligible.NOT_COMPLETED: completed_on is None,
        Ineligible.NOT_AFFILIATED: not affiliated,
        Ineligible.SUSPENDED: facts.suspended,
        Ineligible.BLOCKED: facts.blocked,
        Ineligible.ALREADY_ISSUED: facts.live_certificate,
        Ineligible.NO_SIGNATORY: facts.signatory is None or not facts.signatory.holds(today),
    }
    return tuple(reason for reason, holds in reasons.items() if holds)


def normalise_folio(text: str) -> str | None:
    """Return the folio a person meant, as it is stored, or None when it cannot be one.

    Capitals, blanks and hyphens of any kind do not matter; O is read as 0, I and L as 1, U as V.
    """
    upper = unicodedata.normalize("NFKC", text).upper().translate(_LOOKALIKES)
    folio = "".join(c for c in upper if not c.isspace() and unicodedata.category(c) not in ("Pd", "Cf") and c != "−")
    return folio if len(folio) == FOLIO_LENGTH and set(folio) <= set(READABLE) else None


def format_folio(folio: str) -> str:
    """Return a folio as it is printed: groups of four with hyphens."""
    return "-".join(folio[at : at + 4] for at in range(0, len(folio), 4))


@dataclass(frozen=True)
class Snapshot:
    """Everything a certificate says, for ever. Pages and PDFs read nothing else.

    `name` as printed. `course_hash`: content hash of the version that was taught. `nonce` keeps the signed hash from
    being guessed out of the facts. Dates are days in Mexico City.
    """

    folio: str
    nonce: str
    key_id: str
    name: str
    course_slug: str
    course_title: str
    course_hash: str
    hours: int
    started_on: date | None
    completed_on: date
    issued_on: date
    institution: str
    institution_public_id: str
    signatory_name: str
    signatory_position: str
    issuer: str
    cycle_number: int
    schema: int = SCHEMA


_INTEGERS = frozenset({"hours", "cycle_number", "schema"})
_DATES = frozenset({"started_on", "completed_on", "issued_on"})
_FIELDS: Sequence[str] = tuple(field.name for field in fields(Snapshot))


def canonical_snapshot(facts: Snapshot) -> bytes:
    """Return the snapshot as canonical JSON: sorted keys, no blanks, UTF-8 in NFC. Same facts, same bytes."""
    data = {name: value.isoformat() if isinstance(value, date) else value for name, value in asdict(facts).items()}
    text = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return unicodedata.normalize("NFC", text).encode()


def read_snapshot(content: bytes) -> Snapshot:
    """Return the snapshot kept in `content`. Raises ValueError when it is not one of this schema."""
    data = json.loads(content)
    if not isinstance(data, dict) or data.get("schema") != SCHEMA or sorted(data) != sorted(_FIELDS):
        raise ValueError("not a certificate snapshot of schema 1")
    return Snapshot(**{name: _value(name, data[name]) for name in _FIELDS})


def _value(name: str, value: Any) -> Any:
    """Check one value against its field and give dates back as dates."""
    if name == "started_on" and value is None:
        return None
    if type(value) is not (int if name in _INTEGERS else str):
        raise ValueError(f"snapshot field {name!r} is not of its type")
    return date.fromisoformat(str(value)) if name in _DATES else value
