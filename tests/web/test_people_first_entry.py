"""Links and codes, recovery, the notice and one's own account, as a browser meets them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from lms import clock
from lms.actions import people as deeds
from lms.database import Base, db
from lms.models.outbox import Mail
from lms.models.people import Account, EntryToken, Identity, NoticeAcceptance, Person, PersonCurp
from tests.houses import House
from tests.people import PASSWORD, Cast, make_cast, person

NEW = "cuatro nubes sobre tinta"


def draw(who: Person, purpose: str = "activation", form: str = "link") -> str:
    made = deeds.draw_token(who.id, purpose, form, by=None, at=clock.now())
    db.session.commit()
    return made


def tables() -> dict[str, list[Any]]:
    """Every row of every table."""
    db.session.rollback()
    with db.engine.connect() as connection:
        return {name: list(connection.execute(select(table))) for name, table in Base.metadata.tables.items()}


def test_a_link_shows_and_only_a_post_uses_it(cast: Cast) -> None:
    link = draw(cast.newcomer)
    browser = cast.client()
    for _ in range(3):
        page = browser.get(f"/activar/{link}")
        assert page.status_code == 200
        assert "¿Eres Nora?" in page.text
        assert "Nueva" not in page.text
    browser.head(f"/activar/{link}")
    answer = browser.post(f"/activar/{link}", data={"password": NEW})
    assert (answer.status_code, answer.location) == (303, "/aviso")
    again = cast.client()
    for gone in (again.get(f"/activar/{link}"), again.post(f"/activar/{link}", data={"password": NEW})):
        assert gone.status_code == 410
        assert "ya se usó" in gone.text
        assert 'href="/recuperar"' in gone.text
    curp = db.session.scalar(select(PersonCurp.curp).where(PersonCurp.person_id == cast.newcomer.id))
    assert again.post("/entrar", data={"identifier": curp, "password": NEW}).status_code == 303


@pytest.mark.parametrize("password", ["corta", "contraseña2026", "NoraNueva2026", "XEXX700101MNEBBB09", "a" * 129])
def test_a_password_that_will_not_do_uses_nothing_up(cast: Cast, password: str) -> None:
    link = draw(cast.newcomer)
    page = cast.client().post(f"/activar/{link}", data={"password": password})
    assert page.status_code == 200
    assert 'aria-invalid="true"' in page.text
    assert db.session.scalars(select(EntryToken.used_at)).all() == [None]


def test_voided_expired_and_unknown_say_the_way_on(cast: Cast) -> None:
    old, link = draw(cast.newcomer), draw(cast.newcomer)
    token = db.session.scalars(select(EntryToken).order_by(EntryToken.id.desc())).first()
    assert token is not None
    token.expires_at = clock.now()
    db.session.commit()
    for secret, status, words in (
        (old, 410, "ya no sirve"), (link, 410, "caducó"), ("nada", 404, "No encontramos"),
    ):  # fmt: skip
        page = cast.client().get(f"/activar/{secret}")
        assert page.status_code == status
        assert words in page.text
        assert "quien coordina la capacitación" in page.text


def test_what_everybody_knows_opens_nothing(cast: Cast) -> None:
    draw(cast.newcomer, form="code")
    curp = db.session.scalar(select(PersonCurp.curp).where(PersonCurp.person_id == cast.newcomer.id)) or ""
    for known in (curp, f"{cast.newcomer.id:06d}", "nora", curp[4:10]):
        assert cast.client().post(f"/activar/{known}", data={"password": NEW}).status_code == 404
        assert cast.client().post("/codigo", data={"code": known}).status_code == 200
        assert cast.client().post("/entrar", data={"identifier": curp, "password": known}).status_code == 200


def test_a_code_is_read_as_people_type_it_and_stays_out_of_the_address(cast: Cast) -> None:
    code = draw(cast.newcomer, form="code")
    typed = f" {code[:4]}-{code[4:8]} {code[8:]}".lower().replace("0", "o").replace("1", "l")
    browser = cast.client()
    answer = browser.post("/codigo", data={"code": typed})
    assert answer.location == "/activar/codigo"
    assert "¿Eres Nora?" in browser.get("/activar/codigo").text
    assert "¿Eres Nora?" in cast.client().get(f"/activar/{typed.strip()}").text
    assert browser.post("/activar/codigo", data={"password": NEW}).location == "/aviso"
    assert cast.client().get("/activar/codigo").status_code == 404


def test_a_wrong_code_says_what_is_wrong(cast: Cast) -> None:
    assert "tiene 12 letras" in cast.client().post("/codigo", data={"code": "ABC"}).text
    assert "No encontramos ese código" in cast.client().post("/codigo", data={"code": "ABCD-EFGH-JKMN"}).text


def test_not_me_voids_the_link(cast: Cast) -> None:
    link = draw(cast.newcomer)
    assert cast.client().post(f"/activar/{link}/no-soy-yo").location == "/"
    assert cast.client().get(f"/activar/{link}").status_code == 410


def test_a_link_on_somebody_elses_computer_ends_her_session(cast: Cast) -> None:
    browser = cast.client(cast.classmate)
    old = browser.get_cookie("aula")
    assert old
    browser.post(f"/activar/{draw(cast.newcomer)}", data={"password": NEW})
    thief = cast.client()
    thief.set_cookie("aula", old.value)
    assert thief.get("/mi-cuenta").status_code == 303
    db.session.expire_all()
    assert db.session.get_one(Account, cast.classmate.id).session_epoch == 0


def test_recovery_answers_alike_and_writes_to_the_address_on_file(cast: Cast) -> None:
    person("Tres", email="tres@ejemplo.mx", active=False)
    person("Uno", email="dos@ejemplo.mx")
    person("Dos", email="dos@ejemplo.mx")
    db.session.commit()
    answers = set()
    with time_machine.travel(clock.now(), tick=False):
        for typed in ("lucia", "tres", "dos", "nadie", "", "lucia"):
            answer = cast.client().post("/recuperar", data={"identifier": f"{typed}@ejemplo.mx"})
            answers.add((answer.status_code, answer.location, answer.text))
    assert len(answers) == 1
    assert [m.purpose for m in db.session.scalars(select(Mail).order_by(Mail.id))] == ["reset", "activation"]


def test_a_suspended_person_gets_no_mail(cast: Cast) -> None:
    db.session.get_one(Identity, cast.suspended.id).email_key = "susana@ejemplo.mx"
    db.session.get_one(Identity, cast.suspended.id).email = "susana@ejemplo.mx"
    db.session.commit()
    cast.client().post("/recuperar", data={"identifier": "susana@ejemplo.mx"})
    assert db.session.scalars(select(Mail)).all() == []


def test_a_reset_link_lets_in_and_tells_by_mail(cast: Cast) -> None:
    browser = cast.client(cast.learner)
    link = draw(cast.learner, "reset")
    assert "contraseña nueva" in cast.client().get(f"/activar/{link}").text
    cast.client().post(f"/activar/{link}", data={"password": NEW})
    assert browser.get("/mi-cuenta").status_code == 303
    assert [m.purpose for m in db.session.scalars(select(Mail))] == ["password_changed"]


def test_the_notice_stands_before_everything_once(cast: Cast) -> None:
    browser = cast.client()
    answer = browser.post(
        "/entrar", data={"identifier": "lucia@ejemplo.mx", "password": PASSWORD, "siguiente": "/mi-cuenta"}
    )
    assert browser.get("/mi-cuenta").location == "/aviso"
    page = browser.get(answer.location)
    assert 'href="/privacidad/lgpdppso"' in page.text
    assert 'name="shown" value="lgpdppso-2026-05"' in page.text
    stale = browser.post("/aviso", data={"shown": "lgpdppso-2020-01"})
    assert "cambió mientras" in stale.text
    assert db.session.scalars(select(NoticeAcceptance)).all() == []
    answer = browser.post("/aviso", data={"shown": "lgpdppso-2026-05", "siguiente": "/mi-cuenta"})
    assert (answer.status_code, answer.location) == (303, "/mi-cuenta")
    assert browser.get("/mi-cuenta").status_code == 200
    kept = db.session.scalars(select(NoticeAcceptance)).one()
    assert (kept.person_id, kept.regime, kept.version) == (cast.learner.id, "lgpdppso", "2026-05")
    assert browser.post("/aviso", data={"shown": "lgpdppso-2026-05"}).status_code == 303
    again = cast.client().post("/entrar", data={"identifier": "lucia@ejemplo.mx", "password": PASSWORD})
    assert again.location == "/mis-cursos"


def test_the_whole_notices_are_public(cast: Cast) -> None:
    index = cast.client().get("/privacidad").text
    for regime, authority in (("lgpdppso", "Buen Gobierno"), ("lfpdppp", "Buen Gobierno")):
        assert f'href="/privacidad/{regime}"' in index
        assert authority in cast.client().get(f"/privacidad/{regime}").text
    assert cast.client().get("/privacidad/otra").status_code == 404


def test_own_contact_asks_for_the_password(cast: Cast) -> None:
    browser = cast.client(cast.learner)
    page = browser.get("/mi-cuenta").text
    assert "Lucía Aprendiz Ejemplo" in page
    assert (db.session.scalar(select(PersonCurp.curp).where(PersonCurp.person_id == cast.learner.id)) or "") not in page
    wrong = browser.post("/mi-cuenta", data={"email": "otra@ejemplo.mx", "phone": "", "proof": "no es esta"})
    assert "Esa no es tu contraseña actual" in wrong.text
    bad = browser.post("/mi-cuenta", data={"email": "otra@", "phone": "", "proof": PASSWORD})
    assert "Este correo no está completo" in bad.text
    assert browser.post("/mi-cuenta", data={"email": "otra@ejemplo.mx", "proof": PASSWORD}).status_code == 303
    db.session.expire_all()
    kept = db.session.get_one(Identity, cast.learner.id)
    assert (kept.email_key, kept.origins) == ("otra@ejemplo.mx", {"email": "hand"})


def test_a_password_is_changed_with_the_old_one_only(cast: Cast) -> None:
    browser = cast.client(cast.learner)
    wrong = browser.post("/mi-cuenta/contrasena", data={"current": "no es esta", "new": NEW})
    assert "Esa no es tu contraseña actual" in wrong.text
    weak = browser.post("/mi-cuenta/contrasena", data={"current": PASSWORD, "new": "Lucia2026 Aprendiz"})
    assert "fácil de adivinar" in weak.text
    assert browser.post("/mi-cuenta/contrasena", data={"current": PASSWORD, "new": NEW}).status_code == 303
    assert "Tu contraseña cambió" in browser.get("/mi-cuenta").text
    answer = cast.client().post("/entrar", data={"identifier": "lucia@ejemplo.mx", "password": PASSWORD})
    assert answer.status_code == 200


def test_guessing_the_password_of_an_open_session_is_slowed_too(cast: Cast) -> None:
    browser = cast.client(cast.learner)
    pages = [browser.post("/mi-cuenta", data={"email": "", "proof": f"frase {n}"}).text for n in range(6)]
    assert "Esa no es tu contraseña actual" in pages[4]
    assert "Hubo varios intentos seguidos" in pages[5]


@pytest.fixture
def guarded(fresh: House) -> Iterator[Cast]:
    """The cast with CSRF on, outside any context, as the server runs."""
    with fresh.app.app_context():
        made = make_cast(fresh.app)
        made.newcomer_link = draw(made.newcomer)  # type: ignore[attr-defined]
        db.session.remove()
    fresh.app.config["WTF_CSRF_ENABLED"] = True
    yield made
    fresh.app.config["WTF_CSRF_ENABLED"] = False


def test_no_post_without_its_token(guarded: Cast) -> None:
    link = guarded.newcomer_link  # type: ignore[attr-defined]
    with guarded.app.app_context():
        browser = guarded.client(guarded.learner)
        before = tables()
    posts = [
        (rule.rule.replace("<token>", link), rule.endpoint)
        for rule in guarded.app.url_map.iter_rules()
        if rule.endpoint.startswith("people.") and "POST" in (rule.methods or set())
    ]
    assert len(posts) == 10
    for path, endpoint in posts:
        data = {"identifier": "lucia@ejemplo.mx", "password": PASSWORD, "csrf_token": "forged"}
        assert browser.post(path, data=data).status_code == 400, endpoint
        assert browser.post(path).status_code == 400, endpoint
    with guarded.app.app_context():
        assert tables() == before


def test_no_get_of_this_topic_changes_any_table(guarded: Cast) -> None:
    link = guarded.newcomer_link  # type: ignore[attr-defined]
    with guarded.app.app_context():
        browsers = [guarded.client(), guarded.client(guarded.learner), guarded.client(guarded.admin)]
        before = tables()
    paths = ["/", "/entrar", f"/activar/{link}", "/activar/ABCDEFGHJKMN", "/codigo", "/recuperar",
             "/recuperar?enviado=1", "/aviso", "/privacidad", "/privacidad/lfpdppp", "/mi-cuenta", "/salir",
             f"/activar/{link}/no-soy-yo",
             "/orientacion", "/salud", "/salida"]  # fmt: skip
    for browser in browsers:
        for path in paths:
            assert browser.get(path).status_code < 500, path
            assert browser.head(path).status_code < 500, path
    with guarded.app.app_context():
        assert tables() == before
