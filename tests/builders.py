"""Keyword builders, one a noun: each makes a valid value or record by the ordinary verbs and lets a test change what
matters.
"""

import io
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from pypdf import PdfWriter
from sqlalchemy import update

from schemas.card_codes import BoundaryKind, ToolFamily
from schemas.case_codes import EndReason, ReferralDirection, ReferralKind
from schemas.diagnosis_codes import DiagnosisCode
from schemas.event_codes import CrisisKind
from schemas.instruments.answer import Answer
from schemas.instruments.capture import CaptureChannel, CaptureContext, ContactContext, PenHolder, Privacy
from schemas.programme_codes import Condition, StepState
from schemas.proxy_codes import Chart, ProxyKind
from schemas.release_codes import (
    ConsentAnswer,
    ConsentKind,
    ContentClass,
    LegalBasis,
    ReleaseForm,
    ReleasePurpose,
    SaidHow,
    SendRoute,
)
from schemas.supervision_codes import SupervisionMode
from schemas.vocabulary import (
    AskedAnswer,
    Attendance,
    HandoverMode,
    NoteFormat,
    PlanRight,
    PlanType,
    ReliabilityMethod,
    ReliabilitySource,
    RiskStatus,
    Role,
)
from service.casework import (
    cases,
    circumstances,
    contact_plans,
    diagnoses,
    episodes,
    handovers,
    intakes,
    networks,
    notes,
    people,
    plans,
    programmes,
    proofs,
    proxies,
    psychotherapy,
    records,
    releases,
    reliabilities,
    sessions,
    summaries,
    supervision_records,
    toolkits,
)
from service.casework.handovers import HandoverDraft, Made
from service.casework.intakes import IntakeDraft, Recorded
from service.casework.proxies import KnownProxy
from service.casework.reliabilities import ReliabilityDraft
from service.casework.sessions import SessionDraft
from service.casework.supervision_records import MeetingDraft
from service.domain import clock
from service.domain.actors import Actor
from service.domain.cards import Card
from service.domain.cases import Case, Client, RecordSafetyCheck
from service.domain.contact_plans import Boundary, ContactPlan
from service.domain.crisis import CrisisLine, CrisisPanel
from service.domain.diagnoses import Assessed, Diagnosis
from service.domain.disclosures import Departure
from service.domain.episodes import Checklist
from service.domain.leaving import IN_REPORT
from service.domain.networks import Person
from service.domain.notes import Note
from service.domain.plan_types import FIELDS
from service.domain.programme import Programme
from service.domain.proxies import Proxy
from service.domain.psychotherapy import PsychotherapyNote, TrainingGrant
from service.domain.referrals import Referral, ReferralDraft
from service.domain.releases import Consent, Discussed, Release, ReleaseTerms, Said
from service.domain.reliable_change import StatedReliability
from service.domain.requests import Request
from service.domain.safety import Plan, PlanLine
from service.domain.sessions import TherapySession
from service.domain.summaries import Summary, SummaryDraft, SummaryWords
from service.domain.supervision_records import SupervisionRecord
from service.domain.toolkits import Tool
from service.reports import treatment_summary
from service.reports.progress import Period
from service.store import accounts as account_store
from service.store import crisis as crisis_store
from service.store.base import db
from service.store.cases import CaseRow
from service.store.keyring import Place, ring
from tests import prepared

PASSWORD = "plum river candle"
EVERYTHING = "system/*.rs"
# All of module B of the safety screen, put to a client who told of nothing.
QUIET_B: dict[str, Answer] = {
    **dict.fromkeys([*(f"B{number}" for number in range(1, 17)), "B18"], False),
    "present": "nobody",
    "B17_talk": True,
    "B17_home": True,
}


def _a_file() -> bytes:
    """One empty page."""
    written, page = io.BytesIO(), PdfWriter()
    page.add_blank_page(72, 72)
    page.write(written)
    return written.getvalue()


A_FILE = _a_file()


@dataclass(frozen=True)
class House:
    """Two practices: the first with two therapists, their supervisor, an administrator and a connected system."""

    practice_id: str
    therapist: Actor
    peer: Actor
    supervisor: Actor
    admin: Actor
    machine: Actor
    machine_token: str
    stranger: Actor


