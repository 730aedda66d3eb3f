"""Course files to frozen objects, and every fault in them with its file and line. Reads only; publishes nothing."""

from lms.content.model import (
    Course,
    Fault,
    Lesson,
    Objective,
    Option,
    Question,
    QuestionKind,
    Quiz,
    QuizKind,
    Source,
)
from lms.content.reader import read_course, read_courses

__all__ = [
    "Course",
    "Fault",
    "Lesson",
    "Objective",
    "Option",
    "Question",
    "QuestionKind",
    "Quiz",
    "QuizKind",
    "Source",
    "read_course",
    "read_courses",
]
