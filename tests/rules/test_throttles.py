"""Waits after failures: guessing is slow, people are never locked out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.rules.throttles import (
    FORGET,
    account_delay,
    account_wide_delay,
    address_delay,
    failures_now,
    folio_miss_delay,
)

NOW = datetime(2026, 11, 5, 18, 0, tzinfo=UTC)
DELAYS = [account_delay, account_wide_delay, address_delay, folio_miss_delay]


class Counter:
    """A throttle row as a door keeps it: failures, and when the next try is looked at."""

    def __init__(self, delay):
        self.delay, self.failures, self.last, self.free_at = delay, 0, None, NOW

    def fail(self, at):
        self.failures = failures_now(self.failures, self.last, at) + 1
        self.last, self.free_at = at, at + self.delay(self.failures)


def guess(seconds, tries, addresses):
    """Try `tries` wrong passwords of one account evenly over `seconds`; return how many were evaluated."""
    account, pairs = Counter(account_wide_delay), [Counter(account_delay) for _ in range(addresses)]
    evaluated = 0
    for n in range(tries):
        at, pair = NOW + timedelta(seconds=seconds * n / tries), pairs[n % addresses]
        if at >= account.free_at and at >= pair.free_at:
            evaluated += 1
            account.fail(at)
            pair.fail(at)
    return evaluated


@pytest.mark.parametrize("addresses", [1, 2, 10, 1000])
def test_of_a_thousand_guesses_in_ten_minutes_at_most_thirty_are_evaluated(addresses):
    assert 5 <= guess(600, 1000, addresses) <= 30


def test_a_person_who_errs_a_few_times_does_not_wait():
    assert [account_delay(n) for n in range(5)] == [timedelta(0)] * 5
    assert [account_delay(n).total_seconds() for n in (5, 6, 7, 8, 14, 15, 500)] == [1, 2, 4, 8, 512, 900, 900]


def test_after_an_attack_from_one_address_the_owner_enters_from_another_within_the_minute():
    account, attacker, owner = Counter(account_wide_delay), Counter(account_delay), Counter(account_delay)
    for second in range(600):
        at = NOW + timedelta(seconds=second)
        if at >= account.free_at and at >= attacker.free_at:
            account.fail(at)
            attacker.fail(at)
    assert owner.free_at == NOW
    assert account.free_at - account.last <= timedelta(seconds=60)
    assert attacker.free_at > NOW + timedelta(seconds=600)


@given(st.integers(0, 10**9))
def test_delays_never_shrink_and_have_an_end(failures):
    longest = [timedelta(minutes=15), timedelta(seconds=60), timedelta(seconds=2), timedelta(seconds=60)]
    for delay, end in zip(DELAYS, longest, strict=True):
        assert timedelta(0) <= delay(failures) <= delay(failures + 1) <= end


def test_an_address_with_thousands_of_people_only_slows():
    assert address_delay(20) == timedelta(0)
    assert address_delay(30) == timedelta(seconds=1)
    assert address_delay(9000) == timedelta(seconds=2)


def test_a_thousand_folios_guessed_in_ten_minutes_give_few_answers():
    counter, answered = Counter(folio_miss_delay), 0
    for n in range(1000):
        at = NOW + timedelta(seconds=0.6 * n)
        if at >= counter.free_at:
            answered += 1
            counter.fail(at)
    assert 10 <= answered <= 30


def test_failures_are_forgotten_after_a_day():
    assert failures_now(9, NOW, NOW + FORGET - timedelta(seconds=1)) == 9
    assert failures_now(9, NOW, NOW + FORGET) == 0
    assert failures_now(9, None, NOW) == 0
