"""The audit log: append-only by trigger; blocks of it are hashed by a job, so that writers never queue for a chain."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from lms.database import Base, Json, code_text, key


class AuditEntry(Base):
    """Who did what, when, to what. `facts` holds ids, counts and codes; never a name, a CURP or an answer."""

    __tablename__ = "audit_entry"

    id: Mapped[key]
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    deed: Mapped[code_text]
    subject: Mapped[code_text]
    subject_id: Mapped[str | None] = mapped_column(String(64))
    facts: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)

    __table_args__ = (Index("ix_audit_entry_subject", "subject", "subject_id"), Index("ix_audit_entry_at", "at"))


class AuditBlock(Base):
    """The hash of the entries `first_id`…`last_id` chained to the block before."""

    __tablename__ = "audit_block"

    id: Mapped[key]
    first_id: Mapped[int]
    last_id: Mapped[int] = mapped_column(unique=True)
    entries: Mapped[int]
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]

    __table_args__ = (CheckConstraint("last_id >= first_id AND entries > 0", name="not_empty"),)
