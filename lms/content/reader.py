"""From the files of a course to one frozen `Course`, or to all the faults that stand in its way."""

import os
import re
from collections import Counter
from pathlib import Path

from lms.content.faults import Faults
from lms.content.folder import COURSE, FINAL, LESSON, QUESTIONS, Folder, Module, entries, read_folder, shown
from lms.content.hashing import content_hash
from lms.content.model import Course, Fault, Lesson, Objective, Question, Quiz, Source
from lms.content.questions import read_questions
from lms.content.render import Passage, render_lesson
from lms.content.tables import Table, read_front_matter, read_table

README = "README.md"
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")
_LONGEST_SUMMARY = 1000
_MOST_HOURS = 500
_MOST_MINUTES = 600
_MOST_ATTEMPTS = 20
_LONGEST_WAIT = 7 * 24 * 60


def read_course(folder: Path) -> tuple[Course | None, tuple[Fault, ...]]:
    """Read one course folder: the course, or None with all its faults at once. Raises nothing for what it finds."""
    folder = Path(os.path.abspath(folder))
    faults = Faults()
    if folder.is_symlink():
        faults.add(shown(folder.name), 1, "symlink_refused")
    elif not folder.is_dir():
        faults.add(shown(folder.name), 1, "folder_missing")
    if faults.sorted():
        return None, faults.sorted()
    course = _CourseReader(faults, read_folder(faults, folder)).course()
    found = faults.sorted()
    return (None if found else course), found


def read_courses(root: Path) -> tuple[tuple[Course, ...], tuple[Fault, ...]]:
    """Read every course under `root`, by folder name: the courses without faults, and the faults of the others."""
    faults = Faults()
    courses: list[Course] = []
    found: list[Fault] = []
    for entry in entries(faults, root, ""):
        if entry.is_dir() and not entry.name.startswith("."):
            course, course_faults = read_course(Path(entry.path))
            found += course_faults
            courses += [course] if course else []
        elif entry.name != README and not entry.name.startswith("."):
            faults.add(shown(entry.name), 1, "file_unknown")
    return tuple(courses), tuple(sorted([*found, *faults.sorted()]))


