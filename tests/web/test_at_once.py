"""Sixteen browsers that do the same thing in the same moment: one effect, and a page for everybody."""

from __future__ import annotations

import io
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from lms import clock
from lms.actions import certificates as certificate_deeds
from lms.actions import people as deeds
from lms.database import Base, db
from lms.jobs import rosters as roster_jobs
from lms.jobs.work import work_once
from lms.models.audit import AuditEntry
from lms.models.certificates import Batch, Certificate, StandingRelease
from lms.models.enrolments import Cycle, Enrolment, EnrolmentAffiliation, LessonRead, SupportReferral
from lms.models.outbox import Job, Mail
from lms.models.people import Account, Affiliation, EntryToken, Identity, NoticeAcceptance, Person, PersonCurp, SignIn
from lms.models.quizzes import Answer, Attempt, AttemptGrant
from lms.models.rosters import Roster
from lms.rules.quizzes import option_token
from tests.certificates import graduates, signatory
from tests.people import PASSWORD, Cast, curp, hold, person
from tests.rosters import again, csv_file, rows, send
from tests.study import COURSE, FINAL, answer_all, open_attempt, read, take, up_to_final

CROWD = 16
NEW = "cuatro nubes sobre tinta"
Visit = Callable[[FlaskClient], TestResponse]


def at_once(*visits: Callable[[], object]) -> list[object]:
    """Do everything in the same moment, each in a thread of its own; whatever one of them raises fails the test."""
    db.session.rollback()
    gate = threading.Barrier(len(visits))
    found: list[object] = []
    raised: list[BaseException] = []

    def go(visit: Callable[[], object]) -> None:
        gate.wait()
        try:
            found.append(visit())
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=go, args=(visit,)) for visit in visits]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert raised == []
    return found


def crowd(cast: Cast, people: Person | Sequence[Person], visit: Visit, size: int = CROWD) -> Counter[int]:
    """Let browsers of these people make the same visit at once; return how often each status came."""
    who = people if isinstance(people, Sequence) else [people]
    browsers = [cast.client(who[n % len(who)]) for n in range(size)]
    answers = at_once(*(lambda b=browser: visit(b) for browser in browsers))  # type: ignore[misc]
    statuses = Counter(answer.status_code for answer in answers if isinstance(answer, TestResponse))
    assert sum(statuses.values()) == size
    assert max(statuses) < 500
    return statuses


def count(table: type[Base], *where: object) -> int:
    """How many rows there are now."""
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(table).where(*where)) or 0  # type: ignore[arg-type]


def deed(name: str) -> int:
    """How often the audit log tells a deed."""
    return count(AuditEntry, AuditEntry.deed == name)


@dataclass(frozen=True)
class Paper:
    """What a thread needs of an attempt: rows belong to the thread that loaded them."""

    id: int
    public_id: str
    seed: int
    questions: tuple[str, ...]

    @classmethod
    def of(cls, attempt: Attempt) -> Paper:
        return cls(attempt.id, attempt.public_id, attempt.seed, tuple(attempt.question_ids))

    def answer(self, n: int) -> dict[str, str]:
        """The form that answers question `n` well."""
        return {"answer": option_token(self.seed, self.questions[n - 1], "a")}


# Studying ---------------------------------------------------------------------


def test_a_course_is_begun_and_its_lesson_read_once(cast: Cast) -> None:
    assert crowd(cast, cast.learner, lambda b: b.post(f"{COURSE}/empezar")) == {303: CROWD}
    assert deed("enrolment.start") == 1
    assert crowd(cast, cast.learner, lambda b: b.post(f"{COURSE}/leccion-1/leida")) == {303: CROWD}
    assert count(LessonRead) == 1


def test_the_same_quiz_started_answered_and_sent_by_sixteen_tabs(cast: Cast) -> None:
    up_to_final(cast.client(cast.learner))
    assert crowd(cast, cast.learner, lambda b: b.post(f"{FINAL}/empezar")) == {303: CROWD}
    attempt = open_attempt(cast.client(cast.learner), FINAL)
    assert (attempt.number, count(Attempt, Attempt.quiz_stable_id == attempt.quiz_stable_id)) == (1, 1)

    paper = Paper.of(attempt)

    def all_of_it(browser: FlaskClient) -> TestResponse:
        for n in range(1, 5):
            assert browser.post(f"/intentos/{paper.public_id}/{n}", data=paper.answer(n)).status_code == 303
        return browser.post(f"/intentos/{paper.public_id}/enviar")

    assert crowd(cast, cast.learner, all_of_it) == {303: CROWD}
    db.session.expire_all()
    row = db.session.scalars(select(Attempt).where(Attempt.id == paper.id)).one()
    # The first to send may have sent before the last had answered, but never without her own answers.
    assert (row.score, row.passed) == (1000, True)
    assert count(Answer, Answer.attempt_id == row.id) == 4
    assert (deed("quiz.submit"), deed("enrolment.complete")) == (2, 1)
    assert count(Mail, Mail.purpose == "completed") == 1


