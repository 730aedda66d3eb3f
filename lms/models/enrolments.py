"""Enrolments (person × course), who sponsors them, their cycles, and what was read in each."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.database import Base, code_text, key, public_key
from lms.models.courses import Course, CourseVersion
from lms.models.people import Affiliation, Person


class Enrolment(Base):
    """A person in a course, once, whoever enrolled her: a driver of two platforms studies once."""

    __tablename__ = "enrolment"

    id: Mapped[key]
    public_id: Mapped[public_key]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    created_at: Mapped[datetime]

    person: Mapped[Person] = relationship()
    course: Mapped[Course] = relationship()
    cycles: Mapped[list[Cycle]] = relationship(order_by="Cycle.number", back_populates="enrolment")

    __table_args__ = (UniqueConstraint("person_id", "course_id"), Index("ix_enrolment_course_id", "course_id"))


class EnrolmentAffiliation(Base):
    """Who sponsors an enrolment, counts it and may see it."""

    __tablename__ = "enrolment_affiliation"

    id: Mapped[key]
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"))
    affiliation_id: Mapped[int] = mapped_column(ForeignKey("affiliation.id"), index=True)
    due_on: Mapped[date | None] = mapped_column(Date)
    created_at: Mapped[datetime]

    affiliation: Mapped[Affiliation] = relationship()

    __table_args__ = (UniqueConstraint("enrolment_id", "affiliation_id"),)


class Cycle(Base):
    """One time through a course: what repeats every year is a new row, and the past stays.

    `version_id` is fixed when she starts; `completed_at` is written by the transaction that brings the last fact.
    `due_on` is a date that ends at 24:00 in Mexico City.
    """

    __tablename__ = "cycle"

    id: Mapped[key]
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"))
    number: Mapped[int]
    version_id: Mapped[int | None] = mapped_column(ForeignKey("course_version.id"))
    opens_on: Mapped[date | None] = mapped_column(Date)
    due_on: Mapped[date | None] = mapped_column(Date)
    grace_days: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    needs_support_at: Mapped[datetime | None]

    enrolment: Mapped[Enrolment] = relationship(back_populates="cycles")
    version: Mapped[CourseVersion | None] = relationship()

    __table_args__ = (
        UniqueConstraint("enrolment_id", "number"),
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("(started_at IS NULL) = (version_id IS NULL)", name="version_from_start"),
        CheckConstraint("completed_at IS NULL OR started_at IS NOT NULL", name="completed_after_start"),
        # Without the cycles still open: SQLite, which keeps no statistics, would walk all of them for each person.
        Index(
            "ix_cycle_completed_at",
            "completed_at",
            sqlite_where=text("completed_at IS NOT NULL"),
            postgresql_where=text("completed_at IS NOT NULL"),
        ),
    )


class LessonRead(Base):
    """That a lesson was read in a cycle: the first time, and the last (a re-study counts by the last)."""

    __tablename__ = "lesson_read"

    id: Mapped[key]
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycle.id"))
    lesson_stable_id: Mapped[code_text]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("cycle_id", "lesson_stable_id"),)


class SupportReferral(Base):
    """An enlace's word to the Secretaría: this person has used her attempts and needs a way on."""

    __tablename__ = "support_referral"

    id: Mapped[key]
    public_id: Mapped[public_key]
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycle.id"))
    referred_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    referred_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolved_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    answer: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        Index(
            "uq_support_referral_open",
            "cycle_id",
            unique=True,
            sqlite_where=text("resolved_at IS NULL"),
            postgresql_where=text("resolved_at IS NULL"),
        ),
    )


class Reminder(Base):
    """That a person was reminded of a course, and by whom: at most one a day."""

    __tablename__ = "reminder"

    id: Mapped[key]
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycle.id"))
    day: Mapped[date] = mapped_column(Date)
    sent_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    channel: Mapped[str] = mapped_column(String(20), default="mail")

    __table_args__ = (UniqueConstraint("cycle_id", "day"),)
