"""Constancias: officers propose, review and issue them; anyone checks one."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms import clock
from lms.actions import certificates as deeds
from lms.actions import certificates_standing as standing_deeds
from lms.actions.refusal import Refused
from lms.database import db, reading
from lms.models.certificates import StandingRelease
from lms.permissions import Permission
from lms.queries import certificates as queries
from lms.queries import certificates_batches as batch_queries
from lms.queries.certificates_batches import BatchRow, BatchState
from lms.queries.courses import by_slug
from lms.texts.sentences import sentence
from lms.web import certificates_verify as public
from lms.web import people_guard as guard
from lms.web.forms.certificates import SignForm
from lms.web.gate import actor, needs, scope
from lms.web.shell import commit, page_number, say

bp = Blueprint("certificates", __name__)
P = Permission

bp.add_url_rule("/constancias", "lookup", public.lookup)
bp.add_url_rule("/constancias/<folio>", "verify", public.verify)
bp.add_url_rule("/constancias/<folio>.pdf", "pdf", public.pdf)


def _pages(total: int) -> int:
    return max(1, -(-total // queries.PAGE))


def _deed(do: Callable[[], object], code: str) -> bool:
    """Carry out a deed and commit it, leaving the sentence of `code`; or leave that of its refusal."""
    try:
        do()
    except Refused as refused:
        db.session.rollback()
        flash(sentence(refused.code, **refused.params), "needs")
        return False
    commit()
    say(code)
    return True


def _signed(form: SignForm) -> bool:
    """Tell whether the form holds the password of whoever is signed in; if not, it says why."""
    if not form.validate_on_submit():
        return False
    _, problem = guard.prove_own(actor().person_id, form.password.data)
    if problem:
        form.fault("password", problem)
    return problem is None


@bp.get("/oficial/constancias")
@needs(P.CERTIFICATE_PROPOSE)
def eligible() -> str:
    """List institutions and courses where somebody finished, and how far their certificates are."""
    page = page_number()
    pairs, total = queries.pairs(scope(P.CERTIFICATE_PROPOSE), page)
    return render_template("certificates/eligible.html", pairs=pairs, total=total, page=page, pages=_pages(total))


@bp.get("/oficial/constancias/<institution>/<course>")
@needs(P.CERTIFICATE_PROPOSE)
def pair(institution: str, course: str) -> str:
    """Say how many would be proposed, three of their names, and who cannot be and why."""
    found = queries.pair(scope(P.CERTIFICATE_PROPOSE), institution, course, clock.today()) or abort(404)
    return render_template("certificates/propose.html", pair=found)


@bp.post("/oficial/constancias/<institution>/<course>")
@needs(P.CERTIFICATE_PROPOSE)
def propose(institution: str, course: str) -> Response:
    """Propose a batch of everyone of an institution who may receive the certificate of a course."""
    asked = scope(P.CERTIFICATE_PROPOSE)
    found = queries.pair_ids(asked, institution, course) or abort(404)
    me, now = actor().person_id, clock.now()
    if not _deed(lambda: deeds.propose(found[1], found[0], by=me, at=now), "batch_proposed"):
        return redirect(url_for("certificates.pair", institution=institution, course=course), 303)
    return redirect(url_for("certificates.batch", batch=queries.open_batch(asked, *found)), 303)


@bp.get("/oficial/lotes")
@needs(P.CERTIFICATE_PROPOSE)
def batches() -> str:
    """List the batches, the newest first."""
    page = page_number()
    rows, total = batch_queries.batches(scope(P.CERTIFICATE_PROPOSE), page)
    return render_template("certificates/batches.html", batches=rows, total=total, page=page, pages=_pages(total))


def _batch(public_id: str) -> BatchRow:
    return batch_queries.batch(scope(P.CERTIFICATE_PROPOSE), public_id) or abort(404)


@bp.get("/oficial/lotes/<batch>")
@needs(P.CERTIFICATE_PROPOSE)
def batch(batch: str) -> str:
    """Show a batch: to review, on its way, or done."""
    return _batch_page(_batch(batch), SignForm())


def _batch_page(found: BatchRow, form: SignForm) -> str:
    asked, page = scope(P.CERTIFICATE_PROPOSE), page_number()
    proposed = found.state is BatchState.PROPOSED
    return render_template(
        "certificates/batch.html",
        batch=found,
        form=form,
        mine=found.proposed_by_id == actor().person_id,
        review=batch_queries.review(asked, found.id) if proposed else None,
        refused=batch_queries.refused(asked, found.id) if found.refused else [],
        issued=batch_queries.issued(asked, found.id, page) if found.issued else [],
        page=page,
        pages=_pages(found.issued),
    )


@bp.get("/oficial/lotes/<batch>/avance")
@needs(P.CERTIFICATE_PROPOSE)
def progress(batch: str) -> str:
    """Say how far a batch is: the part of its page that refreshes itself."""
    return render_template("certificates/_progress.html", batch=_batch(batch))


@bp.post("/oficial/lotes/<batch>/emitir")
@needs(P.CERTIFICATE_RELEASE)
def release(batch: str) -> Response | str:
    """Release a batch that somebody else proposed, with the password as signature; the worker issues it."""
    with reading():
        found = _batch(batch)
    here, me, form = url_for("certificates.batch", batch=batch), actor().person_id, SignForm()
    if found.proposed_by_id == me:
        flash(sentence("batch_same_person"), "needs")
        return redirect(here, 303)
    if not _signed(form):
        return _batch_page(found, form)
    _deed(lambda: deeds.release(found.id, by=me, at=clock.now()), "batch_released_now")
    return redirect(here, 303)


@bp.post("/oficial/lotes/<batch>/retirar")
@needs(P.CERTIFICATE_PROPOSE)
def withdraw(batch: str) -> Response:
    """Take back a proposed batch."""
    found = _batch(batch)
    _deed(lambda: deeds.withdraw(found.id, by=actor().person_id, at=clock.now()), "batch_withdrawn_now")
    return redirect(url_for("certificates.batches"), 303)


@bp.get("/oficial/emision-automatica")
@needs(P.CERTIFICATE_PROPOSE)
def standing() -> str:
    """List the courses and whether their certificates are issued by themselves."""
    courses = queries.standings(scope(P.CERTIFICATE_PROPOSE))
    return render_template("certificates/standing.html", courses=courses, me=actor().person_id)


@bp.post("/oficial/emision-automatica/pedir/<course>")
@needs(P.CERTIFICATE_PROPOSE)
def ask_standing(course: str) -> Response:
    """Ask for the automatic issue of a course."""
    found = by_slug(course) or abort(404)
    me, now = actor().person_id, clock.now()
    _deed(lambda: standing_deeds.propose_standing(found.id, by=me, at=now), "standing_asked")
    return redirect(url_for("certificates.standing"), 303)


def _standing(public_id: str) -> StandingRelease:
    return queries.standing(scope(P.CERTIFICATE_RELEASE), public_id) or abort(404)


@bp.route("/oficial/emision-automatica/<standing>/autorizar", methods=["GET", "POST"])
@needs(P.CERTIFICATE_RELEASE)
def sign_standing(standing: str) -> Response | str:
    """Sign the automatic issue that somebody else asked for, with the password as signature."""
    with reading():
        found = _standing(standing)
        standing_id, asked_by = found.id, found.proposed_by_id
        course = found.course.title
    form, me, back = SignForm(), actor().person_id, url_for("certificates.standing")
    if asked_by == me:
        flash(sentence("batch_same_person"), "needs")
        return redirect(back, 303)
    if request.method == "GET" or not _signed(form):
        return render_template("certificates/sign_standing.html", form=form, course=course, back=back)
    _deed(lambda: standing_deeds.release_standing(standing_id, by=me, at=clock.now()), "standing_on")
    return redirect(back, 303)


@bp.post("/oficial/emision-automatica/<standing>/terminar")
@needs(P.CERTIFICATE_RELEASE)
def end_standing(standing: str) -> Response:
    """Switch the automatic issue of a course off, or take the request back."""
    found = _standing(standing)
    _deed(lambda: standing_deeds.end_standing(found.id, by=actor().person_id, at=clock.now()), "standing_off")
    return redirect(url_for("certificates.standing"), 303)
