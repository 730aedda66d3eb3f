"""What a row of a roster means for what is stored: the decision that an enlace reads and signs.

A file never takes anything away: a blank cell contradicts nothing, and whoever is absent stays. A person's name is
shared by all her institutions, so only the single one that has her may correct it, and never over a correction made
by hand. The e-mail opens the account, so a file sets it only while she has not entered yet.
"""

from dataclasses import dataclass
from typing import Final

from lms.rules.people import search_name


@dataclass(frozen=True, slots=True)
class Stored:
    """What is stored of the row's person in this institution. `affiliation_id` None: she has no open place here.

    `activated`: her e-mail is no longer a file's to set, because she entered or holds a role.
    """

    affiliation_id: int | None = None
    area_id: int | None = None
    employee_number: str | None = None
    job: str | None = None
    function: str | None = None
    entity: str | None = None
    given_names: str | None = None
    first_surname: str | None = None
    second_surname: str | None = None
    email: str | None = None
    phone: str | None = None
    by_hand: frozenset[str] = frozenset()
    activated: bool = False
    elsewhere: bool = False
    enrolled: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the row says; None where it says nothing. An area that is named and has no `area_id` is a new one."""

    area_id: int | None
    area_name: str | None
    employee_number: str | None
    job: str | None
    function: str | None
    entity: str | None
    given_names: str | None
    first_surname: str | None
    second_surname: str | None
    email: str | None
    phone: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """A field that the run will set, with what it replaces."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Decision:
    """The kind of the row, its changes, and the codes of what is left as it was."""

    kind: str
    changes: tuple[Change, ...] = ()
    kept: tuple[str, ...] = ()


PLACE: Final = ("employee_number", "job", "function", "entity")
NAMES: Final = ("given_names", "first_surname", "second_surname")


def decide(wanted: Wanted, stored: Stored, *, area_now: str | None = None) -> Decision:
    """Say what to do: create (a place or an enrolment), move (another area), update (some fact) or already (nothing).

    `area_now` is the name of the stored area. Naming the area of someone who had none is an update: she did not move.
    """
    if stored.affiliation_id is None:
        return Decision("create")
    changes: list[Change] = []
    kept: list[str] = []
    for field in PLACE:
        after, before = getattr(wanted, field), getattr(stored, field)
        if after and after != before:
            if field in stored.by_hand:
                kept.append(f"plan_{field}_kept")
            else:
                changes.append(Change(field, before, after))
    _compare_names(wanted, stored, changes, kept)
    _compare_contact(wanted, stored, changes, kept)
    moves = _compare_area(wanted, stored, area_now, changes, kept)
    if moves:
        kind = "move"
    elif not stored.enrolled:
        kind = "create"
    else:
        kind = "update" if changes else "already"
    return Decision(kind, tuple(changes), tuple(kept))


def _compare_area(wanted: Wanted, stored: Stored, area_now: str | None, changes: list[Change], kept: list[str]) -> bool:
    """Note another area; tell whether it is a move."""
    if wanted.area_name is None or (wanted.area_id is not None and wanted.area_id == stored.area_id):
        return False
    if "area_id" in stored.by_hand:
        kept.append("plan_area_kept")
        return False
    changes.append(Change("area", area_now, wanted.area_name))
    return stored.area_id is not None


def _compare_names(wanted: Wanted, stored: Stored, changes: list[Change], kept: list[str]) -> None:
    differing = [
        Change(field, getattr(stored, field), getattr(wanted, field))
        for field in NAMES
        if getattr(wanted, field) and getattr(wanted, field) != getattr(stored, field)
    ]
    # HR systems drop accents and capitals; a name that differs only in that is the same name, better written here.
    differing = [c for c in differing if search_name(c.before or "") != search_name(c.after or "")]
    if not differing:
        return
    if stored.elsewhere or stored.by_hand & set(NAMES):
        kept.append("plan_name_kept")
    else:
        changes.extend(differing)


def _compare_contact(wanted: Wanted, stored: Stored, changes: list[Change], kept: list[str]) -> None:
    if wanted.email and wanted.email.lower() != (stored.email or "").lower():
        if stored.activated or stored.elsewhere or "email" in stored.by_hand:
            kept.append("plan_email_kept")
        else:
            changes.append(Change("email", stored.email, wanted.email))
    if wanted.phone and wanted.phone != stored.phone:
        if stored.elsewhere or "phone" in stored.by_hand:
            kept.append("plan_phone_kept")
        else:
            changes.append(Change("phone", stored.phone, wanted.phone))


def fingerprint(stored: Stored) -> str:
    """Return the stored facts a decision rests on, as one text: when it differs at the run, the row is skipped."""
    facts = (
        stored.affiliation_id, stored.area_id, stored.employee_number, stored.job, stored.function, stored.entity,
        stored.given_names, stored.first_surname, stored.second_surname, stored.email, stored.phone, stored.enrolled,
    )  # fmt: skip
    if stored.affiliation_id is None:
        return ""
    return "\x1f".join("" if fact is None else str(fact) for fact in facts)
