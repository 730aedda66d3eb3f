"""Attempts: start or resume one, keep each answer as it is given, and close it once, for ever."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from lms import clock
from lms.actions.audit import record
from lms.actions.enrolments import complete_if_due, lock_cycle, resolve_support
from lms.actions.refusal import Refused
from lms.database import db
from lms.models.courses import Question, Quiz
from lms.models.enrolments import Cycle
from lms.models.quizzes import Answer, Attempt, AttemptGrant
from lms.queries import enrolments, quizzes
from lms.rules import quizzes as rules
from lms.rules.courses import QuizPart, start_facts


def start(cycle_id: int, slug: str, *, by: int, at: datetime) -> str:
    """Return the public id of the attempt to answer: the open one, or a new one with its seed and questions drawn.

    Raises `Refused` as `rules.may_start` says. The cycle is locked, so of two taps at once the second resumes.
    """
    cycle = lock_cycle(cycle_id)
    if cycle.started_at is None:
        raise Refused("course_not_started")
    study = enrolments.in_cycle(cycle_id).study
    quiz = study.quiz(slug)
    if quiz is None:
        raise Refused("quiz_unknown")
    answer = rules.may_start(start_facts(study, quiz), at)
    if isinstance(answer, rules.Refusal):
        raise Refused(f"quiz_{answer.code}", **refusal_facts(answer))
    if quiz.open is not None:
        return quiz.open.public_id
    if answer.by_restudy:
        _grant_by_restudy(cycle, quiz, answer.number - 1, at)
    attempt = _new_attempt(cycle_id, quiz, answer.number, at)
    facts = {"quiz": quiz.stable_id, "number": answer.number}
    record("quiz.start", "attempt", attempt.public_id, by=by, at=at, **facts)
    return attempt.public_id


def refusal_facts(refusal: rules.Refusal) -> dict[str, object]:
    """Return what the sentence of a refusal says: how many steps or lessons, and until when."""
    return {"count": len(refusal.missing) or len(refusal.lessons), "until": refusal.until}


def _grant_by_restudy(cycle: Cycle, quiz: QuizPart, after: int, at: datetime) -> None:
    """Keep the attempt that reading again has earned: she found a way on, so nobody is asked for one any more."""
    db.session.add(
        AttemptGrant(
            cycle_id=cycle.id, quiz_stable_id=quiz.stable_id, reason="restudy", after_number=after, granted_at=at
        )
    )
    resolve_support(cycle, by=None, at=at)


def _new_attempt(cycle_id: int, quiz: QuizPart, number: int, at: datetime) -> Attempt:
    bank = db.session.execute(
        select(Question.stable_id, Question.objective).where(Question.quiz_id == quiz.id).order_by(Question.position)
    )
    plan = db.session.scalars(select(Quiz.draw).where(Quiz.id == quiz.id)).one()
    seed = clock.seed()
    drawn = rules.draw(seed, [rules.BankItem(*row) for row in bank], [(o, wanted) for o, wanted in plan])
    attempt = Attempt(
        public_id=clock.public_id(),
        cycle_id=cycle_id,
        quiz_id=quiz.id,
        quiz_stable_id=quiz.stable_id,
        number=number,
        seed=seed,
        question_ids=list(drawn),
        started_at=at,
    )
    db.session.add(attempt)
    db.session.flush()
    return attempt


def _lock_attempt(attempt_id: int) -> Attempt:
    return db.session.scalars(
        select(Attempt).where(Attempt.id == attempt_id).with_for_update().execution_options(populate_existing=True)
    ).one()


def save_answer(attempt_id: int, question: str, options: Sequence[str], *, sequence: int | None, at: datetime) -> bool:
    """Keep an answer to a question of an open attempt; False when a newer one is already kept.

    `sequence` is the moment, in milliseconds of the server's clock, at which the page saw the change; None: now. One
    from the future counts as now, so that no device can shut out the others. Answers leave no trace in the audit log:
    they are hers. Raises `Refused` when the attempt is closed.
    """
    attempt = _lock_attempt(attempt_id)
    if attempt.submitted_at is not None:
        raise Refused("attempt_closed")
    moment = int(at.timestamp() * 1000)
    given = moment if sequence is None else min(sequence, moment)
    row = db.session.scalar(
        select(Answer).where(Answer.attempt_id == attempt_id, Answer.question_stable_id == question)
    )
    if row is None:
        row = Answer(attempt_id=attempt_id, question_stable_id=question, sequence=given)
        db.session.add(row)
    elif given < row.sequence:
        return False
    row.options = sorted(options)
    row.sequence = given
    row.saved_at = at
    db.session.flush()
    return True


def submit(attempt_id: int, *, by: int, at: datetime) -> bool:
    """Close and mark an attempt; False when it was closed before, and nothing changes.

    Completion, the mark of needing support, audit and mail are rows of the same transaction.
    """
    cycle_id = db.session.scalars(select(Attempt.cycle_id).where(Attempt.id == attempt_id)).one()
    cycle = lock_cycle(cycle_id)
    attempt = _lock_attempt(attempt_id)
    if attempt.submitted_at is not None:
        return False
    pass_mark = db.session.scalar(select(Quiz.pass_mark).where(Quiz.id == attempt.quiz_id))
    score = quizzes.marked(attempt.id, attempt.quiz_id, attempt.question_ids).score
    attempt.submitted_at = max(at, attempt.started_at)
    attempt.score = score
    attempt.passed = None if pass_mark is None else rules.passed(score, pass_mark)
    db.session.flush()
    facts = {"quiz": attempt.quiz_stable_id, "number": attempt.number}
    record("quiz.submit", "attempt", attempt.public_id, by=by, at=at, **facts)
    complete_if_due(cycle, by=by, at=at)
    if attempt.passed is False:
        _ask_for_support(cycle, at)
    return True


def _ask_for_support(cycle: Cycle, at: datetime) -> None:
    """Mark a locked cycle when the attempts at its final quiz are used up."""
    final = enrolments.in_cycle(cycle.id).study.final
    if final is not None and final.exhausted:
        cycle.needs_support_at = at
        db.session.flush()
