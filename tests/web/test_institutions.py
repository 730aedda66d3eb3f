"""Administration in a browser: who may pass each door, institutions, areas, signatories, courses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event, func, select

from lms.database import db
from lms.models.certificates import Signatory
from lms.models.institutions import Area, Institution
from lms.models.people import RoleHeld
from tests.people import Cast, area, enrol, hold, institution, person

FORM = {
    "name": "Secretaría de Ejemplo",
    "short_name": "Sejem",
    "slug": "",
    "kind": "federal",
    "labour_regime": "apartado_b",
    "legal_regime": "lgpdppso",
    "rfc": "",
}
SIGNED = [date(2020, 1, day) for day in (1, 2, 3)]
SIGNER = {
    "name": "Persona Firmante",
    "position": "Titular",
    "appointment": "Oficio 1",
    "from_on": "2026-01-01",
    "to_on": "",
}


@contextmanager
def counted() -> Iterator[list[str]]:
    """Collect the statements that the database is asked inside."""
    asked: list[str] = []

    def listen(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", listen)
    try:
        yield asked
    finally:
        event.remove(db.engine, "before_cursor_execute", listen)


def pages(cast: Cast) -> dict[str, str]:
    who, role = cast.learner.public_id, db.session.scalars(select(RoleHeld.id).limit(1)).one()
    return {
        "/admin/": "admin",
        "/admin/instituciones": "admin officer coordinator",
        "/admin/instituciones/propia": "admin officer coordinator",
        "/admin/instituciones/nueva": "admin",
        "/admin/instituciones/propia/editar": "admin",
        "/admin/instituciones/propia/areas/nueva": "admin",
        f"/admin/instituciones/propia/areas/{cast.area.public_id}": "admin",
        "/admin/personas": "admin",
        "/admin/personas/nueva": "admin",
        f"/admin/personas/{who}": "admin",
        f"/admin/personas/{who}/nombre": "admin",
        f"/admin/personas/{who}/correo": "admin",
        f"/admin/personas/{who}/enlace?institucion=propia": "admin",
        f"/admin/personas/{who}/suspender": "admin",
        "/admin/firmantes": "admin",
        "/admin/correo": "admin",
        "/admin/bitacora": "admin",
        "/admin/cursos": "admin author",
        f"/admin/personas/{cast.admin.public_id}/roles/{role}/terminar": "",
    }


def test_who_sees_each_page(cast: Cast) -> None:
    table = pages(cast)
    everyone = ("admin", "officer", "coordinator", "author", "care", "enlace", "area_enlace", "learner")
    for name in everyone:
        browser = cast.client(getattr(cast, name))
        for url, open_to in table.items():
            asked = 200 if name in open_to.split() else 404 if name == "admin" else 403
            assert browser.get(url).status_code == asked, f"{name} {url}"
    for url in table:
        assert cast.client().get(url).status_code == 303, url


POSTS = (
    "/admin/instituciones/nueva",
    "/admin/instituciones/propia/editar",
    "/admin/instituciones/propia/areas/nueva",
    "/admin/personas",
    "/admin/personas/nueva",
    "/admin/personas/{who}/nombre",
    "/admin/personas/{who}/correo",
    "/admin/personas/{who}/acceso",
    "/admin/personas/{who}/roles",
    "/admin/personas/{who}/enlace",
    "/admin/personas/{who}/roles/1/terminar",
    "/admin/personas/{who}/suspender",
    "/admin/personas/{who}/reabrir",
    "/admin/firmantes",
    "/admin/firmantes/1",
    "/admin/correo/1/reenviar",
    "/admin/correo/1/cerrar",
    "/admin/trabajos/1/reanudar",
)


@pytest.mark.parametrize("name", ["officer", "coordinator", "author", "care", "enlace", "learner"])
def test_nobody_else_does_anything(cast: Cast, name: str) -> None:
    browser = cast.client(getattr(cast, name))
    for url in POSTS:
        assert browser.post(url.format(who=cast.classmate.public_id)).status_code == 403, url


def test_what_needs_somebody_comes_first(cast: Cast) -> None:
    page = cast.client(cast.admin).get("/admin/").text
    assert "Hoy nadie firma las constancias." in page
    assert "no tienen enlace" not in page
    institution("sola", name="Institución Sola")
    suspended = institution("dos", name="Segunda")
    hold(cast.suspended, "enlace", suspended)
    db.session.commit()
    page = cast.client(cast.admin).get("/admin/").text
    assert "2 instituciones no tienen enlace." in page
    assert "Institución Sola, Segunda" in page


def test_an_institution_is_registered_once_by_two_clicks(cast: Cast) -> None:
    browser = cast.client(cast.admin)
    first = browser.post("/admin/instituciones/nueva", data=FORM)
    again = browser.post("/admin/instituciones/nueva", data=FORM)
    assert first.status_code == again.status_code == 303
    assert first.location == again.location == "/admin/instituciones/sejem"
    assert db.session.scalar(select(func.count()).select_from(Institution)) == 3
    assert "Secretaría de Ejemplo" in browser.get(first.location).text


def test_faults_are_said_on_their_field(cast: Cast) -> None:
    browser = cast.client(cast.admin)
    page = browser.post("/admin/instituciones/nueva", data={**FORM, "slug": "propia", "kind": "otra"})
    assert page.status_code == 200
    assert "Elige una de las opciones." in page.text
    page = browser.post("/admin/instituciones/nueva", data={**FORM, "slug": "propia"})
    assert "La clave «propia» ya es de Institución Propia." in page.text
    page = browser.post("/admin/instituciones/nueva", data={**FORM, "rfc": "no"})
    assert "El RFC tiene 12 letras y números" in page.text
    assert db.session.scalar(select(func.count()).select_from(Institution)) == 2


def test_an_institution_is_corrected(cast: Cast) -> None:
    browser = cast.client(cast.admin)
    answer = browser.post("/admin/instituciones/propia/editar", data={**FORM, "name": "Nombre Nuevo"})
    assert answer.status_code == 303
    page = browser.get("/admin/instituciones/propia").text
    assert "Nombre Nuevo" in page
    assert "Guardamos los datos" in page


def test_officers_read_and_find_no_way_to_write(cast: Cast) -> None:
    page = cast.client(cast.officer).get("/admin/instituciones/propia").text
    assert "Elena Enlace" in page
    assert "Recursos Humanos" in page
    assert "Cambiar" not in page
    assert "/admin/personas" not in page


def test_areas_are_added_and_renamed(cast: Cast) -> None:
    browser, base = cast.client(cast.admin), "/admin/instituciones/propia/areas"
    data = {"name": "Nómina", "entity": "PL"}
    for _ in range(2):
        answer = browser.post(f"{base}/nueva?bajo={cast.area.public_id}", data=data)
        assert answer.status_code == 303
    made = db.session.scalars(select(Area).where(Area.name == "Nómina")).one()
    assert made.parent_id == cast.area.id
    browser.post(f"{base}/{cast.area.public_id}", data={"name": "Talento <b>", "entity": ""})
    page = browser.get("/admin/instituciones/propia").text
    assert "Talento &lt;b&gt;" in page
    assert "Puebla" in page


def test_an_area_of_another_institution_is_not_found(cast: Cast) -> None:
    browser, theirs = cast.client(cast.admin), cast.other_area.public_id
    base = "/admin/instituciones/propia/areas"
    assert browser.get(f"{base}/{theirs}").status_code == 404
    assert browser.post(f"{base}/{theirs}", data={"name": "Mía"}).status_code == 404
    assert browser.post(f"{base}/nueva?bajo={theirs}", data={"name": "Mía"}).status_code == 404
    assert browser.get("/admin/instituciones/ninguna").status_code == 404


def test_lists_ask_the_same_for_one_row_and_for_many(cast: Cast) -> None:
    browser = cast.client(cast.admin)
    urls = ("/admin/", "/admin/instituciones", "/admin/instituciones/propia", "/admin/cursos", "/admin/firmantes")

    def cost(url: str) -> int:
        with counted() as asked:
            assert browser.get(url).status_code == 200
        return len(asked)

    before = [cost(url) for url in urls]
    for n in range(3):
        hold(person(f"Nueva{n}"), "enlace", cast.own, area(cast.own, f"Área {n}"))
        institution(f"otra-{n}")
        enrol(person(f"Más{n}"), cast.course)
        db.session.add(Signatory(name="A", position="B", appointment="C", from_on=SIGNED[n], to_on=SIGNED[n]))
    db.session.commit()
    assert [cost(url) for url in urls] == before


def test_long_lists_come_in_pages_and_can_be_searched(cast: Cast) -> None:
    for n in range(55):
        institution(f"i-{n}", name=f"Zona {n:02}")
        area(cast.own, f"Zona {n:02}")
    db.session.commit()
    browser = cast.client(cast.admin)
    first, second = browser.get("/admin/instituciones").text, browser.get("/admin/instituciones?pagina=2").text
    assert ("Zona 47" in first, "Zona 48" in first, "Zona 48" in second) == (True, False, True)
    found = browser.get("/admin/instituciones?q=zona+51").text
    assert "Zona 51" in found
    assert "Zona 50" not in found
    assert "No hay ninguna" in browser.get("/admin/instituciones?q=%25").text
    assert browser.get("/admin/instituciones?pagina=-4").status_code == 200
    assert "Zona 54" in browser.get("/admin/instituciones/propia?pagina=2").text


def test_signatories_do_not_overlap(cast: Cast) -> None:
    browser = cast.client(cast.admin)
    for _ in range(2):
        assert browser.post("/admin/firmantes", data=SIGNER).status_code == 303
    one = db.session.scalars(select(Signatory)).one()
    assert "Hoy nadie firma" not in browser.get("/admin/").text
    page = browser.post("/admin/firmantes", data={**SIGNER, "name": "Otra", "from_on": "2026-03-01"}).text
    assert "Desde el 1 de enero de 2026 firma Persona Firmante, sin último día." in page
    ended = browser.post(f"/admin/firmantes/{one.id}", data={**SIGNER, "to_on": "2026-02-28"})
    assert ended.status_code == 303
    assert browser.post("/admin/firmantes", data={**SIGNER, "name": "Otra", "from_on": "2026-03-01"}).status_code == 303
    assert browser.post(f"/admin/firmantes/{one.id}", data={**SIGNER, "to_on": "2025-01-01"}).status_code == 200
    assert browser.get("/admin/firmantes/999").status_code == 404


def test_courses_show_versions_and_the_state_of_their_files(cast: Cast) -> None:
    page = cast.client(cast.author).get("/admin/cursos").text
    assert "Curso corto" in page
    assert "Sus archivos no están en esta instalación" in page
    assert "Derechos humanos" in page, "its files are there and nobody has published them"
    assert 'href="/admin/cursos" aria-current="page"' in page


def test_the_navigation_says_each_place_once(cast: Cast) -> None:
    admin = cast.client(cast.admin).get("/admin/cursos").text
    assert admin.count('aria-current="page"') == 1
    assert ">Administración</a>" in admin
    officer = cast.client(cast.officer).get("/admin/instituciones").text
    assert 'href="/admin/instituciones" aria-current="page"' in officer
