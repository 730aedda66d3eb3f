"""Quizzes: what one is about, one question per screen, the review before sending, and the result."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, url_for
from werkzeug.wrappers import Response as Redirect

from lms import clock
from lms.actions import quizzes as actions
from lms.actions.refusal import Refused
from lms.permissions import Permission
from lms.queries import enrolments, quizzes
from lms.queries.enrolments import Enrolled
from lms.queries.quizzes import AttemptHead, MarkedLine, Shown
from lms.rules.courses import LessonPart, QuizPart, start_facts
from lms.rules.quizzes import Refusal, may_start, restudy_lessons
from lms.web import courses_steps as steps
from lms.web.forms.quizzes import AnswerForm
from lms.web.gate import actor, needs
from lms.web.shell import commit, say

bp = Blueprint("quizzes", __name__)


def _quiz(slug: str, quiz: str) -> tuple[Enrolled, QuizPart]:
    """Return the person's course and its quiz; 404 when she is not enrolled or there is none."""
    enrolled = enrolments.enrolled(actor().person_id, slug) or abort(404)
    return enrolled, enrolled.study.quiz(quiz) or abort(404)


def _attempt(attempt: str) -> AttemptHead:
    """Return an attempt of the person; 404 when it is not hers."""
    return quizzes.attempt(actor().person_id, attempt) or abort(404)


def _to_result(head: AttemptHead) -> Redirect:
    return redirect(url_for("quizzes.result", attempt=head.public_id), 303)


def _lessons(enrolled: Enrolled, slugs: tuple[str, ...]) -> list[LessonPart]:
    return [part for part in enrolled.study.lessons if part.slug in slugs]


@bp.get("/cursos/<slug>/evaluaciones/<quiz>")
@needs(Permission.QUIZ_ANSWER)
def intro(slug: str, quiz: str) -> str | Redirect:
    """Say what the quiz is, and start it, resume it or explain why not now."""
    enrolled, part = _quiz(slug, quiz)
    if enrolled.started_at is None:
        return redirect(url_for("courses.course", slug=slug), 303)
    now = clock.now()
    answer = may_start(start_facts(enrolled.study, part), now)
    refusal = answer if isinstance(answer, Refusal) else None
    return render_template(
        "quizzes/intro.html",
        enrolled=enrolled,
        quiz=part,
        refusal=refusal,
        facts=actions.refusal_facts(refusal) if refusal else {},
        lessons=_lessons(enrolled, refusal.lessons) if refusal else [],
        next=steps.next_for(enrolled, now),
    )


@bp.post("/cursos/<slug>/evaluaciones/<quiz>/empezar")
@needs(Permission.QUIZ_ANSWER)
def start(slug: str, quiz: str) -> Redirect:
    """Start an attempt, or go on with the open one at its first question without an answer."""
    enrolled, part = _quiz(slug, quiz)
    try:
        attempt = actions.start(enrolled.cycle_id, part.slug, by=actor().person_id, at=clock.now())
    except Refused as refusal:
        say(refusal.code, **refusal.params)
        return redirect(url_for("quizzes.intro", slug=slug, quiz=quiz), 303)
    head = _attempt(attempt)
    given = quizzes.answered(head)
    commit()
    first = next((n for n in range(1, len(head.question_ids) + 1) if n not in given), None)
    if first is None:
        return redirect(url_for("quizzes.review", attempt=attempt), 303)
    return redirect(url_for("quizzes.question", attempt=attempt, n=first), 303)


@bp.get("/intentos/<attempt>/<int:n>")
@needs(Permission.QUIZ_ANSWER)
def question(attempt: str, n: int) -> str | Redirect:
    """Show one question of an open attempt."""
    head = _attempt(attempt)
    if head.submitted_at is not None:
        return _to_result(head)
    shown = quizzes.shown(head, n) or abort(404)
    milliseconds = int(clock.now().timestamp() * 1000)
    return render_template(
        "quizzes/question.html", head=head, shown=shown, answered=quizzes.answered(head), clock=milliseconds
    )


def _save(head: AttemptHead, n: int) -> tuple[Shown, AnswerForm, bool]:
    """Keep what the form says. A single choice left empty says nothing; Raises `Refused` when the attempt is closed."""
    shown = quizzes.shown(head, n) or abort(404)
    form = AnswerForm()
    if not form.fits(shown.tokens, multiple=shown.multiple):
        abort(400)
    options = [shown.tokens[token] for token in form.answer.data or ()]
    if not options and not shown.multiple and head.submitted_at is None:
        return shown, form, True
    sequence = form.sequence.data
    kept = actions.save_answer(head.id, shown.stable_id, options, sequence=sequence, at=clock.now())
    return shown, form, kept


