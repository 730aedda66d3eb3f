"""Static files: our own and Bootstrap's stylesheet from its package, compressed once, named by their content."""

from __future__ import annotations

import gzip
import mimetypes
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import flask_bootstrap
from flask import Blueprint, Flask, Response, abort, current_app, request

from lms.web.gate import anyone

bp = Blueprint("assets", __name__)
_BOOTSTRAP = Path(flask_bootstrap.__file__).parent / "static" / "bootstrap5" / "css" / "bootstrap.min.css"
_A_YEAR = 31_536_000


@dataclass(frozen=True)
class Asset:
    """A static file in memory, plain and compressed."""

    name: str
    digest: str
    mimetype: str
    plain: bytes
    packed: bytes

    @property
    def url(self) -> str:
        """The address that changes when the content does, so that it can be kept for a year."""
        return f"/estatico/{self.digest}/{self.name}"


def _load(path: Path) -> Asset:
    plain = path.read_bytes()
    if path == _BOOTSTRAP:
        # The package ships no source map, and a browser's developer tools would ask for it.
        plain = plain.split(b"/*# sourceMappingURL")[0]
    mimetype = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    digest = sha256(plain).hexdigest()[:12]
    return Asset(path.name, digest, mimetype, plain, gzip.compress(plain, 9, mtime=0))


def init_assets(app: Flask) -> None:
    """Read every static file once and give templates `asset_url(name)`."""
    folder = Path(__file__).resolve().parent.parent / "static"
    files = [_BOOTSTRAP, *sorted(p for p in folder.iterdir() if p.is_file())]
    assets = {asset.name: asset for asset in map(_load, files)}
    app.extensions["aula_assets"] = assets
    app.jinja_env.globals["asset_url"] = lambda name: assets[name].url


@bp.get("/estatico/<digest>/<name>")
@anyone
def asset(digest: str, name: str) -> Response:
    """Send a static file, compressed when the browser takes it."""
    found: Asset | None = current_app.extensions["aula_assets"].get(name)
    if found is None or found.digest != digest:
        abort(404)
    packed = "gzip" in request.headers.get("Accept-Encoding", "")
    response = Response(found.packed if packed else found.plain, mimetype=found.mimetype)
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = f"public, max-age={_A_YEAR}, immutable"
    return response
