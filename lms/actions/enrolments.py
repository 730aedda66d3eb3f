"""Studying: start a course, read a lesson, complete it; and the way on when the attempts are used up.

Every deed that adds a fact locks the cycle first, so that of two last facts in two tabs the later one sees the other.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from lms import clock
from lms.actions.audit import record
from lms.actions.certificates_standing import issue_if_standing
from lms.actions.outbox import send_mail
from lms.actions.refusal import Refused
from lms.database import db
from lms.models.courses import Course
from lms.models.enrolments import Cycle, Enrolment, LessonRead, SupportReferral
from lms.models.quizzes import AttemptGrant
from lms.queries import enrolments
from lms.rules.courses import before, step_of
from lms.rules.enrolments import completed, mexico_date


def lock_cycle(cycle_id: int) -> Cycle:
    """Return a cycle that nobody else can change until this transaction ends."""
    return db.session.scalars(
        select(Cycle).where(Cycle.id == cycle_id).with_for_update().execution_options(populate_existing=True)
    ).one()


def start(cycle_id: int, *, by: int, at: datetime) -> bool:
    """Start a cycle with the version of the course that is current now, which she keeps. False: it had started.

    Raises `Refused` before the day the cycle opens.
    """
    cycle = lock_cycle(cycle_id)
    if cycle.started_at is not None:
        return False
    if cycle.opens_on is not None and mexico_date(at) < cycle.opens_on:
        raise Refused("course_not_open", opens_on=cycle.opens_on)
    course = db.session.scalars(
        select(Course).join(Enrolment, Enrolment.course_id == Course.id).where(Enrolment.id == cycle.enrolment_id)
    ).one()
    cycle.started_at = at
    cycle.version_id = course.current_version_id
    db.session.flush()
    record("enrolment.start", "cycle", cycle.id, by=by, at=at, version=cycle.version_id)
    return True


def read_lesson(cycle_id: int, slug: str, *, by: int, at: datetime) -> None:
    """Note that a lesson was read: its first time stays, its last one moves.

    Raises `Refused` when the course has not started or something before the lesson is not done.
    """
    cycle = lock_cycle(cycle_id)
    if cycle.started_at is None:
        raise Refused("course_not_started")
    study = enrolments.in_cycle(cycle_id).study
    lesson = study.lesson(slug)
    if lesson is None or before(study, step_of(study, lesson)):
        raise Refused("lesson_locked")
    row = db.session.scalar(
        select(LessonRead).where(LessonRead.cycle_id == cycle_id, LessonRead.lesson_stable_id == lesson.stable_id)
    )
    if row is None:
        row = LessonRead(cycle_id=cycle_id, lesson_stable_id=lesson.stable_id, first_at=at, last_at=at)
        db.session.add(row)
    row.last_at = max(row.last_at, at)
    db.session.flush()
    record("lesson.read", "cycle", cycle_id, by=by, at=at, lesson=lesson.stable_id)
    complete_if_due(cycle, by=by, at=at)


def complete_if_due(cycle: Cycle, *, by: int, at: datetime) -> bool:
    """Complete a locked cycle when its facts say so, in the transaction that brought the last of them.

    `by` is the person who studies. Where the course has automatic issue, her constancia is asked for as well.
    """
    if cycle.completed_at is not None:
        return False
    facts = enrolments.completion_facts([cycle.id]).get(cycle.id)
    moment = completed(facts) if facts else None
    if moment is None:
        return False
    cycle.completed_at = moment
    db.session.flush()
    resolve_support(cycle, by=None, at=at)
    record("enrolment.complete", "cycle", cycle.id, by=by, at=at, version=cycle.version_id)
    send_mail("completed", by, f"completed:{cycle.id}", at=at, facts={"cycle_id": cycle.id})
    issue_if_standing(cycle.id, at=at)
    return True


def resolve_support(cycle: Cycle, *, by: int | None, at: datetime) -> None:
    """Close what was asked for a locked cycle; `by` is the officer, or None when she found the way on herself."""
    cycle.needs_support_at = None
    for referral in db.session.scalars(
        select(SupportReferral).where(SupportReferral.cycle_id == cycle.id, SupportReferral.resolved_at.is_(None))
    ):
        referral.resolved_at = at
        referral.resolved_by_id = by
    db.session.flush()


def refer(cycle_id: int, *, by: int, at: datetime) -> bool:
    """Tell the Secretaría that the person of a cycle needs a way on. False: it was told already, or is not needed."""
    cycle = lock_cycle(cycle_id)
    told = db.session.scalar(
        select(SupportReferral.id).where(SupportReferral.cycle_id == cycle_id, SupportReferral.resolved_at.is_(None))
    )
    if cycle.needs_support_at is None or cycle.completed_at is not None or told is not None:
        return False
    db.session.add(SupportReferral(public_id=clock.public_id(), cycle_id=cycle_id, referred_by_id=by, referred_at=at))
    db.session.flush()
    record("support.refer", "cycle", cycle_id, by=by, at=at)
    return True


def grant_attempt(cycle_id: int, *, by: int, at: datetime) -> bool:
    """Grant one more attempt at the final quiz and close what was asked.

    False: she can go on without it (an attempt is left or open, or she has passed); what was asked is closed too.
    Raises `Refused` when the officer would grant it to herself.
    """
    cycle = lock_cycle(cycle_id)
    standing = enrolments.in_cycle(cycle_id)
    if standing.person_id == by:
        raise Refused("support_own")
    final = standing.study.final
    needed = cycle.started_at is not None and final is not None and final.exhausted
    if needed and final is not None:
        after = len(final.closed)
        db.session.add(
            AttemptGrant(
                cycle_id=cycle_id,
                quiz_stable_id=final.stable_id,
                reason="officer",
                after_number=after,
                granted_by_id=by,
                granted_at=at,
            )
        )
        record("support.grant", "cycle", cycle_id, by=by, at=at, after=after)
        event = f"support_granted:{cycle_id}:{after}"
        send_mail("support_granted", standing.person_id, event, at=at, facts={"cycle_id": cycle_id})
    resolve_support(cycle, by=by, at=at)
    return needed
