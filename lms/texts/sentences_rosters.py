"""Sentences about rosters and their files: headers, rows, tables that cannot be read."""

SENTENCES: dict[str, str] = {
    "header_missing": (
        "No encontramos los títulos de las columnas en las primeras 30 filas. "
        "Pon una fila con los títulos; al menos «CURP» y «Nombre»."
    ),
    "header_without_curp": (
        "Falta la columna de la CURP. Encontramos: {found}. Agrega una columna con el título «CURP»."
    ),
    "header_without_name": (
        "Falta la columna del nombre. Encontramos: {found}. "
        "Agrega «Nombre completo», o bien «Nombres», «Primer apellido» y «Segundo apellido»."
    ),
    "header_repeated": (
        "Hay más de una columna de «{title}» (columnas {columns}). Deja solo una o cambia el título de la otra."
    ),
    "row_curp_empty": "Falta la CURP de la fila {row:d}. Escríbela para poder inscribir a la persona.",
    "row_curp_short": (
        "La CURP de la fila {row:d} tiene {has} caracteres; debe tener 18. Revisa si falta el último dígito."
    ),
    "row_curp_long": "La CURP de la fila {row:d} tiene {has} caracteres; debe tener 18. Revisa si sobra alguno.",
    "row_curp_is_rfc": (
        "La fila {row:d} trae un RFC, con {has} caracteres, en lugar de la CURP. Escribe la CURP, que tiene 18."
    ),
    "row_curp_letter": (
        "En la CURP de la fila {row:d}, el lugar {position} lleva una letra y dice «{char}». "
        "Revisa si es un cero por una letra O."
    ),
    "row_curp_vowel": (
        "En la CURP de la fila {row:d}, el lugar {position} lleva una vocal o una X y dice «{char}». "
        "Compárala con el documento."
    ),
    "row_curp_consonant": (
        "En la CURP de la fila {row:d}, el lugar {position} lleva una consonante y dice «{char}». "
        "Compárala con el documento."
    ),
    "row_curp_digit": (
        "En la CURP de la fila {row:d}, el lugar {position} lleva un número y dice «{char}». "
        "Revisa si es una letra O por un cero."
    ),
    "row_curp_sex": (
        "En la CURP de la fila {row:d}, el lugar {position} lleva H, M o X y dice «{char}». Compárala con el documento."
    ),
    "row_curp_enye": "La CURP de la fila {row:d} lleva una Ñ en el lugar {position}. Ahí va una X: cámbiala.",
    "row_curp_entity": (
        "La CURP de la fila {row:d} dice «{entity}» en los lugares 12 y 13, y no es la clave de ninguna entidad. "
        "Compárala con el documento."
    ),
    "row_curp_date": (
        "La CURP de la fila {row:d} dice «{date}» como fecha de nacimiento (año, mes, día), y ese día no existe. "
        "Compárala con el documento."
    ),
    "row_curp_future": (
        "La CURP de la fila {row:d} dice que la persona nació en {year:d}. "
        "Revisa el lugar 17: dice «{char}» y quizá es un número."
    ),
    "row_curp_check_digit": (
        "El último dígito de la CURP de la fila {row:d} no coincide con los demás. Compárala con el documento; "
        "si está igual, no hay que cambiar nada."
    ),
    "row_curp_other_name": (
        "La CURP de la fila {row:d} empieza con «{letters}» y el nombre es «{name}». "
        "Revisa si la CURP es de esta persona."
    ),
    "row_second_surname_missing": (
        "En la fila {row:d} falta el segundo apellido; según la CURP empieza con {letter}. "
        "Agrégalo si debe salir en la constancia."
    ),
    "row_name_empty": "Falta el nombre de la persona en la fila {row:d}. Escríbelo como debe salir en la constancia.",
    "row_surname_empty": "Falta el primer apellido en la fila {row:d}. Escríbelo como debe salir en la constancia.",
    "row_name_sign": (
        "El nombre de la fila {row:d} dice «{value}»: lleva «{sign}», que no es una letra. Corrígelo, "
        "porque así saldría en la constancia."
    ),
    "row_name_long": (
        "Un nombre de la fila {row:d} tiene {has} caracteres; caben {maximum}. Revisa si se juntaron dos celdas."
    ),
    "row_name_order": (
        "En la fila {row:d} leímos «{given}» como nombre y «{surname}» como primer apellido. Si es al revés, "
        "separa el nombre en columnas."
    ),
    "row_email": (
        "El correo de la fila {row:d} dice «{value}» y no está completo. La persona entrará con su CURP y un código."
    ),
    "row_email_repeated": (
        "El correo de la fila {row:d} ya es de la persona de la fila {first_row:d}. "
        "Cada correo abre una sola cuenta: esta persona entrará con su CURP y un código."
    ),
    "row_phone": "El teléfono de la fila {row:d} dice «{value}»; debe tener 10 dígitos. Lo dejamos sin teléfono.",
    "row_employee_number": (
        "El número de empleado de la fila {row:d} dice «{value}» y no se puede leer completo. "
        "Da formato de texto a la columna «{column}» y escríbelo otra vez."
    ),
    "row_state": "La fila {row:d} dice «{value}» en «{column}» y no es un estado. Lo dejamos en blanco.",
    "row_text_long": "La celda «{column}» de la fila {row:d} tiene {has} caracteres; caben {maximum}. Acórtala.",
    "row_repeated": "La persona de la fila {row:d} está repetida: ya está en la fila {first_row:d}. Usamos la primera.",
    "row_repeated_differs": (
        "La CURP de la fila {row:d} ya está en la fila {first_row:d} con otro dato en «{differs}»: "
        "allá «{before}», aquí «{after}». Deja solo la fila correcta."
    ),
    "file_empty": "El archivo está vacío. Revisa que lo guardaste con la lista adentro y súbelo otra vez.",
    "file_too_big": "El archivo pesa {has} MB; el máximo es {maximum} MB. Divídelo en dos y sube cada parte.",
    "file_too_many_rows": "El archivo tiene más de {maximum} filas. Divídelo y sube cada parte.",
    "file_too_many_columns": "El archivo tiene más de {maximum} columnas. Deja solo las de la lista de personas.",
    "file_long_cell": (
        "Una celda de la fila {row:d} tiene {has} caracteres; caben {maximum}. "
        "Revisa si falta cerrar unas comillas o si se pegó otro texto."
    ),
    "file_open_quote": (
        "En la fila {row:d} se abren unas comillas y no se cierran, y no se distingue dónde termina la celda. "
        "Quita esas comillas y súbelo otra vez."
    ),
    "file_control": (
        "El archivo lleva signos que no son texto cerca de la fila {row:d}. "
        "Ábrelo en Excel y guárdalo como «CSV UTF-8» o como .xlsx."
    ),
    "file_encoding": (
        "No se pueden leer los acentos de este archivo. Ábrelo en Excel y guárdalo como «CSV UTF-8» o como .xlsx."
    ),
    "file_old_xls": "Es un libro de Excel antiguo (.xls). Ábrelo y guárdalo como «Libro de Excel (.xlsx)».",
    "file_xlsb": "Es un libro binario de Excel (.xlsb). Ábrelo y guárdalo como «Libro de Excel (.xlsx)».",
    "file_macros": "El libro trae macros. Ábrelo y guárdalo como «Libro de Excel (.xlsx)», sin macros.",
    "file_password": "El archivo tiene contraseña. Quítasela en Excel y súbelo otra vez.",
    "file_ods": "Es una hoja de LibreOffice (.ods). Ábrela y guárdala como .xlsx o como CSV.",
    "file_word": "Es un documento de Word. Copia la tabla a una hoja de Excel y guárdala como .xlsx.",
    "file_pdf": "Es un PDF. Sube la lista como hoja de Excel (.xlsx) o como CSV.",
    "file_html": (
        "Por dentro es una página web, aunque el nombre diga otra cosa. Ábrelo en Excel y guárdalo como .xlsx."
    ),
    "file_xml": "Por dentro es un XML, aunque el nombre diga otra cosa. Ábrelo en Excel y guárdalo como .xlsx.",
    "file_picture": "Es una imagen. Sube la lista como hoja de Excel (.xlsx) o como CSV.",
    "file_compressed": "Es un archivo comprimido. Descomprímelo y sube la hoja de Excel (.xlsx) o el CSV.",
    "file_not_table": "Este archivo no es una hoja de cálculo. Sube la lista como Excel (.xlsx) o como CSV.",
    "file_broken_xlsx": (
        "El libro de Excel está dañado o incompleto. Ábrelo en Excel, guárdalo con otro nombre y súbelo."
    ),
    "file_unsafe_xlsx": (
        "El libro de Excel no está armado como los que hace Excel y no lo abrimos. "
        "Copia la lista a un libro nuevo y sube ese."
    ),
    "file_unpacks_too_big": "El libro ocupa demasiado al abrirse. Copia solo la lista a un libro nuevo y sube ese.",
    "file_far_cell": (
        "Hay un dato en la celda {cell}, muy lejos de la lista. Bórralo, o copia solo la lista a un libro nuevo."
    ),
    "file_slow": (
        "El archivo tardó demasiado en leerse. Copia solo la lista a un libro nuevo, o divídelo, y súbelo otra vez."
    ),
    "file_memory": (
        "El archivo ocupa demasiada memoria. Copia solo la lista a un libro nuevo, o divídelo, y súbelo otra vez."
    ),
    "file_crash": "No pudimos leer el archivo. Copia solo la lista a un libro nuevo y súbelo otra vez.",
    "file_no_people": (
        "Encontramos los títulos de las columnas y ninguna persona debajo. "
        "Revisa que guardaste la hoja con la lista y súbela otra vez."
    ),
    "row_repeated_person": (
        "La CURP de la fila {row:d} es de la misma persona que la fila {first_row:d}. Deja solo la fila vigente."
    ),
    "row_area_outside": (
        "El área de la fila {row:d} dice «{value}» y no es de las tuyas. Corrígela, o pide a quien coordina "
        "tu institución que suba esta fila."
    ),
    "row_area_missing": "Falta el área de la fila {row:d}. Escribe cuál de las tuyas es.",
    "row_area_ambiguous": (
        "El área de la fila {row:d} dice «{value}» y hay más de una con ese nombre. "
        "Escribe también el área de la que depende, como «Dirección General / Recursos Humanos»."
    ),
    "row_area_deep": "El área de la fila {row:d} depende de demasiadas áreas. Escribe solo las últimas.",
    "row_person_elsewhere": (
        "La persona de la fila {row:d} ya está en otra área de tu institución. "
        "Pide a quien la coordina que la inscriba o la cambie."
    ),
    "plan_name_kept": (
        "En la fila {row:d} el nombre no es igual al guardado y un archivo no lo cambia. "
        "Si el guardado está mal, la persona puede pedir que se corrija."
    ),
    "plan_email_kept": (
        "En la fila {row:d} el correo no es el guardado y un archivo no lo cambia: con él entra la persona. "
        "Ella puede cambiarlo en su cuenta."
    ),
    "plan_phone_kept": "En la fila {row:d} el teléfono no es el guardado, que se escribió a mano. Se queda como está.",
    "plan_employee_number_kept": (
        "En la fila {row:d} el número de empleado no es el guardado, que se escribió a mano. Se queda como está."
    ),
    "plan_job_kept": "En la fila {row:d} el puesto no es el guardado, que se escribió a mano. Se queda como está.",
    "plan_function_kept": (
        "En la fila {row:d} la función no es la guardada, que se escribió a mano. Se queda como está."
    ),
    "plan_entity_kept": "En la fila {row:d} el estado no es el guardado, que se escribió a mano. Se queda como está.",
    "plan_area_kept": "En la fila {row:d} el área no es la guardada, que se escribió a mano. Se queda como está.",
    "roster_not_planned": "Este plan ya no se puede confirmar. Sube el archivo otra vez para tener uno nuevo.",
    "roster_plan_changed": "El plan cambió desde que lo abriste. No se hizo nada: revísalo otra vez y confírmalo.",
    "roster_nothing_to_do": "No hay nada que hacer con este archivo: todas las personas ya están como dice.",
    "roster_signed_already": "Este plan ya se confirmó y no se puede descartar.",
    "roster_discarded": "Descartamos el plan. No cambió nada.",
    "roster_same": "Ya habías subido este mismo archivo hace un momento. Este es su plan.",
    "roster_file_missing": "Elige el archivo de tu padrón.",
    "roster_file_kind": "El archivo termina en «{ending}». Sube un Excel (.xlsx) o un CSV (.csv).",
    "roster_file_big": "El archivo pesa más de {maximum} MB. Deja solo la lista, o divídelo en partes.",
    "roster_due_past": "La fecha límite ya pasó. Escribe una de hoy en adelante, o déjala en blanco.",
    "outcome_done": "Hecho",
    "outcome_nothing": "Ya estaba; no cambió nada",
    "outcome_changed": "No se hizo: sus datos cambiaron después de confirmar el plan. Sube el archivo otra vez",
    "outcome_left": "Con faltas; no se hizo nada",
    "kind_create": "Se inscribirá",
    "kind_already": "Ya está; no cambia nada",
    "kind_update": "Se actualizará",
    "kind_move": "Cambiará de área",
    "kind_fault": "Con faltas; no se hará nada",
    "slips_nobody": "Nadie necesita ficha: todas las personas tienen correo, ya entraron o tienen una ficha vigente.",
}
