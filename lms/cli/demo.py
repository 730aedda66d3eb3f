"""`lms demo`: partners, people and a little history, made by the same deeds that real people do. Idempotent."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date, timedelta

import click

import config
from lms import clock
from lms.actions import certificates, enrolments, institutions, people, people_admin, people_roles, quizzes, rosters
from lms.actions.signatories import SignatoryFacts, add_signatory
from lms.cli.context import application, do_now
from lms.cli.demo_people import DOMAIN, PARTNERS, PASSWORD, ROLE_NAMES, STAFF, Made, Partner, make_curp
from lms.cli.demo_people import people as made_up
from lms.content import Course, read_courses
from lms.database import db
from lms.models.institutions import Institution
from lms.paper.wording import grouped
from lms.permissions import SYSTEM, Role
from lms.queries import enrolments as standing
from lms.queries import people as who
from lms.queries import quizzes as attempts
from lms.queries import rosters as roster_queries
from lms.queries.certificates import latest
from lms.rules.people import read_curp, search_name
from lms.rules.people_admin import Name
from lms.rules.people_entry import hash_password, read_identifier, token_hash
from lms.texts.privacy import notice

COURSE = "derechos-humanos"
Line = tuple[str, str, str]


@click.command()
def commands() -> None:
    """Hace la demostración: instituciones, personas ficticias, un padrón y unas constancias."""
    app = application()
    settings: config.Settings = app.config["AULA"]
    if settings.production:
        raise SystemExit("La demostración no se hace en producción.")
    with app.app_context():
        courses, _faults = read_courses(settings.courses_dir)
        course = next((c for c in courses if c.slug == COURSE), None)
        if course is None or not roster_queries.published_courses(SYSTEM):
            raise SystemExit("Primero publica los cursos: lms courses publish")
        demo = Demo(course)
        demo.make()
        for what, identifier, how in demo.lines(settings.base_url):
            click.echo(f"{what:<34} {identifier:<36} {how}")


class Demo:
    """The demo, made step by step; each step leaves alone what it finds made."""

    def __init__(self, course: Course) -> None:
        self.course = course
        self.password = hash_password(PASSWORD)
        self.key = {q.id: [o.id for o in q.options if o.right] for quiz in course.quizzes for q in quiz.questions}
        self.staff: list[tuple[str, str, str, int]] = []
        self.learners: list[Made] = []

    def make(self) -> None:
        """Make everything that is not there yet."""
        admin = self._staff_member(0, by=None)
        places = {partner.slug: self._institution(partner, admin) for partner in PARTNERS}
        for index in range(1, len(STAFF)):
            self._staff_member(index, by=admin, places=places)
        self._signatory(admin)
        offset = 0
        for partner in PARTNERS:
            crowd = list(made_up(partner, offset))
            if partner.slug == "uber":
                shared = crowd[:4]
            if partner.slug == "didi":
                # The same drivers as the other platform's: one person, two places, one course.
                crowd[:4] = shared
            self.learners += crowd
            offset += partner.people
            if crowd:
                self._roster(partner, places[partner.slug], crowd)
        self._history()
        self._certificates(places["semar"])
        self._faulty_roster(places["semar"])

    def _staff_member(self, index: int, *, by: int | None, places: dict[str, Institution] | None = None) -> int:
        role, slug, given, surname = STAFF[index]
        number = 9_000 + index
        curp = read_curp(make_curp(number, given, surname, "Demostración"))
        assert not hasattr(curp, "code")
        at = clock.now()
        email = f"{search_name(given).lower()}.{role}{'.' + slug if slug else ''}@{DOMAIN}"
        name = Name(given, surname, "Demostración")
        place = people_admin.Place(places[slug].id, "", clock.today()) if places and slug else None
        person, _new = people_admin.create_person(name, curp, email, place, by=by, at=at)
        person.is_demo = True
        bound = places[slug].id if places and slug else None
        people_roles.grant_role(person.id, Role(role), bound, None, by=by, at=at)
        db.session.commit()
        self._enter(person.id)
        self.staff.append((role, slug, email, person.id))
        return person.id

    def _enter(self, person_id: int) -> None:
        """Do a first entry by the real path, with a password that everyone knows."""
        credentials = who.own_credentials(person_id)
        if credentials is not None and credentials.password_hash:
            db.session.rollback()
            return
        at = clock.now()
        secret = people.draw_token(person_id, "activation", "link", by=None, at=at)
        people.use_token(token_hash(secret), self.password, token_hash(clock.token()), at=at, until=at)
        versions = {regime: notice(regime).version for regime in ("lgpdppso", "lfpdppp")}
        people.accept_notices(person_id, versions, at=at)
        db.session.commit()

    @staticmethod
    def _institution(partner: Partner, by: int) -> Institution:
        at = clock.now()
        found, new = institutions.create_institution(partner.facts, partner.slug, by=by, at=at)
        if new:
            found.is_demo = True
            for area in partner.areas:
                institutions.add_area(found.id, None, area, None, by=by, at=at)
        db.session.commit()
        return found

    @staticmethod
    def _signatory(by: int) -> None:
        facts = SignatoryFacts(
            "Persona Titular (demostración)",
            "Titular de la Dirección General de Capacitación (demostración)",
            "Nombramiento ficticio 001/2026",
            date(2026, 1, 1),
            None,
        )
        made, _new = add_signatory(facts, by=by, at=clock.now())
        made.is_demo = True
        db.session.commit()

    def _enlace(self, slug: str) -> int:
        return next(person_id for role, bound, _email, person_id in self.staff if (role, bound) == ("enlace", slug))

    def _upload(self, slug: str, place: Institution, name: str, content: bytes, due_on: date | None) -> str:
        course = next(c for c in roster_queries.published_courses(SYSTEM) if c.slug == COURSE)
        made = rosters.upload(
            place, course, filename=name, content=content, area_paths=(), due_on=due_on,
            by=self._enlace(slug), at=clock.now(),
        )  # fmt: skip
        roster_id, public_id = made.id, made.public_id
        db.session.commit()
        do_now("roster_parse", roster_id, lambda: None)
        return public_id

    def _roster(self, partner: Partner, place: Institution, crowd: Sequence[Made]) -> None:
        if any(r.institution_id == place.id for r in roster_queries.rosters(SYSTEM, size=500)):
            db.session.rollback()
            return
        days = {"semar": 21, "imss": 12, "didi": -2}.get(partner.slug)
        due_on = clock.today() + timedelta(days=days) if days else None
        public_id = self._upload(partner.slug, place, f"plantilla-{partner.slug}.csv", _table(crowd), due_on)
        plan = roster_queries.roster(SYSTEM, public_id)
        assert plan is not None
        assert plan.digest is not None
        rosters.sign(plan, plan.digest, by=self._enlace(partner.slug), at=clock.now())
        roster_id = plan.id
        db.session.commit()
        do_now("roster_run", roster_id, lambda: None)

    def _faulty_roster(self, place: Institution) -> None:
        """Leave a plan to be read, with rows that need a person's eye."""
        if sum(r.institution_id == place.id for r in roster_queries.rosters(SYSTEM, size=500)) > 1:
            db.session.rollback()
            return
        crowd = [m for m in self.learners if m.number <= "001005"][:5]
        text = _table(crowd).decode("utf-8-sig").replace(crowd[1].curp, crowd[1].curp[:17])
        text = text.replace(crowd[2].area, "Sanidad Naval").replace(f"{crowd[3].given},", ",")
        self._upload("semar", place, "altas-noviembre.csv", ("﻿" + text).encode(), None)

    def _person(self, made: Made) -> int:
        found = who.credentials(read_identifier(made.curp))
        assert found is not None
        person_id = found.person_id
        db.session.rollback()
        return person_id

    def _history(self) -> None:
        """Let some enter, some study and some finish; the fifth of each five stays outside."""
        for index, made in enumerate(self.learners):
            if index % 5 == 4 or index % 7 == 6:
                continue
            person_id = self._person(made)
            self._enter(person_id)
            if index % 5 != 3:
                self._study(person_id, lessons=len(self.course.lessons) if index % 3 else 2, final=bool(index % 3))

    def _study(self, person_id: int, *, lessons: int, final: bool) -> None:
        cycle = standing.enrolled(person_id, COURSE)
        begun = cycle is None or cycle.started_at is not None
        db.session.rollback()
        if cycle is None or begun:
            return
        enrolments.start(cycle.cycle_id, by=person_id, at=clock.now())
        for lesson in self.course.lessons[:lessons]:
            enrolments.read_lesson(cycle.cycle_id, lesson.slug, by=person_id, at=clock.now())
            for quiz in self.course.quizzes:
                if quiz.lesson_id == lesson.id:
                    self._answer(cycle.cycle_id, quiz.slug, person_id)
        if final:
            self._answer(cycle.cycle_id, "final", person_id)
        db.session.commit()

    def _answer(self, cycle_id: int, slug: str, person_id: int) -> None:
        public_id = quizzes.start(cycle_id, slug, by=person_id, at=clock.now())
        head = attempts.attempt(person_id, public_id)
        assert head is not None
        for number, question in enumerate(head.question_ids):
            right = self.key[question]
            # One slip in ten questions: people are not machines.
            quizzes.save_answer(head.id, question, right if number != 4 else right[:0], sequence=None, at=clock.now())
        quizzes.submit(head.id, by=person_id, at=clock.now())

    def _certificates(self, place: Institution) -> None:
        first, second = (person_id for role, _s, _e, person_id in self.staff if role == "officer")
        if certificates_issued():
            return
        course = next(c for c in roster_queries.published_courses(SYSTEM) if c.slug == COURSE)
        batch = certificates.propose(course.id, place.id, by=first, at=clock.now())
        batch_id = batch.id
        db.session.commit()
        certificates.release(batch_id, by=second, at=clock.now())
        db.session.commit()
        do_now("batch_issue", batch_id, lambda: None)

    def lines(self, base_url: str) -> list[Line]:
        """One line per demo account: what it is, how it is called, and the way in."""
        short = {partner.slug: partner.facts.short_name for partner in PARTNERS}
        found = [
            (f"{ROLE_NAMES[role]}{' de ' + short[slug] if slug else ''}", email, f"contraseña: {PASSWORD}")
            for role, slug, email, _person in self.staff
        ]
        for index in (0, 1, 3):
            made = self.learners[index]
            found.append((ROLE_NAMES["learner"], made.email or made.curp, f"contraseña: {PASSWORD}"))
        # She has no e-mail, so nothing the worker sends voids the code of her slip.
        outside = self._person(self.learners[4])
        credentials = who.own_credentials(outside)
        if credentials is None or not credentials.password_hash:
            code = people.draw_token(outside, "activation", "code", by=None, at=clock.now())
            found.append(("Persona por entrar", f"código: {grouped(code)}", f"{base_url}/activar/{code}"))
        db.session.commit()
        return found


def certificates_issued() -> bool:
    """Whether some constancia exists already."""
    found = bool(latest(SYSTEM, 1))
    db.session.rollback()
    return found


def _table(crowd: Sequence[Made]) -> bytes:
    """A staff list as HR exports it: a title above the header, and the columns in HR's own order."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["Plantilla de personal (demostración)"])
    writer.writerow(
        [
            "No. empleado",
            "Apellido paterno",
            "Apellido materno",
            "Nombre(s)",
            "CURP",
            "Correo electrónico",
            "Adscripción",
        ]
    )
    for made in crowd:
        writer.writerow([made.number, made.first, made.second, made.given, made.curp, made.email, made.area])
    return ("﻿" + out.getvalue()).encode()
