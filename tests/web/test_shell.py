"""What every page shares: numbers of pages that no list has, and faults that tell a log nothing about anyone."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from lms import clock
from lms.database import db
from lms.models.people import PersonCurp
from lms.web.shell import _broken
from tests.people import Cast

LISTS = (
    "/enlace/padrones",
    "/oficial/constancias",
    "/oficial/lotes",
    "/oficial/apoyos",
    "/admin/instituciones",
)


@pytest.mark.parametrize("url", LISTS)
def test_a_page_that_no_list_has_is_empty(cast: Cast, url: str) -> None:
    who = {"enlace": cast.enlace, "oficial": cast.officer, "admin": cast.admin}[url.split("/")[1]]
    for page in ("99999999999999999999", "-1", "uno"):
        assert cast.client(who).get(f"{url}?pagina={page}").status_code == 200


def test_a_fault_leaves_in_the_log_where_it_was_and_never_whose(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    known = db.session.scalars(select(PersonCurp).where(PersonCurp.person_id == cast.learner.id)).one()
    key = known.curp
    twin = PersonCurp(person_id=cast.learner.id, curp=key, since=clock.now(), replaced_at=clock.now())
    db.session.add(twin)
    with cast.app.test_request_context("/"), pytest.raises(IntegrityError) as raised:
        db.session.flush()
    with cast.app.test_request_context("/"):
        _broken(raised.value)
    assert "IntegrityError" in caplog.text
    assert "test_shell.py" in caplog.text
    assert key not in caplog.text
