"""Lists to download, as CSV and XLSX, which open well in Excel and never run anything there."""

import csv
import io
import re
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import chain, islice
from typing import Any

Cell = str | int | date | None
Row = Sequence[Cell]

# What a spreadsheet takes for the beginning of a formula or command (OWASP ASVS 1.2.10), full-width forms included.
_ACTIVE = frozenset("=+-@\t\r\n\0＝＋－＠")
_CHUNK = 500
_SAMPLE = 200  # rows looked at to choose the widths of columns
_MOST_ROWS = 1_048_575
_MOST_CHARACTERS = 32_767
_CREATED = datetime(2000, 1, 1)  # noqa: DTZ001 - fixed on purpose: the same rows give the same bytes


def is_active(text: str) -> bool:
    """Whether a spreadsheet might run this text; spaces and invisible characters before it are looked through."""
    for letter in text:
        if letter in _ACTIVE:
            return True
        if not letter.isspace() and unicodedata.category(letter) != "Cf":
            return False
    return False


def csv_bytes(header: Sequence[str], rows: Iterable[Row]) -> Iterator[bytes]:
    """The list as CSV in chunks: UTF-8 with BOM, commas, every cell quoted, dates as 2026-11-22.

    Texts that a spreadsheet might run get an apostrophe before them; numbers and dates need none.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    waiting = chain([header], rows)
    buffer.write("\ufeff")
    while chunk := list(islice(waiting, _CHUNK)):
        writer.writerows([_csv_cell(cell) for cell in row] for row in chunk)
        yield buffer.getvalue().encode("utf-8", errors="replace")
        buffer.seek(0)
        buffer.truncate()


def _csv_cell(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, date):
        return cell.isoformat()
    text = str(cell)
    return "'" + text if isinstance(cell, str) and is_active(text) else text


def xlsx_bytes(header: Sequence[str], rows: Iterable[Row], sheet: str) -> bytes:
    """The list as an Excel workbook with one sheet: bold frozen header, filter, widths by content.

    Every text is a text cell, never a formula or a link, and keeps its leading zeros; dates show as 22/11/2026. Raises
    ValueError for more rows than a sheet holds (1,048,575).
    """
    import xlsxwriter

    output = io.BytesIO()
    with tempfile.TemporaryDirectory(prefix="aula-") as folder:
        options = {"constant_memory": True, "tmpdir": folder}
        with xlsxwriter.Workbook(output, options) as book:
            book.set_properties({"created": _CREATED})
            page = book.add_worksheet(_sheet_name(sheet))
            page.freeze_panes(1, 0)
            waiting = iter(rows)
            sample = list(islice(waiting, _SAMPLE))
            for column, wide in enumerate(_widths(header, sample)):
                page.set_column(column, column, wide)
            last = _write_rows(book, page, header, chain(sample, waiting))
            if header:
                page.autofilter(0, 0, last, len(header) - 1)
    return output.getvalue()


def _write_rows(book: Any, page: Any, header: Sequence[str], rows: Iterable[Row]) -> int:
    """Write header and rows and return the index of the last one."""
    bold = book.add_format({"bold": True, "bottom": 1})
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    # What Excel itself keeps for «'=…»: shown as it is, and still a text after somebody edits the cell.
    quoted = book.add_format({"quote_prefix": True})
    for column, title in enumerate(header):
        page.write_string(0, column, _xlsx_text(title), bold)
    last = 0
    for last, row in enumerate(rows, start=1):
        if last > _MOST_ROWS:
            raise ValueError("more rows than a sheet holds")
        for column, cell in enumerate(row):
            if cell is None or cell == "":
                continue
            if isinstance(cell, str):
                page.write_string(last, column, _xlsx_text(cell), quoted if is_active(cell) else None)
            elif isinstance(cell, date):
                page.write_datetime(last, column, cell, day)
            else:
                page.write_number(last, column, cell)
    return last


def _xlsx_text(text: str) -> str:
    """What XML can carry and a cell can hold: no control characters, at most 32,767 characters."""
    kept = (c for c in text if c in "\t\n\r" or unicodedata.category(c) not in ("Cc", "Cs"))
    return "".join(kept)[:_MOST_CHARACTERS].replace("\ufffe", "").replace("\uffff", "")


def _widths(header: Sequence[str], sample: Sequence[Row]) -> list[float]:
    """Column widths in characters, between 8 and 60, with room for the filter button."""
    longest = [len(title) + 3 for title in header]
    for row in sample:
        for column, cell in enumerate(row[: len(longest)]):
            wide = 10 if isinstance(cell, date) else len("" if cell is None else str(cell))
            longest[column] = max(longest[column], wide + 1)
    return [min(60, max(8, wide)) for wide in longest]


def _sheet_name(name: str) -> str:
    """A name Excel accepts: at most 31 characters, none of []:*?/\\, no apostrophe at either end, not empty."""
    printable = "".join(c for c in re.sub(r"[\[\]:*?/\\]", " ", name) if unicodedata.category(c)[0] != "C")
    return " ".join(printable.split())[:31].strip("' ") or "Lista"
