"""Follow-up: the enlace and her people, the Secretaría and all of them. Status and dates, never answers or scores."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms import clock
from lms.actions import reports as deeds
from lms.actions.refusal import Refused
from lms.database import reading
from lms.permissions import Permission, Scope
from lms.queries import reports as queries
from lms.queries import reports_figures as figures
from lms.queries import reports_person as persons
from lms.texts.sentences import sentence
from lms.web import reports_tasks as tasks
from lms.web.forms.reports import FilterForm
from lms.web.gate import actor, needs, scope
from lms.web.reports_export import FORMS, download
from lms.web.shell import commit, page_number, say

bp = Blueprint("reports", __name__)
P = Permission

# A roster that left rows out asks for attention this long; reminders are written in parts of this many.
_FAULTS_ASK = timedelta(days=14)
_PART = 500


@dataclass(frozen=True)
class Side:
    """Whose list it is: where its pages are, and what can be done from it."""

    home: str
    title: str
    people: str
    export: str
    enlace: bool


ENLACE = Side("reports.liaison_home", "Mi personal", "reports.liaison_people", "reports.export", True)
OFFICER = Side("reports.officer_home", "Seguimiento", "reports.officer_people", "reports.officer_export", False)


def _filters(asked: Scope, side: Side) -> FilterForm:
    given = request.form if request.method == "POST" else request.args
    institutions = queries.institutions(asked)
    one = given.get("institucion") or None
    # The Secretaría sees thousands of areas: they are offered once the institution is chosen.
    areas = queries.areas(asked, one) if side.enlace or one else ()
    return FilterForm(given, institutions, queries.courses(), areas)


@bp.get("/enlace/")
@needs(P.FOLLOWUP_READ)
def liaison_home() -> str:
    """Say what needs the enlace today, then how many stand how, then offer the search."""
    asked, today = scope(P.FOLLOWUP_READ), clock.today()
    parts = figures.figures(asked, today)
    sums = figures.total(parts)
    rosters = figures.roster_tasks(asked, clock.now() - _FAULTS_ASK)
    return render_template(
        "reports/liaison_home.html",
        tasks=tasks.of_enlace(rosters, sums, figures.people_to_print(asked, today)),
        parts=parts,
        sums=sums,
    )


@bp.get("/enlace/personas")
@needs(P.FOLLOWUP_READ)
def liaison_people() -> str:
    """List the enlace's people with their state and dates."""
    return _list(scope(P.FOLLOWUP_READ), ENLACE)


@bp.get("/oficial/personas")
@needs(P.OVERVIEW_READ)
def officer_people() -> str:
    """List the people of every institution with their state and dates."""
    return _list(scope(P.OVERVIEW_READ), OFFICER)


def _list(asked: Scope, side: Side) -> str:
    form = _filters(asked, side)
    page = page_number()
    rows: tuple[queries.PersonRow, ...] = ()
    total = 0
    if form.validate():
        rows, total = queries.people(asked, form.wanted(), clock.today(), page=page)
    if page > 1 and not rows:
        abort(404)
    return render_template(
        "reports/people.html",
        form=form,
        side=side,
        rows=rows,
        total=total,
        page=page,
        pages=-(-total // queries.PAGE),
        first=(page - 1) * queries.PAGE + 1,
    )


@bp.post("/enlace/personas/exportar")
@needs(P.FOLLOWUP_READ)
def export() -> Response:
    """Give the enlace her list as a file."""
    return _export(scope(P.FOLLOWUP_READ), ENLACE)


@bp.post("/oficial/personas/exportar")
@needs(P.OVERVIEW_READ)
def officer_export() -> Response:
    """Give the Secretaría its list as a file."""
    return _export(scope(P.OVERVIEW_READ), OFFICER)


def _export(asked: Scope, side: Side) -> Response:
    kind, today = request.form.get("formato", ""), clock.today()
    with reading():
        form = _filters(asked, side)
        if kind not in FORMS or not form.validate():
            abort(400)
        wanted = form.wanted()
        row_ids = queries.ids(asked, wanted, today)
    deeds.note_export(kind, len(row_ids), form.codes(), by=actor().person_id, at=clock.now())
    commit()
    return download(kind, queries.every(asked, wanted, today, row_ids), today)


@bp.get("/enlace/personas/<person>")
@needs(P.FOLLOWUP_READ)
def liaison_person(person: str) -> str:
    """Show one person with her places and courses inside the enlace's scope."""
    card = persons.person(scope(P.FOLLOWUP_READ), person, clock.today()) or abort(404)
    return render_template("reports/person.html", card=card)


@bp.post("/enlace/personas/<person>/acceso")
@needs(P.PERSON_INVITE)
def send_access(person: str) -> Response:
    """Send a person who has not entered her access by mail again."""
    card = persons.person(scope(P.PERSON_INVITE), person, clock.today()) or abort(404)
    back = redirect(url_for("reports.liaison_person", person=person), 303)
    try:
        deeds.send_access(card.person_id, by=actor().person_id, at=clock.now())
    except Refused as refused:
        flash(sentence(refused.code), "needs")
        return back
    commit()
    say("access_sent")
    return back


@bp.get("/enlace/recordatorios")
@needs(P.REMINDER_SEND)
def reminders() -> str:
    """Say who would be reminded, before anything is sent."""
    asked = scope(P.REMINDER_SEND)
    form = _filters(asked, ENLACE)
    if not form.validate():
        abort(404)
    found = persons.audience(asked, form.wanted(), clock.today())
    if form.person.data:
        back = ("Su página", url_for("reports.liaison_person", person=form.person.data))
    else:
        back = ("Personas", url_for("reports.liaison_people", **form.words()))
    return render_template("reports/reminders.html", form=form, found=found, back=back)


@bp.post("/enlace/recordatorios")
@needs(P.REMINDER_SEND)
def remind() -> Response:
    """Remind those of a filter, or one person: a long list in parts, each with its own short transaction."""
    asked = scope(P.REMINDER_SEND)
    with reading():
        form = _filters(asked, ENLACE)
        if not form.validate():
            abort(400)
        found = persons.audience(asked, form.wanted(), clock.today())
    sent, by, at = 0, actor().person_id, clock.now()
    for start in range(0, len(found.cycles), _PART):
        sent += deeds.remind(found.cycles[start : start + _PART], by=by, at=at)
        commit()
    flash(_told(sent, found), "done" if sent else "info")
    if form.person.data:
        return redirect(url_for("reports.liaison_person", person=form.person.data), 303)
    return redirect(url_for("reports.liaison_people", **form.words()), 303)


def _told(sent: int, found: persons.Audience) -> str:
    said = [sentence("reminded", count=sent) if sent else sentence("reminded_nobody")]
    if found.without_email:
        said.append(sentence("reminded_without_email", count=found.without_email))
    if found.already:
        said.append(sentence("reminded_already", count=found.already))
    return " ".join(said)


@bp.get("/oficial/")
@needs(P.OVERVIEW_READ)
def officer_home() -> str:
    """Say what needs an officer today, then how every institution stands in every course."""
    asked = scope(P.OVERVIEW_READ)
    parts = figures.figures(asked, clock.today())
    sums = figures.total(parts)
    waiting = tasks.of_officer(actor(), sums, figures.batches_to_release(asked))
    return render_template("reports/officer_home.html", tasks=waiting, parts=parts, sums=sums)
