"""Studying as a browser does, for the tests that need somebody to have studied."""

from __future__ import annotations

from flask.testing import FlaskClient
from sqlalchemy import event, select

from lms.database import db
from lms.models.quizzes import Attempt
from lms.rules.quizzes import option_token

COURSE = "/cursos/curso-corto"
FORMATIVE = f"{COURSE}/evaluaciones/leccion-1"
FINAL = f"{COURSE}/evaluaciones/final"


def begin(browser: FlaskClient) -> None:
    """Start the course."""
    assert browser.post(f"{COURSE}/empezar").status_code == 303


def read(browser: FlaskClient, *lessons: int) -> None:
    """Read lessons."""
    for n in lessons:
        assert browser.post(f"{COURSE}/leccion-{n}/leida").status_code == 303


def open_attempt(browser: FlaskClient, quiz: str) -> Attempt:
    """Start or resume an attempt and return it."""
    answer = browser.post(f"{quiz}/empezar")
    assert answer.status_code == 303, answer.text
    assert "/intentos/" in answer.location, answer.location
    return stored(answer.location.split("/")[2])


def stored(public_id: str) -> Attempt:
    """Return an attempt as it is in the database now."""
    db.session.rollback()
    return db.session.scalars(
        select(Attempt).where(Attempt.public_id == public_id).execution_options(populate_existing=True)
    ).one()


def answer_all(browser: FlaskClient, attempt: Attempt, right: int) -> None:
    """Answer every question, the first `right` of them well ("a" is the right option of the cast's course)."""
    for n, question in enumerate(attempt.question_ids, start=1):
        token = option_token(attempt.seed, question, "a" if n <= right else "b")
        answer = browser.post(f"/intentos/{attempt.public_id}/{n}", data={"answer": token})
        assert answer.status_code == 303


def take(browser: FlaskClient, quiz: str, right: int) -> Attempt:
    """Start, answer and send an attempt."""
    attempt = open_attempt(browser, quiz)
    answer_all(browser, attempt, right)
    assert browser.post(f"/intentos/{attempt.public_id}/enviar").status_code == 303
    return stored(attempt.public_id)


def up_to_final(browser: FlaskClient) -> None:
    """Do everything that comes before the final quiz."""
    begin(browser)
    read(browser, 1)
    take(browser, FORMATIVE, 1)
    read(browser, 2)


def asked(browser: FlaskClient, page: str) -> list[str]:
    """Return what a page asks the database, without what opens a transaction."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert browser.get(page).status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return [statement for statement in seen if not statement.startswith(("BEGIN", "PRAGMA"))]
