"""Inviting many people at once to enter for the first time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from lms.actions.audit import record
from lms.actions.outbox import insert_new
from lms.models.outbox import Mail
from lms.rules.enrolments import mexico_date


def invite(person_ids: Sequence[int], *, by: int | None, at: datetime) -> None:
    """Ask for the mail of the first entry for these persons, once a day each. `by` is None for the system."""
    if not person_ids:
        return
    day = mexico_date(at)
    mail = {"purpose": "activation", "facts": {}, "state": "waiting", "created_at": at}
    insert_new(Mail, [{"event": f"activation:{each}:{day}", "person_id": each, **mail} for each in person_ids])
    record("people.invited", "person", None, by=by, at=at, count=len(person_ids))
