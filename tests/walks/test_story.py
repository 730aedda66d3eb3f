"""The whole story: a messy roster goes in, a person learns, two officers issue, a stranger verifies."""

from __future__ import annotations

import email
import re
from datetime import date, timedelta
from email.policy import default
from pathlib import Path

import pypdfium2
import pytest
import time_machine
import zxingcpp
from playwright.sync_api import Page, expect
from sqlalchemy import select

import config
from lms import clock
from lms.actions import courses
from lms.actions.signatories import SignatoryFacts, add_signatory
from lms.content import read_course
from lms.database import db
from lms.models.courses import Question
from lms.models.people import PersonCurp
from lms.models.quizzes import Attempt
from lms.rules.quizzes import option_token
from tests.people import PASSWORD, Cast, curp, make_cast
from tests.walks.conftest import Site

NEW_PASSWORD = "la jacaranda florece en marzo"
LEARNER = curp(7_001)
BY_SLIP = curp(7_002)


def prepare(site: Site) -> dict[str, str]:
    """Publish the real course, name a signatory, and return how the staff sign in."""
    with site.app.app_context():
        cast: Cast = make_cast(site.app)
        site.app.config["WTF_CSRF_ENABLED"] = True
        course, faults = read_course(config.ROOT / "courses" / "derechos-humanos")
        assert course is not None, faults
        courses.publish(course, by=None, at=clock.now())
        facts = SignatoryFacts("Titular de Prueba", "Titular del área", "Nombramiento 1", date(2026, 1, 1), None)
        add_signatory(facts, by=cast.admin.id, at=clock.now())
        db.session.commit()
        keys = {}
        for name in ("enlace", "officer", "officer2"):
            keys[name] = db.session.scalars(
                select(PersonCurp.curp).where(PersonCurp.person_id == getattr(cast, name).id)
            ).one()
        db.session.remove()
        return keys


def messy_roster(folder: Path) -> Path:
    """A staff list as it comes out of an old system: title rows, semicolons, cp1252, small letters, faults."""
    lines = [
        "INSTITUCIÓN PROPIA;;;;;;",
        "Plantilla al 23 de noviembre;;;;;;",
        "No. empleado;Apellido Paterno;Apellido Materno;Nombre(s);CURP;Correo electrónico;Adscripción",
        f"000117;NÚÑEZ;DE LA CRUZ;MARÍA JOSÉ; {LEARNER.lower()} ;maria.jose@ejemplo.mx;Recursos Humanos",
        f"000118;Ramírez;;Óscar;{BY_SLIP};;Ventanilla",
        f"000119;Corta;Clave;Ana;{curp(7_003)[:17]};;Ventanilla",
        f"000117;NÚÑEZ;DE LA CRUZ;MARÍA JOSÉ;{LEARNER};maria.jose@ejemplo.mx;Recursos Humanos",
        ";;;;;;",
        "Total: 3;;;;;;",
    ]
    path = folder / "Plantilla nómina.csv"
    path.write_bytes("\r\n".join(lines).encode("cp1252"))
    return path


def sign_in(page: Page, identifier: str, password: str = PASSWORD) -> None:
    """Enter by the front door, accepting the notice when it is shown."""
    page.goto("/entrar")
    page.get_by_label("Correo o CURP").fill(identifier)
    page.get_by_label("Contraseña", exact=True).fill(password)
    page.get_by_role("button", name="Entrar", exact=True).click()
    if "/aviso" in page.url:
        page.locator("main form button[type=submit]").first.click()
    expect(page).not_to_have_url(re.compile("/entrar|/aviso"))


def upload(site: Site, page: Page, path: Path) -> None:
    """Send the roster, read its plan, sign it and wait for its end."""
    page.goto("/enlace/")
    site.look(page, "enlace-inicio")
    page.goto("/enlace/padrones")
    site.look(page, "padrones-vacio")
    page.goto("/enlace/padrones/subir")
    page.get_by_label("Curso").select_option(label="Derechos humanos")
    page.locator("input[type=file]").set_input_files(path)
    site.look(page, "padron-subir")
    page.locator("main form button[type=submit]").click()
    page.get_by_role("link", name="Ver el plan").click(timeout=20_000)
    expect(page.get_by_text("caracteres; debe tener 18")).to_be_visible()
    site.look(page, "padron-plan")
    page.get_by_role("button", name=re.compile("Inscribir a 2")).click()
    page.get_by_role("link", name="Ver el resultado").click(timeout=20_000)
    site.look(page, "padron-resultado")


