"""Rosters: an enlace sends her list, reads the plan, signs it, and sees what became of each row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask import stream_with_context as streamed
from werkzeug.wrappers import Response

from lms import clock
from lms.actions import rosters as deeds
from lms.actions.refusal import Refused
from lms.database import db, reading
from lms.models.rosters import Roster, RosterRow
from lms.paper.lists import csv_bytes, xlsx_bytes
from lms.permissions import SYSTEM, Permission
from lms.queries import rosters as queries
from lms.queries import rosters_slips as slips
from lms.queries.outbox import job_state
from lms.queries.rosters import RowFilter
from lms.queries.rosters_slips import SlipFilter
from lms.texts.rosters import result
from lms.texts.sentences import sentence
from lms.web import rosters_slips
from lms.web.forms.rosters import UploadForm
from lms.web.gate import actor, needs, scope
from lms.web.rosters_slips import attachment, elsewhere
from lms.web.rosters_words import MODEL, PlanPage, plan_page
from lms.web.shell import commit, page_number, say

bp = Blueprint("rosters", __name__)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WRITE = Permission.ROSTER_WRITE
SIZE = 50
MOVING = {"uploaded": "roster_parse", "parsing": "roster_parse", "signed": "roster_run", "running": "roster_run"}

bp.add_url_rule("/enlace/fichas", "slips", rosters_slips.slips, methods=["GET", "POST"])


def _load(public_id: str) -> Roster:
    return queries.roster(scope(WRITE), public_id) or abort(404)


@bp.get("/enlace/padrones")
@needs(WRITE)
def index() -> str:
    """List the rosters sent before, the latest first."""
    page, total = page_number(), queries.count_rosters(scope(WRITE))
    found = queries.rosters(scope(WRITE), page=page, size=SIZE)
    several = len({roster.institution_id for roster in found}) > 1
    return render_template(
        "rosters/index.html", rosters=found, several=several, page=page, pages=max(1, -(-total // SIZE)),
        home=elsewhere("reports.liaison_home"),
    )  # fmt: skip


@bp.route("/enlace/padrones/subir", methods=["GET", "POST"])
@needs(WRITE)
def upload() -> str | Response:
    """Take a file in; the worker reads it."""
    with reading():
        mine = {each.slug: each.id for each in queries.institutions(scope(WRITE))}
        form = _form()
    most = current_app.config["AULA"].upload_mb
    if form.validate_on_submit() and form.check_due(clock.today()) and (sent := form.content(most)):
        made, again = _keep(form, mine[form.institution.data], *sent)
        if again:
            say("roster_same")
        return redirect(url_for("rosters.plan", roster=made), 303)
    return render_template("rosters/upload.html", form=form, most=most, rows=current_app.config["AULA"].roster_rows)


def _form() -> UploadForm:
    form = UploadForm()
    form.institution.choices = [(each.slug, each.name) for each in queries.institutions(scope(WRITE))]
    form.course.choices = [(each.slug, each.title) for each in queries.published_courses(scope(WRITE))]
    return form


def _keep(form: UploadForm, institution_id: int, name: str, content: bytes) -> tuple[str, bool]:
    """Keep the file; return the roster's id and whether it was already here."""
    asked, at = scope(WRITE), clock.now()
    institution = next(each for each in queries.institutions(asked) if each.id == institution_id)
    course = next(each for each in queries.published_courses(asked) if each.slug == form.course.data)
    made = deeds.upload(
        institution, course, filename=name, content=content, area_paths=queries.area_paths(asked, institution.id),
        due_on=form.due_on.data, by=actor().person_id, at=at,
    )  # fmt: skip
    public_id, again = made.public_id, made.uploaded_at < at
    commit()
    return public_id, again


@bp.get("/enlace/padrones/modelo")
@needs(WRITE)
def model() -> Response:
    """Give an empty list to fill in, with the columns that Aula understands."""
    if request.args.get("formato") == "csv":
        return attachment(b"".join(csv_bytes(MODEL, [])), "modelo-padron.csv", "text/csv")
    return attachment(xlsx_bytes(MODEL, [], "Padrón"), "modelo-padron.xlsx", XLSX)


