"""What a course says, reduced to one number: equal for equal text, whoever saved it and on whatever system."""

import hashlib
import unicodedata
from collections.abc import Mapping

_MARK = "\ufeff"


def normalise(data: bytes) -> str:
    """The text of a file: NFC, LF, no byte-order mark, no blanks after its last word.

    The reader reads this very text, so nothing can be taught that is not in the hash.
    Raises UnicodeDecodeError when the bytes are not UTF-8.
    """
    text = data.decode("utf-8").lstrip(_MARK)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", text).rstrip(" \t\n")


def content_hash(texts: Mapping[str, str]) -> str:
    """sha-256 in 64 hex digits over path (relative to the course folder, with `/`) → normalised text, by path.

    Each part is preceded by its length, so that no text can pass for the start of the next file.
    """
    digest = hashlib.sha256()
    for path in sorted(texts):
        for part in (path.encode(), texts[path].encode()):
            digest.update(len(part).to_bytes(8, "big"))
            digest.update(part)
    return digest.hexdigest()