def print_slip(site: Site, page: Page) -> None:
    """Print the slip of the person without e-mail; its QR opens her first entry."""
    page.get_by_role("link", name="Imprimir fichas").click()
    site.look(page, "fichas")
    with page.expect_download() as download:
        page.locator("main form button[type=submit]").first.click()
    image = pypdfium2.PdfDocument(download.value.path())[0].render(scale=3).to_pil()
    (code,) = zxingcpp.read_barcodes(image)
    guest = site.visitor()
    guest.goto(code.text)
    expect(guest.get_by_text(re.compile("Óscar")).first).to_be_visible()
    assert BY_SLIP not in guest.content()


def mailed_link(site: Site) -> str:
    """The link in the activation message of the learner."""
    folder = site.app.config["AULA"].instance / "mail"
    for _ in range(40):
        for path in folder.glob("*-activation.eml"):
            message = email.message_from_bytes(path.read_bytes(), policy=default)
            if message["To"] == "maria.jose@ejemplo.mx":
                return re.search(r"http\S+/activar/\S+", message.get_content())[0]  # type: ignore[index]
        clock.pause(0.25)
    raise AssertionError("no llegó el correo de acceso")


def activate(site: Site, page: Page, link: str) -> None:
    """Open the link, choose a password, accept the notice."""
    page.goto(link)
    site.look(page, "activar")
    page.get_by_label("Contraseña nueva").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Guardar y entrar").click()
    expect(page).to_have_url(re.compile("/aviso"))
    site.look(page, "aviso")
    page.locator("main form button[type=submit]").first.click()
    expect(page).to_have_url(re.compile("/mis-cursos"))
    site.look(page, "mis-cursos")


def right_values(site: Site, attempt: str) -> dict[int, list[str]]:
    """The values of the right options of each question of an attempt, which only the database knows."""
    with site.app.app_context():
        found = db.session.scalars(select(Attempt).where(Attempt.public_id == attempt)).one()
        rows = db.session.scalars(select(Question).where(Question.quiz_id == found.quiz_id))
        key = {row.stable_id: row.right_options for row in rows}
        values = {
            n: [option_token(found.seed, stable_id, option) for option in key[stable_id]]
            for n, stable_id in enumerate(found.question_ids, start=1)
        }
        db.session.remove()
        return values


def answer(site: Site, page: Page, *, right: bool, look: str | None = None) -> None:
    """Answer the attempt on the page, question by question, review and send it."""
    attempt = page.url.split("/intentos/")[1].split("/")[0]
    values = right_values(site, attempt)
    for n in sorted(values):
        inputs = page.locator("main input[type=radio], main input[type=checkbox]")
        if look and n == 1:
            site.look(page, f"{look}-pregunta")
        for index in range(inputs.count()):
            box = inputs.nth(index)
            if (box.get_attribute("value") in values[n]) == right:
                box.check(force=True)
        page.get_by_role("button", name=re.compile("Siguiente|Revisar y enviar")).first.click()
        expect(page).to_have_url(re.compile(f"/{n + 1}$|/revisar$"))
    if look:
        site.look(page, f"{look}-revision")
    page.get_by_role("button", name="Enviar respuestas").click()
    expect(page).to_have_url(re.compile("/resultado$"))
    if look:
        site.look(page, f"{look}-resultado")


def start_quiz(page: Page, slug: str) -> None:
    """Open a quiz and begin an attempt."""
    page.goto(f"/cursos/derechos-humanos/evaluaciones/{slug}")
    page.locator("main form button[type=submit]").first.click()
    expect(page).to_have_url(re.compile("/intentos/"))