@bp.get("/enlace/padrones/<roster>")
@needs(WRITE)
def plan(roster: str) -> str:
    """Show where a roster stands: being read, refused, planned, running or done."""
    found = _load(roster)
    page = plan_page(found, request.args.get("ver", ""), page_number())
    return render_template("rosters/plan.html", roster=found, page=page, stuck=_stuck(found), **_links(found, page))


def _links(roster: Roster, page: PlanPage) -> dict[str, str | int | None]:
    """Return what comes next once a roster is done: the people, and how many of them need a slip."""
    if not page.done:
        return {"people": None, "to_print": 0}
    wanted = SlipFilter(roster.institution_id, roster_id=roster.id)
    return {
        "people": elsewhere("reports.liaison_people", institucion=roster.institution.slug),
        "to_print": sum(each.people for each in slips.counts(scope(WRITE), wanted, clock.now())),
    }


def _stuck(roster: Roster) -> bool:
    """Whether the worker gave the job of a roster up."""
    kind = MOVING.get(roster.state)
    return kind is not None and job_state(SYSTEM, kind, roster.id) == "failed"


@bp.get("/enlace/padrones/<roster>/avance")
@needs(WRITE)
def progress(roster: str) -> str:
    """Give the part of the page that moves, for the script that asks every two seconds."""
    found = _load(roster)
    return render_template("rosters/_progress.html", roster=found, stuck=_stuck(found), rate=_rate(found))


def _rate(roster: Roster) -> int | None:
    """Return the rows a second of the run, once it can be said."""
    began = roster.about.get("began")
    if not began or not roster.rows_done:
        return None
    seconds = (clock.now() - datetime.fromisoformat(began)).total_seconds()
    return round(roster.rows_done / seconds) if seconds >= 1 else None


@bp.post("/enlace/padrones/<roster>/confirmar")
@needs(WRITE)
def sign(roster: str) -> Response:
    """Sign the plan that was shown; the worker runs exactly that one."""
    found = _load(roster)
    try:
        deeds.sign(found, request.form.get("plan", ""), by=actor().person_id, at=clock.now())
        commit()
    except Refused as refused:
        db.session.rollback()
        flash(sentence(refused.code, **refused.params), "needs")
    return redirect(url_for("rosters.plan", roster=roster), 303)


@bp.post("/enlace/padrones/<roster>/descartar")
@needs(WRITE)
def discard(roster: str) -> Response:
    """Put a plan aside; nothing changes."""
    found = _load(roster)
    try:
        deeds.discard(found, by=actor().person_id, at=clock.now())
    except Refused as refused:
        db.session.rollback()
        flash(sentence(refused.code, **refused.params), "needs")
        return redirect(url_for("rosters.plan", roster=roster), 303)
    commit()
    say("roster_discarded")
    return redirect(url_for("rosters.index"), 303)


@bp.get("/enlace/padrones/<roster>/archivo")
@needs(WRITE)
def file(roster: str) -> Response:
    """Give the file back with one more column that says what became of each row, all rows or only the faulty ones."""
    found = _load(roster)
    if not found.header:
        abort(404)
    faulty = request.args.get("filas") == "fallas"
    width = int(found.about["width"])
    header = [*_padded(found.header, width), "Resultado en Aula"]
    name = f"{found.filename.rsplit('.', 1)[0][:80]}-{'por-corregir' if faulty else 'resultado'}"
    lines = _lines(found, RowFilter(left=faulty), width)
    if request.args.get("formato") == "xlsx":
        return attachment(xlsx_bytes(header, lines, "Resultado"), f"{name}.xlsx", XLSX)
    return attachment(streamed(csv_bytes(header, lines)), f"{name}.csv", "text/csv")


def _lines(roster: Roster, wanted: RowFilter, width: int) -> Iterator[list[str]]:
    for row in queries.every_row(roster, wanted):
        yield [*_padded(row.cells, width), _became(row)]


def _became(row: RosterRow) -> str:
    return result(row.row_number, row.kind, row.outcome, row.faults, row.warnings)


def _padded(cells: Sequence[str], width: int) -> list[str]:
    return [*cells, *[""] * (width - len(cells))]
