"""The roster walk in the browser: upload, plan, sign, progress, result, the file that comes back, slips."""

from __future__ import annotations

import io
import re

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import event, func, select
from werkzeug.test import TestResponse

from lms import clock
from lms.database import db
from lms.models.audit import AuditEntry
from lms.models.people import Account, EntryToken, Identity
from lms.models.rosters import Roster
from tests.people import Cast, affiliate, area, curp, person
from tests.rosters import again, csv_file, person_of, send, sign, work

A, B, C, D = (curp(n) for n in range(22_001, 22_005))
FILE = csv_file([[A, "Ana", "Ejemplo", "", "ana@x.mx", "Norte", "Jefa"], [B, "Beto", "Prueba", "", "", "", ""]])


def post(browser: FlaskClient, content: bytes = FILE, name: str = "padron.csv", **fields: str) -> TestResponse:
    data = {"institution": "propia", "course": "curso-corto", **fields}
    return browser.post("/enlace/padrones/subir", data=data | {"file": (io.BytesIO(content), name)})


def uploaded(browser: FlaskClient, content: bytes = FILE) -> str:
    """Upload a file, let it be read, and return the address of its plan."""
    answer = post(browser, content)
    assert answer.status_code == 303, answer.text
    db.session.rollback()
    assert work()
    db.session.rollback()
    return str(answer.location)


def digest(page: str) -> str:
    found = re.search(r'name="plan" value="([0-9a-f]{64})"', page)
    assert found is not None
    return found[1]


def test_the_walk(cast: Cast) -> None:
    browser = cast.client(cast.enlace)
    assert "Aún no subes ningún padrón" in browser.get("/enlace/padrones").text
    assert 'enctype="multipart/form-data"' in browser.get("/enlace/padrones/subir").text
    answer = post(browser, due_on="2099-12-31")
    plan = answer.location
    waiting = browser.get(plan).text
    assert "Estamos abriendo tu archivo" in waiting
    assert "data-poll" in waiting
    db.session.rollback()
    assert work()
    assert "El plan está listo: 2 filas" in browser.get(f"{plan}/avance").text
    page = browser.get(plan).text
    assert "Vas a inscribir a 2 personas" in page
    assert "Ana Ejemplo" in page
    assert "31 de diciembre de 2099" in page
    assert browser.post(f"{plan}/confirmar", data={"plan": digest(page)}).status_code == 303
    assert "puedes cerrar esta página" in browser.get(plan).text.lower()
    db.session.rollback()
    assert work()
    assert "Listo: 2 filas" in browser.get(f"{plan}/avance").text
    done = browser.get(plan).text
    assert "Resultado del padrón" in done
    assert "1 persona no tiene correo" in done
    assert "Terminado" in browser.get("/enlace/padrones").text


def test_two_clicks_are_one_upload_and_one_run(cast: Cast) -> None:
    browser = cast.client(cast.enlace)
    first, second = post(browser), post(browser)
    assert first.location == second.location
    assert db.session.scalar(select(func.count()).select_from(Roster)) == 1
    db.session.rollback()
    assert work()
    page = digest(browser.get(first.location).text)
    for _ in range(2):
        assert browser.post(f"{first.location}/confirmar", data={"plan": page}).status_code == 303
    db.session.rollback()
    assert work()
    assert not work()
    assert browser.post(f"{first.location}/confirmar", data={"plan": page}).status_code == 303
    assert not work()
    assert post(browser, due_on="2099-01-01").location != first.location


def test_a_plan_that_was_not_read_is_not_signed(cast: Cast) -> None:
    browser = cast.client(cast.enlace)
    plan = uploaded(browser)
    for wrong in ("", "0" * 64):
        browser.post(f"{plan}/confirmar", data={"plan": wrong})
        assert "El plan cambió desde que lo abriste" in browser.get(plan).text
    assert db.session.scalars(select(Roster)).one().state == "planned"


