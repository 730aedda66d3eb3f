"""Is the house in order: the database answers, its tables are of this version, and how much waits."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from lms.database import db
from lms.models.outbox import Job, Mail


@dataclass(frozen=True)
class Health:
    """The migration at which the tables are, and how many rows the worker has before it."""

    revision: str | None
    mails: int
    jobs: int


def health() -> Health | None:
    """Return how the database is; None when it does not answer."""
    try:
        revision = db.session.scalar(text("SELECT version_num FROM alembic_version"))
        mails = db.session.scalar(select(func.count()).where(Mail.state == "waiting"))
        jobs = db.session.scalar(select(func.count()).where(Job.state == "waiting"))
    except SQLAlchemyError:
        db.session.rollback()
        return None
    return Health(revision, mails or 0, jobs or 0)
