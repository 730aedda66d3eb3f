"""Constancias, the batches that two officers sign, standing releases and signatories."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.database import Base, code_text, key, name_text, public_key
from lms.models.courses import Course
from lms.models.enrolments import Cycle
from lms.models.institutions import Institution


class Signatory(Base):
    """Who signs constancias between two dates: a dated record, never a name in the code."""

    __tablename__ = "signatory"

    id: Mapped[key]
    name: Mapped[name_text]
    position: Mapped[name_text]
    appointment: Mapped[name_text]
    from_on: Mapped[date] = mapped_column(Date)
    to_on: Mapped[date | None] = mapped_column(Date)
    is_demo: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (CheckConstraint("to_on IS NULL OR to_on >= from_on", name="ends_after_start"),)


class SigningKey(Base):
    """The public half of a key that signs snapshots; the private half lives outside the database."""

    __tablename__ = "signing_key"

    key_id: Mapped[str] = mapped_column(String(16), primary_key=True)
    public_pem: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime]


class Batch(Base):
    """A list of cycles that one officer proposes and another releases."""

    __tablename__ = "batch"

    id: Mapped[key]
    public_id: Mapped[public_key]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    institution_id: Mapped[int] = mapped_column(ForeignKey("institution.id"))
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[datetime]
    released_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    released_at: Mapped[datetime | None]
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    withdrawn_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    course: Mapped[Course] = relationship()
    institution: Mapped[Institution] = relationship()

    __table_args__ = (
        CheckConstraint("released_by_id <> proposed_by_id", name="two_people"),
        CheckConstraint("(released_by_id IS NULL) = (released_at IS NULL)", name="released_by_somebody"),
        CheckConstraint("released_at IS NULL OR withdrawn_at IS NULL", name="released_or_withdrawn"),
    )


class BatchItem(Base):
    """A cycle in a batch, and what became of it: the codes of `refused` say why it was not issued."""

    __tablename__ = "batch_item"

    id: Mapped[key]
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id"))
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycle.id"), index=True)
    done_at: Mapped[datetime | None]
    refused: Mapped[str | None] = mapped_column(String(200))

    __table_args__ = (
        UniqueConstraint("batch_id", "cycle_id"),
        # The next chunk of a batch is found without passing over the ones done.
        Index(
            "ix_batch_item_waiting",
            "batch_id",
            "cycle_id",
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
    )


class StandingRelease(Base):
    """Automatic issue for a course, signed by two officers; off until then, and from the day it is ended."""

    __tablename__ = "standing_release"

    id: Mapped[key]
    public_id: Mapped[public_key]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[datetime]
    released_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    released_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[datetime | None]

    course: Mapped[Course] = relationship()

    __table_args__ = (
        CheckConstraint("released_by_id <> proposed_by_id", name="two_people"),
        CheckConstraint("(released_by_id IS NULL) = (released_at IS NULL)", name="released_by_somebody"),
        Index(
            "uq_standing_release_open",
            "course_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )


class Certificate(Base):
    """A constancia. Pages and PDFs of it read `snapshot` and its state, and nothing else."""

    __tablename__ = "certificate"

    id: Mapped[key]
    folio: Mapped[str] = mapped_column(String(20), unique=True)
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycle.id"))
    institution_id: Mapped[int] = mapped_column(ForeignKey("institution.id"), index=True)
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("batch.id"), index=True)
    standing_release_id: Mapped[int | None] = mapped_column(ForeignKey("standing_release.id"))
    snapshot: Mapped[str] = mapped_column(Text)
    key_id: Mapped[code_text]
    signature: Mapped[bytes] = mapped_column(LargeBinary)
    issued_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    superseded_by_id: Mapped[int | None] = mapped_column(ForeignKey("certificate.id"))

    cycle: Mapped[Cycle] = relationship()
    institution: Mapped[Institution] = relationship()

    __table_args__ = (
        Index(
            "uq_certificate_live",
            "cycle_id",
            unique=True,
            sqlite_where=text("revoked_at IS NULL AND superseded_by_id IS NULL"),
            postgresql_where=text("revoked_at IS NULL AND superseded_by_id IS NULL"),
        ),
        CheckConstraint("(batch_id IS NULL) <> (standing_release_id IS NULL)", name="released_one_way"),
        CheckConstraint("superseded_by_id <> id", name="not_by_itself"),
    )
