"""Publishing: one immutable version for each content, and the key apart from what is shown."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from lms import clock, content
from lms.actions import courses as actions
from lms.content import Lesson, Objective, Option, Question, Quiz, Source
from lms.database import db
from lms.models.audit import AuditEntry
from lms.models.courses import Course, CourseVersion, LessonText, QuestionText
from lms.models.courses import Question as QuestionRow
from lms.queries import courses


def written(content_hash: str = "a" * 64, html: str = "<p>Uno</p>") -> content.Course:
    """A course as its files say it."""
    day = clock.today()
    options = (Option("a", "Sí", True, "<p>Porque sí.</p>"), Option("b", "No", False, "<p>Porque no.</p>"))
    question = Question("c-q1-01", "single", "uno", "<p>¿Sí?</p>", True, options)
    several = replace(question, id="c-f-01", kind="multiple", fixed=False)
    return content.Course(
        slug="cuidados",
        title="Cuidados",
        summary="Para probar.",
        language="es-MX",
        hours=1,
        current_on=day,
        objectives=(Objective("uno", "Reconocer"),),
        sources=(Source("s1", "Ley"),),
        lessons=(Lesson("c-l1", "inicio", 1, "Inicio", 5, html, 2, ("uno",), ("s1",), day, "pendiente", "pendiente"),),
        quizzes=(
            Quiz("c-q1", "inicio", "formative", "Comprueba", "c-l1", None, None, 0, (), (question,)),
            Quiz("c-f", "final", "final", "Final", None, 8, 3, 20, (("uno", 1),), (several,)),
        ),
        content_hash=content_hash,
    )


def versions() -> int:
    return db.session.scalar(select(func.count()).select_from(CourseVersion)) or 0


def test_the_first_time_makes_the_course_and_its_first_version(app: Flask) -> None:
    version = actions.publish(written(), by=None, at=clock.now())
    db.session.commit()
    assert version is not None
    assert version.number == 1
    row = db.session.scalars(select(Course)).one()
    assert (row.slug, row.current_version_id) == ("cuidados", version.id)
    page = courses.lesson_page(version.id, "inicio")
    assert page is not None
    assert (page.html, page.sources) == ("<p>Uno</p>", ("Ley",))
    entry = db.session.scalars(select(AuditEntry)).one()
    assert (entry.deed, entry.subject_id, entry.facts["version"]) == ("course.publish", "cuidados", 1)


def test_the_same_content_again_changes_nothing(app: Flask) -> None:
    actions.publish(written(), by=None, at=clock.now())
    db.session.commit()
    assert actions.publish(written(), by=None, at=clock.now()) is None
    assert versions() == 1
    assert len(db.session.scalars(select(AuditEntry)).all()) == 1


def test_new_content_is_a_new_version_and_the_old_one_stays(app: Flask) -> None:
    first = actions.publish(written(), by=None, at=clock.now())
    second = actions.publish(written("b" * 64, "<p>Dos</p>"), by=None, at=clock.now())
    db.session.commit()
    assert first is not None
    assert second is not None
    assert second.number == 2
    assert db.session.scalars(select(Course.current_version_id)).one() == second.id
    assert sorted(db.session.scalars(select(LessonText.html))) == ["<p>Dos</p>", "<p>Uno</p>"]


def test_going_back_to_an_older_content_makes_no_version(app: Flask) -> None:
    first = actions.publish(written(), by=None, at=clock.now())
    actions.publish(written("b" * 64), by=None, at=clock.now())
    again = actions.publish(written(), by=None, at=clock.now())
    db.session.commit()
    assert first is not None
    assert again is not None
    assert again.id == first.id
    assert versions() == 2
    assert db.session.scalars(select(Course.current_version_id)).one() == first.id


def test_the_key_is_kept_apart_from_what_is_shown(app: Flask) -> None:
    actions.publish(written(), by=None, at=clock.now())
    db.session.commit()
    assert db.session.scalars(select(QuestionRow.right_options)).all() == [["a"], ["a"]]
    for text in db.session.scalars(select(QuestionText)):
        assert text.options[0] == {"id": "a", "html": "Sí", "feedback": "<p>Porque sí.</p>"}
        assert "right" not in json.dumps(text.options)


def test_every_real_course_can_be_published_and_taken(app: Flask, tmp_path: Path) -> None:
    import config

    found, faults = content.read_courses(config.ROOT / "courses")
    if faults:
        pytest.fail(f"{faults[0].path}:{faults[0].line}: {faults[0].code}")
    for course in found:
        assert actions.publish(course, by=None, at=clock.now()) is not None
    db.session.commit()
    # A copy elsewhere is the same content.
    shutil.copytree(config.ROOT / "courses", tmp_path / "courses")
    for course in content.read_courses(tmp_path / "courses")[0]:
        assert actions.publish(course, by=None, at=clock.now()) is None
