"""Courses under way: the parts of one in their order, which are open to a person, and what stands before the others.

A lesson and its quiz may share a slug, so a part is named by kind and slug together.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lms.rules.enrolments import CourseStep, NextKind, NextStep, next_step
from lms.rules.quizzes import Refusal, StartFacts, may_start, restudy_lessons


@dataclass(frozen=True)
class LessonPart:
    """A lesson for one person: when she read it first and last in this cycle."""

    stable_id: str
    slug: str
    title: str
    position: int
    minutes: int
    objectives: tuple[str, ...]
    first_at: datetime | None
    last_at: datetime | None


@dataclass(frozen=True)
class AttemptPart:
    """An attempt. It is open while `submitted_at` is None; `passed` is None also for formative quizzes."""

    public_id: str
    number: int
    submitted_at: datetime | None
    passed: bool | None


@dataclass(frozen=True)
class QuizPart:
    """A quiz for one person.

    `asked`: questions in an attempt. `extra`: attempts granted so far. `failed`: objectives that failed in the last
    closed attempt; told only when the attempts are used up, because only then does it decide anything.
    """

    id: int
    stable_id: str
    slug: str
    final: bool
    title: str
    lesson: str | None
    pass_mark: int | None
    limit: int | None
    wait_minutes: int
    asked: int
    extra: int
    attempts: tuple[AttemptPart, ...] = ()
    failed: tuple[str, ...] = ()

    @property
    def open(self) -> AttemptPart | None:
        """The attempt not sent yet."""
        return next((a for a in self.attempts if a.submitted_at is None), None)

    @property
    def closed(self) -> tuple[AttemptPart, ...]:
        """The attempts sent, in order."""
        return tuple(a for a in self.attempts if a.submitted_at is not None)

    @property
    def passed(self) -> bool:
        """Whether an attempt passed."""
        return any(a.passed for a in self.closed)

    @property
    def done(self) -> bool:
        """Whether the course asks nothing more of this quiz: sent once, or passed when it is the final one."""
        return self.passed if self.final else bool(self.closed)

    @property
    def left(self) -> int | None:
        """How many attempts remain; None when there is no limit."""
        return None if self.limit is None else max(0, self.limit + self.extra - len(self.closed))

    @property
    def exhausted(self) -> bool:
        """Whether the attempts are used up without passing."""
        return self.left == 0 and self.open is None and not self.passed


@dataclass(frozen=True)
class Study:
    """The parts of a course for one person in one cycle; lessons by position."""

    lessons: tuple[LessonPart, ...]
    quizzes: tuple[QuizPart, ...]

    def lesson(self, slug: str) -> LessonPart | None:
        """Return the lesson of a slug."""
        return next((part for part in self.lessons if part.slug == slug), None)

    def quiz(self, slug: str) -> QuizPart | None:
        """Return the quiz of a slug."""
        return next((part for part in self.quizzes if part.slug == slug), None)

    @property
    def final(self) -> QuizPart | None:
        """The final quiz."""
        return next((part for part in self.quizzes if part.final), None)


def steps(study: Study) -> tuple[CourseStep, ...]:
    """Return the parts in the order to do them: each lesson, its quiz, and the final quiz at the end."""
    found: list[CourseStep] = []
    for lesson in study.lessons:
        done = lesson.first_at is not None
        found.append(CourseStep(NextKind.LESSON, lesson.slug, lesson.position, lesson.minutes, done))
        found += [_quiz_step(q, lesson.position) for q in study.quizzes if q.lesson == lesson.stable_id]
    return (*found, *(_quiz_step(q, 0) for q in study.quizzes if q.lesson is None))


def _quiz_step(quiz: QuizPart, position: int) -> CourseStep:
    kind = NextKind.FINAL if quiz.final else NextKind.QUIZ
    return CourseStep(kind, quiz.slug, position, 0, quiz.done, quiz.open is not None)


def before(study: Study, step: CourseStep) -> tuple[CourseStep, ...]:
    """Return the steps not done that come before `step`; empty when it is open to her.

    What was done once stays open, to read again.
    """
    if step.done:
        return ()
    ordered = steps(study)
    return tuple(s for s in ordered[: ordered.index(step)] if not s.done)


def step_of(study: Study, part: LessonPart | QuizPart) -> CourseStep:
    """Return the step of a lesson or quiz of this study."""
    lesson = isinstance(part, LessonPart)
    return next(s for s in steps(study) if s.ref == part.slug and (s.kind is NextKind.LESSON) is lesson)


def to_reread(study: Study, quiz: QuizPart) -> tuple[str, ...]:
    """Return the slugs of the lessons of what failed that were not read again since the last attempt closed."""
    if not quiz.exhausted or not quiz.closed:
        return ()
    closed_at = quiz.closed[-1].submitted_at
    again = restudy_lessons(quiz.failed, [(part.slug, part.objectives) for part in study.lessons])
    return tuple(
        part.slug
        for part in study.lessons
        if part.slug in again and (part.last_at is None or closed_at is None or part.last_at <= closed_at)
    )


def start_facts(study: Study, quiz: QuizPart) -> StartFacts:
    """Gather what decides whether an attempt at `quiz` may start."""
    return StartFacts(
        closed=len(quiz.closed),
        open_number=quiz.open.number if quiz.open else None,
        limit=quiz.limit,
        extra=quiz.extra,
        last_closed_at=quiz.closed[-1].submitted_at if quiz.closed else None,
        passed=quiz.passed,
        wait_minutes=quiz.wait_minutes,
        pending=tuple(f"{s.kind}:{s.ref}" for s in before(study, step_of(study, quiz))),
        to_reread=to_reread(study, quiz),
    )


def next_of(study: Study, now: datetime) -> NextStep:
    """Return the one thing to do next in this course."""
    refusal = None
    if study.final is not None:
        answer = may_start(start_facts(study, study.final), now)
        refusal = answer if isinstance(answer, Refusal) else None
    return next_step(steps(study), refusal)
