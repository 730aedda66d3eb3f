"""Waiting between attempts, and the way on after the last one: never a dead end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import time_machine

from lms import clock
from lms.models.quizzes import Attempt
from tests.people import Cast
from tests.study import COURSE, FINAL, open_attempt, read, take, up_to_final


def url(attempt: Attempt, rest: object) -> str:
    return f"/intentos/{attempt.public_id}/{rest}"


def test_the_wait_between_attempts_is_enforced_by_the_server(cast: Cast) -> None:
    # 12:15 in Mexico City.
    with time_machine.travel(datetime(2027, 3, 2, 18, 15, tzinfo=UTC), tick=False) as traveller:
        browser = cast.client(cast.learner)
        up_to_final(browser)
        attempt = take(browser, FINAL, 0)
        said = "Puedes hacer tu siguiente intento a partir de las 12:35 h"
        assert said in browser.get(url(attempt, "resultado")).text
        assert said in browser.get(FINAL).text
        assert "Te quedan 2 intentos." in browser.get(url(attempt, "resultado")).text
        assert "Puedes volver a la evaluación a partir de las 12:35 h" in browser.get("/mis-cursos").text
        traveller.shift(timedelta(minutes=19, seconds=59))
        refused = browser.post(f"{FINAL}/empezar", headers={"Date": "Fri, 01 Jan 2100 00:00:00 GMT"})
        assert refused.location == FINAL
        traveller.shift(timedelta(seconds=1))
        assert open_attempt(browser, FINAL).number == 2


def exhaust(cast: Cast, traveller: object, times: int = 3) -> Attempt:
    browser = cast.client(cast.learner)
    for _ in range(times):
        attempt = take(browser, FINAL, 0)
        traveller.shift(timedelta(minutes=21))  # type: ignore[attr-defined]
    return attempt


def test_after_the_last_attempt_reading_again_earns_one_more_every_time(cast: Cast) -> None:
    browser = cast.client(cast.learner)
    with time_machine.travel(clock.now(), tick=False) as traveller:
        up_to_final(browser)
        traveller.shift(timedelta(minutes=1))
        attempt = exhaust(cast, traveller)
        for number in (4, 5):
            page = browser.get(url(attempt, "resultado")).text
            assert "Ya usaste tus intentos. Vuelve a leer estas 2 lecciones y tendrás otro." in page
            assert f'href="{COURSE}/leccion-2"' in page
            assert "Sigue: vuelve a leer la lección 1" in browser.get("/mis-cursos").text
            assert browser.post(f"{FINAL}/empezar").location == FINAL
            assert browser.post(f"{COURSE}/leccion-1/leida").location == f"{COURSE}/leccion-2"
            assert "Vuelve a leer esta lección y tendrás otro." in browser.get(FINAL).text
            assert browser.post(f"{FINAL}/empezar").location == FINAL
            assert browser.post(f"{COURSE}/leccion-2/leida").location == FINAL
            assert open_attempt(browser, FINAL).number == number
            attempt = take(browser, FINAL, 0)
            traveller.shift(timedelta(minutes=21))
        read(browser, 1, 2)
        assert take(browser, FINAL, 4).passed is True


def test_reading_again_does_not_skip_the_wait(cast: Cast) -> None:
    browser = cast.client(cast.learner)
    with time_machine.travel(clock.now(), tick=False) as traveller:
        up_to_final(browser)
        exhaust(cast, traveller, 2)
        attempt = take(browser, FINAL, 0)
        assert "Después, podrás volver a intentarlo" in browser.get(url(attempt, "resultado")).text
        traveller.shift(timedelta(minutes=1))
        read(browser, 1, 2)
        assert browser.post(f"{FINAL}/empezar").location == FINAL
        traveller.shift(timedelta(minutes=20))
        assert open_attempt(browser, FINAL).number == 4