def test_discarding_changes_nothing_and_a_signed_plan_stays(cast: Cast) -> None:
    browser = cast.client(cast.enlace)
    plan = uploaded(browser)
    assert browser.post(f"{plan}/descartar").location == "/enlace/padrones"
    assert "Este plan se descartó" in browser.get(plan).text
    browser.post(f"{plan}/confirmar", data={"plan": "0" * 64})
    assert not work()
    other = uploaded(browser)
    assert other != plan
    browser.post(f"{other}/confirmar", data={"plan": digest(browser.get(other).text)})
    browser.post(f"{other}/descartar")
    assert "ya se confirmó" in browser.get(other).text


@pytest.mark.parametrize("path", ["", "/avance", "/archivo?filas=todas&formato=csv"])
def test_another_institution_finds_nothing(cast: Cast, path: str) -> None:
    plan = uploaded(cast.client(cast.enlace))
    stranger = cast.client(cast.other_enlace)
    assert stranger.get(plan + path).status_code == 404
    assert "padron.csv" not in stranger.get("/enlace/padrones").text
    for deed in ("confirmar", "descartar"):
        assert stranger.post(f"{plan}/{deed}").status_code == 404
    assert cast.client(cast.area_enlace).get(plan + path).status_code == 404
    assert cast.client(cast.learner).get(plan + path).status_code == 403
    assert cast.client().get(plan + path).status_code == 303


def test_another_institution_cannot_be_chosen(cast: Cast) -> None:
    answer = post(cast.client(cast.enlace), institution="ajena")
    assert answer.status_code == 200
    assert "Elige una de las opciones" in answer.text
    assert db.session.scalar(select(func.count()).select_from(Roster)) == 0


def test_the_enlace_of_an_area_sees_only_her_own_rosters(cast: Cast) -> None:
    uploaded(cast.client(cast.enlace))
    mine = cast.client(cast.area_enlace)
    assert "padron.csv" not in mine.get("/enlace/padrones").text
    plan = uploaded(mine)
    page = mine.get(plan).text
    assert "no es de las tuyas" in page
    assert "Vas a inscribir a 1 persona<" in page
    # Whoever answers for the whole institution sees it too.
    assert cast.client(cast.enlace).get(plan).status_code == 200


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("padron.pdf", b"x", "El archivo termina en «.pdf»"),
        ("padron", b"x", "El archivo termina en «padron»"),
        ("padron.csv", b"", "El archivo está vacío"),
    ],
)
def test_a_file_that_cannot_be_is_said_at_its_field(cast: Cast, name: str, content: bytes, sentence: str) -> None:
    page = post(cast.client(cast.enlace), content, name)
    assert page.status_code == 200
    assert page.text.count(sentence) == 2


def test_no_file_and_a_past_date(cast: Cast) -> None:
    browser = cast.client(cast.enlace)
    data = {"institution": "propia", "course": "curso-corto"}
    assert "Elige el archivo" in browser.post("/enlace/padrones/subir", data=data).text
    assert "ya pasó" in post(browser, due_on="2020-01-01").text


def test_a_refused_file_says_what_to_do(cast: Cast) -> None:
    browser = cast.client(cast.enlace)
    plan = uploaded(browser, b"Nombre;Puesto\r\nAna;Jefa")
    page = browser.get(plan).text
    assert "Falta la columna de la CURP" in page
    assert "Subir otro archivo" in page
    assert browser.get(f"{plan}/archivo").status_code == 404


FAULTY = csv_file(
    [
        ["=1+1", "Ana", "Ejemplo", "", "ana@x.mx", "Norte", "@SUM(1)"],
        [B, "Beto", "Prueba", "", "malo", "", "+cmd"],
        ["", "", "", "", "", "", ""],
        [C, "Caro", "Prueba", "", "", "", ""],
    ]
)


def test_faults_are_shown_with_row_column_and_value(cast: Cast) -> None:
    browser = cast.client(cast.enlace)
    plan = uploaded(browser, FAULTY)
    page = browser.get(plan).text
    assert "Filas con faltas" in page
    assert "=1+1" in page
    only = browser.get(f"{plan}?ver=fault").text
    assert "Ana" not in only
    assert "La CURP de la fila 2" in only
    warned = browser.get(f"{plan}?ver=warning").text
    assert "El correo de la fila 3" in warned
    assert browser.get(f"{plan}?ver=nada&pagina=-4").status_code == 200


