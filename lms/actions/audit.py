"""The audit log: every deed writes its entry in its own transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from lms.database import db
from lms.models.audit import AuditEntry


def record(
    deed: str, subject: str, subject_id: str | int | None, *, by: int | None, at: datetime, **facts: Any
) -> None:
    """Append an entry: `deed` as `topic.verb`, ids and counts in `facts`; never a name, a CURP or an answer.

    `by` is the id of the person who acts, None when the system does.
    """
    identifier = None if subject_id is None else str(subject_id)
    db.session.add(
        AuditEntry(at=at, actor_id=by, deed=deed, subject=subject, subject_id=identifier, facts=dict(facts))
    )
