"""Support for those whose attempts are used up: the enlace refers, an officer grants one more."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, url_for
from werkzeug.wrappers import Response

from lms import clock
from lms.actions import enrolments as actions
from lms.actions.refusal import Refused
from lms.permissions import Permission
from lms.queries import enrolments_support as queries
from lms.web.gate import actor, needs, scope
from lms.web.shell import commit, page_number, say

bp = Blueprint("enrolments", __name__)


@bp.post("/enlace/personas/<person>/canalizar-apoyo")
@needs(Permission.SUPPORT_REFER)
def refer(person: str) -> Response:
    """Refer a person of the enlace's scope to the Secretaría, for each course in which she needs support."""
    cycles = queries.cycles_to_refer(scope(Permission.SUPPORT_REFER), person, clock.today())
    if cycles is None:
        abort(404)
    by, now = actor().person_id, clock.now()
    told = [actions.refer(cycle_id, by=by, at=now) for cycle_id in cycles]
    commit()
    say("support_referred" if any(told) else "support_not_needed")
    return redirect(url_for("reports.liaison_person", person=person), 303)


@bp.get("/oficial/apoyos")
@needs(Permission.SUPPORT_GRANT)
def support() -> str:
    """List who needs support: names, institutions and since when; never a score."""
    page = page_number()
    cases, total = queries.support_cases(scope(Permission.SUPPORT_GRANT), page)
    pages = max(1, -(-total // queries.PAGE))
    return render_template("enrolments/support.html", cases=cases, page=page, pages=pages, total=total)


@bp.post("/oficial/apoyos/<enrolment>")
@needs(Permission.SUPPORT_GRANT)
def grant(enrolment: str) -> Response:
    """Grant one more attempt."""
    cycle_id = queries.cycle_to_grant(scope(Permission.SUPPORT_GRANT), enrolment)
    if cycle_id is None:
        abort(404)
    try:
        granted = actions.grant_attempt(cycle_id, by=actor().person_id, at=clock.now())
    except Refused as refusal:
        say(refusal.code)
        return redirect(url_for("enrolments.support"), 303)
    commit()
    say("support_granted" if granted else "support_closed")
    return redirect(url_for("enrolments.support"), 303)
