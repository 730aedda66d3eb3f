"""What a learner's phone carries and allows: little weight, no need of scripts, and a way out at once."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

import config
from lms import clock
from lms.actions import courses
from lms.content import read_course
from lms.database import db
from lms.models.courses import Course
from lms.models.institutions import Institution
from tests.people import affiliate, enrol, institution, person, sign_in
from tests.walks.conftest import Site

FIRST_VISIT = 60_000
REQUESTS = 8
REPEAT = 15_000


def learner(site: Site, *, scripts: bool = True) -> Page:
    """Someone enrolled in the real course, signed in, who has begun it."""
    with site.app.app_context():
        course, _faults = read_course(config.ROOT / "courses" / "derechos-humanos")
        assert course is not None
        courses.publish(course, by=None, at=clock.now())
        place: Institution = institution("propia")
        who = person("Lucía", "Aprendiz")
        found = db.session.query(Course).filter_by(slug="derechos-humanos").one()
        enrol(who, found, affiliate(who, place))
        db.session.commit()
        browser = site.app.test_client()
        sign_in(browser, who)
        cookie = browser.get_cookie("aula")
        assert cookie is not None
        db.session.remove()
    page = site.visitor(scripts=scripts)
    page.context.add_cookies([{"name": "aula", "value": cookie.value, "url": site.url}])
    page.goto("/cursos/derechos-humanos")
    page.get_by_role("button", name=re.compile("Empezar")).first.click()
    return page


def weigh(site: Site, page: Page, path: str) -> tuple[int, int]:
    """Bytes over the wire and requests of a visit."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    loaded: list[float] = []
    session.on("Network.loadingFinished", lambda event: loaded.append(event["encodedDataLength"]))
    page.goto(path, wait_until="networkidle")
    session.detach()
    return int(sum(loaded)), len([size for size in loaded if size])


@pytest.mark.walk
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_lesson_weighs_little(site: Site) -> None:
    first = learner(site)
    cookies = first.context.cookies()
    fresh = site.visitor()
    fresh.context.add_cookies([{"name": c["name"], "value": c["value"], "url": site.url} for c in cookies])  # type: ignore[typeddict-item]
    size, requests = weigh(site, fresh, "/cursos/derechos-humanos/que-son")
    assert size <= FIRST_VISIT, f"{size} bytes"
    assert requests <= REQUESTS
    again, more = weigh(site, fresh, "/cursos/derechos-humanos/que-son")
    assert again <= REPEAT, f"{again} bytes"
    assert more <= 2


@pytest.mark.walk
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_lesson_and_its_quiz_without_scripts(site: Site) -> None:
    page = learner(site, scripts=False)
    page.goto("/cursos/derechos-humanos/que-son")
    page.get_by_role("button", name="Continuar").click()
    page.goto("/cursos/derechos-humanos/evaluaciones/que-son")
    page.locator("main form button[type=submit]").first.click()
    while page.url.rsplit("/", 1)[1] != "revisar":
        page.locator("main input[type=radio], main input[type=checkbox]").first.check(force=True)
        page.get_by_role("button", name=re.compile("Siguiente|Revisar y enviar")).first.click()
    page.get_by_role("button", name="Enviar respuestas").click()
    expect(page).to_have_url(re.compile("/resultado$"))


@pytest.mark.walk
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_an_answer_is_saved_as_it_is_given(site: Site) -> None:
    page = learner(site)
    page.goto("/cursos/derechos-humanos/que-son")
    page.get_by_role("button", name="Continuar").click()
    page.goto("/cursos/derechos-humanos/evaluaciones/que-son")
    page.locator("main form button[type=submit]").first.click()
    page.locator("main input[type=radio], main input[type=checkbox]").first.check(force=True)
    expect(page.get_by_text("Guardado")).to_be_visible()
    chosen = page.locator("main input:checked").get_attribute("value")
    page.reload()
    assert page.locator("main input:checked").get_attribute("value") == chosen


@pytest.mark.walk
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("scripts", [True, False])
def test_the_quick_exit_leaves_nothing_behind(site: Site, scripts: bool) -> None:
    page = learner(site, scripts=scripts)
    page.goto("/cursos/derechos-humanos/que-son")
    away = site.app.config["AULA"].exit_url

    def elsewhere(route: Route) -> None:
        route.fulfill(body="<title>otro sitio</title>", content_type="text/html")

    page.route(re.compile(re.escape(away)), elsewhere)
    page.get_by_role("link", name="Salida rápida").first.click()
    page.wait_for_url(re.compile(re.escape(away)))
    page.go_back()
    assert "Qué son los derechos" not in page.content(), "the back button shows nothing of the lesson"
