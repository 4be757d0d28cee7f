"""Supervision in the demo practice: two meetings a therapist, with decisions on a case and something left to do."""

from datetime import date, timedelta

from schemas.supervision_codes import SupervisionMode
from service.casework import supervision_records
from service.casework.supervision_records import ActionDraft, MeetingDraft
from service.domain.actors import Actor
from service.domain.supervision_records import TouchedWords

TOLD = TouchedWords(
    "Go on with the steps in the order the client chose. Ask about the hearing before going further.",
    "Follow-ups are recorded and read; the next check date stands.",
)


def meet(supervisor: Actor, therapist: Actor, case_id: str, today: date) -> None:
    """A meeting two weeks ago and one this week; once for each case that is handed in."""
    for days, mode in ((14, SupervisionMode.INDIVIDUAL), (2, SupervisionMode.REMOTE)):
        draft = MeetingDraft(today - timedelta(days=days), 60, mode, "Caseload, pace, own limits.")
        record = supervision_records.add_record(supervisor, therapist.user_id, draft)
        supervision_records.touch_case(supervisor, record.id, case_id, TOLD, version=None)
        to_do = ActionDraft(
            therapist.user_id, "Ask the client about the hearing", today + timedelta(days=5 - days), case_id
        )
        record = supervision_records.add_action(supervisor, record.id, to_do)
        if days > 7:
            supervision_records.set_done(therapist, record.id, record.actions[0].id, done=True)
    supervision_records.set_target(supervisor, therapist.user_id, 4 * 60)
