"""The worker: a job once, taken over after a death, given up after five tries; the bell may fail."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from lms import clock
from lms.actions import outbox
from lms.database import db
from lms.jobs import work as working
from lms.models.outbox import Job
from lms.models.people import PersonCurp
from tests.people import Cast

done: list[int] = []


def good(subject_id: int, beat: Callable[[], None]) -> None:
    """A job that succeeds."""
    beat()
    done.append(subject_id)


def bad(subject_id: int, beat: Callable[[], None]) -> None:
    """A job that always fails."""
    raise RuntimeError("no")


def twin(subject_id: int, beat: Callable[[], None]) -> None:
    """A job that breaks a unique key with what identifies a person."""
    known = db.session.scalars(select(PersonCurp).where(PersonCurp.person_id == subject_id)).one()
    db.session.add(PersonCurp(person_id=subject_id, curp=known.curp, since=clock.now(), replaced_at=clock.now()))
    db.session.flush()


@pytest.fixture(autouse=True)
def handlers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two kinds of job for these tests."""
    done.clear()
    monkeypatch.setitem(working.HANDLERS, "good", (__name__, "good"))
    monkeypatch.setitem(working.HANDLERS, "bad", (__name__, "bad"))
    monkeypatch.setitem(working.HANDLERS, "twin", (__name__, "twin"))


def enqueue(kind: str, subject: int) -> None:
    """Ask for a job and commit."""
    outbox.enqueue(kind, subject, at=clock.now())
    db.session.commit()


def job() -> Job:
    """The only job, read and let go: an open transaction would make the worker wait."""
    db.session.rollback()
    found = db.session.scalars(select(Job)).one()
    db.session.expunge_all()
    db.session.rollback()
    return found


def test_a_job_asked_twice_is_done_once(app: Flask) -> None:
    enqueue("good", 7)
    enqueue("good", 7)
    assert working.work(app) == 1
    assert done == [7]
    assert job().state == "done"


def test_a_finished_job_can_be_asked_again(app: Flask) -> None:
    for _ in range(2):
        enqueue("good", 7)
        working.work(app)
    assert done == [7, 7]


def test_a_failing_job_waits_longer_each_time_and_is_given_up(app: Flask) -> None:
    enqueue("bad", 1)
    moment = clock.now()
    for tries in range(1, 6):
        with time_machine.travel(moment, tick=False):
            working.work(app)
            found = job()
            assert found.tries == tries
            assert working.work(app) == 0, "it rests before the next try"
            moment = (found.lease_until or moment) + timedelta(seconds=1)
    assert (job().state, job().problem) == ("failed", "RuntimeError")


def test_a_job_of_a_dead_worker_is_taken_over_when_its_lease_ends(app: Flask) -> None:
    enqueue("good", 3)
    assert outbox.claim_job("dead", at=clock.now(), lease=working.LEASE) is not None
    db.session.commit()
    assert working.work(app) == 0
    with time_machine.travel(clock.now() + working.LEASE + timedelta(seconds=1)):
        assert working.work(app) == 1
    assert done == [3]


def test_a_worker_that_lost_its_lease_stops(app: Flask) -> None:
    enqueue("good", 3)
    at = clock.now()
    mine = outbox.claim_job("me", at=at, lease=timedelta(0))
    assert mine is not None
    db.session.commit()
    outbox.claim_job("other", at=at + timedelta(seconds=1), lease=working.LEASE)
    db.session.commit()
    with pytest.raises(working.Taken):
        working._beat(mine.id, "me")()


def test_mail_is_asked_once_for_an_event(cast: Cast) -> None:
    for _ in range(2):
        outbox.send_mail("completed", cast.learner.id, "completed:1", at=clock.now())
        db.session.commit()
    assert outbox.claim_mail("w", at=clock.now()) is not None
    assert outbox.claim_mail("w", at=clock.now()) is None


def test_mail_claimed_by_a_dead_worker_becomes_uncertain_and_is_not_sent_again(cast: Cast) -> None:
    outbox.send_mail("completed", cast.learner.id, "completed:1", at=clock.now())
    mail = outbox.claim_mail("dead", at=clock.now())
    assert mail is not None
    db.session.commit()
    later = clock.now() + timedelta(minutes=11)
    assert outbox.doubt_mail(at=later) == 1
    db.session.commit()
    db.session.refresh(mail)
    assert mail.state == "uncertain"
    assert outbox.claim_mail("w", at=later) is None


def test_the_bell_may_fail(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    queue = app.extensions["aula_queue"]
    queue._huey, queue._wake = object(), lambda: (_ for _ in ()).throw(OSError("sin cola"))
    queue.nudge()
    queue._huey = None
    assert "OSError" in caplog.text


def test_a_real_bell_rings(app: Flask) -> None:
    queue = app.extensions["aula_queue"]
    huey = queue.huey
    try:
        enqueue("good", 9)
        queue.nudge()
        task = huey.dequeue()
        assert task is not None
        huey.execute(task)
        assert done == [9]
    finally:
        huey.storage.close()
        queue._huey = None


def test_moments_come_back_in_utc(app: Flask) -> None:
    enqueue("good", 1)
    found = job().created_at
    assert isinstance(found, datetime)
    assert found.utcoffset() == timedelta(0)


def test_the_log_of_a_failed_job_says_where_and_never_whose(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    key = db.session.scalars(select(PersonCurp.curp).where(PersonCurp.person_id == cast.learner.id)).one()
    enqueue("twin", cast.learner.id)
    assert working.work(cast.app) == 1
    assert "IntegrityError" in caplog.text
    assert "in twin" in caplog.text
    assert key not in caplog.text
