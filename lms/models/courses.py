"""Courses and their published, immutable versions: lessons and questions with stable ids and texts by language."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.database import Base, Json, code_text, key, name_text


class Course(Base):
    """A course through all its versions. People who start now get `current_version`."""

    __tablename__ = "course"

    id: Mapped[key]
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    title: Mapped[name_text]
    current_version_id: Mapped[int | None] = mapped_column(
        ForeignKey("course_version.id", use_alter=True, name="fk_course_current_version_id")
    )
    created_at: Mapped[datetime]

    current_version: Mapped[CourseVersion | None] = relationship(foreign_keys=[current_version_id], post_update=True)


class CourseVersion(Base):
    """What was taught, for ever: one row for each content hash."""

    __tablename__ = "course_version"

    id: Mapped[key]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    number: Mapped[int]
    content_hash: Mapped[str] = mapped_column(String(64), unique=True)
    title: Mapped[name_text]
    summary: Mapped[str] = mapped_column(Text)
    hours: Mapped[int]
    current_on: Mapped[date] = mapped_column(Date)
    objectives: Mapped[list[Any]] = mapped_column(Json)
    sources: Mapped[list[Any]] = mapped_column(Json)
    published_at: Mapped[datetime]

    course: Mapped[Course] = relationship(foreign_keys=[course_id])
    lessons: Mapped[list[Lesson]] = relationship(order_by="Lesson.position", back_populates="version")
    quizzes: Mapped[list[Quiz]] = relationship(order_by="Quiz.position", back_populates="version")

    __table_args__ = (UniqueConstraint("course_id", "number"), CheckConstraint("hours > 0", name="hours"))


class Lesson(Base):
    """A lesson of a version; `stable_id` is the same lesson through all versions."""

    __tablename__ = "lesson"

    id: Mapped[key]
    version_id: Mapped[int] = mapped_column(ForeignKey("course_version.id"))
    stable_id: Mapped[code_text]
    slug: Mapped[code_text]
    position: Mapped[int]
    minutes: Mapped[int]
    objectives: Mapped[list[Any]] = mapped_column(Json)
    sources: Mapped[list[Any]] = mapped_column(Json)
    current_on: Mapped[date] = mapped_column(Date)

    version: Mapped[CourseVersion] = relationship(back_populates="lessons")

    __table_args__ = (
        UniqueConstraint("version_id", "stable_id"),
        UniqueConstraint("version_id", "slug"),
        UniqueConstraint("version_id", "position"),
    )


class LessonText(Base):
    """A lesson in a language, rendered and sanitised once, when it was published."""

    __tablename__ = "lesson_text"

    id: Mapped[key]
    lesson_id: Mapped[int] = mapped_column(ForeignKey("lesson.id"))
    language: Mapped[code_text]
    title: Mapped[name_text]
    html: Mapped[str] = mapped_column(Text)

    __table_args__ = (UniqueConstraint("lesson_id", "language"),)


class Quiz(Base):
    """A quiz of a version: formative after a lesson, or final. `draw` is a list of [objective, how many]."""

    __tablename__ = "quiz"

    id: Mapped[key]
    version_id: Mapped[int] = mapped_column(ForeignKey("course_version.id"))
    stable_id: Mapped[code_text]
    slug: Mapped[code_text]
    kind: Mapped[code_text]
    position: Mapped[int]
    lesson_stable_id: Mapped[str | None] = mapped_column(String(60))
    title: Mapped[name_text]
    pass_mark: Mapped[int | None]
    attempts: Mapped[int | None]
    wait_minutes: Mapped[int]
    draw: Mapped[list[Any]] = mapped_column(Json)

    version: Mapped[CourseVersion] = relationship(back_populates="quizzes")
    questions: Mapped[list[Question]] = relationship(order_by="Question.position", back_populates="quiz")

    __table_args__ = (
        UniqueConstraint("version_id", "slug"),
        UniqueConstraint("version_id", "stable_id"),
        CheckConstraint("kind IN ('formative', 'final')", name="kind"),
        CheckConstraint("pass_mark BETWEEN 1 AND 10", name="pass_mark"),
        CheckConstraint("attempts > 0 AND wait_minutes >= 0", name="attempts"),
    )


class Question(Base):
    """A question of a version. The key (`right_options`) stays here; no page has it before the attempt closes."""

    __tablename__ = "question"

    id: Mapped[key]
    quiz_id: Mapped[int] = mapped_column(ForeignKey("quiz.id"))
    stable_id: Mapped[code_text]
    position: Mapped[int]
    kind: Mapped[code_text]
    objective: Mapped[code_text]
    fixed: Mapped[bool] = mapped_column(default=False)
    right_options: Mapped[list[Any]] = mapped_column(Json)

    quiz: Mapped[Quiz] = relationship(back_populates="questions")

    __table_args__ = (
        UniqueConstraint("quiz_id", "stable_id"),
        CheckConstraint("kind IN ('single', 'multiple', 'true_false')", name="kind"),
    )


class QuestionText(Base):
    """A question in a language: `options` is a list of {id, html, feedback}."""

    __tablename__ = "question_text"

    id: Mapped[key]
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"))
    language: Mapped[code_text]
    prompt_html: Mapped[str] = mapped_column(Text)
    options: Mapped[list[Any]] = mapped_column(Json)

    __table_args__ = (
        UniqueConstraint("question_id", "language"),
        Index("ix_question_text_language", "language"),
    )
