"""Automatic issue: signed by two, off until then, and never in the way of a completion."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from lms import clock
from lms.actions import certificates_standing as deeds
from lms.actions.refusal import Refused
from lms.database import db
from lms.models.certificates import Certificate, StandingRelease
from lms.models.enrolments import EnrolmentAffiliation
from lms.models.outbox import Job
from lms.models.people import Account
from tests.certificates import complete, key, signatory
from tests.people import Cast, affiliate


def switch_on(cast: Cast) -> StandingRelease:
    made = deeds.propose_standing(cast.course.id, by=cast.officer.id, at=clock.now())
    deeds.release_standing(made.id, by=cast.officer2.id, at=clock.now())
    db.session.commit()
    return made


def finish(cast: Cast) -> list[Job]:
    complete(cast.cycle)
    deeds.issue_if_standing(cast.cycle.id, at=clock.now())
    db.session.commit()
    return list(db.session.scalars(select(Job)))


def test_it_is_off_until_two_have_signed_and_after_it_is_ended(cast: Cast):
    assert finish(cast) == []
    made = deeds.propose_standing(cast.course.id, by=cast.officer.id, at=clock.now())
    db.session.commit()
    assert finish_again(cast) == 0
    deeds.release_standing(made.id, by=cast.officer2.id, at=clock.now())
    db.session.commit()
    assert finish_again(cast) == 1
    db.session.execute(text("DELETE FROM job"))
    deeds.end_standing(made.id, by=cast.officer.id, at=clock.now())
    deeds.end_standing(made.id, by=cast.officer.id, at=clock.now())
    db.session.commit()
    assert finish_again(cast) == 0


def finish_again(cast: Cast) -> int:
    deeds.issue_if_standing(cast.cycle.id, at=clock.now())
    db.session.commit()
    return db.session.scalar(select(func.count()).select_from(Job)) or 0


def test_one_person_cannot_sign_twice(cast: Cast):
    made = deeds.propose_standing(cast.course.id, by=cast.officer.id, at=clock.now())
    db.session.commit()
    with pytest.raises(Refused, match="batch_same_person"):
        deeds.release_standing(made.id, by=cast.officer.id, at=clock.now())
    db.session.rollback()
    with pytest.raises(Refused, match="standing_open"):
        deeds.propose_standing(cast.course.id, by=cast.officer2.id, at=clock.now())
    db.session.rollback()
    with pytest.raises(IntegrityError):
        db.session.execute(
            text("UPDATE standing_release SET released_by_id = proposed_by_id, released_at = proposed_at")
        )


def test_what_was_ended_cannot_be_signed_but_can_be_asked_again(cast: Cast):
    made = deeds.propose_standing(cast.course.id, by=cast.officer.id, at=clock.now())
    deeds.end_standing(made.id, by=cast.officer2.id, at=clock.now())
    db.session.commit()
    with pytest.raises(Refused, match="standing_ended"):
        deeds.release_standing(made.id, by=cast.officer2.id, at=clock.now())
    db.session.rollback()
    switch_on(cast)


def test_it_issues_once_however_often_it_is_asked(cast: Cast):
    signatory()
    standing = switch_on(cast)
    assert [job.kind for job in finish(cast)] == ["standing_issue"]
    folio = deeds.issue_standing(cast.cycle.id, key(cast), at=clock.now())
    db.session.commit()
    assert deeds.issue_standing(cast.cycle.id, key(cast), at=clock.now()) is None
    made = db.session.scalars(select(Certificate)).one()
    assert (made.folio, made.standing_release_id, made.batch_id) == (folio, standing.id, None)


def test_it_names_the_first_sponsor_that_held_on_the_day(cast: Cast):
    signatory()
    switch_on(cast)
    first = db.session.scalars(
        select(EnrolmentAffiliation).where(EnrolmentAffiliation.enrolment_id == cast.cycle.enrolment_id)
    ).one()
    first.affiliation.ended_on = clock.today() - timedelta(days=10)
    second = affiliate(cast.learner, cast.other)
    db.session.add(
        EnrolmentAffiliation(enrolment_id=cast.cycle.enrolment_id, affiliation_id=second.id, created_at=clock.now())
    )
    finish(cast)
    deeds.issue_standing(cast.cycle.id, key(cast), at=clock.now())
    assert db.session.scalars(select(Certificate.institution_id)).one() == cast.other.id


def test_it_issues_nothing_to_who_does_not_fit(cast: Cast):
    signatory()
    switch_on(cast)
    finish(cast)
    db.session.get_one(Account, cast.learner.id).suspended_at = clock.now()
    db.session.commit()
    assert deeds.issue_standing(cast.cycle.id, key(cast), at=clock.now()) is None
    assert db.session.scalar(select(func.count()).select_from(Certificate)) == 0
