"""Words as they may be drawn: cleaned, broken into lines, sized to fit; dates written out."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from lms.paper.fonts import width

MONTHS = (
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
)


def long_date(day: date) -> str:
    """The date in words: «22 de noviembre de 2026»."""
    return f"{day.day} de {MONTHS[day.month - 1]} de {day.year}"


def long_period(first: date, last: date) -> str:
    """A span in words with nothing said twice: «del 3 al 22 de noviembre de 2026»; one day is «el 3 de …»."""
    if first == last:
        return f"el {long_date(last)}"
    if (first.year, first.month) == (last.year, last.month):
        return f"del {first.day} al {long_date(last)}"
    if first.year == last.year:
        return f"del {first.day} de {MONTHS[first.month - 1]} al {long_date(last)}"
    return f"del {long_date(first)} al {long_date(last)}"


def clean_line(text: str) -> str:
    """One printable line: NFC, single spaces, without control, direction-changing or unassigned characters.

    Markup is left as it is, because everything is drawn as text: «<b>» prints «<b>».
    """
    kept = (" " if c.isspace() else c for c in unicodedata.normalize("NFC", text))
    return " ".join("".join(c for c in kept if unicodedata.category(c)[0] != "C").split())


def grouped(code: str) -> str:
    """A folio or code in fours, to be read aloud and typed: «K7QM-2XWD-9RTB»; one already divided stays."""
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4)) if code.isalnum() else code


@dataclass(frozen=True)
class Fitted:
    """Lines of text and the type size, in points, at which they fit."""

    lines: tuple[str, ...]
    size: float


def wrap(text: str, font: str, size: float, room: float) -> tuple[str, ...]:
    """Break a cleaned line into as few lines as fit in `room` points, of even length; overlong words are cut."""
    space = width(" ", font, size)
    words = [(part, width(part, font, size)) for word in text.split(" ") for part in _parts(word, font, size, room)]
    lines = _greedy(words, space, room)
    if len(lines) < 2:
        return lines
    # Narrow the measure while the number of lines stays: «… de la / O» becomes two halves.
    low, high = max(w for _, w in words), room
    while high - low > size / 4:
        middle = (low + high) / 2
        low, high = (low, middle) if len(_greedy(words, space, middle)) == len(lines) else (middle, high)
    return _greedy(words, space, high)


def _parts(word: str, font: str, size: float, room: float) -> list[str]:
    """The word itself, or pieces of it when it is wider than a line; a mark stays with its letter."""
    if width(word, font, size) <= room:
        return [word]
    parts, current = [], ""
    for letter in word:
        if current and not unicodedata.combining(letter) and width(current + letter, font, size) > room:
            parts.append(current)
            current = ""
        current += letter
    return [*parts, current]


def _greedy(words: Sequence[tuple[str, float]], space: float, room: float) -> tuple[str, ...]:
    lines: list[str] = []
    used = 0.0
    for word, wide in words:
        if lines and used + space + wide <= room + 0.01:
            lines[-1] += " " + word
            used += space + wide
        else:
            lines.append(word)
            used = wide
    return tuple(lines)


def fit(text: str, font: str, room: float, steps: Sequence[tuple[int, int, int]]) -> Fitted:
    """The first of `steps` (most lines, largest size, smallest size) in which the text fits, as large as it goes.

    When it fits in none, the smallest size of the last step with as many lines as it takes: a name is never cut.
    """
    for most, largest, smallest in steps:
        if width(text, font, smallest) > most * room:
            continue
        for size in range(largest, smallest - 1, -1):
            lines = wrap(text, font, size, room)
            if len(lines) <= most and " ".join(lines) == text:  # no word was cut
                return Fitted(lines, size)
    smallest = steps[-1][2]
    return Fitted(wrap(text, font, smallest, room), smallest)
