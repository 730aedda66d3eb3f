"""Courses as they are published: versions by their hash, and the page of a lesson."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from lms.database import db
from lms.models.courses import Course, CourseVersion, Lesson, LessonText

# The language in which courses are shown.
LANGUAGE = "es-MX"


@dataclass(frozen=True)
class LessonPage:
    """A lesson to read: `html` was rendered and sanitised when it was published."""

    html: str
    current_on: date
    sources: tuple[str, ...]


def lesson_page(version_id: int, slug: str) -> LessonPage | None:
    """Return the text of a lesson of a version, with its sources as they are cited."""
    row = db.session.execute(
        select(LessonText.html, Lesson.current_on, Lesson.sources, CourseVersion.sources)
        .join(Lesson, Lesson.id == LessonText.lesson_id)
        .join(CourseVersion, CourseVersion.id == Lesson.version_id)
        .where(Lesson.version_id == version_id, Lesson.slug == slug, LessonText.language == LANGUAGE)
    ).one_or_none()
    if row is None:
        return None
    html, current_on, cited, sources = row
    return LessonPage(html, current_on, tuple(s["text"] for s in sources if s["id"] in cited))


def by_slug(slug: str) -> Course | None:
    """Return a course."""
    return db.session.scalar(select(Course).where(Course.slug == slug))


def version_by_hash(content_hash: str) -> CourseVersion | None:
    """Return the version that was published from exactly these files."""
    return db.session.scalar(select(CourseVersion).where(CourseVersion.content_hash == content_hash))
