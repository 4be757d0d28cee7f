"""Values for the names in addresses: for each state of a case, one id of every kind of record that hangs on it.

Rule: an address names what it holds (`case_id`, `note_id` ...); a new name gets one line here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from schemas.actions import Action
from schemas.release_codes import ContentClass
from schemas.request_codes import AskedBy, RequestKind
from schemas.vocabulary import (
    AssignmentKind,
    CaseState,
    CaseStatus,
    EventLevel,
    GoalDomain,
    LinkKind,
    PlanType,
    Relation,
    Role,
)
from service.casework import (
    bulk_exports,
    conflicts,
    disclosures,
    events,
    goals,
    instruments,
    machine_clients,
    note_life,
    notes,
    people,
    requests,
    resets,
    schedules,
    successions,
    supervision_records,
)
from service.casework.goals import GoalDraft
from service.casework.instruments import Attestation
from service.domain import clock
from service.domain.actors import Actor
from service.domain.bulk_exports import BulkAsk, BulkLevel
from service.domain.disclosures import to_the_client
from service.domain.requests import Asking
from service.domain.supervision_records import TouchedWords
from service.fhir import bulk, publish
from service.fhir.importing.form import read_form
from service.store import accounts as account_store
from service.store import cases as case_store
from service.store import crisis as crisis_store
from service.store import walls as wall_store
from service.store.base import db
from tests import builders
from tests.builders import House
from tests.forms import sample_bytes
from tests.machines import a_client_draft

# What stands in the working notes of the matrix, and who reads it where: nobody else, nowhere else.
PLANTED = "heronquill lantern"
SHOWN = frozenset(
    {("owner", "psychotherapy.note"), ("owner", "psychotherapy.save"), ("supervisor", "psychotherapy.reading")}
)
UNKNOWN = "00000000-0000-4000-8000-00000000dead"
ON_A_CASE = frozenset(
    {
        *("case_id", "session_id", "note_id", "intake_id", "plan_id", "event_id", "goal_id", "addendum_id"),
        *("referral_id", "diagnosis_id"),
        *("resource_id", "refusal_id", "handover_id", "working_note_id", "opening_id", "release_id", "disclosure_id"),
        *("entry_id", "document_id", "summary_id"),
        *("request_id", "glass_id"),
        *("boundary_id", "tool_id", "person_id", "proxy_id"),
    }
)
# Records that name who reads them and hang on no case.
OF_TWO = frozenset({"supervision_id", "action_id", "conflict_id"})
# What is for whom a record names: the askers of the matrix whom its records name.
NAMED: Mapping[Action, frozenset[str]] = {
    Action.PSYCHOTHERAPY_GRANT: frozenset({"owner"}),
    Action.PSYCHOTHERAPY_WITHDRAW: frozenset({"owner"}),
    Action.PSYCHOTHERAPY_OPEN: frozenset({"supervisor"}),
    Action.BULK_READ: frozenset({"machine"}),
    Action.BULK_END: frozenset({"machine"}),
    Action.SUPERVISION_READ: frozenset({"owner", "supervisor"}),
    Action.SUPERVISION_WRITE: frozenset({"owner", "supervisor"}),
    Action.SUPERVISION_COPY: frozenset({"owner"}),
    Action.CONFLICT_ANSWER: frozenset({"supervisor", "cosigner"}),
    Action.SUPERVISION_TARGET: frozenset({"supervisor", "blocked"}),
}
# What somebody is let in for concerns the one note that waits for them, and the matrix asks for others.
LET_IN_FOR: Mapping[Relation, frozenset[Action]] = {
    Relation.READER: frozenset({Action.NOTE_SECOND_READ, Action.EVENT_SECOND_READ}),
    Relation.COSIGNER: frozenset({Action.NOTE_COSIGN, Action.NOTE_RETURN}),
}
AN_ORDER = Asking(RequestKind.COURT_ORDER, AskedBy.COURT, "A court", "The dates of all sessions", clock.now().date())
PLAIN = {
    "instrument_key": "wsl",
    "instrument": "wsl",
    "key": "wsl",
    "version": "1",
    "version_id": "1",
    "resource_type": "Patient",
    "digest": "0",
    "name": "app.css",
    "path": "app.css",
    "number": "1",
    "kind": "progress",
    "report": "progress",
    "file_name": "Organization.ndjson",
    "sign_in_id": UNKNOWN,
    "device_id": UNKNOWN,
    "form_key": "form-00000000",
    "form_version": "1.0.0",
    "form_id": "wsl-1.0.0",
    "act": "disagreement",
    "step_key": "1",
    "task_key": "1a",
    "card_key": "rights",
}


@dataclass(frozen=True)
class Setting:
    """A house with a colleague blocked from every case, and one case in each state."""

    house: House
    blocked: Actor
    others: Mapping[str, Actor]
    ids: Mapping[CaseState, Mapping[str, str]]


def furnish(house: House) -> Setting:
    """Needs an application context."""
    blocked = builders.add_actor(house.practice_id, Role.SUPERVISOR, "Blocked Colleague")
    account_store.supervise(house.practice_id, blocked.user_id, house.therapist.user_id, clock.now().date())
    others = {
        "blocked therapist": builders.add_actor(house.practice_id, Role.THERAPIST, "Keptaway Colleague"),
        "blocked admin": builders.add_actor(house.practice_id, Role.ADMIN, "Keptaway Administrator"),
        "cover": builders.add_actor(house.practice_id, Role.THERAPIST, "Covering Colleague"),
        "glass": builders.add_actor(house.practice_id, Role.THERAPIST, "Emergency Colleague"),
        "reader": builders.add_actor(house.practice_id, Role.THERAPIST, "Reading Colleague"),
        "cosigner": builders.add_actor(house.practice_id, Role.SUPERVISOR, "Cosigning Colleague"),
    }
    crisis_store.name_reader(house.practice_id, others["reader"].user_id, house.admin.user_id)
    account_store.supervise(house.practice_id, others["cosigner"].user_id, others["cover"].user_id, clock.now().date())
    db.session.flush()
    account_store.be_cosigned(others["cosigner"].user_id, others["cover"].user_id)
    leaver = builders.add_actor(house.practice_id, Role.THERAPIST, "Leaving Colleague")
    token = account_store.issue_link(leaver.user_id, LinkKind.SIGN_IN)
    asker = builders.add_actor(house.practice_id, Role.ADMIN, "Asking Colleague")
    ended = builders.add_actor(house.practice_id, Role.THERAPIST, "Gone Colleague")
    db.session.commit()
    people.end_account(asker, ended.user_id)
    client = machine_clients.register_client(house.admin, "Ward bridge", "ward@linden.example", a_client_draft())
    common = PLAIN | {
        "client_id": client.id,
        "group_id": house.therapist.user_id,
        "export_id": bring_export(house),
        "account_id": leaver.user_id,
        "user_id": leaver.user_id,
        "supervisor_id": house.supervisor.user_id,
        "therapist_id": house.therapist.user_id,
        "token": token,
        "succession_id": successions.ask(
            asker, ended.user_id, house.peer.user_id, "They know this way of working best"
        ).id,
        "reset_id": resets.ask_reset(asker, leaver.user_id).id,
        "form_key": bring_form(house.supervisor),
        "conflict_id": _conflict(house, blocked),
        "reliability_id": builders.add_reliability(house.admin).id,
    }
    there = {**others, "blocked": blocked, "leaver": leaver}
    ids = {state: common | _case(house, there, state) for state in CaseState}
    for state in CaseState:
        ids[state] = ids[state] | _stand(others, house, ids[state]["case_id"])
    return Setting(house, blocked, others, ids)


def _conflict(house: House, blocked: Actor) -> str:
    """Two cases that name one person, from which `blocked` is kept away."""
    for actor in (house.therapist, house.peer):
        case = builders.add_case(actor, chosen_name="Bryony Lockhart")
        case_store.assign(case.id, blocked.user_id, AssignmentKind.BLOCKED, None)
    db.session.commit()
    return conflicts.read_conflicts(house.supervisor)[0].id


def _stand(others: Mapping[str, Actor], house: House, case_id: str) -> dict[str, str]:
    """Let the others stand to a case as their names say; returns the id of an emergency opening."""
    for name in ("blocked therapist", "blocked admin"):
        case_store.assign(case_id, others[name].user_id, AssignmentKind.BLOCKED, None)
    opening = wall_store.open_glass(case_id, others["glass"].user_id, "Nobody else could be reached in time")
    db.session.commit()
    return {"glass_id": opening.id}


def bring_export(house: House) -> str:
    """A finished export of the house's directory."""
    publish.rebuild(house.practice_id)
    ask = BulkAsk(BulkLevel.SYSTEM, "https://stepwell.example/fhir/R4/$export", ("Organization",))
    export_id = bulk_exports.start_export(house.machine, ask)
    bulk.work(60)
    return export_id


