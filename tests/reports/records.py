"""One small record with a fixed past, made by the ordinary verbs: for the tests of collecting and for golden texts."""

from datetime import datetime, timedelta

from schemas.actions import Action
from schemas.instruments.capture import NonAnswer
from schemas.programme_codes import StepState, TaskState
from schemas.vocabulary import Attendance, EventLevel, GoalDomain, GoalStatus, PlanType
from service.casework import cases, events, goals, plans, programmes, records
from service.casework.goals import GoalDraft
from service.casework.plans import PlanDraft
from service.casework.programmes import MoveDraft, TaskDraft
from service.casework.records import Record
from service.domain import clock
from service.domain.actors import Actor
from service.domain.cases import ContactPreferences, OtherPerson, Presentation
from service.domain.safety import PlanLine
from tests import builders

START = builders.at(2026, 3, 2)
END = START + timedelta(days=63)
LEVELS = (3, 3, 2, 3, 2, 2, 1, 1)
KINDS = {3: Attendance.LATE, 5: Attendance.SAFETY_CANCELLED, 6: Attendance.NO_SHOW}
GOALS = (
    GoalDraft(GoalDomain.SYMPTOMS, "Sleep through, à mon rythme", "Nights told each session", "Charge it in the hall"),
    GoalDraft(GoalDomain.PERSONAL, "שיר חדש כל שבוע", "", "", GoalStatus.REACHED),
    GoalDraft(GoalDomain.PERSONAL, "Dropped-goal", "", "", GoalStatus.DROPPED),
)
SECRETS = (
    "Zofia Legal-Name",
    "14 Hidden Street",
    "Bag-behind-the-boiler",
    "Rang-after-midnight",
    "Words-of-the-note",
    "Harrow-lane-person",
    "Somebody-to-ring",
    "Why-it-was-moved",
    "Said-about-the-task",
)


def written(actor: Actor) -> Record:
    """Eight weeks of logs, sessions of every kind, goals, two plans, an event, and words that must never leave."""
    with clock.standing_at(START):
        case = builders.add_case(actor, legal_name=SECRETS[0], address=SECRETS[1])
        _about(actor, case.id, case.version)
    for week, level in enumerate(LEVELS):
        with clock.standing_at(START + timedelta(weeks=week)):
            _week(actor, case.id, week, level)
    with clock.standing_at(START + timedelta(weeks=5)):
        _plans(actor, case.id)
        _topics(actor, case.id)
        events.open_event(actor, case.id, EventLevel.TODAY, prompt=SECRETS[3])
    with clock.standing_at(END):
        return records.read_record(actor, case.id, Action.REPORT_MAKE)


def _about(actor: Actor, case_id: str, version: int) -> None:
    told = Presentation(contact_context="separated_limited_contact", strengths="Kept a diary; two steady friends")
    version = cases.change_presentation(actor, case_id, told, version=version).version
    version = cases.change_other_person(actor, case_id, OtherPerson(SECRETS[5]), version=version).version
    cases.change_contact(actor, case_id, ContactPreferences(never_contact_by=SECRETS[5]), version=version)
    for number, draft in enumerate(GOALS):
        with clock.standing_at(START + timedelta(minutes=number)):
            goals.save_goal(actor, case_id, draft)


def _week(actor: Actor, case_id: str, week: int, level: int) -> None:
    at: datetime = clock.now()
    attendance = KINDS.get(week, Attendance.ATTENDED)
    session = builders.add_session(actor, case_id, starts_at=at - timedelta(hours=1), ends_at=at, attendance=attendance)
    changes = {"P3": NonAnswer.DECLINED} if week == 4 else {}
    answers = builders.wsl_answers(level, **changes) | {"U2": level * 2, "U4": 9 - level, "S_nature": "a_lot"}
    builders.add_intake(actor, case_id, answers)
    builders.add_note(actor, session.id, text=SECRETS[4])


def _topics(actor: Actor, case_id: str) -> None:
    for to in (StepState.OFFERED, StepState.ACTIVE):
        draft = MoveDraft(to, SECRETS[7])
        version = 1 if to is StepState.OFFERED else 2
        programmes.move_step(actor, case_id, "4", draft, version=version)
    programmes.set_task(actor, case_id, "4f", TaskDraft(TaskState.DONE, SECRETS[8]), version=1)
    programmes.set_task(actor, case_id, "4g", TaskDraft(TaskState.SKIPPED), version=1)
    builders.offer_step(actor, case_id, "6")


def _plans(actor: Actor, case_id: str) -> None:
    urge = {
        "early_signs": PlanLine("Restless hands", on_copy=True),
        "tools": PlanLine("Cold water\n\nThe long way round the park\nموسيقى", on_copy=True),
        "delay": PlanLine("Not-ticked-line"),
        "person": PlanLine(SECRETS[6]),
    }
    prep = {"documents": PlanLine("Lease and passport", on_copy=True), "bag_place": PlanLine(SECRETS[2])}
    for plan_type, lines in ((PlanType.PL_URGE, urge), (PlanType.PL_PREP, prep)):
        plan = plans.start_plan(actor, case_id, plan_type)
        plan = plans.save_plan(actor, plan.id, PlanDraft(lines, made_with_client=True), version=plan.version)
        plans.activate_plan(actor, plan.id, version=plan.version)
