"""Safety work in the demo practice: invented crisis lines, follow-ups week by week, and one that waits for a reader."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from schemas.event_codes import CrisisKind, Disposition
from schemas.vocabulary import EventLevel, EventStatus
from service.casework import crisis, events, sessions
from service.casework.crisis import PanelDraft
from service.domain import clock
from service.domain.actors import Actor
from service.domain.crisis import CrisisLine
from service.domain.events import FollowUp, SafetyEvent
from service.domain.sessions import TherapySession

WEEK = timedelta(days=7)
LINES = (
    CrisisLine(CrisisKind.EMERGENCY, "Invented emergency desk", "000 000", "always"),
    CrisisLine(CrisisKind.CRISIS, "Invented night line", "000 0111", "every night, 19:00 to 7:00"),
    CrisisLine(
        CrisisKind.SPECIALIST, "Invented advocacy service, Harbour House", "000 0222", "weekdays, 9:00 to 17:00"
    ),
)


@dataclass(frozen=True)
class Week:
    """What happened in one session: the items whose answers called for a response, and what the story wants."""

    actor: Actor
    session: TherapySession
    day: date
    items: frozenset[str]
    leaves_open: bool = False
    is_urgent: bool = False


def name_lines(admin: Actor, reader: Actor) -> None:
    """The practice's lines, confirmed by its administrator, and one named second reader."""
    draft = PanelDraft(LINES, admin.name, clock.now().date())
    crisis.change_panel(admin, draft, version=crisis.read_panel(admin).version)
    crisis.name_reader(admin, reader.user_id)


def answer(week: Week) -> None:
    """Follow up what the session opened, and look again at what was due for a check."""
    found = sessions.read_session(week.actor, week.session.id).events
    waiting = [each for each in found if each.status is EventStatus.OPEN]
    _check_again(week, found)
    if week.leaves_open and not waiting:
        _open(week, EventLevel.TODAY, "Other person waited outside work twice")
    if week.leaves_open:
        return
    if week.is_urgent:
        urgent = _open(week, EventLevel.NOW, "A threat in the stairwell on the way here")
        _record(week, urgent, _handed_over(week))
    for event in waiting:
        _record(week, event, _plan_looked_at(week))


def _check_again(week: Week, found: Iterable[SafetyEvent]) -> None:
    """A follow-up whose check has come: another where the answer was given again, else the last one."""
    for event in found:
        if event.status is EventStatus.DISPOSED and event.check_on and event.check_on <= week.day:
            again = event.item in week.items
            _record(week, event, _plan_looked_at(week) if again else _looked_at_again())


def _open(week: Week, level: EventLevel, prompt: str) -> SafetyEvent:
    session = week.session
    return events.open_event(week.actor, session.case_id, level, prompt=prompt, session_id=session.id)


def _record(week: Week, event: SafetyEvent, follow_up: FollowUp) -> None:
    events.dispose_event(week.actor, event.id, follow_up, version=event.version)


def _plan_looked_at(week: Week) -> FollowUp:
    return FollowUp(
        code=Disposition.PLAN_REVISED,
        offered="Time to talk it through, the plan, a call later in the week",
        client_wish="Look at the plan together and keep the usual day",
        decided_by="Client and therapist",
        text="Asked directly and in private. Evening hours were the hardest; went through the plan line by line.",
        at=clock.now(),
        next_check=week.day + WEEK,
    )


def _looked_at_again() -> FollowUp:
    return FollowUp(
        code=Disposition.REVIEWED,
        offered="To talk about it once more",
        client_wish="Leave it for today and say so if it comes back",
        decided_by="Client and therapist",
        text="Asked again, directly and in private. The answer was different this week.",
        at=clock.now(),
        next_check=None,
        detail="Asked again at the agreed check; the client will say when it comes back.",
        ends=True,
    )


def _handed_over(week: Week) -> FollowUp:
    return FollowUp(
        code=Disposition.ADVOCATE_HANDOVER,
        offered="A call to the advocacy service together, another way home, a taxi",
        client_wish="To make the call from here, and to go home to a friend",
        decided_by="Client and therapist",
        text="Rang the service together before the session ended; a worker rings back on the agreed number.",
        at=clock.now(),
        next_check=week.day + timedelta(days=3),
    )
