"""Courses as authors and staff see them: what was published, and what its files say of their review."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, current_app, render_template

from lms.content import Course, Fault, read_courses
from lms.database import reading
from lms.permissions import Permission
from lms.queries import courses_admin
from lms.web import gate
from lms.web.gate import needs

bp = Blueprint("courses_admin", __name__)


@dataclass(frozen=True)
class Files:
    """What the files of a course say: whether they are what is published, and how many lessons lack each sign-off."""

    published: bool
    lessons: int
    law_pending: int
    teaching_pending: int


def _files(course: Course, published: str | None) -> Files:
    return Files(
        course.content_hash == published,
        len(course.lessons),
        sum(lesson.review_law == "pendiente" for lesson in course.lessons),
        sum(lesson.review_teaching == "pendiente" for lesson in course.lessons),
    )


@bp.get("/admin/cursos")
@needs(Permission.COURSE_READ)
def courses() -> str:
    """Show every course: its versions, and the state of its files in this installation."""
    with reading():
        rows = courses_admin.courses(gate.scope(Permission.COURSE_READ))
    read, faults = _read()
    known = {row.slug: row for row in rows}
    files = {c.slug: _files(c, known[c.slug].current_hash) for c in read if c.slug in known}
    unpublished = [course for course in read if course.slug not in known]
    return render_template(
        "institutions/courses.html", rows=rows, files=files, unpublished=unpublished, faults=len(faults)
    )


def _read() -> tuple[tuple[Course, ...], tuple[Fault, ...]]:
    root = current_app.config["AULA"].courses_dir
    return read_courses(root) if root.is_dir() else ((), ())
