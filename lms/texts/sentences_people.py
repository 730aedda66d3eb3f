"""Sentences about people: CURP, names, e-mail, telephone, passwords."""

SENTENCES: dict[str, str] = {
    "curp_empty": "Escribe la CURP.",
    "curp_short": "La CURP tiene {has} caracteres; debe tener 18. Revisa si falta alguno al final.",
    "curp_long": "La CURP tiene {has} caracteres; debe tener 18. Revisa si sobra alguno.",
    "curp_is_rfc": "Esto parece un RFC, con {has} caracteres. Escribe la CURP, que tiene 18.",
    "curp_letter": (
        "En el lugar {position} de la CURP va una letra y dice «{char}». Revisa si es un cero por una letra O."
    ),
    "curp_vowel": "En el lugar {position} de la CURP va una vocal o una X y dice «{char}». Compárala con el documento.",
    "curp_consonant": (
        "En el lugar {position} de la CURP va una consonante y dice «{char}». Compárala con el documento."
    ),
    "curp_digit": (
        "En el lugar {position} de la CURP va un número y dice «{char}». Revisa si es una letra O por un cero."
    ),
    "curp_sex": "En el lugar {position} de la CURP va H, M o X y dice «{char}». Compárala con el documento.",
    "curp_enye": "La CURP nunca lleva Ñ: en el lugar {position} va una X. Cámbiala y vuelve a intentar.",
    "curp_entity": (
        "La CURP dice «{entity}» en los lugares 12 y 13, y no es la clave de ninguna entidad. Compárala con "
        "el documento."
    ),
    "curp_date": (
        "La CURP dice «{date}» como fecha de nacimiento (año, mes, día), y ese día no existe. Compárala con "
        "el documento."
    ),
    "curp_future": (
        "La CURP dice que la persona nació en {year:d}. Revisa el lugar 17: dice «{char}» y quizá es un número."
    ),
    "curp_check_digit": (
        "El último dígito de esta CURP no coincide con los demás. Compárala con el documento; si está igual, "
        "puedes seguir."
    ),
    "name_empty": "Escribe el nombre.",
    "surname_empty": "Escribe el primer apellido.",
    "name_sign": "El nombre lleva «{sign}», que no es una letra. Corrígelo: así saldrá en la constancia.",
    "name_long": "El nombre tiene {has} caracteres; caben {maximum}.",
    "email_wrong": "Este correo no está completo. Debe verse así: nombre@institucion.gob.mx",
    "phone_wrong": "Escribe el teléfono a 10 dígitos.",
    "employee_number_wrong": (
        "Este número de empleado no se puede leer. Escríbelo completo, como texto, con 40 caracteres o menos."
    ),
    "password_short": "Usa {minimum} caracteres o más. Tres o cuatro palabras juntas funcionan bien.",
    "password_long": "Usa {maximum} caracteres o menos.",
    "password_curp": "No uses una CURP como contraseña: otras personas la conocen. Elige tres o cuatro palabras.",
    "password_common": (
        "Esta contraseña es de las primeras que alguien probaría. Elige tres o cuatro palabras sin relación."
    ),
    "password_context": (
        "Esta contraseña se parece a tu nombre, tu correo o tu institución, y es fácil de adivinar. "
        "Elige tres o cuatro palabras sin relación."
    ),
    # Entering
    "entry_failed": (
        "No pudimos entrar con esos datos. Revisa la contraseña, y que la CURP tenga 18 letras y números o que el "
        "correo esté completo. Si compartes el correo con otra persona, entra con tu CURP."
    ),
    "entry_wait_seconds": "Hubo varios intentos seguidos. Espera {count} segundos y vuelve a intentar.",
    "entry_wait_seconds.one": "Hubo varios intentos seguidos. Espera un segundo y vuelve a intentar.",
    "entry_wait_minutes": "Hubo varios intentos seguidos. Espera {count} minutos y vuelve a intentar.",
    "code_shape": "El código tiene {length} letras y números. Cópialo como está en el papel.",
    "code_unknown": (
        "No encontramos ese código. Revísalo letra por letra; si sigue igual, pide otro a quien coordina el curso."
    ),
    "token_gone": "Ese enlace o código ya no abre la cuenta.",
    "token_not_drawn": (
        "A esta persona no se le puede dar ahora un enlace ni un código: ya entró, o su cuenta está cerrada."
    ),
    "token_disowned": "Gracias por decirlo. Ese enlace ya no abre ninguna cuenta.",
    "notice_changed": "El aviso cambió mientras lo leías. Aquí está el vigente.",
    "password_old_wrong": "Esa no es tu contraseña actual.",
    "password_saved": "Tu contraseña cambió. Cerramos tus demás sesiones.",
    "contact_saved": "Guardamos tus datos de contacto.",
    "sessions_ended": "Cerramos {count} sesiones. Queda abierta solo esta.",
    "sessions_ended.one": "Cerramos una sesión. Queda abierta solo esta.",
    "left": "Cerraste tu sesión.",
    "suspend_oneself": "No puedes suspender tu propia cuenta. Pídelo a otra persona que administre.",
}
