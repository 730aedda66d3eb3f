"""Which parts of a course are open, and what is next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from lms.rules.courses import AttemptPart, LessonPart, QuizPart, Study, before, next_of, start_facts, step_of, steps
from lms.rules.courses import to_reread as again
from lms.rules.enrolments import NextKind
from lms.rules.quizzes import Refusal, Start, may_start

NOW = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)


def lesson(n: int, read: int | None = None, objective: str = "uno") -> LessonPart:
    """A lesson, read `read` minutes ago."""
    at = None if read is None else NOW - timedelta(minutes=read)
    return LessonPart(f"l{n}", f"leccion-{n}", f"Lección {n}", n, 6, (objective,), at, at)


def quiz(slug: str, of: str | None, *closed: bool | None, minutes: int = 30, **more: object) -> QuizPart:
    """A quiz with attempts closed `minutes` ago."""
    made = tuple(
        AttemptPart(f"a{n}", n, NOW - timedelta(minutes=minutes), passed) for n, passed in enumerate(closed, start=1)
    )
    values: dict[str, object] = {
        "limit": None if of else 2, "wait_minutes": 0 if of else 20, "pass_mark": None if of else 8, "extra": 0, **more
    }  # fmt: skip
    return QuizPart(1, f"q-{slug}", slug, of is None, slug, of, asked=4, attempts=made, **values)  # type: ignore[arg-type]


def test_parts_come_in_order_and_a_quiz_may_share_the_slug_of_its_lesson() -> None:
    study = Study((lesson(1, 90), lesson(2)), (quiz("leccion-1", "l1"), quiz("final", None)))
    assert [(s.kind, s.ref, s.done) for s in steps(study)] == [
        (NextKind.LESSON, "leccion-1", True),
        (NextKind.QUIZ, "leccion-1", False),
        (NextKind.LESSON, "leccion-2", False),
        (NextKind.FINAL, "final", False),
    ]
    assert next_of(study, NOW).kind is NextKind.QUIZ
    assert [s.kind for s in before(study, step_of(study, study.lessons[1]))] == [NextKind.QUIZ]
    assert before(study, step_of(study, study.lessons[0])) == ()


def test_what_was_done_stays_open() -> None:
    study = Study((lesson(1), lesson(2, 10)), (quiz("final", None),))
    assert before(study, step_of(study, study.lessons[1])) == ()


def test_failed_objectives_choose_the_lessons_to_read_again() -> None:
    final = quiz("final", None, False, False, failed=("dos",))
    study = Study((lesson(1, 90), lesson(2, 90, "dos")), (final,))
    assert final.exhausted
    assert again(study, final) == ("leccion-2",)
    refusal = may_start(start_facts(study, final), NOW)
    assert isinstance(refusal, Refusal)
    assert refusal.lessons == ("leccion-2",)
    assert (next_of(study, NOW).kind, next_of(study, NOW).ref) == (NextKind.REREAD, "leccion-2")
    read = Study((lesson(1, 90), lesson(2, 5, "dos")), (final,))
    assert may_start(start_facts(read, final), NOW) == Start(3, by_restudy=True)
    assert next_of(read, NOW).kind is NextKind.FINAL


def test_a_granted_attempt_needs_no_reading() -> None:
    final = quiz("final", None, False, False, extra=1, failed=())
    assert final.left == 1
    assert not final.exhausted
    study = Study((lesson(1, 90),), (final,))
    assert may_start(start_facts(study, final), NOW) == Start(3)


def test_a_formative_quiz_has_no_limit_and_does_not_pass() -> None:
    part = quiz("leccion-1", "l1", None, None)
    assert part.done
    assert not part.passed
    assert part.left is None
    study = Study((lesson(1, 90),), (part,))
    assert may_start(start_facts(study, part), NOW) == Start(3)


def test_waiting_is_the_next_step_while_it_lasts() -> None:
    final = quiz("final", None, False, minutes=5)
    step = next_of(Study((lesson(1, 90),), (final,)), NOW)
    assert (step.kind, step.until) == (NextKind.WAIT, NOW + timedelta(minutes=15))
