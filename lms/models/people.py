"""Persons, what identifies them, how they enter, and where they work."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.database import Base, Id, Json, code_text, key, name_text, public_key
from lms.models.institutions import Area, Institution


class Person(Base):
    """A person, without anything that identifies her: that is in `Identity` and `PersonCurp`.

    Nothing is deleted: a person is blocked (`blocked_at`) or merged into another (`merged_into_id`).
    """

    __tablename__ = "person"

    id: Mapped[key]
    public_id: Mapped[public_key]
    sex: Mapped[str | None] = mapped_column(String(1))
    is_demo: Mapped[bool] = mapped_column(default=False)
    extra_time_percent: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    blocked_at: Mapped[datetime | None]
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    identity: Mapped[Identity] = relationship(back_populates="person")
    account: Mapped[Account | None] = relationship(back_populates="person")

    __table_args__ = (
        CheckConstraint("sex IN ('H', 'M', 'X')", name="sex"),
        CheckConstraint("merged_into_id <> id", name="not_into_itself"),
        CheckConstraint("extra_time_percent BETWEEN 0 AND 300", name="extra_time"),
        Index("ix_person_is_demo", "id", sqlite_where=text("is_demo"), postgresql_where=text("is_demo")),
    )


class Identity(Base):
    """The columns that identify a person, apart from the facts, so that they can be blocked or suppressed.

    `origins` says of each field whether a roster or a hand wrote it last: a hand's correction is sticky.
    """

    __tablename__ = "identity"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    given_names: Mapped[str] = mapped_column(String(100))
    first_surname: Mapped[str] = mapped_column(String(100))
    second_surname: Mapped[str | None] = mapped_column(String(100))
    search_name: Mapped[name_text] = mapped_column(index=True)
    email: Mapped[str | None] = mapped_column(String(254))
    email_key: Mapped[str | None] = mapped_column(String(254), index=True)
    phone: Mapped[str | None] = mapped_column(String(20))
    origins: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)

    person: Mapped[Person] = relationship(back_populates="identity")

    @property
    def full_name(self) -> str:
        """The name as Mexico writes it: nombres, primer apellido, segundo apellido."""
        return " ".join(p for p in (self.given_names, self.first_surname, self.second_surname) if p)


class PersonCurp(Base):
    """Each CURP a person has had; RENAPO corrects keys, so one person can have several over time."""

    __tablename__ = "person_curp"

    id: Mapped[key]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    curp: Mapped[str] = mapped_column(String(18), unique=True)
    since: Mapped[datetime]
    replaced_at: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "uq_person_curp_current",
            "person_id",
            unique=True,
            sqlite_where=text("replaced_at IS NULL"),
            postgresql_where=text("replaced_at IS NULL"),
        ),
    )


class Account(Base):
    """How a person enters. It exists from the day she is enrolled and has no password until her first entry."""

    __tablename__ = "account"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    session_epoch: Mapped[int] = mapped_column(default=0)
    activated_at: Mapped[datetime | None]
    suspended_at: Mapped[datetime | None]
    suspended_reason: Mapped[str | None] = mapped_column(Text)

    person: Mapped[Person] = relationship(back_populates="account")

    __table_args__ = (
        CheckConstraint("(password_hash IS NULL) = (activated_at IS NULL)", name="activated_with_password"),
    )


class SignIn(Base):
    """A session of a person on a device. It dies when ended, too old, or when the account's epoch moves on."""

    __tablename__ = "sign_in"

    id: Mapped[key]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    epoch: Mapped[int]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class EntryToken(Base):
    """A single-use link or short code for the first entry or a new password; only its hash is kept."""

    __tablename__ = "entry_token"

    id: Mapped[key]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    purpose: Mapped[code_text]
    form: Mapped[code_text]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    voided_at: Mapped[datetime | None]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    __table_args__ = (
        CheckConstraint("purpose IN ('activation', 'reset')", name="purpose"),
        CheckConstraint("form IN ('link', 'code')", name="form"),
    )


class Throttle(Base):
    """Failures only, by an opaque key (an account, an address, both). It holds no name and no address in clear."""

    __tablename__ = "throttle"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    failures: Mapped[int]
    last_failure_at: Mapped[datetime]
    free_at: Mapped[datetime]


class NoticeAcceptance(Base):
    """That a person was shown a privacy notice of a regime in a version, and accepted it."""

    __tablename__ = "notice_acceptance"

    id: Mapped[key]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    regime: Mapped[code_text]
    version: Mapped[code_text]
    accepted_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("person_id", "regime", "version"),)


class Affiliation(Base):
    """A person's place in an institution: area, employee number, job, from and to. One open at a time in each."""

    __tablename__ = "affiliation"

    id: Mapped[key]
    public_id: Mapped[public_key]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    institution_id: Mapped[int] = mapped_column(ForeignKey("institution.id"))
    area_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"), index=True)
    employee_number: Mapped[str | None] = mapped_column(String(40))
    job: Mapped[str | None] = mapped_column(String(200))
    function: Mapped[str | None] = mapped_column(String(200))
    entity: Mapped[str | None] = mapped_column(String(2))
    origins: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    started_on: Mapped[date] = mapped_column(Date)
    ended_on: Mapped[date | None] = mapped_column(Date)

    person: Mapped[Person] = relationship()
    institution: Mapped[Institution] = relationship()
    area: Mapped[Area | None] = relationship()

    __table_args__ = (
        CheckConstraint("ended_on IS NULL OR ended_on >= started_on", name="ends_after_start"),
        Index(
            "uq_affiliation_open",
            "person_id",
            "institution_id",
            unique=True,
            sqlite_where=text("ended_on IS NULL"),
            postgresql_where=text("ended_on IS NULL"),
        ),
        Index("ix_affiliation_institution_id_area_id", "institution_id", "area_id"),
        Index("ix_affiliation_person_id_institution_id", "person_id", "institution_id"),
    )


class RoleHeld(Base):
    """A role granted to a person, with dates; an enlace's is bound to an institution or one of its areas."""

    __tablename__ = "role_held"

    id: Mapped[key]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[code_text]
    institution_id: Mapped[int | None] = mapped_column(Id, ForeignKey("institution.id"))
    area_id: Mapped[int | None] = mapped_column(Id, ForeignKey("area.id"))
    granted_at: Mapped[datetime]
    granted_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("role IN ('enlace', 'officer', 'coordinator', 'author', 'care', 'admin')", name="role"),
        CheckConstraint("(role = 'enlace') = (institution_id IS NOT NULL)", name="enlace_is_bound"),
        CheckConstraint("area_id IS NULL OR institution_id IS NOT NULL", name="area_in_institution"),
        Index(
            "uq_role_held_open",
            "person_id",
            "role",
            text("coalesce(institution_id, 0)"),
            text("coalesce(area_id, 0)"),
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )
