"""Loads the demo practice: a history of several months, told by the ordinary verbs while the clock stands at each
moment.

The content follows from the seed alone and the dates from today, so that two loads on one day tell the same story.
"""

import math
import random
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from schemas.case_codes import Weekday
from schemas.instruments.answer import Answer
from schemas.instruments.capture import CaptureChannel, CaptureContext, Interpreter, NonAnswer, PenHolder, Privacy
from schemas.vocabulary import (
    AskedAnswer,
    AssignmentKind,
    Attendance,
    Channel,
    ChannelRule,
    GoalDomain,
    LinkKind,
    NoteFormat,
    PlanRight,
    Role,
    SessionType,
)
from service.casework import (
    cases,
    demo_cards,
    demo_circumstances,
    demo_events,
    demo_forms,
    demo_formulation,
    demo_notes,
    demo_papers,
    demo_plans,
    demo_programme,
    demo_summaries,
    demo_supervision,
    demo_systems,
    demo_walls,
    demo_work,
    demo_working_notes,
    episodes,
    goals,
    intakes,
    notes,
    people,
    proofs,
    sessions,
)
from service.casework.demo_cast import (
    CAST,
    DONE,
    GOALS,
    HEARD,
    HOMEWORK,
    NEXT,
    PRACTICE_NAME,
    PRACTICE_ZONE,
    STAFF,
    Member,
)
from service.domain import clock
from service.domain.actors import Actor
from service.domain.cases import (
    ChannelPreference,
    Client,
    ContactPreferences,
    OtherPerson,
    RecordSafetyCheck,
)
from service.domain.notes import SECTIONS
from service.domain.sessions import HELD, TherapySession
from service.store import accounts as account_store
from service.store import cases as case_store
from service.store import goals as goal_store
from service.store.base import db

SEED = 20_260
FIRST_PLAN = 2
WEEK = timedelta(days=7)
SESSION = timedelta(minutes=50)
ITEMS = tuple(f"{domain}{number}" for domain in "PEC" for number in range(1, 6))


@dataclass(frozen=True)
class DemoLink:
    """A one-time way in for one person of the demo practice."""

    role: str
    name: str
    path_token: str


@dataclass
class Story:
    """What is at hand while one client's history is told."""

    member: Member
    actor: Actor
    cover: Actor
    today: date
    chance: random.Random
    note_format: NoteFormat
    case_id: str = ""
    held: int = 0

    def has(self, feature: str) -> bool:
        return feature in self.member.features

    def at(self, day: date, hour: int | None = None) -> datetime:
        local = datetime.combine(day, time(hour or self.member.hour), tzinfo=ZoneInfo(PRACTICE_ZONE))
        return local.astimezone(ZoneInfo("UTC"))


def load(
    today: date, *, password: str = "", cast: tuple[Member, ...] = CAST, printed: demo_summaries.Printed | None = None
) -> str:
    """Make the demo practice in an empty database; returns its id. `password` is for confirming identity, "" for none;
    `printed` prints summaries.
    """
    with clock.standing_at(datetime.combine(today - timedelta(days=330), time(8), tzinfo=ZoneInfo("UTC"))):
        practice_id, staff = _staff(today, password)
    demo_events.name_lines(staff["marta"], staff["jonas"])
    stories: list[Story] = []
    for number, member in enumerate(cast):
        other = staff["jonas" if member.therapist == "ana" else "ana"]
        formats = {each.key: each.note_format for each in STAFF}
        story = Story(
            member, staff[member.therapist], other, today, random.Random(SEED + number), formats[member.therapist]
        )
        _tell(story)
        if story.has("goals") and not story.has("closed"):
            demo_working_notes.write(story.actor, staff["siobhan"], story.case_id)
            demo_supervision.meet(staff["siobhan"], story.actor, story.case_id, today)
            demo_papers.write(story.actor, story.case_id, story.at(today - timedelta(days=6)))
            demo_formulation.look_back(story.actor, story.case_id)
        stories.append(story)
    _after_signing(stories, staff, printed)
    return practice_id


def _after_signing(stories: list[Story], staff: dict[str, Actor], printed: demo_summaries.Printed | None) -> None:
    """What followed some of the newest notes of open cases, this morning."""
    told = {key: [each for each in stories if each.member.therapist == key and not each.has("closed")] for key in staff}
    if not told["jonas"] or not told["ana"]:
        return
    story, first = told["jonas"][0], told["ana"][0]
    demo_systems.write(staff["marta"], first.actor, first.case_id, first.at(first.today - timedelta(days=3), 15))
    with clock.standing_at(first.at(first.today - timedelta(days=2), 15)):
        demo_summaries.write(first.actor, first.case_id, printed, waits=False)
    with clock.standing_at(story.at(story.today, 1)):
        demo_notes.be_cosigned(staff["siobhan"], staff["jonas"])
        for number, each in enumerate(told["jonas"][:2]):
            note = demo_notes.add_later(each.actor, each.case_id)
            if note is not None and number == 0:
                demo_notes.cosign(staff["siobhan"], note)
        demo_summaries.write(story.actor, story.case_id, printed, waits=True)
        demo_notes.disagree(staff["ana"], told["ana"][0].case_id)
        demo_papers.propose(staff["ana"], told["ana"][0].case_id, story.today)
        demo_walls.write(staff, *([each.case_id for each in told[key]] for key in ("ana", "jonas")))


def demo_links(practice_id: str) -> tuple[DemoLink, ...]:
    """Fresh one-time sign-in links for everybody of the demo practice, therapists first."""
    order = [Role.THERAPIST, Role.SUPERVISOR, Role.ADMIN]
    everybody = [each for each in account_store.people(practice_id) if each.role in order]
    found = tuple(
        DemoLink(each.role.label, each.name, account_store.issue_link(each.id, LinkKind.SIGN_IN))
        for each in sorted(everybody, key=lambda each: (order.index(each.role), each.name))
    )
    db.session.commit()
    return found


def _staff(today: date, password: str) -> tuple[str, dict[str, Actor]]:
    practice_id = account_store.add_practice(PRACTICE_NAME, PRACTICE_ZONE, demo=True).id
    found: dict[str, Actor] = {}
    for each in STAFF:
        row = people.add_person(practice_id, people.NewPerson(each.name, each.email, each.role, each.qualification))
        row.password_hash = proofs.hasher().hash(password) if password else None
        found[each.key] = Actor(row.id, practice_id, each.role, each.name, stepped_up=True)
    for therapist in ("ana", "jonas"):
        account_store.supervise(
            practice_id, found["siobhan"].user_id, found[therapist].user_id, today - timedelta(days=300)
        )
    people.announce(practice_id)
    db.session.commit()
    return practice_id, found


def _tell(story: Story) -> None:
    first = story.today - timedelta(days=story.member.months * 30)
    with clock.standing_at(story.at(first, 8)):
        _open(story, first)
    days = list(_session_days(story, first))
    for number, day in enumerate(days):
        with clock.standing_at(story.at(day) + SESSION):
            _week(story, number, day, last=number == len(days) - 1)
    _ending(story)


def _session_days(story: Story, first: date) -> list[date]:
    """Weekly days that end a few days before today; a gap of five weeks where the story has one."""
    offset = story.chance.randrange(1, 5)
    last = story.today - timedelta(days=offset + (9 if story.has("overdue_log") else 0))
    count = (last - first).days // 7
    days = [last - WEEK * back for back in range(count, -1, -1)]
    middle = len(days) // 2
    return [each for each in days if not (story.has("gap") and days[middle] <= each < days[middle] + WEEK * 5)]


def _open(story: Story, first: date) -> None:
    member = story.member
    born = date(member.born, story.chance.randrange(1, 13), story.chance.randrange(1, 28))
    client = Client(
        chosen_name=member.name,
        pronouns=member.pronouns,
        gender=member.gender,
        birth_date=born,
        languages=member.languages,
        interpreter="Professional interpreter booked" if story.has("interpreter") else "",
    )
    case = cases.open_case(story.actor, client, opened_on=first)
    story.case_id = case.id
    _context(story, first, case.version)
    if story.has("goals"):
        _goals(story, first)
    if story.has("cover"):
        case_store.assign(case.id, story.cover.user_id, AssignmentKind.COVER, story.today + timedelta(days=14))
        db.session.commit()


def _context(story: Story, first: date, version: int) -> None:
    actor, case_id = story.actor, story.case_id
    phone = ChannelPreference(
        Channel.PHONE, ChannelRule.BETWEEN, "+353 1 555 0100", days=tuple(Weekday)[:5], start="10:00", end="17:00"
    )
    contact = ContactPreferences((phone,), code_word="heron", call_as="the library", confirmed_on=first)
    case = cases.change_contact(actor, case_id, contact, version=version)
    check = RecordSafetyCheck(
        first,
        portal_account=AskedAnswer.NO,
        portal_proxies=AskedAnswer.NO,
        shared_device=AskedAnswer.YES if story.chance.random() < 0.4 else AskedAnswer.NO,
        insurance_held=AskedAnswer.UNSURE,
        household_here=AskedAnswer.NO,
    )
    case = cases.record_safety_check(actor, case_id, check, version=case.version)
    together = AskedAnswer.YES if story.member.context == "together" else AskedAnswer.NO
    other = OtherPerson("Person A", story.member.relationship, together, together)
    case = cases.change_other_person(actor, case_id, other, version=case.version)
    demo_circumstances.write(actor, case_id, first, story.member.features)
    status = demo_formulation.presentation(story.member.context)
    cases.change_presentation(actor, case_id, status, version=case.version)
    demo_papers.agree(actor, case_id, first)


def _goals(story: Story, first: date) -> None:
    domains = (GoalDomain.SYMPTOMS, GoalDomain.PERSONAL, GoalDomain.FINANCIAL)
    for domain, (words, measure, step) in zip(domains, GOALS, strict=True):
        draft = goals.GoalDraft(domain, words, measure, step, review_on=first + timedelta(days=90))
        goals.save_goal(story.actor, story.case_id, draft)


def _week(story: Story, number: int, day: date, *, last: bool) -> None:
    attendance = _attendance(story, number, last=last)
    held = attendance in (Attendance.ATTENDED, Attendance.LATE)
    session = sessions.record_session(story.actor, story.case_id, _session_draft(story, number, day, attendance))
    if not held:
        return
    if number % 5 == 0 or number in (2, 6):
        _plan_version(story, number)
    items = _log(story, number, session) if not (story.has("overdue_log") and number > 6) else frozenset()
    if story.has("today"):
        demo_forms.fill_in(story.actor, session, story.member.context, number=number, last=last)
    demo_programme.tell(story.actor, session, story.member.context, story.held)
    story.held += 1
    _answer_events(story, session, day, items)
    unsigned = story.has("unsigned") and last
    _note(story, session, sign=not unsigned and not (last and story.has("open_event")))


def _attendance(story: Story, number: int, *, last: bool) -> Attendance:
    if last or number == 0:
        return Attendance.ATTENDED
    if story.has("safety_cancelled") and number % 6 == 4:
        return Attendance.SAFETY_CANCELLED
    if story.has("no_shows") and number % 4 == 3:
        return Attendance.NO_SHOW
    draw = story.chance.random()
    if draw < 0.05:
        return Attendance.CANCELLED_CLIENT_EARLY
    return Attendance.LATE if draw < 0.1 else Attendance.ATTENDED


def _session_draft(story: Story, number: int, day: date, attendance: Attendance) -> sessions.SessionDraft:
    start = story.at(day)
    return sessions.SessionDraft(
        starts_at=start,
        ends_at=start + SESSION,
        type=SessionType.INTAKE if number == 0 else SessionType.INDIVIDUAL,
        place="Room 2" if story.member.therapist == "ana" else "Room 5",
        private=AskedAnswer.YES,
        attendance=attendance,
        risk=demo_work.risk_of(number),
        risk_reason=demo_work.reason_of(number),
        plan_right=PlanRight.STILL_RIGHT if number else PlanRight.NO_PLAN,
        homework_given=story.chance.choice(HOMEWORK),
        homework_reviewed="Done in part; talked about what got in the way" if number else "",
        next_on=day + WEEK,
        work=demo_work.worked_on(number, _goal_ids(story), held=attendance in HELD),
    )


def _goal_ids(story: Story) -> tuple[str, ...]:
    return tuple(each.id for each in goal_store.of_case(story.case_id))


