"""Script strings, and a practice whose every text holds them: planted by the ordinary verbs.

`Words` hands out one text after another, so that over a few cases each string stands in several kinds of field.
"""

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from schemas.card_codes import BoundaryKind, ToolFamily
from schemas.case_codes import OrderType, ReferralDirection, ReferralKind, Voice
from schemas.event_codes import Disposition
from schemas.instruments import find
from schemas.instruments.answer import Answer
from schemas.instruments.definition import Instrument
from schemas.instruments.kinds import Text
from schemas.programme_codes import Barrier
from schemas.proxy_codes import ProxyKind
from schemas.vocabulary import (
    AskedAnswer,
    Channel,
    ChannelRule,
    EventLevel,
    FieldClass,
    GoalDomain,
    NoteFormat,
    PlanType,
    Role,
)
from service.casework import (
    cases,
    circumstances,
    contact_plans,
    diagnoses,
    events,
    goals,
    networks,
    notes,
    people,
    plans,
    programmes,
    proxies,
    reviews,
    takeovers,
    toolkits,
)
from service.casework import intakes as logs
from service.casework.goals import GoalDraft
from service.casework.people import NewPerson
from service.casework.plans import PlanDraft
from service.casework.takeovers import Choice
from service.domain import clock
from service.domain.actors import Actor
from service.domain.cases import ChannelPreference, ContactPreferences, OtherPerson, Presentation, RecordSafetyCheck
from service.domain.contact_plans import EVERY_PART, Boundary, ContactPlan
from service.domain.diagnoses import Assessed
from service.domain.events import FollowUp, SafetyEvent
from service.domain.networks import Person
from service.domain.notes import SECTIONS
from service.domain.plan_types import FIELDS, PlanField
from service.domain.proxies import Concern, Proxy
from service.domain.referrals import ReferralDraft
from service.domain.relationship import Hearing, LegalOrder, RelationshipFacts
from service.domain.safety import PlanLine
from service.domain.toolkits import Tool
from service.fhir.incoming.arrivals import read_arrivals
from tests import builders

SCRIPTS: list[str] = json.loads((Path(__file__).parent / "golden" / "scripts.json").read_text(encoding="utf-8"))
NESTED = "<div>" * 20 + "<svg><math><script>alert(1)</script></math></svg>" + "</div>" * 20
EVERYTHING = [*SCRIPTS, NESTED]
# Room for every string at once; fields that hold less say so.
ROOM = 4_000
ONE_LINE = 500
LONG_ENOUGH = "; told in the client's own words"
CLIENT_TEXTS = {"chosen_name": 200, "legal_name": 200, "pronouns": 80, "gender_identity": 200, "languages": 200}
CLIENT_TEXTS |= {"interpreter": 200, "access_needs": ROOM, "address": 500}


@dataclass
class Words:
    """The next string each time; `all_at_once` joins every string in each text, as far as it has room."""

    at: int = 0
    all_at_once: bool = False

    def __call__(self, longest: int = ROOM) -> str:
        self.at += 1
        found = "\n".join(EVERYTHING) if self.all_at_once else EVERYTHING[self.at % len(EVERYTHING)]
        return (found if longest > 500 else found.replace("\n", " "))[:longest]


@dataclass(frozen=True)
class Planted:
    """The records of one case full of script strings."""

    case_id: str
    goal_id: str
    draft_session_id: str
    signed_session_id: str
    note_id: str
    signed_note_id: str
    intake_id: str
    corrected_id: str
    plan_ids: tuple[str, ...]
    event_id: str
    open_event_id: str
    chosen_name: str
    told: tuple[str, ...]


