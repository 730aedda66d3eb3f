"""How a person stands in her courses, and the facts of completion."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from lms.database import db
from lms.models.certificates import Certificate
from lms.models.courses import Course, CourseVersion, Lesson, LessonText, Question, Quiz
from lms.models.enrolments import Cycle, Enrolment, LessonRead
from lms.models.quizzes import Attempt, AttemptGrant
from lms.queries import quizzes
from lms.queries.courses import LANGUAGE
from lms.rules.courses import AttemptPart, LessonPart, QuizPart, Study
from lms.rules.enrolments import CompletionFacts


@dataclass(frozen=True)
class Enrolled:
    """A person's latest cycle in a course, as she may see it. `version_id` is hers once started, else the current."""

    cycle_id: int
    person_id: int
    slug: str
    title: str
    summary: str
    hours: int
    current_on: date
    objectives: tuple[str, ...]
    sources: tuple[str, ...]
    version_id: int
    opens_on: date | None
    due_on: date | None
    grace_days: int
    started_at: datetime | None
    completed_at: datetime | None
    folio: str | None
    study: Study


def enrolled(person_id: int, slug: str) -> Enrolled | None:
    """Return how she stands in a course; None when she is not enrolled in it."""
    found = _enrolled(_latest(), Enrolment.person_id == person_id, Course.slug == slug)
    return found[0] if found else None


def enrolled_all(person_id: int) -> tuple[Enrolled, ...]:
    """Return how she stands in each of her courses: what is not completed first, then by due date."""
    found = _enrolled(_latest(), Enrolment.person_id == person_id)
    return tuple(sorted(found, key=lambda e: (e.completed_at is not None, e.due_on or date.max, e.title)))


def in_cycle(cycle_id: int) -> Enrolled:
    """Return how the person of a cycle stands in it. The cycle must exist."""
    return _enrolled(Cycle.id == cycle_id)[0]


def _latest() -> ColumnElement[bool]:
    later = aliased(Cycle)
    return ~select(later.id).where(later.enrolment_id == Cycle.enrolment_id, later.number > Cycle.number).exists()


def _enrolled(*where: ColumnElement[bool]) -> tuple[Enrolled, ...]:
    live = and_(
        Certificate.cycle_id == Cycle.id,
        Certificate.revoked_at.is_(None),
        Certificate.superseded_by_id.is_(None),
    )
    rows = db.session.execute(
        select(Cycle, Enrolment.person_id, Course.slug, CourseVersion, Certificate.folio)
        .join(Enrolment, Enrolment.id == Cycle.enrolment_id)
        .join(Course, Course.id == Enrolment.course_id)
        .join(CourseVersion, CourseVersion.id == func.coalesce(Cycle.version_id, Course.current_version_id))
        .outerjoin(Certificate, live)
        .where(*where)
        .execution_options(populate_existing=True)
    ).all()
    studies = _studies([cycle.id for cycle, *_ in rows])
    return tuple(_put_together(*row, studies[row[0].id]) for row in rows)


def _put_together(
    cycle: Cycle, person_id: int, slug: str, version: CourseVersion, folio: str | None, study: Study
) -> Enrolled:
    return Enrolled(
        cycle_id=cycle.id,
        person_id=person_id,
        slug=slug,
        title=version.title,
        summary=version.summary,
        hours=version.hours,
        current_on=version.current_on,
        objectives=tuple(o["text"] for o in version.objectives),
        sources=tuple(s["text"] for s in version.sources),
        version_id=version.id,
        opens_on=cycle.opens_on,
        due_on=cycle.due_on,
        grace_days=cycle.grace_days,
        started_at=cycle.started_at,
        completed_at=cycle.completed_at,
        folio=folio,
        study=study,
    )


def _of_cycles(statement: Select[Any], part: type[Lesson] | type[Quiz], cycle_ids: Sequence[int]) -> Select[Any]:
    """Join cycles to the parts of the version they use: the one begun with, or the course's current one."""
    return (
        statement.select_from(Cycle)
        .join(Enrolment, Enrolment.id == Cycle.enrolment_id)
        .join(Course, Course.id == Enrolment.course_id)
        .join(part, part.version_id == func.coalesce(Cycle.version_id, Course.current_version_id))
        .where(Cycle.id.in_(cycle_ids))
    )


def _studies(cycle_ids: Sequence[int]) -> dict[int, Study]:
    """Return the parts of the courses of these cycles, in three questions however many there are."""
    if not cycle_ids:
        return {}
    lessons = _lessons(cycle_ids)
    found = _quizzes(cycle_ids)
    # Only when the attempts are used up does it matter what failed: most pages never ask.
    used_up = [q.attempts[-1].public_id for parts in found.values() for q in parts if q.exhausted and q.attempts]
    failed = quizzes.failed_objectives(used_up) if used_up else {}
    return {
        cycle_id: Study(tuple(lessons[cycle_id]), tuple(_with_failed(q, failed) for q in found[cycle_id]))
        for cycle_id in cycle_ids
    }


def _with_failed(quiz: QuizPart, failed: dict[str, tuple[str, ...]]) -> QuizPart:
    if not quiz.attempts or quiz.attempts[-1].public_id not in failed:
        return quiz
    return replace(quiz, failed=failed[quiz.attempts[-1].public_id])


