"""The seal of the audit log: blocks chained by hash, so that a changed entry is seen."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from lms import clock
from lms.actions.audit import block_hash, record, seal
from lms.database import db
from lms.models.audit import AuditBlock, AuditEntry


def write(count: int) -> None:
    """Write entries of two minutes ago."""
    for number in range(count):
        record("prueba.hace", "prueba", number, by=None, at=clock.now() - timedelta(minutes=2), n=number)
    db.session.commit()


def test_entries_are_sealed_once_and_the_blocks_are_chained(app: Flask) -> None:
    write(3)
    assert seal(at=clock.now()) == 3
    assert seal(at=clock.now()) == 0
    write(2)
    assert seal(at=clock.now()) == 2
    db.session.commit()
    first, second = db.session.scalars(select(AuditBlock).order_by(AuditBlock.id))
    assert second.previous_hash == first.hash
    assert (first.entries, second.entries) == (3, 2)


def test_a_changed_entry_is_seen(app: Flask) -> None:
    write(3)
    seal(at=clock.now())
    db.session.commit()
    block = db.session.scalars(select(AuditBlock)).one()
    entries = list(db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)))
    assert block_hash(block.previous_hash, entries) == block.hash
    db.session.expunge_all()
    entries[1].facts = {"n": 7}
    assert block_hash(block.previous_hash, entries) != block.hash


def test_a_fresh_entry_waits_for_the_late_ones(app: Flask) -> None:
    record("prueba.hace", "prueba", 1, by=None, at=clock.now())
    db.session.commit()
    assert seal(at=clock.now()) == 0


def test_no_entry_is_left_out_because_a_later_one_is_older(app: Flask) -> None:
    record("prueba.hace", "prueba", 1, by=None, at=clock.now())
    db.session.commit()
    write(1)
    assert seal(at=clock.now()) == 0
    assert seal(at=clock.now() + timedelta(minutes=2)) == 2
