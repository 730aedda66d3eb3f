"""Who may receive a constancia, and everything that one would say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select

from lms.database import db, is_sqlite
from lms.models.certificates import Batch, BatchItem, Certificate, Signatory, StandingRelease
from lms.models.courses import Course, CourseVersion, Quiz
from lms.models.enrolments import Cycle, Enrolment, EnrolmentAffiliation
from lms.models.people import Account, Affiliation, Identity, Person
from lms.models.quizzes import Attempt
from lms.permissions import Scope
from lms.rules.certificates import EligibilityFacts, Span


def live_certificate_exists() -> ColumnElement[bool]:
    """The condition that the cycle has a certificate neither revoked nor superseded."""
    return exists().where(
        Certificate.cycle_id == Cycle.id, Certificate.revoked_at.is_(None), Certificate.superseded_by_id.is_(None)
    )


def in_open_batch() -> ColumnElement[bool]:
    """The condition that the cycle waits in a batch, proposed or being issued."""
    return exists().where(
        BatchItem.cycle_id == Cycle.id,
        BatchItem.done_at.is_(None),
        Batch.id == BatchItem.batch_id,
        Batch.withdrawn_at.is_(None),
    )


def sponsored_cycles(*columns: Any) -> Select[Any]:
    """`columns` of completed cycles without a live certificate, each with the places in work that sponsor it."""
    return (
        select(*columns)
        .select_from(Cycle)
        .join(Enrolment, Enrolment.id == Cycle.enrolment_id)
        .join(EnrolmentAffiliation, EnrolmentAffiliation.enrolment_id == Enrolment.id)
        .join(Affiliation, Affiliation.id == EnrolmentAffiliation.affiliation_id)
        .join(Person, Person.id == Enrolment.person_id)
        .outerjoin(Account, Account.person_id == Enrolment.person_id)
        .where(Cycle.completed_at.is_not(None), ~live_certificate_exists())
    )


def fit() -> ColumnElement[bool]:
    """What `rules.certificates.eligible` asks, as a condition on `sponsored_cycles`, save for the signatory.

    It lists and counts; the rule itself decides again for each one in the transaction that issues.
    """
    day = _completed_on()
    return and_(
        Affiliation.started_on <= day,
        or_(Affiliation.ended_on.is_(None), Affiliation.ended_on >= day),
        Account.suspended_at.is_(None),
        Person.blocked_at.is_(None),
        Person.merged_into_id.is_(None),
        _final_passed_at().is_not(None),
    )


def _completed_on() -> ColumnElement[date]:
    """The day of completion in Mexico City. SQLite knows no zones; this one has been six hours behind since 2022."""
    if is_sqlite():
        return func.date(Cycle.completed_at, "-6 hours")
    return func.date(func.timezone("America/Mexico_City", Cycle.completed_at))


def _final_passed_at() -> ColumnElement[datetime | None]:
    return (
        select(func.min(Attempt.submitted_at))
        .join(Quiz, Quiz.id == Attempt.quiz_id)
        .where(
            Attempt.cycle_id == Cycle.id,
            Attempt.submitted_at.is_not(None),
            Attempt.passed.is_(True),
            Quiz.kind == "final",
            Quiz.version_id == Cycle.version_id,
        )
        .correlate(Cycle)
        .scalar_subquery()
    )


@dataclass(frozen=True)
class SignatoryTerm:
    """Who signs on a day, and since and until when."""

    name: str
    position: str
    span: Span


def signatory_on(scope: Scope, day: date) -> SignatoryTerm | None:
    """Return who signs on `day`; of several, the one appointed last."""
    if scope.nothing:
        return None
    found = db.session.scalars(
        select(Signatory)
        .where(Signatory.from_on <= day, or_(Signatory.to_on.is_(None), Signatory.to_on >= day))
        .order_by(Signatory.from_on.desc(), Signatory.id.desc())
        .limit(1)
    ).first()
    return SignatoryTerm(found.name, found.position, Span(found.from_on, found.to_on)) if found else None


@dataclass(frozen=True)
class Candidate:
    """A cycle that asks for a certificate of an institution: what it would say, and what decides."""

    cycle_id: int
    cycle_number: int
    person_id: int
    name: str
    course_slug: str
    course_title: str
    course_hash: str
    hours: int
    started_at: datetime | None
    facts: EligibilityFacts


def candidates(
    scope: Scope, cycle_ids: Sequence[int], institution_id: int, signatory: SignatoryTerm | None
) -> dict[int, Candidate]:
    """Return by cycle what decides whether `institution_id` may be named in its certificate, as things stand now."""
    if not (scope.everything or institution_id in scope.institutions):
        return {}
    rows = db.session.execute(
        select(Cycle, Enrolment.person_id, Identity, Course.slug, CourseVersion.title, CourseVersion.content_hash,
               CourseVersion.hours, Account.suspended_at, Person.blocked_at, Person.merged_into_id,
               _final_passed_at(), live_certificate_exists())
        .join(Enrolment, Enrolment.id == Cycle.enrolment_id)
        .join(Person, Person.id == Enrolment.person_id)
        .join(Identity, Identity.person_id == Enrolment.person_id)
        .join(Course, Course.id == Enrolment.course_id)
        .join(CourseVersion, CourseVersion.id == Cycle.version_id)
        .outerjoin(Account, Account.person_id == Enrolment.person_id)
        .where(Cycle.id.in_(cycle_ids))
        .execution_options(populate_existing=True)
    ).all()  # fmt: skip
    places = _places(cycle_ids, institution_id)
    found = {}
    for cycle, person_id, identity, slug, title, content_hash, hours, suspended, blocked, merged, passed, live in rows:
        facts = EligibilityFacts(
            final_passed_at=passed,
            completed_at=cycle.completed_at,
            affiliations=tuple(places[cycle.id]),
            suspended=suspended is not None,
            blocked=blocked is not None or merged is not None,
            live_certificate=live,
            signatory=signatory.span if signatory else None,
        )
        found[cycle.id] = Candidate(
            cycle.id, cycle.number, person_id, identity.full_name, slug, title, content_hash, hours, cycle.started_at,
            facts,
        )  # fmt: skip
    return found


def _places(cycle_ids: Sequence[int], institution_id: int) -> dict[int, list[Span]]:
    """The person's places in the institution that sponsor each cycle, past ones too."""
    rows = db.session.execute(
        select(Cycle.id, Affiliation.started_on, Affiliation.ended_on)
        .join(EnrolmentAffiliation, EnrolmentAffiliation.enrolment_id == Cycle.enrolment_id)
        .join(Affiliation, Affiliation.id == EnrolmentAffiliation.affiliation_id)
        .where(Cycle.id.in_(cycle_ids), Affiliation.institution_id == institution_id)
    )
    found: dict[int, list[Span]] = defaultdict(list)
    for cycle_id, started_on, ended_on in rows:
        found[cycle_id].append(Span(started_on, ended_on))
    return found


def sponsors(scope: Scope, cycle_id: int) -> tuple[int, ...]:
    """Return the institutions that sponsor a cycle, the first who did first."""
    if not scope.everything:
        return ()
    rows = db.session.scalars(
        select(Affiliation.institution_id)
        .join(EnrolmentAffiliation, EnrolmentAffiliation.affiliation_id == Affiliation.id)
        .join(Cycle, Cycle.enrolment_id == EnrolmentAffiliation.enrolment_id)
        .where(Cycle.id == cycle_id)
        .order_by(EnrolmentAffiliation.id)
    )
    return tuple(dict.fromkeys(rows))


def standing_in_force(scope: Scope, cycle_id: int) -> StandingRelease | None:
    """Return the standing release of a cycle's course, when two officers have signed it and nobody has ended it."""
    if not scope.everything:
        return None
    return db.session.scalars(
        select(StandingRelease)
        .join(Enrolment, Enrolment.course_id == StandingRelease.course_id)
        .join(Cycle, Cycle.enrolment_id == Enrolment.id)
        .where(Cycle.id == cycle_id, StandingRelease.released_at.is_not(None), StandingRelease.ended_at.is_(None))
    ).first()
