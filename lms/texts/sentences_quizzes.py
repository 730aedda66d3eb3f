"""Sentences about quizzes: why an attempt may not start, and what an attempt's result means."""

SENTENCES = {
    "quiz_locked": "Antes de esta evaluación te faltan {count} pasos del curso.",
    "quiz_locked.one": "Antes de esta evaluación te falta un paso del curso.",
    "quiz_waiting": "Puedes hacer tu siguiente intento a partir de las {until}, hora de Ciudad de México.",
    "quiz_exhausted": "Ya usaste tus intentos. Vuelve a leer estas {count} lecciones y tendrás otro.",
    "quiz_exhausted.one": "Ya usaste tus intentos. Vuelve a leer esta lección y tendrás otro.",
    "quiz_unknown": "Esta evaluación no es parte del curso.",
    "quiz_exhausted_wait": "Después, podrás volver a intentarlo a partir de las {until}, hora de Ciudad de México.",
    "quiz_left": "Te quedan {count} intentos.",
    "quiz_left.one": "Te queda un intento.",
    "quiz_unanswered": "Te faltan {count} preguntas. Puedes responderlas o enviar así.",
    "quiz_unanswered.one": "Te falta una pregunta. Puedes responderla o enviar así.",
    "attempt_closed": "Este intento ya se envió. Aquí está su resultado.",
    "quiz_already_passed": "Ya acreditaste esta evaluación. No necesitas hacerla otra vez.",
    "quiz_passed": "Acreditaste la evaluación con {score} de 10.",
    "quiz_failed": "Obtuviste {score} de 10. Para acreditar necesitas {pass_mark}.",
    "quiz_formative": "Respondiste bien {right} de {asked} preguntas. Este cuestionario es para practicar.",
}
