"""The front door: the landing page, entering and leaving, first entries, new passwords, the notice, own data."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from flask import Blueprint, abort, current_app, g, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from lms import clock
from lms.actions import people as deeds
from lms.actions import people_throttles as throttles
from lms.actions.refusal import Refused
from lms.database import db, reading
from lms.models.institutions import LEGAL_REGIMES
from lms.queries import people
from lms.rules.people import password_fault
from lms.rules.people_entry import CODE_LENGTH, hash_password, outdated, read_code, read_identifier, token_hash
from lms.texts import privacy
from lms.texts.sentences import sentence
from lms.web import gate
from lms.web import people_guard as guard
from lms.web.forms.people import (
    ChangePasswordForm,
    CodeForm,
    ContactForm,
    NewPasswordForm,
    RecoverForm,
    SignInForm,
)
from lms.web.gate import anyone, safe_next, signed_in
from lms.web.shell import commit, say

bp = Blueprint("people", __name__)
Answer = str | Response | tuple[str, int]

# In the address of the first entry, instead of a code that was typed: what is typed stays out of the history.
TYPED = "codigo"

# An answer about recovery takes at least this long, so that one row more or less is not seen from outside.
RECOVERY_SECONDS = 0.08


def _until(at: datetime) -> datetime:
    return at + timedelta(hours=current_app.config["AULA"].session_hours)


def _notice(regime: str) -> privacy.Notice:
    settings = current_app.config["AULA"]
    controller = privacy.Controller(**{name: value or None for name, value in settings.controller.items()})
    return privacy.notice(regime, controller, settings.texts_dir)


def _versions() -> dict[str, str]:
    return {regime: _notice(regime).version for regime in LEGAL_REGIMES}


def _welcome(person_id: int, token: str, target: str | None) -> Response:
    """End the session this browser had, commit, and put the new one in its cookie."""
    before = gate.leave()
    if before:
        deeds.leave(before, at=clock.now())
    who = people.actor(token_hash(token), clock.now())
    if who is None:
        raise Refused("entry_failed")
    pending = people.pending_notices(person_id, _versions())
    commit()
    gate.enter(who, token, needs_notice=bool(pending))
    if pending:
        return redirect(url_for("people.notice", siguiente=target), 303)
    return redirect(target or url_for("courses.mine"), 303)


@bp.get("/")
@anyone
def home() -> Answer:
    """Say what Aula is; whoever is signed in goes to her courses."""
    return redirect(url_for("courses.mine"), 303) if g.actor else render_template("people/home.html")


@bp.route("/entrar", methods=["GET", "POST"])
@anyone
def sign_in() -> Answer:
    """Enter with e-mail or CURP and a password."""
    target = safe_next(request.values.get("siguiente"))
    if g.actor and request.method == "GET":
        return redirect(target or url_for("courses.mine"), 303)
    form = SignInForm()
    if form.validate_on_submit():
        wait = _try(form.identifier.data, form.password.data, target)
        if isinstance(wait, Response):
            return wait
        form.form_errors = [guard.wait_words(wait) if wait else sentence("entry_failed")]
        return render_template("people/sign_in.html", form=form, target=target), 429 if wait else 200
    return render_template("people/sign_in.html", form=form, target=target)


def _try(typed: str, password: str, target: str | None) -> Response | timedelta:
    """Let in whoever these words name, or return the wait: none for words that are not right."""
    place = guard.place("address")
    guard.slow_down(place)
    identifier = read_identifier(typed)
    guess = guard.Guess(identifier.value)
    wait = guess.reserve()
    if wait:
        return wait
    found = guard.identify(identifier, password)
    if found is not None and found.password_hash is not None:
        fresh = hash_password(password) if outdated(found.password_hash) else None
        token, at = clock.token(), clock.now()
        try:
            deeds.enter(found.person_id, found.password_hash, token_hash(token), at=at, until=_until(at), fresh=fresh)
            guess.forgive()
            return _welcome(found.person_id, token, target)
        except Refused:
            db.session.rollback()
    guard.count_failure(place)
    return timedelta(0)


@bp.post("/salir")
@signed_in(before_notice=True)
def sign_out() -> Answer:
    """End this session here and in the database."""
    ended = gate.leave()
    if ended:
        deeds.leave(ended, at=clock.now())
    commit()
    say("left")
    return redirect(url_for("people.sign_in"), 303)


def _secret(token: str) -> str:
    return str(session.get(TYPED, "")) if token == TYPED else token


def _gone(found: people.Token | None) -> Answer:
    state = "unknown" if found is None else "used" if found.state == "open" else found.state
    return render_template("people/gone.html", state=state), 404 if found is None else 410


@bp.route("/activar/<token>", methods=["GET", "POST"])
@anyone
def activate(token: str) -> Answer:
    """Show what a link or code opens; choosing a password uses it up."""
    digest = token_hash(_secret(token))
    with reading():
        found = people.token(digest, clock.now())
        words = people.known_words(found.person_id) if found else ()
    if found is None or found.state != "open":
        return _gone(found)
    form = NewPasswordForm()
    if form.validate_on_submit() and _fits(form, "password", words):
        kept = hash_password(form.password.data)
        secret, at = clock.token(), clock.now()
        try:
            person_id = deeds.use_token(digest, kept, token_hash(secret), at=at, until=_until(at))
        except Refused:
            db.session.rollback()
            return _gone(found)
        return _welcome(person_id, secret, None)
    return render_template("people/activate.html", form=form, found=found, token=token)


def _fits(form: NewPasswordForm | ChangePasswordForm, field: str, words: Sequence[str]) -> bool:
    """Tell whether a new password may be used; when not, say why on its field."""
    fault = password_fault(getattr(form, field).data, words)
    if fault is not None:
        form.fault(field, sentence(fault.code, **dict(fault.params)))
    return fault is None


@bp.post("/activar/<token>/no-soy-yo")
@anyone
def not_me(token: str) -> Answer:
    """Void a link or code that reached somebody else."""
    deeds.disown_token(token_hash(_secret(token)), at=clock.now())
    commit()
    session.pop(TYPED, None)
    say("token_disowned")
    return redirect(url_for("people.home"), 303)


@bp.route("/codigo", methods=["GET", "POST"])
@anyone
def code() -> Answer:
    """Take a short code typed from paper to the page that a link opens."""
    form = CodeForm()
    if form.validate_on_submit():
        place = guard.place("codes")
        guard.slow_down(place)
        typed = read_code(form.code.data)
        with reading():
            found = people.token(token_hash(typed), clock.now()) if typed else None
        if found:
            session[TYPED] = typed
            return redirect(url_for("people.activate", token=TYPED), 303)
        if typed:
            guard.count_failure(place)
            form.fault("code", sentence("code_unknown"))
        else:
            form.fault("code", sentence("code_shape", length=CODE_LENGTH))
    return render_template("people/code.html", form=form)


@bp.route("/recuperar", methods=["GET", "POST"])
@anyone
def recover() -> Answer:
    """Send a way back in to the e-mail on file, if there is one; the answer never tells."""
    form = RecoverForm()
    if form.validate_on_submit():
        place = guard.place("recover")
        guard.slow_down(place)
        at = clock.now()
        throttles.count(place, at=at)
        found = people.credentials(read_identifier(form.identifier.data))
        if found and found.email and not found.suspended:
            deeds.ask_recovery(found.person_id, activated=found.password_hash is not None, at=at)
        commit()
        clock.pause(max(0.0, RECOVERY_SECONDS - (clock.now() - at).total_seconds()))
        return redirect(url_for("people.recover", enviado=1), 303)
    return render_template("people/recover.html", form=form, sent="enviado" in request.args)


@bp.route("/aviso", methods=["GET", "POST"])
@signed_in(before_notice=True)
def notice() -> Answer:
    """Show the privacy notice of each legal regime that applies, and keep its acceptance."""
    me, target = gate.actor().person_id, safe_next(request.values.get("siguiente"))
    versions = _versions()
    pending = {regime: versions[regime] for regime in people.pending_notices(me, versions)}
    shown = {f"{regime}-{version}" for regime, version in pending.items()}
    if request.method == "POST" and pending and shown <= set(request.form.getlist("shown")):
        deeds.accept_notices(me, pending, at=clock.now())
        commit()
        pending = {}
    elif request.method == "POST" and pending:
        say("notice_changed")
    if not pending:
        session.pop("notice", None)
        return redirect(target or url_for("courses.mine"), 303)
    return render_template("people/notice.html", notices=[_notice(regime) for regime in pending], target=target)


@bp.get("/privacidad")
@anyone
def privacy_index() -> str:
    """List the privacy notices."""
    return render_template("people/privacy_index.html", notices=[_notice(regime) for regime in LEGAL_REGIMES])


@bp.get("/privacidad/<regime>", endpoint="privacy")
@anyone
def privacy_page(regime: str) -> str:
    """Show the whole privacy notice of a legal regime."""
    if regime not in LEGAL_REGIMES:
        abort(404)
    return render_template("people/privacy.html", notice=_notice(regime))


def _account(contact: ContactForm | None = None, change: ChangePasswordForm | None = None) -> str:
    me = gate.actor().person_id
    own = people.own_account(me)
    sessions = people.open_sessions(me, gate.session_hash(), clock.now())
    contact = contact or ContactForm(formdata=None, email=own.email, phone=own.phone)
    change = change or ChangePasswordForm(formdata=None)
    return render_template("people/account.html", own=own, sessions=sessions, contact=contact, change=change)


@bp.get("/mi-cuenta")
@signed_in()
def account() -> Answer:
    """Show one's own data, password and sessions."""
    return _account()


