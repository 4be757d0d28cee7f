"""Who did what and when, for administrators. Rule: cases appear by their code, nothing else of them."""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, request, url_for
from flask.wrappers import Response
from marshmallow import ValidationError

from schemas.accounts import AuditListSchema
from schemas.actions import Action
from schemas.payload import flat
from schemas.vocabulary import Role, Verdict
from service.casework import people
from service.domain.accounts import AuditLine
from service.errors import Invalid
from service.guard import current_actor, needs
from service.web.frame import show

page = Blueprint("audit", __name__)
LINES = 50
ACTIONS = {str(action): action.label for action in Action}
ROLES = {str(role): role.label for role in Role}


@dataclass(frozen=True)
class Line:
    """An audit row in the words of people; `refused` is empty when it was allowed."""

    at: datetime
    actor_name: str
    role_label: str
    action: str
    subject: str
    refused: str
    why: str


@page.get("/audit")
@needs(Action.AUDIT_READ)
def audit() -> Response:
    before = _before()
    found = people.read_audit(current_actor(), before=before, limit=LINES + 1)
    lines = found[:LINES]
    older = url_for("audit.audit", before=lines[-1].mark) if len(found) > LINES else ""
    newest = url_for("audit.audit") if before else ""
    said = [_said(line) for line in lines]
    return show("pages/audit/audit.html", task="Audit", lines=said, older=older, newest=newest)


def _before() -> str:
    try:
        given = AuditListSchema(only=("before",)).load(request.args.to_dict())
    except ValidationError as error:
        raise Invalid("This part of the list does not exist.", flat(error.messages)) from error
    return str(given["before"])


def _said(line: AuditLine) -> Line:
    return Line(
        at=line.at,
        actor_name=line.actor_name,
        role_label=ROLES.get(line.role, line.role),
        action=ACTIONS.get(line.action, line.action),
        subject=line.subject,
        refused="" if line.verdict == Verdict.ALLOWED else Verdict.REFUSED.label,
        why=line.why.replace("_", " "),
    )
