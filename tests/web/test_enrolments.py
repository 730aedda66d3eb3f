"""Support: the enlace refers, the officer grants, and nobody learns a score."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select

from lms import clock
from lms.database import db
from lms.models.courses import Quiz
from lms.models.enrolments import Cycle, Enrolment, SupportReferral
from lms.models.people import Affiliation, Person
from lms.models.quizzes import AttemptGrant
from tests.people import Cast, affiliate, area
from tests.study import FINAL, asked, take, up_to_final


def needing(cast: Cast, who: Person | None = None) -> None:
    """Bring somebody to the end of her attempts."""
    quiz = db.session.scalars(select(Quiz).where(Quiz.kind == "final")).one()
    quiz.wait_minutes, quiz.attempts = 0, 1
    db.session.commit()
    browser = cast.client(who or cast.learner)
    up_to_final(browser)
    take(browser, FINAL, 1)


def refer(cast: Cast, by: Person, who: Person) -> int:
    return cast.client(by).post(f"/enlace/personas/{who.public_id}/canalizar-apoyo").status_code


def referrals() -> list[SupportReferral]:
    db.session.rollback()
    return list(db.session.scalars(select(SupportReferral)))


def grant_url(who: Person) -> str:
    public_id = db.session.scalars(select(Enrolment.public_id).where(Enrolment.person_id == who.id)).one()
    return f"/oficial/apoyos/{public_id}"


def test_the_enlace_refers_once(cast: Cast) -> None:
    needing(cast)
    browser = cast.client(cast.enlace)
    for _ in range(2):
        answer = browser.post(f"/enlace/personas/{cast.learner.public_id}/canalizar-apoyo")
        assert answer.status_code == 303
        assert answer.location == f"/enlace/personas/{cast.learner.public_id}"
    (referral,) = referrals()
    assert (referral.cycle_id, referral.referred_by_id) == (cast.cycle.id, cast.enlace.id)


def test_the_enlace_of_her_area_refers_too(cast: Cast) -> None:
    needing(cast)
    assert refer(cast, cast.area_enlace, cast.learner) == 303
    assert len(referrals()) == 1


def test_nobody_outside_her_institution_or_area_refers(cast: Cast) -> None:
    needing(cast)
    needing(cast, cast.classmate)
    assert refer(cast, cast.other_enlace, cast.learner) == 404
    assert refer(cast, cast.area_enlace, cast.classmate) == 404
    assert refer(cast, cast.enlace, cast.stranger) == 404
    for who in (cast.learner, cast.officer, cast.admin):
        assert refer(cast, who, cast.learner) == 403
    assert cast.client().post(f"/enlace/personas/{cast.learner.public_id}/canalizar-apoyo").location == "/entrar"
    assert referrals() == []


def test_who_moved_is_referred_from_where_she_works_today(cast: Cast) -> None:
    needing(cast)
    here = db.session.scalars(select(Affiliation).where(Affiliation.person_id == cast.learner.id)).one()
    here.ended_on = date(2026, 1, 31)
    db.session.flush()
    affiliate(cast.learner, cast.own, area(cast.own, "Almacén"), since=date(2026, 1, 31))
    db.session.commit()
    assert refer(cast, cast.area_enlace, cast.learner) == 404
    assert refer(cast, cast.enlace, cast.learner) == 303
    assert len(referrals()) == 1


def test_who_can_go_on_is_not_referred(cast: Cast) -> None:
    up_to_final(cast.client(cast.learner))
    assert refer(cast, cast.enlace, cast.learner) == 303
    assert referrals() == []


def test_the_officer_sees_who_and_since_when_and_no_score(cast: Cast) -> None:
    officer = cast.client(cast.officer)
    assert "Nadie necesita apoyo ahora" in officer.get("/oficial/apoyos").text
    needing(cast)
    page = officer.get("/oficial/apoyos").text
    assert "Lucía Aprendiz Ejemplo" in page
    assert "PROPIA" in page
    assert "sin canalizar" in page
    assert "2.5" not in page
    refer(cast, cast.enlace, cast.learner)
    assert "canalizada el" in officer.get("/oficial/apoyos").text
    for who in (cast.learner, cast.enlace, cast.admin, cast.coordinator):
        assert cast.client(who).get("/oficial/apoyos").status_code == 403


def test_referred_ones_come_first(cast: Cast) -> None:
    needing(cast)
    needing(cast, cast.stranger)
    refer(cast, cast.other_enlace, cast.stranger)
    page = cast.client(cast.officer).get("/oficial/apoyos").text
    assert page.index("Zenaida") < page.index("Lucía")


def test_who_was_blocked_is_not_listed(cast: Cast) -> None:
    needing(cast)
    db.session.get_one(Person, cast.learner.id).blocked_at = clock.now()
    db.session.commit()
    assert "Lucía" not in cast.client(cast.officer).get("/oficial/apoyos").text
    assert refer(cast, cast.enlace, cast.learner) == 404


def test_granting_twice_gives_one_attempt(cast: Cast) -> None:
    needing(cast)
    refer(cast, cast.enlace, cast.learner)
    url = grant_url(cast.learner)
    officer = cast.client(cast.officer)
    assert officer.post(url).location == "/oficial/apoyos"
    assert "Diste un intento más" in officer.get("/oficial/apoyos").text
    assert officer.post(url).location == "/oficial/apoyos"
    assert len(db.session.scalars(select(AttemptGrant)).all()) == 1
    assert "Lucía" not in officer.get("/oficial/apoyos").text
    assert take(cast.client(cast.learner), FINAL, 4).passed is True


def test_only_officers_grant(cast: Cast) -> None:
    needing(cast)
    url = grant_url(cast.learner)
    for who in (cast.learner, cast.enlace, cast.coordinator, cast.admin):
        assert cast.client(who).post(url).status_code == 403
    assert cast.client(cast.officer).post("/oficial/apoyos/no-existe").status_code == 404
    assert db.session.scalars(select(AttemptGrant)).all() == []


def test_the_list_asks_as_much_for_one_as_for_three(cast: Cast) -> None:
    officer = cast.client(cast.officer)

    needing(cast)
    one = len(asked(officer, "/oficial/apoyos"))
    for row in db.session.scalars(select(Cycle).where(Cycle.completed_at.is_(None))):
        row.needs_support_at = clock.now() - timedelta(days=1)
    db.session.commit()
    assert len(asked(officer, "/oficial/apoyos")) == one