def add_actor(practice_id: str, role: Role, name: str) -> Actor:
    """An account with the password PASSWORD, as a stepped-up actor."""
    email = f"{name.split()[0].casefold()}.{role}@{practice_id[:8]}.example"
    row = people.add_person(practice_id, people.NewPerson(name, email, role))
    row.password_hash = proofs.hasher().hash(PASSWORD)
    db.session.commit()
    return Actor(row.id, practice_id, role, name, stepped_up=True, scopes=EVERYTHING if role is Role.MACHINE else "")


def email_of(actor: Actor) -> str:
    """The address that `actor` signs in with."""
    row = account_store.account(actor.user_id)
    assert row is not None
    return account_store.particulars(row).email


def add_house() -> House:
    practice_id = account_store.add_practice("Linden Street Practice", "Europe/Dublin").id
    other_id = account_store.add_practice("Other Practice", "America/New_York").id
    db.session.commit()
    therapist = add_actor(practice_id, Role.THERAPIST, "Ana Núñez")
    supervisor = add_actor(practice_id, Role.SUPERVISOR, "Siobhán Byrne")
    machine = add_actor(practice_id, Role.MACHINE, "Record bridge")
    account_store.supervise(practice_id, supervisor.user_id, therapist.user_id, clock.now().date())
    token = add_bearer(machine, clock.now() + timedelta(days=1))
    admin, stranger = add_actor(practice_id, Role.ADMIN, "Marta Łuczak"), add_actor(other_id, Role.THERAPIST, "Pat Doe")
    for whose, changed_by in ((practice_id, admin), (other_id, stranger)):
        crisis_store.put_panel(whose, a_panel(), changed_by.user_id)
    db.session.commit()
    return House(
        practice_id=practice_id,
        therapist=therapist,
        peer=add_actor(practice_id, Role.THERAPIST, "Jonas Weiß"),
        supervisor=supervisor,
        admin=admin,
        machine=machine,
        machine_token=token,
        stranger=stranger,
    )


def add_bearer(actor: Actor, expires_at: datetime, scopes: str = EVERYTHING) -> str:
    """A token of a connected system, as the token endpoint issues them for five minutes."""
    token = secrets.token_urlsafe(32)
    db.session.add(account_store.bearer(token, actor.user_id, expires_at, scopes))
    db.session.commit()
    return token


def a_panel(**changes: object) -> CrisisPanel:
    """Invented lines of every kind, confirmed today."""
    lines = (
        CrisisLine(CrisisKind.EMERGENCY, "Emergency desk of the tests", "000 000", "always"),
        CrisisLine(CrisisKind.CRISIS, "Night line of the tests", "000 111", "19:00 to 7:00"),
        CrisisLine(CrisisKind.SPECIALIST, "Harbour service of the tests", "000 222", "9:00 to 17:00"),
    )
    values: dict[str, object] = {"lines": lines, "confirmed_on": clock.now().date(), "confirmed_by": "Marta Łuczak"}
    return CrisisPanel(**{**values, **changes})  # type: ignore[arg-type]


def a_client(**changes: object) -> Client:
    values: dict[str, object] = {
        "chosen_name": "Zoë Okonkwo-Šimić",
        "birth_date": date(1990, 2, 3),
        "languages": "English",
    }
    return Client(**{**values, **changes})  # type: ignore[arg-type]


def add_case(actor: Actor, **changes: object) -> Case:
    """A case of a client who was asked who else could see the record; nobody can."""

    def write() -> Case:
        case = cases.open_case(actor, a_client(**changes))
        put_check(case.id, a_check())
        return case

    return prepared.copied(("case", actor, repr(changes)), write)


def a_check(**answers: object) -> RecordSafetyCheck:
    """The record-safety check of today, with No to everything that is not given."""
    asked = ("portal_account", "portal_proxies", "shared_device", "insurance_held", "household_here")
    values = {"asked_on": clock.now().date(), **dict.fromkeys(asked, AskedAnswer.NO), **answers}
    return RecordSafetyCheck(**values)  # type: ignore[arg-type]


def ask_who_sees(actor: Actor, case_id: str, **answers: object) -> Case:
    version = cases.read_case(actor, case_id).version
    return cases.record_safety_check(actor, case_id, a_check(**answers), version=version)


