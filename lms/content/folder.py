"""The files of a course on disk: only those the format knows, only plain ones, only text."""

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from lms.content.faults import Faults
from lms.content.hashing import normalise
from lms.content.tables import is_identifier

LARGEST: Final = 1_048_576
"""Bytes a file may have. A lesson has some five thousand."""

COURSE: Final = "course.toml"
LESSON: Final = "lesson.md"
QUESTIONS: Final = "questions.md"
FINAL: Final = "final"

_MODULE = re.compile(r"(\d\d)-(.+)")


@dataclass(frozen=True)
class Module:
    """A folder `NN-slug` and its place in the course, counted from 1."""

    name: str
    slug: str
    position: int


@dataclass
class Folder:
    """What was found: `name` of the course, its modules in order, and the text of each file by its path inside."""

    name: str
    modules: list[Module] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)

    def path(self, inside: str) -> str:
        """The path of one of its files as faults show it."""
        return f"{self.name}/{inside}"


def shown(name: str) -> str:
    """A file name fit to be printed, whatever bytes the disk holds."""
    return "".join(char if char.isprintable() else "�" for char in os.fsencode(name).decode(errors="replace"))


def entries(faults: Faults, folder: Path, path: str) -> Iterator[os.DirEntry[str]]:
    """What a folder holds, by name, without symbolic links: they could lead out of the course."""
    try:
        with os.scandir(folder) as scan:
            found = sorted(scan, key=lambda entry: entry.name)
    except OSError:
        faults.add(path or ".", 1, "file_unreadable")
        return
    for entry in found:
        if entry.is_symlink():
            faults.add(f"{path}/{shown(entry.name)}".lstrip("/"), 1, "symlink_refused")
        else:
            yield entry


def read_folder(faults: Faults, folder: Path) -> Folder:
    """Read a course folder; everything in it that the format does not know is a fault."""
    result = Folder(shown(folder.name))
    for entry in entries(faults, folder, result.name):
        if entry.name == COURSE:
            _read(faults, result, folder, COURSE)
        elif entry.is_dir() and entry.name == FINAL:
            _read_inside(faults, result, folder, FINAL, (QUESTIONS,))
        elif entry.is_dir() and (module := _MODULE.fullmatch(entry.name)):
            _add_module(faults, result, entry.name, int(module[1]), module[2])
            _read_inside(faults, result, folder, entry.name, (LESSON, QUESTIONS))
        else:
            faults.add(result.path(shown(entry.name)), 1, "file_unknown")
    _check_missing(faults, result)
    return result


def _add_module(faults: Faults, result: Folder, name: str, number: int, slug: str) -> None:
    path = result.path(shown(name))
    # After a gap the count goes on from there: one folder forgotten is one fault, not one for each folder after it.
    expected = int(result.modules[-1].name[:2]) + 1 if result.modules else 1
    if number != expected:
        faults.add(path, 1, "folder_number", found=number, expected=expected)
    if not is_identifier(slug):
        faults.add(path, 1, "id_invalid", id=shown(slug))
    elif slug == FINAL or slug in [module.slug for module in result.modules]:
        faults.add(path, 1, "id_repeated", id=slug)
    result.modules.append(Module(name, slug, len(result.modules) + 1))


def _read_inside(faults: Faults, result: Folder, folder: Path, name: str, known: tuple[str, ...]) -> None:
    for entry in entries(faults, folder / name, result.path(shown(name))):
        if entry.name in known:
            _read(faults, result, folder, f"{name}/{entry.name}")
        else:
            faults.add(result.path(f"{shown(name)}/{shown(entry.name)}"), 1, "file_unknown")


def _check_missing(faults: Faults, result: Folder) -> None:
    wanted = [COURSE, *(f"{module.name}/{LESSON}" for module in result.modules), f"{FINAL}/{QUESTIONS}"]
    faulty = {fault.path for fault in faults.sorted()}
    for inside in wanted:
        # A link or an unreadable file is there, and has been reported as what it is.
        if inside not in result.texts and (path := result.path(shown(inside))) not in faulty:
            faults.add(path, 1, "file_missing")
    if not result.modules:
        faults.add(result.name, 1, "lessons_missing")


def _read(faults: Faults, result: Folder, folder: Path, inside: str) -> None:
    path = result.path(shown(inside))
    try:
        data = _bytes(folder / inside)
    except OSError:
        faults.add(path, 1, "file_unreadable")
        return
    if len(data) > LARGEST:
        faults.add(path, 1, "file_too_large", largest=LARGEST // 1_048_576)
        return
    try:
        result.texts[inside] = normalise(data)
    except UnicodeDecodeError as error:
        faults.add(path, data.count(b"\n", 0, error.start) + 1, "file_not_utf8")


def _bytes(file: Path) -> bytes:
    """At most one byte more than a file may have; OSError for links, pipes and whatever else is not a plain file."""
    guards = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    with open(file, "rb", opener=lambda path, flags: os.open(path, flags | guards)) as stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise OSError
        return stream.read(LARGEST + 1)
