"""Whom an identifier names, and who a live session belongs to."""

from __future__ import annotations

from lms.database import db
from lms.models.people import Person
from lms.queries import people
from lms.rules.people_entry import Identifier
from tests.people import Cast, person


def named(email: str) -> int | None:
    db.session.flush()
    found = people.credentials(Identifier("email", email))
    return found.person_id if found else None


def test_a_shared_email_names_nobody_once_two_have_entered(cast: Cast) -> None:
    mail = "compartido@ejemplo.mx"
    first = person("Uno", email=mail, active=False)
    assert named(mail) == first.id
    person("Dos", email=mail, active=False)
    assert named(mail) is None
    third = person("Tres", email=mail)
    assert named(mail) == third.id
    person("Cuatro", email=mail)
    assert named(mail) is None


def test_blocked_and_merged_people_are_not_named(cast: Cast) -> None:
    assert named("lucia@ejemplo.mx") == cast.learner.id
    db.session.get_one(Person, cast.learner.id).merged_into_id = cast.classmate.id
    assert named("lucia@ejemplo.mx") is None
    assert people.credentials(Identifier("other", "lucia@ejemplo.mx")) is None


def test_words_others_know_hold_the_name_the_curp_and_the_place(cast: Cast) -> None:
    words = people.known_words(cast.learner.id)
    assert {"Lucía", "Aprendiz", "Ejemplo", "lucia@ejemplo.mx", "Institución Propia", "PROPIA"} <= set(words)
    assert f"{cast.learner.id:06d}" in words
    assert any(len(word) == 18 for word in words)


def test_demo_people_are_noticed(cast: Cast) -> None:
    assert people.demo_people_exist() is False
    db.session.get_one(Person, cast.learner.id).is_demo = True
    db.session.flush()
    assert people.demo_people_exist() is True
