"""What a course is once its files have been read: frozen values, and the faults found on the way."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

QuestionKind = Literal["single", "multiple", "true_false"]
QuizKind = Literal["formative", "final"]


@dataclass(frozen=True, order=True)
class Fault:
    """Something to mend in a course file.

    `path` is relative to the folder that holds the courses, with `/`. `line` counts from 1 in the file as the author
    sees it; 1 also stands for a whole file or folder. `code` with `params` becomes a sentence in `lms.texts`.
    """

    path: str
    line: int
    code: str
    params: tuple[tuple[str, str | int], ...] = ()


@dataclass(frozen=True)
class Objective:
    """Something a person can do after the course."""

    id: str
    text: str


@dataclass(frozen=True)
class Source:
    """Where a statement of the course comes from, as it is cited."""

    id: str
    text: str


@dataclass(frozen=True)
class Option:
    """An answer one may choose. `id` is its letter by position; `html` fits inside a label; the feedback is blocks."""

    id: str
    html: str
    right: bool
    feedback_html: str


@dataclass(frozen=True)
class Question:
    """A question. `fixed` means that its options keep their order; `prompt_html` is blocks (at least one paragraph)."""

    id: str
    kind: QuestionKind
    objective: str
    prompt_html: str
    fixed: bool
    options: tuple[Option, ...]


@dataclass(frozen=True)
class Quiz:
    """A formative quiz (of the lesson `lesson_id`) or the final one.

    `pass_mark` is out of 10; `attempts` and `pass_mark` are None where they do not count. `wait_minutes` runs between
    failed attempts. `draw` says how many questions of each objective are asked; empty means all of them.
    """

    id: str
    slug: str
    kind: QuizKind
    title: str
    lesson_id: str | None
    pass_mark: int | None
    attempts: int | None
    wait_minutes: int
    draw: tuple[tuple[str, int], ...]
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Lesson:
    """A lesson. `html` is sanitised and starts at h2; `current_on` is the day on which its facts were checked."""

    id: str
    slug: str
    position: int
    title: str
    minutes: int
    html: str
    words: int
    objectives: tuple[str, ...]
    sources: tuple[str, ...]
    current_on: date
    review_law: str
    review_teaching: str


@dataclass(frozen=True)
class Course:
    """A whole course without faults. `content_hash` is the sha-256 (64 hex digits) of everything its folder says."""

    slug: str
    title: str
    summary: str
    language: str
    hours: int
    current_on: date
    objectives: tuple[Objective, ...]
    sources: tuple[Source, ...]
    lessons: tuple[Lesson, ...]
    quizzes: tuple[Quiz, ...]
    content_hash: str
