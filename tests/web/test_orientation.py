"""Where to turn: the same page for everyone, and a way out that works without a script."""

from __future__ import annotations

import re

from lms.database import db
from tests.people import Cast
from tests.web.test_people_first_entry import tables


def test_911_and_079_come_first_with_source_and_date(cast: Cast) -> None:
    page = cast.client().get("/orientacion")
    assert re.findall(r'href="tel:(\d+)"', page.text)[:2] == ["911", "079"]
    assert page.text.count("Fuente: ") == page.text.count("Verificado el ") == page.text.count("<section")
    assert "sin verificar" not in page.text.lower()
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"


def test_the_page_is_the_same_bytes_for_everyone_and_leaves_no_trace(cast: Cast) -> None:
    db.session.commit()
    browsers = [cast.client(), cast.client(cast.learner), cast.client(cast.enlace)]
    before = tables()
    assert len({browser.get("/orientacion").data for browser in browsers}) == 1
    for browser in browsers:
        browser.get("/salida")
    assert tables() == before


def test_the_way_out_leaves_the_session_behind(cast: Cast) -> None:
    browser = cast.client(cast.learner)
    answer = browser.get("/salida")
    assert (answer.status_code, answer.location) == (303, cast.app.config["AULA"].exit_url)
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert browser.get_cookie("aula") is None
    assert browser.get("/mi-cuenta").status_code == 303


def test_every_page_offers_both_ways(cast: Cast) -> None:
    for path, who in (("/mi-cuenta", cast.learner), ("/orientacion", None), ("/entrar", None)):
        text = cast.client(who).get(path).text
        assert text.count('href="/salida"') == 2
        assert 'href="/orientacion"' in text
