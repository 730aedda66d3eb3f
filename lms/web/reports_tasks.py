"""What needs the enlace or the officer today, as sentences with the page where it is done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import url_for

from lms.permissions import Actor, Permission
from lms.queries.reports_figures import Figures, RosterTask
from lms.rules.enrolments import Status
from lms.texts.sentences import sentence


@dataclass(frozen=True)
class Task:
    """A line of the list of the day."""

    text: str
    url: str
    action: str
    detail: str | None = None


def of_enlace(rosters: Sequence[RosterTask], sums: Figures, to_print: int) -> tuple[Task, ...]:
    """Return what needs the enlace today, the most pressing first."""
    return (*map(_roster, rosters), *_people(sums, to_print))


def _roster(task: RosterTask) -> Task:
    url = url_for("rosters.plan", roster=task.roster)
    if task.signed:
        text = sentence("task_roster_faults", filename=task.filename, count=task.faults)
        return Task(text, url, "Ver filas", sentence("task_roster_mend"))
    code = "task_roster_rows_faults" if task.faults else "task_roster_rows"
    detail = sentence(code, institution=task.institution, count=task.rows, faults=task.faults)
    return Task(sentence("task_roster_plan", filename=task.filename), url, "Ver plan", detail)


def _people(sums: Figures, to_print: int) -> Iterator[Task]:
    alone = sums.support - sums.referred
    if alone:
        detail = sentence("task_support_how")
        if sums.referred:
            detail += " " + sentence("task_support_referred", count=sums.referred)
        url = url_for("reports.liaison_people", ademas="apoyo")
        yield Task(sentence("task_support", count=alone), url, "Ver quiénes", detail)
    if to_print:
        url = url_for("rosters.slips")
        yield Task(sentence("task_print", count=to_print), url, "Imprimir fichas", sentence("task_print_how"))
    overdue = sums.by_state[Status.OVERDUE]
    if overdue:
        url = url_for("reports.liaison_people", estado="vencio")
        yield Task(sentence("task_overdue", count=overdue), url, "Ver quiénes", sentence("task_overdue_how"))


def of_officer(who: Actor, sums: Figures, batches: int) -> tuple[Task, ...]:
    """Return what needs an officer today; whoever only reads has nothing to do here."""
    found: list[Task] = []
    if batches and who.may(Permission.CERTIFICATE_RELEASE):
        url = url_for("certificates.batches")
        found.append(Task(sentence("task_batches", count=batches), url, "Ver lotes"))
    if sums.without_certificate and who.may(Permission.CERTIFICATE_PROPOSE):
        url = url_for("certificates.eligible")
        found.append(Task(sentence("task_certificates", count=sums.without_certificate), url, "Proponer"))
    if sums.support and who.may(Permission.SUPPORT_GRANT):
        url = url_for("enrolments.support")
        found.append(Task(sentence("task_support_waiting", count=sums.support), url, "Ver apoyos"))
    return tuple(found)
