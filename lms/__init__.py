"""Aula. `create_app` is the roof: the only place that knows every door."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from importlib.util import find_spec

from flask import Flask
from flask_migrate import Migrate
from sqlalchemy import inspect
from werkzeug.middleware.proxy_fix import ProxyFix

import config
from lms.database import db, init_database
from lms.jobs.queue import init_queue
from lms.queries.people import demo_people_exist
from lms.web.assets import init_assets
from lms.web.gate import init_gate
from lms.web.shell import init_shell

TOPICS = (
    "assets",
    "people",
    "people_admin",
    "institutions",
    "signatories",
    "courses",
    "courses_admin",
    "enrolments",
    "quizzes",
    "rosters",
    "certificates",
    "orientation",
    "reports",
    "audit",
    "health",
)


def create_app(settings: config.Settings | None = None, *, testing: bool = False) -> Flask:
    """Make the application for `settings` (from the environment when None).

    Raises SystemExit when the settings are not fit for production.
    """
    settings = settings or config.load()
    app = Flask(__name__, instance_path=str(settings.instance), static_folder=None)
    app.testing = testing
    _configure(app, settings)
    init_database(app, settings.database_url)
    Migrate(app, db, directory=str(config.ROOT / "migrations"), render_as_batch=False, compare_type=True)
    init_assets(app)
    init_gate(app)
    init_shell(app)
    for topic in TOPICS:
        if find_spec(f"lms.web.{topic}"):
            app.register_blueprint(import_module(f"lms.web.{topic}").bp)
    init_queue(app)
    if testing:
        # Tests ring no bell: they run the worker's round themselves.
        app.extensions["aula_nudge"] = lambda: None
    if settings.production:
        _refuse_demo_people(app)
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    return app


def _configure(app: Flask, settings: config.Settings) -> None:
    if settings.production and settings.secret_key == config.DEFAULT_SECRET:
        raise SystemExit("En producción hace falta SECRET_KEY: pon en el entorno un texto secreto y largo.")
    secure = settings.base_url.startswith("https://")
    app.config.update(
        AULA=settings,
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="__Host-aula" if secure else "aula",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(hours=settings.session_hours),
        MAX_CONTENT_LENGTH=(settings.upload_mb + 1) * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
        TEMPLATES_AUTO_RELOAD=False,
    )


def _refuse_demo_people(app: Flask) -> None:
    """Real and made-up people never share a database. Before the first migration there is no table to ask."""
    with app.app_context():
        try:
            found = inspect(db.engine).has_table("person") and demo_people_exist()
        finally:
            db.session.remove()
    if found:
        raise SystemExit("Esta base de datos tiene personas de demostración: en producción usa otra base, vacía.")
