"""What an officer sees: who may receive a constancia by institution and course, and the standing releases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, distinct, false, func, or_, select, true
from sqlalchemy.orm import aliased

from lms.database import db
from lms.models.certificates import Batch, BatchItem, Certificate, SigningKey, StandingRelease
from lms.models.courses import Course
from lms.models.enrolments import Cycle, Enrolment
from lms.models.institutions import Institution
from lms.models.people import Affiliation, Identity, Person, PersonCurp, RoleHeld
from lms.permissions import Role, Scope
from lms.queries.certificates_issue import candidates, fit, in_open_batch, signatory_on, sponsored_cycles
from lms.queries.certificates_verify import State, signed_snapshot
from lms.rules.certificates import Ineligible, eligible, format_folio

PAGE = 50
_SAMPLE = 3


def inside(scope: Scope, institution_id: SQLColumnExpression[int]) -> ColumnElement[bool]:
    """The condition that an institution is in the scope."""
    if scope.everything:
        return true()
    return institution_id.in_(scope.institutions) if scope.institutions else false()


@dataclass(frozen=True)
class Pair:
    """An institution and a course, with how many people await a certificate, wait in a batch, or have one."""

    institution_slug: str
    institution: str
    course_slug: str
    course: str
    eligible: int
    unfit: int
    in_batch: int
    issued: int


def pairs(scope: Scope, page: int) -> tuple[Sequence[Pair], int]:
    """Return a page of the pairs with anything to show, those with people to issue to first; and how many pairs."""
    places = (Affiliation.institution_id, Enrolment.course_id)
    waiting = sponsored_cycles(*places, func.count(distinct(Cycle.id))).where(
        inside(scope, Affiliation.institution_id), ~in_open_batch()
    )
    unfit = _figures(waiting.group_by(*places))
    ready = _figures(waiting.where(fit()).group_by(*places))
    in_batch = _figures(
        select(Batch.institution_id, Batch.course_id, func.count())
        .join(BatchItem, BatchItem.batch_id == Batch.id)
        .where(BatchItem.done_at.is_(None), Batch.withdrawn_at.is_(None), inside(scope, Batch.institution_id))
        .group_by(Batch.institution_id, Batch.course_id)
    )
    issued = _figures(
        select(Certificate.institution_id, Enrolment.course_id, func.count())
        .join(Cycle, Cycle.id == Certificate.cycle_id)
        .join(Enrolment, Enrolment.id == Cycle.enrolment_id)
        .where(Certificate.revoked_at.is_(None), Certificate.superseded_by_id.is_(None))
        .where(inside(scope, Certificate.institution_id))
        .group_by(Certificate.institution_id, Enrolment.course_id)
    )
    keys = {*unfit, *in_batch, *issued}
    institutions, courses = _institutions({k[0] for k in keys}), _courses({k[1] for k in keys})
    found = [
        Pair(*institutions[key[0]], *courses[key[1]], ready.get(key, 0), unfit.get(key, 0) - ready.get(key, 0),
             in_batch.get(key, 0), issued.get(key, 0))
        for key in keys
    ]  # fmt: skip
    found.sort(key=lambda pair: (pair.eligible == 0, pair.institution, pair.course))
    return found[(page - 1) * PAGE : page * PAGE], len(found)


def _figures(statement: Select[int, int, int]) -> dict[tuple[int, int], int]:
    return {(row[0], row[1]): row[2] for row in db.session.execute(statement)}


def _institutions(ids: set[int]) -> dict[int, tuple[str, str]]:
    rows = db.session.execute(select(Institution.id, Institution.slug, Institution.name).where(Institution.id.in_(ids)))
    return {row[0]: (row[1], row[2]) for row in rows}


def _courses(ids: set[int]) -> dict[int, tuple[str, str]]:
    rows = db.session.execute(select(Course.id, Course.slug, Course.title).where(Course.id.in_(ids)))
    return {row[0]: (row[1], row[2]) for row in rows}


@dataclass(frozen=True)
class Unfit:
    """Somebody who finished the course and cannot receive the certificate, and why. Blocked people have no name."""

    name: str | None
    reasons: tuple[Ineligible, ...]


@dataclass(frozen=True)
class PairPage:
    """A pair on its own page: who would be proposed, who cannot be and why, and the batch that is open."""

    institution_slug: str
    institution: str
    course_slug: str
    course: str
    eligible: int
    names: tuple[str, ...]
    unfit: tuple[Unfit, ...]
    open_batch: str | None
    signatory: bool


def pair_ids(scope: Scope, institution_slug: str, course_slug: str) -> tuple[int, int] | None:
    """Return the ids of an institution and a course by their slugs; None when there are none in the scope."""
    row = _named(scope, institution_slug, course_slug)
    return (row[0].id, row[1].id) if row else None


def _named(scope: Scope, institution_slug: str, course_slug: str) -> tuple[Institution, Course] | None:
    row = db.session.execute(
        select(Institution, Course)
        .join(Course, Course.slug == course_slug)
        .where(Institution.slug == institution_slug, inside(scope, Institution.id))
    ).first()
    return (row[0], row[1]) if row else None


def pair(scope: Scope, institution_slug: str, course_slug: str, today: date) -> PairPage | None:
    """Return a pair by its slugs; None when there is none in the scope."""
    row = _named(scope, institution_slug, course_slug)
    if row is None:
        return None
    institution, course = row
    institution_id, course_id = institution.id, course.id
    ready = of_pair(institution_id, course_id, Enrolment.person_id).where(fit())
    names = db.session.scalars(
        select(Identity).where(Identity.person_id.in_(ready)).order_by(Identity.search_name).limit(_SAMPLE)
    )
    unfit = _unfit(scope, institution_id, course_id, today)
    return PairPage(
        institution_slug, institution.name, course_slug, course.title,
        _count(of_pair(institution_id, course_id, Cycle.id).where(fit())),
        tuple(identity.full_name for identity in names), unfit,
        open_batch(scope, institution_id, course_id), signatory_on(scope, today) is not None,
    )  # fmt: skip


def of_pair(institution_id: int, course_id: int, *columns: Any) -> Select[Any]:
    """`columns` of what could be proposed for a pair: completed, sponsored by it, and in no open batch."""
    return (
        sponsored_cycles(*columns)
        .where(Affiliation.institution_id == institution_id, Enrolment.course_id == course_id, ~in_open_batch())
        .distinct()
        .correlate(None)
    )


def _count(statement: Select[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(statement.subquery())) or 0


def _unfit(scope: Scope, institution_id: int, course_id: int, today: date) -> tuple[Unfit, ...]:
    """Up to a page of those who completed and cannot be proposed, with every reason but a missing signatory."""
    everyone = of_pair(institution_id, course_id, Cycle.id)
    cycle_ids = db.session.scalars(
        select(Cycle.id)
        .where(Cycle.id.in_(everyone), Cycle.id.not_in(everyone.where(fit())))
        .order_by(Cycle.completed_at, Cycle.id)
        .limit(PAGE)
    ).all()
    found = candidates(scope, cycle_ids, institution_id, None)
    unfit = []
    for cycle_id in cycle_ids:
        reasons = tuple(r for r in eligible(found[cycle_id].facts, today) if r is not Ineligible.NO_SIGNATORY)
        unfit.append(Unfit(None if Ineligible.BLOCKED in reasons else found[cycle_id].name, reasons))
    return tuple(unfit)


def open_batch(scope: Scope, institution_id: int, course_id: int) -> str | None:
    """Return the public id of the batch of a pair that waits for a second officer, if there is one."""
    return db.session.scalar(
        select(Batch.public_id).where(
            Batch.institution_id == institution_id,
            Batch.course_id == course_id,
            Batch.released_at.is_(None),
            Batch.withdrawn_at.is_(None),
            inside(scope, Batch.institution_id),
        )
    )


@dataclass(frozen=True)
class Standing:
    """A course and its automatic issue: off (no `public_id`), asked for by one officer, or on since a second signed."""

    course_id: int
    course_slug: str
    course: str
    public_id: str | None
    proposed_by_id: int | None
    proposed_by: str | None
    proposed_at: datetime | None
    released_by: str | None
    released_at: datetime | None


def standings(scope: Scope) -> Sequence[Standing]:
    """Return every published course with its automatic issue."""
    if not scope.everything:
        return []
    release, proposer, releaser = aliased(StandingRelease), aliased(Identity), aliased(Identity)
    rows = db.session.execute(
        select(Course, release, proposer, releaser)
        .outerjoin(release, (release.course_id == Course.id) & release.ended_at.is_(None))
        .outerjoin(proposer, proposer.person_id == release.proposed_by_id)
        .outerjoin(releaser, releaser.person_id == release.released_by_id)
        .where(Course.current_version_id.is_not(None))
        .order_by(Course.title)
    )
    return [
        Standing(
            course.id, course.slug, course.title,
            found.public_id if found else None, found.proposed_by_id if found else None,
            asked.full_name if asked else None, found.proposed_at if found else None,
            signed.full_name if signed else None, found.released_at if found else None,
        )
        for course, found, asked, signed in rows
    ]  # fmt: skip


def standing(scope: Scope, public_id: str) -> StandingRelease | None:
    """Return a standing release that nobody has ended; None when there is none in the scope."""
    if not scope.everything:
        return None
    return db.session.scalar(
        select(StandingRelease).where(StandingRelease.public_id == public_id, StandingRelease.ended_at.is_(None))
    )


@dataclass(frozen=True)
class Listed:
    """A certificate in a list; `name` is None when what is stored is not what was signed."""

    folio: str
    name: str | None
    course: str
    institution: str
    issued_at: datetime
    state: State

    @property
    def printed(self) -> str:
        """The folio as it is printed, in groups."""
        return format_folio(self.folio)


def latest(scope: Scope, limit: int) -> Sequence[Listed]:
    """Return the certificates issued last."""
    rows = db.session.execute(
        select(Certificate, SigningKey.public_pem)
        .outerjoin(SigningKey, SigningKey.key_id == Certificate.key_id)
        .where(inside(scope, Certificate.institution_id))
        .order_by(Certificate.id.desc())
        .limit(limit)
    ).all()
    return [listed(found, public_pem) for found, public_pem in rows]


def listed(found: Certificate, public_pem: str | None) -> Listed:
    """Return a certificate as a list shows it: its words come from the snapshot."""
    snapshot = signed_snapshot(found.folio, found.snapshot, found.key_id, found.signature, public_pem)
    if snapshot is None:
        return Listed(found.folio, None, "", "", found.issued_at, State.ALTERED)
    state = State.SUPERSEDED if found.superseded_by_id is not None else State.VALID
    if found.revoked_at is not None:
        state = State.REVOKED
    return Listed(found.folio, snapshot.name, snapshot.course_title, snapshot.institution, found.issued_at, state)


def officers(scope: Scope, named: str) -> Sequence[int]:
    """Return who holds the officer's role and has the e-mail, the CURP or the public id `named`."""
    if not scope.everything:
        return []
    return db.session.scalars(
        select(Person.id)
        .join(Identity, Identity.person_id == Person.id)
        .join(RoleHeld, RoleHeld.person_id == Person.id)
        .where(RoleHeld.role == Role.OFFICER, RoleHeld.ended_at.is_(None))
        .where(Person.blocked_at.is_(None), Person.merged_into_id.is_(None))
        .where(
            or_(
                Person.public_id == named,
                Identity.email_key == named.lower(),
                Person.id.in_(select(PersonCurp.person_id).where(PersonCurp.curp == named.upper())),
            )
        )
        .distinct()
    ).all()
