"""Administration's home, the registry of institutions and their areas."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms import clock
from lms.actions import institutions as deeds
from lms.actions.refusal import Refused
from lms.database import db
from lms.models.institutions import Area, Institution
from lms.permissions import Permission
from lms.queries import institutions, outbox, signatories
from lms.rules.people import STATES
from lms.texts.labels import label
from lms.texts.sentences import sentence
from lms.web import gate
from lms.web.forms.institutions import AreaForm, InstitutionForm, NewInstitutionForm
from lms.web.gate import needs
from lms.web.shell import commit, page_number, say

bp = Blueprint("institutions", __name__)
Answer = str | Response
bp.add_app_template_global(label, "label")

FIELD_OF = {
    "slug_wrong": "slug",
    "slug_taken": "slug",
    "rfc_wrong": "rfc",
}


def _load(slug: str, permission: Permission) -> Institution:
    return institutions.by_slug(gate.scope(permission), slug) or abort(404)


def _load_area(institution: Institution, public_id: str) -> Area:
    return institutions.area(gate.scope(Permission.INSTITUTION_WRITE), institution.id, public_id) or abort(404)


@bp.get("/admin/")
@needs(Permission.INSTITUTION_WRITE)
def admin_home() -> Answer:
    """Say first what needs somebody, then where everything is."""
    return render_template("institutions/admin_home.html", items=_what_needs_you())


def _what_needs_you() -> list[dict[str, str]]:
    scope = gate.scope(Permission.INSTITUTION_WRITE)
    waiting, jobs = outbox.waiting(scope), len(outbox.failed_jobs(scope))
    bare, count = institutions.without_enlace(scope)
    items: list[dict[str, str]] = []

    def need(code: str, url: str, action: str, detail: str = "", count: int = 1) -> None:
        if count:
            items.append({"text": sentence(code, count=count), "url": url, "action": action, "detail": detail})

    mail = url_for("audit.mail")
    if not signatories.somebody_signs(scope, clock.today()):
        need("need_signatory", url_for("signatories.index"), "Registrar a quien firma")
    need("need_uncertain", mail, "Decidir", count=waiting["uncertain"])
    need("need_failed", mail, "Ver correos", count=waiting["failed"])
    need("need_jobs", mail, "Ver trabajos", count=jobs)
    names = ", ".join(name for _, name in bare) + (" y más" if count > len(bare) else "")
    url = url_for("institutions.view", slug=bare[0][0]) if count == 1 else url_for("institutions.index")
    need("need_enlace", url, "Nombrar enlace", names, count)
    return items


@bp.get("/admin/instituciones")
@needs(Permission.INSTITUTION_READ)
def index() -> Answer:
    """List the institutions."""
    text, number = request.args.get("q", "").strip()[:100], page_number()
    found = institutions.institutions(gate.scope(Permission.INSTITUTION_READ), text=text, page=number)
    pages = -(-found.total // institutions.PAGE)
    return render_template("institutions/index.html", found=found, q=text, page=number, pages=pages)


@bp.route("/admin/instituciones/nueva", methods=["GET", "POST"])
@needs(Permission.INSTITUTION_WRITE)
def new() -> Answer:
    """Register an institution."""
    form = NewInstitutionForm()
    if form.validate_on_submit():
        me, at = gate.actor().person_id, clock.now()
        try:
            made, fresh = deeds.create_institution(form.facts(), form.slug.data or "", by=me, at=at)
        except Refused as refused:
            db.session.rollback()
            form.fault(FIELD_OF[refused.code], sentence(refused.code, **refused.params))
        else:
            commit()
            say("institution_created" if fresh else "institution_there")
            return redirect(url_for("institutions.view", slug=made.slug), 303)
    return render_template("institutions/edit.html", form=form, institution=None)


@bp.get("/admin/instituciones/<slug>")
@needs(Permission.INSTITUTION_READ)
def view(slug: str) -> Answer:
    """Show an institution, its enlaces and a page of its areas."""
    institution = _load(slug, Permission.INSTITUTION_READ)
    scope = gate.scope(Permission.INSTITUTION_READ)
    tree, number = institutions.area_tree(scope, institution.id), page_number()
    first = (number - 1) * institutions.PAGE
    return render_template(
        "institutions/view.html",
        institution=institution,
        enlaces=institutions.enlaces(scope, institution.id),
        people=institutions.people_in(scope, institution.id),
        areas=tree[first : first + institutions.PAGE],
        total=len(tree),
        page=number,
        pages=-(-len(tree) // institutions.PAGE),
        states=STATES,
        may_write=gate.actor().may(Permission.INSTITUTION_WRITE),
    )


@bp.route("/admin/instituciones/<slug>/editar", methods=["GET", "POST"])
@needs(Permission.INSTITUTION_WRITE)
def edit(slug: str) -> Answer:
    """Correct what is said of an institution."""
    institution = _load(slug, Permission.INSTITUTION_WRITE)
    form = InstitutionForm(obj=institution)
    if form.validate_on_submit():
        try:
            changed = deeds.update_institution(institution.id, form.facts(), by=gate.actor().person_id, at=clock.now())
        except Refused as refused:
            db.session.rollback()
            form.fault(FIELD_OF[refused.code], sentence(refused.code, **refused.params))
        else:
            commit()
            say("institution_saved" if changed else "nothing_changed")
            return redirect(url_for("institutions.view", slug=slug), 303)
    return render_template("institutions/edit.html", form=form, institution=institution)


@bp.route("/admin/instituciones/<slug>/areas/nueva", methods=["GET", "POST"])
@needs(Permission.INSTITUTION_WRITE)
def new_area(slug: str) -> Answer:
    """Add an area, under the one named by `bajo` if any."""
    institution, form = _load(slug, Permission.INSTITUTION_WRITE), AreaForm()
    above = request.args.get("bajo", "")
    parent = _load_area(institution, above) if above else None
    if form.validate_on_submit():
        me, at, under = gate.actor().person_id, clock.now(), parent.id if parent else None
        try:
            _, fresh = deeds.add_area(institution.id, under, form.name.data, form.entity.data, by=me, at=at)
        except Refused as refused:
            db.session.rollback()
            form.fault("name", sentence(refused.code, **refused.params))
        else:
            commit()
            say("area_added" if fresh else "area_there")
            return redirect(url_for("institutions.view", slug=slug), 303)
    return render_template("institutions/area.html", form=form, institution=institution, area=None, parent=parent)


@bp.route("/admin/instituciones/<slug>/areas/<area>", methods=["GET", "POST"])
@needs(Permission.INSTITUTION_WRITE)
def area(slug: str, area: str) -> Answer:
    """Rename an area or say where it is."""
    institution = _load(slug, Permission.INSTITUTION_WRITE)
    found = _load_area(institution, area)
    form = AreaForm(data={"name": found.name, "entity": found.entity or ""})
    if form.validate_on_submit():
        me, at = gate.actor().person_id, clock.now()
        try:
            changed = deeds.change_area(found.id, form.name.data, form.entity.data, by=me, at=at)
        except Refused as refused:
            db.session.rollback()
            form.fault("name", sentence(refused.code, **refused.params))
        else:
            commit()
            say("area_saved" if changed else "nothing_changed")
            return redirect(url_for("institutions.view", slug=slug), 303)
    return render_template("institutions/area.html", form=form, institution=institution, area=found, parent=None)
