"""Quizzes in the browser: what is asked, what is kept, what is never shown, and the one result."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from lms import clock
from lms.database import db
from lms.models.courses import Question, QuestionText, Quiz
from lms.models.quizzes import Answer, Attempt
from lms.rules.quizzes import option_order, option_token
from tests.people import Cast
from tests.study import (
    COURSE,
    FINAL,
    FORMATIVE,
    answer_all,
    asked,
    begin,
    open_attempt,
    read,
    stored,
    take,
    up_to_final,
)


def count(table: type) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def answers(attempt: Attempt) -> dict[str, list[str]]:
    db.session.rollback()
    rows = db.session.execute(select(Answer.question_stable_id, Answer.options).where(Answer.attempt_id == attempt.id))
    return dict(rows.all())


def token(attempt: Attempt, n: int, option: str) -> str:
    return option_token(attempt.seed, attempt.question_ids[n - 1], option)


def url(attempt: Attempt, rest: object) -> str:
    return f"/intentos/{attempt.public_id}/{rest}"


def test_the_final_explains_why_it_is_locked(cast: Cast) -> None:
    browser = cast.client(cast.learner)
    assert browser.get(FINAL).location == COURSE
    begin(browser)
    page = browser.get(FINAL).text
    assert "Antes de esta evaluación te faltan 3 pasos del curso." in page
    assert f'href="{COURSE}/leccion-1"' in page
    assert browser.post(f"{FINAL}/empezar").location == FINAL
    assert count(Attempt) == 0


def test_the_intro_says_what_to_expect(cast: Cast) -> None:
    browser = cast.client(cast.learner)
    up_to_final(browser)
    page = browser.get(FINAL).text
    assert "<dd>4</dd>" in page
    assert "8 de 10" in page
    assert "te quedan 3" in page
    assert "espera de 20 minutos" in page
    assert browser.get(f"{COURSE}/evaluaciones/no-hay").status_code == 404


def test_starting_again_resumes_at_the_first_question_without_an_answer(cast: Cast) -> None:
    browser = cast.client(cast.learner)
    up_to_final(browser)
    attempt = open_attempt(browser, FINAL)
    assert len(attempt.question_ids) == 4
    browser.post(url(attempt, 1), data={"answer": token(attempt, 1, "b")})
    other_device = cast.client(cast.learner)
    assert other_device.post(f"{FINAL}/empezar").location == url(attempt, 2)
    assert f'value="{token(attempt, 1, "b")}" checked' in other_device.get(url(attempt, 1)).text
    assert "Sigue: termina la evaluación que dejaste abierta" in other_device.get("/mis-cursos").text
    assert count(Attempt) == 2  # the formative one and this


def test_one_question_per_screen_with_options_in_the_seeded_order(cast: Cast) -> None:
    browser = cast.client(cast.learner)
    up_to_final(browser)
    attempt = open_attempt(browser, FINAL)
    for n, question in enumerate(attempt.question_ids, start=1):
        page = browser.get(url(attempt, n)).text
        values = re.findall(r'name="answer" value="([^"]+)"', page)
        order = option_order(attempt.seed, question, ["a", "b", "c"], False)
        assert values == [option_token(attempt.seed, question, o) for o in order]
    assert browser.get(url(attempt, 5)).status_code == 404
    assert browser.get(url(attempt, 0)).status_code == 404


@pytest.mark.parametrize(
    ("n", "pressed", "goes"),
    [
        (1, "next", 2),
        (4, "next", "revisar"),
        (1, "previous", 1),
        (3, "previous", 2),
        (2, "4", 4),
        (2, "review", "revisar"),
    ],
)
def test_free_movement_saves_on_the_way(cast: Cast, n: int, pressed: str, goes: object) -> None:
    browser = cast.client(cast.learner)
    up_to_final(browser)
    attempt = open_attempt(browser, FINAL)
    answer = browser.post(url(attempt, n), data={"answer": token(attempt, n, "c"), "to": pressed})
    assert answer.status_code == 303
    assert answer.location == url(attempt, goes)
    assert answers(attempt)[attempt.question_ids[n - 1]] == ["c"]


def test_moving_without_choosing_keeps_what_was_chosen(cast: Cast) -> None:
    browser = cast.client(cast.learner)
    up_to_final(browser)
    attempt = open_attempt(browser, FINAL)
    browser.post(url(attempt, 1), data={"answer": token(attempt, 1, "c")})
    browser.post(url(attempt, 1), data={"to": "next"})
    assert answers(attempt) == {attempt.question_ids[0]: ["c"]}


def test_what_is_not_an_option_is_refused(cast: Cast) -> None:
    browser = cast.client(cast.learner)
    up_to_final(browser)
    attempt = open_attempt(browser, FINAL)
    two = [token(attempt, 1, "a"), token(attempt, 1, "b")]
    for data in ({"answer": "a"}, {"answer": token(attempt, 2, "a")}, {"answer": two}, {"answer": "", "sequence": "x"}):
        assert browser.post(url(attempt, 1), data=data).status_code == 400
        assert browser.post(url(attempt, "respuestas/1"), data=data).status_code == 400
    assert answers(attempt) == {}


def test_autosave_says_saved_and_a_late_retry_never_overwrites(cast: Cast) -> None:
    browser = cast.client(cast.learner)
    up_to_final(browser)
    attempt = open_attempt(browser, FINAL)
    now = int(clock.now().timestamp() * 1000)

    def send(option: str, sequence: int) -> tuple[int, object]:
        answer = browser.post(
            url(attempt, "respuestas/1"), data={"answer": token(attempt, 1, option), "sequence": str(sequence)}
        )
        return answer.status_code, answer.json

    assert send("b", now - 2000) == (200, {"saved": True})
    assert send("c", now - 1000) == (200, {"saved": True})
    assert send("b", now - 1500) == (409, {"saved": False})
    assert send("c", now - 1000) == (200, {"saved": True})
    assert answers(attempt) == {attempt.question_ids[0]: ["c"]}
    # A clock from the future shuts nobody out.
    assert send("a", 2**53) == (200, {"saved": True})
    browser.post(url(attempt, 1), data={"answer": token(attempt, 1, "b")})
    assert answers(attempt) == {attempt.question_ids[0]: ["b"]}


def test_a_question_with_several_right_options(cast: Cast) -> None:
    row = db.session.scalars(select(Question).where(Question.stable_id == "leccion-1-1")).one()
    row.kind, row.right_options = "multiple", ["a", "c"]
    db.session.commit()
    browser = cast.client(cast.learner)
    begin(browser)
    read(browser, 1)
    attempt = open_attempt(browser, FORMATIVE)
    n = attempt.question_ids.index("leccion-1-1") + 1
    assert "Puedes elegir varias" in browser.get(url(attempt, n)).text
    browser.post(url(attempt, n), data={"answer": [token(attempt, n, "a"), token(attempt, n, "c")]})
    assert answers(attempt) == {"leccion-1-1": ["a", "c"]}
    browser.post(url(attempt, n), data={})
    assert answers(attempt) == {"leccion-1-1": []}
    assert "Te faltan 2 preguntas" in browser.get(url(attempt, "revisar")).text
    browser.post(url(attempt, n), data={"answer": [token(attempt, n, "a"), token(attempt, n, "c")]})
    browser.post(url(attempt, "enviar"))
    assert stored(attempt.public_id).score == 500


def test_the_review_says_what_is_missing(cast: Cast) -> None:
    browser = cast.client(cast.learner)
    up_to_final(browser)
    attempt = open_attempt(browser, FINAL)
    browser.post(url(attempt, 2), data={"answer": token(attempt, 2, "a")})
    page = browser.get(url(attempt, "revisar")).text
    assert "Te faltan 3 preguntas" in page
    assert page.count("sin respuesta") == 3
    answer_all(browser, attempt, 4)
    assert "Respondiste todas las preguntas." in browser.get(url(attempt, "revisar")).text


def test_sending_twice_gives_one_result(cast: Cast) -> None:
    browser = cast.client(cast.learner)
    up_to_final(browser)
    attempt = take(browser, FINAL, 4)
    first = (attempt.submitted_at, attempt.score, attempt.passed)
    assert first[1:] == (1000, True)
    with time_machine.travel(clock.now() + timedelta(minutes=5)):
        assert browser.post(url(attempt, "enviar")).location == url(attempt, "resultado")
    again = stored(attempt.public_id)
    assert (again.submitted_at, again.score, again.passed) == first


def test_a_closed_attempt_never_changes(cast: Cast) -> None:
    browser = cast.client(cast.learner)
    up_to_final(browser)
    attempt = take(browser, FINAL, 1)
    kept = answers(attempt)
    data = {"answer": token(attempt, 2, "a")}
    assert browser.post(url(attempt, 2), data=data).location == url(attempt, "resultado")
    assert browser.post(url(attempt, 2)).location == url(attempt, "resultado")
    answer = browser.post(url(attempt, "respuestas/2"), data=data)
    assert (answer.status_code, answer.json) == (409, {"saved": False})
    for page in (1, "revisar"):
        assert browser.get(url(attempt, page)).location == url(attempt, "resultado")
    assert answers(attempt) == kept


def test_an_open_attempt_has_no_result(cast: Cast) -> None:
    browser = cast.client(cast.learner)
    up_to_final(browser)
    attempt = open_attempt(browser, FINAL)
    assert browser.get(url(attempt, "resultado")).location == url(attempt, 1)


def test_somebody_elses_attempt_is_not_found(cast: Cast) -> None:
    browser = cast.client(cast.learner)
    up_to_final(browser)
    attempt = open_attempt(browser, FINAL)
    closed = take(cast.client(cast.learner), FINAL, 4)
    assert closed.public_id == attempt.public_id
    for who in (cast.classmate, cast.stranger, cast.enlace, cast.officer, cast.admin):
        other = cast.client(who)
        for page in (1, "revisar", "resultado"):
            assert other.get(url(attempt, page)).status_code == 404
        for page in (1, "respuestas/1", "enviar"):
            assert other.post(url(attempt, page), data={"answer": token(attempt, 1, "a")}).status_code == 404


# The key ------------------------------------------------------------------


def canaries(cast: Cast) -> None:
    """Give every question feedback and a key that would be recognised in any byte."""
    for text in db.session.scalars(select(QuestionText)):
        text.options = [
            {**option, "id": f"clave-{option['id']}-{text.question_id}", "feedback": "CANARIO"}
            for option in text.options
        ]
    for question in db.session.scalars(select(Question)):
        question.right_options = [f"clave-a-{question.id}"]
    db.session.commit()


def test_the_key_is_in_no_byte_before_the_attempt_closes(cast: Cast) -> None:
    canaries(cast)
    browser = cast.client(cast.learner)
    begin(browser)
    seen: list[bytes] = []
    sizes: dict[str, set[int]] = {"right": set(), "wrong": set()}
    for quiz, before in ((FORMATIVE, 1), (FINAL, 2)):
        read(browser, before)
        attempt = open_attempt(browser, quiz)
        for n, question in enumerate(attempt.question_ids, start=1):
            seen.append(browser.get(url(attempt, n)).data)
            row = db.session.scalars(select(Question).where(Question.stable_id == question)).one()
            for kind, option in (("wrong", f"clave-b-{row.id}"), ("right", f"clave-a-{row.id}")):
                data = {"answer": option_token(attempt.seed, question, option)}
                answer = browser.post(url(attempt, f"respuestas/{n}"), data=data)
                sizes[kind].add(len(answer.data))
                seen.append(answer.data + str(answer.headers).encode())
                seen.append(browser.get(url(attempt, n)).data)
        seen += [browser.get(url(attempt, "revisar")).data, browser.get(quiz).data, browser.get(COURSE).data]
        for body in seen:
            assert b"CANARIO" not in body
            assert b"clave-" not in body
        browser.post(url(attempt, "enviar"))
        assert b"CANARIO" in browser.get(url(attempt, "resultado")).data
        assert stored(attempt.public_id).score == 1000
    assert sizes["right"] == sizes["wrong"]


def test_the_right_option_stands_anywhere() -> None:
    places = [0, 0, 0, 0]
    for seed in range(2000):
        places[option_order(seed, "q", ["a", "b", "c", "d"], False).index("a")] += 1
    # χ² with 3 degrees of freedom: 11.34 is p = 0.01.
    assert sum((seen - 500) ** 2 / 500 for seen in places) < 11.34


def test_a_failed_final_tells_what_she_chose_and_never_which_was_right(cast: Cast) -> None:
    for text in db.session.scalars(select(QuestionText)):
        text.options = [{**o, "feedback": f"Explica-{o['id']}-{text.question_id}."} for o in text.options]
    db.session.commit()
    browser = cast.client(cast.learner)
    up_to_final(browser)
    attempt = take(browser, FINAL, 1)
    page = browser.get(url(attempt, "resultado")).text
    assert "Obtuviste 2.5 de 10. Para acreditar necesitas 8." in page
    assert page.count("Elegiste bien") == 1
    assert page.count("Tu respuesta") == 3
    assert "La respuesta correcta" not in page
    ids = dict(db.session.execute(select(Question.stable_id, Question.id)).all())
    for n, question in enumerate(attempt.question_ids, start=1):
        mine = "a" if n == 1 else "b"
        for option in "abc":
            assert (f"Explica-{option}-{ids[question]}." in page) is (option == mine)
    assert f'href="{COURSE}/leccion-1"' in page


def test_a_passed_final_and_a_formative_show_the_right_options(cast: Cast) -> None:
    row = db.session.scalars(select(Quiz).where(Quiz.kind == "final")).one()
    row.pass_mark = 5
    db.session.commit()
    browser = cast.client(cast.learner)
    begin(browser)
    read(browser, 1)
    formative = take(browser, FORMATIVE, 1)
    page = browser.get(url(formative, "resultado")).text
    assert "Respondiste bien 1 de 2 preguntas." in page
    assert "La respuesta correcta" in page
    assert "Sigue: Lección 2" in page
    read(browser, 2)
    final = take(browser, FINAL, 3)
    page = browser.get(url(final, "resultado")).text
    assert "Acreditaste la evaluación con 7.5 de 10." in page
    assert "La respuesta correcta" in page
    assert "Ya acreditaste esta evaluación" in browser.get(FINAL).text
    assert browser.post(f"{FINAL}/empezar").location == FINAL


def test_a_score_is_never_rounded_up_to_a_pass(cast: Cast) -> None:
    row = db.session.scalars(select(Quiz).where(Quiz.kind == "final")).one()
    row.draw, row.pass_mark = [["uno", 3]], 7
    db.session.commit()
    browser = cast.client(cast.learner)
    up_to_final(browser)
    attempt = take(browser, FINAL, 2)
    assert (attempt.score, attempt.passed) == (666, False)
    assert "Obtuviste 6.6 de 10" in browser.get(url(attempt, "resultado")).text


def test_a_question_page_asks_the_database_little(cast: Cast) -> None:
    browser = cast.client(cast.learner)
    up_to_final(browser)
    attempt = open_attempt(browser, FINAL)
    found = asked(browser, url(attempt, 1))
    assert len(found) <= 6
    assert not any("right_options" in statement for statement in found)
