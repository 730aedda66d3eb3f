"""What waits for the commit: mail to send and jobs to do, as rows of the same transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.database import Base, Id, Json, code_text, key


class Mail(Base):
    """A message to a person. The row names person and purpose; the address and any token are read while sending.

    waiting → claimed → sent | failed | skipped. After a crash between claiming and sending it is `uncertain`: it is
    shown to staff and never sent again by itself.
    """

    __tablename__ = "mail"

    id: Mapped[key]
    event: Mapped[str] = mapped_column(String(120), unique=True)
    purpose: Mapped[code_text]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    facts: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    state: Mapped[code_text]
    created_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    claimed_by: Mapped[str | None] = mapped_column(String(80))
    finished_at: Mapped[datetime | None]
    problem: Mapped[str | None] = mapped_column(String(300))

    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'claimed', 'sent', 'failed', 'skipped', 'uncertain')", name="state"),
        Index(
            "ix_mail_waiting", "id", sqlite_where=text("state = 'waiting'"), postgresql_where=text("state = 'waiting'")
        ),
    )


class Job(Base):
    """A deed for the worker. It is claimed with a lease and repeated from where it was when the lease runs out."""

    __tablename__ = "job"

    id: Mapped[key]
    kind: Mapped[code_text]
    subject_id: Mapped[int] = mapped_column(Id)
    state: Mapped[code_text]
    created_at: Mapped[datetime]
    claimed_by: Mapped[str | None] = mapped_column(String(80))
    lease_until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None]
    problem: Mapped[str | None] = mapped_column(String(300))

    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'running', 'done', 'failed')", name="state"),
        Index(
            "uq_job_open",
            "kind",
            "subject_id",
            unique=True,
            sqlite_where=text("state IN ('waiting', 'running')"),
            postgresql_where=text("state IN ('waiting', 'running')"),
        ),
    )
