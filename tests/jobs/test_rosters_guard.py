"""What an enlace's file must not open: the account of somebody with a role; and what is discarded stays so."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from lms import clock
from lms.actions import rosters as deeds
from lms.actions.refusal import Refused
from lms.actions.rosters_slips import draw
from lms.database import db
from lms.jobs import rosters as jobs
from lms.models.outbox import Mail
from lms.models.people import Identity
from lms.models.rosters import Roster
from lms.permissions import Scope
from lms.queries.rosters_slips import SlipFilter
from tests.people import Cast, curp, hold
from tests.rosters import again, csv_file, curp_of, rows, send, sign, work


def file_with_address(cast: Cast) -> bytes:
    """A file of the enlace that writes an address of hers beside the newcomer."""
    return csv_file([[curp_of(cast.newcomer.id), "Nora", "Prueba", "", "enlace@ejemplo.mx", "", ""]])


def address(cast: Cast) -> str | None:
    """The newcomer's e-mail as it is now."""
    db.session.rollback()
    return db.session.scalars(select(Identity.email).where(Identity.person_id == cast.newcomer.id)).one()


def test_a_file_sets_the_address_of_whoever_has_not_entered(cast: Cast) -> None:
    plan = send(file_with_address(cast), cast.own, cast.course, by=cast.enlace)
    sign(plan, cast.enlace)
    assert work()
    assert address(cast) == "enlace@ejemplo.mx"


def test_no_file_sets_the_address_of_somebody_with_a_role(cast: Cast) -> None:
    hold(cast.newcomer, "officer")
    db.session.commit()
    plan = send(file_with_address(cast), cast.own, cast.course, by=cast.enlace)
    assert "plan_email_kept" in [warning["code"] for warning in rows(plan)[2].warnings]
    assert all(field != "email" for field, _, _ in rows(plan)[2].changes)


def test_a_role_given_after_the_signature_keeps_the_address_too(cast: Cast) -> None:
    plan = send(file_with_address(cast), cast.own, cast.course, by=cast.enlace)
    sign(plan, cast.enlace)
    hold(cast.newcomer, "officer")
    db.session.commit()
    assert work()
    assert again(plan).state == "done"
    assert address(cast) is None
    assert db.session.scalars(select(Mail).where(Mail.person_id == cast.newcomer.id)).all() == []


def test_no_slip_opens_the_account_of_somebody_with_a_role(cast: Cast) -> None:
    scope = Scope(cast.enlace.id, institutions=frozenset({cast.own.id}))
    wanted = SlipFilter(cast.own.id, again=True)
    drawn = draw(scope, wanted, by=cast.enlace.id, at=clock.now())
    assert [row.person_id for row, _ in drawn] == [cast.newcomer.id]
    db.session.rollback()
    hold(cast.newcomer, "officer")
    db.session.commit()
    with pytest.raises(Refused, match="slips_nobody"):
        draw(scope, wanted, by=cast.enlace.id, at=clock.now())


@pytest.mark.parametrize("good", [True, False])
def test_a_roster_discarded_while_it_is_read_stays_discarded(cast: Cast, good: bool) -> None:
    people = [[curp(n), "Ana", "Ejemplo", "", "", "", ""] for n in range(25_000, 25_003)]
    content = csv_file(people if good else [])
    made = deeds.upload(
        cast.own, cast.course, filename="padron.csv", content=content, area_paths=(), due_on=None, by=cast.enlace.id,
        at=clock.now(),
    )  # fmt: skip
    db.session.commit()
    roster_id, by = again(made).id, cast.enlace.id
    db.session.rollback()

    def discard() -> None:
        """What the enlace does in her browser between two chunks."""
        with cast.app.app_context():
            deeds.discard(db.session.get_one(Roster, roster_id), by=by, at=clock.now())
            db.session.commit()
            db.session.remove()

    with cast.app.app_context():
        jobs.parse(roster_id, discard)
        db.session.remove()
    assert again(made).state == "discarded"