def _log(story: Story, number: int, session: TherapySession) -> frozenset[str]:
    """Record a log; returns the items whose answers call for a response."""
    interpreter = Interpreter.PROFESSIONAL if story.has("interpreter") else Interpreter.NONE
    capture = CaptureContext(CaptureChannel.IN_PERSON, Privacy.YES, PenHolder.CLIENT, interpreter)
    draft = intakes.IntakeDraft(
        "wsl", answers_of(story, number), capture, story.member.context, session.starts_at + SESSION, session.id
    )
    return frozenset(each.item for each in intakes.submit_intake(story.actor, story.case_id, draft).fired if each.level)


def answers_of(story: Story, number: int) -> dict[str, Answer]:
    """A wave on a slow drift, item by item; a lapse lifts three weeks; some items stay unanswered."""
    member, chance = story.member, story.chance
    wave = member.start + member.drift * number + member.swing * math.sin(number * 2 * math.pi / 6.5)
    lapse = 1.2 if story.has("lapse") and 14 <= number <= 16 else 0.0
    found: dict[str, Answer] = {
        item: str(min(4, max(0, round(wave + lapse + chance.gauss(_lean(item), 0.5))))) for item in ITEMS
    }
    if story.has("missing") and number % 3 == 1:
        found["P3"] = NonAnswer.DECLINED
    if story.has("missing") and number % 6 == 4:
        found |= {"C1": NonAnswer.UNSURE, "C4": NonAnswer.DECLINED}
    urge = min(10, max(0, round(wave * 2 + lapse * 3)))
    found |= {"F1": str(min(4, max(0, round(wave)))), "F2": min(7, max(0, round(wave))), "U1": max(0, urge - 2)}
    return found | {"U2": urge, "U4": min(10, max(0, 9 - round(wave * 1.6)))}


def _lean(item: str) -> float:
    return {"E1": 0.5, "E2": -0.9, "P2": 0.4, "C3": 0.3, "E4": -0.3, "P4": -0.5, "C5": -0.4}.get(item, 0.0)


def _answer_events(story: Story, session: TherapySession, day: date, items: frozenset[str]) -> None:
    """Follow up what the log opened; the story with an open event leaves its newest one open."""
    recent = (story.today - day).days < 7
    leaves_open, is_urgent = story.has("open_event") and recent, story.has("second_reader") and recent
    demo_events.answer(demo_events.Week(story.actor, session, day, items, leaves_open, is_urgent))


def _note(story: Story, session: TherapySession, *, sign: bool) -> None:
    keys = [key for key, _label in SECTIONS[story.note_format]]
    pools = {keys[0]: HEARD, keys[-1]: NEXT}
    texts = {key: story.chance.choice(pools.get(key, DONE)) for key in keys}
    note = notes.save_note(story.actor, session.id, story.note_format, texts, version=None)
    if sign:
        with clock.standing_at(clock.now() + timedelta(hours=story.chance.randrange(1, 40))):
            notes.sign_note(story.actor, note.id, version=note.version)


def _plan_version(story: Story, number: int) -> None:
    if story.has("old_plan") and number > 2:
        return
    if number == FIRST_PLAN:
        demo_cards.write(story.actor, story.case_id, story.member.context)
    if story.has("plans") or story.has("old_plan"):
        demo_plans.write(demo_plans.Sitting(story.actor, story.case_id, number, story.member.features))


def _ending(story: Story) -> None:
    if not story.has("gap"):
        with clock.standing_at(story.at(story.today - WEEK)):
            demo_cards.look_again(story.actor, story.case_id)
    if story.has("closed"):
        case = cases.read_case(story.actor, story.case_id)
        checklist = demo_papers.ending(called_after=story.has("goals"))
        episodes.close_case(story.actor, story.case_id, checklist, version=case.version)
        return
    if not story.has("no_shows"):
        _book(story, story.today if story.has("today") else story.today + timedelta(days=story.chance.randrange(2, 7)))


def _book(story: Story, day: date) -> None:
    start = story.at(day)
    place = "Room 2" if story.member.therapist == "ana" else "Room 5"
    draft = sessions.SessionDraft(starts_at=start, ends_at=start + SESSION, place=place)
    sessions.record_session(story.actor, story.case_id, draft)
