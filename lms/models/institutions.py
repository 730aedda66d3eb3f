"""Partner institutions and their areas."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms.database import Base, code_text, key, name_text, public_key

KINDS = ("federal", "state", "judiciary", "municipal", "company", "university", "civil")
LABOUR_REGIMES = ("apartado_a", "apartado_b", "military", "judicial", "platform", "other")
LEGAL_REGIMES = ("lgpdppso", "lfpdppp")


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(v) for v in values)})"


class Institution(Base):
    """A partner. `labour_regime` decides which training record it needs; `legal_regime` which privacy law applies."""

    __tablename__ = "institution"

    id: Mapped[key]
    public_id: Mapped[public_key]
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[name_text]
    short_name: Mapped[str] = mapped_column(String(60))
    kind: Mapped[code_text]
    labour_regime: Mapped[code_text]
    legal_regime: Mapped[code_text]
    rfc: Mapped[str | None] = mapped_column(String(13))
    is_demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint(_one_of("kind", KINDS), name="kind"),
        CheckConstraint(_one_of("labour_regime", LABOUR_REGIMES), name="labour_regime"),
        CheckConstraint(_one_of("legal_regime", LEGAL_REGIMES), name="legal_regime"),
    )


class Area(Base):
    """A part of an institution, in a tree.

    `path` is the ids from the root, "/3/17/", so that a subtree is one prefix; `path_key` the normalised names, by
    which a roster finds it.
    """

    __tablename__ = "area"

    id: Mapped[key]
    public_id: Mapped[public_key]
    institution_id: Mapped[int] = mapped_column(ForeignKey("institution.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"))
    name: Mapped[name_text]
    name_key: Mapped[name_text]
    path: Mapped[str] = mapped_column(String(200), index=True)
    path_key: Mapped[str] = mapped_column(String(700))
    entity: Mapped[str | None] = mapped_column(String(2))
    created_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("institution_id", "path_key"),
        CheckConstraint("parent_id <> id", name="not_its_own_parent"),
    )
