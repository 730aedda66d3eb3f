"""Quizzes: draw questions, order options, mark answers, and say whether an attempt may start.

Everything that looks random comes from the attempt's seed through a keyed hash, so the same attempt shows the same
questions and options on every device, and no generator's version can change it.
"""

from __future__ import annotations

import hashlib
from base64 import b32encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Literal

FULL_SCORE = 1000  # hundredths of a point: 10.00


@dataclass(frozen=True)
class BankItem:
    """A question that can be drawn, and the objective it asks about."""

    id: str
    objective: str


@dataclass(frozen=True)
class KeyedQuestion:
    """A question with its key. Never leaves the server before the attempt is closed."""

    id: str
    kind: Literal["single", "multiple", "true_false"]
    right: frozenset[str]


@dataclass(frozen=True)
class MarkedQuestion:
    """What a question earned: `points` from 0 to 1; `right` only when the whole point was earned."""

    id: str
    points: Fraction

    @property
    def right(self) -> bool:
        """Tell whether the answer was wholly right."""
        return self.points == 1


@dataclass(frozen=True)
class Marked:
    """A marked attempt. `score` is in hundredths of a point (0 to 1000), rounded down."""

    score: int
    questions: tuple[MarkedQuestion, ...]


class BankTooSmallError(ValueError):
    """The bank holds fewer questions of an objective than the plan asks for."""

    def __init__(self, objective: str, wanted: int, available: int) -> None:
        super().__init__(f"objective {objective!r}: {wanted} wanted, {available} in the bank")
        self.objective, self.wanted, self.available = objective, wanted, available


def _digest(seed: int, purpose: str, *parts: str) -> bytes:
    """Keyed hash of `parts`; the seed is the key. Lengths are kept apart so that no two lists collide."""
    text = "\0".join((purpose, *parts)).encode()
    return hashlib.blake2b(text, key=str(seed).encode(), digest_size=16).digest()


def draw(seed: int, bank: Sequence[BankItem], plan: Sequence[tuple[str, int]]) -> tuple[str, ...]:
    """Return the ids of the questions of an attempt, in the order to ask them.

    Takes exactly the number the plan asks of each objective, never one twice; an empty plan takes the whole bank.
    The order of `bank` does not matter. Raises `BankTooSmallError`.
    """
    chosen: list[str] = [] if plan else [item.id for item in bank]
    for objective, wanted in plan:
        pool = sorted((i.id for i in bank if i.objective == objective), key=lambda q: _digest(seed, "draw", q))
        if wanted > len(pool):
            raise BankTooSmallError(objective, wanted, len(pool))
        chosen.extend(pool[:wanted])
    return tuple(sorted(chosen, key=lambda question: _digest(seed, "question-order", question)))


def option_order(seed: int, question_id: str, option_ids: Sequence[str], fixed: bool) -> tuple[str, ...]:
    """Return the options in the order to show them: as written when `fixed`, else shuffled by the seed."""
    if fixed:
        return tuple(option_ids)
    return tuple(sorted(option_ids, key=lambda option: _digest(seed, "option-order", question_id, option)))


def option_token(seed: int, question_id: str, option_id: str) -> str:
    """Return what the page calls an option: opaque, different in every attempt, so that no page betrays a key."""
    return b32encode(_digest(seed, "option-token", question_id, option_id)[:10]).decode().lower()


def _points(question: KeyedQuestion, chosen: frozenset[str]) -> Fraction:
    if question.kind != "multiple":
        return Fraction(int(chosen == question.right))
    balance = len(chosen & question.right) - len(chosen - question.right)
    return max(Fraction(0), Fraction(balance, len(question.right)))


