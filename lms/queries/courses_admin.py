"""Questions of authors and staff about courses: every version, what it holds, and how many people follow it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from lms.database import db
from lms.models.courses import Course, CourseVersion, Lesson, Question, Quiz
from lms.models.enrolments import Cycle
from lms.permissions import Scope


@dataclass(frozen=True)
class VersionRow:
    """A published version: how many lessons, quizzes and questions it holds, and how many cycles began with it."""

    number: int
    content_hash: str
    title: str
    hours: int
    current_on: date
    published_at: datetime
    lessons: int
    quizzes: int
    questions: int
    started: int
    completed: int
    current: bool


@dataclass(frozen=True)
class CourseRow:
    """A course with its versions, the latest first."""

    slug: str
    title: str
    versions: tuple[VersionRow, ...]

    @property
    def current_hash(self) -> str | None:
        """The content hash of the version that people who start now get."""
        return next((v.content_hash for v in self.versions if v.current), None)


def _count(*where: ColumnElement[bool], of: Any = None) -> Any:
    query: Select[int] = select(func.count()).where(*where)
    return (query.select_from(of) if of is not None else query).scalar_subquery()


def courses(scope: Scope) -> tuple[CourseRow, ...]:
    """Return every course with its versions, in one question."""
    if not scope.everything:
        return ()
    mine = Cycle.version_id == CourseVersion.id
    rows = db.session.execute(
        select(
            Course, CourseVersion,
            _count(Lesson.version_id == CourseVersion.id),
            _count(Quiz.version_id == CourseVersion.id),
            _count(Question.quiz_id == Quiz.id, Quiz.version_id == CourseVersion.id),
            _count(mine, Cycle.started_at.is_not(None)),
            _count(mine, Cycle.completed_at.is_not(None)),
        )
        .outerjoin(CourseVersion, CourseVersion.course_id == Course.id)
        .order_by(Course.title, Course.id, CourseVersion.number.desc())
    )  # fmt: skip
    grouped: dict[int, tuple[Course, list[VersionRow]]] = {}
    for course, version, *counts in rows:
        _, versions = grouped.setdefault(course.id, (course, []))
        if version is not None:
            versions.append(_row(course, version, counts))
    return tuple(CourseRow(course.slug, course.title, tuple(versions)) for course, versions in grouped.values())


def _row(course: Course, version: CourseVersion, counts: list[int]) -> VersionRow:
    lessons, quizzes, questions, started, completed = counts
    return VersionRow(
        version.number, version.content_hash, version.title, version.hours, version.current_on, version.published_at,
        lessons, quizzes, questions, started, completed, version.id == course.current_version_id,
    )  # fmt: skip