def test_the_file_comes_back_in_order_and_harmless(cast: Cast) -> None:
    browser = cast.client(cast.enlace)
    plan = uploaded(browser, FAULTY)
    answer = browser.get(f"{plan}/archivo?filas=todas&formato=csv")
    lines = answer.data.decode("utf-8-sig").splitlines()
    assert lines[0] == (
        '"CURP","Nombre(s)","Primer apellido","Segundo apellido","Correo electrónico","Área","Puesto",'
        '"Resultado en Aula"'
    )
    assert len(lines) == 4
    assert lines[1].startswith('"\'=1+1","Ana","Ejemplo","","ana@x.mx","Norte","\'@SUM(1)","Con faltas;')
    assert lines[2].startswith(f'"{B}","Beto"')
    assert "'+cmd" in lines[2]
    assert "Se inscribirá. " in lines[2]
    assert answer.headers["Cache-Control"] == "no-store"
    assert "attachment" in answer.headers["Content-Disposition"]
    book = load_workbook(io.BytesIO(browser.get(f"{plan}/archivo?filas=fallas&formato=xlsx").data))
    cells = [list(row) for row in book.active.iter_rows()]
    assert [cell.value for cell in cells[1]][:2] == ["=1+1", "Ana"]
    assert cells[1][0].data_type == "s"
    assert len(cells) == 2


def test_the_file_says_what_was_done(cast: Cast) -> None:
    browser = cast.client(cast.enlace)
    plan = uploaded(browser)
    browser.post(f"{plan}/confirmar", data={"plan": digest(browser.get(plan).text)})
    db.session.rollback()
    assert work()
    text = browser.get(f"{plan}/archivo?filas=todas&formato=csv").data.decode("utf-8-sig")
    assert text.count('"Hecho.') == 2


def test_the_model_is_a_file_that_aula_reads(cast: Cast) -> None:
    browser = cast.client(cast.enlace)
    for form in ("xlsx", "csv"):
        content = browser.get(f"/enlace/padrones/modelo?formato={form}").data
        plan = send(content, cast.own, cast.course, by=cast.enlace, name=f"modelo.{form}")
        assert plan.fault is not None
        assert plan.fault["code"] == "file_no_people"
        assert set(plan.about["columns"]) >= {"curp", "given", "first_surname", "email", "area", "parent_area", "state"}


def test_pages_ask_the_same_number_of_questions_for_one_row_and_for_many(cast: Cast) -> None:
    browser = cast.client(cast.enlace)
    asked: list[int] = []
    for size in (1, 30):
        plan = uploaded(browser, csv_file([[curp(40_000 + n), "Ana", "X", "", "malo", "", ""] for n in range(size)]))
        for path in (plan, f"{plan}?ver=create", "/enlace/padrones", "/enlace/fichas"):
            browser.get(path)
            count = 0

            def one(*_: object) -> None:
                nonlocal count
                count += 1

            event.listen(db.engine, "before_cursor_execute", one)
            browser.get(path)
            event.remove(db.engine, "before_cursor_execute", one)
            asked.append(count)
    assert asked[:4] == asked[4:]


def test_a_job_that_was_given_up_is_said(cast: Cast) -> None:
    from lms.models.outbox import Job

    browser = cast.client(cast.enlace)
    plan = post(browser).location
    job = db.session.scalars(select(Job)).one()
    job.state = "failed"
    db.session.commit()
    assert "Algo falló de nuestro lado" in browser.get(plan).text


def slips(browser: FlaskClient, **fields: str) -> TestResponse:
    db.session.rollback()
    return browser.post("/enlace/fichas", data=fields)


def tokens(person_id: int) -> list[EntryToken]:
    db.session.rollback()
    return list(db.session.scalars(select(EntryToken).where(EntryToken.person_id == person_id).order_by(EntryToken.id)))


