"""Sentences about a course under way: its status, as HR may know it, and the next step in *Mis cursos*."""

SENTENCES = {
    "status_not_entered": "sin entrar",
    "status_in_progress": "en curso",
    "status_completed": "acreditó",
    "status_overdue": "venció el plazo",
    "needs_support": "necesita apoyo",
    "next_lesson": "Sigue: Lección {position}, unos {count} minutos",
    "next_lesson.one": "Sigue: Lección {position}, un minuto",
    "next_quiz": "Sigue: comprueba lo aprendido en la lección {position}",
    "next_final": "Sigue: evaluación final",
    "next_resume": "Sigue: termina la evaluación que dejaste abierta",
    "next_reread": "Sigue: vuelve a leer la lección {position}, unos {count} minutos",
    "next_reread.one": "Sigue: vuelve a leer la lección {position}, un minuto",
    "next_wait": "Puedes volver a la evaluación a partir de las {until}, hora de Ciudad de México",
    "next_done": "Acreditaste el curso",
    "due_in": "vence el {due_on}, en {count} días",
    "due_in.one": "vence el {due_on}, mañana",
    "due_today": "vence hoy, {due_on}",
    "due_past": "venció el {due_on}",
}
