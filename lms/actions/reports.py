"""What follow-up does: remind, send an access again, and note that a list was taken away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select

from lms.actions.audit import record
from lms.actions.outbox import insert_new, send_mail
from lms.actions.refusal import Refused
from lms.database import db
from lms.models.enrolments import Cycle, Enrolment, Reminder
from lms.models.outbox import Mail
from lms.models.people import Account, Identity
from lms.rules.enrolments import mexico_date


def remind(cycles: Sequence[int], *, by: int, at: datetime) -> int:
    """Remind the people of these cycles by mail, once a day each; return how many were reminded now.

    Left out are those who completed meanwhile, have no e-mail, are suspended or were reminded today. Done again, it
    changes nothing: a long list is done in parts, each in its own transaction.
    """
    day = mexico_date(at)
    told = select(Reminder.id).where(Reminder.cycle_id == Cycle.id, Reminder.day == day)
    found = db.session.execute(
        select(Cycle.id, Enrolment.person_id)
        .join(Enrolment, Enrolment.id == Cycle.enrolment_id)
        .join(Identity, Identity.person_id == Enrolment.person_id)
        .join(Account, Account.person_id == Enrolment.person_id)
        .where(
            Cycle.id.in_(cycles),
            Cycle.completed_at.is_(None),
            Identity.email.is_not(None),
            Account.suspended_at.is_(None),
            ~told.exists(),
        )
        .order_by(Cycle.id)
    )
    due = found.all()
    if not due:
        return 0
    insert_new(Reminder, [{"cycle_id": cycle_id, "day": day, "sent_by_id": by} for cycle_id, _ in due])
    mail = {"purpose": "reminder", "state": "waiting", "created_at": at}
    insert_new(
        Mail,
        [
            {"event": f"reminder:{cycle_id}:{day}", "person_id": person_id, "facts": {"cycle_id": cycle_id}, **mail}
            for cycle_id, person_id in due
        ],
    )
    record("reminder.send", "cycle", due[0][0] if len(due) == 1 else None, by=by, at=at, count=len(due))
    return len(due)


def send_access(person_id: int, *, by: int, at: datetime) -> None:
    """Send a person her first access again, once a day.

    Raises Refused when she has entered, is suspended or has no e-mail.
    """
    account, email = db.session.execute(
        select(Account, Identity.email)
        .join(Identity, Identity.person_id == Account.person_id)
        .where(Account.person_id == person_id)
    ).one()
    if account.activated_at is not None:
        raise Refused("access_entered")
    if account.suspended_at is not None:
        raise Refused("access_suspended")
    if email is None:
        raise Refused("access_without_email")
    event = f"activation:{person_id}:{mexico_date(at)}"
    if db.session.scalar(select(Mail.id).where(Mail.event == event)) is not None:
        raise Refused("access_sent_today")
    send_mail("activation", person_id, event, at=at)
    record("person.invite", "person", person_id, by=by, at=at)


def note_export(form: str, rows: int, filters: Mapping[str, str], *, by: int, at: datetime) -> None:
    """Note who took a list of people away: its form, its size and its filters, which hold codes only."""
    record("report.export", "report", None, by=by, at=at, form=form, rows=rows, filters=dict(filters))
