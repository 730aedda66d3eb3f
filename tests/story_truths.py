"""What must be true after every step of every story, asked of the database in plain terms."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import event, select

from lms.clock import MEXICO
from lms.database import db
from lms.models.audit import AuditEntry
from lms.models.certificates import Batch, BatchItem, Certificate, StandingRelease
from lms.models.courses import Lesson, Quiz
from lms.models.enrolments import Cycle, EnrolmentAffiliation, LessonRead, SupportReferral
from lms.models.people import Account, Affiliation
from lms.models.quizzes import Answer, Attempt, AttemptGrant
from lms.permissions import SYSTEM
from lms.queries import enrolments
from lms.queries.certificates import of_pair
from lms.queries.certificates_issue import candidates, fit, in_open_batch, signatory_on
from lms.rules.certificates import eligible
from lms.rules.courses import next_of, start_facts
from lms.rules.enrolments import NextKind, completed, mexico_date
from lms.rules.quizzes import Start, may_start
from tests.story import World


class Truths:
    """Looks at the database after each step; it remembers what may never change again."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.closed: dict[str, tuple[Any, ...]] = {}
        self.issued: dict[str, tuple[Any, ...]] = {}
        self.read_once: dict[int, datetime] = {}
        self.completed: dict[int, datetime] = {}
        self.versions: dict[int, int] = {}
        self.written = True
        event.listen(db.engine, "before_cursor_execute", self._note)

    def _note(self, _connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        self.written = self.written or statement.startswith(("INSERT", "UPDATE", "DELETE"))

    def close(self) -> None:
        """Stop listening."""
        event.remove(db.engine, "before_cursor_execute", self._note)

    def look(self, now: datetime) -> None:
        """Check everything, unless nothing was written since the last time."""
        db.session.rollback()
        if not self.written:
            return
        self.written = False
        db.session.expunge_all()
        self.attempts = list(db.session.scalars(select(Attempt).order_by(Attempt.cycle_id, Attempt.number)))
        self.cycles = {
            cycle.id: cycle for cycle in db.session.scalars(select(Cycle).where(Cycle.started_at.is_not(None)))
        }
        self.quizzes = {quiz.id: quiz for quiz in db.session.scalars(select(Quiz))}
        self.by_cycle: dict[tuple[int, str], list[Attempt]] = defaultdict(list)
        for attempt in self.attempts:
            self.by_cycle[attempt.cycle_id, attempt.quiz_stable_id].append(attempt)
        self._attempts_in_order()
        self._closed_never_changes()
        self._completion_is_the_rule()
        self._nobody_is_stuck(now)
        self._certificates()
        self._batches()
        self._lists_agree_with_the_rule(now)
        self._traces()
        db.session.rollback()

    def _attempts_in_order(self) -> None:
        grants = Counter(
            (row[0], row[1]) for row in db.session.execute(select(AttemptGrant.cycle_id, AttemptGrant.quiz_stable_id))
        )
        for (cycle_id, stable_id), made in self.by_cycle.items():
            assert sum(a.submitted_at is None for a in made) <= 1, "two attempts open"
            assert [a.number for a in made] == list(range(1, len(made) + 1)), "numbers"
            assert all(a.submitted_at is not None for a in made[:-1]), "an attempt after an open one"
            assert not any(a.passed for a in made[:-1]), "an attempt after passing"
            quiz = self.quizzes[made[0].quiz_id]
            assert all(self.quizzes[a.quiz_id].version_id == self.cycles[cycle_id].version_id for a in made)
            if quiz.attempts is not None:
                assert len(made) <= quiz.attempts + grants[cycle_id, stable_id], "more attempts than earned"
            for before, after in pairwise(made):
                assert before.submitted_at is not None
                assert after.started_at >= before.submitted_at + timedelta(minutes=quiz.wait_minutes), "no wait"

    def _closed_never_changes(self) -> None:
        answers: dict[int, list[tuple[str, tuple[str, ...]]]] = defaultdict(list)
        for answer in db.session.scalars(select(Answer).order_by(Answer.id)):
            answers[answer.attempt_id].append((answer.question_stable_id, tuple(answer.options)))
        for a in self.attempts:
            if a.submitted_at is None:
                assert a.score is None
                assert a.passed is None
                continue
            facts = (
                a.number,
                a.score,
                a.passed,
                a.started_at,
                a.submitted_at,
                tuple(a.question_ids),
                tuple(answers[a.id]),
            )
            assert self.closed.setdefault(a.public_id, facts) == facts, "a closed attempt changed"
            right = sum(options == ("a",) for _, options in answers[a.id])
            assert a.score == 1000 * right // len(a.question_ids), "score"
            mark = self.quizzes[a.quiz_id].pass_mark
            assert a.passed == (None if mark is None else a.score >= 100 * mark)
        assert set(self.closed) <= {a.public_id for a in self.attempts}

    def _completion_is_the_rule(self) -> None:
        facts = enrolments.completion_facts(list(self.cycles))
        read: dict[int, dict[str, LessonRead]] = defaultdict(dict)
        for row in db.session.scalars(select(LessonRead)):
            read[row.cycle_id][row.lesson_stable_id] = row
            assert self.read_once.setdefault(row.id, row.first_at) == row.first_at
            assert row.first_at <= row.last_at
        lessons: dict[int, set[str]] = defaultdict(set)
        for version_id, stable_id in db.session.execute(select(Lesson.version_id, Lesson.stable_id)):
            lessons[version_id].add(stable_id)
        for cycle in self.cycles.values():
            assert cycle.version_id is not None
            assert self.versions.setdefault(cycle.id, cycle.version_id) == cycle.version_id, "another version"
            assert cycle.completed_at == completed(facts[cycle.id]), "recount differs"
            done = lessons[cycle.version_id] <= set(read[cycle.id]) and all(
                any(a.submitted_at and a.passed is not False for a in self.by_cycle[cycle.id, quiz.stable_id])
                for quiz in self.quizzes.values()
                if quiz.version_id == cycle.version_id
            )
            assert (cycle.completed_at is not None) == done, "completion"
            if cycle.completed_at is not None:
                assert self.completed.setdefault(cycle.id, cycle.completed_at) == cycle.completed_at
        assert all(self.cycles[cycle_id].completed_at for cycle_id in self.completed)

    def _nobody_is_stuck(self, now: datetime) -> None:
        """Whoever has not finished has a next step that is open to her; support is asked for exactly when needed."""
        referred = Counter(
            db.session.scalars(select(SupportReferral.cycle_id).where(SupportReferral.resolved_at.is_(None)))
        )
        for cycle in self.cycles.values():
            study = enrolments.in_cycle(cycle.id).study
            final = study.final
            assert final is not None
            assert (cycle.needs_support_at is not None) == final.exhausted, "support"
            assert referred[cycle.id] <= (1 if final.exhausted else 0), "referred without need"
            step = next_of(study, now)
            if step.kind is NextKind.DONE:
                assert cycle.completed_at is not None
                continue
            answer = may_start(start_facts(study, final), now)
            if step.kind in {NextKind.FINAL, NextKind.RESUME} and step.ref == final.slug:
                assert isinstance(answer, Start), "the next step is shut"
            if step.kind is NextKind.WAIT:
                assert step.until is not None
                assert now < step.until
                assert isinstance(may_start(start_facts(study, final), step.until), Start), "waiting leads nowhere"
            if step.kind in {NextKind.REREAD, NextKind.LESSON}:
                assert study.lesson(step.ref) is not None

    def _certificates(self) -> None:
        live: Counter[int] = Counter()
        suspended = set(db.session.scalars(select(Account.person_id).where(Account.suspended_at.is_not(None))))
        for paper in db.session.scalars(select(Certificate)):
            live[paper.cycle_id] += paper.revoked_at is None and paper.superseded_by_id is None
            facts = (paper.cycle_id, paper.institution_id, paper.snapshot, paper.signature, paper.issued_at)
            new = paper.folio not in self.issued
            assert self.issued.setdefault(paper.folio, facts) == facts, "a certificate changed"
            cycle = self.cycles[paper.cycle_id]
            assert cycle.completed_at is not None
            finals = [q for q in self.quizzes.values() if q.kind == "final" and q.version_id == cycle.version_id]
            assert any(a.passed for q in finals for a in self.by_cycle[cycle.id, q.stable_id]), "issued without passing"
            day = cycle.completed_at.astimezone(MEXICO).date()
            places = db.session.execute(
                select(Affiliation.started_on, Affiliation.ended_on, Affiliation.person_id)
                .join(EnrolmentAffiliation, EnrolmentAffiliation.affiliation_id == Affiliation.id)
                .where(
                    EnrolmentAffiliation.enrolment_id == cycle.enrolment_id,
                    Affiliation.institution_id == paper.institution_id,
                )
            ).all()
            assert any(since <= day and (until is None or day <= until) for since, until, _ in places), "not affiliated"
            assert not (new and places[0][2] in suspended), "issued to somebody suspended"
        assert all(count <= 1 for count in live.values()), "two live certificates"
        assert set(self.issued) == set(db.session.scalars(select(Certificate.folio)))

    def _batches(self) -> None:
        batches = {batch.id: batch for batch in db.session.scalars(select(Batch))}
        for signed in (*batches.values(), *db.session.scalars(select(StandingRelease))):
            assert (signed.released_by_id is None) == (signed.released_at is None)
            assert signed.released_by_id != signed.proposed_by_id, "one person alone"
        papers = {row[0]: row[1] for row in db.session.execute(select(Certificate.cycle_id, Certificate.batch_id))}
        for item in db.session.scalars(select(BatchItem)):
            batch = batches[item.batch_id]
            assert item.done_at is None or batch.released_at is not None, "issued before it was released"
            assert item.done_at is not None or batch.finished_at is None, "left behind"
            if item.done_at is not None:
                assert (papers.get(item.cycle_id) == batch.id) == (item.refused is None), "what became of it"
        released = {s.id for s in db.session.scalars(select(StandingRelease)) if s.released_at is not None}
        for standing_id in db.session.scalars(select(Certificate.standing_release_id)):
            assert standing_id is None or standing_id in released

    def _lists_agree_with_the_rule(self, now: datetime) -> None:
        """Who is counted and proposed in SQL is exactly who the rule would let have a certificate."""
        today = mexico_date(now)
        signing = signatory_on(SYSTEM, today)
        waiting = set(db.session.scalars(select(Cycle.id).where(in_open_batch())))
        for institution_id in self.world.institutions.values():
            listed = db.session.scalars(of_pair(institution_id, self.world.course, Cycle.id).where(fit())).all()
            found = candidates(SYSTEM, list(self.cycles), institution_id, signing)
            allowed = {cycle_id for cycle_id, one in found.items() if not eligible(one.facts, today)}
            assert sorted(listed) == sorted(allowed - waiting), "the list and the rule differ"

    def _traces(self) -> None:
        """Every deed left one line, and none without its deed."""
        lines = Counter(db.session.scalars(select(AuditEntry.deed)))
        assert lines["quiz.start"] == len(self.attempts)
        assert lines["quiz.submit"] == len(self.closed)
        assert lines["enrolment.start"] == len(self.cycles)
        assert lines["enrolment.complete"] == len(self.completed)
        assert lines["certificates.issue"] == len(self.issued)
