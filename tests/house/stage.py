"""The world on a stage: a database brought back to its first state before each deed, a browser for each actor."""

from __future__ import annotations

import shutil
from pathlib import Path

from flask.testing import FlaskClient
from werkzeug.routing import Rule

from lms.database import db
from tests.house.world import ACTORS, World, make_world
from tests.houses import House
from tests.people import sign_in


class Stage:
    """The world on SQLite, brought back to its first state before each POST."""

    def __init__(self, built: House) -> None:
        self.house = built
        built.renew()
        self.path = built.instance / f"{built.name}.db"
        self.kept = built.instance / "world.db"
        with built.app.app_context():
            self.world: World = make_world(built.app)
            self.tokens = {name: self._token(name) for name in ACTORS}
            db.session.remove()
            db.engine.dispose()
        shutil.copyfile(self.path, self.kept)

    def _token(self, name: str) -> str | None:
        if name == "anon":
            return None
        client = self.house.app.test_client()
        sign_in(client, getattr(self.world.cast, name))
        with client.session_transaction() as cookie:
            return str(cookie["_user_id"])

    def client(self, name: str) -> FlaskClient:
        """Return a new browser of an actor, in the session she began before the first state was kept."""
        client = self.house.app.test_client()
        token = self.tokens[name]
        if token is not None:
            with client.session_transaction() as cookie:
                cookie["_user_id"] = token
        return client

    def reset(self) -> None:
        """Bring the first state back."""
        with self.house.app.app_context():
            db.session.remove()
            db.engine.dispose()
        for suffix in ("-wal", "-shm"):
            Path(f"{self.path}{suffix}").unlink(missing_ok=True)
        shutil.copyfile(self.kept, self.path)

    def status(self, rule: Rule, method: str, owner: str, actor: str) -> str:
        """Try one cell: the status, and where to when it sends to the door."""
        url = self.world.url(self.house.app, rule, owner)
        if method == "POST":
            self.reset()
        answer = self.client(actor).open(url, method=method)
        if answer.status_code == 303 and "/entrar" in answer.headers.get("Location", ""):
            return "door"
        return str(answer.status_code)
