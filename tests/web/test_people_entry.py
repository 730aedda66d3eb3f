"""The front door: entering, guessing, leaving."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from argon2 import PasswordHasher
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from lms.actions import people as deeds
from lms.actions import people_throttles as throttles
from lms.database import db
from lms.models.people import Account, PersonCurp, SignIn, Throttle
from lms.rules.people_entry import outdated, throttle_key
from tests.people import PASSWORD, Cast, person

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
OUTSIDE = [
    "", "//evil.mx", "///evil.mx", "////evil.mx", "/\\evil.mx", "\\\\evil.mx", "\\/evil.mx", "/\t/evil.mx",
    "\t//evil.mx", " //evil.mx", "/ /evil.mx", "/\n/evil.mx", "/\r\nLocation: https://evil.mx", "/\x00/evil.mx",
    "/\x0b/evil.mx", "http://evil.mx", "https://evil.mx", "HTTPS://evil.mx", "https:evil.mx", "https:/evil.mx",
    "https:///evil.mx", "javascript:alert(1)", "data:text/html,x", "evil.mx", "mis-cursos", "@evil.mx",
    "localhost@evil.mx", "ftp://evil.mx", "./mis-cursos", "?siguiente=/x", "#x", ".//evil.mx",
]  # fmt: skip


def enter(
    browser: FlaskClient, who: str, password: str = PASSWORD, *, address: str = "10.0.0.1", **more: str
) -> TestResponse:
    data = {"identifier": who, "password": password, **more}
    return browser.post("/entrar", data=data, environ_base={"REMOTE_ADDR": address})


def entered(answer: TestResponse) -> bool:
    return answer.status_code == 303 and answer.location.startswith(("/aviso", "/mis-cursos"))


def curp_of(person_id: int) -> str:
    found = db.session.scalar(select(PersonCurp.curp).where(PersonCurp.person_id == person_id))
    assert found
    return found


def plain(answer: TestResponse, typed: str) -> str:
    """The body without what was typed and without its form tokens."""
    return re.sub(r'name="csrf_token" value="[^"]*"', "", answer.text).replace(typed, "")


@pytest.mark.parametrize("by", ["email", "capitals", "curp", "small curp"])
def test_email_or_curp_lets_in(cast: Cast, by: str) -> None:
    curp = curp_of(cast.learner.id)
    typed = {
        "email": "lucia@ejemplo.mx", "capitals": " Lucia@Ejemplo.MX ", "curp": curp,
        "small curp": f"{curp[:4].lower()} {curp[4:10]}-{curp[10:].lower()}",
    }[by]  # fmt: skip
    browser = cast.client()
    assert entered(enter(browser, typed))
    assert browser.get("/aviso").status_code == 200
    kept = db.session.scalars(select(SignIn)).one()
    assert kept.expires_at - kept.created_at == timedelta(hours=12)
    assert db.session.scalars(select(Throttle)).all() == []


def test_one_answer_for_every_failure(cast: Cast) -> None:
    shared = "compartido@ejemplo.mx"
    person("Uno", email=shared)
    person("Dos", email=shared)
    person("Tres", email="tres@ejemplo.mx", active=False)
    account = db.session.get_one(Account, person("Sara", email="sara@ejemplo.mx").id)
    account.suspended_at = NOW
    db.session.commit()
    tries = [
        ("nadie@ejemplo.mx", PASSWORD), ("XEXX700101MNEBBB09", PASSWORD), ("ni correo ni curp", PASSWORD),
        ("lucia@ejemplo.mx", "otra frase que no es"), (curp_of(cast.learner.id), "otra frase que no es"),
        (shared, PASSWORD), ("tres@ejemplo.mx", PASSWORD), ("sara@ejemplo.mx", PASSWORD),
        (curp_of(cast.newcomer.id), PASSWORD), (curp_of(cast.newcomer.id), curp_of(cast.newcomer.id)),
    ]  # fmt: skip
    answers = []
    for typed, password in tries:
        answer = enter(cast.client(), typed, password)
        answers.append((answer.status_code, plain(answer, typed)))
    assert len(set(answers)) == 1
    assert answers[0][0] == 200
    assert "No pudimos entrar con esos datos" in answers[0][1]
    assert "entra con tu CURP" in answers[0][1]


def test_waiting_is_said_alike_to_the_known_and_the_unknown(cast: Cast) -> None:
    said = []
    with time_machine.travel(NOW, tick=False):
        for typed in ("lucia@ejemplo.mx", "nadie@ejemplo.mx"):
            answers = [enter(cast.client(), typed, "no es esta frase", address=f"10.0.{len(said)}.9") for _ in range(7)]
            assert [a.status_code for a in answers] == [200] * 5 + [429] * 2
            said.append(plain(answers[-1], typed))
    assert said[0] == said[1]
    assert "Espera un segundo" in said[0]


@pytest.mark.parametrize("addresses", [1, 200])
def test_a_thousand_guesses_in_ten_minutes(cast: Cast, addresses: int) -> None:
    evaluated = 0
    browser = cast.client()
    with time_machine.travel(NOW, tick=False) as moment:
        for n in range(1000):
            answer = enter(browser, "lucia@ejemplo.mx", f"una frase {n}", address=f"10.0.7.{n % addresses}")
            evaluated += answer.status_code == 200
            moment.shift(0.6)
        assert 0 < evaluated <= 30
        if addresses == 1:
            assert entered(enter(cast.client(), "lucia@ejemplo.mx", address="10.9.9.9"))
        moment.shift(60)
        assert entered(enter(cast.client(), "lucia@ejemplo.mx", address="10.9.9.8"))


def test_refused_tries_do_not_push_the_wait_away(cast: Cast) -> None:
    with time_machine.travel(NOW, tick=False) as moment:
        for _ in range(50):
            enter(cast.client(), "lucia@ejemplo.mx", "no es esta frase")
        moment.shift(1)
        assert entered(enter(cast.client(), "lucia@ejemplo.mx"))
        assert enter(cast.client(), "lucia@ejemplo.mx", "no es esta frase").status_code == 200


def test_nine_thousand_behind_one_address_are_slowed_and_never_locked(cast: Cast) -> None:
    key = throttle_key(cast.app.config["AULA"].secret_key, "address", ["10.0.0.1"])
    throttles.count(key, at=NOW)
    db.session.get_one(Throttle, key).failures = 9000
    db.session.commit()
    with time_machine.travel(NOW, tick=False):
        start = time.perf_counter()
        assert entered(enter(cast.client(), "lucia@ejemplo.mx"))
        assert 1.9 < time.perf_counter() - start < 4


def test_throttles_name_nobody(cast: Cast) -> None:
    typed = curp_of(cast.learner.id)
    enter(cast.client(), typed, "no es esta frase")
    kept = " ".join(db.session.scalars(select(Throttle.key)))
    assert len(kept.split()) == 3
    assert typed not in kept
    assert "10.0.0.1" not in kept


def test_a_new_session_at_the_door(cast: Cast) -> None:
    browser = cast.client()
    browser.get("/entrar")
    with browser.session_transaction() as cookie:
        cookie["_user_id"] = "planted"
        cookie["csrf_token"] = "planted"
    before = browser.get_cookie("aula")
    enter(browser, "lucia@ejemplo.mx")
    after = browser.get_cookie("aula")
    assert before
    assert after
    assert before.value != after.value
    with browser.session_transaction() as cookie:
        assert cookie["_user_id"] != "planted"
        assert "csrf_token" not in cookie


def test_entering_again_ends_the_session_of_before(cast: Cast) -> None:
    browser = cast.client(cast.classmate)
    old = browser.get_cookie("aula")
    assert old
    enter(browser, "lucia@ejemplo.mx")
    thief = cast.client()
    thief.set_cookie("aula", old.value)
    assert thief.get("/mi-cuenta").status_code == 303


@pytest.mark.parametrize("how", ["logout", "password", "suspended", "others"])
def test_an_old_cookie_is_dead_at_the_next_request(cast: Cast, how: str) -> None:
    browser, thief = cast.client(cast.learner), cast.client()
    cookie = browser.get_cookie("aula")
    assert cookie
    thief.set_cookie("aula", cookie.value)
    assert thief.get("/mi-cuenta").status_code == 200
    if how == "logout":
        assert browser.post("/salir").status_code == 303
    elif how == "password":
        data = {"current": PASSWORD, "new": "cuatro nubes sobre tinta"}
        assert browser.post("/mi-cuenta/contrasena", data=data).status_code == 303
        assert browser.get("/mi-cuenta").status_code == 200
    elif how == "suspended":
        deeds.suspend(cast.learner.id, "baja", by=cast.admin.id, at=NOW)
        db.session.commit()
    else:
        assert cast.client(cast.learner).post("/mi-cuenta/sesiones").status_code == 303
    answer = thief.get("/mi-cuenta")
    assert (answer.status_code, answer.location) == (303, "/entrar?siguiente=/mi-cuenta")


def test_a_session_ends_after_its_hours(cast: Cast) -> None:
    with time_machine.travel(NOW, tick=False) as moment:
        browser = cast.client(cast.learner)
        moment.shift(timedelta(hours=11, minutes=59))
        assert browser.get("/mi-cuenta").status_code == 200
        moment.shift(timedelta(minutes=2))
        assert browser.get("/mi-cuenta").status_code == 303


def test_an_old_hash_is_made_anew(cast: Cast) -> None:
    account = db.session.get_one(Account, cast.learner.id)
    account.password_hash = PasswordHasher(time_cost=1, memory_cost=8_192, parallelism=1).hash(PASSWORD)
    db.session.commit()
    assert entered(enter(cast.client(), "lucia@ejemplo.mx"))
    db.session.expire_all()
    assert "m=19456,t=2,p=1" in (account.password_hash or "")
    assert not outdated(account.password_hash or "")


def test_the_next_page_is_always_ours(cast: Cast) -> None:
    deeds.accept_notices(cast.learner.id, {"lgpdppso": "2026-05"}, at=NOW)
    db.session.commit()
    inside = cast.client(cast.learner)
    for target in OUTSIDE:
        assert inside.get("/entrar", query_string={"siguiente": target}).location == "/mis-cursos", target
    for target in OUTSIDE[1:4]:
        assert enter(cast.client(), "lucia@ejemplo.mx", siguiente=target).location == "/mis-cursos", target
    assert enter(cast.client(), "lucia@ejemplo.mx", siguiente="/mi-cuenta?x=1").location == "/mi-cuenta?x=1"


def test_the_next_page_is_kept_over_the_notice(cast: Cast) -> None:
    browser = cast.client()
    assert 'value="/mi-cuenta"' in browser.get("/entrar?siguiente=/mi-cuenta").text
    answer = enter(browser, "lucia@ejemplo.mx", siguiente="/mi-cuenta")
    assert answer.location == "/aviso?siguiente=/mi-cuenta"


def test_home_is_calm_outside_and_short_inside(cast: Cast) -> None:
    text = cast.client().get("/").text
    for href in ("/entrar", "/constancias", "/orientacion", "/codigo"):
        assert f'href="{href}"' in text
    assert cast.client(cast.learner).get("/").location == "/mis-cursos"
    assert cast.client(cast.learner).get("/entrar").location == "/mis-cursos"
