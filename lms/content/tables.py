"""TOML with line numbers: course.toml and the front matter of lessons and quizzes, checked key by key."""

import re
import tomllib
from collections.abc import Mapping
from datetime import date, datetime

from lms.content.faults import Faults

IDENTIFIER = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_IDENTIFIER = 60
LONGEST_TEXT = 300
FENCE = "+++"

Place = tuple[str | int, ...]

_HEADER = re.compile(r"\s*(\[\[?)\s*([A-Za-z0-9_\-. ]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"""\s*["']?([A-Za-z0-9_-]+)["']?\s*=""")
_AT_LINE = re.compile(r"\(at line (\d+), column \d+\)")
_MULTILINE = re.compile(r'"""|' + "'''")


def is_identifier(text: str) -> bool:
    """Lower-case letters without accents, digits and single hyphens, at most 60 characters."""
    return len(text) <= LONGEST_IDENTIFIER and IDENTIFIER.fullmatch(text) is not None


class Lines:
    """Where each key of a TOML text stands. `tomllib` does not tell, so the text is scanned once more."""

    def __init__(self, text: str, offset: int = 0) -> None:
        self._at: dict[Place, int] = {}
        table: Place = ()
        counts: dict[str, int] = {}
        inside_text = False
        for number, line in enumerate(text.split("\n"), start=1 + offset):
            if not inside_text:
                if header := _HEADER.match(line):
                    name = header[2]
                    table = tuple(part.strip() for part in name.split("."))
                    if header[1] == "[[":
                        self._at.setdefault((name,), number)
                        table = (name, counts.get(name, 0))
                        counts[name] = counts.get(name, 0) + 1
                    self._at.setdefault(table, number)
                elif key := _KEY.match(line):
                    self._at.setdefault((*table, key[1]), number)
            if len(_MULTILINE.findall(line)) % 2:
                inside_text = not inside_text

    def of(self, place: Place) -> int:
        """The line of a key, or of the nearest table around it, or 1."""
        while place and place not in self._at:
            place = place[:-1]
        return self._at.get(place, 1)


class Table:
    """One TOML table. Each reading method answers the value, or notes a fault and answers an empty value."""

    def __init__(self, faults: Faults, path: str, data: Mapping[str, object], lines: Lines, place: Place = ()) -> None:
        self._faults = faults
        self.path = path
        self._data = data
        self._lines = lines
        self._place = place
        self._known: set[str] = set()

    def line(self, key: str | None = None) -> int:
        """The line of one of its keys, or of the table itself."""
        return self._lines.of(self._place if key is None else (*self._place, key))

    def has(self, key: str) -> bool:
        """Whether the author wrote this (optional) key."""
        self._known.add(key)
        return key in self._data

    def text(self, key: str, longest: int = LONGEST_TEXT) -> str:
        """A text of up to `longest` printable characters; runs of blanks and line ends become one space."""
        value = self._get(key)
        if value is None:
            return ""
        clean = " ".join(value.split()) if isinstance(value, str) else ""
        if not clean or not clean.isprintable() or len(clean) > longest:
            self._fault("key_not_text", key, longest=longest)
            return ""
        return clean

    def identifier(self, key: str) -> str:
        """An identifier, as `is_identifier` understands it."""
        value = self._get(key)
        if value is None:
            return ""
        if not isinstance(value, str) or not is_identifier(value):
            self._fault("id_invalid", key, id=value if isinstance(value, str) else key)
            return ""
        return value

    def whole(self, key: str, low: int, high: int) -> int:
        """A whole number between `low` and `high`, both included."""
        value = self._get(key)
        if value is None:
            return low
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            self._fault("key_not_number", key, low=low, high=high)
            return low
        return value

    def day(self, key: str) -> date:
        """A date without time."""
        value = self._get(key)
        if value is not None and (not isinstance(value, date) or isinstance(value, datetime)):
            self._fault("key_not_date", key)
        return value if isinstance(value, date) else date.min

    def words(self, key: str) -> tuple[str, ...]:
        """A list of texts, each once; may be empty."""
        value = self._get(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self._fault("key_not_texts", key)
            return ()
        for item in sorted({item for item in value if value.count(item) > 1}):
            self._fault("id_repeated", key, id=item)
        return tuple(dict.fromkeys(value))

    def counts(self, key: str) -> tuple[tuple[str, int], ...]:
        """A table of whole numbers from 1 to 100, in the order written."""
        if (table := self.table(key)) is None:
            return ()
        return tuple((name, table.whole(name, 1, 100)) for name in table._data)

    def table(self, key: str) -> "Table | None":
        """A table inside this one; None when it is missing or something else."""
        value = self._get(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            self._fault("key_not_table", key)
            return None
        return Table(self._faults, self.path, value, self._lines, (*self._place, key))

    def tables(self, key: str) -> tuple["Table", ...]:
        """A list of one or more tables, written `[[key]]`."""
        value = self._get(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not value or not all(isinstance(item, dict) for item in value):
            self._fault("key_not_tables", key)
            return ()
        return tuple(
            Table(self._faults, self.path, item, self._lines, (*self._place, key, index))
            for index, item in enumerate(value)
        )

    def close(self) -> None:
        """Say that everything has been asked: whatever else the author wrote is unknown, often a slip of the pen."""
        for key in self._data:
            if key not in self._known:
                self._fault("key_unknown", key)

    def _get(self, key: str) -> object | None:
        self._known.add(key)
        if key not in self._data:
            self._faults.add(self.path, self.line(), "key_missing", key=key)
            return None
        return self._data[key]

    def _fault(self, code: str, key: str, **params: str | int) -> None:
        self._faults.add(self.path, self.line(key), code, **{"key": key, **params})


def read_table(faults: Faults, path: str, text: str, offset: int = 0) -> Table | None:
    """The TOML of `text`, which starts after line `offset` of its file; None after noting that it is not TOML."""
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # ValueError: bad TOML, or a number too long for Python
        found = _AT_LINE.search(str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        faults.add(path, line + offset, "toml_invalid")
        return None
    return Table(faults, path, data, Lines(text, offset))


def read_front_matter(faults: Faults, path: str, text: str) -> tuple[Table | None, str, int]:
    """The table between two `+++` lines, the text after it, and the number of lines before that text.

    Without a table (a fault) the text is what follows the only `+++`, if there is one.
    """
    lines = text.split("\n")
    fences = [number for number, line in enumerate(lines) if line.rstrip() == FENCE]
    if fences[:1] != [0]:
        faults.add(path, 1, "front_matter_missing")
        start = fences[0] + 1 if fences else 0
        return None, "\n".join(lines[start:]), start
    if len(fences) == 1:
        faults.add(path, 1, "front_matter_unclosed")
        return None, "", len(lines)
    end = fences[1]
    table = read_table(faults, path, "\n".join(lines[1:end]), offset=1)
    return table, "\n".join(lines[end + 1 :]), end + 1
