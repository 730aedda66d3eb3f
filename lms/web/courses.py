"""A person's courses: which ones, what is next, and the lessons."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, abort, redirect, render_template, url_for
from werkzeug.wrappers import Response

from lms import clock
from lms.actions import enrolments as actions
from lms.actions.refusal import Refused
from lms.permissions import Permission
from lms.queries import courses, enrolments
from lms.queries.enrolments import Enrolled
from lms.rules.courses import LessonPart, before, next_of, step_of
from lms.rules.enrolments import NextKind, mexico_date
from lms.web import courses_steps as steps
from lms.web.gate import actor, needs
from lms.web.shell import commit, say

bp = Blueprint("courses", __name__)


def _mine(slug: str) -> Enrolled:
    """Return how the person stands in a course; 404 when she is not enrolled in it."""
    return enrolments.enrolled(actor().person_id, slug) or abort(404)


@bp.get("/mis-cursos")
@needs(Permission.COURSE_STUDY)
def mine() -> str:
    """Show one card per course, with its next step."""
    now = clock.now()
    cards = [_card(enrolled, now) for enrolled in enrolments.enrolled_all(actor().person_id)]
    return render_template("courses/mine.html", cards=cards)


def _card(enrolled: Enrolled, now: datetime) -> dict[str, Any]:
    done, total = steps.progress(enrolled)
    return {
        "enrolled": enrolled,
        "url": url_for("courses.course", slug=enrolled.slug),
        "next": steps.next_for(enrolled, now),
        "due": steps.due_words(enrolled, mexico_date(now)),
        "done": done,
        "total": total,
    }


@bp.get("/cursos/<slug>")
@needs(Permission.COURSE_STUDY)
def course(slug: str) -> str:
    """Show the contents of a course, how each part stands, and the next step."""
    enrolled = _mine(slug)
    now = clock.now()
    opens = enrolled.opens_on if enrolled.opens_on and mexico_date(now) < enrolled.opens_on else None
    return render_template(
        "courses/course.html",
        card=_card(enrolled, now),
        enrolled=enrolled,
        opens=opens,
        contents=steps.contents(enrolled),
    )


@bp.post("/cursos/<slug>/empezar")
@needs(Permission.COURSE_STUDY)
def start(slug: str) -> Response:
    """Start the course and go to its first part; once started, go to the next one."""
    enrolled = _mine(slug)
    now = clock.now()
    try:
        actions.start(enrolled.cycle_id, by=actor().person_id, at=now)
    except Refused as refusal:
        say(refusal.code, **refusal.params)
        return redirect(url_for("courses.course", slug=slug), 303)
    commit()
    return redirect(steps.next_url(slug, next_of(enrolled.study, now)), 303)


@bp.get("/cursos/<slug>/<lesson>")
@needs(Permission.COURSE_STUDY)
def lesson(slug: str, lesson: str) -> str | Response:
    """Show a lesson, or why it is not open yet."""
    enrolled = _mine(slug)
    part = enrolled.study.lesson(lesson) or abort(404)
    if enrolled.started_at is None:
        return redirect(url_for("courses.course", slug=slug), 303)
    missing = before(enrolled.study, step_of(enrolled.study, part))
    if missing:
        return _locked(enrolled, part, len(missing))
    page = courses.lesson_page(enrolled.version_id, lesson) or abort(404)
    return render_template(
        "courses/lesson.html",
        enrolled=enrolled,
        part=part,
        page=page,
        contents=steps.contents(enrolled, (NextKind.LESSON, part.slug)),
    )


def _locked(enrolled: Enrolled, part: LessonPart, missing: int) -> str:
    return render_template(
        "courses/locked.html",
        enrolled=enrolled,
        part=part,
        missing=missing,
        next=steps.next_for(enrolled, clock.now()),
    )


@bp.post("/cursos/<slug>/<lesson>/leida")
@needs(Permission.COURSE_STUDY)
def read(slug: str, lesson: str) -> Response:
    """Note that the lesson was read and go to the next step."""
    enrolled = _mine(slug)
    if enrolled.study.lesson(lesson) is None:
        abort(404)
    now = clock.now()
    try:
        actions.read_lesson(enrolled.cycle_id, lesson, by=actor().person_id, at=now)
    except Refused as refusal:
        say(refusal.code, **refusal.params)
        return redirect(url_for("courses.course", slug=slug), 303)
    step = next_of(enrolments.in_cycle(enrolled.cycle_id).study, now)
    commit()
    return redirect(steps.next_url(slug, step), 303)
