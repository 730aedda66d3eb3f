"""Rosters in the worker: read the file in a child process, make the plan; later run the one that was signed."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from flask import current_app

import config
from lms import clock
from lms.actions import rosters as deeds
from lms.actions import rosters_plan, rosters_run
from lms.database import db, reading
from lms.files.child import parse_in_child
from lms.files.faults import FileFault
from lms.models.rosters import Roster
from lms.rules.rosters import HEADER_ROWS, Header, HeaderFault, Row, Seen, find_header, read_row

Beat = Callable[[], None]
Parsed = tuple[int, tuple[str, ...]]


def parse(roster_id: int, beat: Beat) -> None:
    """Read an uploaded file into the staging and make its plan. Repeated after a death, it begins again."""
    settings: config.Settings = current_app.config["AULA"]
    with reading():
        roster = _get(roster_id)
        name, content = roster.filename, roster.content
    roster = _get(roster_id)
    if not deeds.begin_staging(roster):
        db.session.rollback()
        return
    db.session.commit()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"padron{Path(name).suffix.lower()[:8]}"
        path.write_bytes(content)
        try:
            _stage(roster_id, _rows(parse_in_child(path, name, max_rows=settings.roster_rows)), beat)
        except FileFault as fault:
            db.session.rollback()
            deeds.refuse(_get(roster_id), fault.code, dict(fault.params), at=clock.now())
            db.session.commit()
            return
    _plan(roster_id, beat)


def _get(roster_id: int) -> Roster:
    roster = db.session.get(Roster, roster_id)
    assert roster is not None
    return roster


def _rows(batches: Iterator[list[Parsed]]) -> Iterator[Parsed]:
    for batch in batches:
        yield from batch


def _header(rows: Iterator[Parsed]) -> tuple[Header, list[Parsed]]:
    """Return the header and the rows read so far below it. Raises FileFault when no row is one."""
    top: list[Parsed] = []
    for row in rows:
        top.append(row)
        if len(top) >= HEADER_ROWS:
            break
    header = find_header([cells for _number, cells in top])
    if isinstance(header, HeaderFault):
        raise FileFault(header.code, **dict(header.params))
    return header, top


def _stage(roster_id: int, rows: Iterator[Parsed], beat: Beat) -> None:
    header, top = _header(rows)
    roster = _get(roster_id)
    deeds.describe(roster, header, top[header.row_index][1])
    db.session.commit()
    seen = Seen(header)
    today = clock.today()
    batch: list[tuple[Row, Sequence[str]]] = []
    below = top[header.row_index + 1 :]
    found = False
    for number, cells in _chain(below, rows):
        row = read_row(header, number, cells, today=today)
        if row is None:
            continue
        found = True
        batch.append((seen.check(row), cells))
        if len(batch) >= rosters_plan.RANGE // 2:
            _put(roster_id, batch, beat)
            batch = []
    _put(roster_id, batch, beat)
    if not found:
        raise FileFault("file_no_people")


def _chain(first: list[Parsed], then: Iterator[Parsed]) -> Iterator[Parsed]:
    yield from first
    yield from then


def _put(roster_id: int, batch: list[tuple[Row, Sequence[str]]], beat: Beat) -> None:
    deeds.stage(_get(roster_id), batch)
    db.session.commit()
    beat()


def _plan(roster_id: int, beat: Beat) -> None:
    with reading():
        roster = _get(roster_id)
        areas = rosters_plan.Areas(roster.institution_id, list(roster.area_paths))
        spans = rosters_plan.ranges(roster)
    for first, last in spans:
        rosters_plan.plan_range(_get(roster_id), areas, first, last)
        db.session.commit()
        beat()
    rosters_plan.finish_plan(_get(roster_id), at=clock.now())
    db.session.commit()


def run(roster_id: int, beat: Beat) -> None:
    """Carry out a signed plan. Repeated after a death, it goes on with the rows that are not closed."""
    if not rosters_run.begin_run(_get(roster_id), at=clock.now()):
        db.session.rollback()
        return
    db.session.commit()
    with reading():
        spans = rosters_plan.ranges(_get(roster_id), rosters_run.CHUNK)
    for first, last in spans:
        rosters_run.Chunk(_get(roster_id), first, last, at=clock.now(), today=clock.today()).run()
        db.session.commit()
        beat()
    rosters_run.finish_run(_get(roster_id), at=clock.now())
    db.session.commit()
