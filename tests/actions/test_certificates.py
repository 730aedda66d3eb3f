"""Batches: two people, one effect, every certificate decided anew, and nothing issued twice."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError, IntegrityError

from lms import clock
from lms.actions import certificates as deeds
from lms.actions import people as people_deeds
from lms.actions.refusal import Refused
from lms.database import db
from lms.models.audit import AuditEntry
from lms.models.certificates import Batch, BatchItem, Certificate
from lms.models.outbox import Job, Mail
from lms.models.people import Affiliation, Identity, Person
from lms.permissions import SYSTEM
from lms.queries.certificates_batches import BatchState, batch, refused
from tests.certificates import complete, graduates, issued, key, released, signatory
from tests.people import Cast, affiliate, enrol, person


def propose(cast: Cast) -> Batch:
    made = deeds.propose(cast.course.id, cast.own.id, by=cast.officer.id, at=clock.now())
    db.session.commit()
    return made


def count(table: type) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def together(cast: Cast, deed: Callable[[], object], times: int) -> list[str]:
    """Run a deed in threads that start at once, each with its own transaction; return the refusals."""
    gate, codes = threading.Barrier(times), []

    def run() -> None:
        with cast.app.app_context():
            gate.wait()
            try:
                deed()
                db.session.commit()
            except Refused as refusal:
                db.session.rollback()
                codes.append(refusal.code)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    return codes


def test_a_batch_holds_everyone_eligible_and_nobody_else(cast: Cast):
    signatory()
    mine = {cycle.id for cycle in graduates(cast, 2)}
    graduates(cast, 1, of=cast.other)
    complete(cast.stranger_cycle)
    unfinished = person("Sin Terminar")
    enrol(unfinished, cast.course, affiliate(unfinished, cast.own))
    db.session.commit()
    made = propose(cast)
    assert set(db.session.scalars(select(BatchItem.cycle_id).where(BatchItem.batch_id == made.id))) == mine


def test_nothing_to_propose_is_said(cast: Cast):
    with pytest.raises(Refused, match="certificate_no_signatory"):
        deeds.propose(cast.course.id, cast.own.id, by=cast.officer.id, at=clock.now())
    db.session.rollback()
    signatory()
    with pytest.raises(Refused, match="batch_nobody"):
        deeds.propose(cast.course.id, cast.own.id, by=cast.officer.id, at=clock.now())


def test_one_open_batch_for_each_pair(cast: Cast):
    signatory()
    graduates(cast, 1)
    first = propose(cast)
    with pytest.raises(Refused, match="batch_open"):
        propose(cast)
    db.session.rollback()
    deeds.withdraw(first.id, by=cast.officer2.id, at=clock.now())
    db.session.commit()
    assert propose(cast).id != first.id


def test_two_officers_who_propose_at_once_make_one_batch(cast: Cast):
    signatory()
    graduates(cast, 3)
    course, own, by = cast.course.id, cast.own.id, cast.officer.id
    codes = together(cast, lambda: deeds.propose(course, own, by=by, at=clock.now()), 4)
    assert codes == ["batch_open"] * 3
    assert (count(Batch), count(BatchItem)) == (1, 3)


def test_the_same_officer_twice_is_refused_by_the_deed_and_by_the_database(cast: Cast):
    signatory()
    graduates(cast, 1)
    made = propose(cast)
    with pytest.raises(Refused, match="batch_same_person"):
        deeds.release(made.id, by=cast.officer.id, at=clock.now())
    db.session.rollback()
    with pytest.raises(IntegrityError):
        db.session.execute(
            text("UPDATE batch SET released_by_id = proposed_by_id, released_at = proposed_at WHERE id = :id"),
            {"id": made.id},
        )


def test_a_batch_released_twice_at_once_has_one_effect(cast: Cast):
    signatory()
    graduates(cast, 2)
    made, by = propose(cast).id, cast.officer2.id
    assert together(cast, lambda: deeds.release(made, by=by, at=clock.now()), 2) == []
    assert count(Job) == 1
    releases = select(func.count()).select_from(AuditEntry).where(AuditEntry.deed == "certificates.release")
    assert db.session.scalar(releases) == 1


def test_a_withdrawn_batch_cannot_be_released_nor_a_released_one_withdrawn(cast: Cast):
    signatory()
    graduates(cast, 1)
    made = propose(cast)
    deeds.withdraw(made.id, by=cast.officer.id, at=clock.now())
    db.session.commit()
    with pytest.raises(Refused, match="batch_withdrawn"):
        deeds.release(made.id, by=cast.officer2.id, at=clock.now())
    with pytest.raises(Refused, match="batch_not_released"):
        deeds.issue_chunk(made.id, key(cast), at=clock.now())
    db.session.rollback()
    second = released(cast)
    with pytest.raises(Refused, match="batch_released"):
        deeds.withdraw(second.id, by=cast.officer.id, at=clock.now())


def test_a_certificate_says_what_was_true_that_day(cast: Cast):
    made = issued(cast)
    said = json.loads(made.snapshot)
    assert (said["folio"], said["key_id"]) == (made.folio, made.key_id)
    assert said["name"] == "Lucía Aprendiz Ejemplo"
    assert (said["course_slug"], said["hours"], said["cycle_number"]) == ("curso-corto", 2, 1)
    assert (said["institution"], said["signatory_name"]) == ("Institución Propia", "Firma Ejemplo Ficticia")
    assert len(made.folio) == 20
    mail = db.session.scalars(select(Mail).where(Mail.purpose == "certificate")).one()
    assert (mail.person_id, mail.facts["folio"]) == (cast.learner.id, made.folio)
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.deed == "certificates.issue")).one()
    assert (entry.subject_id, entry.actor_id) == (made.folio, cast.officer2.id)
    assert "Lucía" not in json.dumps(entry.facts)


def test_the_signatory_of_the_day_signs(cast: Cast):
    today = clock.today()
    signatory("Antes", to=today - timedelta(days=1))
    signatory("Hoy", since=today)
    signatory("Después", since=today + timedelta(days=1))
    graduates(cast, 1)
    deeds.issue_chunk(released(cast).id, key(cast), at=clock.now())
    snapshot = db.session.scalars(select(Certificate.snapshot)).one()
    assert json.loads(snapshot)["signatory_name"] == "Hoy"


def test_each_is_decided_anew_when_it_is_issued(cast: Cast):
    signatory()
    suspended, blocked, left, late, fine = graduates(cast, 5)
    made = propose(cast)
    owner = {c.id: c.enrolment.person_id for c in (suspended, blocked, left, late, fine)}
    people_deeds.suspend(owner[suspended.id], "prueba", by=cast.admin.id, at=clock.now())
    db.session.get_one(Person, owner[blocked.id]).blocked_at = clock.now()
    places = {place.person_id: place for place in db.session.scalars(select(Affiliation))}
    places[owner[left.id]].ended_on = clock.today() - timedelta(days=30)
    places[owner[late.id]].ended_on = clock.today()  # the very day of completion still counts
    deeds.release(made.id, by=cast.officer2.id, at=clock.now())
    db.session.commit()
    chunk = deeds.issue_chunk(made.id, key(cast), at=clock.now())
    db.session.commit()
    assert (chunk.issued, chunk.refused, chunk.left) == (2, 3, 0)
    assert set(db.session.scalars(select(Certificate.cycle_id))) == {late.id, fine.id}
    assert {(p.name is None, p.codes) for p in refused(SYSTEM, made.id)} == {
        (False, ("suspended",)),
        (True, ("blocked",)),
        (False, ("not_affiliated",)),
    }


def test_without_a_passing_closed_attempt_there_is_no_certificate(cast: Cast):
    signatory()
    complete(cast.cycle, passed=False)
    fine = graduates(cast, 1)[0]
    made = released(cast)
    db.session.add(BatchItem(batch_id=made.id, cycle_id=cast.cycle.id))  # slipped in behind the officers' back
    db.session.commit()
    deeds.issue_chunk(made.id, key(cast), at=clock.now())
    assert db.session.scalars(select(Certificate.cycle_id)).all() == [fine.id]
    slipped = db.session.scalars(select(BatchItem).where(BatchItem.cycle_id == cast.cycle.id)).one()
    assert slipped.refused == "not_passed"


def test_ten_workers_issue_each_certificate_once(cast: Cast):
    signatory()
    cycles = graduates(cast, 25)
    made, signing = released(cast).id, key(cast)

    def deed() -> None:
        while deeds.issue_chunk(made, signing, at=clock.now(), size=3).left:
            db.session.commit()

    assert together(cast, deed, 10) == []
    assert sorted(db.session.scalars(select(Certificate.cycle_id))) == sorted(c.id for c in cycles)
    assert count(Mail) == 25
    row = batch(SYSTEM, db.session.get_one(Batch, made).public_id)
    assert row is not None
    assert (row.state, row.issued, row.refused) == (BatchState.FINISHED, 25, 0)


def test_two_sponsors_with_a_batch_each_give_one_certificate(cast: Cast):
    signatory()
    who = person("Driver")
    cycle = enrol(who, cast.course, affiliate(who, cast.own))
    complete(cycle)
    db.session.commit()
    first = released(cast)
    second = Batch(
        public_id=clock.public_id(), course_id=cast.course.id, institution_id=cast.other.id,
        proposed_by_id=cast.officer.id, proposed_at=clock.now(), released_by_id=cast.officer2.id,
        released_at=clock.now(),
    )  # fmt: skip
    db.session.add(second)
    db.session.flush()
    db.session.add(BatchItem(batch_id=second.id, cycle_id=cycle.id))
    place = affiliate(who, cast.other)
    db.session.execute(
        text("INSERT INTO enrolment_affiliation (enrolment_id, affiliation_id, created_at) VALUES (:e, :a, :t)"),
        {"e": cycle.enrolment_id, "a": place.id, "t": "2026-01-01 00:00:00"},
    )
    db.session.commit()
    signing, ids = key(cast), [first.id, second.id]
    work = iter(ids)
    lock = threading.Lock()

    def deed() -> None:
        with lock:
            mine = next(work)
        deeds.issue_chunk(mine, signing, at=clock.now())

    assert together(cast, deed, 2) == []
    assert count(Certificate) == 1
    assert sorted(str(r) for r in db.session.scalars(select(BatchItem.refused))) == ["None", "already_issued"]


def test_the_database_allows_one_live_certificate_for_each_cycle(cast: Cast):
    made = issued(cast)
    copy = {c.name: getattr(made, c.name) for c in Certificate.__table__.columns if c.name != "id"}
    db.session.add(Certificate(**{**copy, "folio": clock.folio()}))
    with pytest.raises(IntegrityError):
        db.session.flush()


def test_what_a_certificate_says_cannot_be_changed_nor_deleted(cast: Cast):
    made = issued(cast).id
    for statement in (
        "UPDATE certificate SET snapshot = '{}' WHERE id = :id",
        "DELETE FROM certificate WHERE id = :id",
    ):
        with pytest.raises(DatabaseError):
            db.session.execute(text(statement), {"id": made})
        db.session.rollback()


def test_a_name_is_frozen_clean_and_in_one_form(cast: Cast):
    identity = db.session.get_one(Identity, cast.learner.id)
    identity.given_names, identity.first_surname = "Mari\u0301a\u202e <b>", "O’Ñáꞌa &\u0007"
    said = json.loads(issued(cast).snapshot)["name"]
    assert said == "María <b> O’Ñáꞌa & Ejemplo"


def test_a_new_cycle_earns_a_new_certificate(cast: Cast):
    issued(cast)
    again = type(cast.cycle)(enrolment_id=cast.cycle.enrolment_id, number=2, due_on=date(2030, 1, 1))
    db.session.add(again)
    db.session.flush()
    complete(again)
    db.session.commit()
    deeds.issue_chunk(released(cast).id, key(cast), at=clock.now())
    assert count(Certificate) == 2
