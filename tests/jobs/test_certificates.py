"""The worker issues what was released, once, from wherever it was left."""

from __future__ import annotations

from sqlalchemy import func, select

from lms import clock
from lms.actions import certificates as deeds
from lms.actions import certificates_standing as standing_deeds
from lms.actions.outbox import enqueue
from lms.database import db
from lms.jobs.work import work
from lms.models.certificates import Batch, Certificate
from lms.models.outbox import Job, Mail
from tests.certificates import complete, graduates, key, released, signatory
from tests.people import Cast


def test_a_released_batch_is_issued_and_announced(cast: Cast):
    signatory()
    graduates(cast, 60)
    made = released(cast).id
    assert work(cast.app) == 1
    assert db.session.get_one(Batch, made, populate_existing=True).finished_at is not None
    assert db.session.scalar(select(func.count()).select_from(Certificate)) == 60
    assert set(db.session.scalars(select(Mail.state))) == {"sent"}
    assert db.session.scalars(select(Job.state)).all() == ["done"]


def test_a_job_delivered_again_changes_nothing(cast: Cast):
    signatory()
    graduates(cast, 3)
    made = released(cast).id
    work(cast.app)
    enqueue("batch_issue", made, at=clock.now())
    db.session.commit()
    assert work(cast.app) == 1
    assert db.session.scalar(select(func.count()).select_from(Certificate)) == 3
    assert db.session.scalar(select(func.count()).select_from(Mail)) == 3


def test_it_goes_on_from_where_a_dead_worker_left_it(cast: Cast):
    signatory()
    graduates(cast, 5)
    made = released(cast).id
    deeds.issue_chunk(made, key(cast), at=clock.now(), size=2)
    db.session.commit()
    work(cast.app)
    assert db.session.scalar(select(func.count()).select_from(Certificate)) == 5


def test_automatic_issue(cast: Cast):
    signatory()
    standing = standing_deeds.propose_standing(cast.course.id, by=cast.officer.id, at=clock.now())
    standing_deeds.release_standing(standing.id, by=cast.officer2.id, at=clock.now())
    complete(cast.cycle)
    standing_deeds.issue_if_standing(cast.cycle.id, at=clock.now())
    db.session.commit()
    assert work(cast.app) == 1
    assert db.session.scalars(select(Certificate.cycle_id)).all() == [cast.cycle.id]