class _CourseReader:
    """Holds what the files of one course must agree about: objectives, sources and the ids already taken."""

    def __init__(self, faults: Faults, folder: Folder) -> None:
        self._faults = faults
        self._folder = folder
        self._objectives: tuple[Objective, ...] = ()
        self._sources: tuple[Source, ...] = ()
        self._taken: set[str] = set()

    def course(self) -> Course | None:
        """The course as far as it can be read; only worth keeping when no fault was noted."""
        table = None
        if COURSE in self._folder.texts:
            table = read_table(self._faults, self._folder.path(COURSE), self._folder.texts[COURSE])
        if table is None:
            # Without its objectives and sources every reference would look like a fault of its own.
            return None
        self._objectives = tuple(Objective(id, text) for id, text in self._named(table, "objectives"))
        self._sources = tuple(Source(id, text) for id, text in self._named(table, "sources"))
        lessons, quizzes = self._modules()
        final = self._final(table)
        course = Course(
            slug=table.identifier("slug"),
            title=table.text("title"),
            summary=table.text("summary", _LONGEST_SUMMARY),
            language=table.text("language"),
            hours=table.whole("hours", 1, _MOST_HOURS),
            current_on=table.day("vigente_al"),
            objectives=self._objectives,
            sources=self._sources,
            lessons=tuple(lessons),
            quizzes=(*quizzes, final) if final else tuple(quizzes),
            content_hash=content_hash(self._folder.texts),
        )
        table.close()
        self._check_names(table, course)
        return course

    def _check_names(self, table: Table, course: Course) -> None:
        if course.slug and course.slug != self._folder.name:
            folder = self._folder.name
            self._faults.add(table.path, table.line("slug"), "slug_differs", slug=course.slug, folder=folder)
        if course.language and not _LANGUAGE.fullmatch(course.language):
            self._faults.add(table.path, table.line("language"), "language_unknown", value=course.language)

    def _named(self, table: Table, key: str) -> list[tuple[str, str]]:
        """The `[[objectives]]` or `[[sources]]`: an id and a text each."""
        found: dict[str, str] = {}
        for item in table.tables(key):
            id, text = item.identifier("id"), item.text("text")
            item.close()
            if id and id in found:
                self._faults.add(table.path, item.line("id"), "id_repeated", id=id)
            elif id:
                found[id] = text
        return list(found.items())

    def _modules(self) -> tuple[list[Lesson], list[Quiz]]:
        lessons: list[Lesson] = []
        quizzes: list[Quiz] = []
        for module in self._folder.modules:
            lesson = self._lesson(module)
            lessons += [lesson] if lesson else []
            quiz = self._formative(module, lesson.id if lesson else None)
            quizzes += [quiz] if quiz else []
        return lessons, quizzes

    def _lesson(self, module: Module) -> Lesson | None:
        inside = f"{module.name}/{LESSON}"
        if inside not in self._folder.texts:
            return None
        path = self._folder.path(inside)
        table, body, offset = read_front_matter(self._faults, path, self._folder.texts[inside])
        prose = render_lesson(self._faults, Passage(path, offset, body))
        if table is None:
            return None
        if not prose.words:
            self._faults.add(path, 1, "lesson_empty")
        review = table.table("review")
        lesson = Lesson(
            id=self._own_id(table),
            slug=module.slug,
            position=module.position,
            title=table.text("title"),
            minutes=table.whole("minutes", 1, _MOST_MINUTES),
            html=prose.html,
            words=prose.words,
            objectives=self._known(table, "objectives", {item.id for item in self._objectives}),
            sources=self._known(table, "sources", {item.id for item in self._sources}),
            current_on=table.day("vigente_al"),
            review_law=review.text("law") if review else "",
            review_teaching=review.text("teaching") if review else "",
        )
        if review:
            review.close()
        table.close()
        return lesson

    def _known(self, table: Table, key: str, declared: set[str]) -> tuple[str, ...]:
        """A lesson's list of objectives or sources, each declared in course.toml. A lesson needs an objective."""
        words = table.words(key)
        code = "objective_unknown" if key == "objectives" else "source_unknown"
        for word in words:
            if word not in declared:
                self._faults.add(table.path, table.line(key), code, id=word)
        if key == "objectives" and not words and table.has(key):
            self._faults.add(table.path, table.line(key), "key_not_list", key=key)
        return words

    def _formative(self, module: Module, lesson_id: str | None) -> Quiz | None:
        inside = f"{module.name}/{QUESTIONS}"
        if inside not in self._folder.texts:
            return None
        table, questions = self._questions(inside)
        if table is None:
            return None
        quiz = Quiz(
            id=self._own_id(table), slug=module.slug, kind="formative", title=table.text("title"), lesson_id=lesson_id,
            pass_mark=None, attempts=None, wait_minutes=0, draw=(), questions=questions,
        )  # fmt: skip
        table.close()
        return quiz

    def _final(self, course: Table) -> Quiz | None:
        inside = f"{FINAL}/{QUESTIONS}"
        settings = course.table("final")
        front: Table | None = None
        questions: tuple[Question, ...] = ()
        if inside in self._folder.texts:
            front, questions = self._questions(inside)
            self._check_bank(course, settings, questions)
        if settings is None:
            return None
        title = settings.text("title")
        quiz = Quiz(
            id=self._own_id(front) if front else "",
            slug=FINAL,
            kind="final",
            title=title,
            lesson_id=None,
            pass_mark=settings.whole("pass_mark", 1, 10),
            attempts=settings.whole("attempts", 1, _MOST_ATTEMPTS),
            wait_minutes=settings.whole("wait_minutes", 0, _LONGEST_WAIT),
            draw=settings.counts("draw") if settings.has("draw") else (),
            questions=questions,
        )
        settings.close()
        if front:
            # Its title stands in course.toml; a file that repeats it must say the same.
            if front.has("title") and (again := front.text("title")) and title and again != title:
                self._faults.add(front.path, front.line("title"), "title_differs", title=title)
            front.close()
        return quiz

    def _check_bank(self, course: Table, settings: Table | None, questions: tuple[Question, ...]) -> None:
        """Every objective is assessed, and no draw asks for more questions than there are."""
        if not questions:
            return
        held = Counter(question.objective for question in questions)
        for item in course.tables("objectives"):
            if (id := item.identifier("id")) and not held[id]:
                self._faults.add(course.path, item.line("id"), "objective_without_questions", id=id)
        if settings is None or not settings.has("draw"):
            return
        for id, asked in settings.counts("draw"):
            line = settings.line("draw")
            if id not in {item.id for item in self._objectives}:
                self._faults.add(course.path, line, "objective_unknown", id=id)
            elif asked > held[id]:
                self._faults.add(course.path, line, "draw_too_many", id=id, asked=asked, held=held[id])

    def _questions(self, inside: str) -> tuple[Table | None, tuple[Question, ...]]:
        path = self._folder.path(inside)
        table, body, offset = read_front_matter(self._faults, path, self._folder.texts[inside])
        objectives = [item.id for item in self._objectives]
        questions = read_questions(
            self._faults, path, body, offset, objectives, lambda id, line: self._claim(path, line, id)
        )
        if table is not None and not questions:
            self._faults.add(path, 1, "quiz_empty")
        return table, questions

    def _own_id(self, table: Table) -> str:
        id = table.identifier("id")
        if id:
            self._claim(table.path, table.line("id"), id)
        return id

    def _claim(self, path: str, line: int, id: str) -> None:
        """Lessons, quizzes and questions share one set of ids: people's answers and progress point to them."""
        if id in self._taken:
            self._faults.add(path, line, "id_repeated", id=id)
        self._taken.add(id)