def plant(actor: Actor, words: Words) -> Planted:
    """One case whose every text is hostile."""
    case = builders.add_case(actor, **{name: words(longest) for name, longest in CLIENT_TEXTS.items()})
    _plant_parts(actor, case.id, words)
    _plant_beside_plans(actor, case.id, words)
    goal = GoalDraft(GoalDomain.PERSONAL, words(), words(), words(), review_on=clock.now().date() + timedelta(days=30))
    goal_id = goals.save_goal(actor, case.id, goal).id
    draft_id, note_id = _plant_session(actor, case.id, words)
    signed_id, signed_note_id = _plant_session(actor, case.id, words, signed=True)
    intake_id, corrected_id, told = plant_logs(actor, case.id, words)
    event = events.open_event(actor, case.id, EventLevel.TODAY, prompt=words(200))
    disposed = _follow_up(actor, event, words)
    return Planted(
        case_id=case.id,
        goal_id=goal_id,
        draft_session_id=draft_id,
        signed_session_id=signed_id,
        note_id=note_id,
        signed_note_id=signed_note_id,
        intake_id=intake_id,
        corrected_id=corrected_id,
        plan_ids=tuple(_plant_plan(actor, case.id, each, words) for each in PlanType),
        event_id=disposed.id,
        open_event_id=events.open_event(actor, case.id, EventLevel.NEXT, prompt=words(200)).id,
        chosen_name=case.client.chosen_name,
        told=told,
    )


def plant_people(admin: Actor) -> dict[str, str]:
    """A person for each string: it is name, qualification and, where that can be, part of the address; id -> name."""
    names: dict[str, str] = {}
    for number, script in enumerate(EVERYTHING, start=1):
        plain = "" if set(script) & set(" @") else script
        new = NewPerson(script, f"{plain}{number}@people.example", Role.THERAPIST, script)
        person, _token = people.invite(admin, new)
        names[person.id] = person.name
    return names


def _plant_parts(actor: Actor, case_id: str, words: Words) -> None:
    case = cases.read_case(actor, case_id)
    channels = tuple(ChannelPreference(each, ChannelRule.BETWEEN, words(200), words(200)) for each in Channel)
    contact = ContactPreferences(channels, words(80), words(200), words(200), words(500), clock.now().date())
    case = cases.change_contact(actor, case_id, contact, version=case.version)
    yes = AskedAnswer.YES
    check = RecordSafetyCheck(clock.now().date(), yes, yes, yes, yes, yes, words())
    case = cases.record_safety_check(actor, case_id, check, version=case.version)
    case = cases.change_other_person(actor, case_id, OtherPerson(words(40), words(200)), version=case.version)
    names = ("concerns", "functional_summary", "co_occurring_care", "medication", "strengths", "formulation")
    told = replace(Presentation("together"), **{name: words() for name in names})  # type: ignore[arg-type]
    cases.change_presentation(actor, case_id, told, version=case.version)
    orders = (LegalOrder(OrderType.PROTECTION, terms=words()),)
    facts = RelationshipFacts(orders=orders, hearings=(Hearing(clock.now().date(), words(200)),))
    circumstances.keep_facts(actor, case_id, facts, version=0)
    referral = ReferralDraft(
        ReferralDirection.TO_US, ReferralKind.LEGAL, clock.now().date(), words(200), words(), note=words()
    )
    circumstances.save_referral(actor, case_id, referral)
    made = diagnoses.make_diagnosis(actor, case_id, Assessed(words=words(500)))
    changed = Assessed(words=words(500), other_code="F60.9")
    diagnoses.change_diagnosis(actor, made.id, changed, words(2_000), version=1)


def _plant_session(actor: Actor, case_id: str, words: Words, *, signed: bool = False) -> tuple[str, str]:
    names = ("risk_reason", "homework_given", "homework_reviewed", "next_reason")
    session = builders.add_session(actor, case_id, place=words(200), **{name: words() for name in names})
    note_format = NoteFormat.SOAP if signed else NoteFormat.BIRP
    sections = {key: words() for key, _label in SECTIONS[note_format]}
    note = notes.save_note(actor, session.id, note_format, sections, version=None)
    if signed:
        note = notes.sign_note(actor, note.id, version=note.version)
        notes.add_addendum(actor, note.id, words())
    return session.id, note.id


