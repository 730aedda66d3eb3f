"""The next step of a course as a sentence, a button and its address; and due dates in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import url_for

from lms.queries.enrolments import Enrolled
from lms.rules.courses import before, next_of, steps
from lms.rules.enrolments import CourseStep, NextKind, NextStep, mexico_date
from lms.texts.sentences import sentence
from lms.web.shell import words

LABELS = {
    NextKind.LESSON: "Continuar",
    NextKind.QUIZ: "Ir al cuestionario",
    NextKind.FINAL: "Ir a la evaluación",
    NextKind.RESUME: "Seguir respondiendo",
    NextKind.REREAD: "Volver a leer",
    NextKind.WAIT: "Ver la evaluación",
    NextKind.DONE: "Ver el curso",
}


@dataclass(frozen=True)
class Next:
    """What to do next: a sentence, the button's words and its address."""

    kind: NextKind
    said: str
    action: str
    url: str


def next_for(enrolled: Enrolled, now: datetime) -> Next:
    """Return the next step of a course for its card and its page."""
    course_url = url_for("courses.course", slug=enrolled.slug)
    if enrolled.started_at is None:
        return Next(NextKind.LESSON, _before_start(enrolled, now), "Ver el curso", course_url)
    step = next_of(enrolled.study, now)
    if step.kind is NextKind.DONE and enrolled.folio:
        said = "Acreditaste el curso y tu constancia está lista"
        return Next(step.kind, said, "Ver mi constancia", url_for("certificates.verify", folio=enrolled.folio))
    said = sentence(f"next_{step.kind}", position=step.position, count=step.minutes, until=step.until)
    return Next(step.kind, said, LABELS[step.kind], next_url(enrolled.slug, step))


def _before_start(enrolled: Enrolled, now: datetime) -> str:
    if enrolled.opens_on and mexico_date(now) < enrolled.opens_on:
        return sentence("next_opens", opens_on=words(enrolled.opens_on, weekday=True))
    return sentence("next_start", count=steps(enrolled.study)[0].minutes)


def next_url(slug: str, step: NextStep) -> str:
    """Return the address of a next step."""
    if step.kind in {NextKind.LESSON, NextKind.REREAD}:
        return url_for("courses.lesson", slug=slug, lesson=step.ref)
    if step.kind is NextKind.DONE:
        return url_for("courses.course", slug=slug)
    return url_for("quizzes.intro", slug=slug, quiz=step.ref)


def due_words(enrolled: Enrolled, today: date) -> str | None:
    """Return the due date of a course not completed, in words and in days."""
    due = enrolled.due_on
    if due is None or enrolled.completed_at is not None:
        return None
    last = due + timedelta(days=enrolled.grace_days)
    said, days = words(due, weekday=True), (due - today).days
    if days > 0:
        code = "due_in"
    elif days == 0:
        code = "due_today"
    else:
        code = "due_grace" if today <= last else "due_past"
    text = sentence(code, due_on=said, count=days, last_on=words(last, weekday=True))
    return text[0].upper() + text[1:]


def progress(enrolled: Enrolled) -> tuple[int, int]:
    """Return how many parts are done, of how many."""
    ordered = steps(enrolled.study)
    return sum(step.done for step in ordered), len(ordered)


def contents(enrolled: Enrolled, now: tuple[NextKind, str] | None = None) -> list[dict[str, Any]]:
    """Return the parts for the list of contents; `now` is the part on the page. A locked part has no address."""
    return [_line(enrolled, step, now) for step in steps(enrolled.study)]


def _line(enrolled: Enrolled, step: CourseStep, now: tuple[NextKind, str] | None) -> dict[str, Any]:
    is_lesson = step.kind is NextKind.LESSON
    part = enrolled.study.lesson(step.ref) if is_lesson else enrolled.study.quiz(step.ref)
    assert part is not None
    url = None
    if enrolled.started_at is not None and not before(enrolled.study, step):
        kind = NextKind.LESSON if is_lesson else NextKind.QUIZ
        url = next_url(enrolled.slug, NextStep(kind, step.ref))
    here = now == (step.kind, step.ref)
    return {
        "title": f"{step.position}. {part.title}" if is_lesson else part.title,
        "minutes": step.minutes or None,
        "state": "now" if here else "done" if step.done else "next",
        "url": url,
    }
