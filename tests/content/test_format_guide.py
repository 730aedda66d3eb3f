"""The guide for authors keeps its word: its model is a course, and it names what the reader knows."""

import re
from pathlib import Path

from lms.content import read_course
from lms.content.questions import KINDS
from lms.content.render import BLOCKS
from tests.content.course_files import write

GUIDE = (Path(__file__).parents[2] / "courses" / "README.md").read_text(encoding="utf-8")
MODEL = re.compile(r"<!-- modelo: (\S+) -->\n```\w+\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def test_the_model_of_the_guide_is_a_good_course(tmp_path: Path) -> None:
    files = dict(MODEL.findall(GUIDE))
    assert len(files) == 4
    course, faults = read_course(write(tmp_path, files, "mi-curso"))
    assert faults == ()
    assert course is not None
    kinds = {question.kind for quiz in course.quizzes for question in quiz.questions}
    assert kinds == set(KINDS.values())


def test_the_guide_names_every_block_and_kind() -> None:
    for name in (*BLOCKS, *KINDS):
        assert f"| `{name}` |" in GUIDE