def put_check(case_id: str, check: RecordSafetyCheck | None) -> None:
    """As if it was asked at intake: no version of its own, and no row of the audit."""
    sealed = ring().box(case_id).seal(Place("client_case", case_id, "record_safety"), check) if check else None
    db.session.execute(update(CaseRow).where(CaseRow.id == case_id).values(record_safety=sealed))
    db.session.commit()


def a_checklist(**changes: object) -> Checklist:
    """A planned ending in which nothing was taken or made, each with its reason."""
    values: dict[str, object] = {
        "reason": EndReason.PLANNED,
        "door_open": "A call is enough to begin again",
        "measures_reason": "Not wanted",
        "plan_reason": "Not wanted",
        "aftercare_reason": "Not wanted",
    }
    return Checklist(**{**values, **changes})  # type: ignore[arg-type]


def close_case(actor: Actor, case_id: str, *, version: int, **changes: object) -> Case:
    return episodes.close_case(actor, case_id, a_checklist(**changes), version=version)


def a_referral_draft(**changes: object) -> ReferralDraft:
    values: dict[str, object] = {
        "direction": ReferralDirection.TO_US,
        "kind": ReferralKind.PRIMARY_CARE,
        "received_on": clock.now().date(),
        "reason": "Trouble sleeping since the spring",
    }
    return ReferralDraft(**{**values, **changes})  # type: ignore[arg-type]


def add_referral(actor: Actor, case_id: str) -> Referral:
    return circumstances.save_referral(actor, case_id, a_referral_draft())


def a_diagnosis(**changes: object) -> Assessed:
    return Assessed(**({"code": DiagnosisCode.ADJUSTMENT_ANXIOUS, "onset": "2025-11"} | changes))  # type: ignore[arg-type]


def add_diagnosis(actor: Actor, case_id: str, **changes: object) -> Diagnosis:
    return diagnoses.make_diagnosis(actor, case_id, a_diagnosis(**changes))


def a_session_draft(**changes: object) -> SessionDraft:
    """A session that took place two hours ago and holds every close step."""
    at = clock.now() - timedelta(hours=2)
    values: dict[str, object] = {
        "starts_at": at,
        "ends_at": at + timedelta(minutes=50),
        "place": "Room 2",
        "private": AskedAnswer.YES,
        "attendance": Attendance.ATTENDED,
        "risk": RiskStatus.ASKED_NOTHING_NEW,
        "plan_right": PlanRight.STILL_RIGHT,
        "homework_given": "Note one small decision a day",
        "next_on": (at + timedelta(days=7)).date(),
    }
    return SessionDraft(**{**values, **changes})  # type: ignore[arg-type]


def add_session(actor: Actor, case_id: str, **changes: object) -> TherapySession:
    return sessions.record_session(actor, case_id, a_session_draft(**changes))


def add_note(actor: Actor, session_id: str, *, text: str = "Talked about the week.", signed: bool = False) -> Note:
    note = notes.save_note(actor, session_id, NoteFormat.DAP, {"data": text, "plan": "Continue."}, version=None)
    return notes.sign_note(actor, note.id, version=note.version) if signed else note


def add_working_note(actor: Actor, session_id: str, text: str = "What I thought myself.") -> PsychotherapyNote:
    return psychotherapy.save_note(actor, session_id, text, version=None)


def open_in_training(actor: Actor, note_id: str, supervisor: Actor, *, days: int = 3) -> TrainingGrant:
    until = clock.now().date() + timedelta(days=days)
    return psychotherapy.open_to(actor, note_id, supervisor.user_id, until=until, training=True)


def add_meeting(actor: Actor, partner: Actor, **changes: object) -> SupervisionRecord:
    """A supervision meeting of an hour, held today."""
    values: dict[str, object] = {"held_on": clock.now().date(), "minutes": 60, "mode": SupervisionMode.INDIVIDUAL}
    draft = MeetingDraft(**{**values, "words": "Caseload and own limits.", **changes})  # type: ignore[arg-type]
    return supervision_records.add_record(actor, partner.user_id, draft)


def wsl_answers(level: int = 2, **changes: Answer) -> dict[str, Answer]:
    """All fifteen scored items at one level (0-4), changed by item key."""
    keys = [f"{letter}{number}" for letter in "PEC" for number in range(1, 6)]
    return {**dict.fromkeys(keys, str(level)), **changes}


