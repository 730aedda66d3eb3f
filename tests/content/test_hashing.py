"""The content hash: the same for the same text, another for any other."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.content import read_course
from lms.content.hashing import content_hash, normalise
from tests.content.course_files import GOOD, changed, write


def hash_of(root: Path, files: dict[str, str] | dict[str, bytes]) -> str:
    course, faults = read_course(write(root, files))
    assert faults == ()
    assert course is not None
    return course.content_hash


@pytest.mark.parametrize(
    "save",
    [
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.replace("\n", "\r").encode(),
        lambda text: unicodedata.normalize("NFD", text).encode(),
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: text.rstrip("\n").encode(),
        lambda text: (text + "\n \t\n").encode(),
    ],
    ids=["crlf", "cr", "nfd", "bom", "no-end", "blank-end"],
)
def test_how_a_file_is_saved_does_not_matter(tmp_path: Path, save) -> None:
    saved = {inside: save(text) for inside, text in GOOD.items()}
    digest = hash_of(tmp_path / "saved", saved)
    assert digest == hash_of(tmp_path / "plain", GOOD)
    assert len(digest) == 64


def test_order_of_writing_does_not_matter(tmp_path: Path) -> None:
    backwards = dict(reversed(GOOD.items()))
    assert hash_of(tmp_path / "a", GOOD) == hash_of(tmp_path / "b", backwards)
    assert content_hash(GOOD) == content_hash(backwards)


@pytest.mark.parametrize("inside", sorted(GOOD))
def test_any_character_of_any_file_matters(inside: str) -> None:
    before = content_hash(GOOD)
    text = GOOD[inside]
    digests = {
        content_hash({**GOOD, inside: text[:at] + ("#" if char != "#" else "*") + text[at + 1 :]})
        for at, char in enumerate(text)
    }
    assert before not in digests
    assert len(digests) == len(text)


def test_a_file_more_or_elsewhere_matters(tmp_path: Path) -> None:
    without = {inside: text for inside, text in GOOD.items() if inside != "01-primera/questions.md"}
    renamed = {inside.replace("02-segunda", "02-otra"): text for inside, text in GOOD.items()}
    digests = [hash_of(tmp_path / str(at), files) for at, files in enumerate([GOOD, without, renamed])]
    assert len(set(digests)) == 3


def test_text_cannot_move_from_one_file_to_the_next() -> None:
    assert content_hash({"a": "xb", "c": ""}) != content_hash({"a": "x", "bc": ""})
    assert content_hash({"a": "xy", "b": "z"}) != content_hash({"a": "x", "b": "yz"})


def test_a_spelling_mended_makes_another_course(tmp_path: Path) -> None:
    mended = changed("01-primera/lesson.md", "frase", "oración")
    assert hash_of(tmp_path / "a", GOOD) != hash_of(tmp_path / "b", mended)


@settings(max_examples=50, deadline=None)
@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text.encode(errors="replace"))
    assert normalise(once.encode()) == once
