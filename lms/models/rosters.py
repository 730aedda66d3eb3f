"""Rosters: the uploaded file, its rows as staged and planned, and what became of each."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from lms.database import Base, Json, code_text, key, public_key
from lms.models.courses import Course
from lms.models.institutions import Institution

STATES = ("uploaded", "parsing", "refused", "planned", "signed", "running", "done", "discarded")
KINDS = ("create", "already", "update", "move", "fault")


class Roster(Base):
    """An uploaded staff list and the plan made of it.

    uploaded → parsing → planned (or refused, with a file fault) → signed → running → done; a plan not signed can be
    discarded. `digest` is the hash of the plan that was signed; the run refuses any other.
    """

    __tablename__ = "roster"

    id: Mapped[key]
    public_id: Mapped[public_key]
    institution_id: Mapped[int] = mapped_column(ForeignKey("institution.id"), index=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    area_paths: Mapped[list[Any]] = mapped_column(Json)
    due_on: Mapped[date | None] = mapped_column(Date)
    filename: Mapped[str] = mapped_column(String(200))
    content: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    content_sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    state: Mapped[code_text]
    fault: Mapped[dict[str, Any] | None] = mapped_column(Json)
    header: Mapped[list[Any]] = mapped_column(Json, default=list)
    about: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    counts: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    digest: Mapped[str | None] = mapped_column(String(64))
    rows_total: Mapped[int] = mapped_column(default=0)
    rows_done: Mapped[int] = mapped_column(default=0)
    uploaded_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    uploaded_at: Mapped[datetime]
    planned_at: Mapped[datetime | None]
    signed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    signed_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    institution: Mapped[Institution] = relationship()
    course: Mapped[Course] = relationship()

    __table_args__ = (
        CheckConstraint(f"state IN ({', '.join(repr(s) for s in STATES)})", name="state"),
        CheckConstraint("(signed_by_id IS NULL) = (signed_at IS NULL)", name="signed_by_somebody"),
    )


class RosterRow(Base):
    """A row of the file: its cells as they came, what was read in them, what will be done, and what was done.

    `known` is the stored facts the plan was made on, as one text: when they differ at the run, the row is skipped.
    The `new_…` columns are drawn when the row is staged, so that a chunk is inserted set-based and repeated safely.
    """

    __tablename__ = "roster_row"

    roster_id: Mapped[int] = mapped_column(ForeignKey("roster.id"), primary_key=True)
    row_number: Mapped[int] = mapped_column(primary_key=True)
    cells: Mapped[list[Any]] = mapped_column(Json)
    curp: Mapped[str | None] = mapped_column(String(18))
    sex: Mapped[str | None] = mapped_column(String(1))
    given_names: Mapped[str | None] = mapped_column(String(100))
    first_surname: Mapped[str | None] = mapped_column(String(100))
    second_surname: Mapped[str | None] = mapped_column(String(100))
    search_name: Mapped[str | None] = mapped_column(String(300))
    email: Mapped[str | None] = mapped_column(String(254))
    email_key: Mapped[str | None] = mapped_column(String(254))
    phone: Mapped[str | None] = mapped_column(String(20))
    employee_number: Mapped[str | None] = mapped_column(String(40))
    area_name: Mapped[str | None] = mapped_column(String(500))
    area_key: Mapped[str | None] = mapped_column(String(700))
    entity: Mapped[str | None] = mapped_column(String(2))
    job: Mapped[str | None] = mapped_column(String(200))
    function: Mapped[str | None] = mapped_column(String(200))
    faults: Mapped[list[Any]] = mapped_column(Json, default=list)
    warnings: Mapped[list[Any]] = mapped_column(Json, default=list)
    kind: Mapped[str | None] = mapped_column(String(10))
    warned: Mapped[bool] = mapped_column(default=False)
    changes: Mapped[list[Any]] = mapped_column(Json, default=list)
    known: Mapped[str | None] = mapped_column(String(1500))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    area_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"))
    new_person: Mapped[str] = mapped_column(String(16))
    new_affiliation: Mapped[str] = mapped_column(String(16))
    new_enrolment: Mapped[str] = mapped_column(String(16))
    outcome: Mapped[str | None] = mapped_column(String(20))
    done_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint(f"kind IN ({', '.join(repr(k) for k in KINDS)})", name="kind"),
        CheckConstraint("outcome IN ('done', 'nothing', 'changed', 'left')", name="outcome"),
        Index("ix_roster_row_curp", "roster_id", "curp"),
        Index("ix_roster_row_kind", "roster_id", "kind"),
        Index("ix_roster_row_person_id", "person_id"),
    )