def an_intake_draft(answers: Mapping[str, Answer] | None = None, **changes: object) -> IntakeDraft:
    values: dict[str, object] = {
        "instrument_key": "wsl",
        "answers": answers if answers is not None else wsl_answers(),
        "capture": CaptureContext(CaptureChannel.IN_PERSON, private=Privacy.YES, held_pen=PenHolder.CLIENT),
        "contact_context": ContactContext.SEPARATED_LIMITED_CONTACT,
        "authored_at": clock.now(),
    }
    return IntakeDraft(**{**values, **changes})  # type: ignore[arg-type]


def add_intake(actor: Actor, case_id: str, answers: Mapping[str, Answer] | None = None, **changes: object) -> Recorded:
    return intakes.submit_intake(actor, case_id, an_intake_draft(answers, **changes))


def add_handover(actor: Actor, case_id: str, **changes: object) -> Made:
    """A form with a code that nobody has typed yet."""
    values: dict[str, object] = {
        "instrument_key": "wsl",
        "mode": HandoverMode.STEPS,
        "contact_context": ContactContext.ON_OFF,
        "private": Privacy.YES,
    }
    return handovers.hand_over(actor, case_id, HandoverDraft(**{**values, **changes}))  # type: ignore[arg-type]


def add_plan(actor: Actor, case_id: str, plan_type: PlanType = PlanType.PL_URGE, *, active: bool = True) -> Plan:
    plan = plans.start_plan(actor, case_id, plan_type)
    field = next(each.key for each in FIELDS[plan_type] if each.heading)
    lines = {field: PlanLine("Restless hands, checking the phone", on_copy=True)}
    draft = plans.PlanDraft(lines, made_with_client=True, private_session=True)
    plan = plans.save_plan(actor, plan.id, draft, version=plan.version)
    return plans.activate_plan(actor, plan.id, version=plan.version) if active else plan


def move(actor: Actor, case_id: str, step: str, to: StepState, **answers: str) -> Programme:
    """One move as of now, with a reason."""
    version = programmes.read_programme(actor, case_id).programme.step_version(step)
    draft = programmes.MoveDraft(to, "Talked about it and agreed", answers)
    return programmes.move_step(actor, case_id, step, draft, version=version)


def offer_step(actor: Actor, case_id: str, step: str = "1", *, active: bool = False) -> Programme:
    offered = move(actor, case_id, step, StepState.OFFERED)
    return move(actor, case_id, step, StepState.ACTIVE) if active else offered


def open_gate(actor: Actor, case_id: str) -> None:
    """Let every condition of step 5 stand."""
    add_plan(actor, case_id)
    for condition in (Condition.COPING_TESTED, Condition.TRAINED_CLINICIAN, Condition.CLIENT_AGREES):
        draft = programmes.ConfirmationDraft(condition, actor.name, clock.now().date())
        programmes.confirm_condition(actor, case_id, draft)


def add_tool(actor: Actor, case_id: str, **changes: object) -> Card[Tool]:
    values: dict[str, object] = {"family": ToolFamily.NATURE, "what": "The long way round the park"}
    return toolkits.add_tool(actor, case_id, Tool(**{**values, **changes}))  # type: ignore[arg-type]


def add_person(actor: Actor, case_id: str, **changes: object) -> Card[Person]:
    values: dict[str, object] = {"name": "Auntie D.", "agreed": True, "details": "Evenings, 087 555 0199"}
    return networks.add_person(actor, case_id, Person(**{**values, **changes}))  # type: ignore[arg-type]


def add_contact_plan(actor: Actor, case_id: str) -> Card[ContactPlan]:
    return contact_plans.save_contact_plan(actor, case_id, ContactPlan(), version=None)


def add_boundary(actor: Actor, case_id: str, **changes: object) -> Card[Boundary]:
    values: dict[str, object] = {"kind": BoundaryKind.BLOCK, "statement": "I do not pick up at night"}
    return contact_plans.add_boundary(actor, case_id, Boundary(**{**values, **changes}))  # type: ignore[arg-type]


