"""`lms courses` and `lms enrolments`."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

import config
from lms.cli import cli
from lms.database import db
from lms.models.courses import CourseVersion
from lms.models.enrolments import Cycle
from tests.people import Cast
from tests.study import FINAL, take, up_to_final

TOML = """slug = "cuidados"
title = "Cuidados"
summary = "Para probar."
language = "es-MX"
hours = 1
vigente_al = 2026-04-30
[[objectives]]
id = "uno"
text = "Reconocer"
[[sources]]
id = "s1"
text = "Ley"
[final]
title = "Final"
pass_mark = 8
attempts = 3
wait_minutes = 20
draw = { uno = 1 }
"""
LESSON = """+++
id = "c-l1"
title = "Inicio"
minutes = 5
objectives = ["uno"]
sources = ["s1"]
vigente_al = 2026-04-30
review = { law = "pendiente", teaching = "pendiente" }
+++
Texto de la lección.
"""
QUIZ = """+++
id = "%s"
title = "%s"
+++

## [%s-01] ¿Sí?
- objetivo: uno

- [x] Sí
  > Porque sí.
- [ ] No
  > Porque no.
- [ ] Tal vez
  > Decide.
"""


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, list(arguments))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A courses folder with one small course, which the settings name."""
    course = tmp_path / "courses" / "cuidados"
    for part in ("01-inicio", "final"):
        (course / part).mkdir(parents=True)
    (course / "course.toml").write_text(TOML)
    (course / "01-inicio" / "lesson.md").write_text(LESSON)
    (course / "01-inicio" / "questions.md").write_text(QUIZ % ("c-q1", "Comprueba", "c-q1"))
    (course / "final" / "questions.md").write_text(QUIZ % ("c-f", "Final", "c-f"))
    monkeypatch.setenv("COURSES_DIR", str(tmp_path / "courses"))
    assert config.load().courses_dir == tmp_path / "courses"
    return tmp_path / "courses"


def test_check_says_that_all_is_well(folder: Path) -> None:
    for arguments in ((), (str(folder),), (str(folder / "cuidados"),)):
        result = run("courses", "check", *arguments)
        assert (result.exit_code, result.output) == (0, "cuidados: 1 lecciones, 2 preguntas, sin faltas.\n")


def test_check_says_every_fault_with_file_line_and_a_sentence(folder: Path) -> None:
    lesson = folder / "cuidados" / "01-inicio" / "lesson.md"
    lesson.write_text(LESSON.replace('id = "c-l1"', 'id = "C L1"') + "\n# Un título\n")
    result = run("courses", "check")
    assert result.exit_code == 1
    lines = result.output.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("cuidados/01-inicio/lesson.md:2: «C L1» no sirve como identificador.")
    assert lines[1].startswith("cuidados/01-inicio/lesson.md:12: Los títulos de la lección empiezan con «##».")


def test_publish_publishes_once(cast: Cast, folder: Path) -> None:
    before = db.session.scalar(select(func.count()).select_from(CourseVersion)) or 0
    db.session.rollback()
    first, second = run("courses", "publish"), run("courses", "publish")
    assert (first.exit_code, first.output) == (0, "cuidados: versión 1 publicada.\n")
    assert (second.exit_code, second.output) == (0, "cuidados: sin cambios.\n")
    assert db.session.scalar(select(func.count()).select_from(CourseVersion)) == before + 1


def test_publish_with_a_fault_publishes_nothing(cast: Cast, folder: Path) -> None:
    (folder / "cuidados" / "final" / "questions.md").unlink()
    before = db.session.scalar(select(func.count()).select_from(CourseVersion))
    db.session.rollback()
    result = run("courses", "publish")
    assert result.exit_code == 1
    assert "cuidados/final/questions.md:1:" in result.output
    assert db.session.scalar(select(func.count()).select_from(CourseVersion)) == before


def test_a_recount_agrees_with_what_was_studied(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lms.cli.enrolments.CHUNK", 1)
    for who, right in ((cast.learner, 4), (cast.classmate, 1)):
        browser = cast.client(who)
        up_to_final(browser)
        take(browser, FINAL, right)
    db.session.rollback()
    result = run("enrolments", "recount")
    assert (result.exit_code, result.output) == (0, "2 ciclos revisados, 0 con diferencias.\n")


def test_a_recount_finds_a_completion_that_the_facts_do_not_bear_out(cast: Cast) -> None:
    for who, right in ((cast.learner, 4), (cast.classmate, 1)):
        browser = cast.client(who)
        up_to_final(browser)
        take(browser, FINAL, right)
    done = db.session.scalars(select(Cycle).where(Cycle.completed_at.is_not(None))).one()
    other = db.session.scalars(select(Cycle).where(Cycle.started_at.is_not(None), Cycle.completed_at.is_(None))).one()
    moved = done.completed_at
    assert moved is not None
    done.completed_at, other.completed_at = moved - timedelta(days=1), moved
    db.session.commit()
    result = run("enrolments", "recount")
    assert result.exit_code == 1
    assert f"Ciclo {done.id}: guardado" in result.output
    assert f"Ciclo {other.id}: guardado {moved.isoformat(timespec='seconds')}, según los hechos sin terminar." in (
        result.output
    )
    assert "2 ciclos revisados, 2 con diferencias." in result.output
