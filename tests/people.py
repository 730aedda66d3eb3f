"""Factories and the cast: the people who try every page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient

from lms import clock
from lms.database import db
from lms.models.courses import (
    Course,
    CourseVersion,
    Lesson,
    LessonText,
    Question,
    QuestionText,
    Quiz,
)
from lms.models.enrolments import Cycle, Enrolment, EnrolmentAffiliation
from lms.models.institutions import Area, Institution
from lms.models.people import Account, Affiliation, Identity, Person, PersonCurp, RoleHeld, SignIn
from lms.rules.people import search_name
from lms.web.gate import hash_token

PASSWORD = "una frase larga de prueba"
_count = iter(range(1, 1_000_000))


@lru_cache(maxsize=1)
def _hash() -> str:
    """A hash as the product makes it, made once: 40 ms each would be most of the run."""
    return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1).hash(PASSWORD)


def curp(number: int, sex: str = "M") -> str:
    """Return the CURP-like key of nobody: a well-formed one (the check digit is right) for a running number."""
    letters = "BCDFGHJKLMNPQRSTVWXYZ"
    block = letters[number % 21] + letters[number // 21 % 21] + letters[number // 441 % 21]
    day = date(1970, 1, 1) + timedelta(days=number % 9_000)
    body = f"XEXX{day:%y%m%d}{sex}NE{block}0"
    alphabet = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ"
    total = sum(alphabet.index(c) * (18 - i) for i, c in enumerate(body))
    return body + str((10 - total % 10) % 10)


def institution(slug: str, *, name: str | None = None, regime: str = "lgpdppso") -> Institution:
    """Make an institution."""
    made = Institution(
        public_id=clock.public_id(), slug=slug, name=name or f"Institución {slug}", short_name=slug.upper(),
        kind="federal", labour_regime="apartado_b", legal_regime=regime, created_at=clock.now(),
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return made


def area(of: Institution, name: str, parent: Area | None = None) -> Area:
    """Make an area."""
    key = name.upper()
    made = Area(
        public_id=clock.public_id(), institution_id=of.id, parent_id=parent.id if parent else None, name=name,
        name_key=key, path="", path_key=f"{parent.path_key} / {key}" if parent else key, created_at=clock.now(),
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    made.path = f"{parent.path if parent else '/'}{made.id}/"
    db.session.flush()
    return made


def person(
    names: str = "Ana", surname: str = "Prueba", *, second: str | None = "Ejemplo", email: str | None = None,
    active: bool = True, sex: str = "M",
) -> Person:  # fmt: skip
    """Make a person with a CURP and an account; `active` ones have entered before, with `PASSWORD`."""
    number = next(_count)
    made = Person(public_id=clock.public_id(), sex=sex, created_at=clock.now())
    db.session.add(made)
    db.session.flush()
    full = " ".join(p for p in (names, surname, second) if p)
    db.session.add_all(
        [
            Identity(
                person_id=made.id, given_names=names, first_surname=surname, second_surname=second,
                search_name=search_name(full), email=email, email_key=email and email.lower(), origins={},
            ),
            PersonCurp(person_id=made.id, curp=curp(number, sex), since=clock.now()),
            Account(
                person_id=made.id, password_hash=_hash() if active else None,
                activated_at=clock.now() if active else None,
            ),
        ]
    )  # fmt: skip
    db.session.flush()
    return made


def affiliate(who: Person, to: Institution, where: Area | None = None, *, since: date | None = None) -> Affiliation:
    """Give a person a place in an institution."""
    made = Affiliation(
        public_id=clock.public_id(), person_id=who.id, institution_id=to.id, area_id=where.id if where else None,
        employee_number=f"{who.id:06d}", origins={}, started_on=since or date(2020, 1, 1),
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return made


def hold(who: Person, role: str, of: Institution | None = None, where: Area | None = None) -> None:
    """Grant a role."""
    db.session.add(
        RoleHeld(
            person_id=who.id, role=role, institution_id=of.id if of else None, area_id=where.id if where else None,
            granted_at=clock.now(),
        )
    )  # fmt: skip
    db.session.flush()


def course(slug: str = "curso-corto", *, attempts: int | None = 3, wait_minutes: int = 20) -> Course:
    """Make a published course: two lessons, a formative quiz of two questions, a final that draws four of six."""
    made = Course(slug=slug, title="Curso corto", created_at=clock.now())
    db.session.add(made)
    db.session.flush()
    version = CourseVersion(
        course_id=made.id, number=1, content_hash=hash_token(slug), title="Curso corto", summary="Para probar.",
        hours=2, current_on=date(2026, 4, 30), objectives=[{"id": "uno", "text": "Reconocer"}],
        sources=[{"id": "cpeum-1", "text": "Constitución, artículo 1"}], published_at=clock.now(),
    )  # fmt: skip
    db.session.add(version)
    db.session.flush()
    for position in (1, 2):
        _lesson(version, position)
    _quiz(version, "formative", "leccion-1", 2, lesson="l1", draw=[], attempts=None, wait=0)
    _quiz(version, "final", "final", 6, lesson=None, draw=[["uno", 4]], attempts=attempts, wait=wait_minutes)
    made.current_version_id = version.id
    db.session.flush()
    return made


def _lesson(version: CourseVersion, position: int) -> None:
    made = Lesson(
        version_id=version.id, stable_id=f"l{position}", slug=f"leccion-{position}", position=position, minutes=6,
        objectives=["uno"], sources=["cpeum-1"], current_on=date(2026, 4, 30),
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    html = f"<h2>Parte</h2><p>Texto de la lección {position}.</p>"
    db.session.add(LessonText(lesson_id=made.id, language="es-MX", title=f"Lección número {position}", html=html))


def _quiz(
    version: CourseVersion, kind: str, slug: str, questions: int, *, lesson: str | None, draw: list[list[object]],
    attempts: int | None, wait: int,
) -> None:  # fmt: skip
    made = Quiz(
        version_id=version.id, stable_id=f"q-{slug}", slug=slug, kind=kind, position=1 if lesson else 2,
        lesson_stable_id=lesson, title="Evaluación final" if kind == "final" else "Comprueba lo aprendido",
        pass_mark=8 if kind == "final" else None, attempts=attempts, wait_minutes=wait, draw=draw,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    for n in range(1, questions + 1):
        question = Question(
            quiz_id=made.id, stable_id=f"{slug}-{n}", position=n, kind="single", objective="uno", right_options=["a"]
        )
        db.session.add(question)
        db.session.flush()
        options = [
            {"id": letter, "html": f"Opción {letter} de {n}", "feedback": f"Porque {letter}."} for letter in "abc"
        ]
        db.session.add(
            QuestionText(question_id=question.id, language="es-MX", prompt_html=f"<p>Pregunta {n}</p>", options=options)
        )
    db.session.flush()


def enrol(who: Person, in_course: Course, by: Affiliation | None = None, *, due_on: date | None = None) -> Cycle:
    """Enrol a person, sponsored by an affiliation; the cycle is not started."""
    made = Enrolment(public_id=clock.public_id(), person_id=who.id, course_id=in_course.id, created_at=clock.now())
    db.session.add(made)
    db.session.flush()
    if by is not None:
        db.session.add(
            EnrolmentAffiliation(enrolment_id=made.id, affiliation_id=by.id, due_on=due_on, created_at=clock.now())
        )
    cycle = Cycle(enrolment_id=made.id, number=1, due_on=due_on)
    db.session.add(cycle)
    db.session.flush()
    return cycle


@dataclass
class Cast:
    """Two institutions and those who try each page; `learner` and `classmate` share one, `stranger` is in the other."""

    app: Flask
    own: Institution
    other: Institution
    area: Area
    other_area: Area
    course: Course
    learner: Person
    classmate: Person
    stranger: Person
    newcomer: Person
    enlace: Person
    area_enlace: Person
    other_enlace: Person
    officer: Person
    officer2: Person
    coordinator: Person
    author: Person
    care: Person
    admin: Person
    suspended: Person
    cycle: Cycle
    stranger_cycle: Cycle

    def client(self, who: Person | None = None) -> FlaskClient:
        """Return a browser, signed in as `who` unless None."""
        browser = self.app.test_client()
        if who is not None:
            sign_in(browser, who)
        return browser


def sign_in(browser: FlaskClient, who: Person, at: datetime | None = None) -> None:
    """Put a live session of `who` in the browser, without the 40 ms of a password."""
    at = at or clock.now()
    token = clock.token()
    account = db.session.get(Account, who.id)
    assert account is not None
    db.session.add(
        SignIn(
            person_id=who.id, token_hash=hash_token(token), epoch=account.session_epoch, created_at=at,
            expires_at=at + timedelta(hours=12),
        )
    )  # fmt: skip
    db.session.commit()
    with browser.session_transaction() as cookie:
        cookie["_user_id"] = token
        cookie["_fresh"] = True


def make_cast(app: Flask) -> Cast:
    """Make the cast and commit it. CSRF is off for its browsers; its own tests switch it on."""
    app.config["WTF_CSRF_ENABLED"] = False
    own, other = institution("propia", name="Institución Propia"), institution("ajena", name="Institución Ajena")
    here, there = area(own, "Recursos Humanos"), area(other, "Zacatlán")
    made_course = course()
    people = {
        "learner": person("Lucía", "Aprendiz", email="lucia@ejemplo.mx"),
        "classmate": person("Mario", "Compañero", sex="H"),
        "stranger": person("Zenaida", "Canaria", second="Zopilote", email="zenaida.canaria@ajena.mx"),
        "newcomer": person("Nora", "Nueva", active=False),
        "enlace": person("Elena", "Enlace"),
        "area_enlace": person("Arturo", "Enlace", sex="H"),
        "other_enlace": person("Olga", "Otra"),
        "officer": person("Ofelia", "Oficial"),
        "officer2": person("Omar", "Oficial", sex="H"),
        "coordinator": person("Carla", "Coordina"),
        "author": person("Aurora", "Autora"),
        "care": person("Celia", "Cuida"),
        "admin": person("Adela", "Administra"),
        "suspended": person("Susana", "Suspendida"),
    }
    where = {"learner": here, "newcomer": here, "area_enlace": here, "stranger": there}
    cycles = {}
    for key in ("learner", "classmate", "stranger", "newcomer", "enlace", "area_enlace", "other_enlace", "suspended"):
        to = other if key in {"stranger", "other_enlace"} else own
        place = affiliate(people[key], to, where.get(key))
        if key in {"learner", "classmate", "stranger", "newcomer"}:
            cycles[key] = enrol(people[key], made_course, place)
    for key in ("officer", "coordinator", "author", "care", "admin"):
        hold(people[key], key)
    hold(people["officer2"], "officer")
    hold(people["enlace"], "enlace", own)
    hold(people["area_enlace"], "enlace", own, here)
    hold(people["other_enlace"], "enlace", other)
    suspended = db.session.get(Account, people["suspended"].id)
    assert suspended is not None
    suspended.suspended_at = clock.now()
    db.session.commit()
    return Cast(
        app=app, own=own, other=other, area=here, other_area=there, course=made_course, cycle=cycles["learner"],
        stranger_cycle=cycles["stranger"], **people,
    )  # fmt: skip
