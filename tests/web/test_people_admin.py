"""People as staff see them, in a browser."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from lms.database import db
from lms.models.audit import AuditEntry
from lms.models.outbox import Mail
from lms.models.people import Account, Identity, Person, PersonCurp, RoleHeld
from tests.people import Cast, curp, hold, person

PERSON = {
    "given_names": "PETRA",
    "first_surname": "Nueva",
    "second_surname": "",
    "curp": curp(910_000).lower(),
    "email": "petra@ejemplo.mx",
    "institution": "propia",
    "job": "Jefa",
}


def at(who: Person, rest: str = "") -> str:
    return f"/admin/personas/{who.public_id}{rest}"


def role_of(who: Person) -> RoleHeld:
    return db.session.scalars(select(RoleHeld).where(RoleHeld.person_id == who.id).order_by(RoleHeld.id)).one()


def curp_of(who: Person) -> str:
    return db.session.scalars(select(PersonCurp.curp).where(PersonCurp.person_id == who.id)).one()


def test_people_are_found_without_a_trace_of_what_was_typed(cast: Cast) -> None:
    browser, whole = cast.client(cast.admin), curp_of(cast.learner)
    for typed in ("aprendiz lucia", "LUCIA@ejemplo.mx ", whole.lower()):
        page = browser.post("/admin/personas", data={"q": typed})
        assert page.status_code == 200
        assert "Lucía Aprendiz Ejemplo" in page.text, typed
        assert "Mario" not in page.text
        assert whole not in page.text, "the CURP is half covered"
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.deed == "people.search")).all()
    assert [e.facts for e in entries] == [{"kind": kind, "count": 1} for kind in ("name", "email", "curp")]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Nadie Asimismo", "No encontramos a nadie"),
        ("a", "Escribe al menos dos letras"),
        ("lucia@", "Este correo no está completo"),
        ("", "Falta este dato."),
    ],
)
def test_a_search_that_finds_nobody_says_why(cast: Cast, typed: str, said: str) -> None:
    assert said in cast.client(cast.admin).post("/admin/personas", data={"q": typed}).text


def test_blocked_people_do_not_come_up(cast: Cast) -> None:
    cast.learner.blocked_at = cast.learner.created_at
    db.session.commit()
    browser = cast.client(cast.admin)
    assert "Lucía" not in browser.post("/admin/personas", data={"q": "lucia"}).text
    assert browser.get(at(cast.learner)).status_code == 404
    assert browser.get("/admin/personas/nadie").status_code == 404


def test_more_than_a_page_of_people_is_said(cast: Cast) -> None:
    for _ in range(51):
        person("Repetida", "Muchas")
    db.session.commit()
    assert "Hay más de 50." in cast.client(cast.admin).post("/admin/personas", data={"q": "repetida"}).text


def test_staff_is_registered_once_and_enters_by_mail(cast: Cast) -> None:
    browser, before = cast.client(cast.admin), db.session.scalar(select(func.count()).select_from(Person))
    first, again = (browser.post("/admin/personas/nueva", data=PERSON) for _ in range(2))
    assert first.status_code == again.status_code == 303
    assert first.location == again.location
    assert db.session.scalar(select(func.count()).select_from(Person)) == (before or 0) + 1
    page = browser.get(first.location).text
    assert "Petra Nueva" in page
    assert "Institución Propia" in page
    assert db.session.scalars(select(Mail)).one().purpose == "activation"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("curp", "XEXX0101", "La CURP tiene 8 caracteres"),
        ("email", "petra@", "Este correo no está completo"),
        ("given_names", "P3tra", "El nombre lleva «3»"),
        ("institution", "ninguna", "Elige una de las opciones."),
    ],
)
def test_a_registration_that_cannot_be_says_why(cast: Cast, field: str, value: str, said: str) -> None:
    page = cast.client(cast.admin).post("/admin/personas/nueva", data={**PERSON, field: value})
    assert page.status_code == 200
    assert said in page.text


def test_a_name_and_an_address_are_corrected(cast: Cast) -> None:
    browser = cast.client(cast.admin)
    data = {"given_names": "Lucía", "first_surname": "Aprendíz", "second_surname": "Ejemplo"}
    assert browser.post(at(cast.learner, "/nombre"), data=data).status_code == 303
    assert browser.post(at(cast.learner, "/correo"), data={"email": "otra@ejemplo.mx"}).status_code == 303
    page = browser.get(at(cast.learner)).text
    assert "Lucía Aprendíz Ejemplo" in page
    assert "otra@ejemplo.mx" in page
    assert "nombre y correo" in page
    assert "no está completo" in browser.post(at(cast.learner, "/correo"), data={"email": "otra@"}).text


def test_passwords_are_never_set_only_a_mail_is_sent(cast: Cast) -> None:
    browser = cast.client(cast.admin)
    before = db.session.get_one(Account, cast.learner.id).password_hash
    for _ in range(2):
        assert browser.post(at(cast.learner, "/acceso")).status_code == 303
    mail = db.session.scalars(select(Mail)).one()
    assert (mail.purpose, mail.person_id) == ("reset", cast.learner.id)
    browser.post(at(cast.classmate, "/acceso"))
    assert "No tiene correo registrado" in browser.get(at(cast.classmate)).text
    db.session.expire_all()
    assert db.session.get_one(Account, cast.learner.id).password_hash == before


def test_a_role_holds_from_the_next_page_and_ends_so(cast: Cast) -> None:
    admin, officer = cast.client(cast.admin), cast.client(cast.classmate)
    assert officer.get("/admin/instituciones").status_code == 403
    for _ in range(2):
        assert admin.post(at(cast.classmate, "/roles"), data={"role": "officer"}).status_code == 303
    assert officer.get("/admin/instituciones").status_code == 200
    held = role_of(cast.classmate)
    end = at(cast.classmate, f"/roles/{held.id}/terminar")
    assert "Vas a terminar el rol de Mario" in admin.get(end).text
    for _ in range(2):
        assert admin.post(end).status_code == 303
    assert officer.get("/admin/instituciones").status_code == 403
    page = admin.get(at(cast.classmate)).text
    assert "Emisión de constancias" in page, "what was held stays to be seen"
    assert page.count("vigente") == 0


def test_a_role_is_chosen_from_those_there_are(cast: Cast) -> None:
    browser = cast.client(cast.admin)
    for role in ("enlace", "learner", "rey", ""):
        page = browser.post(at(cast.classmate, "/roles"), data={"role": role})
        assert page.status_code == 200, role
    assert db.session.scalar(select(func.count()).where(RoleHeld.person_id == cast.classmate.id)) == 0


def test_an_enlace_is_named_for_an_institution_or_one_of_its_areas(cast: Cast) -> None:
    browser, url = cast.client(cast.admin), at(cast.classmate, "/enlace?institucion=propia")
    assert "Toda la institución" in browser.get(url).text
    assert browser.post(url, data={"area": cast.other_area.public_id}).status_code == 200
    assert db.session.scalar(select(func.count()).where(RoleHeld.person_id == cast.classmate.id)) == 0
    assert browser.post(url, data={"area": cast.area.public_id}).status_code == 303
    held = role_of(cast.classmate)
    assert (held.institution_id, held.area_id, held.granted_by_id) == (cast.own.id, cast.area.id, cast.admin.id)
    assert browser.post(at(cast.classmate, "/enlace?institucion=no"), data={"area": ""}).status_code == 404


def test_an_enlace_that_ended_is_out_on_her_next_request(cast: Cast) -> None:
    admin, enlace = cast.client(cast.admin), cast.client(cast.enlace)
    assert "Mi personal" in enlace.get("/mi-cuenta").text or enlace.get("/mi-cuenta").status_code == 200
    admin.post(at(cast.enlace, f"/roles/{role_of(cast.enlace).id}/terminar"))
    assert enlace.get("/enlace/").status_code in {403, 404}
    assert "Mi personal" not in enlace.get("/mi-cuenta").text


def test_the_role_of_somebody_else_is_not_found_under_her(cast: Cast) -> None:
    other = role_of(cast.officer).id
    assert cast.client(cast.admin).post(at(cast.learner, f"/roles/{other}/terminar")).status_code == 404


def test_the_last_admin_keeps_her_role_and_gives_herself_none(cast: Cast) -> None:
    browser, mine = cast.client(cast.admin), role_of(cast.admin)
    assert browser.post(at(cast.admin, f"/roles/{mine.id}/terminar")).status_code == 303
    assert "Es la única persona que administra" in browser.get(at(cast.admin)).text
    assert browser.get("/admin/").status_code == 200
    browser.post(at(cast.admin, "/roles"), data={"role": "officer"})
    assert "No puedes darte un rol" in browser.get(at(cast.admin)).text
    browser.post(at(cast.admin, "/enlace?institucion=propia"), data={"area": ""})
    assert db.session.scalar(select(func.count()).where(RoleHeld.person_id == cast.admin.id)) == 1
    hold(person("Amalia"), "admin")
    db.session.commit()
    assert browser.post(at(cast.admin, f"/roles/{mine.id}/terminar")).status_code == 303
    assert browser.get("/admin/").status_code == 403


def test_whoever_is_suspended_is_out_on_her_next_request(cast: Cast) -> None:
    admin, theirs = cast.client(cast.admin), cast.client(cast.officer)
    assert theirs.get("/admin/instituciones").status_code == 200
    assert admin.post(at(cast.officer, "/suspender"), data={"reason": ""}).status_code == 200
    assert theirs.get("/admin/instituciones").status_code == 200, "a reason is asked for"
    for _ in range(2):
        assert admin.post(at(cast.officer, "/suspender"), data={"reason": "Dejó el cargo"}).status_code == 303
    assert theirs.get("/admin/instituciones").status_code == 303
    assert "Dejó el cargo" in admin.get(at(cast.officer)).text
    assert admin.post(at(cast.officer, "/roles"), data={"role": "author"}).status_code == 303
    assert "suspendida" in admin.get(at(cast.officer)).text
    assert role_of(cast.officer).role == "officer", "nothing is given to a suspended person"
    for _ in range(2):
        assert admin.post(at(cast.officer, "/reabrir")).status_code == 303
    assert theirs.get("/admin/instituciones").status_code == 303, "the session before does not come back"
    assert cast.client(cast.officer).get("/admin/instituciones").status_code == 200


def test_an_admin_does_not_suspend_herself(cast: Cast) -> None:
    browser = cast.client(cast.admin)
    assert browser.post(at(cast.admin, "/suspender"), data={"reason": "Prueba"}).status_code == 303
    assert "No puedes suspender tu propia cuenta" in browser.get("/admin/").text


def test_names_are_escaped(cast: Cast) -> None:
    identity = db.session.get_one(Identity, cast.learner.id)
    identity.given_names = "<script>alert(1)</script>"
    db.session.commit()
    page = cast.client(cast.admin).get(at(cast.learner)).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_a_post_without_its_token_changes_nothing(cast: Cast) -> None:
    browser = cast.client(cast.admin)
    cast.app.config["WTF_CSRF_ENABLED"] = True
    try:
        assert browser.post(at(cast.classmate, "/roles"), data={"role": "admin"}).status_code == 400
    finally:
        cast.app.config["WTF_CSRF_ENABLED"] = False
    assert db.session.scalar(select(func.count()).where(RoleHeld.person_id == cast.classmate.id)) == 0