def bring_form(actor: Actor) -> str:
    """The key of a form of another maker, newly in use."""
    data = sample_bytes("scored-screener")
    form = read_form(data, actor.practice_id).instrument
    assert form is not None
    return instruments.import_instrument(actor, form, data, Attestation("Siobhán Byrne")).instrument.key


def _case(house: House, others: Mapping[str, Actor], state: CaseState) -> dict[str, str]:
    """`others`: who is blocked from the case, and who covers it, by how they stand to it."""
    actor = house.therapist
    case = builders.add_case(actor)
    found = {"case_id": case.id, "resource_id": case.id, **_records(actor, case.id)}
    found |= _working_note(house, found["session_id"]) | _meeting(house, case.id)
    case_store.assign(case.id, house.machine.user_id, AssignmentKind.LINKED, None)
    case_store.assign(case.id, others["blocked"].user_id, AssignmentKind.BLOCKED, None)
    for name in ("leaver", "cover"):
        until = clock.now().date() + timedelta(days=1)
        case_store.assign(case.id, others[name].user_id, AssignmentKind.COVER, until)
    db.session.commit()
    _wait_for_others(house, others["cover"], case.id)
    row = case_store.row(case.id)
    assert row is not None
    row.sealed, row.held = state is CaseState.SEALED, state is CaseState.HELD
    row.status = {CaseState.CLOSED: CaseStatus.CLOSED, CaseState.PURGED: CaseStatus.PURGED}.get(state, CaseStatus.OPEN)
    db.session.commit()
    return found