def test_slips_open_the_door_and_void_the_earlier_ones(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []

    def code() -> str:
        drawn.append(real())
        return drawn[-1]

    real = clock.short_code
    monkeypatch.setattr(clock, "short_code", code)
    browser = cast.client(cast.enlace)
    assert "Nora Nueva" in browser.get("/enlace/fichas").text
    answer = slips(browser)
    assert answer.data.startswith(b"%PDF")
    assert answer.headers["Cache-Control"] == "no-store"
    assert len(drawn) == 1
    assert cast.client().get(f"/activar/{drawn[0]}").status_code == 200
    assert [t.voided_at for t in tokens(cast.newcomer.id)] == [None]
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.deed == "roster.slips")).one()
    assert entry.facts == {"count": 1}
    # A second click draws nothing; asked for again later, the first is void.
    assert slips(browser).status_code == 303
    assert slips(browser, quienes="todas").status_code == 303
    first = tokens(cast.newcomer.id)[0]
    first.created_at = first.created_at.replace(year=first.created_at.year - 1)
    db.session.commit()
    assert "la anterior deja de servir" in browser.get("/enlace/fichas?quienes=todas").text
    assert slips(browser, quienes="todas").data.startswith(b"%PDF")
    assert [t.voided_at is None for t in tokens(cast.newcomer.id)] == [False, True]


def test_slips_only_for_those_who_need_them_and_whom_she_may_see(cast: Cast) -> None:
    outside = person("Óscar", "Fuera", active=False)
    affiliate(outside, cast.own, area(cast.own, "Otra"))
    with_mail = person("Elsa", "Correo", active=False, email="elsa@x.mx")
    affiliate(with_mail, cast.own)
    strange = person("Zoe", "Zopilote", active=False)
    affiliate(strange, cast.other)
    db.session.commit()
    ids = {"outside": outside.id, "with_mail": with_mail.id, "strange": strange.id}
    page = cast.client(cast.area_enlace).get("/enlace/fichas").text
    assert "Nora Nueva" in page
    assert "Óscar" not in page
    assert slips(cast.client(cast.area_enlace)).data.startswith(b"%PDF")
    assert [bool(tokens(i)) for i in ids.values()] == [False, False, False]
    assert slips(cast.client(cast.enlace)).data.startswith(b"%PDF")
    assert [bool(tokens(i)) for i in ids.values()] == [True, False, False]
    assert cast.client(cast.enlace).get("/enlace/fichas?institucion=ajena").status_code == 404
    db.session.rollback()
    public = strange.public_id
    assert slips(cast.client(cast.enlace), persona=public).status_code == 303
    assert not tokens(ids["strange"])


def test_slips_of_one_roster_and_of_one_area(cast: Cast) -> None:
    plan = send(FILE, cast.own, cast.course, by=cast.enlace)
    sign(plan, cast.enlace)
    assert work()
    public, beto = again(plan).public_id, person_of(B).id
    browser = cast.client(cast.enlace)
    page = browser.get(f"/enlace/fichas?padron={public}").text
    assert "Beto Prueba" in page
    assert "Nora" not in page
    assert "Ana" not in page
    assert "Sin área" in browser.get("/enlace/fichas").text
    assert slips(browser, area="-").data.startswith(b"%PDF")
    assert len(tokens(beto)) == 1
    assert not tokens(cast.newcomer.id)
    assert "todavía sirve" in browser.get(f"/enlace/fichas?padron={public}").text


def test_who_entered_meanwhile_gets_no_slip(cast: Cast) -> None:
    account = db.session.get(Account, cast.newcomer.id)
    identity = db.session.get(Identity, cast.newcomer.id)
    assert account is not None
    assert identity is not None
    account.password_hash, account.activated_at = "x", clock.now()
    db.session.commit()
    browser = cast.client(cast.enlace)
    assert "Nadie necesita ficha" in browser.get("/enlace/fichas").text
    assert slips(browser).status_code == 303
