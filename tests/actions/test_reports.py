"""Reminders once a day, and accesses sent again to those who have not entered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from lms.actions import reports as deeds
from lms.actions.refusal import Refused
from lms.database import db
from lms.models.audit import AuditEntry
from lms.models.enrolments import Cycle, Reminder
from lms.models.outbox import Mail
from lms.models.people import Account, Identity
from tests.people import Cast

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)


def _mails() -> list[tuple[str, str, int, dict[str, int]]]:
    rows = db.session.scalars(select(Mail).order_by(Mail.id))
    return [(mail.purpose, mail.event, mail.person_id, mail.facts) for mail in rows]


def test_a_reminder_is_one_a_day(cast: Cast) -> None:
    cycles = [cast.cycle.id]
    by = cast.enlace.id
    assert [deeds.remind(cycles, by=by, at=NOW + timedelta(minutes=n)) for n in (0, 1)] == [1, 0]
    # 23:30 in Mexico City is the next day in UTC, and the same day of work.
    assert deeds.remind(cycles, by=by, at=datetime(2026, 11, 21, 5, 30, tzinfo=UTC)) == 0
    assert deeds.remind(cycles, by=by, at=NOW + timedelta(days=1)) == 1
    db.session.commit()
    assert [(r.day.isoformat(), r.sent_by_id, r.channel) for r in db.session.scalars(select(Reminder))] == [
        ("2026-11-20", by, "mail"),
        ("2026-11-21", by, "mail"),
    ]
    assert _mails() == [
        ("reminder", f"reminder:{cast.cycle.id}:{day}", cast.learner.id, {"cycle_id": cast.cycle.id})
        for day in ("2026-11-20", "2026-11-21")
    ]
    deeds_noted = db.session.scalars(select(AuditEntry).where(AuditEntry.deed == "reminder.send")).all()
    assert [(entry.actor_id, entry.facts) for entry in deeds_noted] == [(by, {"count": 1})] * 2


def test_nobody_is_reminded_of_what_she_completed_or_cannot_do(cast: Cast) -> None:
    cycle = db.session.get_one(Cycle, cast.cycle.id)
    cycle.started_at, cycle.version_id, cycle.completed_at = NOW, cast.course.current_version_id, NOW
    account = db.session.get_one(Account, cast.stranger.id)
    account.suspended_at = NOW
    without_email = db.session.scalars(select(Cycle.id)).all()
    db.session.commit()
    assert deeds.remind(without_email, by=cast.enlace.id, at=NOW) == 0
    db.session.commit()
    assert _mails() == []
    assert db.session.scalars(select(Reminder)).all() == []


def test_an_access_is_sent_again_once_a_day(cast: Cast) -> None:
    who, by = cast.newcomer.id, cast.enlace.id
    with pytest.raises(Refused, match="access_without_email"):
        deeds.send_access(who, by=by, at=NOW)
    db.session.get_one(Identity, who).email = "nora@ejemplo.mx"
    db.session.flush()
    deeds.send_access(who, by=by, at=NOW)
    with pytest.raises(Refused, match="access_sent_today"):
        deeds.send_access(who, by=by, at=NOW)
    deeds.send_access(who, by=by, at=NOW + timedelta(days=1))
    db.session.commit()
    assert [event for _, event, _, _ in _mails()] == [f"activation:{who}:2026-11-20", f"activation:{who}:2026-11-21"]
    db.session.get_one(Account, who).suspended_at = NOW
    with pytest.raises(Refused, match="access_suspended"):
        deeds.send_access(who, by=by, at=NOW)
    with pytest.raises(Refused, match="access_entered"):
        deeds.send_access(cast.learner.id, by=by, at=NOW)


def test_an_export_is_noted_without_what_was_typed(cast: Cast) -> None:
    deeds.note_export("csv", 214, {"estado": "vencio"}, by=cast.enlace.id, at=NOW)
    db.session.commit()
    entry = db.session.scalars(select(AuditEntry)).one()
    assert (entry.deed, entry.actor_id, entry.facts) == (
        "report.export",
        cast.enlace.id,
        {"form": "csv", "rows": 214, "filters": {"estado": "vencio"}},
    )
