"""What stories about constancias begin from: a signatory, and people who finished and passed."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import select

from lms import clock
from lms.actions import certificates as deeds
from lms.database import db
from lms.models.certificates import Batch, Certificate, Signatory
from lms.models.courses import Quiz
from lms.models.enrolments import Cycle, Enrolment
from lms.models.institutions import Institution
from lms.models.people import Person
from lms.models.quizzes import Attempt
from lms.proofs.keys import SigningKey, load_or_create
from tests.people import Cast, affiliate, enrol, person


def key(cast: Cast) -> SigningKey:
    """The signing key of the application under test."""
    return load_or_create(cast.app.config["AULA"].signing_key)


def signatory(name: str = "Firma Ejemplo Ficticia", *, since: date = date(2020, 1, 1), to: date | None = None) -> None:
    """Appoint somebody who signs."""
    db.session.add(
        Signatory(name=name, position="Directora de prueba", appointment="Oficio 1", from_on=since, to_on=to)
    )
    db.session.flush()


def complete(cycle: Cycle, *, at: datetime | None = None, passed: bool = True) -> None:
    """Bring a cycle to its end: begun, its final quiz closed, completed."""
    at = at or clock.now() - timedelta(hours=1)
    enrolment = db.session.get_one(Enrolment, cycle.enrolment_id)
    cycle.version_id = enrolment.course.current_version_id
    cycle.started_at, cycle.completed_at = at - timedelta(hours=2), at
    final = db.session.scalars(select(Quiz).where(Quiz.version_id == cycle.version_id, Quiz.kind == "final")).one()
    db.session.add(
        Attempt(
            public_id=clock.public_id(), cycle_id=cycle.id, quiz_id=final.id, quiz_stable_id=final.stable_id, number=1,
            seed=1, question_ids=[], started_at=at - timedelta(hours=1), submitted_at=at, score=1000 if passed else 0,
            passed=passed,
        )
    )  # fmt: skip
    db.session.flush()


def graduates(cast: Cast, count: int, *, of: Institution | None = None) -> list[Cycle]:
    """Make people who finished the course."""
    made = []
    for n in range(count):
        who = person(f"Graduada {n}", email=f"graduada{n}@ejemplo.mx")
        cycle = enrol(who, cast.course, affiliate(who, of or cast.own))
        complete(cycle)
        made.append(cycle)
    db.session.commit()
    return made


def released(cast: Cast) -> Batch:
    """Propose a batch of the first institution and release it."""
    batch = deeds.propose(cast.course.id, cast.own.id, by=cast.officer.id, at=clock.now())
    deeds.release(batch.id, by=cast.officer2.id, at=clock.now())
    db.session.commit()
    return batch


def issued(cast: Cast, who: Person | None = None, cycle: Cycle | None = None) -> Certificate:
    """Issue the certificate of one person (the learner) from facts to signature."""
    cycle = cycle or cast.cycle
    signatory()
    complete(cycle)
    db.session.commit()
    batch = released(cast)
    deeds.issue_chunk(batch.id, key(cast), at=clock.now())
    db.session.commit()
    return db.session.scalars(select(Certificate).where(Certificate.cycle_id == cycle.id)).one()
