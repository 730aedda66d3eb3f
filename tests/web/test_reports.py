"""Follow-up in the browser: what the enlace and the officer see, and what they never see."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import date, timedelta

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from lms import clock
from lms.database import db
from lms.models.audit import AuditEntry
from lms.models.enrolments import Cycle, Reminder
from lms.models.outbox import Mail
from lms.models.people import Affiliation, Identity, Person, PersonCurp
from lms.models.rosters import Roster
from lms.paper.lists import is_active
from lms.web.reports_export import HEADER
from tests.people import Cast, affiliate, area, course, enrol, hold, institution, person
from tests.study import asked

CANARIES = ("zenaida", "canaria", "zopilote", "zacatl", "ajena")
LEADS = ("=1+1", "+52", "-3", "@SUM(A1)", "\t=1", "＝1", "＋1", "－1", "＠x", "'=1")


def words(answer: TestResponse) -> str:
    """Everything an answer says, headers and the cells of a workbook included, in small letters."""
    text = str(answer.headers) + answer.get_data().decode("utf-8", "replace")
    if answer.data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(answer.data)) as book:
            text += "".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())
    return text.lower()


def rows_of(answer: TestResponse) -> list[list[str]]:
    """The lines of a CSV."""
    return list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"), newline="")))


def cells_of(answer: TestResponse) -> list[list[object]]:
    """The lines of a workbook."""
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    return [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]


def people_on(page: TestResponse) -> list[str]:
    """The public ids that a list links to, in order."""
    return re.findall(r'<th role="rowheader" scope="row"><a href="/enlace/personas/([^"]+)"', page.text)


def crowd(cast: Cast, many: int) -> None:
    """Enrol many more people of the enlace's institution."""
    for n in range(many):
        who = person(f"Gente{n:03d}", email=f"g{n}@ejemplo.mx")
        enrol(who, cast.course, affiliate(who, cast.own), due_on=date(2026, 1, 1))
    db.session.commit()


def every_route(cast: Cast, browser: FlaskClient) -> list[TestResponse]:
    """What an enlace gets from each route of follow-up, asked rightly and with somebody else's ids."""
    stranger, there = cast.stranger.public_id, cast.other_area.public_id
    paths = ["/enlace/", "/enlace/recordatorios", f"/enlace/personas/{cast.learner.public_id}"]
    filters = ("", "institucion=ajena", f"area={there}", f"persona={stranger}", "q=Canaria", "q=Zopilote")
    paths += [f"/enlace/personas?{given}" for given in (*filters, "ademas=dejo")]
    paths += [f"/enlace/personas?orden={order}" for order in ("nombre", "area", "estado", "fecha", "curp")]
    paths += [f"/enlace/recordatorios?persona={stranger}", f"/enlace/recordatorios?area={there}"]
    paths += [f"/enlace/personas/{stranger}", "/enlace/personas?pagina=2", "/oficial/", "/oficial/personas"]
    answers = [browser.get(path) for path in paths]
    for one in ({}, {"institucion": "ajena"}, {"area": there}, {"persona": stranger}, {"q": "Zopilote"}):
        for form in ("csv", "xlsx"):
            answers.append(browser.post("/enlace/personas/exportar", data={"formato": form, **one}))
        answers.append(browser.post("/enlace/recordatorios", data=one))
    answers.append(browser.post(f"/enlace/personas/{stranger}/acceso"))
    answers.append(browser.post("/oficial/personas/exportar", data={"formato": "csv"}))
    return answers


@pytest.mark.parametrize("role", ["enlace", "area_enlace"])
def test_no_byte_of_another_institution(cast: Cast, role: str) -> None:
    browser = cast.client(getattr(cast, role))
    for answer in every_route(cast, browser):
        assert answer.status_code < 500
        # What she typed herself is hers to read again: only that is taken out before looking.
        said = re.sub(r'value="(canaria|zopilote)"|q=(canaria|zopilote)', "", words(answer))
        assert [word for word in CANARIES if word in said] == [], answer.request.path
    assert [mail.person_id for mail in db.session.scalars(select(Mail))] == [cast.learner.id]
    other = cast.client(cast.other_enlace)
    assert "zenaida" in words(other.get("/enlace/personas"))
    assert "lucía" not in words(other.get("/enlace/personas"))