def _lessons(cycle_ids: Sequence[int]) -> dict[int, list[LessonPart]]:
    read = and_(LessonRead.cycle_id == Cycle.id, LessonRead.lesson_stable_id == Lesson.stable_id)
    statement = select(
        Cycle.id,
        Lesson.stable_id,
        Lesson.slug,
        LessonText.title,
        Lesson.position,
        Lesson.minutes,
        Lesson.objectives,
        LessonRead.first_at,
        LessonRead.last_at,
    )
    text = and_(LessonText.lesson_id == Lesson.id, LessonText.language == LANGUAGE)
    statement = _of_cycles(statement, Lesson, cycle_ids).join(LessonText, text).outerjoin(LessonRead, read)
    found: dict[int, list[LessonPart]] = defaultdict(list)
    for cycle_id, stable_id, slug, title, position, minutes, objectives, first_at, last_at in db.session.execute(
        statement.order_by(Lesson.position)
    ):
        found[cycle_id].append(
            LessonPart(stable_id, slug, title, position, minutes, tuple(objectives), first_at, last_at)
        )
    return found


def _quizzes(cycle_ids: Sequence[int]) -> dict[int, list[QuizPart]]:
    bank = select(func.count(Question.id)).where(Question.quiz_id == Quiz.id).scalar_subquery()
    extra = (
        select(func.count(AttemptGrant.id))
        .where(AttemptGrant.cycle_id == Cycle.id, AttemptGrant.quiz_stable_id == Quiz.stable_id)
        .scalar_subquery()
    )
    made = and_(Attempt.cycle_id == Cycle.id, Attempt.quiz_stable_id == Quiz.stable_id)
    statement = _of_cycles(select(Cycle.id, Quiz, bank, extra, Attempt), Quiz, cycle_ids)
    rows = db.session.execute(
        statement.outerjoin(Attempt, made)
        .order_by(Quiz.position, Attempt.number)
        .execution_options(populate_existing=True)
    ).all()
    attempts: dict[tuple[int, int], list[AttemptPart]] = defaultdict(list)
    for cycle_id, quiz, _bank, _extra, a in rows:
        if a is not None:
            attempts[cycle_id, quiz.id].append(AttemptPart(a.public_id, a.number, a.submitted_at, a.passed))
    found: dict[int, dict[int, QuizPart]] = defaultdict(dict)
    for cycle_id, quiz, in_bank, granted, _ in rows:
        if quiz.id not in found[cycle_id]:
            made_so_far = tuple(attempts[cycle_id, quiz.id])
            found[cycle_id][quiz.id] = _quiz_part(quiz, in_bank, granted, made_so_far)
    return defaultdict(list, {cycle_id: list(parts.values()) for cycle_id, parts in found.items()})


def _quiz_part(quiz: Quiz, in_bank: int, extra: int, attempts: tuple[AttemptPart, ...]) -> QuizPart:
    return QuizPart(
        id=quiz.id,
        stable_id=quiz.stable_id,
        slug=quiz.slug,
        final=quiz.kind == "final",
        title=quiz.title,
        lesson=quiz.lesson_stable_id,
        pass_mark=quiz.pass_mark,
        limit=quiz.attempts,
        wait_minutes=quiz.wait_minutes,
        asked=sum(wanted for _, wanted in quiz.draw) or in_bank,
        extra=extra,
        attempts=attempts,
    )


def completion_facts(cycle_ids: Sequence[int]) -> dict[int, CompletionFacts]:
    """Return the first moments of what each cycle's version asks for. Cycles not started are left out."""
    lessons: dict[int, list[datetime | None]] = defaultdict(list)
    read = and_(LessonRead.cycle_id == Cycle.id, LessonRead.lesson_stable_id == Lesson.stable_id)
    for cycle_id, first_at in db.session.execute(
        select(Cycle.id, LessonRead.first_at)
        .join(Lesson, Lesson.version_id == Cycle.version_id)
        .outerjoin(LessonRead, read)
        .where(Cycle.id.in_(cycle_ids))
    ):
        lessons[cycle_id].append(first_at)
    formatives: dict[int, list[datetime | None]] = defaultdict(list)
    finals: dict[int, datetime | None] = {}
    for cycle_id, kind, closed_at in db.session.execute(_closed_quizzes(cycle_ids)):
        if kind == "final":
            finals[cycle_id] = closed_at
        else:
            formatives[cycle_id].append(closed_at)
    return {
        cycle_id: CompletionFacts(tuple(moments), tuple(formatives[cycle_id]), finals.get(cycle_id))
        for cycle_id, moments in lessons.items()
    }


def _closed_quizzes(cycle_ids: Sequence[int]) -> Select[int, str, datetime | None]:
    """Ask when each quiz was first closed, and the final one first closed with a pass."""
    closed = and_(
        Attempt.cycle_id == Cycle.id,
        Attempt.quiz_stable_id == Quiz.stable_id,
        Attempt.submitted_at.is_not(None),
        or_(Quiz.kind == "formative", Attempt.passed.is_(True)),
    )
    return (
        select(Cycle.id, Quiz.kind, func.min(Attempt.submitted_at))
        .join(Quiz, Quiz.version_id == Cycle.version_id)
        .outerjoin(Attempt, closed)
        .where(Cycle.id.in_(cycle_ids))
        .group_by(Cycle.id, Quiz.id, Quiz.kind)
    )


def completions(after_id: int, limit: int) -> tuple[tuple[int, datetime | None], ...]:
    """Return the next `limit` started cycles after an id, with the completion stored in each."""
    rows = db.session.execute(
        select(Cycle.id, Cycle.completed_at)
        .where(Cycle.id > after_id, Cycle.started_at.is_not(None))
        .order_by(Cycle.id)
        .limit(limit)
    )
    return tuple((cycle_id, completed_at) for cycle_id, completed_at in rows)
