"""Messages and jobs in trouble: a person decides, once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from lms import clock
from lms.actions.outbox import claim_job, claim_mail, enqueue, resend_mail, retry_job, send_mail, settle_mail
from lms.actions.refusal import Refused
from lms.database import db
from lms.models.outbox import Job, Mail
from tests.people import Cast


def trouble(cast: Cast, state: str, event: str = "reset:1") -> Mail:
    send_mail("reset", cast.learner.id, event, at=clock.now(), facts={"cycle_id": 1})
    mail = db.session.scalars(select(Mail).where(Mail.event == event)).one()
    mail.state = state
    db.session.flush()
    return mail


@pytest.mark.parametrize("state", ["failed", "uncertain"])
def test_sending_again_is_one_new_message(cast: Cast, state: str) -> None:
    mail = trouble(cast, state)
    assert resend_mail(mail.id, by=cast.admin.id, at=clock.now())
    assert not resend_mail(mail.id, by=cast.admin.id, at=clock.now())
    rows = {m.event: m for m in db.session.scalars(select(Mail))}
    assert rows.keys() == {"reset:1", "reset:1:again:1"}
    again = rows["reset:1:again:1"]
    assert (rows["reset:1"].state, again.state, again.facts) == ("skipped", "waiting", {"cycle_id": 1})
    again.state = "failed"
    db.session.flush()
    assert resend_mail(again.id, by=cast.admin.id, at=clock.now())
    assert "reset:1:again:2" in set(db.session.scalars(select(Mail.event)))


@pytest.mark.parametrize("state", ["waiting", "claimed", "sent", "skipped"])
def test_only_troubled_messages_are_decided_about(cast: Cast, state: str) -> None:
    mail = trouble(cast, state)
    assert not resend_mail(mail.id, by=cast.admin.id, at=clock.now())
    assert not settle_mail(mail.id, by=cast.admin.id, at=clock.now())
    assert mail.state == state


@pytest.mark.parametrize(("state", "after"), [("uncertain", "sent"), ("failed", "skipped")])
def test_a_message_leaves_the_list_without_leaving(cast: Cast, state: str, after: str) -> None:
    mail = trouble(cast, state)
    assert settle_mail(mail.id, by=cast.admin.id, at=clock.now())
    assert mail.state == after
    assert claim_mail("w", at=clock.now()) is None


def test_a_job_given_up_goes_on(cast: Cast) -> None:
    enqueue("roster_run", 7, at=clock.now())
    job = db.session.scalars(select(Job)).one()
    job.state, job.tries, job.finished_at = "failed", 5, clock.now()
    db.session.flush()
    assert retry_job(job.id, by=cast.admin.id, at=clock.now())
    assert not retry_job(job.id, by=cast.admin.id, at=clock.now())
    found = claim_job("w", at=clock.now(), lease=timedelta(minutes=1))
    assert found is not None
    assert (found.id, found.tries) == (job.id, 1)


def test_a_job_with_a_twin_under_way_waits_for_it(cast: Cast) -> None:
    enqueue("roster_run", 7, at=clock.now())
    job = db.session.scalars(select(Job)).one()
    job.state = "failed"
    db.session.flush()
    enqueue("roster_run", 7, at=clock.now())
    with pytest.raises(Refused, match="job_under_way"):
        retry_job(job.id, by=cast.admin.id, at=clock.now())
