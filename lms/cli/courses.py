"""`lms courses`: check and publish the course files."""

from __future__ import annotations

import sys
from pathlib import Path

import click

import config
from lms import clock
from lms.actions import courses as actions
from lms.cli.context import application
from lms.content import Course, Fault, read_course, read_courses
from lms.database import db
from lms.texts.sentences import sentence


@click.group()
def commands() -> None:
    """Los cursos, tal como están en sus archivos."""


def _read(path: Path | None) -> tuple[tuple[Course, ...], tuple[Fault, ...]]:
    """Read one course when `path` is its folder, else every course in it (by default, where they are kept)."""
    root = path or config.load().courses_dir
    if not (root / "course.toml").exists():
        return read_courses(root)
    course, faults = read_course(root)
    return ((course,) if course else ()), faults


def _show(faults: tuple[Fault, ...]) -> None:
    for fault in faults:
        click.echo(f"{fault.path}:{fault.line}: {sentence(fault.code, **dict(fault.params))}")


PATH = click.argument("path", required=False, type=click.Path(path_type=Path))


@commands.command("check")
@PATH
def check(path: Path | None) -> None:
    """Revisa los cursos y dice todo lo que hay que corregir, con archivo y línea."""
    courses, faults = _read(path)
    _show(faults)
    if faults:
        sys.exit(1)
    for course in courses:
        questions = sum(len(quiz.questions) for quiz in course.quizzes)
        click.echo(f"{course.slug}: {len(course.lessons)} lecciones, {questions} preguntas, sin faltas.")
    if not courses:
        click.echo("Aquí no hay cursos.")


@commands.command("publish")
@PATH
def publish(path: Path | None) -> None:
    """Publica los cursos que cambiaron; si alguno tiene faltas, no publica ninguno."""
    courses, faults = _read(path)
    _show(faults)
    if faults:
        click.echo("No se publicó nada.", err=True)
        sys.exit(1)
    with application().app_context():
        for course in courses:
            version = actions.publish(course, by=None, at=clock.now())
            db.session.commit()
            said = f"versión {version.number} publicada" if version else "sin cambios"
            click.echo(f"{course.slug}: {said}.")
