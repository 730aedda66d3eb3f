"""What every page shares: headers, errors, navigation, dates in words, and the one commit of a door."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal
from flask import Flask, Response, current_app, flash, g, render_template, request, url_for
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import HTTPException

from lms.clock import MEXICO
from lms.database import db, trace
from lms.permissions import Actor, Permission
from lms.texts.sentences import sentence

LOCALE = "es_MX"
CSP = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

# (label, endpoint, permission, prefix): the order of the navigation; nobody sees a door she cannot pass.
NAVIGATION: tuple[tuple[str, str, Permission, str], ...] = (
    ("Mis cursos", "courses.mine", Permission.COURSE_STUDY, "/mis-cursos"),
    ("Mi personal", "reports.liaison_home", Permission.FOLLOWUP_READ, "/enlace"),
    ("Seguimiento", "reports.officer_home", Permission.OVERVIEW_READ, "/oficial"),
    ("Administración", "institutions.admin_home", Permission.INSTITUTION_WRITE, "/admin"),
    ("Instituciones", "institutions.index", Permission.INSTITUTION_READ, "/admin/instituciones"),
    ("Cursos", "courses_admin.courses", Permission.COURSE_READ, "/admin/cursos"),
    ("Mi cuenta", "people.account", Permission.ACCOUNT_USE, "/mi-cuenta"),
)


def commit() -> None:
    """End the deed of this door, then wake the worker for what it left in the outbox."""
    db.session.commit()
    current_app.extensions["aula_nudge"]()


def say(code: str, **params: object) -> None:
    """Leave a sentence for the next page."""
    flash(sentence(code, **params))


def page_number() -> int:
    """Return the page asked for, 1 for anything that is not one; no list has more pages than a database can count."""
    return max(1, min(request.args.get("pagina", 1, type=int), 100_000))


def words(day: date | datetime | None, *, weekday: bool = False) -> str:
    """Write a date in words, as in "viernes 5 de diciembre de 2026"; a moment by its date in Mexico City."""
    if day is None:
        return "sin fecha"
    if isinstance(day, datetime):
        day = day.astimezone(MEXICO).date()
    return format_date(day, "EEEE d 'de' MMMM 'de' y" if weekday else "d 'de' MMMM 'de' y", locale=LOCALE)


def hour(moment: datetime | None) -> str:
    """Write a moment as date and time of Mexico City, 24 hours."""
    if moment is None:
        return "sin fecha"
    local = moment.astimezone(MEXICO)
    return f"{words(local.date())}, {local:%H:%M}"


def number(value: int | None) -> str:
    """Write a number with thousands separators."""
    return "sin dato" if value is None else format_decimal(value, locale=LOCALE)


def _navigation() -> list[dict[str, Any]]:
    who: Actor | None = g.get("actor")
    if who is None:
        return []
    open_to_her = [row for row in NAVIGATION if who.may(row[2]) and row[1] in current_app.view_functions]
    return [
        {"label": label, "url": url_for(endpoint), "current": request.path.startswith(prefix)}
        for label, endpoint, _, prefix in open_to_her
        # What is inside another of her doors is reached from there.
        if not any(prefix.startswith(f"{other}/") for _, _, _, other in open_to_her)
    ]


def _context() -> dict[str, Any]:
    who: Actor | None = g.get("actor")
    return {
        "actor": who,
        "nav": _navigation(),
        "staff": bool(who and who.held),
        "url_inicio": "/",
        "url_orientacion": "/orientacion",
        "url_privacidad": "/privacidad",
        "url_salida": "/salida",
        "url_cerrar": "/salir" if who else None,
    }


def _headers(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CSP)
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    unseen = request.path.startswith(("/orientacion", "/salida"))
    headers["Referrer-Policy"] = "no-referrer" if unseen else "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    # Whoever uses the computer next must find nothing with the back button.
    headers.setdefault("Cache-Control", "no-store")
    if current_app.config["AULA"].production:
        headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
    return response


def _error(error: HTTPException) -> tuple[str, int]:
    db.session.rollback()
    code = error.code or 500
    known = code if code in {400, 403, 404, 405, 413, 429, 500, 503} else (500 if code >= 500 else 400)
    return render_template(f"errors/{known}.html", error=error), code


def _broken(error: Exception) -> tuple[str, int] | HTTPException:
    """Show a calm page; the log gets the kind of fault and the route, and nothing a person wrote."""
    db.session.rollback()
    current_app.logger.error("fault %s at %s\n%s", type(error).__name__, request.endpoint, trace(error))
    return render_template("errors/500.html"), 500


def init_shell(app: Flask) -> None:
    """Give the app its headers, errors, filters and navigation."""
    CSRFProtect(app)
    app.jinja_env.filters.update(words=words, hour=hour, number=number)
    app.jinja_env.globals.update(sentence=sentence)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.context_processor(_context)
    app.after_request(_headers)
    app.register_error_handler(CSRFError, lambda error: (render_template("errors/400.html", error=error), 400))
    app.register_error_handler(HTTPException, _error)
    if not app.testing:
        app.register_error_handler(Exception, _broken)
