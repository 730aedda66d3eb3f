"""Questions about the audit log: its entries with names looked up today, and how far it is sealed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select

from lms.database import db
from lms.models.audit import AuditBlock, AuditEntry
from lms.models.people import Identity, Person
from lms.permissions import Scope

PAGE = 50


@dataclass(frozen=True)
class Named:
    """A person of the log, with the name and public id she has today."""

    public_id: str
    name: str


@dataclass(frozen=True)
class EntryRow:
    """An entry: who (None: the system), what, when, to what; `whom` when the subject is a person."""

    id: int
    at: datetime
    deed: str
    subject: str
    subject_id: str | None
    facts: dict[str, Any]
    who: Named | None
    whom: Named | None


@dataclass(frozen=True)
class EntryPage:
    """Up to a page of entries, the latest first; `older` is the id to go on from, None at the beginning of the log."""

    rows: tuple[EntryRow, ...]
    older: int | None


def entries(
    scope: Scope, *, deed: str = "", person: str = "", subject: str = "", before: int | None = None
) -> EntryPage:
    """Return the latest entries before the id `before`, of a deed, a person or a subject.

    `deed` is a deed ("roster.sign") or a topic ("roster"); `person` a public id: what she did and what was done about
    her; `subject` a kind and an identifier, "roster:abc".

    Pages go by id and not by number: the log grows while it is read, and counting it all would take seconds.
    """
    if not scope.everything:
        return EntryPage((), None)
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(PAGE + 1)
    if before is not None:
        query = query.where(AuditEntry.id < before)
    if deed:
        of_topic = AuditEntry.deed.startswith(f"{deed}.", autoescape=True)
        query = query.where(AuditEntry.deed == deed if "." in deed else of_topic)
    if subject:
        kind, _, identifier = subject.partition(":")
        query = query.where(AuditEntry.subject == kind, AuditEntry.subject_id == identifier)
    if person:
        person_id = db.session.scalar(select(Person.id).where(Person.public_id == person))
        about = (AuditEntry.subject == "person") & (AuditEntry.subject_id == str(person_id))
        query = query.where(or_(AuditEntry.actor_id == person_id, about))
    found = db.session.scalars(query).all()
    rows = _rows(found[:PAGE])
    return EntryPage(rows, rows[-1].id if len(found) > PAGE else None)


def _rows(found: Sequence[AuditEntry]) -> tuple[EntryRow, ...]:
    subjects = {entry.id: _person_id(entry) for entry in found}
    names = _names(i for i in {*subjects.values(), *(entry.actor_id for entry in found)} if i is not None)
    return tuple(
        EntryRow(
            entry.id, entry.at, entry.deed, entry.subject, entry.subject_id, entry.facts,
            names.get(entry.actor_id or 0), names.get(subjects[entry.id] or 0),
        )
        for entry in found
    )  # fmt: skip


def _person_id(entry: AuditEntry) -> int | None:
    if entry.subject != "person" or entry.subject_id is None or not entry.subject_id.isdigit():
        return None
    return int(entry.subject_id)


def _names(person_ids: Iterable[int]) -> dict[int, Named]:
    rows = db.session.execute(
        select(Person.id, Person.public_id, Identity)
        .join(Identity, Identity.person_id == Person.id)
        .where(Person.id.in_(list(person_ids)), Person.blocked_at.is_(None))
    )
    return {person_id: Named(public_id, identity.full_name) for person_id, public_id, identity in rows}


def named(scope: Scope, public_id: str) -> Named | None:
    """Return whose entries are shown."""
    if not scope.everything:
        return None
    person_id = db.session.scalar(select(Person.id).where(Person.public_id == public_id))
    return _names([person_id]).get(person_id) if person_id is not None else None


@dataclass(frozen=True)
class Seal:
    """How far the log is sealed: the last block, if any, and how many entries came after it."""

    hash: str | None
    made_at: datetime | None
    blocks: int
    unsealed: int


def seal(scope: Scope) -> Seal:
    """Return how far the log is sealed."""
    if not scope.everything:
        return Seal(None, None, 0, 0)
    last = db.session.scalars(select(AuditBlock).order_by(AuditBlock.id.desc()).limit(1)).first()
    after = select(func.count()).select_from(AuditEntry).where(AuditEntry.id > (last.last_id if last else 0))
    blocks = db.session.scalar(select(func.count()).select_from(AuditBlock)) or 0
    unsealed = db.session.scalar(after) or 0
    return Seal(last.hash if last else None, last.made_at if last else None, blocks, unsealed)
