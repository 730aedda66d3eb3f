"""Dates in words, cleaned lines, text that fits."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.paper.fonts import BOLD, width
from lms.paper.wording import clean_line, fit, grouped, long_date, long_period, wrap
from lms.rules.certificates import format_folio


def test_dates_in_words() -> None:
    assert long_date(date(2026, 1, 1)) == "1 de enero de 2026"
    assert long_date(date(2028, 2, 29)) == "29 de febrero de 2028"
    assert long_date(date(2026, 12, 31)) == "31 de diciembre de 2026"


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (date(2026, 11, 3), date(2026, 11, 3), "el 3 de noviembre de 2026"),
        (date(2026, 11, 3), date(2026, 11, 22), "del 3 al 22 de noviembre de 2026"),
        (date(2026, 10, 3), date(2026, 11, 22), "del 3 de octubre al 22 de noviembre de 2026"),
        (date(2025, 11, 3), date(2026, 11, 22), "del 3 de noviembre de 2025 al 22 de noviembre de 2026"),
    ],
)
def test_periods_say_nothing_twice(first: date, last: date, words: str) -> None:
    assert long_period(first, last) == words


def test_codes_in_fours() -> None:
    assert grouped("K7QM2XWD9RTB") == "K7QM-2XWD-9RTB"
    assert grouped("K7QM2") == "K7QM-2"
    assert grouped("K7Q-M2X") == "K7Q-M2X"


@pytest.mark.parametrize("letter", ["\0", "\x1b", "\u202e", "\u2066", "\u200b", "\ufeff", "\ue000", "\ud800", "\uffff"])
def test_unprintable_characters_go(letter: str) -> None:
    assert clean_line(f" A{letter}na\u2028Ruiz\t") == "Ana Ruiz"


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="abcñÁ ꞌ\u0331mW", max_size=150).map(clean_line), st.integers(40, 400))
def test_wrapped_lines_fit_and_lose_no_letter(text: str, room: int) -> None:
    lines = wrap(text, BOLD, 12, room)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(width(line, BOLD, 12) <= room + 0.1 for line in lines)


def test_two_lines_are_even() -> None:
    lines = wrap("María de los Ángeles Guadalupe Hernández de la O", BOLD, 12, 270)
    assert len(lines) == 2
    assert len(lines[1]) > 18


def test_fit_prefers_fewer_lines_then_size_and_never_cuts_a_word_it_can_keep() -> None:
    steps = [(1, 20, 15), (2, 18, 8)]
    assert fit("Li Po", BOLD, 300, steps).size == 20
    two = fit("María de los Ángeles Guadalupe Hernández", BOLD, 300, steps)
    assert (len(two.lines), two.size) == (2, 18)
    word = fit("Supercalifragilisticoespialidoso" * 2, BOLD, 400, steps)
    assert word.lines == ("Supercalifragilisticoespialidoso" * 2,)
    assert "".join(fit("W" * 500, BOLD, 300, steps).lines) == "W" * 500


def test_paper_prints_a_folio_as_pages_do() -> None:
    assert grouped("K7QM2XWD9RTB4HFP0Z81") == format_folio("K7QM2XWD9RTB4HFP0Z81")
