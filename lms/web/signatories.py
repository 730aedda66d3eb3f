"""Who signs constancias, with dates."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, url_for
from werkzeug.wrappers import Response

from lms import clock
from lms.actions import signatories as deeds
from lms.actions.refusal import Refused
from lms.database import db
from lms.permissions import Permission
from lms.queries import signatories
from lms.texts.sentences import sentence
from lms.web import gate
from lms.web.forms.institutions import SignatoryForm
from lms.web.gate import needs
from lms.web.shell import commit, say

bp = Blueprint("signatories", __name__)
Answer = str | Response


def _refused(form: SignatoryForm, refused: Refused) -> None:
    db.session.rollback()
    field = "to_on" if refused.code == "signatory_backwards" else "from_on"
    form.fault(field, sentence(refused.code, **refused.params))


@bp.route("/admin/firmantes", methods=["GET", "POST"])
@needs(Permission.SIGNATORY_WRITE)
def index() -> Answer:
    """List who signs and signed, and register who comes next."""
    form, scope = SignatoryForm(), gate.scope(Permission.SIGNATORY_WRITE)
    if form.validate_on_submit():
        try:
            _, fresh = deeds.add_signatory(form.facts(), by=gate.actor().person_id, at=clock.now())
        except Refused as refused:
            _refused(form, refused)
        else:
            commit()
            say("signatory_added" if fresh else "signatory_there")
            return redirect(url_for("signatories.index"), 303)
    return render_template(
        "institutions/signatories.html", form=form, rows=signatories.signatories(scope), today=clock.today()
    )


@bp.route("/admin/firmantes/<int:signatory>", methods=["GET", "POST"])
@needs(Permission.SIGNATORY_WRITE)
def edit(signatory: int) -> Answer:
    """Correct the record of who signs, or say her last day."""
    found = signatories.signatory(gate.scope(Permission.SIGNATORY_WRITE), signatory) or abort(404)
    form = SignatoryForm(obj=found)
    if form.validate_on_submit():
        try:
            changed = deeds.change_signatory(found.id, form.facts(), by=gate.actor().person_id, at=clock.now())
        except Refused as refused:
            _refused(form, refused)
        else:
            commit()
            say("signatory_saved" if changed else "nothing_changed")
            return redirect(url_for("signatories.index"), 303)
    return render_template("institutions/signatory.html", form=form, signatory=found)
