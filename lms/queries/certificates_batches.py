"""Batches as officers see them: who proposed and released them, how far they are, and what became of each person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import aliased

from lms.database import db
from lms.models.certificates import Batch, BatchItem, Certificate, SigningKey
from lms.models.courses import Course
from lms.models.enrolments import Cycle, Enrolment
from lms.models.institutions import Institution
from lms.models.people import Affiliation, Identity, Person
from lms.permissions import Scope
from lms.queries.certificates import PAGE, Listed, inside, listed
from lms.queries.certificates_issue import fit, sponsored_cycles

_SAMPLE = 3


class BatchState(StrEnum):
    """Where a batch stands."""

    PROPOSED = "proposed"
    RUNNING = "running"
    FINISHED = "finished"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class BatchRow:
    """A batch with its figures: people in it, issued, refused, and still to do."""

    id: int
    public_id: str
    state: BatchState
    institution_id: int
    institution: str
    course: str
    proposed_by_id: int
    proposed_by: str
    proposed_at: datetime
    released_by: str | None
    released_at: datetime | None
    withdrawn_at: datetime | None
    finished_at: datetime | None
    people: int
    issued: int
    refused: int

    @property
    def left(self) -> int:
        """How many have not been looked at yet."""
        return self.people - self.issued - self.refused


def batches(scope: Scope, page: int) -> tuple[Sequence[BatchRow], int]:
    """Return a page of the batches, the newest first, and how many there are."""
    total = db.session.scalar(select(func.count()).select_from(Batch).where(inside(scope, Batch.institution_id)))
    on_page = select(Batch.id).where(inside(scope, Batch.institution_id)).order_by(Batch.id.desc())
    on_page = on_page.limit(PAGE).offset((page - 1) * PAGE)
    return _rows(Batch.id.in_(db.session.scalars(on_page).all())), total or 0


def batch(scope: Scope, public_id: str) -> BatchRow | None:
    """Return a batch; None when there is none in the scope."""
    rows = _rows(Batch.public_id == public_id, inside(scope, Batch.institution_id))
    return rows[0] if rows else None


def _rows(*where: ColumnElement[bool]) -> list[BatchRow]:
    proposer, releaser = aliased(Identity), aliased(Identity)
    rows = db.session.execute(
        select(Batch, Institution.name, Course.title, proposer, releaser)
        .join(Institution, Institution.id == Batch.institution_id)
        .join(Course, Course.id == Batch.course_id)
        .join(proposer, proposer.person_id == Batch.proposed_by_id)
        .outerjoin(releaser, releaser.person_id == Batch.released_by_id)
        .where(*where)
        .order_by(Batch.id.desc())
        .execution_options(populate_existing=True)
    ).all()
    figures = _figures([row[0].id for row in rows])
    return [
        BatchRow(
            found.id, found.public_id, _state(found), found.institution_id, institution, course,
            found.proposed_by_id, asked.full_name, found.proposed_at, signed.full_name if signed else None,
            found.released_at, found.withdrawn_at, found.finished_at, *figures.get(found.id, (0, 0, 0)),
        )
        for found, institution, course, asked, signed in rows
    ]  # fmt: skip


def _figures(batch_ids: Sequence[int]) -> dict[int, tuple[int, int, int]]:
    refused = BatchItem.refused.is_not(None)
    rows = db.session.execute(
        select(
            BatchItem.batch_id,
            func.count(),
            func.sum(case((BatchItem.done_at.is_not(None) & ~refused, 1), else_=0)),
            func.sum(case((refused, 1), else_=0)),
        )
        .where(BatchItem.batch_id.in_(batch_ids))
        .group_by(BatchItem.batch_id)
    )
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


def _state(found: Batch) -> BatchState:
    if found.withdrawn_at is not None:
        return BatchState.WITHDRAWN
    if found.finished_at is not None:
        return BatchState.FINISHED
    return BatchState.PROPOSED if found.released_at is None else BatchState.RUNNING


@dataclass(frozen=True)
class Review:
    """What a second officer looks at before she signs: some names, the span of completions, and who no longer fits."""

    names: tuple[str, ...]
    first_completed_at: datetime | None
    last_completed_at: datetime | None
    no_longer: int


def review(scope: Scope, batch_id: int) -> Review | None:
    """Return the review of a proposed batch as things stand now; None when it is not in the scope."""
    found = db.session.scalar(select(Batch).where(Batch.id == batch_id, inside(scope, Batch.institution_id)))
    if found is None:
        return None
    names = db.session.scalars(
        _people(batch_id, Identity).where(Person.blocked_at.is_(None)).order_by(Identity.search_name).limit(_SAMPLE)
    )
    people, first, last = db.session.execute(
        _people(batch_id, func.count(), func.min(Cycle.completed_at), func.max(Cycle.completed_at))
    ).one()
    still = (
        sponsored_cycles(Cycle.id)
        .where(Affiliation.institution_id == found.institution_id, fit())
        .where(Cycle.id.in_(select(BatchItem.cycle_id).where(BatchItem.batch_id == batch_id)))
        .distinct()
    )
    fits = db.session.scalar(select(func.count()).select_from(still.subquery())) or 0
    return Review(tuple(identity.full_name for identity in names), first, last, people - fits)


def _people(batch_id: int, *columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(BatchItem)
        .join(Cycle, Cycle.id == BatchItem.cycle_id)
        .join(Enrolment, Enrolment.id == Cycle.enrolment_id)
        .join(Person, Person.id == Enrolment.person_id)
        .join(Identity, Identity.person_id == Enrolment.person_id)
        .where(BatchItem.batch_id == batch_id)
    )


@dataclass(frozen=True)
class RefusedPerson:
    """Somebody in a batch who got no certificate, with the codes of `rules.certificates.Ineligible` that say why."""

    name: str | None
    codes: tuple[str, ...]


def refused(scope: Scope, batch_id: int) -> Sequence[RefusedPerson]:
    """Return up to a page of those in the batch who got none. Blocked people have no name."""
    rows = db.session.execute(
        _people(batch_id, Identity, Person.blocked_at, BatchItem.refused)
        .join(Batch, Batch.id == BatchItem.batch_id)
        .where(BatchItem.refused.is_not(None), inside(scope, Batch.institution_id))
        .order_by(Identity.search_name, BatchItem.id)
        .limit(PAGE)
    )
    return [
        RefusedPerson(None if blocked_at else identity.full_name, tuple(codes.split(",")))
        for identity, blocked_at, codes in rows
    ]


def issued(scope: Scope, batch_id: int, page: int) -> Sequence[Listed]:
    """Return a page of the certificates of a batch, in the order of their issue."""
    rows = db.session.execute(
        select(Certificate, SigningKey.public_pem)
        .outerjoin(SigningKey, SigningKey.key_id == Certificate.key_id)
        .where(Certificate.batch_id == batch_id, inside(scope, Certificate.institution_id))
        .order_by(Certificate.id)
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    ).all()
    return [listed(found, public_pem) for found, public_pem in rows]
