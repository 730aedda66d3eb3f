"""People as staff see them: find, register, correct, give and end roles, suspend."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms import clock
from lms.actions import people as account_deeds
from lms.actions import people_admin as deeds
from lms.actions import people_roles as role_deeds
from lms.actions.refusal import Refused
from lms.database import db, reading
from lms.models.institutions import Institution
from lms.permissions import Permission, Role
from lms.queries import institutions, people_admin, people_roles
from lms.rules.people import CurpFault, read_curp
from lms.rules.people_admin import Name, NameFault, read_name
from lms.texts.sentences import sentence
from lms.web import gate
from lms.web.forms.people_admin import (
    EmailForm,
    EnlaceForm,
    NameForm,
    NewPersonForm,
    PersonSearchForm,
    RoleForm,
    SuspendForm,
)
from lms.web.gate import needs
from lms.web.shell import commit, say

bp = Blueprint("people_admin", __name__)
Answer = str | Response


def _load(public_id: str) -> people_admin.PersonPage:
    return people_admin.person(gate.scope(Permission.ROLE_WRITE), public_id) or abort(404)


def _back(public_id: str) -> Response:
    return redirect(url_for("people_admin.view", person=public_id), 303)


def _refused(refused: Refused, person: str) -> Response:
    """Go back to the person with the sentence of what could not be done."""
    db.session.rollback()
    say(refused.code, **refused.params)
    return _back(person)


@bp.route("/admin/personas", methods=["GET", "POST"])
@needs(Permission.ROLE_WRITE)
def search() -> Answer:
    """Find people. What is typed travels in the body, so that no CURP stays in an address or a log."""
    form, found = PersonSearchForm(), None
    if form.validate_on_submit():
        with reading():
            found = people_admin.search(gate.scope(Permission.ROLE_WRITE), form.q.data)
        if not found.readable:
            form.fault("q", sentence("search_email_wrong" if found.kind == "email" else "search_short"))
        else:
            deeds.note_search(found.kind, len(found.people), by=gate.actor().person_id, at=clock.now())
            commit()
    return render_template("people_admin/search.html", form=form, found=found if not form.errors else None)


def _typed_name(form: NameForm) -> Name | None:
    """Return the name of a form, or put the fault on its field."""
    name = read_name(form.given_names.data, form.first_surname.data, form.second_surname.data or "")
    if isinstance(name, NameFault):
        form.fault(name.field, sentence(name.code, **dict(name.params)))
        return None
    return name


def _place(slug: str, job: str) -> deeds.Place | None:
    institution = institutions.by_slug(gate.scope(Permission.INSTITUTION_READ), slug) if slug else None
    return deeds.Place(institution.id, job, clock.today()) if institution else None


@bp.route("/admin/personas/nueva", methods=["GET", "POST"])
@needs(Permission.ROLE_WRITE)
def new() -> Answer:
    """Register a person of the staff, who enters by mail."""
    form = NewPersonForm()
    scope = gate.scope(Permission.INSTITUTION_READ)
    form.institution.choices = [("", "Ninguna: Secretaría"), *institutions.choices(scope)]
    if form.validate_on_submit():
        answer = _register(form)
        if answer is not None:
            return answer
    return render_template("people_admin/new.html", form=form)


def _register(form: NewPersonForm) -> Response | None:
    name, curp = _typed_name(form), read_curp(form.curp.data, today=clock.today())
    if isinstance(curp, CurpFault):
        form.fault("curp", sentence(curp.code, **dict(curp.params)))
    if name is None or isinstance(curp, CurpFault):
        return None
    place = _place(form.institution.data, form.job.data or "")
    me, at = gate.actor().person_id, clock.now()
    try:
        made, fresh = deeds.create_person(name, curp, form.email.data, place, by=me, at=at)
    except Refused as refused:
        db.session.rollback()
        form.fault("email" if refused.code == "email_wrong" else "curp", sentence(refused.code))
        return None
    commit()
    say("person_created" if fresh else "person_there")
    if fresh and not curp.check_digit_ok:
        say("curp_check_digit")
    return _back(made.public_id)


@bp.get("/admin/personas/<person>")
@needs(Permission.ROLE_WRITE)
def view(person: str) -> Answer:
    """Show a person: identity, places, roles and account."""
    return _view(person)


def _view(person: str, form: RoleForm | None = None) -> str:
    found, scope = _load(person), gate.scope(Permission.ROLE_WRITE)
    return render_template(
        "people_admin/view.html",
        person=found,
        roles=people_roles.roles(scope, found.id),
        institutions=institutions.choices(gate.scope(Permission.INSTITUTION_READ)),
        form=form or RoleForm(formdata=None),
        oneself=found.id == gate.actor().person_id,
    )


@bp.route("/admin/personas/<person>/nombre", methods=["GET", "POST"])
@needs(Permission.ROLE_WRITE)
def name(person: str) -> Answer:
    """Correct a name by hand."""
    found = _load(person)
    form = NameForm(obj=found)
    if form.validate_on_submit():
        typed = _typed_name(form)
        if typed is not None:
            try:
                changed = deeds.correct_name(found.id, typed, by=gate.actor().person_id, at=clock.now())
            except Refused as refused:
                return _refused(refused, person)
            commit()
            say("name_saved" if changed else "nothing_changed")
            return _back(person)
    return render_template("people_admin/name.html", form=form, person=found)


@bp.route("/admin/personas/<person>/correo", methods=["GET", "POST"])
@needs(Permission.ROLE_WRITE)
def email(person: str) -> Answer:
    """Correct an e-mail by hand."""
    found = _load(person)
    form = EmailForm(data={"email": found.email})
    if form.validate_on_submit():
        me, at = gate.actor().person_id, clock.now()
        try:
            changed = deeds.correct_email(found.id, form.email.data or "", by=me, at=at)
        except Refused as refused:
            db.session.rollback()
            form.fault("email", sentence(refused.code))
        else:
            commit()
            say("email_saved" if changed else "nothing_changed")
            return _back(person)
    return render_template("people_admin/email.html", form=form, person=found)


@bp.post("/admin/personas/<person>/acceso")
@needs(Permission.ROLE_WRITE)
def send_entry(person: str) -> Answer:
    """Send the mail with which she enters or chooses another password."""
    found = _load(person)
    try:
        purpose = deeds.send_entry(found.id, by=gate.actor().person_id, at=clock.now())
    except Refused as refused:
        return _refused(refused, person)
    commit()
    say(f"entry_sent_{purpose}")
    return _back(person)


@bp.post("/admin/personas/<person>/roles")
@needs(Permission.ROLE_WRITE)
def grant(person: str) -> Answer:
    """Give a role that holds everywhere."""
    form = RoleForm()
    if not form.validate_on_submit():
        return _view(person, form)
    return _grant(person, Role(form.role.data), None, None)


def _grant(person: str, role: Role, institution_id: int | None, area_id: int | None) -> Response:
    found, me = _load(person), gate.actor().person_id
    try:
        fresh = role_deeds.grant_role(found.id, role, institution_id, area_id, by=me, at=clock.now())
    except Refused as refused:
        return _refused(refused, person)
    commit()
    say("role_granted" if fresh else "role_there")
    return _back(person)


def _institution(slug: str) -> Institution:
    return institutions.by_slug(gate.scope(Permission.INSTITUTION_READ), slug) or abort(404)


@bp.route("/admin/personas/<person>/enlace", methods=["GET", "POST"])
@needs(Permission.ROLE_WRITE)
def enlace(person: str) -> Answer:
    """Make her enlace of the institution in `institucion`, or of one of its areas."""
    found, institution = _load(person), _institution(request.args.get("institucion", ""))
    tree = institutions.area_tree(gate.scope(Permission.INSTITUTION_READ), institution.id)
    form = EnlaceForm()
    form.area.choices = [
        ("", "Toda la institución"),
        *((node.public_id, "\u2003" * node.depth + node.name) for node in tree),
    ]
    if form.validate_on_submit():
        area_id = next((node.id for node in tree if node.public_id == form.area.data), None)
        return _grant(person, Role.ENLACE, institution.id, area_id)
    return render_template("people_admin/enlace.html", form=form, person=found, institution=institution)


@bp.route("/admin/personas/<person>/roles/<int:held>/terminar", methods=["GET", "POST"])
@needs(Permission.ROLE_WRITE)
def end_role(person: str, held: int) -> Answer:
    """Say what ending a role means, and end it."""
    found, scope = _load(person), gate.scope(Permission.ROLE_WRITE)
    role = next((row for row in people_roles.roles(scope, found.id) if row.id == held), None) or abort(404)
    if request.method == "GET":
        return render_template("people_admin/end_role.html", person=found, role=role)
    try:
        ended = role_deeds.end_role(held, by=gate.actor().person_id, at=clock.now())
    except Refused as refused:
        return _refused(refused, person)
    commit()
    say("role_ended" if ended else "role_ended_before")
    return _back(person)


@bp.route("/admin/personas/<person>/suspender", methods=["GET", "POST"])
@needs(Permission.PERSON_SUSPEND)
def suspend(person: str) -> Answer:
    """Close an account with a reason."""
    found, form = _load(person), SuspendForm()
    if form.validate_on_submit():
        try:
            account_deeds.suspend(found.id, form.reason.data, by=gate.actor().person_id, at=clock.now())
        except Refused as refused:
            return _refused(refused, person)
        commit()
        say("suspended_now")
        return _back(person)
    return render_template("people_admin/suspend.html", form=form, person=found)


@bp.post("/admin/personas/<person>/reabrir")
@needs(Permission.PERSON_SUSPEND)
def unsuspend(person: str) -> Answer:
    """Open a suspended account."""
    account_deeds.unsuspend(_load(person).id, by=gate.actor().person_id, at=clock.now())
    commit()
    say("unsuspended_now")
    return _back(person)