@bp.post("/mi-cuenta")
@signed_in()
def contact() -> Answer:
    """Keep one's own e-mail and telephone, with the password as proof."""
    me, form = gate.actor().person_id, ContactForm()
    if not form.validate_on_submit():
        return _account(contact=form)
    _, problem = guard.prove_own(me, form.proof.data)
    if problem:
        form.fault("proof", problem)
        return _account(contact=form)
    try:
        deeds.update_contact(me, form.email.data or "", form.phone.data or "", at=clock.now())
    except Refused as refused:
        db.session.rollback()
        form.fault(refused.code.removesuffix("_wrong"), sentence(refused.code))
        return _account(contact=form)
    commit()
    say("contact_saved")
    return redirect(url_for("people.account"), 303)


@bp.post("/mi-cuenta/contrasena")
@signed_in()
def password() -> Answer:
    """Change one's own password: a fresh session here, and every other one ends."""
    me, form = gate.actor(), ChangePasswordForm()
    with reading():
        words = people.known_words(me.person_id)
    if not form.validate_on_submit() or not _fits(form, "new", words):
        return _account(change=form)
    kept, problem = guard.prove_own(me.person_id, form.current.data)
    if kept is None:
        form.fault("current", str(problem))
        return _account(change=form)
    new, token, at = hash_password(form.new.data), clock.token(), clock.now()
    try:
        deeds.change_password(me.person_id, kept, new, token_hash(token), at=at, until=_until(at))
    except Refused as refused:
        db.session.rollback()
        form.fault("current", sentence(refused.code))
        return _account(change=form)
    commit()
    gate.enter(me, token, needs_notice=False)
    say("password_saved")
    return redirect(url_for("people.account"), 303)


@bp.post("/mi-cuenta/sesiones")
@signed_in()
def end_sessions() -> Answer:
    """End one's own sessions on every other device."""
    count = deeds.end_other_sessions(gate.actor().person_id, gate.session_hash() or "", at=clock.now())
    commit()
    say("sessions_ended", count=count)
    return redirect(url_for("people.account"), 303)
