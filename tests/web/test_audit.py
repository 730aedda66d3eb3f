"""Mail in trouble and the audit log, in a browser; every deed has its words."""

from __future__ import annotations

import ast
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from lms import clock
from lms.actions.audit import record, seal
from lms.actions.outbox import enqueue, send_mail
from lms.database import db
from lms.models.outbox import Job, Mail
from lms.texts.sentences_audit import SENTENCES
from lms.web.audit import CHOICES, TOPICS, deed_words
from tests.people import Cast

ACTIONS = Path(__file__).resolve().parents[2] / "lms" / "actions"


def recorded_deeds() -> set[str]:
    """Every deed that an action writes as a constant."""
    found = set()
    for path in ACTIONS.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "record":
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    found.add(str(first.value))
    return found


def test_every_deed_is_said_in_words() -> None:
    assert sorted(d for d in recorded_deeds() if f"deed_{d}" not in SENTENCES) == []


def test_every_deed_can_be_chosen() -> None:
    assert {d.partition(".")[0] for d in recorded_deeds()} <= set(TOPICS)
    assert all(CHOICES[topic] for topic in TOPICS)


def test_codes_among_the_facts_are_said() -> None:
    assert deed_words("role.grant", {"role": "officer"}) == "dio el rol «Emisión de constancias»"
    assert deed_words("job.retry", {"kind": "roster_run"}) == "reanudó un trabajo detenido (Ejecutar un padrón)"
    assert deed_words("people.search", {"kind": "curp", "count": 1}) == "buscó personas por CURP y vio 1"
    assert deed_words("roster.refuse", {"code": "zip_bomb"}) == "no pudo leer un padrón"


def test_a_deed_without_words_or_facts_still_shows() -> None:
    assert deed_words("algo.raro", {}) == "hizo «algo.raro»"
    assert deed_words("role.grant", {}) == "hizo «role.grant»"


def test_the_log_tells_who_did_what_to_whom(cast: Cast) -> None:
    record("people.suspended", "person", cast.learner.id, by=cast.admin.id, at=clock.now())
    record("roster.upload", "roster", "abc123", by=cast.enlace.id, at=clock.now(), size=3)
    record("quiz.submit", "attempt", "xyz", by=cast.learner.id, at=clock.now(), secret_score=7531)
    db.session.commit()
    browser = cast.client(cast.admin)
    page = browser.get("/admin/bitacora").text
    for said in ("Adela Administra", "suspendió la cuenta", "Lucía Aprendiz", "subió un padrón", "padrón abc123"):
        assert said in page
    assert "7531" not in page, "facts are shown only by the sentence that names them"
    about = browser.get(f"/admin/bitacora?persona={cast.learner.public_id}").text
    assert "suspendió la cuenta" in about
    assert "envió un intento" in about
    assert ">subió un padrón</span>" not in about
    assert ">subió un padrón</span>" in browser.get("/admin/bitacora?asunto=roster:abc123").text
    rosters = browser.get("/admin/bitacora?hecho=roster").text
    assert ">subió un padrón</span>" in rosters
    assert ">suspendió la cuenta</span>" not in rosters
    assert ">subió un padrón</span>" not in browser.get("/admin/bitacora?hecho=roster.sign").text
    assert "con ese filtro" in browser.get("/admin/bitacora?persona=nadie").text


def test_the_log_comes_in_pages_of_its_own_ids(cast: Cast) -> None:
    for n in range(60):
        record("roster.done", "roster", f"r{n}", by=None, at=clock.now(), rows=1000 + n)
    db.session.commit()
    browser = cast.client(cast.admin)
    page = browser.get("/admin/bitacora?hecho=roster")
    assert ("1,059" in page.text, "1,009" in page.text) == (True, False)
    older = page.text.split("antes=")[1].split("&")[0]
    record("roster.done", "roster", "late", by=None, at=clock.now(), rows=1)
    db.session.commit()
    second = browser.get(f"/admin/bitacora?hecho=roster&antes={older}").text
    assert ("1,009" in second, "1,010" in second, "1,000" in second) == (True, False, True)
    assert "Anteriores" not in second


def test_the_seal_is_told(cast: Cast) -> None:
    browser = cast.client(cast.admin)
    assert "Aún no hay bloques sellados" in browser.get("/admin/bitacora").text
    record("roster.done", "roster", "r", by=None, at=clock.now(), rows=1)
    db.session.commit()
    assert seal(at=clock.now() + timedelta(minutes=5)) == 1
    record("roster.done", "roster", "r", by=None, at=clock.now(), rows=2)
    db.session.commit()
    assert "1 bloque sellado; el último" in browser.get("/admin/bitacora").text
    assert "Por sellar: 1 hecho." in browser.get("/admin/bitacora").text


def troubled(cast: Cast, state: str) -> Mail:
    send_mail("reset", cast.learner.id, f"reset:{state}", at=clock.now())
    mail = db.session.scalars(select(Mail).where(Mail.event == f"reset:{state}")).one()
    mail.state, mail.problem = state, "SMTPRecipientsRefused"
    db.session.commit()
    return mail


def test_a_person_decides_about_mail_once(cast: Cast) -> None:
    failed, uncertain = troubled(cast, "failed"), troubled(cast, "uncertain")
    browser = cast.client(cast.admin)
    assert "Un correo quedó incierto" in browser.get("/admin/").text
    page = browser.get("/admin/correo").text
    assert "Lucía Aprendiz" in page
    assert "el servidor de correo rechazó la dirección" in page
    for _ in range(2):
        assert browser.post(f"/admin/correo/{failed.id}/reenviar").status_code == 303
        assert browser.post(f"/admin/correo/{uncertain.id}/cerrar").status_code == 303
    db.session.expire_all()
    states = {m.event: m.state for m in db.session.scalars(select(Mail))}
    assert states == {"reset:failed": "skipped", "reset:uncertain": "sent", "reset:failed:again:1": "waiting"}
    assert "Ese correo ya no estaba en la lista" in browser.get("/admin/correo").text


def test_a_stopped_job_goes_on(cast: Cast) -> None:
    enqueue("roster_run", 7, at=clock.now())
    job = db.session.scalars(select(Job)).one()
    job.state, job.finished_at, job.problem = "failed", clock.now(), "OperationalError"
    db.session.commit()
    browser = cast.client(cast.admin)
    assert "Un trabajo se detuvo." in browser.get("/admin/").text
    assert "Ejecutar un padrón" in browser.get("/admin/correo").text
    for _ in range(2):
        assert browser.post(f"/admin/trabajos/{job.id}/reanudar").status_code == 303
    db.session.expire_all()
    assert db.session.get_one(Job, job.id).state == "waiting"


@pytest.mark.parametrize("url", ["/admin/bitacora?antes=x", "/admin/bitacora?antes=-1", "/admin/bitacora?hecho=%25"])
def test_odd_addresses_do_no_harm(cast: Cast, url: str) -> None:
    assert cast.client(cast.admin).get(url).status_code == 200
