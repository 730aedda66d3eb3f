"""The folder itself: what must be there, what may not be, and what is never opened."""

import os
from pathlib import Path

import pytest

from lms.content import read_course, read_courses
from lms.content.folder import LARGEST
from lms.texts.sentences import sentence
from lms.texts.sentences_courses import SENTENCES
from tests.content.course_files import GOOD, write
from tests.content.test_faults import SLIPS


def codes(folder: Path) -> list[tuple[str, int, str]]:
    """The faults of a folder without the `course.` of their codes."""
    course, faults = read_course(folder)
    assert course is None
    for fault in faults:
        assert sentence(fault.code, **dict(fault.params))
    return [(fault.path, fault.line, fault.code.removeprefix("course.")) for fault in faults]


@pytest.mark.parametrize("inside", ["02-segunda/lesson.md", "final/questions.md", "course.toml"])
def test_missing_file(tmp_path: Path, inside: str) -> None:
    folder = write(tmp_path, GOOD)
    (folder / inside).unlink()
    assert codes(folder) == [(f"curso/{inside}", 1, "file_missing")]


def test_unknown_files_and_folders(tmp_path: Path) -> None:
    extra = ("notas.txt", "01-primera/foto.png", "1-mal/lesson.md", ".DS_Store")
    folder = write(tmp_path, {**GOOD, **dict.fromkeys(extra, "")})
    assert codes(folder) == [
        ("curso/.DS_Store", 1, "file_unknown"),
        ("curso/01-primera/foto.png", 1, "file_unknown"),
        ("curso/1-mal", 1, "file_unknown"),
        ("curso/notas.txt", 1, "file_unknown"),
    ]


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("04-segunda", ("curso/04-segunda", 1, "folder_number")),
        ("01-segunda", ("curso/01-segunda", 1, "folder_number")),
        ("02-primera", ("curso/02-primera", 1, "id_repeated")),
        ("02-final", ("curso/02-final", 1, "id_repeated")),
        ("02-Segunda", ("curso/02-Segunda", 1, "id_invalid")),
    ],
)
def test_names_of_modules(tmp_path: Path, name: str, fault: tuple[str, int, str]) -> None:
    folder = write(tmp_path, GOOD)
    (folder / "02-segunda").rename(folder / name)
    assert codes(folder) == [fault]


def test_one_gap_is_one_fault(tmp_path: Path) -> None:
    folder = write(tmp_path, GOOD)
    third = GOOD["02-segunda/lesson.md"].replace("c-l2", "c-l3")
    write(tmp_path, {"03-tercera/lesson.md": third})
    (folder / "03-tercera").rename(folder / "04-tercera")
    (folder / "02-segunda").rename(folder / "03-segunda")
    assert codes(folder) == [("curso/03-segunda", 1, "folder_number")]


def test_not_utf8_is_told_with_its_line(tmp_path: Path) -> None:
    folder = write(tmp_path, GOOD)
    lesson = folder / "01-primera/lesson.md"
    lesson.write_bytes(lesson.read_bytes().replace("Más".encode(), "Más".encode("cp1252")))
    assert codes(folder) == [("curso/01-primera/lesson.md", 18, "file_not_utf8")]


def test_size_has_a_limit(tmp_path: Path) -> None:
    folder = write(tmp_path, GOOD)
    lesson = folder / "02-segunda/lesson.md"
    text = lesson.read_bytes()
    lesson.write_bytes(text + b"\n" * (LARGEST - len(text)))
    assert read_course(folder)[1] == ()
    lesson.write_bytes(text + b"\n" * (LARGEST - len(text) + 1))
    assert codes(folder) == [("curso/02-segunda/lesson.md", 1, "file_too_large")]


def test_symbolic_links_are_refused(tmp_path: Path) -> None:
    folder = write(tmp_path, GOOD)
    outside = tmp_path / "fuera.md"
    (folder / "02-segunda/lesson.md").rename(outside)
    (folder / "02-segunda/lesson.md").symlink_to(outside)
    (folder / "03-tercera").symlink_to(folder / "01-primera")
    assert codes(folder) == [
        ("curso/02-segunda/lesson.md", 1, "symlink_refused"),
        ("curso/03-tercera", 1, "symlink_refused"),
    ]
    (tmp_path / "enlace").symlink_to(folder)
    assert codes(tmp_path / "enlace") == [("enlace", 1, "symlink_refused")]


def test_a_pipe_is_not_waited_for_and_a_folder_is_not_a_file(tmp_path: Path) -> None:
    folder = write(tmp_path, GOOD)
    for inside in ("01-primera/lesson.md", "02-segunda/lesson.md"):
        (folder / inside).unlink()
    os.mkfifo(folder / "01-primera/lesson.md")
    (folder / "02-segunda/lesson.md").mkdir()
    assert codes(folder) == [
        ("curso/01-primera/lesson.md", 1, "file_unreadable"),
        ("curso/02-segunda/lesson.md", 1, "file_unreadable"),
    ]


def test_a_name_that_is_not_text_can_still_be_printed(tmp_path: Path) -> None:
    folder = write(tmp_path, GOOD)
    (folder / os.fsdecode(b"ma\xf1ana\n.txt")).touch()
    (fault,) = codes(folder)
    assert fault == ("curso/ma�ana�.txt", 1, "file_unknown")


def test_no_folder_and_no_modules(tmp_path: Path) -> None:
    assert codes(tmp_path / "nada") == [("nada", 1, "folder_missing")]
    found, faults = read_courses(tmp_path / "nada")
    assert (found, [(fault.path, fault.code) for fault in faults]) == ((), [(".", "course.file_unreadable")])
    empty = tmp_path / "vacio"
    empty.mkdir()
    assert codes(empty) == [
        ("vacio", 1, "lessons_missing"),
        ("vacio/course.toml", 1, "file_missing"),
        ("vacio/final/questions.md", 1, "file_missing"),
    ]


def test_every_sentence_is_for_a_fault_that_has_its_test() -> None:
    here = {
        *("folder_missing", "file_missing", "file_unknown", "file_unreadable", "file_too_large", "file_not_utf8"),
        *("symlink_refused", "folder_number", "lessons_missing", "key_not_tables"),
    }
    assert {code.removeprefix("course.") for code in SENTENCES} == here | {slip[4] for slip in SLIPS}
