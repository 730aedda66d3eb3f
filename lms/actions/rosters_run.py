"""Running a signed plan: exactly its rows, in chunks, each in one transaction, repeatable after any death."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, func, insert, literal, select, update
from sqlalchemy.orm import InstrumentedAttribute

from lms import clock
from lms.actions.audit import record
from lms.actions.outbox import insert_new
from lms.database import Base, db
from lms.models.enrolments import Cycle, Enrolment, EnrolmentAffiliation
from lms.models.institutions import Area
from lms.models.outbox import Mail
from lms.models.people import Account, Affiliation, Identity, Person, PersonCurp
from lms.models.rosters import Roster, RosterRow
from lms.queries.rosters import stored_facts
from lms.rules.people import search_name
from lms.rules.rosters_plan import NAMES, PLACE, fingerprint

CHUNK = 500
DEEDS = ("create", "update", "move")


def begin_run(roster: Roster, *, at: datetime) -> bool:
    """Open the run of a signed roster and make the areas that its rows name for the first time. False when not due."""
    db.session.refresh(roster, with_for_update=True)
    if roster.state == "running":
        return True
    if roster.state != "signed":
        return False
    _make_areas(roster, at=at)
    roster.state = "running"
    db.session.flush()
    return True


def _make_areas(roster: Roster, *, at: datetime) -> None:
    names = db.session.execute(
        select(RosterRow.area_key, func.min(RosterRow.area_name))
        .where(
            RosterRow.roster_id == roster.id,
            RosterRow.area_id.is_(None),
            RosterRow.area_key.is_not(None),
            RosterRow.kind.in_(DEEDS),
        )
        .group_by(RosterRow.area_key)
    ).tuples()
    for key, name in names.all():
        parent: Area | None = None
        path = ""
        for part, part_key in zip(name.split(" / "), (key or "").split(" / "), strict=False):
            path = f"{path} / {part_key}" if path else part_key
            parent = _area(roster.institution_id, parent, part, part_key, path, at=at)
        assert parent is not None
        db.session.execute(
            update(RosterRow)
            .where(RosterRow.roster_id == roster.id, RosterRow.area_key == key, RosterRow.area_id.is_(None))
            .values(area_id=parent.id)
            .execution_options(synchronize_session=False)
        )


def _area(institution_id: int, parent: Area | None, name: str, key: str, path_key: str, *, at: datetime) -> Area:
    found = db.session.scalars(
        select(Area).where(Area.institution_id == institution_id, Area.path_key == path_key)
    ).first()
    if found is not None:
        return found
    made = Area(
        public_id=clock.public_id(),
        institution_id=institution_id,
        parent_id=parent.id if parent else None,
        name=name,
        name_key=key,
        path="",
        path_key=path_key,
        created_at=at,
    )
    db.session.add(made)
    db.session.flush()
    made.path = f"{parent.path if parent else '/'}{made.id}/"
    db.session.flush()
    return made


class Chunk:
    """The rows `first`…`last` of a roster, carried out in the caller's transaction."""

    def __init__(self, roster: Roster, first: int, last: int, *, at: datetime, today: date) -> None:
        self.roster, self.first, self.last = roster, first, last
        self.at, self.today = at, today
        self.range = and_(RosterRow.roster_id == roster.id, RosterRow.row_number.between(first, last))
        self.due = and_(self.range, RosterRow.outcome.is_(None), RosterRow.kind.in_(DEEDS))

    def run(self) -> int:
        """Carry out the chunk; return how many rows it closed. Run again, it finds nothing to do."""
        self._close(and_(self.range, RosterRow.outcome.is_(None), RosterRow.kind == "fault"), "left")
        self._close(and_(self.range, RosterRow.outcome.is_(None), RosterRow.kind == "already"), "nothing")
        self._skip_changed()
        self._people()
        self._places()
        self._changes()
        self._enrolments()
        self._mail()
        self._close(self.due, "done")
        closed = db.session.scalar(
            select(func.count())
            .select_from(RosterRow)
            .where(RosterRow.roster_id == self.roster.id, RosterRow.outcome.is_not(None))
        )
        before, self.roster.rows_done = self.roster.rows_done, closed or 0
        facts = {"first": self.first, "last": self.last}
        record("roster.chunk", "roster", self.roster.public_id, by=self.roster.signed_by_id, at=self.at, **facts)
        db.session.flush()
        return self.roster.rows_done - before

    def _close(self, rows: ColumnElement[bool], outcome: str) -> None:
        self._update(update(RosterRow).where(rows).values(outcome=outcome, done_at=self.at))

    @staticmethod
    def _update(statement: Any) -> None:
        db.session.execute(statement.execution_options(synchronize_session=False))

    def _skip_changed(self) -> None:
        """Leave out the rows whose stored facts are no longer those that were signed."""
        now = stored_facts(self.roster, self.first, self.last)
        rows = db.session.execute(select(RosterRow.row_number, RosterRow.known).where(self.due)).tuples().all()
        changed = [n for n, known in rows if (fingerprint(now[n][1]) if n in now else "") != (known or "")]
        if changed:
            self._close(and_(self.due, RosterRow.row_number.in_(changed)), "changed")

    def _insert(self, table: type[Base], values: dict[str, Any], where: ColumnElement[bool], *joins: Any) -> None:
        """INSERT … SELECT from the rows of the chunk: `values` maps each column to what it is selected from."""
        query = select(*(literal(v) if not hasattr(v, "label") else v for v in values.values())).select_from(RosterRow)
        for target, condition in joins:
            query = query.join(target, condition)
        target_table = table.__table__
        assert isinstance(target_table, Table)
        db.session.execute(insert(target_table).from_select(list(values), query.where(self.due, where)))

    def _people(self) -> None:
        """Make the persons that no row of the database is yet, with identity, CURP and an account without password."""
        self._link(PersonCurp.curp == RosterRow.curp, PersonCurp.person_id)
        new = RosterRow.person_id.is_(None)
        demo = self.roster.institution.is_demo
        self._insert(
            Person,
            {
                "public_id": RosterRow.new_person,
                "sex": RosterRow.sex,
                "is_demo": demo,
                "extra_time_percent": 0,
                "created_at": _moment(self.at),
            },
            new,
        )
        self._link(Person.public_id == RosterRow.new_person, Person.id)
        linked = (Person, Person.public_id == RosterRow.new_person)
        without = ~select(Identity.person_id).where(Identity.person_id == Person.id).exists()
        names = (*NAMES, "search_name", "email", "email_key", "phone")
        columns: dict[str, Any] = {name: getattr(RosterRow, name) for name in names}
        self._insert(Identity, {"person_id": Person.id, **columns, "origins": literal({}, Identity.origins.type)}, without, linked)
        curp = {"person_id": Person.id, "curp": RosterRow.curp, "since": _moment(self.at)}
        self._insert(PersonCurp, curp, ~select(PersonCurp.id).where(PersonCurp.person_id == Person.id).exists(), linked)
        account = {"person_id": Person.id, "session_epoch": 0}
        self._insert(Account, account, ~select(Account.person_id).where(Account.person_id == Person.id).exists(), linked)

    def _link(self, match: ColumnElement[bool], found: InstrumentedAttribute[int]) -> None:
        person = select(found).where(match).scalar_subquery()
        self._update(update(RosterRow).where(self.due, RosterRow.person_id.is_(None)).values(person_id=person))

    def _places(self) -> None:
        """End the place that a move leaves, then open the places that are missing."""
        here = and_(Affiliation.institution_id == self.roster.institution_id, Affiliation.ended_on.is_(None))
        movers = select(RosterRow.person_id).where(self.due, RosterRow.kind == "move")
        self._update(update(Affiliation).where(here, Affiliation.person_id.in_(movers)).values(ended_on=self.today))
        open_here = select(Affiliation.id).where(here, Affiliation.person_id == RosterRow.person_id).exists()
        # A move keeps what the file does not say of the old place.
        old = self._latest_place()
        values: dict[str, Any] = {
            "public_id": RosterRow.new_affiliation,
            "person_id": RosterRow.person_id,
            "institution_id": self.roster.institution_id,
            "area_id": RosterRow.area_id,
            **{name: func.coalesce(getattr(RosterRow, name), old[name]) for name in PLACE},
            "origins": literal({}, Affiliation.origins.type),
            "started_on": literal(self.today, Affiliation.started_on.type),
        }
        self._insert(Affiliation, values, ~open_here)

    def _latest_place(self) -> dict[str, Any]:
        def latest(name: str) -> Any:
            return (
                select(getattr(Affiliation, name))
                .where(
                    Affiliation.person_id == RosterRow.person_id,
                    Affiliation.institution_id == self.roster.institution_id,
                    RosterRow.kind == "move",
                )
                .order_by(Affiliation.id.desc())
                .limit(1)
                .correlate(RosterRow)
                .scalar_subquery()
            )

        return {name: latest(name) for name in PLACE}

    def _changes(self) -> None:
        """Set the fields that the plan names, and no other."""
        rows = db.session.execute(
            select(RosterRow.person_id, RosterRow.changes).where(self.due, RosterRow.kind != "move")
        ).tuples()
        moved = db.session.execute(
            select(RosterRow.person_id, RosterRow.changes).where(self.due, RosterRow.kind == "move")
        ).tuples()
        for person_id, changes in [*rows, *moved]:
            if person_id is not None and changes:
                self._change(person_id, {field: after for field, _before, after in changes})

    def _change(self, person_id: int, after: dict[str, str]) -> None:
        place = {name: after[name] for name in PLACE if name in after}
        if place:
            here = and_(Affiliation.person_id == person_id, Affiliation.institution_id == self.roster.institution_id)
            self._update(update(Affiliation).where(here, Affiliation.ended_on.is_(None)).values(**place))
        identity = db.session.get(Identity, person_id)
        if identity is None:
            return
        for name in (*NAMES, "phone"):
            if name in after:
                setattr(identity, name, after[name])
        identity.search_name = search_name(identity.given_names, identity.first_surname, identity.second_surname or "")
        if "email" in after:
            account = db.session.get(Account, person_id)
            # The e-mail opens the account: once she has entered, only she changes it.
            if account is not None and account.activated_at is None:
                identity.email, identity.email_key = after["email"], after["email"].lower()
        db.session.flush()

    def _enrolments(self) -> None:
        course_id = self.roster.course_id
        enrolled = and_(Enrolment.person_id == RosterRow.person_id, Enrolment.course_id == course_id)
        created = _moment(self.at)
        self._insert(
            Enrolment,
            {
                "public_id": RosterRow.new_enrolment,
                "person_id": RosterRow.person_id,
                "course_id": course_id,
                "created_at": created,
            },
            ~select(Enrolment.id).where(enrolled).exists(),
        )
        place = and_(
            Affiliation.person_id == RosterRow.person_id,
            Affiliation.institution_id == self.roster.institution_id,
            Affiliation.ended_on.is_(None),
        )
        sponsor = and_(
            EnrolmentAffiliation.enrolment_id == Enrolment.id, EnrolmentAffiliation.affiliation_id == Affiliation.id
        )
        due_on = literal(self.roster.due_on, Cycle.due_on.type)
        self._insert(
            EnrolmentAffiliation,
            {"enrolment_id": Enrolment.id, "affiliation_id": Affiliation.id, "due_on": due_on, "created_at": created},
            ~select(EnrolmentAffiliation.id).where(sponsor).exists(),
            (Enrolment, enrolled),
            (Affiliation, place),
        )
        self._insert(
            Cycle,
            {"enrolment_id": Enrolment.id, "number": 1, "due_on": due_on, "grace_days": 0},
            ~select(Cycle.id).where(Cycle.enrolment_id == Enrolment.id).exists(),
            (Enrolment, enrolled),
        )

    def _mail(self) -> None:
        """Ask for a message to those with an address: her entry, or word of a new course if she has entered before."""
        rows = db.session.execute(
            select(RosterRow.person_id, Account.activated_at, Cycle.id)
            .join(Identity, Identity.person_id == RosterRow.person_id)
            .join(Account, Account.person_id == RosterRow.person_id)
            .join(
                Enrolment,
                and_(Enrolment.person_id == RosterRow.person_id, Enrolment.course_id == self.roster.course_id),
            )
            .join(Cycle, Cycle.enrolment_id == Enrolment.id)
            .where(self.due, Identity.email.is_not(None), Cycle.number == 1, Cycle.completed_at.is_(None))
        ).tuples()
        insert_new(
            Mail,
            [
                {
                    "event": f"enrolled:{cycle_id}" if activated else f"activation:{person_id}",
                    "purpose": "enrolled" if activated else "activation",
                    "person_id": person_id,
                    "facts": {"cycle_id": cycle_id},
                    "state": "waiting",
                    "created_at": self.at,
                }
                for person_id, activated, cycle_id in rows
            ],
        )


def _moment(at: datetime) -> ColumnElement[Any]:
    """Return a moment as an SQL value of the right type."""
    return literal(at, Person.created_at.type)


def finish_run(roster: Roster, *, at: datetime) -> None:
    """Close a run whose rows are all closed."""
    roster.state, roster.finished_at = "done", at
    record("roster.done", "roster", roster.public_id, by=roster.signed_by_id, at=at, rows=roster.rows_done)
    db.session.flush()
