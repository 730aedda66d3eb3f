"""Outside effects wait for the commit: mail and jobs are rows of the transaction that causes them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Insert, Table
from sqlalchemy.dialects import postgresql, sqlite

from lms.database import Base, db, is_sqlite
from lms.models.outbox import Job, Mail


def insert_new(table: type[Base], rows: list[dict[str, Any]]) -> None:
    """Insert `rows`, leaving out those that a unique key already knows, on either engine."""
    if not rows:
        return
    target = table.__table__
    assert isinstance(target, Table)
    statement: Insert
    if is_sqlite():
        statement = sqlite.insert(target).on_conflict_do_nothing()
    else:
        statement = postgresql.insert(target).on_conflict_do_nothing()
    db.session.execute(statement, rows)


def send_mail(
    purpose: str, person_id: int, event: str, *, at: datetime, facts: dict[str, Any] | None = None
) -> None:
    """Ask for a message to a person, once per `event`: the same event asked twice is one message.

    `facts` holds ids and codes for the text, never an address nor a token: the worker reads and draws those.
    """
    row = {
        "event": event,
        "purpose": purpose,
        "person_id": person_id,
        "facts": facts or {},
        "state": "waiting",
        "created_at": at,
    }
    insert_new(Mail, [row])


def enqueue(kind: str, subject_id: int, *, at: datetime) -> None:
    """Ask the worker for a job; while the same job waits or runs, asking again changes nothing."""
    insert_new(
        Job, [{"kind": kind, "subject_id": subject_id, "state": "waiting", "created_at": at, "tries": 0}]
    )
