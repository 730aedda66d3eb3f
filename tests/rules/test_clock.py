"""What is drawn by chance: long enough, readable, and safe in a link and on a command line."""

from __future__ import annotations

import pytest

from lms import clock


@pytest.mark.parametrize(("draw", "length"), [(clock.public_id, 16), (clock.token, 43), (clock.folio, 20)])
def test_what_is_drawn_is_letters_and_digits_and_never_twice(draw, length: int) -> None:  # type: ignore[no-untyped-def]
    drawn = {draw() for _ in range(5_000)}
    assert len(drawn) == 5_000
    assert all(text.isascii() and text.isalnum() and len(text) == length for text in drawn)


def test_what_is_read_aloud_has_no_look_alikes() -> None:
    assert not set("ILOU") & set("".join(clock.folio() + clock.short_code() for _ in range(500)))
