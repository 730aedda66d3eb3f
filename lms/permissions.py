"""Who may do what, said once.

A `Permission` is a deed in an area; a `Role` is what a person is to Aula; `GRANTS` joins them. A `Scope` is the part
of the data in which a permission holds; every query takes it as its first argument, so that to load is to be allowed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Permission(StrEnum):
    """A deed, as `area:verb`."""

    ACCOUNT_USE = "account:use"
    COURSE_STUDY = "course:study"
    QUIZ_ANSWER = "quiz:answer"
    CERTIFICATE_OWN = "certificate:own"
    FOLLOWUP_READ = "followup:read"
    ROSTER_WRITE = "roster:write"
    PERSON_INVITE = "person:invite"
    REMINDER_SEND = "reminder:send"
    SUPPORT_REFER = "support:refer"
    OVERVIEW_READ = "overview:read"
    CERTIFICATE_PROPOSE = "certificate:propose"
    CERTIFICATE_RELEASE = "certificate:release"
    SUPPORT_GRANT = "support:grant"
    COURSE_READ = "course:read"
    INSTITUTION_READ = "institution:read"
    INSTITUTION_WRITE = "institution:write"
    ROLE_WRITE = "role:write"
    SIGNATORY_WRITE = "signatory:write"
    PERSON_SUSPEND = "person:suspend"
    MAIL_READ = "mail:read"
    AUDIT_READ = "audit:read"


class Role(StrEnum):
    """What a person is to Aula. Everyone with an account is a learner; the rest is granted with dates."""

    LEARNER = "learner"
    ENLACE = "enlace"
    OFFICER = "officer"
    COORDINATOR = "coordinator"
    AUTHOR = "author"
    CARE = "care"
    ADMIN = "admin"


P = Permission
_OWN = frozenset({P.ACCOUNT_USE, P.COURSE_STUDY, P.QUIZ_ANSWER, P.CERTIFICATE_OWN})

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.LEARNER: _OWN,
    Role.ENLACE: frozenset({P.FOLLOWUP_READ, P.ROSTER_WRITE, P.PERSON_INVITE, P.REMINDER_SEND, P.SUPPORT_REFER}),
    Role.OFFICER: frozenset(
        {P.OVERVIEW_READ, P.CERTIFICATE_PROPOSE, P.CERTIFICATE_RELEASE, P.SUPPORT_GRANT, P.INSTITUTION_READ}
    ),
    Role.COORDINATOR: frozenset({P.OVERVIEW_READ, P.INSTITUTION_READ}),
    Role.AUTHOR: frozenset({P.COURSE_READ}),
    # Care staff answer people outside the platform; the platform shows them nothing about anyone.
    Role.CARE: frozenset(),
    Role.ADMIN: frozenset(
        {
            P.INSTITUTION_READ,
            P.INSTITUTION_WRITE,
            P.ROLE_WRITE,
            P.SIGNATORY_WRITE,
            P.PERSON_SUSPEND,
            P.MAIL_READ,
            P.AUDIT_READ,
            P.COURSE_READ,
        }
    ),
}

# Roles that hold everywhere; an enlace's hold only inside her institution or areas.
EVERYWHERE = frozenset({Role.OFFICER, Role.COORDINATOR, Role.AUTHOR, Role.CARE, Role.ADMIN})


@dataclass(frozen=True)
class Held:
    """A role a person holds today: where it is bound, and to which subtree of areas (`area_path`) if any."""

    role: Role
    institution_id: int | None = None
    area_id: int | None = None
    area_path: str | None = None


@dataclass(frozen=True)
class Scope:
    """The part of the data that a query may see.

    `everything` for the Secretaría's staff; otherwise whole `institutions` and, inside others, the subtrees of areas
    named by `area_paths`. `person_id` is always the person who asks: what is hers alone is asked by that.
    """

    person_id: int | None = None
    everything: bool = False
    institutions: frozenset[int] = frozenset()
    area_paths: frozenset[str] = frozenset()

    @property
    def nothing(self) -> bool:
        """Whether no data of other people can be seen."""
        return not (self.everything or self.institutions or self.area_paths)


SYSTEM = Scope(everything=True)


@dataclass(frozen=True)
class Actor:
    """The person who asks, with the roles held today."""

    person_id: int
    public_id: str
    name: str
    held: tuple[Held, ...] = field(default=())

    def may(self, permission: Permission) -> bool:
        """Tell whether any role held grants the permission."""
        return permission in _OWN or any(permission in GRANTS[h.role] for h in self.held)

    def has(self, role: Role) -> bool:
        """Tell whether the role is held."""
        return role is Role.LEARNER or any(h.role is role for h in self.held)

    def scope(self, permission: Permission) -> Scope:
        """Return where the permission holds for this person; only her own data when no role grants it."""
        granting = [h for h in self.held if permission in GRANTS[h.role]]
        if any(h.role in EVERYWHERE for h in granting):
            return Scope(self.person_id, everything=True)
        whole = frozenset(h.institution_id for h in granting if h.institution_id and h.area_id is None)
        paths = frozenset(h.area_path for h in granting if h.area_path)
        return Scope(self.person_id, institutions=whole, area_paths=paths)
