"""Draw, order, mark, and start: what an attempt shows and what it is worth."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.rules.quizzes import (
    BankItem,
    BankTooSmallError,
    KeyedQuestion,
    Refusal,
    RefusalCode,
    Start,
    StartFacts,
    draw,
    failed_objectives,
    mark,
    may_start,
    option_order,
    option_token,
    passed,
    restudy_lessons,
)

NOW = datetime(2026, 11, 5, 18, 0, tzinfo=UTC)
SEEDS = st.integers(min_value=0, max_value=2**62)
BANK = tuple(BankItem(f"q{n:02}", ("reconocer", "aplicar", "orientar")[n % 3]) for n in range(30))


@given(SEEDS, st.tuples(st.integers(0, 10), st.integers(0, 10), st.integers(0, 10)), st.randoms())
def test_a_draw_is_exactly_the_plan_whatever_the_order_of_the_bank(seed, wanted, random):
    plan = tuple(zip(("reconocer", "aplicar", "orientar"), wanted, strict=True))
    drawn = draw(seed, BANK, plan)
    objectives = {item.id: item.objective for item in BANK}
    if any(wanted):
        assert Counter(objectives[q] for q in drawn) == Counter({o: n for o, n in plan if n})
    assert len(set(drawn)) == len(drawn)
    shuffled = list(BANK)
    random.shuffle(shuffled)
    assert draw(seed, shuffled, plan) == drawn


def test_an_empty_plan_asks_everything_in_another_order_for_another_seed():
    first, second = draw(1, BANK, ()), draw(2, BANK, ())
    assert sorted(first) == sorted(second) == [item.id for item in BANK]
    assert first != second


def test_a_bank_too_small_says_what_is_missing():
    with pytest.raises(BankTooSmallError) as refused:
        draw(1, BANK, (("aplicar", 11),))
    assert (refused.value.objective, refused.value.wanted, refused.value.available) == ("aplicar", 11, 10)


def test_every_question_of_the_bank_is_drawn_about_equally_often():
    counts = Counter(q for seed in range(2000) for q in draw(seed, BANK, (("aplicar", 3),)))
    expected = 2000 * 3 / 10
    assert len(counts) == 10
    assert sum((n - expected) ** 2 / expected for n in counts.values()) < 27.9  # χ² with 9 degrees, p = 0.001


def test_the_right_option_stands_anywhere_with_equal_chance():
    positions = Counter(option_order(seed, "dh-q1-01", "abcd", fixed=False).index("a") for seed in range(2000))
    assert sum((positions[place] - 500) ** 2 / 500 for place in range(4)) < 11.34  # χ² with 3 degrees, p = 0.01


def test_a_fixed_question_keeps_its_order():
    assert all(option_order(seed, "q", ("a", "b"), fixed=True) == ("a", "b") for seed in range(50))


def test_two_questions_of_an_attempt_are_shuffled_independently():
    assert {option_order(7, f"q{n}", "abcd", fixed=False) for n in range(20)} > {option_order(7, "q0", "abcd", False)}


@given(SEEDS, SEEDS)
def test_tokens_are_unique_in_an_attempt_and_differ_between_attempts(seed, other):
    def tokens(of):
        return {option_token(of, question, option) for question in ("q1", "q2", "q11") for option in ("a", "b", "1a")}

    assert len(tokens(seed)) == 9
    assert tokens(seed) == tokens(seed)
    if seed != other:
        assert not tokens(seed) & tokens(other)


def test_a_token_is_safe_in_a_form_and_says_nothing_of_the_option():
    assert all(len(t) == 16 and t.isalnum() for t in (option_token(s, "q", "a") for s in range(100)))


def question(name, kind="single", right="a"):
    return KeyedQuestion(name, kind, frozenset(right))


@pytest.mark.parametrize(
    ("kind", "right", "chosen", "points"),
    [
        ("single", "a", "a", Fraction(1)),
        ("single", "a", "b", Fraction(0)),
        ("single", "a", "", Fraction(0)),
        ("single", "a", "ab", Fraction(0)),
        ("true_false", "b", "b", Fraction(1)),
        ("multiple", "abc", "abc", Fraction(1)),
        ("multiple", "abc", "ab", Fraction(2, 3)),
        ("multiple", "abc", "abd", Fraction(1, 3)),
        ("multiple", "abc", "abcd", Fraction(2, 3)),
        ("multiple", "ab", "cd", Fraction(0)),
        ("multiple", "ab", "abcd", Fraction(0)),
        ("multiple", "ab", "", Fraction(0)),
    ],
)
def test_points_of_one_question(kind, right, chosen, points):
    marked = mark([question("q", kind, right)], {"q": frozenset(chosen)})
    assert marked.questions[0].points == points
    assert marked.questions[0].right is (points == 1)
    assert marked.score == int(points * 1000)


@given(
    st.lists(st.tuples(st.sets(st.sampled_from("abcde"), min_size=1), st.sets(st.sampled_from("abcde"))), min_size=1)
)
def test_a_score_is_never_below_nothing_nor_above_ten_and_never_falls_by_correcting(pairs):
    questions = [question(f"q{n}", "multiple", right) for n, (right, _) in enumerate(pairs)]
    answers = {f"q{n}": frozenset(chosen) for n, (_, chosen) in enumerate(pairs)}
    before = mark(questions, answers).score
    after = mark(questions, answers | {"q0": questions[0].right}).score
    assert 0 <= before <= after <= 1000
    assert mark(questions, {q.id: q.right for q in questions}).score == 1000
    assert mark(questions, {}).score == 0


@given(st.integers(1, 60), st.integers(0, 60), st.integers(1, 10))
def test_passing_is_decided_exactly(asked, right, pass_mark):
    right = min(asked, right)
    questions = [question(f"q{n}") for n in range(asked)]
    marked = mark(questions, {f"q{n}": frozenset("a") for n in range(right)})
    assert passed(marked.score, pass_mark) is (Fraction(right * 10, asked) >= pass_mark)


def test_an_attempt_without_questions_is_not_marked():
    with pytest.raises(ValueError, match="without questions"):
        mark([], {})


def test_failed_objectives_and_the_lessons_that_teach_them():
    questions = [question("q1"), question("q2"), question("q3", "multiple", "ab"), question("q4")]
    marked = mark(questions, {"q1": frozenset("a"), "q3": frozenset("a"), "q4": frozenset("b")})
    failed = failed_objectives(marked, {"q1": "reconocer", "q2": "orientar", "q3": "aplicar", "q4": "orientar"})
    assert failed == ("orientar", "aplicar")
    lessons = (("l1", ("reconocer",)), ("l2", ("aplicar", "reconocer")), ("l3", ("orientar",)))
    assert restudy_lessons(failed, lessons) == ("l2", "l3")
    assert restudy_lessons(("que-nadie-enseña",), lessons) == ("l1", "l2", "l3")


def facts(**changes):
    base = {
        "closed": 0, "open_number": None, "limit": 3, "extra": 0, "last_closed_at": None, "passed": False,
        "wait_minutes": 20, "pending": (), "to_reread": (),
    }  # fmt: skip
    return StartFacts(**(base | changes))


def test_the_first_attempt_starts_at_once_and_an_open_one_is_resumed():
    assert may_start(facts(), NOW) == Start(1)
    open_one = facts(closed=1, open_number=2, last_closed_at=NOW, pending=("l1",), passed=True)
    assert may_start(open_one, NOW) == Start(2, resumes=True)


def test_what_is_missing_is_said():
    assert may_start(facts(pending=("l2", "q1")), NOW) == Refusal(RefusalCode.LOCKED, missing=("l2", "q1"))


def test_who_passed_needs_no_other():
    assert may_start(facts(closed=1, passed=True, last_closed_at=NOW), NOW) == Refusal(RefusalCode.ALREADY_PASSED)


def test_between_attempts_there_is_a_wait_that_ends_on_the_minute():
    waiting = facts(closed=1, last_closed_at=NOW)
    ends = NOW + timedelta(minutes=20)
    assert may_start(waiting, ends - timedelta(seconds=1)) == Refusal(RefusalCode.WAITING, until=ends)
    assert may_start(waiting, ends) == Start(2)


def test_after_the_last_attempt_reading_again_earns_one_more_each_time():
    later = NOW + timedelta(hours=1)
    used = facts(closed=3, last_closed_at=NOW, to_reread=("l2", "l3"))
    assert may_start(used, later) == Refusal(RefusalCode.EXHAUSTED, lessons=("l2", "l3"))
    assert may_start(facts(closed=3, last_closed_at=NOW), later) == Start(4, by_restudy=True)
    again = facts(closed=4, extra=1, last_closed_at=NOW, to_reread=("l2",))
    assert may_start(again, later) == Refusal(RefusalCode.EXHAUSTED, lessons=("l2",))
    assert may_start(facts(closed=4, extra=1, last_closed_at=NOW), later) == Start(5, by_restudy=True)


def test_an_earned_attempt_also_waits_and_both_are_said_together():
    ends = NOW + timedelta(minutes=20)
    used = facts(closed=3, last_closed_at=NOW, to_reread=("l2",))
    assert may_start(used, NOW) == Refusal(RefusalCode.EXHAUSTED, until=ends, lessons=("l2",))
    assert may_start(facts(closed=3, last_closed_at=NOW), NOW) == Refusal(RefusalCode.WAITING, until=ends)


def test_an_officers_grant_needs_no_reading_and_no_limit_means_no_end():
    later = NOW + timedelta(hours=1)
    assert may_start(facts(closed=3, extra=1, last_closed_at=NOW, to_reread=("l2",)), later) == Start(4)
    assert may_start(facts(closed=50, limit=None, last_closed_at=NOW, to_reread=("l2",)), later) == Start(51)


@given(st.integers(0, 20), st.integers(1, 5), st.integers(0, 5), st.integers(0, 90))
def test_there_is_no_dead_end(closed, limit, extra, minutes):
    """Whoever did what came before, read again and waited, always may start."""
    given_facts = facts(closed=closed, limit=limit, extra=extra, wait_minutes=minutes, last_closed_at=NOW)
    assert isinstance(may_start(given_facts, NOW + timedelta(minutes=minutes)), Start)
