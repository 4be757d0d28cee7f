"""Lines of a timeline: what happened, when on the clocks of the practice, and the page that tells more.

Rule: every kind names its page here; the words are those of service/domain/timeline.py.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import url_for

from schemas.case_codes import TimelineKind
from service.domain import clock
from service.domain.timeline import Happening
from service.web.times import day, moment

K = TimelineKind
# kind -> the page that tells more, and the name under which it takes the id
PLACES: Mapping[TimelineKind, tuple[str, str]] = {
    K.SESSION: ("sessions.session", "session_id"),
    K.NOTE: ("notes.reading", "session_id"),
    K.FORM: ("intakes.intake", "intake_id"),
    K.PLAN: ("plans.plan", "plan_id"),
    K.EVENT: ("events.event", "event_id"),
    K.GOAL: ("cases.case", ""),
    K.DIAGNOSIS: ("diagnoses.diagnoses", ""),
    K.EPISODE: ("episodes.episode", ""),
    K.CHANGE: ("cases.details", ""),
    K.FACTS: ("circumstances.relationship", ""),
    K.REFERRAL: ("cases.details", ""),
    K.PROGRAMME: ("programmes.programme", ""),
    K.CONSENT: ("releases.releases", ""),
    K.RELEASE: ("releases.release", "release_id"),
    K.DISCLOSURE: ("disclosures.disclosures", ""),
    K.SUPERVISION: ("supervision_records.meeting", "supervision_id"),
    K.CONTACT: ("contact_plans.contact_plan", ""),
    K.TOOL: ("toolkits.tools", ""),
    K.NETWORK: ("networks.network", ""),
    K.PROXY: ("proxies.proxies", ""),
    K.REVIEW: ("reviews.review", ""),
    K.REQUEST: ("requests.request", "request_id"),
    K.WALL: ("walls.walls", ""),
}


def lines_of(case_id: str, happened: Iterable[Happening], zone: str) -> list[tuple[str, str, str, str]]:
    """(machine time, time in words, text, address) as the timeline draws them."""
    return [(each.at.isoformat(), _when(each, zone), each.words, _url(case_id, each)) for each in happened]


def _when(each: Happening, zone: str) -> str:
    return day(each.local(zone).date(), today=clock.today(zone)) if each.day_only else moment(each.at, zone)


def _url(case_id: str, each: Happening) -> str:
    endpoint, name = PLACES[each.kind]
    values: dict[str, Any] = {name: each.about} if name else {"case_id": case_id}
    return url_for(endpoint, **values)
