"""Running a signed plan: exactly its rows, in chunks, each in one transaction, repeatable after any death."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Table, and_, insert, literal, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute

from lms import clock
from lms.actions.audit import record
from lms.actions.outbox import insert_new
from lms.actions.rosters import area_key
from lms.database import Base, db
from lms.models.enrolments import Cycle, Enrolment, EnrolmentAffiliation
from lms.models.institutions import Area
from lms.models.outbox import Mail
from lms.models.people import Account, Affiliation, EntryToken, Identity, Person, PersonCurp
from lms.models.rosters import Roster, RosterRow
from lms.queries.rosters import entered, stored_facts
from lms.rules.people import search_name
from lms.rules.rosters_plan import NAMES, PLACE, fingerprint

CHUNK = 150
"""Rows in one transaction: on SQLite it holds the only write lock for some 20 ms."""
IDENTITY = {*NAMES, "email", "phone"}
DEEDS = ("create", "update", "move")


def begin_run(roster: Roster, *, at: datetime) -> bool:
    """Open the run of a signed roster. False when it is not due."""
    db.session.refresh(roster, with_for_update=True)
    if roster.state == "running":
        return True
    if roster.state != "signed":
        return False
    roster.state, roster.about = "running", {**roster.about, "began": at.isoformat()}
    db.session.flush()
    return True


def make_areas(roster: Roster, names: Sequence[str], *, at: datetime) -> None:
    """Make the areas, and those above them, that rows name for the first time; those that exist stay as they are."""
    for name in names:
        parent: Area | None = None
        path = ""
        for part in name.split(" / "):
            key = area_key(part)
            path = f"{path} / {key}" if path else key
            parent = _area(roster.institution_id, parent, part, key, path, at=at)


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
        self.open = and_(self.range, RosterRow.outcome.is_(None))
        self.due = and_(self.open, RosterRow.kind.in_(DEEDS))
        self.here = and_(Affiliation.institution_id == roster.institution_id, Affiliation.ended_on.is_(None))
        # Asked row by row on purpose: as joins, a planner that has no statistics yet goes through whole tables.
        self.place = _one(Affiliation.id, self.here, Affiliation.person_id == RosterRow.person_id)
        self.enrolment = _one(
            Enrolment.id, Enrolment.person_id == RosterRow.person_id, Enrolment.course_id == roster.course_id
        )
        self.readdressed: set[int] = set()

    def run(self) -> int:
        """Carry out the chunk; return how many rows it closed. Run again, it finds nothing to do."""
        # A worker whose lease ran out while it was asleep waits here for the one that took over.
        db.session.refresh(self.roster, with_for_update=True)
        closed = self._close(and_(self.open, RosterRow.kind == "fault"), "left")
        closed += self._close(and_(self.open, RosterRow.kind == "already"), "nothing")
        closed += self._skip_changed()
        if db.session.scalar(select(RosterRow.row_number).where(self.due).limit(1)) is not None:
            self._areas()
            self._people()
            self._moves()
            self._places()
            self._changes()
            self._enrolments()
            self._mail()
            closed += self._close(self.due, "done")
        if closed:
            self.roster.rows_done += closed
            facts = {"first": self.first, "last": self.last, "rows": closed}
            record("roster.chunk", "roster", self.roster.public_id, by=self.roster.signed_by_id, at=self.at, **facts)
        db.session.flush()
        return closed

    def _close(self, rows: ColumnElement[bool], outcome: str) -> int:
        return _changed(update(RosterRow).where(rows).values(outcome=outcome, done_at=self.at))

    def _skip_changed(self) -> int:
        """Leave out the rows whose stored facts are no longer those that were signed."""
        now = stored_facts(self.roster, self.first, self.last)
        rows = db.session.execute(select(RosterRow.row_number, RosterRow.known).where(self.due)).all()
        changed = [n for n, known in rows if (fingerprint(now[n][1]) if n in now else "") != (known or "")]
        return self._close(and_(self.due, RosterRow.row_number.in_(changed)), "changed") if changed else 0

    def _insert(self, table: type[Base], values: dict[str, Any], where: ColumnElement[bool], *joins: Any) -> None:
        """INSERT … SELECT from the rows of the chunk: `values` maps each column to what it is selected from."""
        query = select(*(literal(v) if not hasattr(v, "label") else v for v in values.values())).select_from(RosterRow)
        for target, condition in joins:
            query = query.join(target, condition)
        target_table = table.__table__
        assert isinstance(target_table, Table)
        db.session.execute(insert(target_table).from_select(list(values), query.where(self.due, where)))

    def _areas(self) -> None:
        """Point the rows that name a new area to it, made by now."""
        area = select(Area.id).where(
            Area.institution_id == self.roster.institution_id, Area.path_key == RosterRow.area_key
        )
        missing = and_(self.due, RosterRow.area_id.is_(None), RosterRow.area_key.is_not(None))
        _changed(update(RosterRow).where(missing).values(area_id=area.scalar_subquery()))

    def _people(self) -> None:
        """Make the persons that nobody stored is yet, with identity, CURP and an account without password."""
        self._link(PersonCurp.curp == RosterRow.curp, PersonCurp.person_id)
        demo = self.roster.institution.is_demo
        values: dict[str, Any] = {"public_id": RosterRow.new_person, "sex": RosterRow.sex, "is_demo": demo}
        values |= {"extra_time_percent": 0, "created_at": _moment(self.at)}
        self._insert(Person, values, RosterRow.person_id.is_(None))
        self._link(Person.public_id == RosterRow.new_person, Person.id)
        new = (Person, Person.public_id == RosterRow.new_person)
        names = (*NAMES, "search_name", "email", "email_key", "phone")
        columns: dict[str, Any] = {name: getattr(RosterRow, name) for name in names}
        columns |= {"person_id": Person.id, "origins": literal({}, Identity.origins.type)}
        self._insert(Identity, columns, _one(Identity.person_id, Identity.person_id == Person.id).is_(None), new)
        curp = {"person_id": Person.id, "curp": RosterRow.curp, "since": _moment(self.at)}
        # Asked by person, not by CURP: if another roster made her a moment ago, the unique key must stop this chunk.
        self._insert(PersonCurp, curp, _one(PersonCurp.id, PersonCurp.person_id == Person.id).is_(None), new)
        account = {"person_id": Person.id, "session_epoch": 0}
        self._insert(Account, account, _one(Account.person_id, Account.person_id == Person.id).is_(None), new)

    def _link(self, match: ColumnElement[bool], found: InstrumentedAttribute[int]) -> None:
        person = select(found).where(match).scalar_subquery()
        _changed(update(RosterRow).where(self.due, RosterRow.person_id.is_(None)).values(person_id=person))

    def _moves(self) -> None:
        """End the place that a move leaves and open the same one in the other area."""
        left = db.session.scalars(
            select(self.place).select_from(RosterRow).where(self.due, RosterRow.kind == "move")
        ).all()
        if not left:
            return
        _changed(update(Affiliation).where(Affiliation.id.in_(left)).values(ended_on=self.today))
        kept = ("person_id", "institution_id", *PLACE, "origins")
        values: dict[str, Any] = {name: getattr(Affiliation, name) for name in kept}
        values |= {"public_id": RosterRow.new_affiliation, "area_id": RosterRow.area_id, "started_on": self._day()}
        old = and_(Affiliation.person_id == RosterRow.person_id, Affiliation.id.in_(left))
        self._insert(Affiliation, values, RosterRow.kind == "move", (Affiliation, old))

    def _places(self) -> None:
        """Open the places of those who have none here."""
        values: dict[str, Any] = {
            "public_id": RosterRow.new_affiliation,
            "person_id": RosterRow.person_id,
            "institution_id": self.roster.institution_id,
            "area_id": RosterRow.area_id,
            **{name: getattr(RosterRow, name) for name in PLACE},
            "origins": literal({}, Affiliation.origins.type),
            "started_on": self._day(),
        }
        self._insert(Affiliation, values, self.place.is_(None))

    def _day(self) -> ColumnElement[Any]:
        return literal(self.today, Affiliation.started_on.type)

    def _changes(self) -> None:
        """Set the fields that the plan names, and no other."""
        rows = db.session.execute(select(RosterRow.person_id, RosterRow.area_id, RosterRow.changes).where(self.due))
        wanted = {person: (area, {f: after for f, _, after in changes}) for person, area, changes in rows if changes}
        if not wanted:
            return
        fresh = {"populate_existing": True}
        places = select(Affiliation).where(self.here, Affiliation.person_id.in_(wanted))
        for place in db.session.scalars(places, execution_options=fresh):
            area_id, after = wanted[place.person_id]
            for name in after.keys() & set(PLACE):
                setattr(place, name, after[name])
            if "area" in after:
                place.area_id = area_id
        people = (
            select(Identity, entered())
            .join(Account, Account.person_id == Identity.person_id)
            .where(Identity.person_id.in_([p for p, (_, after) in wanted.items() if after.keys() & IDENTITY]))
        )
        for identity, has_entered in db.session.execute(people, execution_options=fresh):
            self._change_identity(identity, wanted[identity.person_id][1], entered=has_entered)
        db.session.flush()
        self._void_tokens()

    def _change_identity(self, identity: Identity, after: dict[str, str], *, entered: bool) -> None:
        for name in after.keys() & {*NAMES, "phone"}:
            setattr(identity, name, after[name])
        if after.keys() & set(NAMES):
            names = (identity.given_names, identity.first_surname, identity.second_surname)
            identity.search_name = search_name(*names)[:300]
        # The e-mail opens the account: once she has entered, or holds a role, no file changes it.
        if "email" in after and not entered:
            identity.email, identity.email_key = after["email"], after["email"].lower()
            self.readdressed.add(identity.person_id)

    def _void_tokens(self) -> None:
        """A link sent to an address that was wrong must open nothing."""
        if self.readdressed:
            waiting = and_(EntryToken.used_at.is_(None), EntryToken.voided_at.is_(None))
            theirs = EntryToken.person_id.in_(self.readdressed)
            _changed(update(EntryToken).where(theirs, waiting).values(voided_at=self.at))

    def _enrolments(self) -> None:
        """Enrol whoever is not, say who sponsors it, and open the first cycle."""
        created = _moment(self.at)
        enrolment = {
            "public_id": RosterRow.new_enrolment,
            "person_id": RosterRow.person_id,
            "course_id": self.roster.course_id,
            "created_at": created,
        }
        self._insert(Enrolment, enrolment, self.enrolment.is_(None))
        due_on = literal(self.roster.due_on, Cycle.due_on.type)
        sponsored = _one(
            EnrolmentAffiliation.id,
            EnrolmentAffiliation.enrolment_id == self.enrolment,
            EnrolmentAffiliation.affiliation_id == self.place,
        )
        sponsor = {"enrolment_id": self.enrolment, "affiliation_id": self.place, "due_on": due_on}
        self._insert(EnrolmentAffiliation, sponsor | {"created_at": created}, sponsored.is_(None))
        begun = _one(Cycle.id, Cycle.enrolment_id == self.enrolment, Cycle.number == 1)
        cycle = {"enrolment_id": self.enrolment, "number": 1, "due_on": due_on, "grace_days": 0}
        self._insert(Cycle, cycle, begun.is_(None))

    def _mail(self) -> None:
        """Write to the newly enrolled and to those whose address was wrong: their entry, or word of the course."""
        rows = db.session.execute(
            select(RosterRow.person_id, Account.activated_at, Cycle.id)
            .join(Identity, Identity.person_id == RosterRow.person_id)
            .join(Account, Account.person_id == RosterRow.person_id)
            .join(Cycle, Cycle.enrolment_id == self.enrolment)
            .where(
                self.due,
                or_(RosterRow.kind == "create", RosterRow.person_id.in_(self.readdressed)),
                Identity.email.is_not(None),
                Account.suspended_at.is_(None),
                Cycle.number == 1,
                Cycle.completed_at.is_(None),
            )
        )
        insert_new(
            Mail,
            [
                {
                    "event": f"enrolled:{cycle_id}" if activated else f"activation:{person_id}:{self.roster.id}",
                    "purpose": "enrolled" if activated else "activation",
                    "person_id": person_id,
                    "facts": {"cycle_id": cycle_id},
                    "state": "waiting",
                    "created_at": self.at,
                }
                for person_id, activated, cycle_id in rows
            ],
        )


def _one(column: InstrumentedAttribute[Any], *where: ColumnElement[bool]) -> ScalarSelect[Any]:
    """Return the one value that a unique key gives for each row, NULL when there is none."""
    return select(column).where(*where).correlate(RosterRow, Person).scalar_subquery()


def _changed(statement: Any) -> int:
    """Carry out an UPDATE past the session's memory and return how many rows it touched."""
    result = db.session.execute(statement.execution_options(synchronize_session=False))
    return int(result.rowcount)  # type: ignore[attr-defined]


def _moment(at: datetime) -> ColumnElement[Any]:
    """Return a moment as an SQL value of the right type."""
    return literal(at, Person.created_at.type)


def finish_run(roster: Roster, *, at: datetime) -> None:
    """Close a run whose rows are all closed. Said twice, the first counts."""
    db.session.refresh(roster, with_for_update=True)
    if roster.state != "running":
        return
    roster.state, roster.finished_at = "done", at
    record("roster.done", "roster", roster.public_id, by=roster.signed_by_id, at=at, rows=roster.rows_done)
    db.session.flush()
