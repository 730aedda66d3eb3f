"""Rosters in the worker: read the file in a child process, make the plan; later run the one that was signed."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from flask import current_app

import config
from lms import clock
from lms.actions import rosters as deeds
from lms.actions import rosters_plan, rosters_run
from lms.database import db, is_race, is_sqlite, reading
from lms.files.child import parse_in_child
from lms.files.faults import FileFault
from lms.models.rosters import Roster
from lms.queries import rosters as queries
from lms.rules.rosters import HEADER_ROWS, Header, HeaderFault, Row, Seen, find_header, read_row

AREAS = 25
"""Areas made in one transaction."""
PAUSE = 0.02
"""Seconds between chunks on SQLite, about what a chunk takes."""

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
    deeds.describe(roster, header)
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
        if len(batch) >= rosters_plan.RANGE:
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
    _commit(beat)


def _plan(roster_id: int, beat: Beat) -> None:
    with reading():
        roster = _get(roster_id)
        planner = rosters_plan.Planner(roster)
        spans = rosters_plan.ranges(roster)
    for first, last in spans:
        with reading():
            decided = rosters_plan.decide_range(_get(roster_id), planner, first, last)
        deeds.save_plan_rows(decided)
        _commit(beat)
    with reading():
        roster = _get(roster_id)
        counts, digest = queries.counts(roster), rosters_plan.plan_digest(roster)
    rosters_plan.finish_plan(_get(roster_id), counts, digest, at=clock.now())
    db.session.commit()


def _commit(beat: Beat) -> None:
    """End a chunk; on SQLite, which has one writer, leave the others time to take their turn."""
    db.session.commit()
    beat()
    if is_sqlite():
        clock.pause(PAUSE)


def run(roster_id: int, beat: Beat) -> None:
    """Carry out a signed plan. Repeated after a death, it goes on with the rows that are not closed."""
    if not rosters_run.begin_run(_get(roster_id), at=clock.now()):
        db.session.rollback()
        return
    db.session.commit()
    with reading():
        roster = _get(roster_id)
        spans, areas = rosters_plan.ranges(roster, rosters_run.CHUNK), queries.new_areas(roster)
    for i in range(0, len(areas), AREAS):
        _again(partial(_make_areas, roster_id, areas[i : i + AREAS]))
        _commit(beat)
    for first, last in spans:
        _again(partial(_chunk, roster_id, first, last))
        _commit(beat)
    rosters_run.finish_run(_get(roster_id), at=clock.now())
    db.session.commit()


def _make_areas(roster_id: int, names: Sequence[str]) -> None:
    rosters_run.make_areas(_get(roster_id), names, at=clock.now())


def _chunk(roster_id: int, first: int, last: int) -> None:
    rosters_run.Chunk(_get(roster_id), first, last, at=clock.now(), today=clock.today()).run()


def _again(deed: Callable[[], None]) -> None:
    """Do it once more when another roster made the same person, area or enrolment at the same moment."""
    for left in (2, 1, 0):
        try:
            deed()
            return
        except Exception as error:
            db.session.rollback()
            if not left or not is_race(error):
                raise
