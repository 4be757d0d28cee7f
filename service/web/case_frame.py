"""What stands around every page of one case: ways between its parts, the safety banner, where waiting work is done.

Rule: the banner stays while an event of the case is open; its words are neutral and may be read over a shoulder.
"""

from collections.abc import Sequence

from flask import url_for

from schemas.actions import Action
from schemas.vocabulary import EventLevel
from service.domain import clock
from service.domain.cases import Case
from service.domain.events import SafetyEvent
from service.domain.workload import Due, Kind
from service.guard import current_practice
from service.web.frame import Banner

# label, endpoint, what one must be allowed to do with the case
PARTS = (
    ("Overview", "cases.case", Action.CASE_READ),
    ("Details", "cases.details", Action.CASE_READ),
    ("Course", "intakes.course", Action.INTAKE_READ),
    ("Forms", "case_forms.forms", Action.INTAKE_READ),
    ("Programme", "programmes.programme", Action.PROGRAMME_READ),
    ("Plans", "plans.plans", Action.PLAN_READ),
    ("Safety events", "events.events", Action.EVENT_READ),
    ("Reports", "reports.reports", Action.REPORT_MAKE),
    ("Export", "exports.export", Action.EXPORT_PREVIEW),
    ("Consent and releases", "releases.releases", Action.RELEASE_READ),
    ("What left", "disclosures.disclosures", Action.DISCLOSURE_READ),
)
HEADINGS = {
    Kind.NOW_EVENT: "Respond now",
    Kind.READING: "Second reader",
    Kind.MISSED: "Missed sessions",
    Kind.EVENT: "Safety events",
    Kind.ARRIVED: "Forms that arrived",
    Kind.NOTE: "Notes",
    Kind.SESSION: "Sessions to record",
    Kind.REQUEST: "Requests",
    Kind.PLAN: "Plans",
    Kind.AGREEMENT: "Agreements",
    Kind.RECHECK: "Asked every 90 days",
    Kind.LOG: "Logs",
    Kind.GOAL: "Goals",
    Kind.RELEASE: "Releases",
    Kind.QUIET: "No next session",
}
PLACES = {
    Kind.NOW_EVENT: "events.events",
    Kind.READING: "events.events",
    Kind.MISSED: "cases.case",
    Kind.EVENT: "events.events",
    Kind.ARRIVED: "cases.case",
    Kind.NOTE: "cases.case",
    Kind.SESSION: "cases.case",
    Kind.REQUEST: "requests.requests",
    Kind.PLAN: "plans.plans",
    Kind.AGREEMENT: "contact_plans.contact_plan",
    Kind.RECHECK: "cases.details",
    Kind.LOG: "intakes.log",
    Kind.GOAL: "cases.case",
    Kind.RELEASE: "releases.releases",
    Kind.QUIET: "sessions.new",
}

READ_AT = {Kind.LOG: "intakes.course", Kind.QUIET: "cases.case"}


def tabs(case: Case, current: str) -> list[tuple[str, str, bool]]:
    """(label, address, current) of the parts that this reader may open; `current` is the endpoint of this page."""
    return [
        (label, url_for(endpoint, case_id=case.id), endpoint == current)
        for label, endpoint, action in PARTS
        if action in case.may
    ]


def banner_of(events: Sequence[SafetyEvent]) -> Banner | None:
    """The safety banner over the work on a case, from its events; none when each has a follow-up that stands."""
    today = clock.today(current_practice().zone)
    waiting = [each for each in events if each.wants_follow_up(today)]
    if not waiting:
        return None
    first = min(waiting, key=lambda each: (list(EventLevel).index(each.level), each.opened_at))
    if len(waiting) == 1:
        return Banner(f"{first.level.label}: {_open_words(first)}", "Go to the follow-up", event_url(first))
    words = f"{first.level.label}: {len(waiting)} follow-ups are open"
    return Banner(words, "Go to the follow-ups", url_for("events.events", case_id=first.case_id))


def _open_words(event: SafetyEvent) -> str:
    return "a session came after the follow-up, a new one is open" if event.left_behind else "a follow-up is open"


def event_url(event: SafetyEvent) -> str:
    return url_for("events.event", event_id=event.id)


def place_of(due: Due, *, reading: bool = False) -> str:
    """The page on which what is due gets done; for who is only reading the case, the page that shows how it stands."""
    if reading and due.kind in READ_AT:
        return url_for(READ_AT[due.kind], case_id=due.case_id)
    if due.kind is Kind.LOG:
        return url_for(PLACES[due.kind], case_id=due.case_id, instrument_key=due.instrument_key or None)
    return url_for(PLACES[due.kind], case_id=due.case_id)
