"""Completion in the transaction of the last fact, the way on, and one result whatever the fingers do."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, select

from lms import clock
from lms.actions import enrolments as actions
from lms.actions import quizzes as quiz_actions
from lms.actions.certificates_standing import propose_standing, release_standing
from lms.actions.refusal import Refused
from lms.database import db
from lms.models.audit import AuditEntry
from lms.models.courses import Quiz
from lms.models.enrolments import Cycle, LessonRead, SupportReferral
from lms.models.outbox import Job, Mail
from lms.models.quizzes import Attempt, AttemptGrant
from lms.queries import quizzes
from lms.rules.quizzes import option_token
from tests.people import Cast
from tests.study import FINAL, FORMATIVE, answer_all, begin, open_attempt, read, stored, take, up_to_final


def cycle(cast: Cast) -> Cycle:
    db.session.rollback()
    return db.session.scalars(
        select(Cycle).where(Cycle.id == cast.cycle.id).execution_options(populate_existing=True)
    ).one()


def deeds(name: str) -> int:
    return db.session.scalar(select(func.count()).select_from(AuditEntry).where(AuditEntry.deed == name)) or 0


def mails(purpose: str) -> list[Mail]:
    return list(db.session.scalars(select(Mail).where(Mail.purpose == purpose)))


def test_passing_the_final_completes_with_audit_and_one_neutral_message(cast: Cast) -> None:
    browser = cast.client(cast.learner)
    up_to_final(browser)
    assert cycle(cast).completed_at is None
    attempt = take(browser, FINAL, 4)
    assert cycle(cast).completed_at == attempt.submitted_at
    browser.post(f"/intentos/{attempt.public_id}/enviar")
    read(browser, 1)
    assert cycle(cast).completed_at == attempt.submitted_at
    assert deeds("enrolment.complete") == deeds("quiz.submit") - 1 == 1
    (mail,) = mails("completed")
    assert mail.person_id == cast.learner.id
    assert mail.facts == {"cycle_id": cast.cycle.id}


@pytest.mark.parametrize("signed", [True, False])
def test_automatic_issue_is_asked_for_with_the_completion(cast: Cast, signed: bool) -> None:
    standing = propose_standing(cast.course.id, by=cast.officer.id, at=clock.now())
    if signed:
        release_standing(standing.id, by=cast.officer2.id, at=clock.now())
    db.session.commit()
    browser = cast.client(cast.learner)
    up_to_final(browser)
    take(browser, FINAL, 4)
    jobs = db.session.execute(select(Job.kind, Job.subject_id)).all()
    assert jobs == ([("standing_issue", cast.cycle.id)] if signed else [])


def test_the_audit_holds_no_score_and_no_answer(cast: Cast) -> None:
    browser = cast.client(cast.learner)
    up_to_final(browser)
    take(browser, FINAL, 1)
    for entry in db.session.scalars(select(AuditEntry)):
        assert not {"score", "passed", "options", "answer"} & entry.facts.keys()


@pytest.mark.parametrize("last", ["lesson", "formative", "final"])
def test_whichever_fact_comes_last_completes(cast: Cast, last: str) -> None:
    browser = cast.client(cast.learner)
    up_to_final(browser)
    final = take(browser, FINAL, 4)
    row = cycle(cast)
    row.completed_at = None
    # A fact is taken out of the past, and comes again through the same door as any other.
    if last == "lesson":
        db.session.delete(db.session.scalars(select(LessonRead).where(LessonRead.lesson_stable_id == "l2")).one())
    elif last == "formative":
        db.session.scalars(select(Attempt).where(Attempt.quiz_stable_id == "q-leccion-1")).one().quiz_stable_id = "old"
    else:
        db.session.get_one(Attempt, final.id).quiz_stable_id = "old"
    db.session.commit()
    with time_machine.travel(clock.now() + timedelta(hours=1), tick=False):
        if last == "lesson":
            read(browser, 2)
        elif last == "formative":
            take(browser, FORMATIVE, 0)
        else:
            take(browser, FINAL, 4)
        assert cycle(cast).completed_at == clock.now()


def test_nothing_of_a_submission_stays_when_its_transaction_fails(cast: Cast) -> None:
    browser = cast.client(cast.learner)
    up_to_final(browser)
    attempt = open_attempt(browser, FINAL)
    answer_all(browser, attempt, 4)
    quiz_actions.submit(attempt.id, by=cast.learner.id, at=clock.now())
    db.session.rollback()
    assert stored(attempt.public_id).submitted_at is None
    assert cycle(cast).completed_at is None
    assert mails("completed") == []


# Support --------------------------------------------------------------------


def exhaust(cast: Cast, browser: FlaskClient) -> None:
    quiz = db.session.scalars(select(Quiz).where(Quiz.kind == "final")).one()
    quiz.wait_minutes = 0
    db.session.commit()
    up_to_final(browser)
    for _ in range(3):
        assert cycle(cast).needs_support_at is None
        take(browser, FINAL, 0)


def test_the_last_failed_attempt_asks_for_support(cast: Cast) -> None:
    browser = cast.client(cast.learner)
    exhaust(cast, browser)
    last = db.session.scalars(select(Attempt).order_by(Attempt.id.desc())).first()
    assert last is not None
    assert cycle(cast).needs_support_at == last.submitted_at


def test_re_study_leaves_a_grant_and_passing_ends_the_need(cast: Cast) -> None:
    browser = cast.client(cast.learner)
    exhaust(cast, browser)
    actions.refer(cast.cycle.id, by=cast.enlace.id, at=clock.now())
    db.session.commit()
    read(browser, 1, 2)
    open_attempt(browser, FINAL)
    # She found the way on: from here nobody is told that she needs one.
    assert cycle(cast).needs_support_at is None
    assert take(browser, FINAL, 4).number == 4
    grant = db.session.scalars(select(AttemptGrant)).one()
    assert (grant.reason, grant.after_number, grant.granted_by_id) == ("restudy", 3, None)
    assert cycle(cast).needs_support_at is None
    referral = db.session.scalars(select(SupportReferral)).one()
    assert referral.resolved_at is not None
    assert referral.resolved_by_id is None


def test_an_officer_grants_one_more_once(cast: Cast) -> None:
    browser = cast.client(cast.learner)
    exhaust(cast, browser)
    now = clock.now()
    assert actions.refer(cast.cycle.id, by=cast.enlace.id, at=now) is True
    assert actions.refer(cast.cycle.id, by=cast.area_enlace.id, at=now) is False
    assert actions.grant_attempt(cast.cycle.id, by=cast.officer.id, at=now) is True
    assert actions.grant_attempt(cast.cycle.id, by=cast.officer2.id, at=now) is False
    db.session.commit()
    grant = db.session.scalars(select(AttemptGrant)).one()
    assert (grant.reason, grant.after_number, grant.granted_by_id) == ("officer", 3, cast.officer.id)
    assert cycle(cast).needs_support_at is None
    assert db.session.scalars(select(SupportReferral.resolved_by_id)).all() == [cast.officer.id]
    assert [mail.person_id for mail in mails("support_granted")] == [cast.learner.id]
    assert take(browser, FINAL, 4).number == 4
    assert cycle(cast).completed_at is not None


def test_who_can_go_on_is_neither_referred_nor_granted(cast: Cast) -> None:
    up_to_final(cast.client(cast.learner))
    now = clock.now()
    assert actions.refer(cast.cycle.id, by=cast.enlace.id, at=now) is False
    assert actions.grant_attempt(cast.cycle.id, by=cast.officer.id, at=now) is False
    assert db.session.scalars(select(AttemptGrant)).all() == []


def test_an_officer_cannot_grant_it_to_herself(cast: Cast) -> None:
    exhaust(cast, cast.client(cast.learner))
    with pytest.raises(Refused, match="support_own"):
        actions.grant_attempt(cast.cycle.id, by=cast.learner.id, at=clock.now())


# Races ------------------------------------------------------------------------


def together(cast: Cast, deed: Callable[[FlaskClient], object], browsers: int = 8) -> list[object]:
    """Do a deed in several browsers of the learner at the same moment."""
    clients = [cast.client(cast.learner) for _ in range(browsers)]
    db.session.rollback()
    gate = threading.Barrier(browsers)
    found: list[object] = []

    def run(client: FlaskClient) -> None:
        gate.wait()
        found.append(deed(client))

    threads = [threading.Thread(target=run, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_eight_starts_at_once_make_one_attempt(cast: Cast) -> None:
    up_to_final(cast.client(cast.learner))
    places = together(cast, lambda client: client.post(f"{FINAL}/empezar").location)
    attempts = db.session.scalars(select(Attempt).where(Attempt.quiz_stable_id == "q-final")).all()
    assert len(attempts) == 1
    assert places == [f"/intentos/{attempts[0].public_id}/1"] * 8


def test_eight_sendings_at_once_give_one_result(cast: Cast) -> None:
    browser = cast.client(cast.learner)
    up_to_final(browser)
    attempt = open_attempt(browser, FINAL)
    answer_all(browser, attempt, 4)
    codes = together(cast, lambda client: client.post(f"/intentos/{attempt.public_id}/enviar").status_code)
    assert codes == [303] * 8
    assert stored(attempt.public_id).score == 1000
    assert deeds("quiz.submit") == 2  # with the formative one
    assert deeds("enrolment.complete") == len(mails("completed")) == 1


def test_eight_starts_of_the_course_and_readings_at_once(cast: Cast) -> None:
    assert together(cast, lambda client: client.post("/cursos/curso-corto/empezar").status_code) == [303] * 8
    assert deeds("enrolment.start") == 1
    assert together(cast, lambda client: client.post("/cursos/curso-corto/leccion-1/leida").status_code) == [303] * 8
    assert len(db.session.scalars(select(LessonRead)).all()) == 1


def test_saving_and_sending_at_once_leaves_a_result_of_what_is_kept(cast: Cast) -> None:
    browser = cast.client(cast.learner)
    up_to_final(browser)
    attempt = open_attempt(browser, FINAL)
    answer_all(browser, attempt, 0)
    tokens = [option_token(attempt.seed, question, "a") for question in attempt.question_ids]
    turns = iter(range(8))

    def deed(client: FlaskClient) -> int:
        turn = next(turns)
        if turn % 4 == 3:
            return client.post(f"/intentos/{attempt.public_id}/enviar").status_code
        data = {"answer": tokens[turn % 4]}
        return client.post(f"/intentos/{attempt.public_id}/respuestas/{turn % 4 + 1}", data=data).status_code

    assert set(together(cast, deed)) <= {200, 303, 409}
    row = stored(attempt.public_id)
    assert row.score == quizzes.marked(row.id, row.quiz_id, row.question_ids).score


def test_two_last_facts_at_once_complete(cast: Cast) -> None:
    browser = cast.client(cast.learner)
    begin(browser)
    read(browser, 1)
    take(browser, FORMATIVE, 2)
    read(browser, 2)
    attempt = open_attempt(browser, FINAL)
    answer_all(browser, attempt, 4)
    # The lesson is taken out of the past: now the lesson and the final are both missing.
    db.session.delete(db.session.scalars(select(LessonRead).where(LessonRead.lesson_stable_id == "l2")).one())
    db.session.commit()
    turns = iter(range(2))

    def deed(client: FlaskClient) -> int:
        if next(turns):
            return client.post(f"/intentos/{attempt.public_id}/enviar").status_code
        return client.post("/cursos/curso-corto/leccion-2/leida").status_code

    assert together(cast, deed, 2) == [303, 303]
    assert cycle(cast).completed_at is not None
    assert len(mails("completed")) == 1
