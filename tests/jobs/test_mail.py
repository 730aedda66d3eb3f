"""Mail over a real SMTP server: sent once, neutral, with a token drawn while sending; or as a file without SMTP."""

from __future__ import annotations

import email
import socket
from collections.abc import Iterator
from dataclasses import replace
from email.message import Message
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from sqlalchemy import select

from lms import clock
from lms.actions import outbox
from lms.database import db
from lms.jobs.mail import SUBJECTS, send_waiting
from lms.models.outbox import Mail
from lms.models.people import EntryToken, Identity
from tests.people import Cast

REVEALING = ("violencia", "acoso", "hostigamiento", "denuncia", "mujeres", "derechos", "género")


class Inbox:
    """Keeps what arrives; refuses one address, and everything when full."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.full = False

    async def handle_RCPT(self, server: object, session: object, envelope, address: str, options: object) -> str:  # type: ignore[no-untyped-def]  # noqa: N802
        """Refuse whoever does not exist."""
        if address.startswith("nadie@"):
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: object, session: object, envelope) -> str:  # type: ignore[no-untyped-def]  # noqa: N802
        """Keep the message."""
        if self.full:
            return "552 too much"
        self.messages.append(email.message_from_bytes(envelope.content, policy=default))
        return "250 OK"


@pytest.fixture
def inbox(app: Flask) -> Iterator[Inbox]:
    """A mail server on this machine, and the app told to use it."""
    handler = Inbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    before = app.config["AULA"]
    app.config["AULA"] = replace(before, smtp_host="127.0.0.1", smtp_port=port, smtp_tls="none")
    yield handler
    app.config["AULA"] = before
    controller.stop()


def ask(cast: Cast, purpose: str, who: int | None = None, **facts: object) -> None:
    """Ask for a message and commit."""
    outbox.send_mail(purpose, who or cast.learner.id, f"{purpose}:1", at=clock.now(), facts=dict(facts))
    db.session.commit()


def write_address(who: int, address: str) -> None:
    """Give a person an address."""
    identity = db.session.get(Identity, who)
    assert identity is not None
    identity.email = address
    db.session.commit()


def state() -> str:
    """The state of the only message."""
    db.session.rollback()
    found = db.session.scalars(select(Mail)).one().state
    db.session.rollback()
    return found


@pytest.mark.parametrize("purpose", sorted(SUBJECTS))
def test_every_message_arrives_neutral_and_once(cast: Cast, inbox: Inbox, purpose: str) -> None:
    who = cast.newcomer if purpose == "activation" else cast.learner
    write_address(who.id, "lucia@ejemplo.mx")
    ask(cast, purpose, who.id, cycle_id=cast.cycle.id, folio="ABCDEFGHJKMNPQRSTVWX")
    assert send_waiting(cast.app, "w") == 1
    assert send_waiting(cast.app, "w") == 0
    (message,) = inbox.messages
    assert message["To"] == "lucia@ejemplo.mx"
    assert not any(word in message["Subject"].lower() for word in REVEALING)
    text = message.get_content()  # type: ignore[attr-defined]
    assert text.startswith("Hola, Nora:" if who is cast.newcomer else "Hola, Lucía:")
    assert "{{" not in text
    assert "None" not in text
    assert state() == "sent"


def test_the_link_of_a_message_opens_the_account_and_is_kept_as_a_hash(cast: Cast, inbox: Inbox) -> None:
    ask(cast, "activation", cast.newcomer.id)
    write_address(cast.newcomer.id, "nora@ejemplo.mx")
    send_waiting(cast.app, "w")
    text = inbox.messages[0].get_content()  # type: ignore[attr-defined]
    token = text.split("/activar/")[1].split()[0]
    stored = db.session.scalars(select(EntryToken)).one()
    assert token not in str(vars(stored))
    db.session.rollback()
    assert cast.client().get(f"/activar/{token}").status_code == 200


def test_a_link_that_would_open_nothing_is_not_sent(cast: Cast, inbox: Inbox) -> None:
    ask(cast, "activation", cast.learner.id)
    send_waiting(cast.app, "w")
    assert (inbox.messages, state()) == ([], "skipped")


def test_without_an_address_the_message_is_skipped(cast: Cast, inbox: Inbox) -> None:
    ask(cast, "completed", cast.newcomer.id)
    send_waiting(cast.app, "w")
    assert (inbox.messages, state()) == ([], "skipped")


def test_a_refused_address_fails_and_is_shown(cast: Cast, inbox: Inbox) -> None:
    write_address(cast.learner.id, "nadie@ejemplo.mx")
    ask(cast, "completed")
    send_waiting(cast.app, "w")
    assert state() == "failed"


def test_a_refused_message_fails_and_is_shown(cast: Cast, inbox: Inbox) -> None:
    inbox.full = True
    ask(cast, "completed")
    send_waiting(cast.app, "w")
    assert state() == "failed"


@pytest.mark.parametrize("tls", ["ssl", "starttls"])
def test_a_server_without_a_good_certificate_gets_nothing(cast: Cast, inbox: Inbox, tls: str) -> None:
    cast.app.config["AULA"] = replace(cast.app.config["AULA"], smtp_tls=tls)
    ask(cast, "completed")
    assert send_waiting(cast.app, "w") == 0
    assert (inbox.messages, state()) == ([], "waiting")


@pytest.mark.parametrize("host", ["127.0.0.1", "no-existe.invalid"])
def test_a_server_that_does_not_answer_leaves_the_message_waiting(cast: Cast, host: str) -> None:
    before = cast.app.config["AULA"]
    cast.app.config["AULA"] = replace(before, smtp_host=host, smtp_port=1, smtp_tls="none")
    try:
        ask(cast, "completed")
        assert send_waiting(cast.app, "w") == 0
        assert state() == "waiting"
    finally:
        cast.app.config["AULA"] = before


def test_without_smtp_a_file_is_written(cast: Cast) -> None:
    ask(cast, "completed", cycle_id=cast.cycle.id)
    assert send_waiting(cast.app, "w") == 1
    (path,) = (cast.app.config["AULA"].instance / "mail").glob("*-completed.eml")
    message = email.message_from_bytes(path.read_bytes(), policy=default)
    path.unlink()
    assert "Curso corto" in message.get_content()