def study(site: Site, page: Page) -> None:
    """Read every lesson and answer every formative quiz."""
    page.goto("/cursos/derechos-humanos")
    site.look(page, "curso")
    page.get_by_role("button", name=re.compile("Empezar")).first.click()
    course, _faults = read_course(config.ROOT / "courses" / "derechos-humanos")
    assert course is not None
    for lesson in course.lessons:
        page.goto(f"/cursos/derechos-humanos/{lesson.slug}")
        expect(page.get_by_role("heading", level=1)).to_have_text(lesson.title)
        if lesson.position in (1, 5):
            site.look(page, f"leccion-{lesson.position}")
        page.get_by_role("button", name="Continuar").click()
        start_quiz(page, lesson.slug)
        answer(site, page, right=True, look="formativa" if lesson.position == 1 else None)


def issue(site: Site, keys: dict[str, str]) -> None:
    """One officer proposes, the other releases."""
    first = site.visitor()
    sign_in(first, keys["officer"])
    first.goto("/oficial/")
    site.look(first, "oficial-inicio")
    first.goto("/oficial/constancias")
    site.look(first, "constancias-por-emitir")
    first.goto("/oficial/constancias/propia/derechos-humanos")
    site.look(first, "lote-proponer")
    first.locator("main form button[type=submit]").first.click()
    expect(first).to_have_url(re.compile("/oficial/lotes/"))
    site.look(first, "lote-propuesto")
    second = site.visitor()
    sign_in(second, keys["officer2"])
    second.goto(first.url)
    site.look(second, "lote-revisar")
    second.get_by_label("Tu contraseña").fill(PASSWORD)
    second.get_by_role("button", name=re.compile("Emitir")).first.click()
    for _ in range(40):
        second.goto(first.url)
        if second.locator("main a[href*='/constancias/']").count():
            break
        clock.pause(0.25)
    site.look(second, "lote-emitido")


def verify(site: Site, page: Page) -> None:
    """From the learner's list to the PDF, from the picture of the PDF to its QR, from the QR to the public page."""
    page.goto("/mis-cursos")
    site.look(page, "mis-cursos-acreditado")
    href = page.locator("main a[href*='/constancias/']").first.get_attribute("href")
    assert href is not None
    folio = href.rsplit("/", 1)[1].removesuffix(".pdf")
    pdf = page.request.get(f"/constancias/{folio}.pdf").body()
    image = pypdfium2.PdfDocument(pdf)[0].render(scale=2).to_pil()
    codes = zxingcpp.read_barcodes(image)
    assert len(codes) == 1
    assert codes[0].text.startswith(f"{site.url}/constancias/")
    stranger = site.visitor()
    stranger.goto(codes[0].text)
    expect(stranger.get_by_text("María José Núñez de la Cruz").first).to_be_visible()
    expect(stranger.get_by_text(re.compile("vigente", re.IGNORECASE)).first).to_be_visible()
    assert LEARNER not in stranger.content()
    site.look(stranger, "verificacion")
    assert stranger.goto("/constancias/00000000000000000000").status == 404  # type: ignore[union-attr]
    site.look(stranger, "verificacion-no-existe")


@pytest.mark.walk
@pytest.mark.timeout(300)
def test_from_a_messy_roster_to_a_verified_constancia(site: Site, tmp_path: Path) -> None:
    keys = prepare(site)
    enlace = site.visitor()
    enlace.goto("/")
    site.look(enlace, "inicio")
    enlace.goto("/entrar")
    site.look(enlace, "entrar")
    sign_in(enlace, keys["enlace"])
    upload(site, enlace, messy_roster(tmp_path))
    print_slip(site, enlace)

    learner = site.visitor()
    activate(site, learner, mailed_link(site))
    study(site, learner)
    start_quiz(learner, "final")
    answer(site, learner, right=False, look="final-fallida")
    learner.goto("/cursos/derechos-humanos/evaluaciones/final")
    site.look(learner, "final-espera")
    assert learner.get_by_role("button", name=re.compile("Empezar|intentar")).count() == 0
    with time_machine.travel(clock.now() + timedelta(minutes=21)):
        start_quiz(learner, "final")
        answer(site, learner, right=True, look="final-acreditada")
        issue(site, keys)
        verify(site, learner)
        enlace.goto("/enlace/personas")
        expect(enlace.locator("main table").get_by_text("Acreditó").first).to_be_visible()
        site.look(enlace, "enlace-personas")
        enlace.goto("/orientacion")
        site.look(enlace, "orientacion")
    assert site.foreign == [], "no page asks another site for anything"
