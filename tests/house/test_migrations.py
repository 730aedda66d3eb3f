"""Migrations and models say the same, on both engines, up and down."""

from __future__ import annotations

import warnings

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade
from sqlalchemy import CheckConstraint, inspect, text

from lms.database import Base, db
from tests.houses import House
from tests.people import make_cast

# CHECKs and partial or expression indexes are what autogenerate does not see, so they are named here.
PARTIAL = {
    "affiliation": {"uq_affiliation_open"},
    "attempt": {"uq_attempt_open"},
    "batch_item": {"ix_batch_item_waiting"},
    "certificate": {"uq_certificate_live"},
    "cycle": {"ix_cycle_completed_at"},
    "job": {"uq_job_open"},
    "mail": {"ix_mail_waiting"},
    "person_curp": {"uq_person_curp_current"},
    "role_held": {"uq_role_held_open"},
    "standing_release": {"uq_standing_release_open"},
    "support_referral": {"uq_support_referral_open"},
}


def test_models_are_what_the_migrations_make(fresh: House) -> None:
    with fresh.app.app_context(), db.engine.connect() as connection, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_every_check_reaches_the_database(fresh: House) -> None:
    with fresh.app.app_context():
        inspector = inspect(db.engine)
        for table in Base.metadata.sorted_tables:
            wanted = {c.name for c in table.constraints if isinstance(c, CheckConstraint)}
            there = {c["name"] for c in inspector.get_check_constraints(table.name)}
            assert wanted == there, table.name


def test_partial_indexes_reach_the_database(fresh: House) -> None:
    with fresh.app.app_context():
        source = (
            "SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
            if fresh.engine == "sqlite"
            else "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
        )
        found: dict[str, set[str]] = {}
        for table, name, sql in db.session.execute(text(source)):
            if " WHERE " in sql.upper() and name != "ix_person_is_demo":
                found.setdefault(table, set()).add(name)
        assert found == PARTIAL


def test_down_and_up_again(fresh: House) -> None:
    with fresh.app.app_context():
        make_cast(fresh.app)
        db.session.remove()
        downgrade(revision="base")
        assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
        upgrade()
        make_cast(fresh.app)


def test_data_survives_a_step_down_and_up(fresh: House) -> None:
    with fresh.app.app_context():
        make_cast(fresh.app)
        before = _counts()
        db.session.remove()
        downgrade(revision="0001")
        upgrade()
        assert _counts() == before
        assert before["person"] >= 10


def _counts() -> dict[str, int]:
    counts = {}
    for table in Base.metadata.sorted_tables:
        counts[table.name] = db.session.execute(text(f"SELECT count(*) FROM {table.name}")).scalar_one()
    return counts
