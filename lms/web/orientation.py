"""Where to turn, for anyone, and the way out. Neither page knows who asks, and neither leaves a trace here."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, render_template, session
from werkzeug.wrappers import Response

from lms.texts.orientation import directory
from lms.web.gate import anyone

bp = Blueprint("orientation", __name__)


@bp.get("/orientacion")
@anyone
def page() -> str:
    """Show the services, the same bytes to everyone: signed in or not."""
    services = directory(current_app.config["AULA"].texts_dir)
    return render_template("orientation/page.html", services=services)


@bp.get("/salida")
@anyone
def leave() -> Response:
    """Take the browser elsewhere at once and out of its session, without a word to the database.

    Without the cookie, "back" meets the door instead of a page (nothing is stored in the browser: `no-store`). That
    is quicker than Clear-Site-Data: "cache" makes Chromium search its whole cache while somebody watches, and "cookies"
    would reach the neighbouring sites of the same domain.
    """
    session.clear()
    return redirect(current_app.config["AULA"].exit_url, 303)
