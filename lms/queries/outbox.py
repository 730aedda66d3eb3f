"""Questions about messages and jobs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from lms.database import db
from lms.models.courses import Course
from lms.models.enrolments import Cycle, Enrolment
from lms.models.outbox import Job, Mail
from lms.models.people import Identity, Person
from lms.permissions import Scope


@dataclass(frozen=True)
class LetterFacts:
    """What a message is written from."""

    person_id: int
    purpose: str
    address: str | None
    given_names: str
    course_title: str | None
    due_on: date | None
    facts: dict[str, Any]


def letter(scope: Scope, mail_id: int) -> LetterFacts | None:
    """Return what the message `mail_id` is written from; None out of scope or when the person is blocked."""
    if not scope.everything:
        return None
    row = db.session.execute(
        select(Mail, Identity.email, Identity.given_names)
        .join(Identity, Identity.person_id == Mail.person_id)
        .join(Person, Person.id == Mail.person_id)
        .where(Mail.id == mail_id, Person.blocked_at.is_(None))
    ).first()
    if row is None:
        return None
    mail = row[0]
    title, due_on = _course(mail.facts.get("cycle_id"))
    return LetterFacts(mail.person_id, mail.purpose, row[1], row[2], title, due_on, mail.facts)


def _course(cycle_id: int | None) -> tuple[str | None, date | None]:
    if cycle_id is None:
        return None, None
    row = db.session.execute(
        select(Course.title, Cycle.due_on)
        .select_from(Cycle)
        .join(Enrolment, Enrolment.id == Cycle.enrolment_id)
        .join(Course, Course.id == Enrolment.course_id)
        .where(Cycle.id == cycle_id)
    ).first()
    return (row[0], row[1]) if row else (None, None)


def waiting(scope: Scope) -> dict[str, int]:
    """Return how many jobs and messages wait, and how many messages are uncertain or failed."""
    if not scope.everything:
        return {}
    jobs = db.session.scalar(select(func.count()).select_from(Job).where(Job.state.in_(["waiting", "running"])))
    counted = db.session.execute(
        select(Mail.state, func.count()).where(Mail.state.in_(["waiting", "uncertain", "failed"])).group_by(Mail.state)
    )
    states: dict[str, int] = dict(counted.all())
    return {
        "jobs": jobs or 0,
        "mail": states.get("waiting", 0),
        "uncertain": states.get("uncertain", 0),
        "failed": states.get("failed", 0),
    }


@dataclass(frozen=True)
class FailedJob:
    """A job that was given up, and the kind of fault that stopped it."""

    id: int
    kind: str
    created_at: datetime
    finished_at: datetime | None
    tries: int
    problem: str | None


def failed_jobs(scope: Scope, *, limit: int = 100) -> Sequence[FailedJob]:
    """Return the latest jobs that were given up."""
    if not scope.everything:
        return []
    rows = db.session.execute(
        select(Job.id, Job.kind, Job.created_at, Job.finished_at, Job.tries, Job.problem)
        .where(Job.state == "failed")
        .order_by(Job.id.desc())
        .limit(limit)
    )
    return [FailedJob(*row) for row in rows]


@dataclass(frozen=True)
class MailRow:
    """A message as staff see it: whose it is and what became of it, without its text."""

    id: int
    purpose: str
    state: str
    created_at: datetime
    finished_at: datetime | None
    problem: str | None
    given_names: str
    first_surname: str
    person: str


def troubled(scope: Scope, *, limit: int = 100) -> Sequence[MailRow]:
    """Return the latest messages that failed or are uncertain."""
    if not scope.everything:
        return []
    rows = db.session.execute(
        select(
            Mail.id, Mail.purpose, Mail.state, Mail.created_at, Mail.finished_at, Mail.problem,
            Identity.given_names, Identity.first_surname, Person.public_id,
        )
        .join(Identity, Identity.person_id == Mail.person_id)
        .join(Person, Person.id == Mail.person_id)
        .where(Mail.state.in_(["failed", "uncertain"]))
        .order_by(Mail.id.desc())
        .limit(limit)
    )  # fmt: skip
    return [MailRow(*row) for row in rows]


def job_state(scope: Scope, kind: str, subject_id: int) -> str | None:
    """Return the state of the latest job of a kind for a subject; None when there is none."""
    if not scope.everything:
        return None
    return db.session.scalar(
        select(Job.state).where(Job.kind == kind, Job.subject_id == subject_id).order_by(Job.id.desc()).limit(1)
    )
