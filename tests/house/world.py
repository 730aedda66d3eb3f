"""A world with one of everything on both sides of the wall, and the address of each route in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from lms import clock
from lms.actions import certificates, enrolments, outbox, quizzes, rosters
from lms.actions.certificates_standing import propose_standing
from lms.actions.signatories import SignatoryFacts, add_signatory
from lms.database import db
from lms.jobs.work import work
from lms.models.certificates import Batch, Certificate
from lms.models.courses import Course
from lms.models.enrolments import Cycle, Enrolment
from lms.models.institutions import Institution
from lms.models.outbox import Job, Mail
from lms.models.people import Person, RoleHeld
from lms.models.quizzes import Attempt
from lms.permissions import SYSTEM
from lms.queries.rosters import roster as find_roster
from tests.people import Cast, affiliate, curp, enrol, make_cast, person

ACTORS = (
    "anon", "learner", "classmate", "stranger", "enlace", "area_enlace", "other_enlace", "officer", "coordinator",
    "author", "care", "admin", "suspended",
)  # fmt: skip
OWNERS = ("own", "mate", "other")
# What of each owner differs by person or by institution; anything else is the same for all.
OWNED = {"attempt", "person", "roster", "batch", "institution", "enrolment", "area", "held"}


@dataclass
class World:
    """The cast, and the value of each URL variable for each owner."""

    cast: Cast
    values: dict[str, dict[str, Any]] = field(default_factory=dict)

    def url(self, app: Flask, rule: Rule, owner: str) -> str:
        """Return the address of a route for what belongs to `owner`."""
        values = dict(self.values[owner])
        if rule.endpoint.startswith("institutions."):
            values["slug"] = values["institution"]
        given = {name: values[name] for name in rule.arguments}
        with app.test_request_context():
            return app.url_map.bind("localhost").build(rule.endpoint, given)


def owners(rule: Rule) -> tuple[str, ...]:
    """Whose things a route can name."""
    names = set(rule.arguments)
    if rule.endpoint.startswith("institutions.") and "slug" in names:
        names.add("institution")
    if not names & OWNED:
        return ("own",)
    personal = names & {"attempt", "person", "enrolment", "held"}
    return OWNERS if personal else ("own", "other")


def make_world(app: Flask) -> World:
    """Make the cast, then an attempt, a roster, a batch and a constancia on each side."""
    cast = make_cast(app)
    signatory, _new = add_signatory(
        SignatoryFacts("Titular", "Titular", "Nombramiento", date(2026, 1, 1), None), by=cast.admin.id, at=clock.now()
    )
    db.session.commit()
    world = World(cast)
    people = {"own": cast.learner, "mate": cast.classmate, "other": cast.stranger}
    places = {"own": cast.own, "mate": cast.own, "other": cast.other}
    standing = propose_standing(cast.course.id, by=cast.officer.id, at=clock.now())
    outbox.send_mail("completed", cast.learner.id, "world", at=clock.now())
    outbox.enqueue("roster_parse", 0, at=clock.now())
    db.session.flush()
    mail, job = db.session.scalars(select(Mail)).one(), db.session.scalars(select(Job)).one()
    mail.state, mail.finished_at, job.state, job.finished_at = "failed", clock.now(), "failed", clock.now()
    db.session.commit()
    common = {
        "token": "ABCDEFGHJKMN", "slug": cast.course.slug, "course": cast.course.slug, "lesson": "leccion-1",
        "quiz": "leccion-1", "n": 1, "regime": "lgpdppso", "digest": "x", "name": "aula.css", "mail_id": mail.id,
        "job_id": job.id, "signatory": signatory.id, "standing": standing.public_id,
    }  # fmt: skip
    for owner in OWNERS:
        world.values[owner] = common | _things(app, cast, people[owner], places[owner], owner)
    return world


def _things(app: Flask, cast: Cast, who: Person, place: Institution, owner: str) -> dict[str, Any]:
    if owner != "mate":
        _finish(app, cast, place)
    cycle_id = db.session.scalars(
        select(Cycle.id).join(Enrolment, Enrolment.id == Cycle.enrolment_id).where(Enrolment.person_id == who.id)
    ).one()
    enrolments.start(cycle_id, by=who.id, at=clock.now())
    enrolments.read_lesson(cycle_id, "leccion-1", by=who.id, at=clock.now())
    attempt = quizzes.start(cycle_id, "leccion-1", by=who.id, at=clock.now())
    db.session.commit()
    course = db.session.get(Course, cast.course.id)
    assert course is not None
    enlace = cast.other_enlace if owner == "other" else cast.enlace
    row = (curp(8_000 + len(owner)), "Zita", "Zozaya", "Zacatlán" if owner == "other" else "")
    text = f"CURP,Nombre,Primer apellido,Adscripción\n{','.join(row)}\n"
    roster = rosters.upload(
        place, course, filename=f"{place.slug}.csv", content=text.encode(), area_paths=(), due_on=None, by=enlace.id,
        at=clock.now(),
    )  # fmt: skip
    roster_id = roster.public_id
    db.session.commit()
    work(app)
    db.session.expunge_all()
    assert find_roster(SYSTEM, roster_id).state == "planned"  # type: ignore[union-attr]
    db.session.rollback()
    held = db.session.scalars(select(RoleHeld).where(RoleHeld.person_id == enlace.id)).first()
    area = cast.other_area if owner == "other" else cast.area
    return {
        "person": who.public_id,
        "attempt": attempt,
        "roster": roster_id,
        "institution": place.slug,
        "area": area.public_id,
        "batch": _batch(cast, place),
        "folio": db.session.scalars(select(Certificate.folio).order_by(Certificate.id)).first(),
        "enrolment": db.session.scalars(select(Enrolment.public_id).where(Enrolment.person_id == who.id)).one(),
        "held": held.id if held else 0,
    }


def _finish(app: Flask, cast: Cast, place: Institution) -> None:
    """Let two people of an institution complete the course; one gets her constancia, the other waits for a batch."""
    course = db.session.get(Course, cast.course.id)
    assert course is not None
    for turn in range(2):
        who = person("Zoraida" if place is cast.other else "Gema", "Graduada")
        cycle = enrol(who, course, affiliate(who, place))
        db.session.commit()
        complete(cycle.id, who.id)
        if turn == 0:
            batch = certificates.propose(course.id, place.id, by=cast.officer.id, at=clock.now())
            db.session.commit()
            certificates.release(batch.id, by=cast.officer2.id, at=clock.now())
            db.session.commit()
            work(app)


def _batch(cast: Cast, place: Institution) -> str:
    found = db.session.scalars(
        select(Batch.public_id).where(Batch.institution_id == place.id, Batch.released_at.is_(None))
    ).first()
    if found is None:
        found = certificates.propose(cast.course.id, place.id, by=cast.officer.id, at=clock.now()).public_id
        db.session.commit()
    return found


def complete(cycle_id: int, person_id: int) -> None:
    """Study the short course to its end, all answers right."""
    at = clock.now()
    enrolments.start(cycle_id, by=person_id, at=at)
    for step in ("leccion-1", "leccion-2"):
        enrolments.read_lesson(cycle_id, step, by=person_id, at=at)
        if step == "leccion-1":
            _answer(cycle_id, "leccion-1", person_id)
    _answer(cycle_id, "final", person_id)
    db.session.commit()


def _answer(cycle_id: int, slug: str, person_id: int) -> None:
    at = clock.now() - timedelta(seconds=1)
    public_id = quizzes.start(cycle_id, slug, by=person_id, at=at)
    attempt = db.session.scalars(select(Attempt).where(Attempt.public_id == public_id)).one()
    for question in attempt.question_ids:
        quizzes.save_answer(attempt.id, question, ["a"], sequence=None, at=at)
    quizzes.submit(attempt.id, by=person_id, at=at)
