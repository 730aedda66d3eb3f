"""The officers' pages: two people, a password as signature, and nobody else."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select

from lms import clock
from lms.actions import certificates as deeds
from lms.database import db
from lms.jobs import work as worker
from lms.models.certificates import Batch, Certificate, StandingRelease
from lms.models.outbox import Job
from lms.models.people import Account, Identity
from tests.certificates import graduates, released, signatory
from tests.people import PASSWORD, Cast

PAIR = "/oficial/constancias/propia/curso-corto"


def work(app: Flask) -> None:
    """Let the worker do its round; the session of the test, which the pages share, looks anew before and after."""
    db.session.rollback()
    worker.work(app)
    db.session.rollback()


@pytest.fixture
def proposed(cast: Cast) -> Batch:
    """A batch of two, proposed by the first officer."""
    signatory()
    graduates(cast, 2)
    made = deeds.propose(cast.course.id, cast.own.id, by=cast.officer.id, at=clock.now())
    db.session.commit()
    return made


def test_from_the_list_to_the_folios(cast: Cast):
    signatory()
    graduates(cast, 4)
    one, two = cast.client(cast.officer), cast.client(cast.officer2)
    listed = one.get("/oficial/constancias").text
    assert "Institución Propia" in listed
    assert PAIR in listed
    page = one.get(PAIR).text
    assert "Vas a proponer constancias para 4 personas" in page
    assert page.count("Graduada") == 3
    assert "y 1 más" in page
    answer = one.post(PAIR)
    assert answer.status_code == 303
    batch = answer.location
    mine = one.get(batch).text
    assert "Este lote espera a otra persona" in mine
    assert 'type="password"' not in mine
    assert "Emitir 4 constancias" in two.get(batch).text
    assert two.post(f"{batch}/emitir", data={"password": PASSWORD}).status_code == 303
    running = two.get(batch).text
    assert f'data-poll="{batch}/avance"' in running
    assert "data-done" not in two.get(f"{batch}/avance").text
    work(cast.app)
    assert "data-done" in two.get(f"{batch}/avance").text
    done = two.get(batch).text
    for folio in db.session.scalars(select(Certificate.folio)):
        assert f"/constancias/{folio}" in done
    assert "Emitido" in one.get("/oficial/lotes").text


def test_empty_pages_say_what_will_appear(cast: Cast):
    browser = cast.client(cast.officer)
    assert "Nadie ha terminado un curso todavía" in browser.get("/oficial/constancias").text
    assert "No hay lotes todavía" in browser.get("/oficial/lotes").text
    signatory()
    db.session.commit()
    assert "nadie de esta institución puede recibir" in browser.get(PAIR).text


def test_nobody_signs_says_so_and_proposing_is_refused(cast: Cast):
    graduates(cast, 1)
    browser = cast.client(cast.officer)
    assert "No hay quien firme en esta fecha" in browser.get(PAIR).text
    assert "No hay quien firme en esta fecha" in browser.post(PAIR, follow_redirects=True).text
    assert db.session.scalar(select(func.count()).select_from(Batch)) == 0


def test_a_double_click_proposes_once(cast: Cast):
    signatory()
    graduates(cast, 2)
    browser = cast.client(cast.officer)
    first, second = browser.post(PAIR), browser.post(PAIR)
    assert (first.status_code, second.status_code) == (303, 303)
    assert db.session.scalar(select(func.count()).select_from(Batch)) == 1
    assert "Ya hay un lote propuesto" in browser.get(second.location).text


def test_who_proposed_does_not_release(cast: Cast, proposed: Batch):
    browser, here = cast.client(cast.officer), f"/oficial/lotes/{proposed.public_id}"
    answer = browser.post(f"{here}/emitir", data={"password": PASSWORD})
    assert (answer.status_code, answer.location) == (303, here)
    assert "la firma otra persona de la Secretaría" in browser.get(here).text
    assert db.session.get_one(Batch, proposed.id, populate_existing=True).released_at is None


@pytest.mark.parametrize("password", ["", "otra cosa cualquiera"])
def test_without_the_own_password_nothing_is_released(cast: Cast, proposed: Batch, password: str):
    page = cast.client(cast.officer2).post(f"/oficial/lotes/{proposed.public_id}/emitir", data={"password": password})
    assert page.status_code == 200
    assert "Falta este dato." in page.text or "Esa no es tu contraseña actual." in page.text
    assert db.session.get_one(Batch, proposed.id, populate_existing=True).released_at is None
    assert db.session.scalar(select(func.count()).select_from(Job)) == 0


def test_releasing_twice_is_releasing_once(cast: Cast, proposed: Batch):
    browser, here = cast.client(cast.officer2), f"/oficial/lotes/{proposed.public_id}"
    for _ in range(2):
        assert browser.post(f"{here}/emitir", data={"password": PASSWORD}).status_code == 303
    assert db.session.scalar(select(func.count()).select_from(Job)) == 1


def test_a_batch_can_be_withdrawn_until_it_is_released(cast: Cast, proposed: Batch):
    browser, here = cast.client(cast.officer), f"/oficial/lotes/{proposed.public_id}"
    assert browser.post(f"{here}/retirar").status_code == 303
    assert "se retiró el" in browser.get(here).text
    answer = cast.client(cast.officer2).post(f"{here}/emitir", data={"password": PASSWORD}, follow_redirects=True)
    assert "ya no se puede emitir" in answer.text
    assert "Vas a proponer constancias para 2 personas" in browser.get(PAIR).text


def test_refusals_are_shown_with_their_reasons(cast: Cast, proposed: Batch):
    account = db.session.scalars(
        select(Account).join(Identity, Identity.person_id == Account.person_id).where(
            Identity.given_names == "Graduada 0"
        )
    ).one()  # fmt: skip
    account.suspended_at = clock.now()
    db.session.commit()
    browser, here = cast.client(cast.officer2), f"/oficial/lotes/{proposed.public_id}"
    assert "1 persona ya no cumple" in browser.get(here).text
    browser.post(f"{here}/emitir", data={"password": PASSWORD})
    work(cast.app)
    page = browser.get(here).text
    assert "Graduada 0 Prueba Ejemplo" in page
    assert "Su cuenta está suspendida." in page


def test_names_are_text_on_officers_pages(cast: Cast):
    signatory()
    cycle = graduates(cast, 1)[0]
    db.session.get_one(Identity, cycle.enrolment.person_id).given_names = '<b>"Ana" & Luꞌ'
    db.session.commit()
    batch = released(cast)
    work(cast.app)
    page = cast.client(cast.officer).get(f"/oficial/lotes/{batch.public_id}").text
    assert "&lt;b&gt;&#34;Ana&#34; &amp; Luꞌ" in page
    assert "<b>" not in page


@pytest.mark.parametrize("role", ["learner", "enlace", "area_enlace", "coordinator", "author", "care", "admin"])
def test_only_officers_pass(cast: Cast, proposed: Batch, role: str):
    browser, here = cast.client(getattr(cast, role)), f"/oficial/lotes/{proposed.public_id}"
    pages = ["/oficial/constancias", PAIR, "/oficial/lotes", here, f"{here}/avance", "/oficial/emision-automatica"]
    assert {page: browser.get(page).status_code for page in pages} == dict.fromkeys(pages, 403)
    posts = [PAIR, f"{here}/emitir", f"{here}/retirar", "/oficial/emision-automatica/pedir/curso-corto"]
    assert {page: browser.post(page).status_code for page in posts} == dict.fromkeys(posts, 403)


def test_what_does_not_exist_is_not_found(cast: Cast):
    browser = cast.client(cast.officer)
    for page in ("/oficial/constancias/nadie/curso-corto", "/oficial/constancias/propia/nada", "/oficial/lotes/no"):
        assert browser.get(page).status_code == 404
    for page in ("/oficial/lotes/no/emitir", "/oficial/lotes/no/retirar", "/oficial/emision-automatica/pedir/nada"):
        assert browser.post(page).status_code == 404


def test_automatic_issue_from_off_to_on_and_off(cast: Cast):
    one, two, here = cast.client(cast.officer), cast.client(cast.officer2), "/oficial/emision-automatica"
    assert "Apagada" in one.get(here).text
    assert one.post(f"{here}/pedir/curso-corto").status_code == 303
    assert "Falta una firma" in one.get(here).text
    made = db.session.scalars(select(StandingRelease.public_id)).one()
    assert f"{made}/autorizar" not in one.get(here).text
    assert f"{made}/autorizar" in two.get(here).text
    assert "la firma otra persona" in one.get(f"{here}/{made}/autorizar", follow_redirects=True).text
    assert "Curso corto" in two.get(f"{here}/{made}/autorizar").text
    assert two.post(f"{here}/{made}/autorizar", data={"password": "no es"}).status_code == 200
    assert "Activa" not in one.get(here).text
    assert two.post(f"{here}/{made}/autorizar", data={"password": PASSWORD}).status_code == 303
    assert "Activa" in one.get(here).text
    assert one.post(f"{here}/{made}/terminar").status_code == 303
    assert "Apagada" in two.get(here).text
    assert two.post(f"{here}/{made}/terminar").status_code == 404


def test_no_get_changes_anything(cast: Cast, proposed: Batch):
    browser, here = cast.client(cast.officer2), f"/oficial/lotes/{proposed.public_id}"
    for page in ("/oficial/constancias", PAIR, "/oficial/lotes", here, f"{here}/avance", "/oficial/emision-automatica"):
        assert browser.get(page).status_code == 200
    for page in (f"{here}/emitir", f"{here}/retirar"):
        assert browser.get(page).status_code == 405
    assert db.session.scalar(select(func.count()).select_from(Batch)) == 1
    assert db.session.scalar(select(func.count()).select_from(Certificate)) == 0
