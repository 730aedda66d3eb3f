"""A course without faults becomes exactly what its files say."""

from datetime import date
from pathlib import Path

import pytest

from lms.content import Course, Objective, Source, read_course, read_courses
from tests.content.course_files import GOOD, changed, write


@pytest.fixture
def course(tmp_path: Path) -> Course:
    found, faults = read_course(write(tmp_path, GOOD))
    assert faults == ()
    assert found is not None
    return found


def test_course_says_what_course_toml_says(course: Course) -> None:
    assert (course.slug, course.title, course.summary) == ("curso", "Un curso", "Para quien prueba.")
    assert (course.language, course.hours, course.current_on) == ("es-MX", 2, date(2026, 4, 30))
    assert course.objectives == (Objective("reconocer", "Reconocer algo"), Objective("aplicar", "Aplicar algo"))
    assert course.sources == (Source("ley-1", "Ley de ejemplo, artículo 1"),)


def test_lessons_follow_their_folders(course: Course) -> None:
    first, second = course.lessons
    assert (first.id, first.slug, first.position, first.title) == ("c-l1", "primera", 1, "Primera lección")
    assert (first.minutes, first.current_on) == (7, date(2026, 4, 30))
    assert (first.objectives, first.sources) == (("reconocer",), ("ley-1",))
    assert (first.review_law, first.review_teaching) == ("pendiente", "revisó Ana Ejemplo")
    assert (second.id, second.slug, second.position) == ("c-l2", "segunda", 2)
    assert (second.objectives, second.sources, second.html) == (("aplicar", "reconocer"), (), "<p>Otra frase.</p>")
    assert second.words == 2


def test_lesson_is_accessible_html(course: Course) -> None:
    assert course.lessons[0].html == (
        "<p>Una frase con <strong>fuerza</strong>.</p>\n"
        "<h2>Un título</h2>\n"
        '<aside class="block block-situacion" role="note">\n'
        '<h3 class="block-title">Un trámite</h3>\n'
        "<p>Llega una persona.</p>\n"
        "</aside>\n"
        "<h3>Más abajo</h3>\n"
        '<div class="table-scroll" role="group" tabindex="0" aria-label="Tabla">\n'
        "<table>\n<thead>\n<tr>\n"
        '<th scope="col">Qué</th>\n<th class="align-right" scope="col">Cuánto</th>\n'
        "</tr>\n</thead>\n<tbody>\n<tr>\n"
        '<td>Uno</td>\n<td class="align-right">1</td>\n'
        "</tr>\n</tbody>\n</table>\n</div>\n"
        '<p>Llama al <a href="tel:911" rel="noopener noreferrer">911</a>.</p>'
    )
    assert course.lessons[0].words == 20


def test_quizzes_belong_to_their_lessons_and_the_final_comes_last(course: Course) -> None:
    formative, final = course.quizzes
    assert (formative.id, formative.slug, formative.kind, formative.title) == (
        "c-q1", "primera", "formative", "Comprueba",
    )  # fmt: skip
    assert (formative.lesson_id, formative.pass_mark, formative.attempts) == ("c-l1", None, None)
    assert (formative.wait_minutes, formative.draw) == (0, ())
    assert (final.id, final.slug, final.kind, final.title) == ("c-final", "final", "final", "Evaluación final")
    assert (final.lesson_id, final.pass_mark, final.attempts, final.wait_minutes) == (None, 8, 3, 20)
    assert final.draw == (("reconocer", 1), ("aplicar", 1))
    assert [question.id for question in final.questions] == ["c-f-01", "c-f-02"]


def test_questions_keep_kind_order_and_key(course: Course) -> None:
    single, multiple = course.quizzes[0].questions
    assert (single.id, single.kind, single.objective, single.fixed) == ("c-q1-01", "single", "reconocer", False)
    assert single.prompt_html == "<p>¿Cuál es?</p>\n<p>Elige <strong>una</strong>:</p>"
    assert [(option.id, option.right) for option in single.options] == [("a", False), ("b", True), ("c", False)]
    assert single.options[0].html == "La primera"
    assert single.options[0].feedback_html == "<p>No, porque <strong>no</strong>.</p>"
    assert single.options[1].html == "La segunda,\nque sigue aquí"
    assert single.options[1].feedback_html == "<p>Sí.</p>\n<p>Y otro párrafo.</p>"
    assert (multiple.kind, multiple.fixed) == ("multiple", True)
    assert [option.right for option in multiple.options] == [True, True, False]
    true_false = course.quizzes[1].questions[0]
    assert (true_false.kind, true_false.fixed) == ("true_false", True)


def test_quizzes_of_modules_are_optional_and_no_draw_means_all(tmp_path: Path) -> None:
    files = changed("course.toml", "draw = { reconocer = 1, aplicar = 1 }\n", "")
    del files["01-primera/questions.md"]
    course, faults = read_course(write(tmp_path, files))
    assert faults == ()
    assert course is not None
    assert [(quiz.slug, quiz.draw) for quiz in course.quizzes] == [("final", ())]


def test_blocks_take_the_heading_level_of_where_they_stand(tmp_path: Path) -> None:
    body = "::: aviso A\nuno\n:::\n## Dos\n### Tres\n::: clave B\ndos\n:::\n#### Cuatro\n"
    course, faults = read_course(write(tmp_path, changed("02-segunda/lesson.md", "Otra frase.\n", body)))
    assert faults == ()
    assert course is not None
    html = course.lessons[1].html
    levels = [html[at + 2] for at in range(len(html)) if html.startswith("<h", at)]
    assert levels == ["2", "2", "3", "4", "4"]


def test_a_list_in_a_prompt_is_part_of_the_prompt(tmp_path: Path) -> None:
    files = changed("final/questions.md", "¿Qué haces?\n", "Tienes:\n- Ana: una [guía](guia)\n- [otra](otra)\n")
    course, faults = read_course(write(tmp_path, files))
    assert faults == ()
    assert course is not None
    prompt = course.quizzes[1].questions[1].prompt_html
    assert prompt.startswith("<p>Tienes:</p>\n<ul>\n<li>Ana: una <a ")
    assert prompt.count("<li>") == 2


def test_courses_are_read_by_folder_and_a_bad_one_leaves_the_others_alone(tmp_path: Path) -> None:
    write(tmp_path, changed("course.toml", '"curso"', '"b-curso"'), "b-curso")
    write(tmp_path, changed("course.toml", '"curso"', '"a-curso"'), "a-curso")
    write(tmp_path, changed("course.toml", "hours = 2\n", ""), "curso")
    (tmp_path / "README.md").write_text("formato")
    (tmp_path / ".git").mkdir()
    (tmp_path / "notas.txt").write_text("sobra")
    courses, faults = read_courses(tmp_path)
    assert [course.slug for course in courses] == ["a-curso", "b-curso"]
    assert [(fault.path, fault.line, fault.code) for fault in faults] == [
        ("curso/course.toml", 1, "course.key_missing"),
        ("notas.txt", 1, "course.file_unknown"),
    ]


def test_courses_in_this_repository_have_no_faults() -> None:
    courses, faults = read_courses(Path(__file__).parents[2] / "courses")
    assert faults == ()
    assert "derechos-humanos" in [course.slug for course in courses]
