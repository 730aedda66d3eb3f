"""Attempts as their owner may see them. What is shown before an attempt closes never reads the key."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

from sqlalchemy import and_, select

from lms.database import db
from lms.models.courses import Course, CourseVersion, Question, QuestionText, Quiz
from lms.models.enrolments import Cycle, Enrolment
from lms.models.quizzes import Answer, Attempt
from lms.queries.courses import LANGUAGE
from lms.rules import quizzes as rules

Kind = Literal["single", "multiple", "true_false"]


@dataclass(frozen=True)
class AttemptHead:
    """An attempt and where it belongs. `score` is in hundredths of a point."""

    id: int
    public_id: str
    person_id: int
    cycle_id: int
    quiz_id: int
    number: int
    seed: int
    question_ids: tuple[str, ...]
    submitted_at: datetime | None
    score: int | None
    passed: bool | None
    quiz: str
    title: str
    final: bool
    pass_mark: int | None
    course: str


@dataclass(frozen=True)
class Option:
    """An option as the page calls it: `id` is a token of this attempt."""

    id: str
    html: str


@dataclass(frozen=True)
class Shown:
    """A question to answer. `tokens` gives the stored option of each token; it stays on the server."""

    stable_id: str
    number: int
    total: int
    multiple: bool
    prompt_html: str
    options: tuple[Option, ...]
    chosen: tuple[str, ...]
    tokens: dict[str, str]


@dataclass(frozen=True)
class Line:
    """A question in the list of an attempt."""

    number: int
    prompt_html: str
    answered: bool


@dataclass(frozen=True)
class MarkedOption:
    """An option after the attempt closed."""

    id: str
    html: str
    right: bool
    feedback_html: str


@dataclass(frozen=True)
class MarkedLine:
    """A question after the attempt closed, with its options in the order they were shown."""

    number: int
    prompt_html: str
    objective: str
    right: bool
    options: tuple[MarkedOption, ...]
    chosen: tuple[str, ...]


def attempt(person_id: int, public_id: str) -> AttemptHead | None:
    """Return an attempt of this person; None when there is none or it is somebody else's."""
    row = db.session.execute(
        select(Attempt, Quiz, Course.slug, Enrolment.person_id)
        .join(Quiz, Quiz.id == Attempt.quiz_id)
        .join(CourseVersion, CourseVersion.id == Quiz.version_id)
        .join(Course, Course.id == CourseVersion.course_id)
        .join(Cycle, Cycle.id == Attempt.cycle_id)
        .join(Enrolment, Enrolment.id == Cycle.enrolment_id)
        .where(Attempt.public_id == public_id, Enrolment.person_id == person_id)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        return None
    found, quiz, course, owner = row
    return AttemptHead(
        id=found.id,
        public_id=found.public_id,
        person_id=owner,
        cycle_id=found.cycle_id,
        quiz_id=quiz.id,
        number=found.number,
        seed=found.seed,
        question_ids=tuple(found.question_ids),
        submitted_at=found.submitted_at,
        score=found.score,
        passed=found.passed,
        quiz=quiz.slug,
        title=quiz.title,
        final=quiz.kind == "final",
        pass_mark=quiz.pass_mark,
        course=course,
    )


def shown(head: AttemptHead, number: int) -> Shown | None:
    """Return the question `number` (from 1) of an attempt as the page shows it; None beyond the last."""
    if not 1 <= number <= len(head.question_ids):
        return None
    stable_id = head.question_ids[number - 1]
    answer = and_(Answer.attempt_id == head.id, Answer.question_stable_id == Question.stable_id)
    kind, fixed, prompt, options, chosen = db.session.execute(
        select(Question.kind, Question.fixed, QuestionText.prompt_html, QuestionText.options, Answer.options)
        .join(QuestionText, and_(QuestionText.question_id == Question.id, QuestionText.language == LANGUAGE))
        .outerjoin(Answer, answer)
        .where(Question.quiz_id == head.quiz_id, Question.stable_id == stable_id)
    ).one()
    token = {o["id"]: rules.option_token(head.seed, stable_id, o["id"]) for o in options}
    html = {o["id"]: o["html"] for o in options}
    return Shown(
        stable_id=stable_id,
        number=number,
        total=len(head.question_ids),
        multiple=kind == "multiple",
        prompt_html=prompt,
        options=tuple(Option(token[i], html[i]) for i in rules.option_order(head.seed, stable_id, list(html), fixed)),
        chosen=tuple(token[i] for i in chosen or ()),
        tokens={token[i]: i for i in token},
    )


def answered(head: AttemptHead) -> frozenset[int]:
    """Return the numbers of the questions that have an answer."""
    rows = db.session.execute(select(Answer.question_stable_id, Answer.options).where(Answer.attempt_id == head.id))
    given = {stable_id for stable_id, options in rows if options}
    return frozenset(n for n, stable_id in enumerate(head.question_ids, start=1) if stable_id in given)


def lines(head: AttemptHead) -> tuple[Line, ...]:
    """Return the questions of an attempt in its order, and which have an answer."""
    rows = db.session.execute(
        select(Question.stable_id, QuestionText.prompt_html)
        .join(QuestionText, and_(QuestionText.question_id == Question.id, QuestionText.language == LANGUAGE))
        .where(Question.quiz_id == head.quiz_id, Question.stable_id.in_(head.question_ids))
    )
    prompts: dict[str, str] = dict(rows.all())
    given = answered(head)
    return tuple(Line(n, prompts[i], n in given) for n, i in enumerate(head.question_ids, start=1))


def _keyed(stable_id: str, kind: str, right: Sequence[str]) -> rules.KeyedQuestion:
    return rules.KeyedQuestion(stable_id, cast(Kind, kind), frozenset(right))


def marked(attempt_id: int, quiz_id: int, question_ids: Sequence[str]) -> rules.Marked:
    """Mark what was answered in an attempt against the stored version of its questions."""
    rows = db.session.execute(
        select(Question.stable_id, Question.kind, Question.right_options).where(
            Question.quiz_id == quiz_id, Question.stable_id.in_(question_ids)
        )
    )
    by_id = {stable_id: _keyed(stable_id, kind, right) for stable_id, kind, right in rows}
    return rules.mark([by_id[i] for i in question_ids], _answers(attempt_id))


def _answers(attempt_id: int) -> dict[str, frozenset[str]]:
    rows = db.session.execute(select(Answer.question_stable_id, Answer.options).where(Answer.attempt_id == attempt_id))
    return {stable_id: frozenset(options) for stable_id, options in rows}


def result(head: AttemptHead) -> tuple[MarkedLine, ...]:
    """Return the questions of a closed attempt, marked, with the key. Raises ValueError while it is open."""
    if head.submitted_at is None:
        raise ValueError("the key of an open attempt stays where it is")
    rows = db.session.execute(
        select(Question, QuestionText.prompt_html, QuestionText.options)
        .join(QuestionText, and_(QuestionText.question_id == Question.id, QuestionText.language == LANGUAGE))
        .where(Question.quiz_id == head.quiz_id, Question.stable_id.in_(head.question_ids))
    ).all()
    by_id = {question.stable_id: (question, prompt, options) for question, prompt, options in rows}
    given = _answers(head.id)
    keyed = [_keyed(q.stable_id, q.kind, q.right_options) for q, _, _ in (by_id[i] for i in head.question_ids)]
    points = rules.mark(keyed, given).questions
    return tuple(
        _marked_line(head.seed, n, *by_id[mark.id], mark.right, given.get(mark.id, frozenset()))
        for n, mark in enumerate(points, start=1)
    )


def _marked_line(
    seed: int,
    number: int,
    question: Question,
    prompt: str,
    options: Sequence[dict[str, Any]],
    right: bool,
    chosen: frozenset[str],
) -> MarkedLine:
    by_id = {o["id"]: o for o in options}
    order = rules.option_order(seed, question.stable_id, list(by_id), question.fixed)
    return MarkedLine(
        number=number,
        prompt_html=prompt,
        objective=question.objective,
        right=right,
        options=tuple(
            MarkedOption(i, by_id[i]["html"], i in question.right_options, by_id[i]["feedback"]) for i in order
        ),
        chosen=tuple(i for i in order if i in chosen),
    )


def failed_objectives(public_ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the objectives that failed in each of these closed attempts, in one question."""
    answer = and_(Answer.attempt_id == Attempt.id, Answer.question_stable_id == Question.stable_id)
    rows = db.session.execute(
        select(
            Attempt.public_id,
            Attempt.question_ids,
            Question.stable_id,
            Question.kind,
            Question.objective,
            Question.right_options,
            Answer.options,
        )
        .join(Question, Question.quiz_id == Attempt.quiz_id)
        .outerjoin(Answer, answer)
        .where(Attempt.public_id.in_(public_ids), Attempt.submitted_at.is_not(None))
    )
    asked: dict[str, list[Any]] = defaultdict(list)
    for public_id, question_ids, stable_id, *rest in rows:
        if stable_id in question_ids:
            asked[public_id].append((question_ids.index(stable_id), stable_id, *rest))
    return {public_id: _failed(sorted(found, key=lambda row: row[0])) for public_id, found in asked.items()}


def _failed(rows: Sequence[Any]) -> tuple[str, ...]:
    keyed = [_keyed(stable_id, kind, right) for _, stable_id, kind, _, right, _ in rows]
    given = {stable_id: frozenset(options or ()) for _, stable_id, _, _, _, options in rows}
    objectives = {stable_id: objective for _, stable_id, _, objective, _, _ in rows}
    return rules.failed_objectives(rules.mark(keyed, given), objectives)
