"""Outside effects wait for the commit: mail and jobs are rows of the transaction that causes them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Insert, Table, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from lms.actions.audit import record
from lms.actions.refusal import Refused
from lms.database import Base, db, is_sqlite
from lms.models.outbox import Job, Mail


def insert_new(table: type[Base], rows: list[dict[str, Any]], on: Connection | None = None) -> None:
    """Insert `rows`, leaving out those that a unique key already knows, on either engine.

    `on` is a connection of its own transaction (`database.aside`); without one, the session's.
    """
    if not rows:
        return
    target = table.__table__
    assert isinstance(target, Table)
    statement: Insert
    if is_sqlite():
        statement = sqlite.insert(target).on_conflict_do_nothing()
    else:
        statement = postgresql.insert(target).on_conflict_do_nothing()
    (on or db.session).execute(statement, rows)


def send_mail(purpose: str, person_id: int, event: str, *, at: datetime, facts: dict[str, Any] | None = None) -> None:
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
    insert_new(Job, [{"kind": kind, "subject_id": subject_id, "state": "waiting", "created_at": at, "tries": 0}])


def claim_job(worker: str, *, at: datetime, lease: timedelta, only: tuple[str, int] | None = None) -> Job | None:
    """Take the oldest job that waits, or whose worker died with its lease; None when there is none.

    `only` names the kind and subject of the single job wanted.

    Two workers never take the same one: the row is locked (PostgreSQL skips those locked by others), and on SQLite
    the whole transaction is exclusive.
    """
    free = or_(Job.state == "waiting", (Job.state == "running") & (Job.lease_until < at))
    resting = or_(Job.lease_until.is_(None), Job.lease_until < at)
    query = select(Job).where(free, resting)
    if only is not None:
        query = query.where(Job.kind == only[0], Job.subject_id == only[1])
    job = db.session.scalars(query.order_by(Job.id).limit(1).with_for_update(skip_locked=True)).first()
    if job is None:
        return None
    job.state = "running"
    job.claimed_by = worker
    job.lease_until = at + lease
    job.tries += 1
    db.session.flush()
    return job


def keep_job(job_id: int, worker: str, *, at: datetime, lease: timedelta) -> bool:
    """Extend the lease of a running job. False when another worker has taken it over: stop at once."""
    result = db.session.execute(
        update(Job)
        .where(Job.id == job_id, Job.claimed_by == worker, Job.state == "running")
        .values(lease_until=at + lease)
        .execution_options(synchronize_session=False)
    )
    return bool(result.rowcount)  # type: ignore[attr-defined]


def finish_job(job_id: int, worker: str, *, at: datetime) -> None:
    """Close a job that was carried out."""
    db.session.execute(
        update(Job)
        .where(Job.id == job_id, Job.claimed_by == worker)
        .values(state="done", finished_at=at, lease_until=None, problem=None)
        .execution_options(synchronize_session=False)
    )


def put_back_job(job_id: int, worker: str, problem: str, *, at: datetime, most: int = 5) -> None:
    """Leave a job that failed for later, longer each time; after `most` tries it is given up and shown to staff."""
    job = db.session.get(Job, job_id, populate_existing=True)
    if job is None or job.claimed_by != worker:
        return
    job.problem = problem[:300]
    if job.tries >= most:
        job.state, job.finished_at, job.lease_until = "failed", at, None
    else:
        job.state, job.lease_until = "waiting", at + timedelta(seconds=5 * 3**job.tries)
    db.session.flush()


def claim_mail(worker: str, *, at: datetime) -> Mail | None:
    """Take the oldest message that waits; None when there is none. It is claimed before it is sent."""
    ready = or_(Mail.claimed_at.is_(None), Mail.claimed_at < at - timedelta(minutes=1))
    mail = db.session.scalars(
        select(Mail).where(Mail.state == "waiting", ready).order_by(Mail.id).limit(1).with_for_update(skip_locked=True)
    ).first()
    if mail is None:
        return None
    mail.state, mail.claimed_at, mail.claimed_by = "claimed", at, worker
    db.session.flush()
    return mail


def close_mail(mail_id: int, state: str, *, at: datetime, problem: str | None = None) -> None:
    """Say what became of a claimed message: sent, failed, skipped, uncertain, or waiting again when nothing left."""
    db.session.execute(
        update(Mail)
        .where(Mail.id == mail_id, Mail.state == "claimed")
        .values(state=state, finished_at=None if state == "waiting" else at, problem=problem and problem[:300])
        .execution_options(synchronize_session=False)
    )


def doubt_mail(*, at: datetime, after: timedelta = timedelta(minutes=10)) -> int:
    """Mark as uncertain what was claimed and never closed: nobody knows whether it left, so it is not sent again."""
    result = db.session.execute(
        update(Mail)
        .where(Mail.state == "claimed", Mail.claimed_at < at - after)
        .values(state="uncertain", finished_at=at)
        .execution_options(synchronize_session=False)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


def resend_mail(mail_id: int, *, by: int, at: datetime) -> bool:
    """Send a failed or uncertain message again because a person decided so; False when it is neither any more.

    The row that failed is closed and a new one with an event of its own takes its place, so two clicks are one mail.
    """
    mail = _troubled(mail_id)
    if mail is None:
        return False
    event = mail.event.partition(":again:")[0]
    again = select(func.count()).select_from(Mail).where(Mail.event.startswith(f"{event}:again:", autoescape=True))
    send_mail(
        mail.purpose, mail.person_id, f"{event}:again:{(db.session.scalar(again) or 0) + 1}", at=at, facts=mail.facts
    )
    record("mail.resend", "mail", mail_id, by=by, at=at, purpose=mail.purpose, state=mail.state)
    mail.state, mail.finished_at = "skipped", at
    db.session.flush()
    return True


def settle_mail(mail_id: int, *, by: int, at: datetime) -> bool:
    """Take a message off the list of troubles: an uncertain one counts as sent, a failed one as not to be sent."""
    mail = _troubled(mail_id)
    if mail is None:
        return False
    record("mail.settle", "mail", mail_id, by=by, at=at, purpose=mail.purpose, state=mail.state)
    mail.state, mail.finished_at = "sent" if mail.state == "uncertain" else "skipped", at
    db.session.flush()
    return True


def _troubled(mail_id: int) -> Mail | None:
    return db.session.scalars(
        select(Mail)
        .where(Mail.id == mail_id, Mail.state.in_(["failed", "uncertain"]))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()


def retry_job(job_id: int, *, by: int, at: datetime) -> bool:
    """Let the worker try a job that was given up; it goes on from where it was. False when it is not given up.

    Raises Refused `job_under_way` when the same job is waiting or running already.
    """
    job = db.session.scalars(
        select(Job)
        .where(Job.id == job_id, Job.state == "failed")
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if job is None:
        return False
    twin = select(Job.id).where(Job.kind == job.kind, Job.subject_id == job.subject_id)
    if db.session.scalar(twin.where(Job.state.in_(["waiting", "running"]))) is not None:
        raise Refused("job_under_way")
    job.state, job.tries, job.finished_at, job.lease_until = "waiting", 0, None, None
    db.session.flush()
    record("job.retry", "job", job_id, by=by, at=at, kind=job.kind)
    return True
