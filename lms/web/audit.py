"""Mail and jobs in trouble, and the audit log in words."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms import clock
from lms.actions import outbox as deeds
from lms.actions.refusal import Refused
from lms.database import db
from lms.permissions import Permission
from lms.queries import audit, outbox
from lms.texts.labels import label
from lms.texts.sentences import sentence
from lms.texts.sentences_audit import SENTENCES as DEEDS
from lms.web import gate
from lms.web.gate import needs
from lms.web.shell import commit, say

bp = Blueprint("audit", __name__)
Answer = str | Response

TOPICS = (
    *("people", "role", "institution", "area", "signatory", "mail", "job", "roster", "course"),
    *("enrolment", "lesson", "quiz", "support", "person", "reminder", "report", "certificates"),
)
# What can be chosen in the log: each topic with its deeds, their parameters left open.
CHOICES = {
    topic: [
        (code.removeprefix("deed_"), re.sub(r"\{[^}]*\}", "…", text))
        for code, text in DEEDS.items()
        if code.startswith(f"deed_{topic}.") and not code.endswith(".one")
    ]
    for topic in TOPICS
}
# How the codes among an entry's facts are said.
FAMILIES = {"role": "role", "purpose": "mail", "kind": "searched"}


@bp.get("/admin/correo")
@needs(Permission.MAIL_READ)
def mail() -> Answer:
    """List the messages and jobs about which a person must decide."""
    scope = gate.scope(Permission.MAIL_READ)
    return render_template(
        "audit/mail.html", waiting=outbox.waiting(scope), rows=outbox.troubled(scope), jobs=outbox.failed_jobs(scope)
    )


@bp.post("/admin/correo/<int:mail_id>/reenviar")
@needs(Permission.MAIL_READ)
def resend(mail_id: int) -> Answer:
    """Send a message again, because a person decided so."""
    done = deeds.resend_mail(mail_id, by=gate.actor().person_id, at=clock.now())
    commit()
    say("mail_resent" if done else "mail_gone")
    return redirect(url_for("audit.mail"), 303)


@bp.post("/admin/correo/<int:mail_id>/cerrar")
@needs(Permission.MAIL_READ)
def settle(mail_id: int) -> Answer:
    """Take a message off the list."""
    done = deeds.settle_mail(mail_id, by=gate.actor().person_id, at=clock.now())
    commit()
    say("mail_settled" if done else "mail_gone")
    return redirect(url_for("audit.mail"), 303)


@bp.post("/admin/trabajos/<int:job_id>/reanudar")
@needs(Permission.MAIL_READ)
def retry(job_id: int) -> Answer:
    """Let the worker go on with a job that was given up."""
    try:
        done = deeds.retry_job(job_id, by=gate.actor().person_id, at=clock.now())
    except Refused as refused:
        db.session.rollback()
        say(refused.code)
    else:
        commit()
        say("job_retried" if done else "job_gone")
    return redirect(url_for("audit.mail"), 303)


@bp.get("/admin/bitacora")
@needs(Permission.AUDIT_READ)
def log() -> Answer:
    """Show the latest entries of the audit log, each in words."""
    scope = gate.scope(Permission.AUDIT_READ)
    deed, person, subject = (request.args.get(name, "")[:80] for name in ("hecho", "persona", "asunto"))
    found = audit.entries(scope, deed=deed, person=person, subject=subject, before=request.args.get("antes", type=int))
    return render_template(
        "audit/log.html",
        rows=[(entry, deed_words(entry.deed, entry.facts)) for entry in found.rows],
        older=found.older,
        chosen={"hecho": deed, "persona": person, "asunto": subject},
        whose=audit.named(scope, person) if person else None,
        choices=CHOICES,
        seal=audit.seal(scope),
    )


def deed_words(deed: str, facts: dict[str, Any]) -> str:
    """Say a deed; one without a sentence, or without the facts its sentence needs, by its code."""
    said = {k: label(FAMILIES.get(k, "fact"), v) if isinstance(v, str) else v for k, v in facts.items() if k != "code"}
    if deed == "job.retry":
        said["kind"] = label("job", str(facts.get("kind")))
    try:
        return sentence(f"deed_{deed}", **said)
    except KeyError:
        return sentence("deed_other", deed=deed)
