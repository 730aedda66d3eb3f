"""What staff do with people: register, correct, help to enter, give and end roles."""

from __future__ import annotations

import threading
from datetime import date

import pytest
from sqlalchemy import func, select

from lms import clock
from lms.actions import people as account_deeds
from lms.actions import people_admin as deeds
from lms.actions import people_roles as roles
from lms.actions.refusal import Refused
from lms.database import begin_reading, db
from lms.models.audit import AuditEntry
from lms.models.outbox import Mail
from lms.models.people import Account, Affiliation, EntryToken, Identity, Person, PersonCurp, RoleHeld
from lms.permissions import Role
from lms.rules.people import Curp, read_curp
from lms.rules.people_admin import Name
from tests.people import Cast, curp, hold, person

NAME = Name("Petra", "Nueva", None)


def some_curp(number: int = 900_000) -> Curp:
    read = read_curp(curp(number))
    assert isinstance(read, Curp)
    return read


def count(of: type) -> int:
    return db.session.scalar(select(func.count()).select_from(of)) or 0


def open_roles(who: Person) -> list[str]:
    query = select(RoleHeld.role).where(RoleHeld.person_id == who.id, RoleHeld.ended_at.is_(None))
    return list(db.session.scalars(query.order_by(RoleHeld.id)))


def test_a_person_is_registered_with_a_mail_to_enter(cast: Cast) -> None:
    place = deeds.Place(cast.own.id, "Jefa de área", date(2026, 5, 1))
    made, fresh = deeds.create_person(NAME, some_curp(), "Petra@Ejemplo.MX", place, by=cast.admin.id, at=clock.now())
    identity = db.session.get_one(Identity, made.id)
    assert fresh
    assert (identity.full_name, identity.search_name, identity.email_key) == (
        "Petra Nueva", "PETRA NUEVA", "petra@ejemplo.mx"
    )  # fmt: skip
    assert identity.origins["given_names"] == "hand"
    account = db.session.get_one(Account, made.id)
    assert account.password_hash is None
    where = db.session.scalars(select(Affiliation).where(Affiliation.person_id == made.id)).one()
    assert (where.institution_id, where.job, where.started_on) == (cast.own.id, "Jefa de área", date(2026, 5, 1))
    mail = db.session.scalars(select(Mail)).one()
    assert (mail.purpose, mail.person_id) == ("activation", made.id)


def test_a_known_curp_is_the_person_who_has_it(cast: Cast) -> None:
    made, _ = deeds.create_person(NAME, some_curp(), "petra@ejemplo.mx", None, by=cast.admin.id, at=clock.now())
    before = count(Person)
    again, fresh = deeds.create_person(
        Name("Otra", "Persona", None), some_curp(), "otra@ejemplo.mx", None, by=cast.admin.id, at=clock.now()
    )
    assert (again.id, fresh, count(Person)) == (made.id, False, before)
    assert db.session.get_one(Identity, made.id).given_names == "Petra", "nothing typed is written over her"
    assert count(Mail) == 1


def test_a_blocked_person_is_not_used(cast: Cast) -> None:
    made, _ = deeds.create_person(NAME, some_curp(), "petra@ejemplo.mx", None, by=cast.admin.id, at=clock.now())
    made.blocked_at = clock.now()
    db.session.flush()
    with pytest.raises(Refused, match="person_blocked"):
        deeds.create_person(NAME, some_curp(), "petra@ejemplo.mx", None, by=cast.admin.id, at=clock.now())


