"""Sentences about constancias: why one cannot be issued, and its state. Documents speak in the third person."""

SENTENCES = {
    "certificate_not_passed": "No ha acreditado la evaluación final.",
    "certificate_not_completed": "Le faltan pasos del curso.",
    "certificate_not_affiliated": "No estaba en la institución el día en que terminó el curso.",
    "certificate_suspended": "Su cuenta está suspendida.",
    "certificate_blocked": "Sus datos están bloqueados.",
    "certificate_already_issued": "Ya tiene una constancia vigente de este curso.",
    "certificate_no_signatory": "No hay quien firme en esta fecha. Registra a la persona firmante y sus fechas.",
    "folio_unknown": (
        "No existe una constancia con ese folio. Compáralo con el papel: son {length} letras y números, en grupos de "
        "cuatro."
    ),
    "folio_wait": (
        "Desde tu red se preguntó por varios folios que no existen. Espera {count} segundos y vuelve a intentar."
    ),
    "folio_wait.one": (
        "Desde tu red se preguntó por varios folios que no existen. Espera un segundo y vuelve a intentar."
    ),
    "state_valid": "vigente",
    "state_revoked": "revocada",
    "state_superseded": "sustituida",
    "state_altered": "sin comprobar",
    "batch_open": "Ya hay un lote propuesto de esta institución y este curso. Espera a que se emita o retíralo.",
    "batch_nobody": "En este momento nadie de esta institución puede recibir la constancia de este curso.",
    "batch_proposed": "Propusiste el lote. Ahora lo revisa y lo emite otra persona de la Secretaría.",
    "batch_same_person": (
        "Tú propusiste la emisión, y por eso la firma otra persona de la Secretaría. Avísale que ya puede entrar."
    ),
    "batch_released": "Otra persona de la Secretaría ya emitió este lote.",
    "batch_withdrawn": "Este lote se retiró y ya no se puede emitir. Propón uno nuevo.",
    "batch_not_released": "Este lote espera la firma de una segunda persona de la Secretaría.",
    "batch_released_now": "Firmaste el lote. La emisión empezó; puedes cerrar esta página.",
    "batch_withdrawn_now": "Retiraste el lote. Nadie recibió constancia por él.",
    "standing_open": "La emisión automática de este curso ya está pedida o activa.",
    "standing_ended": "Esta petición ya no está en pie. Si hace falta, pídela de nuevo.",
    "standing_asked": "Pediste la emisión automática. Empieza cuando otra persona de la Secretaría la firme.",
    "standing_on": "La emisión automática está activa para quienes terminen el curso desde ahora.",
    "standing_off": "La emisión automática de este curso está apagada.",
}