def test_whoever_is_not_an_enlace_or_of_the_secretaria_is_stopped(cast: Cast) -> None:
    for who in (cast.learner, cast.author, cast.care, cast.admin):
        browser = cast.client(who)
        assert {browser.get(path).status_code for path in ("/enlace/", "/enlace/personas", "/oficial/")} == {403}
    officer = cast.client(cast.officer)
    assert officer.get("/enlace/").status_code == 403
    assert officer.post("/enlace/recordatorios").status_code == 403
    assert cast.client(cast.suspended).get("/enlace/").status_code == 303


def test_the_pages_show_state_and_dates(cast: Cast) -> None:
    cast.cycle.started_at, cast.cycle.version_id = clock.now(), cast.course.current_version_id
    cast.cycle.needs_support_at, cast.cycle.due_on = clock.now(), clock.today() - timedelta(days=1)
    db.session.commit()
    browser = cast.client(cast.enlace)
    home = browser.get("/enlace/").text
    assert "Una persona necesita apoyo" in home
    assert "A una persona se le venció el plazo" in home
    assert "Una persona no ha entrado y no tiene correo" in home
    page = browser.get("/enlace/personas?estado=vencio")
    assert people_on(page) == [cast.learner.public_id]
    assert "Venció el plazo" in page.text
    assert "Necesita apoyo" in page.text
    card = browser.get(f"/enlace/personas/{cast.learner.public_id}").text
    key = db.session.scalars(select(PersonCurp.curp).where(PersonCurp.person_id == cast.learner.id)).one()
    assert key not in card + page.text + home
    assert "lucia@ejemplo.mx" in card
    assert "canalizar-apoyo" in card
    assert "correctas" not in card
    assert "intentos/" not in card + page.text


def test_whoever_adds_a_person_of_another_institution_does_not_learn_her_address(cast: Cast) -> None:
    affiliate(cast.stranger, cast.own)
    db.session.commit()
    card = cast.client(cast.enlace).get(f"/enlace/personas/{cast.stranger.public_id}")
    assert card.status_code == 200
    assert "Registrado" in card.text
    assert "@ajena.mx" not in card.text
    assert "@ajena.mx" not in cast.client(cast.other_enlace).get(card.request.path).text


def test_a_person_of_another_institution_is_not_there(cast: Cast) -> None:
    browser = cast.client(cast.enlace)
    assert browser.get(f"/enlace/personas/{cast.stranger.public_id}").status_code == 404
    assert browser.get(f"/enlace/personas/{cast.officer.public_id}").status_code == 404
    assert browser.get("/enlace/personas/nadie").status_code == 404
    area_browser = cast.client(cast.area_enlace)
    assert area_browser.get(f"/enlace/personas/{cast.learner.public_id}").status_code == 200
    assert area_browser.get(f"/enlace/personas/{cast.classmate.public_id}").status_code == 404


def test_a_value_outside_its_list_is_a_fault_and_never_a_wider_list(cast: Cast) -> None:
    browser = cast.client(cast.enlace)
    for forged in ("orden=search_name", "orden=1;drop table person", "estado=todos", "institucion=ajena", "area=x"):
        page = browser.get(f"/enlace/personas?{forged}")
        assert page.status_code == 200
        assert people_on(page) == []
        assert "Elige una de las opciones." in page.text
        name, value = forged.split("=")
        for path in ("/enlace/personas/exportar", "/enlace/recordatorios"):
            assert browser.post(path, data={"formato": "csv", name: value}).status_code == 400
    assert browser.post("/enlace/personas/exportar", data={"formato": "exe"}).status_code == 400
    assert browser.get("/enlace/personas?pagina=x").status_code == 200
    assert browser.get("/enlace/personas?pagina=99").status_code == 404
    assert db.session.scalars(select(Mail)).all() == []


@pytest.mark.parametrize("order", ["nombre", "area", "estado", "fecha"])
def test_the_pages_and_the_export_hold_the_same_people(cast: Cast, order: str) -> None:
    crowd(cast, 60)
    for who in (cast.enlace, cast.area_enlace):
        browser = cast.client(who)
        seen: list[str] = []
        for page in (1, 2):
            answer = browser.get(f"/enlace/personas?orden={order}&estado=vencio&pagina={page}")
            seen += people_on(answer) if answer.status_code == 200 else []
        data = {"orden": order, "estado": "vencio"}
        lines = rows_of(browser.post("/enlace/personas/exportar", data={"formato": "csv", **data}))
        cells = cells_of(browser.post("/enlace/personas/exportar", data={"formato": "xlsx", **data}))
        assert lines[0] == list(HEADER) == cells[0]
        assert [line[0] for line in lines[1:]] == [row[0] for row in cells[1:]]
        numbers = _numbers()
        assert [numbers[line[3]] for line in lines[1:]] == seen
        assert len(seen) == (60 if who is cast.enlace else 0)


