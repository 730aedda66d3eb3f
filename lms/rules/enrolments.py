"""Enrolments: when a course is completed, how it stands, what comes next, and when a day ends in Mexico City."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from lms.clock import MEXICO
from lms.rules.quizzes import Refusal, RefusalCode


def mexico_date(moment: datetime) -> date:
    """Return the calendar date in Mexico City of a moment (aware)."""
    return moment.astimezone(MEXICO).date()


def deadline(due_on: date) -> datetime:
    """Return the moment, in UTC, at which a due date ends: 24:00 in Mexico City. That moment is already late."""
    return datetime.combine(due_on + timedelta(days=1), time(), MEXICO).astimezone(UTC)


@dataclass(frozen=True)
class CompletionFacts:
    """First moments of what a course asks for; None where it has not happened.

    `lessons`: when each required lesson was first read. `formatives`: when each formative quiz was first closed.
    `final_passed_at`: when the first passing attempt at the final quiz was closed; an open attempt does not count.
    """

    lessons: tuple[datetime | None, ...]
    formatives: tuple[datetime | None, ...]
    final_passed_at: datetime | None


def completed(facts: CompletionFacts) -> datetime | None:
    """Return the moment of the last fact that completed the course, or None while one is missing.

    A function of the facts alone, so that a recount gives the same answer as the transaction that wrote the last one.
    """
    moments: list[datetime] = []
    for moment in (*facts.lessons, *facts.formatives, facts.final_passed_at):
        if moment is None:
            return None
        moments.append(moment)
    return max(moments)


class Status(StrEnum):
    """How a person's course stands, as HR may know it."""

    NOT_ENTERED = "not_entered"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    OVERDUE = "overdue"


def status(
    activated: bool,
    started: bool,
    completed_at: datetime | None,
    due_on: date | None,
    today: date,
    grace_days: int = 0,
) -> Status:
    """Return how the course stands on `today` (a date in Mexico City).

    The due date and its grace days are wholly in time. Who completed late has completed.
    """
    if completed_at is not None:
        return Status.COMPLETED
    if due_on is not None and today > due_on + timedelta(days=grace_days):
        return Status.OVERDUE
    return Status.IN_PROGRESS if activated and started else Status.NOT_ENTERED


def needs_support(state: Status, since: datetime | None) -> bool:
    """Tell whether to mark a person as *necesita apoyo*; `since` is when she last ran out of a way on by herself."""
    return since is not None and state is not Status.COMPLETED


class NextKind(StrEnum):
    """What a person does next in a course."""

    LESSON = "lesson"
    QUIZ = "quiz"
    FINAL = "final"
    RESUME = "resume"
    REREAD = "reread"
    WAIT = "wait"
    DONE = "done"


@dataclass(frozen=True)
class CourseStep:
    """A step of a course in its order. `ref` is the slug of the lesson or quiz, `position` that of its lesson."""

    kind: NextKind
    ref: str
    position: int
    minutes: int
    done: bool
    open: bool = False


@dataclass(frozen=True)
class NextStep:
    """The next step; `f"next_{kind}"` is its sentence. `until` is set only when she must wait."""

    kind: NextKind
    ref: str = ""
    position: int = 0
    minutes: int = 0
    until: datetime | None = None


def next_step(steps: Sequence[CourseStep], final: Refusal | None) -> NextStep:
    """Return the one thing to do next.

    `steps` are lessons, formative quizzes and the final one in course order; `final` is what refuses the final quiz
    now, if anything. An attempt left open comes first; then the first step not done; if the final quiz refuses, the
    lesson to read again or the wait.
    """
    for step in steps:
        if step.open:
            return NextStep(NextKind.RESUME, step.ref, step.position, step.minutes)
    todo = next((step for step in steps if not step.done), None)
    if todo is None:
        return NextStep(NextKind.DONE)
    if todo.kind is not NextKind.FINAL or final is None:
        return NextStep(todo.kind, todo.ref, todo.position, todo.minutes)
    return _instead_of_final(steps, todo, final)


def _instead_of_final(steps: Sequence[CourseStep], todo: CourseStep, final: Refusal) -> NextStep:
    if final.code is RefusalCode.EXHAUSTED:
        again = next((s for s in steps if s.kind is NextKind.LESSON and s.ref in final.lessons), None)
        if again is not None:
            return NextStep(NextKind.REREAD, again.ref, again.position, again.minutes)
    if final.until is not None:
        return NextStep(NextKind.WAIT, todo.ref, todo.position, todo.minutes, final.until)
    return NextStep(todo.kind, todo.ref, todo.position, todo.minutes)
