"""One file per topic; importing this room makes every table known to the metadata."""

from lms.models import audit, certificates, courses, enrolments, institutions, outbox, people, quizzes, rosters

__all__ = [
    "audit",
    "certificates",
    "courses",
    "enrolments",
    "institutions",
    "outbox",
    "people",
    "quizzes",
    "rosters",
]