def plant_logs(actor: Actor, case_id: str, words: Words) -> tuple[str, str, tuple[str, ...]]:
    """A log and its correction; also what the correction tells, in its free texts."""
    instrument = find("wsl")
    first = builders.add_intake(actor, case_id, _answers(instrument, words)).intake
    told = _answers(instrument, words)
    corrected = logs.amend_intake(actor, first.id, builders.an_intake_draft(told), reason=words(500)).intake
    texts = tuple(each for key, each in told.items() if isinstance(instrument.item(key).answer, Text))
    return first.id, corrected.id, tuple(str(each) for each in texts)


def _answers(instrument: Instrument, words: Words) -> dict[str, Answer]:
    kinds = {item.key: item.answer for item in instrument.items()}
    texts = {key: words(kind.max_length) for key, kind in kinds.items() if isinstance(kind, Text)}
    return {**builders.wsl_answers(), **texts}


def _plant_plan(actor: Actor, case_id: str, plan_type: PlanType, words: Words) -> str:
    """Two versions, so that their differences are hostile too; returns the one in use."""
    for _number in range(2):
        plan = plans.start_plan(actor, case_id, plan_type)
        lines = {each.key: _plan_line(each, words) for each in FIELDS[plan_type]}
        plan = plans.save_plan(actor, plan.id, PlanDraft(lines, True, True), version=plan.version)
        plan = plans.activate_plan(actor, plan.id, version=plan.version)
    return plan.id


def _plan_line(part: PlanField, words: Words) -> PlanLine:
    """A part that takes a few lines only gets one."""
    return PlanLine(words(ONE_LINE if part.most_lines else ROOM), part.field_class is not FieldClass.N)


def _plant_beside_plans(actor: Actor, case_id: str, words: Words) -> None:
    """Contact plan, boundary, toolkit, network and programme."""
    contact_plan = ContactPlan(lines={key: words() for key in EVERY_PART})
    contact_plans.save_contact_plan(actor, case_id, contact_plan, version=None)
    person = networks.add_person(actor, case_id, Person(words(80), details=words()))
    boundary = Boundary(next(iter(BoundaryKind)), words(), words(200), words(), words(), person.id)
    contact_plans.add_boundary(actor, case_id, boundary)
    concern = Concern(words(), words(), words(), words())
    proxies.save_concern(actor, case_id, concern, version=0)
    told_of = Proxy(ProxyKind.PORTAL, words(200), words(), words(), words(), words(200), words())
    proxies.add_proxy(actor, case_id, told_of)
    _plant_taken_over(actor, case_id, words)
    toolkits.add_tool(actor, case_id, Tool(next(iter(ToolFamily)), words(200), caution=words()))
    programmes.name_barrier(actor, case_id, Barrier.MONEY, words())
    reviews.keep_review(actor, case_id, words(), Voice.CLIENT, version=0)


def _plant_taken_over(actor: Actor, case_id: str, words: Words) -> None:
    """A clinician elsewhere, from a Bundle of another system."""
    named = [{"resourceType": "Patient"}, {"resourceType": "Practitioner", "name": [{"text": words(200)}]}]
    file = {"resourceType": "Bundle", "entry": [{"resource": each} for each in named]}
    arrivals = read_arrivals(actor, json.dumps(file).encode(), words(200))
    seen = takeovers.look_at(actor, case_id, arrivals).seen
    takeovers.take_over(actor, case_id, arrivals, Choice(words(200), ("entry[1].resource",), seen))


def _follow_up(actor: Actor, event: SafetyEvent, words: Words) -> SafetyEvent:
    told = FollowUp(
        code=Disposition.EXTRA_CONTACT,
        offered=words(),
        client_wish=words(),
        decided_by=words(200),
        text=words() + LONG_ENOUGH,
        at=clock.now(),
        next_check=clock.now().date() + timedelta(days=7),
    )
    return events.dispose_event(actor, event.id, told, version=event.version)
