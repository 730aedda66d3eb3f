"""The world of the story machine: a course that is published again and again, rosters, and those who act."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import time_machine
from sqlalchemy import select

from lms import clock, content
from lms.actions import courses as publishing
from lms.actions.refusal import Refused
from lms.content import Lesson, Objective, Option, Question, Quiz, Source
from lms.database import db
from lms.models.courses import Course
from lms.models.enrolments import Cycle, Enrolment
from tests.certificates import signatory
from tests.houses import House
from tests.people import Cast, make_cast
from tests.rosters import csv_file, curp_of, run, send

SLUG = "historia"
# Ten minutes before midnight in Mexico City: days, and the year's half, change while people study.
DAWN = datetime(2026, 7, 1, 5, 50, tzinfo=UTC)
LEARNERS = ("learner", "classmate", "stranger")
DAY = date(2026, 4, 30)


def _question(name: str, objective: str) -> Question:
    options = tuple(Option(letter, letter.upper(), letter == "a", "<p>Porque.</p>") for letter in "abc")
    return Question(name, "single", objective, f"<p>{name}</p>", False, options)


def _lesson(n: int, objective: str) -> Lesson:
    words = f"<p>Texto {n}.</p>"
    return Lesson(
        f"h-l{n}", f"parte-{n}", n, f"Parte {n}", 5, words, 2, (objective,), ("ley",), DAY, "pendiente", "pendiente"
    )


def _first() -> content.Course:
    formative = tuple(_question(f"h-q1-{n}", "uno") for n in (1, 2))
    bank = tuple(_question(f"h-f-{objective}-{n}", objective) for objective in ("uno", "dos") for n in (1, 2, 3))
    return content.Course(
        slug=SLUG,
        title="Historia",
        summary="Para probar.",
        language="es-MX",
        hours=2,
        current_on=DAY,
        objectives=(Objective("uno", "Reconocer"), Objective("dos", "Aplicar")),
        sources=(Source("ley", "Ley de ejemplo"),),
        lessons=(_lesson(1, "uno"), _lesson(2, "dos")),
        quizzes=(
            Quiz("h-q1", "parte-1", "formative", "Comprueba", "h-l1", None, None, 0, (), formative),
            Quiz("h-f", "final", "final", "Final", None, 8, 2, 20, (("uno", 2), ("dos", 2)), bank),
        ),
        content_hash="1" * 64,
    )


def contents() -> tuple[content.Course, ...]:
    """The course as it is written three times: as it was first, with one more lesson, and stricter without a quiz."""
    first = _first()
    formative, final = first.quizzes
    longer = replace(first, content_hash="2" * 64, lessons=(*first.lessons, _lesson(3, "dos")), title="Historia larga")
    # An objective that no lesson teaches any more: what failed must still be possible to study again.
    strict = replace(
        first,
        content_hash="3" * 64,
        lessons=(_lesson(1, "uno"), _lesson(2, "uno")),
        quizzes=(replace(final, attempts=1, wait_minutes=0),),
    )
    assert formative.kind == "formative"
    return first, longer, strict


@dataclass(frozen=True)
class World:
    """A database to begin from, and the ids of what is in it."""

    kept: Path
    course: int
    people: dict[str, int]
    institutions: dict[str, int]
    rosters: dict[str, int]
    files: dict[str, bytes]


def _line(cast: Cast, who: str, area: str) -> list[str]:
    person = getattr(cast, who)
    return [curp_of(person.id), "Nombre", "Ejemplo", "Prueba", "", area, ""]


def make_world(house: House) -> World:
    """Enrol the learner and her classmate by a first roster, and leave two others planned: a second sponsor, a move."""
    house.renew()
    with house.app.app_context(), time_machine.travel(DAWN, tick=False):
        cast = make_cast(house.app)
        signatory()
        publishing.publish(contents()[0], by=None, at=clock.now())
        db.session.commit()
        course = db.session.scalars(select(Course).where(Course.slug == SLUG)).one()
        files = {
            "first": csv_file([_line(cast, who, "Recursos Humanos") for who in ("learner", "classmate")]),
            "second": csv_file([_line(cast, who, "Zacatlán") for who in ("stranger", "learner")]),
            "move": csv_file([_line(cast, who, "Archivo") for who in ("learner", "classmate", "stranger")]),
        }
        run(send(files["first"], cast.own, course, by=cast.enlace), cast.enlace)
        second = send(files["second"], cast.other, course, by=cast.other_enlace)
        move = send(files["move"], cast.own, course, by=cast.enlace)
        names = (*LEARNERS, "enlace", "other_enlace", "officer", "officer2", "admin")
        world = World(
            kept=Path(),
            course=course.id,
            people={name: getattr(cast, name).id for name in names},
            institutions={"own": cast.own.id, "other": cast.other.id},
            rosters={"second": second.id, "move": move.id},
            files=files,
        )
        assert (second.state, move.state) == ("planned", "planned")
        db.session.rollback()
        return replace(world, kept=house.keep())


def cycle_of(world: World, who: str) -> Cycle | None:
    """The cycle of a person in the course, as it is stored now."""
    return db.session.scalars(
        select(Cycle)
        .join(Enrolment, Enrolment.id == Cycle.enrolment_id)
        .where(Enrolment.person_id == world.people[who], Enrolment.course_id == world.course)
        .execution_options(populate_existing=True)
    ).first()


class Deed:
    """A deed as a door does it: committed, or rolled back when it is refused; `refused` then says why."""

    def __init__(self) -> None:
        self.refused: str | None = None

    def __enter__(self) -> Deed:
        db.session.rollback()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> bool:
        if error is None:
            db.session.commit()
            return False
        db.session.rollback()
        if isinstance(error, Refused):
            self.refused = error.code
            return True
        return False