def _wait_for_others(house: House, cover: Actor, case_id: str) -> None:
    """A note that waits to be cosigned, and one that waits for a second reader: none that an address names."""
    builders.add_note(cover, builders.add_session(cover, case_id).id, signed=True)
    wrong = builders.add_note(house.therapist, builders.add_session(house.therapist, case_id).id, signed=True)
    note_life.say_error(house.therapist, wrong.id, "Written into the record of somebody else")


def _meeting(house: House, case_id: str) -> dict[str, str]:
    """A supervision meeting that touched the case, with something to do."""
    meeting = builders.add_meeting(house.supervisor, house.therapist)
    words = TouchedWords("Ask again in a week", "Spoke of it")
    supervision_records.touch_case(house.supervisor, meeting.id, case_id, words, version=None)
    to_do = supervision_records.ActionDraft(house.therapist.user_id, "Ring the service", clock.now().date())
    kept = supervision_records.add_action(house.supervisor, meeting.id, to_do)
    return {"supervision_id": meeting.id, "action_id": kept.actions[0].id}


def _working_note(house: House, session_id: str) -> dict[str, str]:
    """A working note, open to the supervisor in training."""
    note = builders.add_working_note(house.therapist, session_id, PLANTED)
    grant = builders.open_in_training(house.therapist, note.id, house.supervisor)
    return {"working_note_id": note.id, "opening_id": grant.id}


def _cards(actor: Actor, case_id: str) -> dict[str, str]:
    builders.add_contact_plan(actor, case_id)
    return {
        "boundary_id": builders.add_boundary(actor, case_id).id,
        "tool_id": builders.add_tool(actor, case_id).id,
        "person_id": builders.add_person(actor, case_id).id,
        "proxy_id": builders.add_proxy(actor, case_id).card.id,
    }


def _records(actor: Actor, case_id: str) -> dict[str, str]:
    session = builders.add_session(actor, case_id)
    note = builders.add_note(actor, session.id)
    last_week = clock.now() - timedelta(days=8)
    noted = builders.add_session(actor, case_id, starts_at=last_week, ends_at=last_week + timedelta(minutes=50))
    signed = notes.add_addendum(actor, builders.add_note(actor, noted.id, signed=True).id, "Added later.")
    goal = goals.save_goal(actor, case_id, GoalDraft(GoalDomain.PERSONAL, "Sleep through the night"))
    event = events.open_event(actor, case_id, EventLevel.NEXT, prompt="Ask again next time")
    return {
        "session_id": session.id,
        "note_id": note.id,
        "addendum_id": signed.addenda[0].id,
        "document_id": signed.id,
        "intake_id": builders.add_intake(actor, case_id).intake.id,
        **_cards(actor, case_id),
        "plan_id": builders.add_plan(actor, case_id, PlanType.PL_URGE, active=False).id,
        "event_id": event.id,
        "goal_id": goal.id,
        "release_id": builders.add_release(actor, case_id, signed=False).id,
        "disclosure_id": disclosures.record_disclosure(
            actor, case_id, to_the_client(), (ContentClass.ATTENDANCE,), "Dates of three sessions"
        ).id,
        "referral_id": builders.add_referral(actor, case_id).id,
        "diagnosis_id": builders.add_diagnosis(actor, case_id).id,
        "request_id": requests.record_request(actor, case_id, AN_ORDER).id,
        "handover_id": builders.add_handover(actor, case_id).handover.id,
        "summary_id": builders.add_summary(actor, case_id).id,
        "entry_id": builders.offer_step(actor, case_id).entries[-1].id,
        "refusal_id": schedules.record_refusal(actor, case_id, "wsl", clock.now() - timedelta(days=1)).id,
    }