def test_answers_that_meet_the_sending_are_kept_or_refused(cast: Cast) -> None:
    browser = cast.client(cast.learner)
    up_to_final(browser)
    attempt = open_attempt(browser, FINAL)
    answer_all(browser, attempt, 0)
    paper = Paper.of(attempt)
    turns = iter(range(CROWD))
    lock = threading.Lock()

    def save_or_send(tab: FlaskClient) -> TestResponse:
        with lock:
            turn = next(turns)
        if turn % 4 == 3:
            return tab.post(f"/intentos/{paper.public_id}/enviar")
        n = turn % 4 + 1
        return tab.post(f"/intentos/{paper.public_id}/respuestas/{n}", data=paper.answer(n))

    assert set(crowd(cast, cast.learner, save_or_send)) <= {200, 303, 409}
    db.session.expire_all()
    row = db.session.scalars(select(Attempt).where(Attempt.id == paper.id)).one()
    kept = db.session.scalars(select(Answer.options).where(Answer.attempt_id == row.id)).all()
    assert row.score == 250 * kept.count(["a"])
    assert deed("quiz.submit") == 2


def _used_up(cast: Cast) -> FlaskClient:
    """Use up the attempts of the learner."""
    browser = cast.client(cast.learner)
    up_to_final(browser)
    for _ in range(3):
        take(browser, FINAL, 0)
        _past(cast)
    return browser


def _past(cast: Cast) -> None:
    """Move what was done an hour back, so that nobody has to wait."""
    for attempt in db.session.scalars(select(Attempt).where(Attempt.cycle_id == cast.cycle.id)):
        attempt.started_at -= timedelta(hours=1)
        attempt.submitted_at = attempt.submitted_at and attempt.submitted_at - timedelta(hours=1)
    db.session.commit()


def test_reading_again_earns_one_attempt(cast: Cast) -> None:
    read(_used_up(cast), 1, 2)
    assert crowd(cast, cast.learner, lambda b: b.post(f"{FINAL}/empezar")) == {303: CROWD}
    assert (count(Attempt, Attempt.number == 4), count(AttemptGrant)) == (1, 1)


def test_support_is_asked_for_and_granted_once(cast: Cast) -> None:
    _used_up(cast)
    asking = f"/enlace/personas/{cast.learner.public_id}/canalizar-apoyo"
    assert crowd(cast, [cast.enlace, cast.area_enlace], lambda b: b.post(asking)) == {303: CROWD}
    assert count(SupportReferral) == 1
    enrolment = db.session.scalars(select(Enrolment.public_id).where(Enrolment.person_id == cast.learner.id)).one()
    granting = f"/oficial/apoyos/{enrolment}"
    assert crowd(cast, [cast.officer, cast.officer2], lambda b: b.post(granting)) == {303: CROWD}
    assert (count(AttemptGrant), deed("support.grant")) == (1, 1)
    assert count(Mail, Mail.purpose == "support_granted") == 1


# One's own account --------------------------------------------------------------


def test_a_right_password_always_lets_in_or_says_to_wait(cast: Cast) -> None:
    data = {"identifier": "lucia@ejemplo.mx", "password": PASSWORD}
    browsers = [cast.client() for _ in range(CROWD)]
    statuses = Counter(at_once(*(lambda b=b: b.post("/entrar", data=data).status_code for b in browsers)))
    assert statuses[303] >= 1
    assert statuses.keys() <= {200, 303, 429}
    assert count(SignIn, SignIn.person_id == cast.learner.id) == statuses[303]


