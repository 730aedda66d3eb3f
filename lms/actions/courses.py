"""Publishing a course: what the files say becomes a version that never changes again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from lms import content
from lms.actions.audit import record
from lms.database import db
from lms.models.courses import Course, CourseVersion, Lesson, LessonText, Question, QuestionText, Quiz
from lms.queries import courses


def publish(course: content.Course, *, by: int | None, at: datetime) -> CourseVersion | None:
    """Publish what a course folder says; None when it already is what people who start now get.

    A new content hash makes a new version. A hash published before makes none: if it is an older version, the course
    goes back to it. Whoever has begun keeps the version she began. `by` is None when the command line publishes.
    """
    row = courses.by_slug(course.slug) or _new_course(course, at)
    version = courses.version_by_hash(course.content_hash)
    if version is not None and version.id == row.current_version_id:
        return None
    deed = "course.publish" if version is None else "course.return"
    version = version or _new_version(row, course, at)
    row.title = version.title
    row.current_version_id = version.id
    db.session.flush()
    record(deed, "course", row.slug, by=by, at=at, version=version.number, hash=version.content_hash)
    return version


def _new_course(course: content.Course, at: datetime) -> Course:
    row = Course(slug=course.slug, title=course.title, created_at=at)
    db.session.add(row)
    db.session.flush()
    return row


def _new_version(row: Course, course: content.Course, at: datetime) -> CourseVersion:
    last = db.session.scalar(select(func.max(CourseVersion.number)).where(CourseVersion.course_id == row.id))
    version = CourseVersion(
        course_id=row.id,
        number=(last or 0) + 1,
        content_hash=course.content_hash,
        title=course.title,
        summary=course.summary,
        hours=course.hours,
        current_on=course.current_on,
        objectives=[{"id": o.id, "text": o.text} for o in course.objectives],
        sources=[{"id": s.id, "text": s.text} for s in course.sources],
        published_at=at,
    )
    db.session.add(version)
    db.session.flush()
    _add_lessons(version, course)
    _add_quizzes(version, course)
    return version


def _add_lessons(version: CourseVersion, course: content.Course) -> None:
    made = [
        Lesson(
            version_id=version.id,
            stable_id=lesson.id,
            slug=lesson.slug,
            position=lesson.position,
            minutes=lesson.minutes,
            objectives=list(lesson.objectives),
            sources=list(lesson.sources),
            current_on=lesson.current_on,
        )
        for lesson in course.lessons
    ]
    db.session.add_all(made)
    db.session.flush()
    db.session.add_all(
        LessonText(lesson_id=row.id, language=course.language, title=lesson.title, html=lesson.html)
        for row, lesson in zip(made, course.lessons, strict=True)
    )


def _add_quizzes(version: CourseVersion, course: content.Course) -> None:
    made = [
        Quiz(
            version_id=version.id,
            stable_id=quiz.id,
            slug=quiz.slug,
            kind=quiz.kind,
            position=position,
            lesson_stable_id=quiz.lesson_id,
            title=quiz.title,
            pass_mark=quiz.pass_mark,
            attempts=quiz.attempts,
            wait_minutes=quiz.wait_minutes,
            draw=[list(pair) for pair in quiz.draw],
        )
        for position, quiz in enumerate(course.quizzes, start=1)
    ]
    db.session.add_all(made)
    db.session.flush()
    for row, quiz in zip(made, course.quizzes, strict=True):
        _add_questions(row, quiz, course.language)


def _add_questions(row: Quiz, quiz: content.Quiz, language: str) -> None:
    made = [
        Question(
            quiz_id=row.id,
            stable_id=question.id,
            position=position,
            kind=question.kind,
            objective=question.objective,
            fixed=question.fixed,
            right_options=[option.id for option in question.options if option.right],
        )
        for position, question in enumerate(quiz.questions, start=1)
    ]
    db.session.add_all(made)
    db.session.flush()
    db.session.add_all(
        QuestionText(
            question_id=question_row.id,
            language=language,
            prompt_html=question.prompt_html,
            options=[_option(option) for option in question.options],
        )
        for question_row, question in zip(made, quiz.questions, strict=True)
    )
    db.session.flush()


def _option(option: content.Option) -> dict[str, Any]:
    """Return what may be shown of an option; whether it is right is said apart, in the question's key."""
    return {"id": option.id, "html": option.html, "feedback": option.feedback_html}