def a_reliability_draft(**changes: object) -> ReliabilityDraft:
    """An invented published retest reliability of the log's total."""
    values: dict[str, object] = {
        "instrument_key": "wsl",
        "part": "total",
        "sd": 10.0,
        "r": 0.82,
        "n": 60,
        "population": "Adults in three practices",
        "citation": "Retest study, 2027",
        "approver": "Siobhán Byrne",
        "source": ReliabilitySource.PUBLISHED,
        "method": ReliabilityMethod.RETEST,
    }
    return ReliabilityDraft(**{**values, **changes})  # type: ignore[arg-type]


def add_reliability(actor: Actor, **changes: object) -> StatedReliability:
    return reliabilities.enter_reliability(actor, a_reliability_draft(**changes))


def release_terms(**changes: object) -> ReleaseTerms:
    """Attendance and a summary for an invented clinic."""
    values: dict[str, object] = {
        "recipient": "Harbour Clinic",
        "classes": (ContentClass.ATTENDANCE, ContentClass.SUMMARY),
        "purpose": ReleasePurpose.COORDINATION,
        "route": SendRoute.POST,
    }
    return ReleaseTerms(**{**values, **changes})  # type: ignore[arg-type]


def add_release(
    actor: Actor,
    case_id: str,
    *,
    signed: bool = True,
    days: int = 30,
    form: ReleaseForm = ReleaseForm.ORDINARY,
    **changes: object,
) -> Release:
    expires_on = clock.now().date() + timedelta(days=days)
    draft = releases.ReleaseDraft(form, release_terms(**changes), expires_on)
    found = releases.prepare_release(actor, case_id, draft)
    told = Discussed(redisclosure=True, other_ways=True, no_condition=True)
    return releases.sign_release(actor, found.id, told, version=found.version) if signed else found


def add_summary(actor: Actor, case_id: str, *, needs: str = "Somebody to sleep near", file: bytes = A_FILE) -> Summary:
    """A summary that left by a release of all that one can hold; the file stands in for a PDF."""
    draft = summary_draft(actor, case_id, needs)
    return summaries.keep_summary(actor, case_id, draft.release_id, draft.words, file)


def send_summary(actor: Actor, case_id: str, *, needs: str = "Somebody to sleep near", file: bytes = A_FILE) -> Request:
    """The same of an author whom a supervisor cosigns, sent there."""
    return summaries.send_summary(actor, case_id, summary_draft(actor, case_id, needs), needs, file)


def summary_draft(actor: Actor, case_id: str, needs: str) -> SummaryDraft:
    release = add_release(actor, case_id, classes=IN_REPORT)
    record = records.read_record(actor, case_id)
    period = all_days(record.case)
    found = treatment_summary.sections(record, release, period, needs)
    words = SummaryWords(release.terms.recipient, period.since, period.until, found)
    return SummaryDraft(release.id, words, clock.now())


def all_days(case: Case) -> Period:
    """From the day before the case was opened: shortly after midnight, the session of two hours ago was then."""
    return Period(case.opened_on - timedelta(days=1), clock.now().date())


def add_proxy(actor: Actor, case_id: str, **changes: object) -> KnownProxy:
    """Somebody invented who holds the insurance."""
    values: dict[str, object] = {"kind": ProxyKind.SUBSCRIBER, "name": "Uma Fernsby", "system": "Harbour records"}
    return proxies.add_proxy(actor, case_id, Proxy(**{**values, **changes}))  # type: ignore[arg-type]


def add_consent(actor: Actor, case_id: str, kind: ConsentKind, answer: ConsentAnswer = ConsentAnswer.GIVEN) -> Consent:
    return releases.record_consent(actor, case_id, Said(kind, answer, clock.now().date(), SaidHow.VERBAL))


def a_departure(**changes: object) -> Departure:
    """To Harbour Clinic, by a release if one is named."""
    values: dict[str, object] = {
        "recipient": "Harbour Clinic",
        "basis": LegalBasis.RELEASE,
        "purpose": ReleasePurpose.COORDINATION,
        "route": SendRoute.POST,
        "chart": Chart.NONE,
    }
    return Departure(**{**values, **changes})  # type: ignore[arg-type]


def at(year: int, month: int, day: int, hour: int = 12) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


def noon(*, days_ago: int) -> datetime:
    """On the same day in every zone and on both sides of a change of clocks, at whatever hour the tests run."""
    return datetime.combine(clock.now().date() - timedelta(days=days_ago), time(12), tzinfo=UTC)
