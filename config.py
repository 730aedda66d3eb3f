"""Every setting, read from the environment, each with a default that works on a laptop with SQLite."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent
DEFAULT_SECRET = "solo-para-probar-en-esta-maquina"  # noqa: S105 - refused when AULA_ENV=production


def _number(name: str, default: int) -> int:
    """Return an integer setting; a value that is not a number is refused by name."""
    text = os.environ.get(name, "").strip()
    if not text:
        return default
    try:
        return int(text)
    except ValueError:
        raise SystemExit(f"La variable {name} debe ser un número entero y dice «{text}».") from None


def _database_url(instance: Path) -> str:
    """Return the SQLAlchemy URL; a bare ``postgresql://`` is driven by psycopg 3."""
    url = os.environ.get("DATABASE_URL", "").strip() or f"sqlite:///{instance / 'aula.db'}"
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


@dataclass(frozen=True)
class Settings:
    """The settings of one process."""

    env: str
    instance: Path
    database_url: str
    secret_key: str
    base_url: str
    host: str
    port: int
    web_processes: int
    trusted_proxies: int
    smtp_host: str
    smtp_port: int
    smtp_user: str
    smtp_password: str
    smtp_tls: str
    mail_from: str
    exit_url: str
    courses_dir: Path
    texts_dir: Path | None
    redis_url: str
    session_hours: int
    upload_mb: int
    roster_rows: int
    signing_key_file: Path | None
    controller: dict[str, str] = field(default_factory=dict)

    @property
    def production(self) -> bool:
        """Whether this process serves real people."""
        return self.env == "production"

    @property
    def signing_key(self) -> Path:
        """The file of the private key that signs constancias; made at the first issue when it does not exist."""
        return self.signing_key_file or self.instance / "keys" / "signing.pem"


def load() -> Settings:
    """Read the environment. Raises SystemExit with a sentence when a value cannot be read."""
    instance = Path(os.environ.get("AULA_INSTANCE", "") or ROOT / "instance").resolve()
    port = _number("PORT", 8000)
    texts = os.environ.get("TEXTS_DIR", "").strip()
    signing_key = os.environ.get("SIGNING_KEY_FILE", "").strip()
    return Settings(
        env=os.environ.get("AULA_ENV", "development").strip() or "development",
        instance=instance,
        database_url=_database_url(instance),
        secret_key=os.environ.get("SECRET_KEY", "") or DEFAULT_SECRET,
        base_url=(os.environ.get("BASE_URL", "") or f"http://127.0.0.1:{port}").rstrip("/"),
        host=os.environ.get("HOST", "") or "127.0.0.1",
        port=port,
        web_processes=_number("WEB_PROCESSES", 1),
        trusted_proxies=_number("TRUSTED_PROXIES", 0),
        smtp_host=os.environ.get("SMTP_HOST", ""),
        smtp_port=_number("SMTP_PORT", 587),
        smtp_user=os.environ.get("SMTP_USER", ""),
        smtp_password=os.environ.get("SMTP_PASSWORD", ""),
        smtp_tls=os.environ.get("SMTP_TLS", "starttls"),
        mail_from=os.environ.get("MAIL_FROM", "") or "Aula <aula@localhost>",
        exit_url=os.environ.get("EXIT_URL", "") or "https://www.google.com/",
        courses_dir=Path(os.environ.get("COURSES_DIR", "") or ROOT / "courses"),
        texts_dir=Path(texts) if texts else None,
        redis_url=os.environ.get("REDIS_URL", ""),
        session_hours=_number("SESSION_HOURS", 12),
        upload_mb=_number("UPLOAD_MB", 25),
        roster_rows=_number("ROSTER_ROWS", 60_000),
        signing_key_file=Path(signing_key) if signing_key else None,
        controller={
            "responsable": os.environ.get("PRIVACY_CONTROLLER", ""),
            "domicilio": os.environ.get("PRIVACY_ADDRESS", ""),
            "contacto_arco": os.environ.get("PRIVACY_ARCO_CONTACT", ""),
        },
    )
