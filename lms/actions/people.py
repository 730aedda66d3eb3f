"""Entering and leaving, first entries and new passwords, own data, and suspension."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import CursorResult, Update, delete, select, update

from lms import clock
from lms.actions.audit import record
from lms.actions.outbox import insert_new, send_mail
from lms.actions.refusal import Refused
from lms.database import db
from lms.models.people import Account, EntryToken, Identity, NoticeAcceptance, Person, SignIn, Throttle
from lms.rules.people import read_email, read_phone
from lms.rules.people_entry import lifetime, token_hash
from lms.rules.throttles import FORGET

_QUARTER_OF_AN_HOUR = 900


def _changed(statement: Update) -> int:
    return cast("CursorResult[tuple[()]]", db.session.execute(statement)).rowcount


def _locked(person_id: int) -> Account:
    """Hold the account, so that two deeds on it come one after the other. Raises Refused for a blocked person."""
    account = db.session.scalar(
        select(Account)
        .join(Person, Person.id == Account.person_id)
        .where(Account.person_id == person_id, Person.blocked_at.is_(None), Person.merged_into_id.is_(None))
        .with_for_update(of=Account)
        .execution_options(populate_existing=True)
    )
    if account is None:
        raise Refused("entry_failed")
    return account


def _begin_session(account: Account, session_hash: str, *, at: datetime, until: datetime) -> None:
    db.session.add(
        SignIn(
            person_id=account.person_id,
            token_hash=session_hash,
            epoch=account.session_epoch,
            created_at=at,
            expires_at=until,
        )
    )
    db.session.flush()


def enter(
    person_id: int, verified: str, session_hash: str, *, at: datetime, until: datetime, fresh: str | None = None
) -> None:
    """Begin a session for whoever proved to know the password behind the hash `verified`.

    `fresh` replaces that hash when its parameters are out of date. Raises Refused when the account was suspended or
    its password changed while the proof was being made.
    """
    account = _locked(person_id)
    if account.suspended_at is not None or account.password_hash != verified:
        raise Refused("entry_failed")
    if fresh is not None:
        account.password_hash = fresh
    _begin_session(account, session_hash, at=at, until=until)
    record("people.entered", "person", person_id, by=person_id, at=at)


def leave(session_hash: str, *, at: datetime) -> None:
    """End a session; one that already ended, or never was, changes nothing."""
    ended = update(SignIn).where(SignIn.token_hash == session_hash, SignIn.ended_at.is_(None)).values(ended_at=at)
    if _changed(ended):
        person_id = db.session.scalar(select(SignIn.person_id).where(SignIn.token_hash == session_hash))
        record("people.left", "person", person_id, by=person_id, at=at)


def end_other_sessions(person_id: int, session_hash: str, *, at: datetime) -> int:
    """End every session of a person but the one of `session_hash`; return how many that was."""
    account = _locked(person_id)
    others = update(SignIn).where(
        SignIn.person_id == person_id,
        SignIn.token_hash != session_hash,
        SignIn.epoch == account.session_epoch,
        SignIn.expires_at > at,
        SignIn.ended_at.is_(None),
    )
    count = _changed(others.values(ended_at=at))
    record("people.sessions_ended", "person", person_id, by=person_id, at=at, count=count)
    return count


def _void_tokens(person_ids: Sequence[int], *, at: datetime, purpose: str | None = None) -> None:
    waiting = update(EntryToken).where(
        EntryToken.person_id.in_(person_ids), EntryToken.used_at.is_(None), EntryToken.voided_at.is_(None)
    )
    if purpose is not None:
        waiting = waiting.where(EntryToken.purpose == purpose)
    db.session.execute(waiting.values(voided_at=at))


def _set_password(account: Account, password_hash: str, *, at: datetime) -> None:
    """Keep the password; every session and every link drawn before dies with it."""
    account.password_hash = password_hash
    account.activated_at = account.activated_at or at
    account.session_epoch += 1
    _void_tokens([account.person_id], at=at)
    db.session.flush()


def change_password(
    person_id: int, verified: str, password_hash: str, session_hash: str, *, at: datetime, until: datetime
) -> None:
    """Change a password whose old hash `verified` was proved; a new session begins for this device alone.

    Raises Refused when the password changed meanwhile.
    """
    account = _locked(person_id)
    if account.password_hash != verified or account.suspended_at is not None:
        raise Refused("password_old_wrong")
    _set_password(account, password_hash, at=at)
    _begin_session(account, session_hash, at=at, until=until)
    send_mail("password_changed", person_id, f"password_changed:{person_id}:{account.session_epoch}", at=at)
    record("people.password_changed", "person", person_id, by=person_id, at=at)


def draw_tokens(person_ids: Sequence[int], purpose: str, form: str, *, by: int | None, at: datetime) -> dict[int, str]:
    """Draw a link or a short code for each person and return it by person; only its hash is kept.

    Earlier unused ones of the same purpose are void from now on. Left out are persons blocked or suspended, those
    who already entered (for an activation) and those who never did (for a reset): an activation must not open an
    account that has a password. `by` is None for the system.
    """
    entered = Account.activated_at.is_not(None) if purpose == "reset" else Account.activated_at.is_(None)
    fit = db.session.scalars(
        select(Account.person_id)
        .join(Person, Person.id == Account.person_id)
        .where(Account.person_id.in_(person_ids), entered, Account.suspended_at.is_(None))
        .where(Person.blocked_at.is_(None), Person.merged_into_id.is_(None))
        .order_by(Account.person_id)
        .with_for_update(of=Account)
    ).all()
    if not fit:
        return {}
    _void_tokens(fit, at=at, purpose=purpose)
    drawn = {person_id: clock.short_code() if form == "code" else clock.token() for person_id in fit}
    common = {"purpose": purpose, "form": form, "created_at": at, "expires_at": at + lifetime(purpose, form)}
    insert_new(
        EntryToken,
        [
            {"person_id": person_id, "token_hash": token_hash(secret), "created_by_id": by, **common}
            for person_id, secret in drawn.items()
        ],
    )
    subject = fit[0] if len(fit) == 1 else None
    record("people.token_drawn", "person", subject, by=by, at=at, purpose=purpose, form=form, count=len(fit))
    return drawn


def draw_token(person_id: int, purpose: str, form: str, *, by: int | None, at: datetime) -> str:
    """Draw a link or a short code for one person, as `draw_tokens`. Raises Refused when it cannot be."""
    drawn = draw_tokens([person_id], purpose, form, by=by, at=at)
    if person_id not in drawn:
        raise Refused("token_not_drawn")
    return drawn[person_id]


def use_token(secret_hash: str, password_hash: str, session_hash: str, *, at: datetime, until: datetime) -> int:
    """Open the door with a link or short code, once: set the password, begin a session, return the person's id.

    Raises Refused when it was used (by another tab, a moment ago), voided or expired. A reset ends every other
    session and says so by mail.
    """
    used = update(EntryToken).where(
        EntryToken.token_hash == secret_hash,
        EntryToken.used_at.is_(None),
        EntryToken.voided_at.is_(None),
        EntryToken.expires_at > at,
    )
    if _changed(used.values(used_at=at)) != 1:
        raise Refused("token_gone")
    person_id, purpose = db.session.execute(
        select(EntryToken.person_id, EntryToken.purpose).where(EntryToken.token_hash == secret_hash)
    ).one()
    account = _locked(person_id)
    if account.suspended_at is not None or (purpose == "activation" and account.activated_at is not None):
        raise Refused("token_gone")
    _set_password(account, password_hash, at=at)
    _begin_session(account, session_hash, at=at, until=until)
    if purpose == "reset":
        send_mail("password_changed", person_id, f"password_changed:{person_id}:{account.session_epoch}", at=at)
    record(f"people.{purpose}", "person", person_id, by=person_id, at=at)
    return person_id


def disown_token(secret_hash: str, *, at: datetime) -> None:
    """Void a link or short code because whoever holds it says that it is not hers."""
    held = update(EntryToken).where(
        EntryToken.token_hash == secret_hash, EntryToken.used_at.is_(None), EntryToken.voided_at.is_(None)
    )
    if _changed(held.values(voided_at=at)):
        person_id = db.session.scalar(select(EntryToken.person_id).where(EntryToken.token_hash == secret_hash))
        record("people.token_disowned", "person", person_id, by=None, at=at)


def ask_recovery(person_id: int, *, activated: bool, at: datetime) -> None:
    """Ask for the mail that lets a person back in, at most one per quarter of an hour."""
    purpose = "reset" if activated else "activation"
    send_mail(purpose, person_id, f"recover:{purpose}:{person_id}:{int(at.timestamp()) // _QUARTER_OF_AN_HOUR}", at=at)


def accept_notices(person_id: int, versions: Mapping[str, str], *, at: datetime) -> None:
    """Keep that a person accepted the privacy notice of each regime in its version; twice is once."""
    rows = [
        {"person_id": person_id, "regime": regime, "version": version, "accepted_at": at}
        for regime, version in sorted(versions.items())
    ]
    insert_new(NoticeAcceptance, rows)
    record("people.notice_accepted", "person", person_id, by=person_id, at=at, versions=dict(versions))


def update_contact(person_id: int, email: str, phone: str, *, at: datetime) -> None:
    """Keep the e-mail and telephone a person typed (empty: none); a roster will not overwrite them.

    Links sent to the address before are void. Raises Refused `email_wrong` or `phone_wrong`.
    """
    clean_email, clean_phone = read_email(email), read_phone(phone)
    if email and clean_email is None:
        raise Refused("email_wrong")
    if phone and clean_phone is None:
        raise Refused("phone_wrong")
    identity = db.session.get_one(Identity, person_id)
    changed = [f for f, value in (("email", clean_email), ("phone", clean_phone)) if getattr(identity, f) != value]
    if not changed:
        return
    if "email" in changed:
        _void_tokens([person_id], at=at)
    identity.email = identity.email_key = clean_email
    identity.phone = clean_phone
    identity.origins = {**identity.origins, **dict.fromkeys(changed, "hand")}
    db.session.flush()
    record("people.contact_changed", "person", person_id, by=person_id, at=at, fields=changed)


def suspend(person_id: int, reason: str, *, by: int, at: datetime) -> None:
    """Close an account to its person from her next request on. Raises Refused for one's own account."""
    if person_id == by:
        raise Refused("suspend_oneself")
    account = _locked(person_id)
    if account.suspended_at is not None:
        return
    account.suspended_at, account.suspended_reason = at, reason
    account.session_epoch += 1
    db.session.flush()
    record("people.suspended", "person", person_id, by=by, at=at)


def unsuspend(person_id: int, *, by: int, at: datetime) -> None:
    """Open a suspended account again; she enters with the password she had."""
    account = _locked(person_id)
    if account.suspended_at is None:
        return
    account.suspended_at = account.suspended_reason = None
    db.session.flush()
    record("people.unsuspended", "person", person_id, by=by, at=at)


def forget_throttles(*, at: datetime) -> None:
    """Remove the failures that no longer count: the night's work."""
    old = select(Throttle.key).where(Throttle.last_failure_at <= at - FORGET).with_for_update(skip_locked=True)
    db.session.execute(delete(Throttle).where(Throttle.key.in_(old)).execution_options(synchronize_session=False))
