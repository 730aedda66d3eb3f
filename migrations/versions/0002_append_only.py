"""The audit log and issued constancias are append-only, whoever holds the connection."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

FROZEN = ("audit_entry", "audit_block")
# What a constancia says is fixed; only its state may change.
CERTIFICATE_FIXED = ("folio", "cycle_id", "institution_id", "snapshot", "key_id", "signature", "issued_at")


def _sqlite_up() -> None:
    for table in FROZEN:
        for deed in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{deed.lower()} BEFORE {deed} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
    op.execute(
        f"CREATE TRIGGER certificate_no_update BEFORE UPDATE OF {', '.join(CERTIFICATE_FIXED)} ON certificate "
        "BEGIN SELECT RAISE(ABORT, 'certificate is frozen'); END"
    )
    op.execute(
        "CREATE TRIGGER certificate_no_delete BEFORE DELETE ON certificate "
        "BEGIN SELECT RAISE(ABORT, 'certificate is frozen'); END"
    )


def _postgresql_up() -> None:
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    for table in FROZEN:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
    op.execute(
        f"CREATE TRIGGER certificate_no_update BEFORE UPDATE OF {', '.join(CERTIFICATE_FIXED)} ON certificate "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER certificate_no_delete BEFORE DELETE ON certificate "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )


def upgrade() -> None:
    """Add the triggers."""
    if op.get_bind().dialect.name == "sqlite":
        _sqlite_up()
    else:
        _postgresql_up()


def downgrade() -> None:
    """Take the triggers away."""
    if op.get_bind().dialect.name == "sqlite":
        for table in FROZEN:
            op.execute(f"DROP TRIGGER {table}_no_update")
            op.execute(f"DROP TRIGGER {table}_no_delete")
        op.execute("DROP TRIGGER certificate_no_update")
        op.execute("DROP TRIGGER certificate_no_delete")
        return
    for table in FROZEN:
        op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
    op.execute("DROP TRIGGER certificate_no_update ON certificate")
    op.execute("DROP TRIGGER certificate_no_delete ON certificate")
    op.execute("DROP FUNCTION refuse_change()")
