"""Every database test runs twice: on SQLite and on a real PostgreSQL; each test gets a fresh, migrated database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.houses import House, close_houses, house
from tests.people import Cast, make_cast


def pytest_sessionfinish() -> None:
    """Stop the database servers of this process."""
    close_houses()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine_name(request: pytest.FixtureRequest) -> str:
    """The engine under test."""
    return str(request.param)


@pytest.fixture
def fresh(engine_name: str) -> House:
    """An application bound to a fresh database, outside any application context."""
    found = house(engine_name)
    found.renew()
    return found


@pytest.fixture
def app(fresh: House) -> Iterator[Flask]:
    """The application, inside its context."""
    with fresh.app.app_context():
        yield fresh.app


@pytest.fixture
def cast(app: Flask) -> Cast:
    """The people of every story: see tests/people.py."""
    return make_cast(app)
