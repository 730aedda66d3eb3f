"""Anyone checks a constancia: what it says was frozen, its state is told, and guessing is slow."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pikepdf
import pypdfium2
import pytest
import zxingcpp
from sqlalchemy import select, text

from lms import clock
from lms.database import db
from lms.models.certificates import Certificate, SigningKey
from lms.models.institutions import Institution
from lms.models.people import Identity, Throttle
from lms.rules.certificates import format_folio
from tests.certificates import issued
from tests.people import Cast

WORDS = ("Lucía Aprendiz Ejemplo", "Curso corto", "Institución Propia", "2 horas", "Firma Ejemplo Ficticia")


def words_of(pdf: bytes) -> str:
    page = pypdfium2.PdfDocument(pdf)[0]
    return " ".join(page.get_textpage().get_text_range().split())


def test_a_stranger_sees_everything_printed(cast: Cast):
    made = issued(cast)
    page = cast.client().get(f"/constancias/{made.folio}")
    assert page.status_code == 200
    pdf = cast.client().get(f"/constancias/{made.folio}.pdf")
    paper = words_of(pdf.data)
    for said in (*WORDS, "Directora de prueba", "Secretaría de las Mujeres", format_folio(made.folio)):
        assert said in page.text
        assert said in paper
    assert "Vigente" in page.text
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert page.headers["Cache-Control"] == "no-store"


def test_and_nothing_else(cast: Cast):
    """No key of nobody's, no e-mail, no number, no result: only what the paper says."""
    made = issued(cast)
    page = cast.client().get(f"/constancias/{made.folio}").text
    curp = db.session.execute(text("SELECT curp FROM person_curp WHERE person_id = :id"), {"id": cast.learner.id})
    for secret in (curp.scalar_one(), "lucia@ejemplo.mx", cast.learner.public_id, "Recursos Humanos", "1000"):
        assert secret not in page


def test_the_qr_on_the_rendered_paper_opens_the_page(cast: Cast):
    made = issued(cast)
    pdf = cast.client().get(f"/constancias/{made.folio}.pdf").data
    image = pypdfium2.PdfDocument(pdf)[0].render(scale=3).to_pil()
    assert [code.text for code in zxingcpp.read_barcodes(image)] == [f"http://localhost/constancias/{made.folio}"]


def test_the_pdf_is_the_same_every_time_and_safely_named(cast: Cast):
    made = issued(cast)
    first, again = (cast.client().get(f"/constancias/{made.folio}.pdf") for _ in range(2))
    assert first.data == again.data
    assert first.mimetype == "application/pdf"
    name = re.escape(format_folio(made.folio))
    assert re.fullmatch(rf'inline; filename="constancia-{name}\.pdf"', first.headers["Content-Disposition"])
    assert first.headers["Cache-Control"] == "private, no-store"
    pikepdf.open(io.BytesIO(first.data)).close()


def test_renaming_the_person_or_the_institution_changes_nothing(cast: Cast):
    made = issued(cast)
    browser, here = cast.client(), f"/constancias/{made.folio}"
    before = browser.get(here).data, browser.get(f"{here}.pdf").data
    db.session.get_one(Identity, cast.learner.id).given_names = "Otra"
    db.session.get_one(Institution, cast.own.id).name = "Institución Renombrada"
    cast.course.title = "Curso renombrado"
    cast.learner.blocked_at = clock.now()
    db.session.commit()
    from lms.web.certificates_verify import _drawn

    _drawn.cache_clear()
    assert (browser.get(here).data, browser.get(f"{here}.pdf").data) == before


def test_any_spelling_leads_to_the_page(cast: Cast):
    folio = issued(cast).folio
    browser = cast.client()
    typed = [folio.lower(), format_folio(folio), folio.replace("0", "O").replace("1", "l").replace("V", "u")]
    for spelling in typed:
        if spelling == folio:
            continue
        assert browser.get(f"/constancias/{spelling}").location == f"/constancias/{folio}"
        assert browser.get(f"/constancias/{spelling}.pdf").location == f"/constancias/{folio}.pdf"
        assert browser.get("/constancias", query_string={"folio": f" {spelling} "}).location == f"/constancias/{folio}"


def test_an_unknown_folio_is_not_found_and_said(cast: Cast):
    browser = cast.client()
    for page in (
        f"/constancias/{clock.folio()}",
        "/constancias/corto",
        "/constancias?folio=corto",
        "/constancias/x.pdf",
    ):
        answer = browser.get(page)
        assert answer.status_code == 404
        assert "No existe una constancia con ese folio." in answer.text
    assert browser.get("/constancias").status_code == 200
    assert "&lt;b&gt;" in browser.get("/constancias?folio=<b>").text


