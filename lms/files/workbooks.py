"""XLSX workbooks: what is checked before the reader sees them, and their rows.

The reader (calamine) lays a sheet out as a full rectangle up to its last value, so one value in XFD1048576 would ask
for 17 thousand million cells. Every part is therefore walked once as a stream before it is opened.
"""

import datetime
import re
import stat
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final
from xml.parsers import expat

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from lms.files.faults import FileFault

MAX_ENTRIES: Final = 2_000
MAX_UNPACKED: Final = 300 * 1024 * 1024
MAX_RATIO: Final = 200
RATIO_FROM: Final = 20 * 1024 * 1024
"""Below this unpacked size the ratio says nothing: small sheets of equal rows compress very well."""
MAX_CELLS: Final = 5_000_000
"""Largest rectangle of one sheet, in cells (rows × columns up to the last value)."""
MAX_SHEETS: Final = 40

_CHUNK: Final = 1 << 16
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_ROW_NUMBER = re.compile(r"[1-9][0-9]{0,6}")

Rows = Iterator[tuple[int, Sequence[str]]]


def check_package(path: Path) -> None:
    """Refuse a zip that is not a plain .xlsx, or is built to harm. Raises FileFault."""
    try:
        with zipfile.ZipFile(path) as package:
            entries = package.infolist()
            _check_entries(entries)
            _check_kind(package)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, ValueError, EOFError, OSError) as error:
        raise FileFault("file_broken_xlsx") from error


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MAX_ENTRIES:
        raise FileFault("file_unsafe_xlsx")
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if unpacked > MAX_UNPACKED or (unpacked > RATIO_FROM and unpacked > MAX_RATIO * max(packed, 1)):
        raise FileFault("file_unpacks_too_big")
    seen: set[str] = set()
    for entry in entries:
        name = entry.filename
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if entry.flag_bits & 0x1:
            raise FileFault("file_password")
        if (
            name.lower() in seen
            or name.startswith(("/", "\\"))
            or ".." in name.replace("\\", "/").split("/")
            or ":" in name
            or entry.compress_type not in _METHODS
            or kind not in (0, stat.S_IFREG, stat.S_IFDIR)
        ):
            raise FileFault("file_unsafe_xlsx")
        seen.add(name.lower())


def _check_kind(package: zipfile.ZipFile) -> None:
    names = set(package.namelist())
    if "mimetype" in names:
        with package.open("mimetype") as kind:
            raise FileFault("file_ods" if b"spreadsheet" in kind.read(200) else "file_word")
    if "xl/workbook.bin" in names:
        raise FileFault("file_xlsb")
    if any(name.startswith("word/") for name in names):
        raise FileFault("file_word")
    if not any(name.startswith("xl/") for name in names):
        raise FileFault("file_compressed")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise FileFault("file_macros")
    if not {"[Content_Types].xml", "xl/workbook.xml"} <= names:
        raise FileFault("file_broken_xlsx")


@dataclass
class _Extent:
    """How far the values of one worksheet reach, gathered while its XML streams by."""

    rows_used: int = 0
    last_row: int = 0
    last_column: int = 0
    far_cell: str = ""
    _at: tuple[int, int] = (0, 0)
    _columns: dict[str, int] = field(default_factory=dict)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if name == "c":
            self._cell(attributes.get("r"))
        elif name == "row":
            row = attributes.get("r")
            if row is not None and not _ROW_NUMBER.fullmatch(row):
                raise FileFault("file_broken_xlsx")
            self._at = (self._at[0] + 1 if row is None else int(row), 0)
        elif name in ("v", "is"):
            self._value()

    def _cell(self, reference: str | None) -> None:
        if reference is None:
            self._at = (self._at[0] or 1, self._at[1] + 1)
            return
        match = _REFERENCE.fullmatch(reference)
        if match is None:  # row numbers beyond any sheet make the reader turn for minutes
            raise FileFault("file_broken_xlsx")
        letters = match[1]
        column = self._columns.get(letters)
        if column is None:
            column = 0
            for letter in letters:
                column = column * 26 + ord(letter) - 64
            self._columns[letters] = column
        self._at = (int(match[2]), column)

    def _value(self) -> None:
        row, column = self._at
        if row > self.last_row:
            self.last_row = row
            self.rows_used += 1
            if row > self.rows_used * 20 + 1000:
                self.far_cell = f"{column_name(column)}{row}"
        if column > self.last_column:
            self.last_column = column
            if column > 200:
                self.far_cell = f"{column_name(column)}{row}"


