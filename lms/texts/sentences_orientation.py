"""Sentences about faults in the orientation directory, for who edits its file."""

SENTENCES = {
    "orientation_unreadable": "{file}: no es TOML válido: {detail}.",
    "orientation_no_services": "{file}: no tiene servicios; cada uno empieza con [[service]].",
    "orientation_unknown_field": "{file}, servicio {service}: el campo «{field}» no existe en este directorio.",
    "orientation_missing_field": "{file}, servicio {service}: falta el campo «{field}».",
    "orientation_wrong_type": "{file}, servicio {service}: el campo «{field}» no es del tipo que debe.",
    "orientation_repeated_id": "{file}, servicio {service}: el identificador está repetido.",
    "orientation_phone_without_source": "{file}, servicio {service}: falta la fuente del teléfono.",
    "orientation_bad_dial": "{file}, servicio {service}: «{value}» no se puede marcar; usa solo números, + * y #.",
    "orientation_dial_without_phone": "{file}, servicio {service}: «phone» y «dial» van juntos.",
    "orientation_bad_url": "{file}, servicio {service}: la dirección web debe empezar con https://.",
    "orientation_verified_without_source": "{file}, servicio {service}: dice verificado y no tiene fuente.",
    "orientation_not_a_service": "{file}, servicio {service}: no atiende personas y no puede estar en el directorio.",
    "orientation_first_missing": "{file}: faltan, verificados y con su número, 911 y 079 opción 1.",
}
