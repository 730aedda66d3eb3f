"""Mis cursos, the page of a course and its lessons."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from lms import clock
from lms.database import db
from lms.models.certificates import Certificate, StandingRelease
from lms.models.courses import Course, CourseVersion, Lesson, LessonText
from lms.models.enrolments import Cycle, LessonRead
from tests.people import Cast, course, enrol
from tests.study import COURSE, FINAL, FORMATIVE, asked, begin, read, take, up_to_final


def cycle(cast: Cast) -> Cycle:
    db.session.rollback()
    return db.session.scalars(
        select(Cycle).where(Cycle.id == cast.cycle.id).execution_options(populate_existing=True)
    ).one()


def test_a_new_course_says_how_to_begin(cast: Cast) -> None:
    page = cast.client(cast.learner).get("/mis-cursos").text
    assert "Curso corto" in page
    assert "0 de 4" in page
    assert "Empieza con la lección 1, unos 6 minutos" in page
    assert f'href="{COURSE}"' in page


def test_without_courses_the_page_says_what_will_come(cast: Cast) -> None:
    assert "Todavía no tienes cursos" in cast.client(cast.admin).get("/mis-cursos").text


def test_the_next_step_moves_with_her(cast: Cast) -> None:
    browser = cast.client(cast.learner)
    begin(browser)
    assert "Sigue: Lección 1, unos 6 minutos" in browser.get("/mis-cursos").text
    read(browser, 1)
    assert "Sigue: comprueba lo aprendido en la lección 1" in browser.get("/mis-cursos").text
    take(browser, FORMATIVE, 0)
    page = browser.get("/mis-cursos").text
    assert "Sigue: Lección 2, unos 6 minutos" in page
    assert "2 de 4" in page


@pytest.mark.parametrize(
    ("days", "grace", "said"),
    [
        (13, 0, "Vence el viernes 13 de marzo de 2026, en 13 días"),
        (1, 0, "Vence el domingo 1 de marzo de 2026, mañana"),
        (0, 0, "Vence hoy, sábado 28 de febrero de 2026"),
        (-1, 0, "Venció el viernes 27 de febrero de 2026"),
        (-1, 3, "Venció el viernes 27 de febrero de 2026; todavía puedes terminar hasta el lunes 2 de marzo de 2026"),
    ],
)
def test_the_due_date_in_words(cast: Cast, days: int, grace: int, said: str) -> None:
    # 23:30 of 28 February in Mexico City is already 1 March in UTC.
    with time_machine.travel(datetime(2026, 2, 28, 23, 30, tzinfo=clock.MEXICO), tick=False):
        row = cycle(cast)
        row.due_on, row.grace_days = date(2026, 2, 28) + timedelta(days=days), grace
        db.session.commit()
        assert said in cast.client(cast.learner).get("/mis-cursos").text


def test_starting_twice_starts_once_and_keeps_the_version(cast: Cast) -> None:
    browser = cast.client(cast.learner)
    assert browser.post(f"{COURSE}/empezar").location == f"{COURSE}/leccion-1"
    first = cycle(cast).started_at
    read(browser, 1)
    assert browser.post(f"{COURSE}/empezar").location == FORMATIVE
    assert cycle(cast).started_at == first
    assert cycle(cast).version_id == cast.course.current_version_id


def test_a_course_that_opens_later_cannot_be_started(cast: Cast) -> None:
    row = cycle(cast)
    row.opens_on = clock.today() + timedelta(days=2)
    db.session.commit()
    browser = cast.client(cast.learner)
    assert "Este curso abre el" in browser.get(COURSE).text
    assert "Empezar" not in browser.get(COURSE).text
    assert browser.post(f"{COURSE}/empezar").location == COURSE
    assert cycle(cast).started_at is None


def test_who_is_not_enrolled_finds_nothing(cast: Cast) -> None:
    browser = cast.client(cast.admin)
    for url in (COURSE, f"{COURSE}/leccion-1", f"{COURSE}/evaluaciones/final", "/cursos/no-existe"):
        assert browser.get(url).status_code == 404
    for url in (f"{COURSE}/empezar", f"{COURSE}/leccion-1/leida", f"{COURSE}/evaluaciones/final/empezar"):
        assert browser.post(url).status_code == 404


def test_a_lesson_shows_its_text_sources_and_place(cast: Cast) -> None:
    browser = cast.client(cast.learner)
    begin(browser)
    page = browser.get(f"{COURSE}/leccion-1").text
    assert "<p>Texto de la lección 1.</p>" in page
    assert "Lección 1 de 2, unos 6 minutos" in page
    assert "Contenido vigente al 30 de abril de 2026" in page
    assert "Constitución, artículo 1" in page
    assert browser.get(f"{COURSE}/no-hay").status_code == 404


def test_a_lesson_before_starting_leads_to_the_course(cast: Cast) -> None:
    browser = cast.client(cast.learner)
    assert browser.get(f"{COURSE}/leccion-1").location == COURSE
    assert browser.post(f"{COURSE}/leccion-1/leida").location == COURSE
    assert db.session.scalars(select(LessonRead)).all() == []


def test_a_later_lesson_explains_why_it_is_locked(cast: Cast) -> None:
    browser = cast.client(cast.learner)
    begin(browser)
    page = browser.get(f"{COURSE}/leccion-2").text
    assert "Esta lección se abre cuando terminas las partes anteriores. Te faltan 2." in page
    assert "Sigue: Lección 1" in page
    assert "Texto de la lección 2" not in page
    assert browser.post(f"{COURSE}/leccion-2/leida").location == COURSE
    assert db.session.scalars(select(LessonRead)).all() == []


def test_reading_twice_keeps_the_first_moment_and_moves_the_last(cast: Cast) -> None:
    browser = cast.client(cast.learner)
    begin(browser)
    with time_machine.travel(clock.now() + timedelta(hours=1), tick=False):
        read(browser, 1)
        first = clock.now()
    with time_machine.travel(clock.now() + timedelta(hours=2), tick=False):
        read(browser, 1)
        last = clock.now()
    row = db.session.scalars(select(LessonRead)).one()
    assert (row.first_at, row.last_at) == (first, last)


def test_reading_goes_on_to_the_next_step(cast: Cast) -> None:
    browser = cast.client(cast.learner)
    begin(browser)
    assert browser.post(f"{COURSE}/leccion-1/leida").location == FORMATIVE
    take(browser, FORMATIVE, 2)
    assert browser.post(f"{COURSE}/leccion-1/leida").location == f"{COURSE}/leccion-2"
    assert browser.post(f"{COURSE}/leccion-2/leida").location == f"{COURSE}/evaluaciones/final"


def test_a_new_version_midway_changes_nothing_for_her(cast: Cast) -> None:
    browser = cast.client(cast.learner)
    begin(browser)
    old = cast.course.current_version_id
    newer = CourseVersion(
        course_id=cast.course.id, number=2, content_hash="f" * 64, title="Otro título", summary="Nuevo.", hours=3,
        current_on=date(2027, 1, 1), objectives=[], sources=[], published_at=clock.now(),
    )  # fmt: skip
    db.session.add(newer)
    db.session.flush()
    lesson = Lesson(
        version_id=newer.id, stable_id="l1", slug="leccion-1", position=1, minutes=1, objectives=[], sources=[],
        current_on=date(2027, 1, 1),
    )  # fmt: skip
    db.session.add(lesson)
    db.session.flush()
    db.session.add(LessonText(lesson_id=lesson.id, language="es-MX", title="Nueva", html="<p>Texto nuevo.</p>"))
    row = db.session.get_one(Course, cast.course.id)
    row.current_version_id = newer.id
    db.session.commit()
    assert "Texto de la lección 1" in browser.get(f"{COURSE}/leccion-1").text
    assert cycle(cast).version_id == old
    classmate = cast.client(cast.classmate)
    begin(classmate)
    assert "Texto nuevo." in classmate.get(f"{COURSE}/leccion-1").text


def test_the_latest_cycle_is_the_one_she_studies(cast: Cast) -> None:
    browser = cast.client(cast.learner)
    begin(browser)
    db.session.add(Cycle(enrolment_id=cast.cycle.enrolment_id, number=2))
    db.session.commit()
    page = browser.get("/mis-cursos").text
    assert page.count("<article") == 1
    assert "Empieza con la lección 1" in page


def test_a_live_constancia_is_one_button_away_and_a_revoked_one_is_not(cast: Cast) -> None:
    browser = cast.client(cast.learner)
    up_to_final(browser)
    take(browser, FINAL, 4)
    assert "Acreditaste el curso" in browser.get("/mis-cursos").text
    assert "Tu constancia aparecerá" in browser.get(COURSE).text
    now = clock.now()
    release = StandingRelease(
        public_id=clock.public_id(), course_id=cast.course.id, proposed_by_id=cast.officer.id, proposed_at=now
    )
    db.session.add(release)
    db.session.flush()
    made = Certificate(
        folio=clock.folio(), cycle_id=cast.cycle.id, institution_id=cast.own.id, standing_release_id=release.id,
        snapshot="{}", key_id="k", signature=b"s", issued_at=now,
    )  # fmt: skip
    db.session.add(made)
    db.session.commit()
    for page in ("/mis-cursos", COURSE):
        assert f'href="/constancias/{made.folio}"' in browser.get(page).text
    made.revoked_at = now
    db.session.commit()
    for page in ("/mis-cursos", COURSE):
        assert made.folio not in browser.get(page).text


def test_question_counts_stay_low_and_constant(cast: Cast) -> None:
    browser = cast.client(cast.learner)
    up_to_final(browser)
    assert len(asked(browser, f"{COURSE}/leccion-1")) <= 6
    one = len(asked(browser, "/mis-cursos"))
    for n in (2, 3):
        enrol(cast.learner, course(f"curso-{n}"))
    db.session.commit()
    assert len(asked(browser, "/mis-cursos")) == one
    assert cast.client(cast.learner).get("/mis-cursos").text.count("<article") == 3


def test_reading_needs_no_script_and_gets_change_nothing(cast: Cast) -> None:
    browser = cast.client(cast.learner)
    begin(browser)
    for url in ("/mis-cursos", COURSE, f"{COURSE}/leccion-1", FORMATIVE):
        browser.get(url)
    assert db.session.scalars(select(LessonRead)).all() == []
    assert f'action="{COURSE}/leccion-1/leida"' in browser.get(f"{COURSE}/leccion-1").text