def test_a_link_opens_the_door_once(cast: Cast) -> None:
    link = deeds.draw_token(cast.newcomer.id, "activation", "link", by=None, at=clock.now())
    db.session.commit()
    browsers = [cast.client() for _ in range(8)]
    visits = (lambda b=b: b.post(f"/activar/{link}", data={"password": NEW}).status_code for b in browsers)
    assert Counter(at_once(*visits)) == {303: 1, 410: 7}
    assert count(EntryToken, EntryToken.used_at.is_not(None)) == 1
    assert count(SignIn, SignIn.person_id == cast.newcomer.id, SignIn.ended_at.is_(None)) == 1


def test_the_double_click_of_each_form_of_ones_own(cast: Cast) -> None:
    crowd(cast, cast.learner, lambda b: b.post("/aviso", data={"shown": "lgpdppso-2026-05"}), 8)
    assert count(NoticeAcceptance, NoticeAcceptance.person_id == cast.learner.id) == 1
    data = {"email": "nueva@ejemplo.mx", "phone": "", "proof": PASSWORD}
    assert 303 in crowd(cast, cast.learner, lambda b: b.post("/mi-cuenta", data=data), 2)
    identity = db.session.get_one(Identity, cast.learner.id, populate_existing=True)
    assert identity.email == "nueva@ejemplo.mx"
    crowd(cast, cast.learner, lambda b: b.post("/mi-cuenta/sesiones"), 8)
    assert count(SignIn, SignIn.person_id == cast.learner.id, SignIn.ended_at.is_(None)) <= 1
    for _ in range(2):
        crowd(cast, cast.learner, lambda b: b.post("/salir"), 8)
    assert count(SignIn, SignIn.person_id == cast.learner.id, SignIn.ended_at.is_(None)) <= 1
    crowd(cast, cast.learner, lambda b: b.post("/recuperar", data={"identifier": "nueva@ejemplo.mx"}), 8)
    assert count(Mail, Mail.purpose == "reset", Mail.person_id == cast.learner.id) == 1


def test_a_password_is_changed_once(cast: Cast) -> None:
    data = {"current": PASSWORD, "new": NEW}
    before = db.session.get_one(Account, cast.learner.id).session_epoch
    statuses = crowd(cast, cast.learner, lambda b: b.post("/mi-cuenta/contrasena", data=data), 2)
    assert 303 in statuses
    assert db.session.get_one(Account, cast.learner.id, populate_existing=True).session_epoch == before + 1
    assert cast.client().post("/entrar", data={"identifier": "lucia@ejemplo.mx", "password": NEW}).status_code == 303


# Constancias ---------------------------------------------------------------------


def test_one_batch_is_proposed_and_released_by_one_officer(cast: Cast) -> None:
    signatory()
    third = person("Tere", "Tercera")
    hold(third, "officer")
    graduates(cast, 3)
    pair = "/oficial/constancias/propia/curso-corto"
    assert crowd(cast, cast.officer, lambda b: b.post(pair)) == {303: CROWD}
    assert count(Batch) == 1
    here = f"/oficial/lotes/{db.session.scalars(select(Batch.public_id)).one()}/emitir"
    signing = {"password": PASSWORD}
    # An officer's guesses at her own password are counted, so of her many tabs some may be told to wait.
    assert set(crowd(cast, [cast.officer2, third], lambda b: b.post(here, data=signing))) <= {200, 303}
    db.session.expire_all()
    batch = db.session.scalars(select(Batch)).one()
    assert batch.released_by_id in {cast.officer2.id, third.id}
    assert (deed("certificates.release"), count(Job)) == (1, 1)
    _workers(cast, 4)
    assert (count(Certificate), deed("certificates.issue"), deed("certificates.finish")) == (3, 3, 1)
    assert count(Mail, Mail.purpose == "certificate") == 3


def _workers(cast: Cast, how_many: int) -> None:
    """Let workers do what waits, all at once."""

    def work() -> None:
        with cast.app.app_context():
            try:
                while work_once():
                    pass
            finally:
                db.session.remove()

    at_once(*[work] * how_many)
    assert count(Job, Job.state != "done") == 0


def test_a_release_and_a_withdrawal_at_once_leave_one_of_them(cast: Cast) -> None:
    signatory()
    graduates(cast, 1)
    batch = certificate_deeds.propose(cast.course.id, cast.own.id, by=cast.officer.id, at=clock.now())
    db.session.commit()
    here, batch_id = f"/oficial/lotes/{batch.public_id}", batch.id
    signer, others = cast.client(cast.officer2), [cast.client(cast.officer) for _ in range(3)]
    at_once(
        lambda: signer.post(f"{here}/emitir", data={"password": PASSWORD}),
        *[lambda b=b: b.post(f"{here}/retirar") for b in others],
    )
    found = db.session.get_one(Batch, batch_id, populate_existing=True)
    assert (found.released_at is None) is not (found.withdrawn_at is None)
    assert (deed("certificates.release"), deed("certificates.withdraw")) in {(1, 0), (0, 1)}


