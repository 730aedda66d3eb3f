"""Is the house in order: the database answers, its tables are of this version, and how much waits."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select, text

from lms.database import db
from lms.models.outbox import Job, Mail


@dataclass(frozen=True)
class Waiting:
    """How many rows the worker has before it."""

    mails: int
    jobs: int


def revision() -> str | None:
    """Return the migration at which the tables are; raises SQLAlchemyError when the database does not answer."""
    found: str | None = db.session.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def waiting() -> Waiting:
    """Count what the worker has not done yet."""
    mails = db.session.scalar(select(func.count()).where(Mail.state == "waiting"))
    jobs = db.session.scalar(select(func.count()).where(Job.state == "waiting"))
    return Waiting(mails or 0, jobs or 0)
