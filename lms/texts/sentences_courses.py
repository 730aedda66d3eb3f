"""What is wrong in a course file, said to whoever edits it, and how to mend it."""

SENTENCES: dict[str, str] = {
    # Files and folders
    "course.folder_missing": "No hay una carpeta aquí. Revisa cómo escribiste la ruta.",
    "course.file_missing": "Falta este archivo. Créalo; en courses/README.md está el modelo.",
    "course.file_unknown": (
        "El formato no usa este archivo o carpeta. Quítalo de aquí, o revisa su nombre: los módulos se llaman como "
        "01-nombre y dentro llevan lesson.md y questions.md."
    ),
    "course.file_unreadable": "No se puede abrir. Debe ser un archivo común y con permiso de lectura.",
    "course.file_too_large": "El archivo pesa más de {largest} MB. Divide el contenido en varios módulos.",
    "course.file_not_utf8": "Esta línea no está guardada en UTF-8. Vuelve a guardar el archivo y elige «UTF-8».",
    "course.symlink_refused": "Es un enlace a otro lugar. Pon aquí el archivo mismo.",
    "course.folder_number": (
        "La carpeta lleva el número {found:02d} y sigue el {expected:02d}. Numera las carpetas sin saltos."
    ),
    "course.lessons_missing": "El curso no tiene módulos. Crea la carpeta 01-nombre con su lesson.md.",
    # course.toml and front matter
    "course.toml_invalid": (
        "Aquí hay algo que no se entiende. Los textos van entre comillas, las fechas como 2026-04-30 y cada dato en "
        "su línea, con «=» entre el nombre y el valor."
    ),
    "course.front_matter_missing": "El archivo debe empezar con una línea «+++», los datos y otra línea «+++».",
    "course.front_matter_unclosed": "Los datos del inicio no terminan. Escribe una línea «+++» después del último.",
    "course.key_missing": "Falta el dato «{key}».",
    "course.key_unknown": "El formato no tiene un dato «{key}». Revisa cómo está escrito o bórralo.",
    "course.key_repeated": "El dato «{key}» ya está dicho en esta pregunta. Deja uno solo.",
    "course.key_not_text": (
        "«{key}» debe ser un texto entre comillas, no vacío y de {longest} caracteres como máximo."
    ),
    "course.key_not_number": "«{key}» debe ser un número entero, sin comillas, entre {low} y {high}.",
    "course.key_not_date": "«{key}» debe ser una fecha sin comillas, como 2026-04-30.",
    "course.key_not_list": '«{key}» debe ser una lista de textos con al menos uno, como ["reconocer"].',
    "course.key_not_texts": '«{key}» debe ser una lista de textos, como ["cpeum-1"]. Puede quedar vacía: [].',
    "course.key_not_table": "«{key}» debe llevar varios datos dentro, como en el modelo de courses/README.md.",
    "course.key_not_tables": "«{key}» se escribe como [[{key}]], una vez por cada elemento y al menos una vez.",
    "course.language_unknown": "«{value}» no es un código de idioma. Escribe uno como «es-MX».",
    "course.slug_differs": "«slug» dice «{slug}» y la carpeta se llama «{folder}». Deben ser iguales.",
    "course.title_differs": "En course.toml la evaluación se llama «{title}». Escríbelo igual o bórralo de aquí.",
    # Ids and references
    "course.id_invalid": (
        "«{id}» no sirve como identificador. Usa minúsculas sin acentos, números y guiones, hasta 60 caracteres."
    ),
    "course.id_repeated": "«{id}» ya está usado en este curso. Elige otro.",
    "course.objective_unknown": "El objetivo «{id}» no está declarado en course.toml.",
    "course.source_unknown": "La fuente «{id}» no está declarada en course.toml.",
    "course.objective_without_questions": (
        "El objetivo «{id}» no tiene preguntas en la evaluación final. Agrega al menos una en final/questions.md."
    ),
    "course.draw_too_many": (
        "Se piden {asked} preguntas del objetivo «{id}» y el banco final tiene {held}. Agrega preguntas o pide menos."
    ),
    # Text of lessons
    "course.lesson_empty": "La lección no tiene texto.",
    "course.heading_first_level": "Los títulos de la lección empiezan con «##». El título «#» es el de la página.",
    "course.heading_skipped": "Este título lleva «{marks}» y aquí puede llevar, cuando mucho, «{expected}».",
    "course.heading_in_block": "Dentro de un bloque no van títulos: el bloque ya tiene el suyo.",
    "course.block_unknown": "No hay un bloque «{block}». Los que hay son: {known}.",
    "course.block_untitled": "El bloque «{block}» necesita un título en la misma línea: «::: {block} Un título».",
    "course.block_unclosed": "Este bloque no se cierra. Escribe una línea «:::» al terminar, antes de abrir otro.",
    "course.block_stray": "Este «:::» no cierra ningún bloque. Bórralo, o revisa dónde se abre el bloque.",
    "course.link_refused": (
        "El enlace «{link}» no se permite. Usa uno que empiece con https://, tel: o mailto:, o uno dentro de la "
        "plataforma."
    ),
    "course.image_refused": "Las lecciones y preguntas no llevan imágenes. Dilo con texto.",
    # Questions
    "course.quiz_empty": "No hay preguntas. Cada una empieza con «## [identificador] Pregunta».",
    "course.question_heading": "La pregunta debe empezar con «## [identificador] Pregunta».",
    "course.prompt_empty": "Falta el texto de la pregunta.",
    "course.kind_unknown": "«{value}» no es un tipo de pregunta. Los que hay son: {known}.",
    "course.order_unknown": "«orden» solo puede decir «fijo». Borra la línea si las opciones se pueden mezclar.",
    "course.options_too_few": "La pregunta tiene {found} opciones y necesita al menos {expected}.",
    "course.options_too_many": "La pregunta tiene {found} opciones y puede tener hasta {expected}.",
    "course.right_missing": "Ninguna opción está marcada como correcta. Marca la correcta con «[x]».",
    "course.right_too_many": (
        "Hay {found} opciones marcadas con «[x]» y debe haber una. Si varias son correctas, escribe «- tipo: multiple»."
    ),
    "course.wrong_missing": "Todas las opciones están marcadas como correctas. Deja al menos una con «[ ]».",
    "course.option_mark": (
        "Esto parece una opción, pero no se lee como tal. Escríbela desde el inicio de la línea: «- [x] Texto» si es "
        "correcta o «- [ ] Texto» si no lo es."
    ),
    "course.option_empty": "Falta el texto de la opción.",
    "course.option_paragraphs": "La opción debe ser un solo párrafo, sin líneas en blanco en medio.",
    "course.feedback_missing": "Falta la explicación de esta opción. Escríbela debajo: «  > Explicación».",
    "course.text_misplaced": "«{text}» está fuera de lugar. Va antes en la pregunta, o le falta «>» o sangría.",
    "course.block_in_question": "En las preguntas y explicaciones no van títulos ni bloques «:::».",
}