def test_automatic_issue_is_asked_for_signed_and_ended_once(cast: Cast) -> None:
    asking = "/oficial/emision-automatica/pedir/curso-corto"
    assert crowd(cast, [cast.officer, cast.officer2], lambda b: b.post(asking)) == {303: CROWD}
    standing = db.session.scalars(select(StandingRelease)).one()
    other = cast.officer2 if standing.proposed_by_id == cast.officer.id else cast.officer
    here = f"/oficial/emision-automatica/{standing.public_id}"
    crowd(cast, other, lambda b: b.post(f"{here}/autorizar", data={"password": PASSWORD}), 4)
    assert deed("certificates.release_standing") == 1
    assert crowd(cast, [cast.officer, cast.officer2], lambda b: b.post(f"{here}/terminar")).keys() <= {303, 404}
    assert deed("certificates.end_standing") == 1


# Rosters ---------------------------------------------------------------------------


def test_a_roster_is_kept_signed_and_run_once(cast: Cast) -> None:
    codes = [curp(n) for n in range(31_000, 31_030)]
    content = csv_file([[code, "Ana", "Ejemplo", "", "", "Flota", ""] for code in codes])

    def upload(browser: FlaskClient) -> TestResponse:
        data = {"institution": "propia", "course": "curso-corto", "file": (io.BytesIO(content), "padron.csv")}
        return browser.post("/enlace/padrones/subir", data=data)

    assert crowd(cast, cast.enlace, upload) == {303: CROWD}
    assert (count(Roster), count(Job)) == (1, 1)
    _workers(cast, 3)
    roster = db.session.scalars(select(Roster)).one()
    assert (roster.state, roster.rows_total) == ("planned", 30)
    roster_id, here, plan = roster.id, f"/enlace/padrones/{roster.public_id}/confirmar", {"plan": roster.digest}
    assert crowd(cast, cast.enlace, lambda b: b.post(here, data=plan)) == {303: CROWD}
    assert (count(Job, Job.kind == "roster_run"), deed("roster.sign")) == (1, 1)
    people = count(Person)
    _run_twice(cast, roster_id)
    db.session.expire_all()
    assert (count(Person) - people, deed("roster.done")) == (30, 1)
    done = db.session.get_one(Roster, roster_id, populate_existing=True)
    assert (done.state, done.rows_done) == ("done", 30)
    assert {row.outcome for row in rows(done).values()} == {"done"}
    theirs = select(PersonCurp.person_id).where(PersonCurp.curp.in_(codes))
    assert [count(table, table.person_id.in_(theirs)) for table in (Account, Affiliation, Enrolment)] == [30, 30, 30]
    made = select(Enrolment.id).where(Enrolment.person_id.in_(theirs))
    assert [count(table, table.enrolment_id.in_(made)) for table in (Cycle, EnrolmentAffiliation)] == [30, 30]


def _run_twice(cast: Cast, roster_id: int) -> None:
    """Two workers that both believe the job is theirs, and two that ask for one."""

    def run() -> None:
        with cast.app.app_context():
            try:
                roster_jobs.run(roster_id, lambda: None)
            finally:
                db.session.remove()

    at_once(run, run)
    _workers(cast, 2)


def test_signing_and_discarding_at_once_leave_one_of_them(cast: Cast) -> None:
    content = csv_file([[curp(31_100), "Ana", "Ejemplo", "", "", "", ""]])
    roster = send(content, cast.own, cast.course, by=cast.enlace)
    here, plan = f"/enlace/padrones/{roster.public_id}", {"plan": roster.digest}
    signers, others = [cast.client(cast.enlace) for _ in range(8)], [cast.client(cast.enlace) for _ in range(8)]
    at_once(
        *[lambda b=b: b.post(f"{here}/confirmar", data=plan) for b in signers],
        *[lambda b=b: b.post(f"{here}/descartar") for b in others],
    )
    signed = again(roster).state == "signed"
    assert again(roster).state in {"signed", "discarded"}
    assert (deed("roster.sign"), deed("roster.discard")) == ((1, 0) if signed else (0, 1))
    assert count(Job, Job.kind == "roster_run") == int(signed)