def test_two_at_once_register_one_person(cast: Cast) -> None:
    admin, app, before = cast.admin.id, cast.app, count(Person)
    db.session.rollback()
    found: list[int] = []

    def register() -> None:
        with app.app_context():
            begin_reading(False)
            made, _ = deeds.create_person(NAME, some_curp(), "petra@ejemplo.mx", None, by=admin, at=clock.now())
            found.append(made.id)
            db.session.commit()
            db.session.remove()

    threads = [threading.Thread(target=register) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1
    assert count(Person) == before + 1
    assert db.session.scalar(select(func.count()).where(PersonCurp.curp == some_curp().value)) == 1


def test_a_name_corrected_by_hand_is_sticky(cast: Cast) -> None:
    name = Name("Lucía", "Aprendíz", "Ejemplo")
    assert deeds.correct_name(cast.learner.id, name, by=cast.admin.id, at=clock.now())
    assert not deeds.correct_name(cast.learner.id, name, by=cast.admin.id, at=clock.now())
    identity = db.session.get_one(Identity, cast.learner.id)
    assert (identity.first_surname, identity.search_name) == ("Aprendíz", "LUCIA APRENDIZ EJEMPLO")
    assert identity.origins == dict.fromkeys(("given_names", "first_surname", "second_surname"), "hand")
    db.session.flush()
    entries = db.session.scalars(select(AuditEntry)).all()
    assert [e.deed for e in entries] == ["people.correct_name"]
    assert "Aprendíz" not in str(entries[0].facts), "no name in the log"


def test_links_to_the_old_address_die_with_it(cast: Cast) -> None:
    account_deeds.draw_token(cast.learner.id, "reset", "link", by=None, at=clock.now())
    assert deeds.correct_email(cast.learner.id, "nueva@ejemplo.mx", by=cast.admin.id, at=clock.now())
    assert db.session.scalars(select(EntryToken)).one().voided_at is not None
    assert not deeds.correct_email(cast.learner.id, "nueva@ejemplo.mx", by=cast.admin.id, at=clock.now())
    with pytest.raises(Refused, match="email_wrong"):
        deeds.correct_email(cast.learner.id, "nueva@", by=cast.admin.id, at=clock.now())
    assert deeds.correct_email(cast.learner.id, "", by=cast.admin.id, at=clock.now())
    assert db.session.get_one(Identity, cast.learner.id).email is None


def test_her_own_address_asks_for_her_password_elsewhere(cast: Cast) -> None:
    with pytest.raises(Refused, match="email_oneself"):
        deeds.correct_email(cast.admin.id, "otra@ejemplo.mx", by=cast.admin.id, at=clock.now())


def test_the_mail_to_enter_is_asked_once_in_a_while(cast: Cast) -> None:
    at = clock.now()
    assert deeds.send_entry(cast.learner.id, by=cast.admin.id, at=at) == "reset"
    deeds.send_entry(cast.learner.id, by=cast.admin.id, at=at)
    assert db.session.scalars(select(Mail)).one().purpose == "reset"
    with pytest.raises(Refused, match="entry_no_email"):
        deeds.send_entry(cast.newcomer.id, by=cast.admin.id, at=at)
    deeds.correct_email(cast.newcomer.id, "nora@ejemplo.mx", by=cast.admin.id, at=at)
    assert deeds.send_entry(cast.newcomer.id, by=cast.admin.id, at=at) == "activation"
    with pytest.raises(Refused, match="role_account_closed"):
        deeds.send_entry(cast.suspended.id, by=cast.admin.id, at=at)


def test_a_role_is_given_once(cast: Cast) -> None:
    assert roles.grant_role(cast.learner.id, Role.OFFICER, None, None, by=cast.admin.id, at=clock.now())
    assert not roles.grant_role(cast.learner.id, Role.OFFICER, None, None, by=cast.admin.id, at=clock.now())
    assert open_roles(cast.learner) == ["officer"]


def test_an_enlace_is_bound_and_others_are_not(cast: Cast) -> None:
    give, by, at = roles.grant_role, cast.admin.id, clock.now()
    assert give(cast.learner.id, Role.ENLACE, cast.own.id, None, by=by, at=at)
    assert give(cast.learner.id, Role.ENLACE, cast.own.id, cast.area.id, by=by, at=at)
    for role, institution, area_id, code in (
        (Role.ENLACE, None, None, "role_bound"),
        (Role.OFFICER, cast.own.id, None, "role_bound"),
        (Role.LEARNER, None, None, "role_bound"),
        (Role.ENLACE, cast.own.id, cast.other_area.id, "area_elsewhere"),
    ):
        with pytest.raises(Refused, match=code):
            give(cast.learner.id, role, institution, area_id, by=by, at=at)


def test_nobody_gives_herself_a_role(cast: Cast) -> None:
    with pytest.raises(Refused, match="role_oneself"):
        roles.grant_role(cast.admin.id, Role.OFFICER, None, None, by=cast.admin.id, at=clock.now())


def test_a_suspended_person_gets_no_role(cast: Cast) -> None:
    with pytest.raises(Refused, match="role_account_closed"):
        roles.grant_role(cast.suspended.id, Role.OFFICER, None, None, by=cast.admin.id, at=clock.now())


def held(who: Person, role: str) -> int:
    query = select(RoleHeld.id).where(RoleHeld.person_id == who.id, RoleHeld.role == role, RoleHeld.ended_at.is_(None))
    return db.session.scalars(query).one()


def test_a_role_ends_once_and_can_be_given_again(cast: Cast) -> None:
    role = held(cast.enlace, "enlace")
    assert roles.end_role(role, by=cast.admin.id, at=clock.now())
    assert not roles.end_role(role, by=cast.admin.id, at=clock.now())
    assert open_roles(cast.enlace) == []
    assert roles.grant_role(cast.enlace.id, Role.ENLACE, cast.own.id, None, by=cast.admin.id, at=clock.now())


def test_the_last_who_can_administer_stays(cast: Cast) -> None:
    mine = held(cast.admin, "admin")
    with pytest.raises(Refused, match="role_last_admin"):
        roles.end_role(mine, by=cast.admin.id, at=clock.now())
    hold(cast.suspended, "admin")
    hold(cast.newcomer, "admin")
    with pytest.raises(Refused, match="role_last_admin"):
        roles.end_role(mine, by=cast.admin.id, at=clock.now())
    hold(person("Amalia"), "admin")
    assert roles.end_role(mine, by=cast.admin.id, at=clock.now())


def test_two_admins_who_leave_at_once_are_not_both_let_go(cast: Cast) -> None:
    other = person("Amalia")
    hold(other, "admin")
    pairs = [(held(cast.admin, "admin"), cast.admin.id), (held(other, "admin"), other.id)]
    db.session.commit()
    app, outcomes = cast.app, []

    def leave(role: int, me: int) -> None:
        with app.app_context():
            begin_reading(False)
            try:
                roles.end_role(role, by=me, at=clock.now())
                db.session.commit()
                outcomes.append("ended")
            except Refused as refused:
                db.session.rollback()
                outcomes.append(refused.code)
            db.session.remove()

    threads = [threading.Thread(target=leave, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["ended", "role_last_admin"]
