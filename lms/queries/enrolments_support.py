"""Who needs support to go on, as the enlace and the officer may know it: who and since when, never a score."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from lms.database import db
from lms.models.courses import Course
from lms.models.enrolments import Cycle, Enrolment, EnrolmentAffiliation, SupportReferral
from lms.models.institutions import Area, Institution
from lms.models.people import Affiliation, Identity, Person
from lms.permissions import Scope
from lms.queries.reports_rows import Wanted, rows

PAGE = 50


@dataclass(frozen=True)
class SupportCase:
    """Somebody whose attempts are used up. `referred_at`: when an enlace asked the Secretaría for a way on."""

    enrolment: str
    name: str
    course: str
    institutions: tuple[str, ...]
    since: datetime | None
    referred_at: datetime | None


def sponsored_in(scope: Scope) -> ColumnElement[bool]:
    """Say that an enrolment is sponsored by an affiliation inside the scope."""
    if scope.everything:
        return Enrolment.id.is_not(None)
    inside: list[ColumnElement[bool]] = [Affiliation.institution_id.in_(scope.institutions)]
    inside += [Area.path.startswith(path, autoescape=True) for path in sorted(scope.area_paths)]
    return exists(
        select(EnrolmentAffiliation.id)
        .join(Affiliation, Affiliation.id == EnrolmentAffiliation.affiliation_id)
        .outerjoin(Area, Area.id == Affiliation.area_id)
        .where(EnrolmentAffiliation.enrolment_id == Enrolment.id, or_(*inside))
    )


def cycles_to_refer(scope: Scope, person: str, today: date) -> tuple[int, ...] | None:
    """Return the cycles of a person that need support; None when she is not in the scope.

    Whose she is to refer is what follow-up shows: where she works today, not where she worked when she was enrolled.
    """
    found = db.session.execute(
        rows(scope, Wanted(person=person), today, Cycle.id, Cycle.needs_support_at, by_id=True).distinct()
    ).all()
    if not found:
        return None
    return tuple(sorted(cycle_id for cycle_id, since in found if since is not None))


def cycle_to_grant(scope: Scope, enrolment: str) -> int | None:
    """Return the latest cycle of an enrolment in the scope; None when there is none."""
    return db.session.scalar(
        select(Cycle.id)
        .join(Enrolment, Enrolment.id == Cycle.enrolment_id)
        .where(Enrolment.public_id == enrolment, sponsored_in(scope))
        .order_by(Cycle.number.desc())
        .limit(1)
    )


def _open_cases() -> ColumnElement[bool]:
    return or_(SupportReferral.id.is_not(None), and_(Cycle.needs_support_at.is_not(None), Cycle.completed_at.is_(None)))


def support_cases(scope: Scope, page: int) -> tuple[tuple[SupportCase, ...], int]:
    """Return a page of the people who need support, referred ones first and the longest wait first, and how many."""
    referral = and_(SupportReferral.cycle_id == Cycle.id, SupportReferral.resolved_at.is_(None))
    # Who was blocked or merged is nobody's to see.
    where = (_open_cases(), sponsored_in(scope), Person.blocked_at.is_(None), Person.merged_into_id.is_(None))
    base = (
        select(Enrolment.id, Enrolment.public_id, Identity, Course.title, Cycle.needs_support_at)
        .add_columns(SupportReferral.referred_at)
        .join(Cycle, Cycle.enrolment_id == Enrolment.id)
        .join(Person, Person.id == Enrolment.person_id)
        .join(Identity, Identity.person_id == Enrolment.person_id)
        .join(Course, Course.id == Enrolment.course_id)
        .outerjoin(SupportReferral, referral)
        .where(*where)
    )
    total = db.session.scalar(select(func.count()).select_from(base.subquery())) or 0
    found = db.session.execute(
        base.order_by(
            SupportReferral.referred_at.is_(None), SupportReferral.referred_at, Cycle.needs_support_at, Cycle.id
        )
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    ).all()
    names = _institutions([row[0] for row in found])
    cases = tuple(
        SupportCase(public_id, identity.full_name, title, tuple(names[enrolment_id]), since, referred_at)
        for enrolment_id, public_id, identity, title, since, referred_at in found
    )
    return cases, total


def _institutions(enrolment_ids: list[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for enrolment_id, name in db.session.execute(
        select(EnrolmentAffiliation.enrolment_id, Institution.short_name)
        .join(Affiliation, Affiliation.id == EnrolmentAffiliation.affiliation_id)
        .join(Institution, Institution.id == Affiliation.institution_id)
        .where(EnrolmentAffiliation.enrolment_id.in_(enrolment_ids))
        .order_by(Institution.short_name)
    ):
        found[enrolment_id].append(name)
    return found
