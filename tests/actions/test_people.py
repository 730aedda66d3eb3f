"""Tokens, sessions, suspension, notices and own data, on both engines."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from lms import clock
from lms.actions import people as deeds
from lms.actions.refusal import Refused
from lms.database import db
from lms.models.outbox import Mail
from lms.models.people import Account, EntryToken, Identity, NoticeAcceptance, Person, SignIn, Throttle
from lms.queries import people
from lms.rules.people_entry import token_hash
from tests.people import Cast, person

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
UNTIL = NOW + timedelta(hours=12)


def draw(who: Person, purpose: str = "activation", form: str = "link", at: datetime = NOW) -> str:
    made = deeds.draw_token(who.id, purpose, form, by=None, at=at)
    db.session.commit()
    return made


def use(secret: str, at: datetime = NOW) -> int:
    try:
        who = deeds.use_token(token_hash(secret), "a hash", token_hash(clock.token()), at=at, until=UNTIL)
        db.session.commit()
        return who
    except Refused:
        db.session.rollback()
        raise


def state(secret: str, at: datetime = NOW) -> str | None:
    found = people.token(token_hash(secret), at)
    return found.state if found else None


def account(who: Person) -> Account:
    db.session.expire_all()
    return db.session.get_one(Account, who.id)


def test_only_the_hash_of_a_token_is_kept(cast: Cast) -> None:
    link, code = draw(cast.newcomer), draw(cast.newcomer, form="code")
    kept = db.session.scalars(select(EntryToken)).all()
    assert [t.token_hash for t in kept] == [token_hash(link), token_hash(code)]
    assert len(code) == 12
    assert all(link not in str(vars(t)) and code not in str(vars(t)) for t in kept)


def test_a_link_lasts_fourteen_days_and_a_code_thirty(cast: Cast) -> None:
    link = draw(cast.newcomer)
    assert state(link, NOW + timedelta(days=14) - timedelta(seconds=1)) == "open"
    assert state(link, NOW + timedelta(days=14)) == "expired"
    code = draw(cast.newcomer, form="code")
    assert state(code, NOW + timedelta(days=30) - timedelta(seconds=1)) == "open"
    assert state(code, NOW + timedelta(days=30)) == "expired"
    with pytest.raises(Refused):
        use(code, NOW + timedelta(days=30))


def test_a_new_token_voids_the_one_before_and_only_of_the_same_person(cast: Cast) -> None:
    other = person("Otra", active=False)
    first, theirs = draw(cast.newcomer), draw(other)
    second = draw(cast.newcomer, form="code")
    assert [state(first), state(theirs), state(second)] == ["voided", "open", "open"]
    with pytest.raises(Refused):
        use(first)
    assert use(second) == cast.newcomer.id


def test_a_token_opens_once_and_activates(cast: Cast) -> None:
    secret = draw(cast.newcomer)
    assert use(secret) == cast.newcomer.id
    assert account(cast.newcomer).activated_at == NOW
    assert state(secret) == "used"
    with pytest.raises(Refused):
        use(secret)


def test_a_token_opens_once_under_two_threads(app: Flask, cast: Cast) -> None:
    secret = draw(cast.newcomer)
    db.session.remove()
    barrier, won, lost = threading.Barrier(2), [], []

    def run() -> None:
        with app.app_context():
            barrier.wait()
            try:
                won.append(use(secret))
            except Refused as refused:
                lost.append(refused.code)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (won, lost) == ([cast.newcomer.id], ["token_gone"])
    assert db.session.scalar(select(func.count()).select_from(SignIn)) == 1


def test_an_activation_is_never_drawn_nor_used_for_who_already_entered(cast: Cast) -> None:
    with pytest.raises(Refused, match="token_not_drawn"):
        draw(cast.learner)
    first = draw(cast.newcomer)
    # Entered meanwhile by another way: what was printed before must not replace her password.
    late = account(cast.newcomer)
    late.password_hash, late.activated_at = "hers", NOW
    db.session.commit()
    assert state(first) == "voided"
    with pytest.raises(Refused):
        use(first)
    assert account(cast.newcomer).password_hash == "hers"


def test_a_reset_is_for_who_entered_before_and_ends_her_sessions(cast: Cast) -> None:
    with pytest.raises(Refused):
        draw(cast.newcomer, "reset")
    browser = cast.client(cast.learner)
    secret = draw(cast.learner, "reset")
    assert browser.get("/mi-cuenta").status_code == 200
    use(secret)
    assert browser.get("/mi-cuenta").status_code == 303
    mail = db.session.scalars(select(Mail)).one()
    assert (mail.purpose, mail.person_id) == ("password_changed", cast.learner.id)


def test_tokens_in_bulk_leave_out_who_cannot_use_them(cast: Cast) -> None:
    other = person("Otra", active=False)
    drawn = deeds.draw_tokens(
        [cast.newcomer.id, other.id, cast.learner.id, cast.suspended.id], "activation", "code", by=None, at=NOW
    )
    assert set(drawn) == {cast.newcomer.id, other.id}
    assert people.token(token_hash(drawn[other.id]), NOW).person_id == other.id  # type: ignore[union-attr]


def test_a_suspended_or_blocked_person_opens_nothing(cast: Cast) -> None:
    secret = draw(cast.newcomer)
    deeds.suspend(cast.newcomer.id, "baja", by=cast.admin.id, at=NOW)
    db.session.commit()
    assert state(secret) == "voided"
    with pytest.raises(Refused):
        use(secret)
    deeds.unsuspend(cast.newcomer.id, by=cast.admin.id, at=NOW)
    db.session.commit()
    assert state(secret) == "open"
    db.session.get_one(Person, cast.newcomer.id).blocked_at = NOW
    db.session.commit()
    assert state(secret) is None
    with pytest.raises(Refused):
        use(secret)


def test_disowning_voids(cast: Cast) -> None:
    secret = draw(cast.newcomer)
    deeds.disown_token(token_hash(secret), at=NOW)
    db.session.commit()
    assert state(secret) == "voided"


def test_suspending_moves_the_epoch_once_and_never_oneself(cast: Cast) -> None:
    for _ in range(2):
        deeds.suspend(cast.learner.id, "salida de la institución", by=cast.admin.id, at=NOW)
    db.session.commit()
    assert (account(cast.learner).session_epoch, account(cast.learner).suspended_at) == (1, NOW)
    with pytest.raises(Refused, match="suspend_oneself"):
        deeds.suspend(cast.admin.id, "error", by=cast.admin.id, at=NOW)


def test_entering_asks_again_whether_the_proof_still_holds(cast: Cast) -> None:
    hashed = account(cast.learner).password_hash
    assert hashed is not None
    deeds.enter(cast.learner.id, hashed, token_hash("uno"), at=NOW, until=UNTIL, fresh="new parameters")
    db.session.commit()
    assert account(cast.learner).password_hash == "new parameters"
    with pytest.raises(Refused):
        deeds.enter(cast.learner.id, hashed, token_hash("dos"), at=NOW, until=UNTIL)
    with pytest.raises(Refused):
        deeds.enter(cast.suspended.id, hashed, token_hash("tres"), at=NOW, until=UNTIL)
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(SignIn)) == 1


def test_recovery_is_one_mail_per_quarter_of_an_hour(cast: Cast) -> None:
    for minutes in (0, 1, 14, 15):
        deeds.ask_recovery(cast.learner.id, activated=True, at=NOW + timedelta(minutes=minutes))
    deeds.ask_recovery(cast.newcomer.id, activated=False, at=NOW)
    db.session.commit()
    sent = db.session.execute(select(Mail.person_id, Mail.purpose).order_by(Mail.id)).all()
    assert [tuple(row) for row in sent] == [
        (cast.learner.id, "reset"),
        (cast.learner.id, "reset"),
        (cast.newcomer.id, "activation"),
    ]


def test_own_contact_is_sticky_and_kills_links_sent_to_the_old_address(cast: Cast) -> None:
    secret = draw(cast.learner, "reset")
    deeds.update_contact(cast.learner.id, " Lucia.Nueva@Ejemplo.MX ", "55 1234 5678", at=NOW)
    db.session.commit()
    db.session.expire_all()
    kept = db.session.get_one(Identity, cast.learner.id)
    assert (kept.email, kept.email_key, kept.phone) == (
        "lucia.nueva@ejemplo.mx", "lucia.nueva@ejemplo.mx", "+525512345678",
    )  # fmt: skip
    assert kept.origins == {"email": "hand", "phone": "hand"}
    assert state(secret) == "voided"
    for email, phone, code in (("sin arroba", "", "email_wrong"), ("", "123", "phone_wrong")):
        with pytest.raises(Refused, match=code):
            deeds.update_contact(cast.learner.id, email, phone, at=NOW)
    deeds.update_contact(cast.learner.id, "", "", at=NOW)
    assert (kept.email, kept.email_key, kept.phone) == (None, None, None)


def test_a_notice_is_kept_once_with_its_version_and_asked_again_when_it_changes(cast: Cast) -> None:
    versions = {"lgpdppso": "2026-05", "lfpdppp": "2026-05"}
    assert people.pending_notices(cast.learner.id, versions) == ("lgpdppso",)
    assert people.pending_notices(cast.admin.id, versions) == ("lgpdppso",)
    for _ in range(2):
        deeds.accept_notices(cast.learner.id, {"lgpdppso": "2026-05"}, at=NOW)
    db.session.commit()
    kept = db.session.scalars(select(NoticeAcceptance)).one()
    assert (kept.person_id, kept.regime, kept.version, kept.accepted_at) == (
        cast.learner.id, "lgpdppso", "2026-05", NOW,
    )  # fmt: skip
    assert people.pending_notices(cast.learner.id, versions) == ()
    assert people.pending_notices(cast.learner.id, {**versions, "lgpdppso": "2026-11"}) == ("lgpdppso",)


def test_old_failures_are_forgotten_by_night(cast: Cast) -> None:
    for key, hours in (("old", 25), ("young", 23)):
        at = NOW - timedelta(hours=hours)
        db.session.add(Throttle(key=key, failures=3, last_failure_at=at, free_at=at))
    db.session.flush()
    deeds.forget_throttles(at=NOW)
    assert db.session.scalars(select(Throttle.key)).all() == ["young"]
