"""What an enlace fills in to send a roster."""

from __future__ import annotations

from datetime import date

from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import DateField, SelectField
from wtforms.validators import InputRequired, Optional

from lms.texts.sentences import sentence
from lms.web.forms.base import BaseForm

ENDINGS = ("xlsx", "csv", "txt", "tsv")


class UploadForm(BaseForm):
    """A file, for whom and for which course. The choices are those that the sender may choose."""

    institution = SelectField("Institución", [InputRequired()])
    course = SelectField("Curso", [InputRequired()])
    due_on = DateField("Fecha límite", [Optional()])
    file = FileField("Archivo de tu padrón")

    def content(self, most_mb: int) -> tuple[str, bytes] | None:
        """Return the name and the bytes of the file; None, with a sentence on the field, when it cannot be."""
        sent: FileStorage | None = self.file.data
        if not isinstance(sent, FileStorage) or not sent.filename:
            self.fault("file", sentence("roster_file_missing"))
            return None
        name = sent.filename.replace("\\", "/").rsplit("/", 1)[-1]
        ending = name.rsplit(".", 1)[-1].lower() if "." in name else ""
        if ending not in ENDINGS:
            self.fault("file", sentence("roster_file_kind", ending=f".{ending}" if ending else name))
            return None
        content = sent.stream.read(most_mb * 1024 * 1024 + 1)
        if len(content) > most_mb * 1024 * 1024:
            self.fault("file", sentence("roster_file_big", maximum=most_mb))
            return None
        if not content:
            self.fault("file", sentence("file_empty"))
            return None
        return name, content

    def check_due(self, today: date) -> bool:
        """Tell whether the due date is none or not past; if it is, say so on the field."""
        if self.due_on.data is not None and self.due_on.data < today:
            self.fault("due_on", sentence("roster_due_past"))
            return False
        return True