def _numbers() -> dict[str | None, str]:
    found = select(Affiliation.employee_number, Person.public_id).join(Person, Person.id == Affiliation.person_id)
    return {row[0]: row[1] for row in db.session.execute(found)}


def test_exports_hold_allowed_columns_run_nothing_and_are_noted(cast: Cast) -> None:
    evil = area(cast.own, "=cmd|' /C calc'!A0")
    for lead in LEADS:
        who = person(lead, lead, second=lead)
        place = affiliate(who, cast.own, evil)
        place.employee_number = lead
        enrol(who, cast.course, place)
    db.session.commit()
    browser = cast.client(cast.enlace)
    answer = browser.post("/enlace/personas/exportar", data={"formato": "csv", "q": "Lucía"})
    assert answer.headers["Content-Disposition"] == f'attachment; filename="personas-{clock.today()}.csv"'
    assert rows_of(answer)[1][:7] == [
        "Lucía", "Aprendiz", "Ejemplo", f"{cast.learner.id:06d}", "PROPIA", "Recursos Humanos", "Curso corto",
    ]  # fmt: skip
    lines = rows_of(browser.post("/enlace/personas/exportar", data={"formato": "csv"}))
    assert len(lines) == 1 + 3 + len(LEADS)
    assert [cell for line in lines for cell in line if is_active(cell)] == []
    book = browser.post("/enlace/personas/exportar", data={"formato": "xlsx"})
    with zipfile.ZipFile(io.BytesIO(book.data)) as archive:
        assert b"<f>" not in b"".join(archive.read(name) for name in archive.namelist())
    noted = db.session.scalars(select(AuditEntry).where(AuditEntry.deed == "report.export").order_by(AuditEntry.id))
    assert [entry.facts for entry in noted] == [
        {"form": "csv", "rows": 1, "filters": {"q": "…"}},
        {"form": "csv", "rows": 13, "filters": {}},
        {"form": "xlsx", "rows": 13, "filters": {}},
    ]


def test_reminders_are_shown_first_then_sent_once(cast: Cast) -> None:
    browser = cast.client(cast.enlace)
    page = browser.get("/enlace/recordatorios")
    assert "Vas a recordar a una persona" in page.text
    assert "Lucía Aprendiz Ejemplo" in page.text
    assert "A 2 personas no les llega" in page.text
    assert db.session.scalars(select(Mail)).all() == []
    first = browser.post("/enlace/recordatorios", follow_redirects=True)
    assert "Enviamos el recordatorio por correo a una persona." in first.text
    again = browser.post("/enlace/recordatorios", follow_redirects=True)
    assert "No hubo a quién enviar" in again.text
    assert "A una persona ya se le había recordado hoy." in again.text
    assert [mail.purpose for mail in db.session.scalars(select(Mail))] == ["reminder"]
    assert len(db.session.scalars(select(Reminder)).all()) == 1
    assert "No hay a quién recordarle" in browser.get("/enlace/recordatorios").text


def test_reminding_one_person_reminds_nobody_else(cast: Cast) -> None:
    crowd(cast, 3)
    browser = cast.client(cast.enlace)
    answer = browser.post("/enlace/recordatorios", data={"persona": cast.learner.public_id})
    assert answer.location == f"/enlace/personas/{cast.learner.public_id}"
    assert [mail.person_id for mail in db.session.scalars(select(Mail))] == [cast.learner.id]
    # The words that reach the page of a reminder are the filter, and the filter is what is done.
    assert browser.post("/enlace/recordatorios", data={"estado": "vencio"}).status_code == 303
    assert len(db.session.scalars(select(Mail)).all()) == 4