def mark(questions: Sequence[KeyedQuestion], answers: Mapping[str, frozenset[str]]) -> Marked:
    """Mark an attempt; every question weighs the same and an unanswered one earns nothing.

    One right option: all or nothing. Several: right ones chosen minus wrong ones chosen, over all right ones, never
    below 0. The score is exact arithmetic; rounding down never turns a failed attempt into a passed one.
    Raises ValueError when there are no questions.
    """
    if not questions:
        raise ValueError("an attempt without questions cannot be marked")
    marked = tuple(MarkedQuestion(q.id, _points(q, answers.get(q.id, frozenset()))) for q in questions)
    earned = sum((m.points for m in marked), Fraction(0))
    return Marked(int(earned * FULL_SCORE / len(questions)), marked)


def passed(score: int, pass_mark: int) -> bool:
    """Tell whether a score in hundredths reaches the pass mark in whole points (of 10)."""
    return score >= pass_mark * 100


def failed_objectives(marked: Marked, objectives: Mapping[str, str]) -> tuple[str, ...]:
    """Return the objectives with a question not wholly right, once each, as they came up in the attempt."""
    return tuple(dict.fromkeys(objectives[question.id] for question in marked.questions if not question.right))


def restudy_lessons(failed: Sequence[str], lessons: Sequence[tuple[str, Sequence[str]]]) -> tuple[str, ...]:
    """Return the lessons to read again: those that teach a failed objective, in course order.

    `lessons` are pairs (id, objectives). When no lesson teaches what failed, all of them: the path never ends in
    nothing to do.
    """
    wanted = set(failed)
    return tuple(i for i, taught in lessons if wanted & set(taught)) or tuple(i for i, _ in lessons)


class RefusalCode(StrEnum):
    """Why an attempt may not start now."""

    LOCKED = "locked"
    WAITING = "waiting"
    EXHAUSTED = "exhausted"
    ALREADY_PASSED = "already_passed"


@dataclass(frozen=True)
class StartFacts:
    """What decides whether an attempt may start.

    `closed`: attempts closed so far in this cycle. `open_number`: number of the open attempt, if any. `limit`: None
    means as many as wanted. `extra`: attempts granted so far, by an officer or by re-study. `pending`: lessons and
    formative quizzes that come before and are not done. `to_reread`: lessons of the failed objectives that were not
    read again since the last attempt closed (empty = re-studied).
    """

    closed: int
    open_number: int | None
    limit: int | None
    extra: int
    last_closed_at: datetime | None
    passed: bool
    wait_minutes: int
    pending: tuple[str, ...]
    to_reread: tuple[str, ...]


@dataclass(frozen=True)
class Start:
    """The attempt to show. `resumes`: it is open already. `by_restudy`: reading again has just earned it."""

    number: int
    resumes: bool = False
    by_restudy: bool = False


@dataclass(frozen=True)
class Refusal:
    """Why not, and the way on: `missing` to do first, `until` when to come back, `lessons` to read again."""

    code: RefusalCode
    missing: tuple[str, ...] = ()
    until: datetime | None = None
    lessons: tuple[str, ...] = ()


def may_start(facts: StartFacts, now: datetime) -> Start | Refusal:
    """Say which attempt to show, or why none may start yet.

    An open attempt is always resumed. Once the allowed attempts are used up, reading again the lessons of what failed
    earns one more, every time, after the same wait: there is no dead end.
    """
    if facts.open_number is not None:
        return Start(facts.open_number, resumes=True)
    if facts.passed:
        return Refusal(RefusalCode.ALREADY_PASSED)
    if facts.pending:
        return Refusal(RefusalCode.LOCKED, missing=facts.pending)
    until = _waits_until(facts, now)
    used_up = facts.limit is not None and facts.closed >= facts.limit + facts.extra
    if used_up and facts.to_reread:
        return Refusal(RefusalCode.EXHAUSTED, until=until, lessons=facts.to_reread)
    if until is not None:
        return Refusal(RefusalCode.WAITING, until=until)
    return Start(facts.closed + 1, by_restudy=used_up)


def _waits_until(facts: StartFacts, now: datetime) -> datetime | None:
    if facts.last_closed_at is None:
        return None
    until = facts.last_closed_at + timedelta(minutes=facts.wait_minutes)
    return until if now < until else None
