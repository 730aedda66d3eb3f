"""Slips: sheets with one-time codes for people without e-mail, and files that a roster gives back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from urllib.parse import quote

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms import clock
from lms.actions import rosters_slips as deeds
from lms.actions.refusal import Refused
from lms.database import db, reading
from lms.models.institutions import Institution
from lms.models.rosters import Roster
from lms.paper.slips import Slip, slips_pdf
from lms.permissions import Permission
from lms.queries import rosters as rosters_queries
from lms.queries import rosters_slips as queries
from lms.queries.rosters_slips import SlipFilter, SlipRow
from lms.rules.people_entry import lifetime
from lms.texts.sentences import sentence
from lms.web.gate import actor, needs, scope
from lms.web.shell import commit

WRITE = Permission.ROSTER_WRITE


def elsewhere(endpoint: str, **values: str) -> str | None:
    """Return the address of a page of another topic; None in a house without that topic."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None  # type: ignore[arg-type]


def attachment(body: bytes | Iterator[bytes], name: str, mimetype: str) -> Response:
    """Return a file to save, which no shared computer keeps."""
    answer = Response(body, mimetype=mimetype)
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "-" for c in name)
    answer.headers["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _asked() -> tuple[Institution, Roster | None, SlipFilter]:
    """Return for whom slips are asked; 404 outside of the scope."""
    values, asked = request.values, scope(WRITE)
    roster = rosters_queries.roster(asked, values["padron"]) if values.get("padron") else None
    if values.get("padron") and roster is None:
        abort(404)
    mine = {each.slug: each for each in rosters_queries.institutions(asked)}
    named = values.get("institucion")
    institution = roster.institution if roster else mine.get(named) if named else next(iter(mine.values()), None)
    if institution is None:
        abort(404)
    person = values.get("persona") or None
    return (
        institution,
        roster,
        SlipFilter(
            institution.id,
            roster_id=roster.id if roster else None,
            person=person,
            area=values.get("area") or None,
            again=person is not None or values.get("quienes") == "todas",
        ),
    )


@needs(WRITE)
def slips() -> str | Response:
    """Say whose slips would be printed; a POST draws the codes and gives the sheets."""
    if request.method == "POST":
        return _print()
    institution, roster, wanted = _asked()
    at = clock.now()
    counts = queries.counts(scope(WRITE), wanted, at)
    ready = queries.people(scope(WRITE), wanted, at, limit=deeds.MOST)
    return render_template(
        "rosters/slips.html", institution=institution, roster=roster, wanted=wanted, counts=counts, ready=ready,
        most=deeds.MOST, total=sum(c.people for c in counts), without=sum(c.without for c in counts),
        institutions=rosters_queries.institutions(scope(WRITE)),
        home=elsewhere("reports.liaison_people", institucion=institution.slug),
    )  # fmt: skip


def _print() -> Response:
    with reading():
        institution, roster, wanted = _asked()
        name, course = institution.name, roster.course.title if roster else "Aula"
    at = clock.now()
    try:
        drawn = deeds.draw(scope(WRITE), wanted, by=actor().person_id, at=at)
    except Refused as refused:
        db.session.rollback()
        flash(sentence(refused.code, **refused.params), "needs")
        return redirect(url_for("rosters.slips", **_same()), 303)  # type: ignore[arg-type]
    commit()
    until = (at + lifetime("activation", "code")).astimezone(clock.MEXICO).date()
    base = current_app.config["AULA"].base_url
    sheets = slips_pdf(
        [_slip(row, code, until) for row, code in drawn], institution=name, course=course, url=f"{base}/activar/"
    )
    return attachment(sheets, f"fichas-{clock.today():%Y-%m-%d}.pdf", "application/pdf")


def _same() -> dict[str, str]:
    return {
        n: request.values[n] for n in ("padron", "institucion", "persona", "area", "quienes") if n in request.values
    }


def _slip(row: SlipRow, code: str, until: date) -> Slip:
    return Slip(row.full_name, code, until, employee_number=row.employee_number or "", area=row.area or "")
