"""What waited so long for a second signature that whoever runs the practice is told: a count, and nothing of any case.

Rule: 14 days (domain.md 5); an administrator sees to it that somebody answers, and answers nothing themselves.
"""

from schemas.note_codes import NoteStep
from schemas.request_codes import RequestStatus
from service.domain import clock
from service.domain.note_life import COSIGN_ESCALATED
from service.store import cases, episodes, note_steps, requests

SIGNED_BY_TWO = (NoteStep.COSIGN_ASKED, NoteStep.JOINT_ASKED, NoteStep.ERROR_SAID)


def count_unsigned(practice_id: str) -> int:
    """Notes, joint sessions, errors, endings and reports that waited 14 days; joins the running transaction."""
    case_ids, before = cases.all_ids(practice_id), clock.now() - COSIGN_ESCALATED
    since = [each.at for each in note_steps.unanswered(case_ids, *SIGNED_BY_TWO)]
    since += [each.at for each in episodes.waiting_discharges(case_ids)]
    since += [requests.waits_since(each) for each in requests.in_status(case_ids, RequestStatus.PROPOSED)]
    return sum(at <= before for at in since)
