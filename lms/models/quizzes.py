"""Attempts and answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.database import Base, Json, code_text, key, public_key
from lms.models.courses import Quiz
from lms.models.enrolments import Cycle


class Attempt(Base):
    """One attempt at a quiz in a cycle; made at the start, with its seed and the questions drawn, in order.

    `score` is in hundredths of a point, of 1,000. It is closed once `submitted_at` is set, and never changes after.
    """

    __tablename__ = "attempt"

    id: Mapped[key]
    public_id: Mapped[public_key]
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycle.id"))
    quiz_id: Mapped[int] = mapped_column(ForeignKey("quiz.id"))
    quiz_stable_id: Mapped[code_text]
    number: Mapped[int]
    seed: Mapped[int] = mapped_column(BigInteger)
    question_ids: Mapped[list[Any]] = mapped_column(Json)
    started_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    score: Mapped[int | None]
    passed: Mapped[bool | None]

    cycle: Mapped[Cycle] = relationship()
    quiz: Mapped[Quiz] = relationship()

    __table_args__ = (
        UniqueConstraint("cycle_id", "quiz_stable_id", "number"),
        Index(
            "uq_attempt_open",
            "cycle_id",
            "quiz_stable_id",
            unique=True,
            sqlite_where=text("submitted_at IS NULL"),
            postgresql_where=text("submitted_at IS NULL"),
        ),
        CheckConstraint("score BETWEEN 0 AND 1000", name="score"),
        CheckConstraint("(submitted_at IS NULL) = (score IS NULL)", name="closed_with_score"),
        CheckConstraint("submitted_at IS NULL OR submitted_at >= started_at", name="closes_after_start"),
    )


class Answer(Base):
    """What was answered to a question of an attempt: the last thing said before it closed.

    `sequence` orders what a device sent, so that a late retry of an older answer does not overwrite a newer one.
    """

    __tablename__ = "answer"

    id: Mapped[key]
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"))
    question_stable_id: Mapped[code_text]
    options: Mapped[list[Any]] = mapped_column(Json)
    sequence: Mapped[int] = mapped_column(BigInteger, default=0)
    saved_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("attempt_id", "question_stable_id"),)


class AttemptGrant(Base):
    """One more attempt: earned by studying again the lessons of what failed, or granted by an officer."""

    __tablename__ = "attempt_grant"

    id: Mapped[key]
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycle.id"), index=True)
    quiz_stable_id: Mapped[code_text]
    reason: Mapped[code_text]
    after_number: Mapped[int]
    granted_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    granted_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("cycle_id", "quiz_stable_id", "after_number"),
        CheckConstraint("reason IN ('restudy', 'officer')", name="reason"),
        CheckConstraint("(reason = 'officer') = (granted_by_id IS NOT NULL)", name="officer_named"),
    )
