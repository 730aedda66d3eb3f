"""Mail: each message is claimed, composed and sent, once.

Without SMTP settings a message becomes an .eml file in the instance folder and a line in the log.
"""

from __future__ import annotations

import logging
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path

from flask import Flask, render_template

import config
from lms import clock
from lms.actions import outbox
from lms.actions import people as people_actions
from lms.actions.refusal import Refused
from lms.database import db
from lms.permissions import SYSTEM
from lms.queries import outbox as outbox_queries

log = logging.getLogger(__name__)

# Neutral on purpose: the subject is what somebody else reads on a locked phone.
SUBJECTS = {
    "activation": "Aula: tu acceso",
    "reset": "Aula: tu contraseña",
    "password_changed": "Aula: cambió tu contraseña",
    "enrolled": "Aula: tienes un curso",
    "reminder": "Aula: tu curso sigue abierto",
    "completed": "Aula: terminaste un curso",
    "support_granted": "Aula: puedes volver a intentarlo",
    "certificate": "Aula: tu constancia",
}
DRAWS = {"activation": "activation", "reset": "reset"}


@dataclass(frozen=True)
class Letter:
    """What is needed to send one message."""

    mail_id: int
    purpose: str
    address: str
    message: EmailMessage


def send_waiting(app: Flask, worker: str, *, most: int = 500) -> int:
    """Send up to `most` messages that wait; stop early when the mail server does not answer. Return how many left."""
    sent = 0
    settings: config.Settings = app.config["AULA"]
    for _ in range(most):
        outbox.doubt_mail(at=clock.now())
        mail = outbox.claim_mail(worker, at=clock.now())
        if mail is None:
            db.session.commit()
            break
        mail_id = mail.id
        db.session.commit()
        letter = compose(settings, mail_id)
        if letter is None:
            continue
        if not deliver(settings, letter):
            break
        sent += 1
    if sent and not settings.smtp_host:
        log.info("%s messages written to %s: there is no SMTP_HOST", sent, settings.instance / "mail")
    return sent


def compose(settings: config.Settings, mail_id: int) -> Letter | None:
    """Write the message of a claimed row: the address is read now and any token drawn now.

    None when there is nobody to write to any more: the row is closed as skipped.
    """
    found = outbox_queries.letter(SYSTEM, mail_id)
    if found is None or not found.address:
        outbox.close_mail(mail_id, "skipped", at=clock.now(), problem="sin correo")
        db.session.commit()
        return None
    token = None
    if found.purpose in DRAWS:
        try:
            token = people_actions.draw_token(found.person_id, DRAWS[found.purpose], "link", by=None, at=clock.now())
        except Refused:
            # She entered (or was suspended) between the asking and the sending: the link would open nothing.
            outbox.close_mail(mail_id, "skipped", at=clock.now(), problem="ya no hace falta")
        db.session.commit()
        if token is None:
            return None
    db.session.rollback()
    body = render_template(
        f"mail/{found.purpose}.txt",
        name=found.given_names,
        base=settings.base_url,
        token=token,
        course=found.course_title,
        due_on=found.due_on,
        facts=found.facts,
    )
    message = EmailMessage()
    message["Subject"] = SUBJECTS[found.purpose]
    message["From"] = settings.mail_from
    message["To"] = found.address
    message["Date"] = formatdate(clock.now().timestamp())
    message["Message-ID"] = make_msgid(idstring=str(mail_id), domain="aula.invalid")
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body.strip() + "\n")
    return Letter(mail_id, found.purpose, found.address, message)


def deliver(settings: config.Settings, letter: Letter) -> bool:
    """Hand a letter over and close its row. False when the server could not be reached: the row waits again."""
    try:
        server = _server(settings) if settings.smtp_host else None
    except (OSError, smtplib.SMTPException) as error:
        # Whatever it was (no such name, no route, no certificate, no password), nothing was handed over yet, so trying
        # again later cannot send it twice.
        _close(letter, "waiting", type(error).__name__)
        log.warning("mail server not reached: %s", type(error).__name__)
        return False
    try:
        if server is None:
            _file(settings.instance / "mail", letter)
        else:
            with server:
                server.send_message(letter.message)
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
        _close(letter, "failed", type(error).__name__)
        return True
    except (OSError, smtplib.SMTPException) as error:
        _close(letter, "uncertain", type(error).__name__)
        return True
    _close(letter, "sent", None)
    return True


def _close(letter: Letter, state: str, problem: str | None) -> None:
    outbox.close_mail(letter.mail_id, state, at=clock.now(), problem=problem)
    db.session.commit()


def _server(settings: config.Settings) -> smtplib.SMTP:
    """Return the mail server, ready to take a message. With TLS its certificate is checked: letters carry tokens."""
    where, context = (settings.smtp_host, settings.smtp_port), ssl.create_default_context()
    server = (
        smtplib.SMTP_SSL(*where, timeout=20, context=context)
        if settings.smtp_tls == "ssl"
        else smtplib.SMTP(*where, timeout=20)
    )
    try:
        if settings.smtp_tls == "starttls":
            server.starttls(context=context)
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password)
    except BaseException:
        server.close()
        raise
    return server


def _file(folder: Path, letter: Letter) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{letter.mail_id:06d}-{letter.purpose}.eml"
    path.write_bytes(bytes(letter.message))
