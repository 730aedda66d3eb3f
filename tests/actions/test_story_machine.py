"""Stories that nobody wrote: people study, officers sign and time passes in any order, and the truths hold.

A normal run tells the same few stories each time. AULA_MACHINE_RUNS and AULA_MACHINE_STEPS ask for more and longer
ones, AULA_MACHINE_SEED (a whole number) for others.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import lru_cache

import pytest
import time_machine
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select, update

from lms import clock
from lms.actions import certificates, certificates_standing, enrolments, quizzes
from lms.actions import courses as publishing
from lms.actions import people as accounts
from lms.actions import rosters as padrones
from lms.database import db
from lms.jobs.work import work_once
from lms.models.certificates import Batch, StandingRelease
from lms.models.courses import Course
from lms.models.institutions import Institution
from lms.models.people import Affiliation
from lms.models.quizzes import Attempt
from lms.models.rosters import Roster
from lms.proofs.keys import load_or_create
from lms.queries.enrolments import in_cycle
from lms.rules.courses import next_of, start_facts
from lms.rules.enrolments import NextKind
from lms.rules.quizzes import Refusal, may_start
from tests.houses import house
from tests.story import DAWN, LEARNERS, Deed, World, contents, cycle_of, make_world
from tests.story_truths import Truths

RUNS = int(os.environ.get("AULA_MACHINE_RUNS", "0"))
STEPS = int(os.environ.get("AULA_MACHINE_STEPS", "30"))
SEED = int(os.environ.get("AULA_MACHINE_SEED", "0"))
# Past ten stories of one seed, hypothesis mostly tells small variations of those it has told.
TEN = 10

who = st.sampled_from(LEARNERS)
officers = st.sampled_from(["officer", "officer2"])
places = st.sampled_from(["own", "other"])
slugs = st.sampled_from(["parte-1", "parte-2", "parte-3"])
tests = st.sampled_from(["parte-1", "final"])
rights = st.sampled_from([0, 1, 3, 4])
minutes = st.sampled_from([0.01, 1, 19, 20, 60, 60 * 24])


# How far somebody is when a story begins: steps that go well.
STAGES = {"not begun": 0, "used up": 0, "half-way": 2, "before the end": 4, "finished": 9}


@lru_cache(maxsize=1)
def world() -> World:
    """The database that every story begins from, made once in a process."""
    return make_world(house("sqlite"))


class Story(RuleBasedStateMachine):
    """One story. Rules do what doors and workers do; what they refuse is part of it."""

    def __init__(self) -> None:
        super().__init__()
        self.world = world()
        built = house("sqlite")
        built.renew(self.world.kept)
        self.context = built.app.app_context()
        self.context.push()
        self.clock = time_machine.travel(DAWN, tick=False)
        self.now = self.clock.start()
        self.truths = Truths(self.world)
        self.uploads = 0

    def teardown(self) -> None:
        """Whatever happened, everybody who began can still finish."""
        try:
            for name in LEARNERS:
                self._to_the_end(name)
            self.truths.look(clock.now())
        finally:
            self.truths.close()
            db.session.remove()
            self.clock.stop()
            self.context.pop()

    @initialize(
        names=st.lists(who, min_size=1, max_size=3, unique=True),
        far=st.sampled_from(sorted(STAGES)),
        standing=st.booleans(),
    )
    def begin(self, names: list[str], far: str, standing: bool) -> None:
        """Some are on their way already when the story begins, so that it need not be long to be about the end."""
        self.run_roster("second")
        if standing:
            self.ask_standing("officer")
            self.release_standing("officer2")
        for name in names:
            if far == "used up":
                self.fail_until_used_up(name)
            for _ in range(STAGES[far]):
                self._next(name, 4)

    @invariant()
    def truths_hold(self) -> None:
        self.truths.look(clock.now())
        self.now.shift(timedelta(seconds=1))

    # Studying -----------------------------------------------------------------

    def _cycle(self, name: str) -> int | None:
        cycle = cycle_of(self.world, name)
        return cycle.id if cycle else None

    def _begin(self, name: str) -> None:
        if cycle := self._cycle(name):
            with Deed():
                enrolments.start(cycle, by=self.world.people[name], at=clock.now())

    @rule(name=who)
    def start(self, name: str) -> None:
        self._begin(name)

    @rule(name=who, slug=slugs)
    def read(self, name: str, slug: str) -> None:
        self._read(name, slug)

    def _read(self, name: str, slug: str) -> str | None:
        if (cycle := self._cycle(name)) is None:
            return "nobody"
        with Deed() as deed:
            enrolments.read_lesson(cycle, slug, by=self.world.people[name], at=clock.now())
        return deed.refused

    @rule(name=who, quiz=tests)
    def open_quiz(self, name: str, quiz: str) -> None:
        self._open(name, quiz)

    def _open(self, name: str, quiz: str) -> str | None:
        if (cycle := self._cycle(name)) is None:
            return "nobody"
        before = self._attempts(name)
        with Deed() as deed:
            first = quizzes.start(cycle, quiz, by=self.world.people[name], at=clock.now())
            assert quizzes.start(cycle, quiz, by=self.world.people[name], at=clock.now()) == first
        if deed.refused:
            assert len(self._attempts(name)) == len(before)
        return deed.refused

    def _attempts(self, name: str) -> Sequence[Attempt]:
        db.session.rollback()
        query = select(Attempt).where(Attempt.cycle_id == self._cycle(name)).order_by(Attempt.id)
        return db.session.scalars(query, execution_options={"populate_existing": True}).all()

    @rule(name=who, right=rights, late=st.booleans())
    def answer(self, name: str, right: int, late: bool) -> None:
        for attempt in self._attempts(name):
            self._answer(attempt, right, late=late)

    def _answer(self, attempt: Attempt, right: int, *, late: bool = False) -> None:
        """Answer every question, the first `right` of them well; `late`: as a device that was long without signal."""
        moment = int((clock.now() - timedelta(minutes=10)).timestamp() * 1000) if late else None
        closed = attempt.submitted_at is not None
        with Deed() as deed:
            for n, question in enumerate(attempt.question_ids):
                options = ["a" if n < right else "b"]
                quizzes.save_answer(attempt.id, question, options, sequence=moment, at=clock.now())
        assert deed.refused == ("attempt_closed" if closed else None)

    @rule(name=who)
    def submit(self, name: str) -> None:
        """Send every attempt there is, the closed ones too."""
        for attempt in self._attempts(name):
            self._submit(name, attempt)

    def _submit(self, name: str, attempt: Attempt) -> None:
        closed = attempt.submitted_at is not None
        with Deed():
            assert quizzes.submit(attempt.id, by=self.world.people[name], at=clock.now()) is not closed

    def _sit(self, name: str, quiz: str, right: int) -> None:
        if self._open(name, quiz) is None:
            # Several may be open: a formative quiz can be taken again while the final one waits.
            stable_id = {"final": "h-f"}.get(quiz, "h-q1")
            attempt = next(a for a in self._attempts(name) if a.submitted_at is None and a.quiz_stable_id == stable_id)
            self._answer(attempt, right)
            self.now.shift(timedelta(minutes=2))
            self._submit(name, attempt)

    @rule(name=who, steps=st.integers(1, 6), right=rights)
    def go_on(self, name: str, steps: int, right: int) -> None:
        """Do what the pages propose, some steps in a row; waiting included."""
        for _ in range(steps):
            self._next(name, right)

    def _next(self, name: str, right: int) -> bool:
        """Take the next step; False when there is none. What is proposed must be possible."""
        if (cycle := self._cycle(name)) is None:
            return False
        self._begin(name)
        step = next_of(in_cycle(cycle).study, clock.now())
        db.session.rollback()
        if step.kind is NextKind.DONE:
            return False
        if step.kind in {NextKind.LESSON, NextKind.REREAD}:
            assert self._read(name, step.ref) is None
        elif step.kind is NextKind.WAIT:
            assert step.until is not None
            self.now.move_to(step.until)
        else:
            self._sit(name, step.ref, right)
        self.now.shift(timedelta(seconds=1))
        return True

    def _to_the_end(self, name: str) -> None:
        for _ in range(25):
            if not self._next(name, 4):
                break
        cycle = cycle_of(self.world, name)
        assert cycle is None or cycle.completed_at is not None, "a dead end"

    @rule(name=who)
    def fail_until_used_up(self, name: str) -> None:
        for _ in range(12):
            study = in_cycle(cycle).study if (cycle := self._cycle(name)) else None
            if study is None or study.final is None or study.final.exhausted or not self._next(name, 0):
                break

    @rule(name=who)
    def restudy(self, name: str) -> None:
        """Read again what failed, as the refusal asks."""
        if (cycle := self._cycle(name)) is None:
            return
        study = in_cycle(cycle).study
        answer = may_start(start_facts(study, study.final), clock.now()) if study.final else None
        db.session.rollback()
        for slug in answer.lessons if isinstance(answer, Refusal) else ():
            self._read(name, slug)

    # Time ---------------------------------------------------------------------

    @rule(passed=minutes)
    def time_passes(self, passed: float) -> None:
        self.now.shift(timedelta(minutes=passed))

    @rule()
    def clock_is_corrected(self) -> None:
        """A server's clock steps back a little when it is corrected."""
        self.now.shift(timedelta(seconds=-3))

    # Support ------------------------------------------------------------------

    @rule(name=who)
    def refer(self, name: str) -> None:
        if cycle := self._cycle(name):
            with Deed():
                enrolments.refer(cycle, by=self.world.people["enlace"], at=clock.now())
                assert not enrolments.refer(cycle, by=self.world.people["enlace"], at=clock.now())

    @rule(name=who, officer=officers)
    def grant(self, name: str, officer: str) -> None:
        if cycle := self._cycle(name):
            with Deed():
                enrolments.grant_attempt(cycle, by=self.world.people[officer], at=clock.now())
                assert not enrolments.grant_attempt(cycle, by=self.world.people["officer2"], at=clock.now())

    # Certificates ---------------------------------------------------------------

    @rule(officer=officers, place=places)
    def propose(self, officer: str, place: str) -> None:
        with Deed():
            by, to = self.world.people[officer], self.world.institutions[place]
            certificates.propose(self.world.course, to, by=by, at=clock.now())

    def _each(self, model: type[Batch] | type[StandingRelease], deed: Callable[..., None], officer: str) -> None:
        db.session.rollback()
        for found in db.session.scalars(select(model.id)).all():
            with Deed():
                deed(found, by=self.world.people[officer], at=clock.now())

    @rule(officer=officers)
    def withdraw(self, officer: str) -> None:
        self._each(Batch, certificates.withdraw, officer)

    @rule(officer=officers)
    def release(self, officer: str) -> None:
        self._each(Batch, certificates.release, officer)

    @rule(size=st.integers(1, 2))
    def issue_some(self, size: int) -> None:
        """A worker issues part of each batch and dies."""
        key = load_or_create(house("sqlite").app.config["AULA"].signing_key)
        db.session.rollback()
        for batch in db.session.scalars(select(Batch.id)).all():
            with Deed():
                certificates.issue_chunk(batch, key, at=clock.now(), size=size)

    @rule(officer=officers, place=places)
    def issue_all(self, officer: str, place: str) -> None:
        """The whole way at once, which chance would seldom find."""
        self.propose(officer, place)
        self.release("officer" if officer == "officer2" else "officer2")
        self.work()

    @rule(officer=officers)
    def ask_standing(self, officer: str) -> None:
        with Deed():
            certificates_standing.propose_standing(self.world.course, by=self.world.people[officer], at=clock.now())

    @rule(officer=officers)
    def release_standing(self, officer: str) -> None:
        self._each(StandingRelease, certificates_standing.release_standing, officer)

    @rule(officer=officers)
    def end_standing(self, officer: str) -> None:
        self._each(StandingRelease, certificates_standing.end_standing, officer)

    @rule()
    def work(self) -> None:
        db.session.rollback()
        while work_once():
            pass

    # Institutions ---------------------------------------------------------------

    @rule(name=who, place=places)
    def leave(self, name: str, place: str) -> None:
        """Her place in an institution ends today."""
        with Deed():
            hers = Affiliation.person_id == self.world.people[name], Affiliation.ended_on.is_(None)
            there = Affiliation.institution_id == self.world.institutions[place]
            db.session.execute(update(Affiliation).where(*hers, there).values(ended_on=clock.today()))

    @rule(name=who)
    def suspend(self, name: str) -> None:
        with Deed():
            accounts.suspend(self.world.people[name], "prueba", by=self.world.people["admin"], at=clock.now())

    @rule(name=who)
    def unsuspend(self, name: str) -> None:
        with Deed():
            accounts.unsuspend(self.world.people[name], by=self.world.people["admin"], at=clock.now())

    @rule(name=st.sampled_from(["second", "move"]))
    def run_roster(self, name: str) -> None:
        """Sign a plan made long ago and run it; a second time changes nothing."""
        self._sign(self.world.rosters[name], "enlace" if name == "move" else "other_enlace")

    def _sign(self, roster_id: int, by: str) -> None:
        with Deed():
            roster = db.session.get_one(Roster, roster_id, populate_existing=True)
            padrones.sign(roster, roster.digest or "", by=self.world.people[by], at=clock.now())
        self.work()

    @precondition(lambda self: self.uploads == 0)
    @rule(file=st.sampled_from(["first", "move"]))
    def send_roster_again(self, file: str) -> None:
        """The same list once more, read anew: once in a story, for reading a file takes a process of its own."""
        self.uploads += 1
        with Deed():
            made = padrones.upload(
                db.session.get_one(Institution, self.world.institutions["own"]),
                db.session.get_one(Course, self.world.course),
                filename="otra-vez.csv", content=self.world.files[file], area_paths=(), due_on=None,
                by=self.world.people["enlace"], at=clock.now(),
            )  # fmt: skip
        roster_id = made.id
        self.work()
        self._sign(roster_id, "enlace")

    @rule(which=st.sampled_from(contents()))
    def publish(self, which: object) -> None:
        with Deed():
            publishing.publish(which, by=None, at=clock.now())  # type: ignore[arg-type]


@pytest.mark.timeout(0 if RUNS else 120)
@pytest.mark.parametrize("chapter", range(max(1, (RUNS or 30) // TEN)))
def test_the_truths_hold_after_every_step(chapter: int) -> None:
    telling = seed(SEED * 1_000_000 + chapter)(type(f"Chapter{chapter}", (Story,), {}))
    # A story that fails is told as it was: to look for a shorter one takes minutes.
    told = settings(deadline=None, database=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
    run_state_machine_as_test(telling, settings=settings(told, max_examples=TEN, stateful_step_count=STEPS))
