"""Completion, status, deadlines and the next step."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.rules.enrolments import (
    CompletionFacts,
    CourseStep,
    NextKind,
    NextStep,
    Status,
    completed,
    deadline,
    mexico_date,
    needs_support,
    next_step,
    status,
)
from lms.rules.quizzes import Refusal, RefusalCode

NOW = datetime(2026, 11, 5, 18, 0, tzinfo=UTC)
MOMENTS = st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
MAYBE = st.lists(st.none() | MOMENTS, max_size=5).map(tuple)


@given(MAYBE, MAYBE, st.none() | MOMENTS)
def test_completion_needs_every_fact_and_is_the_last_of_them(lessons, formatives, final):
    moments = (*lessons, *formatives, final)
    assert completed(CompletionFacts(lessons, formatives, final)) == (None if None in moments else max(moments))


@given(MAYBE, MAYBE, MOMENTS, st.data())
def test_one_more_fact_never_undoes_completion(lessons, formatives, final, data):
    facts = CompletionFacts(lessons, formatives, final)
    filled = tuple(moment or data.draw(MOMENTS) for moment in lessons)
    if completed(facts) is not None:
        assert completed(CompletionFacts(filled, formatives, final)) == completed(facts)
    if None not in formatives:
        assert completed(CompletionFacts(filled, formatives, final)) is not None


def test_nothing_read_and_nothing_passed_completes_nothing():
    assert completed(CompletionFacts((), (), None)) is None


def test_a_day_ends_at_midnight_in_mexico_city():
    assert deadline(date(2026, 12, 5)) == datetime(2026, 12, 6, 6, 0, tzinfo=UTC)
    assert mexico_date(datetime(2026, 12, 6, 5, 59, tzinfo=UTC)) == date(2026, 12, 5)
    assert mexico_date(datetime(2026, 12, 6, 6, 0, tzinfo=UTC)) == date(2026, 12, 6)


@given(st.dates(min_value=date(1990, 1, 1), max_value=date(2060, 1, 1)))
def test_the_deadline_is_the_first_moment_of_the_next_day_leap_days_and_old_summer_times_included(due_on):
    assert mexico_date(deadline(due_on)) == due_on + timedelta(days=1)
    assert mexico_date(deadline(due_on) - timedelta(microseconds=1)) == due_on


DUE = date(2026, 12, 5)


@pytest.mark.parametrize(
    ("activated", "started", "completed_at", "due_on", "today", "expected"),
    [
        (False, False, None, None, DUE, Status.NOT_ENTERED),
        (True, False, None, DUE, DUE, Status.NOT_ENTERED),
        (True, True, None, DUE, DUE, Status.IN_PROGRESS),
        (True, True, None, DUE, DUE + timedelta(days=1), Status.OVERDUE),
        (False, False, None, DUE, DUE + timedelta(days=1), Status.OVERDUE),
        (True, True, NOW, DUE, DUE + timedelta(days=99), Status.COMPLETED),
    ],
)
def test_status(activated, started, completed_at, due_on, today, expected):
    assert status(activated, started, completed_at, due_on, today) is expected


def test_days_of_grace_are_in_time():
    assert status(True, True, None, DUE, DUE + timedelta(days=3), grace_days=3) is Status.IN_PROGRESS
    assert status(True, True, None, DUE, DUE + timedelta(days=4), grace_days=3) is Status.OVERDUE


def test_support_is_no_longer_needed_once_completed():
    assert needs_support(Status.IN_PROGRESS, NOW)
    assert not needs_support(Status.COMPLETED, NOW)
    assert not needs_support(Status.IN_PROGRESS, None)


def steps(done, open_ref=None):
    refs = [("que-son", 1), ("en-la-ventanilla", 2)]
    made = []
    for slug, position in refs:
        made.append((NextKind.LESSON, slug, position, 7))
        made.append((NextKind.QUIZ, slug, position, 3))
    made.append((NextKind.FINAL, "final", 3, 20))
    return [
        CourseStep(kind, ref, position, minutes, n < done, (kind, ref) == open_ref)
        for n, (kind, ref, position, minutes) in enumerate(made)
    ]


def test_the_next_step_is_the_first_not_done():
    assert next_step(steps(0), None) == NextStep(NextKind.LESSON, "que-son", 1, 7)
    assert next_step(steps(1), None) == NextStep(NextKind.QUIZ, "que-son", 1, 3)
    assert next_step(steps(4), None) == NextStep(NextKind.FINAL, "final", 3, 20)
    assert next_step(steps(5), Refusal(RefusalCode.ALREADY_PASSED)) == NextStep(NextKind.DONE)


def test_an_attempt_left_open_comes_first():
    assert next_step(steps(2, (NextKind.QUIZ, "que-son")), None) == NextStep(NextKind.RESUME, "que-son", 1, 3)


def test_a_refused_final_gives_the_way_on():
    exhausted = Refusal(RefusalCode.EXHAUSTED, until=NOW, lessons=("en-la-ventanilla",))
    assert next_step(steps(4), exhausted) == NextStep(NextKind.REREAD, "en-la-ventanilla", 2, 7)
    waiting = Refusal(RefusalCode.WAITING, until=NOW)
    assert next_step(steps(4), waiting) == NextStep(NextKind.WAIT, "final", 3, 20, NOW)


def test_a_lesson_still_to_do_comes_before_what_the_final_says():
    assert next_step(steps(2), Refusal(RefusalCode.LOCKED, missing=("x",))).kind is NextKind.LESSON
