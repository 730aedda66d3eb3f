"""The gate: every route names who may pass, and nobody passes a route that names nobody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, TypeVar

from flask import Flask, abort, g, redirect, request, session, url_for
from flask_login import LoginManager, UserMixin, login_user, logout_user
from werkzeug.wrappers import Response

from lms import clock
from lms.database import begin_reading, reading
from lms.permissions import Actor, Permission, Scope
from lms.queries import people

View = TypeVar("View", bound=Callable[..., Any])
READS = {"GET", "HEAD", "OPTIONS"}


@dataclass(frozen=True)
class Mark:
    """What a route asks of who comes: anyone, someone signed in, or someone with a permission."""

    kind: str
    permission: Permission | None = None
    before_notice: bool = False


def anyone(view: View) -> View:
    """Mark a route as open to the public."""
    view.__dict__["gate"] = Mark("anyone")
    return view


def signed_in(*, before_notice: bool = False) -> Callable[[View], View]:
    """Mark a route as open to whoever has entered; `before_notice` also before accepting the privacy notice."""

    def mark(view: View) -> View:
        view.__dict__["gate"] = Mark("signed_in", None, before_notice)
        return view

    return mark


def needs(permission: Permission) -> Callable[[View], View]:
    """Mark a route as open to whoever holds a role that grants `permission`."""

    def mark(view: View) -> View:
        view.__dict__["gate"] = Mark("permission", permission)
        return view

    return mark


def mark_of(app: Flask, endpoint: str) -> Mark | None:
    """Return the mark of an endpoint's view; None when it has none."""
    return app.view_functions[endpoint].__dict__.get("gate")


class Visitor(UserMixin):  # type: ignore[misc]
    """What Flask-Login carries: the actor, named in the cookie by the random token of her session."""

    def __init__(self, actor: Actor, token: str) -> None:
        self.actor = actor
        self.token = token

    def get_id(self) -> str:
        """Return the token of the session; the database keeps only its hash."""
        return self.token


def hash_token(token: str) -> str:
    """Return the SHA-256 under which a random token is stored."""
    return sha256(token.encode()).hexdigest()


def enter(actor: Actor, token: str, *, needs_notice: bool) -> None:
    """Begin a new session in the cookie: nothing of the one before survives."""
    session.clear()
    login_user(Visitor(actor, token))
    g.actor = actor
    if needs_notice:
        session["notice"] = True


def leave() -> str | None:
    """Empty the cookie and return the hash of the session it named."""
    token = session.get("_user_id")
    logout_user()
    session.clear()
    g.actor = None
    return hash_token(token) if token else None


def session_hash() -> str | None:
    """Return the hash of the session that the cookie names."""
    token = session.get("_user_id")
    return hash_token(token) if token else None


def actor() -> Actor:
    """Return who is signed in. Only for views whose mark asks for that."""
    found: Actor | None = g.get("actor")
    if found is None:
        abort(401)
    return found


def scope(permission: Permission) -> Scope:
    """Return where the signed-in person holds `permission`."""
    return actor().scope(permission)


def safe_next(target: str | None) -> str | None:
    """Return `target` when it is a path of this site, else None: no scheme, no host, no trick to get one."""
    if not target or not target.startswith("/") or target.startswith("//"):
        return None
    if any(ord(c) < 0x21 or c == "\\" for c in target):
        return None
    return target


def _load(token: str) -> Visitor | None:
    found = people.actor(hash_token(token), clock.now())
    return Visitor(found, token) if found else None


def _check(manager: LoginManager) -> Response | None:
    begin_reading(request.method in READS)
    g.actor = None
    if request.endpoint is None:
        return None
    view = manager.app_views[request.endpoint]
    mark: Mark | None = view.__dict__.get("gate")
    if mark is None:
        abort(403)
    visitor = None
    if session.get("_user_id"):
        # Ends at once, so that a body that arrives slowly (a file of 25 MB) holds no write lock.
        with reading():
            visitor = _load(session["_user_id"])
    if visitor is None and "_user_id" in session:
        session.clear()
    if visitor is not None:
        g.actor = visitor.actor
    if mark.kind == "anyone":
        return None
    if visitor is None:
        if request.method in READS:
            return redirect(url_for("people.sign_in", siguiente=request.full_path.rstrip("?")), 303)
        return redirect(url_for("people.sign_in"), 303)
    if session.get("notice") and not mark.before_notice:
        return redirect(url_for("people.notice"), 303)
    if mark.permission is not None and not visitor.actor.may(mark.permission):
        abort(403)
    return None


def init_gate(app: Flask) -> None:
    """Stand the gate before every request."""
    manager = LoginManager()
    # Templates know the actor; the extension's own `current_user` would ask the database again on every page.
    manager.init_app(app, add_context_processor=False)
    manager.session_protection = None
    manager.user_loader(_load)
    manager.app_views = app.view_functions

    @app.before_request
    def check() -> Response | None:
        return _check(manager)