@bp.post("/intentos/<attempt>/<int:n>")
@needs(Permission.QUIZ_ANSWER)
def answer(attempt: str, n: int) -> Redirect:
    """Keep the answer and go where the pressed button says."""
    head = _attempt(attempt)
    try:
        shown, form, _ = _save(head, n)
    except Refused as refusal:
        say(refusal.code)
        return _to_result(head)
    commit()
    number = _where_to(form.to.data or "next", shown)
    if number is None:
        return redirect(url_for("quizzes.review", attempt=attempt), 303)
    return redirect(url_for("quizzes.question", attempt=attempt, n=number), 303)


def _where_to(asked: str, shown: Shown) -> int | None:
    """Return the number of the question to go to; None for the review."""
    if asked == "previous":
        return max(1, shown.number - 1)
    if asked.isascii() and asked.isdigit() and 1 <= int(asked) <= shown.total:
        return int(asked)
    return shown.number + 1 if asked == "next" and shown.number < shown.total else None


@bp.post("/intentos/<attempt>/respuestas/<int:n>")
@needs(Permission.QUIZ_ANSWER)
def save(attempt: str, n: int) -> tuple[Response, int]:
    """Keep an answer as it is given. 409: it came too late, because the attempt is closed or a newer one is kept."""
    head = _attempt(attempt)
    try:
        _, _, kept = _save(head, n)
    except Refused:
        return jsonify(saved=False), 409
    commit()
    return jsonify(saved=kept), 200 if kept else 409


@bp.get("/intentos/<attempt>/revisar")
@needs(Permission.QUIZ_ANSWER)
def review(attempt: str) -> str | Redirect:
    """Show which questions have an answer, before sending."""
    head = _attempt(attempt)
    if head.submitted_at is not None:
        return _to_result(head)
    lines = quizzes.lines(head)
    missing = sum(not line.answered for line in lines)
    return render_template("quizzes/review.html", head=head, lines=lines, missing=missing)


@bp.post("/intentos/<attempt>/enviar")
@needs(Permission.QUIZ_ANSWER)
def submit(attempt: str) -> Redirect:
    """Close the attempt; the second time, show the same result."""
    head = _attempt(attempt)
    if actions.submit(head.id, by=actor().person_id, at=clock.now()):
        commit()
    return _to_result(head)


@bp.get("/intentos/<attempt>/resultado")
@needs(Permission.QUIZ_ANSWER)
def result(attempt: str) -> str | Redirect:
    """Show the result of a closed attempt; a failed final never says which options were right."""
    head = _attempt(attempt)
    if head.submitted_at is None:
        return redirect(url_for("quizzes.question", attempt=attempt, n=1), 303)
    lines = quizzes.result(head)
    secret = head.final and not head.passed
    standing = enrolments.in_cycle(head.cycle_id)
    part = standing.study.quiz(head.quiz) or abort(404)
    now = clock.now()
    start_answer = may_start(start_facts(standing.study, part), now)
    refusal = start_answer if isinstance(start_answer, Refusal) else None
    return render_template(
        "quizzes/result.html",
        head=head,
        lines=[_without_key(line) for line in lines] if secret else lines,
        secret=secret,
        right=sum(line.right for line in lines),
        score=f"{(head.score or 0) // 10 / 10:g}",
        part=part,
        refusal=refusal,
        facts=actions.refusal_facts(refusal) if refusal else {},
        must=_lessons(standing, refusal.lessons) if refusal else [],
        may=_worth_reading(standing, lines),
        next=steps.next_for(standing, now),
    )


def _worth_reading(standing: Enrolled, lines: tuple[MarkedLine, ...]) -> list[LessonPart]:
    """Return the lessons that teach what was not answered well."""
    failed = tuple(dict.fromkeys(line.objective for line in lines if not line.right))
    taught = [(part.slug, part.objectives) for part in standing.study.lessons]
    return _lessons(standing, restudy_lessons(failed, taught)) if failed else []


def _without_key(line: MarkedLine) -> MarkedLine:
    """Leave only what her own choice teaches: an option counts as right only when the whole question is."""
    options = tuple(
        replace(
            option,
            right=line.right and option.id in line.chosen,
            feedback_html=option.feedback_html if option.id in line.chosen else "",
        )
        for option in line.options
    )
    return replace(line, options=options)