def test_an_access_goes_out_again_only_to_who_has_not_entered(cast: Cast) -> None:
    browser = cast.client(cast.enlace)
    path = f"/enlace/personas/{cast.newcomer.public_id}"
    assert "Enviar otra vez su acceso" not in browser.get(path).text
    db.session.get_one(Identity, cast.newcomer.id).email = "nora@ejemplo.mx"
    db.session.commit()
    assert "Enviar otra vez su acceso" in browser.get(path).text
    for said in ("Enviamos otra vez su acceso", "Su acceso ya se envió hoy"):
        assert said in browser.post(f"{path}/acceso", follow_redirects=True).text
    assert [mail.purpose for mail in db.session.scalars(select(Mail))] == ["activation"]
    entered = f"/enlace/personas/{cast.learner.public_id}"
    assert "Esta persona ya entró" in browser.post(f"{entered}/acceso", follow_redirects=True).text


def test_the_officer_sees_every_institution_and_a_coordinator_only_reads(cast: Cast) -> None:
    done = db.session.get_one(Cycle, cast.stranger_cycle.id)
    done.started_at = done.completed_at = clock.now()
    done.version_id = cast.course.current_version_id
    db.session.commit()
    for who, acts in ((cast.officer, True), (cast.coordinator, False)):
        browser = cast.client(who)
        home = browser.get("/oficial/").text
        assert "AJENA" in home
        assert "PROPIA" in home
        assert ("no tienen constancia" in home or "no tiene constancia." in home) is acts
        page = browser.get("/oficial/personas").text
        assert "Zenaida Canaria Zopilote" in page
        assert "Lucía" in page
        assert "/enlace/" not in page
        only = browser.get("/oficial/personas?institucion=ajena").text
        assert "Zenaida" in only
        assert "Lucía" not in only
        lines = rows_of(browser.post("/oficial/personas/exportar", data={"formato": "csv", "institucion": "ajena"}))
        assert [line[0] for line in lines] == ["Nombre", "Zenaida"]
        for path in ("/enlace/recordatorios", f"/enlace/personas/{cast.learner.public_id}/acceso"):
            assert browser.post(path).status_code == 403


def test_an_enlace_of_several_institutions_can_tell_them_apart(cast: Cast) -> None:
    hold(cast.enlace, "enlace", cast.other)
    db.session.commit()
    browser = cast.client(cast.enlace)
    page = browser.get("/enlace/personas").text
    assert "AJENA" in page
    assert "Lucía" in page
    assert "Zenaida" in browser.get("/enlace/personas?institucion=ajena").text
    assert "Lucía" not in browser.get("/enlace/personas?institucion=ajena").text
    assert "AJENA" in browser.get("/enlace/").text


@pytest.mark.parametrize(
    "page", ["/enlace/", "/enlace/personas", "/enlace/recordatorios", "/oficial/", "/oficial/personas"]
)
def test_a_page_asks_the_same_for_one_row_and_for_many(cast: Cast, page: str) -> None:
    browser = cast.client(cast.enlace if page.startswith("/enlace") else cast.officer)
    before = len(asked(browser, page))
    crowd(cast, 5)
    more = institution("tercera")
    for slug in ("otro", "uno-mas"):
        enrol(person(), course(slug), affiliate(person(), more))
    db.session.commit()
    assert len(asked(browser, page)) == before


def test_rosters_ask_for_what_they_need_and_only_of_their_own(cast: Cast) -> None:
    for of, name, state, counts in (
        (cast.own, "mia.csv", "planned", {"fault": 3, "create": 2}),
        (cast.own, "limpia.csv", "done", {"fault": 0}),
        (cast.other, "zacatlan.csv", "planned", {"fault": 1}),
    ):
        signed = state == "done"
        db.session.add(
            Roster(
                public_id=clock.public_id(), institution_id=of.id, course_id=cast.course.id, area_paths=[],
                filename=name, content=b"", content_sha256="0" * 64, size=0, state=state, counts=counts, rows_total=5,
                uploaded_by_id=cast.enlace.id, uploaded_at=clock.now(), planned_at=clock.now(),
                signed_by_id=cast.enlace.id if signed else None, signed_at=clock.now() if signed else None,
                finished_at=clock.now() if signed else None,
            )
        )  # fmt: skip
    db.session.commit()
    home = cast.client(cast.enlace).get("/enlace/").text
    assert "«mia.csv» tiene su plan listo" in home
    assert "PROPIA: 5 filas, 3 con algo que corregir." in home
    assert "limpia.csv" not in home
    assert "zacatlan" not in home