def test_misses_are_slowed_for_their_address_only(cast: Cast):
    made = issued(cast)
    browser = cast.client()
    answers = [browser.get(f"/constancias/{clock.folio()}").status_code for _ in range(15)]
    assert answers[:10] == [404] * 10
    assert 429 in answers
    slowed = browser.get(f"/constancias/{made.folio}")
    assert slowed.status_code == 429
    assert int(slowed.headers["Retry-After"]) >= 1
    assert "Espera" in slowed.text
    elsewhere = {"REMOTE_ADDR": "203.0.113.9"}
    assert browser.get(f"/constancias/{made.folio}", environ_overrides=elsewhere).status_code == 200
    counted = db.session.scalars(select(Throttle)).one()
    assert "127.0.0.1" not in counted.key
    counted.last_failure_at -= timedelta(minutes=5)
    db.session.commit()
    assert browser.get(f"/constancias/{made.folio}").status_code == 200


def test_what_cannot_be_a_folio_is_not_counted(cast: Cast):
    browser = cast.client()
    assert {browser.get("/constancias/corto").status_code for _ in range(20)} == {404}
    assert db.session.scalars(select(Throttle)).all() == []


def tamper(statement: str, **values: object) -> None:
    """Change what the triggers guard, as somebody with the database in hands would."""
    if db.engine.dialect.name == "sqlite":
        db.session.execute(text("DROP TRIGGER certificate_no_update"))
    else:
        db.session.execute(text("ALTER TABLE certificate DISABLE TRIGGER certificate_no_update"))
    db.session.execute(text(statement), values)
    db.session.commit()


def warned(cast: Cast, folio: str) -> None:
    page = cast.client().get(f"/constancias/{folio}")
    assert page.status_code == 200
    assert "no coincide con su firma" in page.text
    assert "Vigente" not in page.text
    assert "Intrusa" not in page.text
    assert cast.client().get(f"/constancias/{folio}.pdf").status_code == 303


def test_a_changed_snapshot_is_flagged(cast: Cast):
    made = issued(cast)
    forged = made.snapshot.replace("Lucía", "Intrusa")
    tamper("UPDATE certificate SET snapshot = :s", s=forged)
    warned(cast, made.folio)


def test_a_copied_certificate_is_flagged(cast: Cast):
    real, other = issued(cast).folio, clock.folio()
    tamper("UPDATE certificate SET folio = :f", f=other)
    warned(cast, other)
    assert cast.client().get(f"/constancias/{real}").status_code == 404


def test_a_swapped_key_is_flagged(cast: Cast, tmp_path):  # type: ignore[no-untyped-def]
    from lms.proofs.keys import load_or_create

    made = issued(cast)
    thief = load_or_create(tmp_path / "thief.pem")
    forged = made.snapshot.replace("Lucía", "Intrusa")
    db.session.get_one(SigningKey, made.key_id).public_pem = thief.public_pem
    tamper("UPDATE certificate SET snapshot = :s, signature = :g", s=forged, g=thief.sign(forged.encode()))
    warned(cast, made.folio)


@pytest.mark.parametrize(("change", "word"), [("revoked", "Revocada"), ("superseded", "Sustituida")])
def test_its_state_is_told(cast: Cast, change: str, word: str):
    made = issued(cast)
    if change == "revoked":
        made.revoked_at = clock.now()
    else:
        newer = {c.name: getattr(made, c.name) for c in Certificate.__table__.columns if c.name != "id"}
        made.revoked_at = clock.now()
        db.session.flush()
        second = Certificate(**{**newer, "folio": clock.folio()})
        db.session.add(second)
        db.session.flush()
        made.revoked_at, made.superseded_by_id = None, second.id
    db.session.commit()
    page = cast.client().get(f"/constancias/{made.folio}")
    assert word in page.text
    assert "Vigente" not in page.text
    assert cast.client().get(f"/constancias/{made.folio}.pdf").location == f"/constancias/{made.folio}"


def test_names_are_text_on_page_and_paper(cast: Cast):
    identity = db.session.get_one(Identity, cast.learner.id)
    identity.given_names, identity.first_surname = '<b>Ana</b> & "Lu', "Xꞌol ÑANDÚ"
    made = issued(cast)
    page = cast.client().get(f"/constancias/{made.folio}").text
    assert "&lt;b&gt;Ana&lt;/b&gt; &amp; &#34;Lu Xꞌol ÑANDÚ Ejemplo" in page
    assert '<b>Ana</b> & "Lu Xꞌol ÑANDÚ Ejemplo' in words_of(cast.client().get(f"/constancias/{made.folio}.pdf").data)


def test_who_is_signed_in_sees_the_same(cast: Cast):
    made = issued(cast)
    frame = r"(?s)<header.*?</header>|<link[^>]*staff[^>]*>\n?"
    pages = {
        re.sub(frame, "", cast.client(who).get(f"/constancias/{made.folio}").text)
        for who in (None, cast.stranger, cast.officer, cast.learner)
    }
    assert len(pages) == 1
