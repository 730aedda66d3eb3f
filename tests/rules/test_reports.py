"""What is typed to find a person."""

from __future__ import annotations

import pytest

from lms.rules.reports import curp_lead


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("XEXX900101MNEBBB04", "XEXX900101MNEBBB04"),
        (" xexx 900101-mne ", "XEXX900101MNE"),
        ("XEXX90", "XEXX90"),
        ("XEXX9", None),
        ("María", None),
        ("000123", None),
        ("XEXX900101MNEBBB045", None),
        ("XEXX90%", None),
    ],
)
def test_a_curp_or_its_beginning_is_known(typed: str, read: str | None) -> None:
    assert curp_lead(typed) == read
