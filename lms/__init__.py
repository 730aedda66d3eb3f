"""Aula. `create_app` is the roof: the only place that knows every door."""

from __future__ import annotations

from flask import Flask

import config
from lms.database import init_database


def create_app(settings: config.Settings | None = None) -> Flask:
    """Make the application for `settings` (from the environment when None).

    Raises SystemExit when the settings are not fit for production.
    """
    from flask_migrate import Migrate

    from lms.database import db

    settings = settings or config.load()
    app = Flask(__name__, instance_path=str(settings.instance))
    app.config["AULA"] = settings
    init_database(app, settings.database_url)
    Migrate(app, db, directory=str(config.ROOT / "migrations"), render_as_batch=False, compare_type=True)
    return app