def column_name(number: int) -> str:
    """Letters of a column counted from 1: 1 → A, 27 → AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def check_sheets(path: Path, max_rows: int) -> None:
    """Walk every XML part once: no DOCTYPE anywhere, no worksheet whose values reach absurdly far. Raises FileFault."""
    try:
        with zipfile.ZipFile(path) as package:
            for entry in package.infolist():
                if entry.filename.lower().endswith((".xml", ".rels")):
                    extent = _walk(package, entry)
                    if extent.last_row * extent.last_column <= MAX_CELLS:
                        continue
                    if extent.rows_used > max_rows or not extent.far_cell:
                        raise FileFault("file_too_many_rows", maximum=max_rows)
                    raise FileFault("file_far_cell", cell=extent.far_cell)
    except (expat.ExpatError, zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, OSError) as error:
        raise FileFault("file_broken_xlsx") from error
    except Exception as error:
        if type(error).__module__ == "zlib":
            raise FileFault("file_broken_xlsx") from error
        raise


def _walk(package: zipfile.ZipFile, entry: zipfile.ZipInfo) -> _Extent:
    extent = _Extent()
    parser = expat.ParserCreate()

    def refuse(*_: Any) -> None:
        raise FileFault("file_unsafe_xlsx")

    def root(name: str, _: dict[str, str]) -> None:
        # Only worksheets are followed cell by cell; other parts just have to be well-formed.
        parser.StartElementHandler = extent.start if name.rpartition(":")[2] == "worksheet" else None

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = root
    with package.open(entry) as part:
        while chunk := part.read(_CHUNK):
            parser.Parse(chunk, False)
    parser.Parse(b"", True)
    return extent


def _text(value: object) -> str:
    """A cell as the person sees it: whole numbers without ".0", dates as day/month/year."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "VERDADERO" if value else "FALSO"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime.datetime):
        return value.strftime("%d/%m/%Y %H:%M" if value.time() != datetime.time() else "%d/%m/%Y")
    if isinstance(value, datetime.date):
        return value.strftime("%d/%m/%Y")
    return str(value)


def _rows(sheet: CalamineSheet) -> Rows:
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        yield number, [_text(cell) for cell in cells]


def open_workbook(
    path: Path, max_rows: int, prefers: Callable[[Sequence[Sequence[str]]], bool] | None
) -> tuple[str, Rows]:
    """Name and rows of the sheet to read: the first whose opening rows `prefers` likes, else the first with values.

    Visible sheets come before hidden ones. Rows are numbered as the spreadsheet shows them. Raises FileFault.
    """
    check_package(path)
    check_sheets(path, max_rows)
    try:
        workbook = CalamineWorkbook.from_path(str(path))
        sheets = [meta for meta in workbook.sheets_metadata if meta.typ == SheetTypeEnum.WorkSheet][:MAX_SHEETS]
        sheets.sort(key=lambda meta: meta.visible != SheetVisibleEnum.Visible)
        chosen: CalamineSheet | None = None
        for meta in sheets:
            sheet = workbook.get_sheet_by_name(meta.name)
            if sheet.start is None:
                continue
            if prefers is None or prefers([cells for _, cells in islice(_rows(sheet), 40)]):
                return meta.name, _rows(sheet)
            chosen = chosen or sheet
    except CalamineError as error:
        raise FileFault("file_password" if "password" in str(error).lower() else "file_broken_xlsx") from error
    if chosen is None:
        raise FileFault("file_empty")
    return chosen.name, _rows(chosen)
