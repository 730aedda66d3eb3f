"""Automatic issue: for each course a standing release that two officers sign; off until then."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from lms import clock
from lms.actions.audit import record
from lms.actions.certificates import hold, issue
from lms.actions.outbox import enqueue
from lms.actions.refusal import Refused
from lms.database import db
from lms.models.certificates import StandingRelease
from lms.models.courses import Course
from lms.permissions import SYSTEM
from lms.proofs.keys import SigningKey
from lms.queries.certificates_issue import candidates, signatory_on, sponsors, standing_in_force
from lms.rules.certificates import eligible
from lms.rules.enrolments import mexico_date


def propose_standing(course_id: int, *, by: int, at: datetime) -> StandingRelease:
    """Ask for the automatic issue of a course. Raises Refused `standing_open` when it is on or already asked for."""
    db.session.execute(select(Course.id).where(Course.id == course_id).with_for_update(key_share=True))
    is_open = select(StandingRelease.id).where(
        StandingRelease.course_id == course_id, StandingRelease.ended_at.is_(None)
    )
    if db.session.scalar(is_open) is not None:
        raise Refused("standing_open")
    standing = StandingRelease(public_id=clock.public_id(), course_id=course_id, proposed_by_id=by, proposed_at=at)
    db.session.add(standing)
    record("certificates.propose_standing", "standing_release", standing.public_id, by=by, at=at, course=course_id)
    db.session.flush()
    return standing


def _locked(standing_id: int) -> StandingRelease:
    return db.session.scalars(
        select(StandingRelease)
        .where(StandingRelease.id == standing_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def release_standing(standing_id: int, *, by: int, at: datetime) -> None:
    """Switch on the automatic issue that another officer asked for; a second click changes nothing.

    Raises Refused `batch_same_person` or `standing_ended`.
    """
    standing = _locked(standing_id)
    if standing.ended_at is not None:
        raise Refused("standing_ended")
    if standing.proposed_by_id == by:
        raise Refused("batch_same_person")
    if standing.released_at is not None:
        return
    standing.released_by_id, standing.released_at = by, at
    record("certificates.release_standing", "standing_release", standing.public_id, by=by, at=at)
    db.session.flush()


def end_standing(standing_id: int, *, by: int, at: datetime) -> None:
    """Switch the automatic issue of a course off, or take the request back; any officer may, and twice is once."""
    standing = _locked(standing_id)
    if standing.ended_at is not None:
        return
    standing.ended_by_id, standing.ended_at = by, at
    record("certificates.end_standing", "standing_release", standing.public_id, by=by, at=at)
    db.session.flush()


def issue_if_standing(cycle_id: int, *, at: datetime) -> None:
    """Ask the worker for the certificate of a cycle just completed, when its course has automatic issue.

    Called in the transaction that completes the cycle: only a row for the worker is written, so that nothing about
    certificates can make an answer fail.
    """
    if standing_in_force(SYSTEM, cycle_id) is not None:
        enqueue("standing_issue", cycle_id, at=at)


def issue_standing(cycle_id: int, key: SigningKey, *, at: datetime) -> str | None:
    """Issue the certificate of a completed cycle under its course's standing release; return its folio.

    It names the first institution that sponsors the enrolment and allows it. None when there is nothing to issue: no
    release in force any more, a certificate already there, or a person who does not fit, whom officers still see.
    """
    hold([cycle_id])
    standing = standing_in_force(SYSTEM, cycle_id)
    signatory = signatory_on(SYSTEM, mexico_date(at))
    if standing is None or signatory is None:
        return None
    for institution_id in sponsors(SYSTEM, cycle_id):
        one = candidates(SYSTEM, [cycle_id], institution_id, signatory).get(cycle_id)
        if one is not None and not eligible(one.facts, mexico_date(at)):
            return issue([one], institution_id, signatory, key, by=None, at=at, standing_release_id=standing.id)[0]
    return None
