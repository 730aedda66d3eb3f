"""Sentences about constancias: why one cannot be issued, and its state. Documents speak in the third person."""

SENTENCES = {
    "certificate_not_passed": "No ha acreditado la evaluación final.",
    "certificate_not_completed": "Le faltan pasos del curso.",
    "certificate_not_affiliated": "No estaba en la institución el día en que terminó el curso.",
    "certificate_suspended": "Su cuenta está suspendida.",
    "certificate_blocked": "Sus datos están bloqueados.",
    "certificate_already_issued": "Ya tiene una constancia vigente de este curso.",
    "certificate_no_signatory": "No hay quien firme en esta fecha. Registra a la persona firmante y sus fechas.",
    "folio_unknown": "No existe una constancia con ese folio. Revisa que tenga {length} letras y números.",
}
