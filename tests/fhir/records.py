"""Records of every kind: fixed ones for goldens, and hypothesis strategies for the mappers."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from schemas.case_codes import (
    EpisodeState,
    GoalReview,
    ReferralDecision,
    ReferralDirection,
    ReferralKind,
    Urgency,
)
from schemas.diagnosis_codes import ClinicalStatus, DiagnosisCategory, DiagnosisCode, DiagnosisStep, Verification
from schemas.instruments import find
from schemas.instruments.answer import Answers
from schemas.instruments.capture import CaptureChannel, CaptureContext, NonAnswer, PenHolder
from schemas.note_codes import NoteStep
from schemas.programme import newest
from schemas.programme_codes import EntryKind, StepState, TaskState
from schemas.release_codes import (
    ConsentAnswer,
    ConsentKind,
    ContentClass,
    Door,
    LegalBasis,
    ReleaseForm,
    ReleasePurpose,
    ReleaseStatus,
    SaidHow,
    SendRoute,
)
from schemas.session_codes import HomeworkDone, Intervention
from schemas.vocabulary import (
    Attendance,
    CaseStatus,
    Channel,
    ChannelRule,
    EventLevel,
    EventStatus,
    Gender,
    GoalDomain,
    GoalStatus,
    NoteFormat,
    NoteStatus,
    PlanRight,
    PlanStatus,
    PlanType,
    ResponseStatus,
    RiskStatus,
    Role,
    SessionType,
)
from service.casework.sources import Frozen
from service.domain.accounts import Person, Practice
from service.domain.cases import (
    Case,
    ChannelPreference,
    Client,
    ContactPreferences,
    Episode,
    Goal,
    OtherPerson,
    Presentation,
)
from service.domain.diagnoses import Assessed, Diagnosis, DiagnosisVersion
from service.domain.disclosures import Departure, Disclosure, Left
from service.domain.episodes import Move
from service.domain.events import SafetyEvent
from service.domain.intakes import Intake
from service.domain.leaving import IN_REPORT
from service.domain.note_life import StepWords, Taken
from service.domain.notes import SECTIONS, Addendum, Note
from service.domain.plan_types import FIELDS
from service.domain.programme import MOVES, Entry, EntryWords, Programme
from service.domain.referrals import Referral
from service.domain.releases import Consent, Release, ReleaseTerms
from service.domain.safety import Plan, PlanLine
from service.domain.scoring import score
from service.domain.session_work import Reviewed, Work
from service.domain.sessions import TherapySession
from service.domain.summaries import Cosign, Section, Summary, SummaryWords
from service.fhir.addresses import Addresses
from tests.instruments import answers_to

AT = Addresses("https://stepwell.example", "https://stepwell.example/fhir/R4")
THEN = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
WSL = find("wsl", "1.0.0")
PRACTICE = Practice("0f6b0000-0000-4000-8000-000000000001", "Linden Street Practice", "Europe/Dublin", 1, THEN)
FLAGGING = replace(PRACTICE, flags_leave=True)
PERSON = Person(
    id="0f6b0000-0000-4000-8000-000000000002",
    practice_id=PRACTICE.id,
    role=Role.THERAPIST,
    name="Ana Núñez",
    email="ana@linden.example",
    qualification="Clinical psychologist",
    active=True,
    has_password=True,
    has_totp=False,
    version=1,
    updated_at=THEN,
)
SECRETS = (
    "Legal Name Kept Back",
    "12 Hidden Lane",
    "Person Zed",
    "+353 1 000 0000",
    "not-for-use@mail.example",
    "Dr Not Told",
)


def a_case(**changed: object) -> Case:
    channels = (
        ChannelPreference(Channel.PHONE, ChannelRule.NEVER, SECRETS[3]),
        ChannelPreference(Channel.EMAIL, ChannelRule.BETWEEN, SECRETS[4], times="9 to 12"),
        ChannelPreference(Channel.TEXT, ChannelRule.OK, "+353 86 000 0001"),
    )
    given: dict[str, object] = {
        "id": "0f6b0000-0000-4000-8000-000000000003",
        "practice_id": PRACTICE.id,
        "code": "C-AB12C",
        "status": CaseStatus.OPEN,
        "sealed": False,
        "held": False,
        "opened_on": date(2026, 1, 5),
        "owner_id": PERSON.id,
        "owner_name": PERSON.name,
        "client": Client(
            chosen_name="Zoë Okonkwo-Šimić",
            legal_name=SECRETS[0],
            gender=Gender.FEMALE,
            gender_identity="woman",
            birth_date=date(1990, 2, 3),
            languages="English, Igbo",
            address=SECRETS[1],
        ),
        "contact": ContactPreferences(channels),
        "record_safety": None,
        "other_person": OtherPerson(SECRETS[2]),
        "presentation": Presentation(),
        "episode": Episode(
            "0f6b0000-0000-4000-8000-000000000004",
            EpisodeState.ACTIVE,
            date(2026, 1, 5),
            None,
            1,
            THEN,
            moves=(Move(None, EpisodeState.ACTIVE, THEN, PERSON.name, "Kept here: why", PERSON.id),),
        ),
        "version": 1,
        "updated_at": THEN,
    }
    return Case(**(given | changed))  # type: ignore[arg-type]


def a_session(**changed: object) -> TherapySession:
    given: dict[str, object] = {
        "id": "0f6b0000-0000-4000-8000-000000000005",
        "case_id": a_case().id,
        "type": SessionType.INDIVIDUAL,
        "starts_at": THEN,
        "ends_at": THEN + timedelta(minutes=50),
        "place": "Room 2",
        "private": "yes",
        "attendance": Attendance.ATTENDED,
        "risk": RiskStatus.ASKED_NOTHING_NEW,
        "risk_reason": "",
        "plan_right": PlanRight.STILL_RIGHT,
        "homework_given": "Kept here",
        "homework_reviewed": "",
        "next_on": None,
        "next_reason": "Kept here",
        "author_id": PERSON.id,
        "author_name": PERSON.name,
        "version": 1,
        "updated_at": THEN,
    }
    return TherapySession(**(given | changed))  # type: ignore[arg-type]


def taken(number: int, step: NoteStep, text: str, answers: str | None = None) -> Taken:
    return Taken(
        id=f"0f6b0000-0000-4000-8000-{number:012x}",
        case_id=a_case().id,
        session_id=a_session().id,
        step=step,
        at=THEN + timedelta(days=number - 0x200),
        by_id=PERSON.id,
        by=PERSON.name,
        words=StepWords(text),
        answers=answers,
    )


ASKED = taken(0x201, NoteStep.AMENDMENT_ASKED, "It was Tuesday.")
DISPUTED = (
    ASKED,
    taken(0x202, NoteStep.AMENDMENT_DENIED, "The calendar says Monday.", ASKED.id),
    taken(0x203, NoteStep.DISAGREEMENT, "I still say Tuesday."),
    taken(0x204, NoteStep.ERROR_SAID, "Kept here: wrong record"),
    taken(0x205, NoteStep.ERROR_REFUSED, "Kept here: not wrong"),
)


def a_note(**changed: object) -> Note:
    addendum = Addendum(
        "0f6b0000-0000-4000-8000-000000000007", PERSON.id, PERSON.name, "Later: slept better.", "x", THEN
    )
    given: dict[str, object] = {
        "id": "0f6b0000-0000-4000-8000-000000000006",
        "case_id": a_case().id,
        "session_id": a_session().id,
        "author_id": PERSON.id,
        "author_name": PERSON.name,
        "format": NoteFormat.DAP,
        "status": NoteStatus.SIGNED,
        "sections": {"data": "Talked about the week – ñ.", "assessment": "", "plan": "Continue."},
        "created_at": THEN,
        "signed_at": THEN + timedelta(hours=1),
        "signed_by": PERSON.name,
        "content_hash": "0" * 64,
        "addenda": (addendum,),
        "version": 2,
        "updated_at": THEN + timedelta(hours=1),
    }
    return Note(**(given | changed))  # type: ignore[arg-type]


def an_intake(answers: Answers | None = None, **changed: object) -> Intake:
    some: Answers = {f"{letter}{number}": "2" for letter in "PEC" for number in range(1, 6)}
    some = {**some, "P2": NonAnswer.DECLINED, "E1_mostly": "mix", "X1": ("they_reply", "client"), "X1_count": 3}
    some = some if answers is None else answers
    given: dict[str, object] = {
        "id": "0f6b0000-0000-4000-8000-000000000008",
        "case_id": a_case().id,
        "session_id": a_session().id,
        "instrument_key": WSL.key,
        "instrument_version": WSL.version,
        "fingerprint": WSL.fingerprint,
        "status": ResponseStatus.COMPLETED,
        "authored_at": THEN,
        "author_id": PERSON.id,
        "author_name": PERSON.name,
        "contact_context": "together",
        "capture": CaptureContext(CaptureChannel.IN_PERSON, held_pen=PenHolder.CLIENT),
        "answers": some,
        "score": score(WSL, some),
        "amends": None,
        "reason": "",
        "replaced": False,
        "version": 1,
        "updated_at": THEN,
    }
    return Intake(**(given | changed))  # type: ignore[arg-type]


def a_plan(**changed: object) -> Plan:
    kind = changed.get("type", PlanType.PL_PREP)
    given: dict[str, object] = {
        "id": "0f6b0000-0000-4000-8000-000000000009",
        "plan_id": "0f6b0000-0000-4000-8000-00000000000a",
        "case_id": a_case().id,
        "type": kind,
        "number": 2,
        "status": PlanStatus.ACTIVE,
        "made_with_client": True,
        "private_session": True,
        "lines": {each.key: PlanLine(f"Written in {each.key}") for each in FIELDS[kind]},  # type: ignore[index]
        "reviewed_on": date(2026, 3, 2),
        "next_review": date(2026, 4, 1),
        "author_id": PERSON.id,
        "author_name": PERSON.name,
        "created_at": THEN,
        "version": 1,
        "updated_at": THEN,
    }
    return Plan(**(given | changed))  # type: ignore[arg-type]


def a_goal(**changed: object) -> Goal:
    given: dict[str, object] = {
        "id": "0f6b0000-0000-4000-8000-00000000000b",
        "case_id": a_case().id,
        "domain": GoalDomain.FUNCTION,
        "words": "Kept here: a flat of my own",
        "measure": "Kept here: keys",
        "next_step": "Kept here: ring",
        "status": GoalStatus.ACTIVE,
        "target_on": date(2026, 6, 1),
        "review_on": None,
        "version": 1,
        "updated_at": THEN,
        "reviewed_on": date(2026, 3, 1),
        "review": GoalReview.MOVING,
        "author_id": PERSON.id,
    }
    return Goal(**(given | changed))  # type: ignore[arg-type]


def a_diagnosis(now: Assessed | None = None, *, step: DiagnosisStep = DiagnosisStep.CHANGED) -> Diagnosis:
    """One that was changed once, or was entered in error; words beside a code and both reasons stay."""
    stands = now or Assessed(DiagnosisCode.SERVICES, "Kept here: beside", onset="2025-11")
    first = Assessed(words="Kept here: first")
    changed = DiagnosisVersion(2, step, stands, "Written in haste", THEN + timedelta(days=1), PERSON.id, PERSON.name)
    made = DiagnosisVersion(1, DiagnosisStep.MADE, first, "", THEN, PERSON.id, PERSON.name)
    return Diagnosis("0f6b0000-0000-4000-8000-000000000011", a_case().id, (changed, made))


def a_referral(**changed: object) -> Referral:
    given: dict[str, object] = {
        "direction": ReferralDirection.TO_US,
        "kind": ReferralKind.PRIMARY_CARE,
        "received_on": date(2026, 1, 3),
        "source": SECRETS[5],
        "reason": "Kept here: sent by",
        "urgency": Urgency.SOON,
        "decision": ReferralDecision.ACCEPTED,
        "decided_on": date(2026, 1, 5),
        "note": "Written in pencil",
        "id": "0f6b0000-0000-4000-8000-00000000000c",
        "case_id": a_case().id,
        "updated_at": THEN,
        "author_id": PERSON.id,
    }
    return Referral(**(given | changed))  # type: ignore[arg-type]


def a_release(**changed: object) -> Release:
    classes = (ContentClass.CARE, ContentClass.ATTENDANCE, ContentClass.PLAN_DATES)
    given: dict[str, object] = {
        "id": "0f6b0000-0000-4000-8000-00000000000d",
        "case_id": a_case().id,
        "form": ReleaseForm.ORDINARY,
        "status": ReleaseStatus.SIGNED,
        "terms": ReleaseTerms(
            SECRETS[5], classes, ReleasePurpose.COORDINATION, SendRoute.POST, SECRETS[1], "Kept here: for what"
        ),
        "expires_on": date(2026, 4, 1),
        "author_id": PERSON.id,
        "author_name": PERSON.name,
        "created_at": THEN,
        "version": 2,
        "updated_at": THEN,
        "signed_on": date(2026, 3, 2),
    }
    return Release(**(given | changed))  # type: ignore[arg-type]


def a_consent(**changed: object) -> Consent:
    given: dict[str, object] = {
        "id": "0f6b0000-0000-4000-8000-00000000000e",
        "case_id": a_case().id,
        "kind": ConsentKind.TREATMENT,
        "answer": ConsentAnswer.GIVEN,
        "on": date(2026, 1, 5),
        "how": SaidHow.VERBAL,
        "note": "Kept here: said",
        "author_name": PERSON.name,
        "at": THEN,
    }
    return Consent(**(given | changed))  # type: ignore[arg-type]


def a_disclosure(**changed: object) -> Disclosure:
    departure = Departure(
        SECRETS[5],
        LegalBasis.RELEASE,
        ReleasePurpose.COORDINATION,
        SendRoute.POST,
        address=SECRETS[1],
        why="Kept here: why",
        redactions="Written in black",
        release_id=a_release().id,
    )
    given: dict[str, object] = {
        "id": "0f6b0000-0000-4000-8000-00000000000f",
        "case_id": a_case().id,
        "at": THEN,
        "left": Left(Door.EXPORT, (ContentClass.CARE, ContentClass.ATTENDANCE), ("Kept here: parts",), "0" * 64),
        "departure": departure,
        "by_id": PERSON.id,
        "by_name": PERSON.name,
    }
    return Disclosure(**(given | changed))  # type: ignore[arg-type]


BY_HAND = Left(Door.OTHER, (ContentClass.CARE,), (SECRETS[5],))


def a_summary(**changed: object) -> Summary:
    """By whom it was received stays, as does every find that was confirmed."""
    sections = (
        Section("Sessions", ("Attended: 5",), ContentClass.ATTENDANCE),
        Section("Goals", ("Sleep through, à mon rythme (working on it)",), ContentClass.GOALS),
        Section("Care needs", ("Somebody to sleep near\nand <no> rush",), ContentClass.SUMMARY),
    )
    given: dict[str, object] = {
        "id": "0f6b0000-0000-4000-8000-000000000012",
        "case_id": a_case().id,
        "disclosure_id": a_disclosure().id,
        "author_id": PERSON.id,
        "author_name": PERSON.name,
        "made_at": THEN,
        "words": SummaryWords(SECRETS[5], date(2026, 1, 5), date(2026, 3, 2), sections, ("Kept here",)),
        "file": b"%PDF-1.7 as it was handed out",
    }
    return Summary(**(given | changed))  # type: ignore[arg-type]


def a_cosigned_summary() -> Summary:
    """Signed, cosigned the day after, and handed out a day later."""
    day = timedelta(days=1)
    cosign = Cosign(THEN - 2 * day, "0f6b0000-0000-4000-8000-000000000013", THEN - day)
    return a_summary(words=replace(a_summary().words, cosign=cosign), cosigner_name="Kept here")


def an_event(**changed: object) -> SafetyEvent:
    given: dict[str, object] = {
        "id": "0f6b0000-0000-4000-8000-000000000010",
        "case_id": a_case().id,
        "session_id": None,
        "intake_id": None,
        "level": EventLevel.NOW,
        "rule": "TR-3",
        "item": "sfs.B1",
        "prompt": "Kept here: ask",
        "opened_at": THEN,
        "opened_by": PERSON.name,
        "status": EventStatus.OPEN,
        "follow_up": None,
        "version": 1,
        "updated_at": THEN,
        "answer": "Kept here: told",
    }
    return SafetyEvent(**(given | changed))  # type: ignore[arg-type]


def an_entry(number: int, kind: EntryKind, step: str, value: str, **changed: object) -> Entry:
    given: dict[str, object] = {
        "id": f"0f6b0000-0000-4000-8000-{number:012x}",
        "case_id": a_case().id,
        "number": number,
        "kind": kind,
        "step": step,
        "subject": "",
        "value": value,
        "words": EntryWords(why="Kept here", answers={"why_now": "Written in confidence"}),
        "at": THEN + timedelta(days=number),
        "by_id": PERSON.id,
        "by_name": PERSON.name,
    }
    return Entry(**(given | changed))  # type: ignore[arg-type]


def a_programme(*entries: Entry) -> Programme:
    """Step 1 done for now, step 2 paused, step 3 at work; one task of each state, one taken back."""
    move, task = EntryKind.MOVE, EntryKind.TASK
    told = entries or (
        an_entry(257, move, "1", StepState.OFFERED),
        an_entry(258, move, "1", StepState.ACTIVE),
        an_entry(259, task, "1", TaskState.DOING, subject="1a"),
        an_entry(260, task, "1", TaskState.DONE, subject="1a"),
        an_entry(261, move, "1", StepState.DONE_FOR_NOW),
        an_entry(262, move, "2", StepState.OFFERED),
        an_entry(263, move, "2", StepState.ACTIVE),
        an_entry(264, move, "2", StepState.PAUSED),
        an_entry(265, move, "3", StepState.OFFERED),
        an_entry(266, move, "3", StepState.ACTIVE),
        an_entry(267, task, "3", TaskState.OFFERED, subject="3a"),
        an_entry(268, task, "3", TaskState.SKIPPED, subject="3b"),
        an_entry(269, task, "3", TaskState.OFFERED, subject="3c", undone_at=THEN + timedelta(days=270)),
        an_entry(270, EntryKind.BARRIER, "", "named", subject="money"),
    )
    return Programme(a_case().id, newest(), told)


def frozen(record: object, **changed: object) -> Frozen:
    """The record with what publishing would hand along."""
    kind = type(record).__name__.lower()
    case = None if isinstance(record, Practice | Person) else a_case()
    given: dict[str, object] = {"record_type": kind, "record": record, "case": case, "practice": PRACTICE}
    return Frozen(**(given | {"session": a_session(), "signer_id": PERSON.id} | changed))  # type: ignore[arg-type]


WORKED_ON = {
    "homework_given": "Kept here: one walk\nKept here: ring M.",
    "work": Work((Intervention.EMDR, Intervention.SAFETY_PLANNING, Intervention.GRIEF), "Written in the margin"),
}
TOLD = Work(reviewed=(Reviewed("Kept here: one walk", HomeworkDone.DONE, "Written in"),))


def one_of_each() -> dict[str, Frozen]:
    """Name -> a fixed record of every kind, for goldens and for the second validators."""
    amended = an_intake(
        {"E2": "4", "I_began": "In spring", "P4_assault": True}, status=ResponseStatus.AMENDED, amends=PRACTICE.id
    )
    case = a_case()
    return {
        "practice": frozen(PRACTICE),
        "account": frozen(PERSON),
        "case": frozen(case),
        "episode": frozen(case.episode),
        "session": frozen(a_session()),
        "session-video": frozen(a_session(type=SessionType.VIDEO)),
        "session-not-held": frozen(a_session(attendance=Attendance.NO_SHOW)),
        "note": frozen(a_note()),
        "note-worked-on": frozen(
            a_note(addenda=()),
            session=a_session(**WORKED_ON),
            later=a_session(work=TOLD, starts_at=THEN + timedelta(days=7)),
        ),
        "note-disputed": frozen(a_note(addenda=(), trail=DISPUTED), session=None),
        "intake": frozen(an_intake()),
        "intake-amended": frozen(amended, session=None),
        "intake-replaced": frozen(an_intake(replaced=True), replaced_at=THEN + timedelta(days=1)),
        "plan": frozen(a_plan()),
        "goal": frozen(a_goal()),
        "goal-safety": frozen(a_goal(domain=GoalDomain.SAFETY)),
        "diagnosis": frozen(a_diagnosis()),
        "diagnosis-words": frozen(
            a_diagnosis(
                Assessed(words="Sleeps badly", other_code="G47.9", onset="2025", verification=Verification.REFUTED)
            )
        ),
        "diagnosis-wrong": frozen(a_diagnosis(step=DiagnosisStep.WRONG)),
        "referral": frozen(a_referral()),
        "referral-onward": frozen(a_referral(direction=ReferralDirection.FROM_US)),
        "referral-untold": frozen(a_referral(direction=ReferralDirection.FROM_US, kind=ReferralKind.SPECIALIST_DV)),
        "summary": frozen(a_summary()),
        "summary-cosigned": frozen(a_cosigned_summary()),
        "summary-withheld": frozen(a_summary(), withheld=frozenset({a_summary().id})),
        "release": frozen(a_release()),
        "release-revoked": frozen(
            a_release(status=ReleaseStatus.REVOKED, ended_on=date(2026, 3, 9), ended_how=SaidHow.VERBAL)
        ),
        "consent": frozen(a_consent()),
        "consent-declined": frozen(a_consent(kind=ConsentKind.RECORDING, answer=ConsentAnswer.DECLINED)),
        "disclosure": frozen(a_disclosure()),
        "disclosure-corrected": frozen(a_disclosure(corrects=a_disclosure().id, left=BY_HAND)),
        "event": frozen(an_event(), practice=FLAGGING),
        "event-ended": frozen(an_event(status=EventStatus.ENDED), practice=FLAGGING),
        "event-untold": frozen(an_event()),
        "programme": frozen(a_programme()),
        "programme-taken-back": frozen(
            a_programme(an_entry(257, EntryKind.MOVE, "1", StepState.OFFERED, undone_at=THEN + timedelta(days=258)))
        ),
    }


WORDS = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=40)
NAMES = WORDS.filter(str.strip)
AUTHORS = st.sampled_from(("", PERSON.id))
TIMES = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants naive bounds
DAYS = st.dates(date(1920, 1, 1), date(2090, 1, 1))
CHANNELS = st.lists(
    st.builds(ChannelPreference, channel=st.sampled_from(Channel), rule=st.sampled_from(ChannelRule), value=WORDS),
    max_size=4,
)


def cases() -> st.SearchStrategy[Frozen]:
    clients = st.builds(
        Client, NAMES, WORDS, WORDS, st.sampled_from(Gender), WORDS, st.none() | DAYS, WORDS, WORDS, WORDS, WORDS
    )
    contacts = st.builds(ContactPreferences, channels=CHANNELS.map(tuple))
    return st.builds(
        lambda client, contact, status, at: frozen(
            a_case(client=client, contact=contact, status=status, updated_at=at)
        ),
        clients,
        contacts,
        st.sampled_from(CaseStatus),
        TIMES,
    )


def people() -> st.SearchStrategy[Frozen]:
    return st.builds(
        lambda name, role, words, active: frozen(
            Person(PERSON.id, PRACTICE.id, role, name, "a@b.example", words, active, True, False, 1, THEN)
        ),
        NAMES,
        st.sampled_from(Role),
        WORDS,
        st.booleans(),
    )


def episodes() -> st.SearchStrategy[Frozen]:
    return st.builds(
        lambda status, start, end, moves: frozen(
            Episode(a_case().episode.id, status, start, end, 1, THEN, moves=tuple(moves))
        ),
        st.sampled_from(EpisodeState),
        DAYS,
        st.none() | DAYS,
        st.lists(
            st.builds(Move, st.sampled_from(EpisodeState), st.sampled_from(EpisodeState), TIMES, NAMES, WORDS, AUTHORS)
        ),
    )


def held_sessions() -> st.SearchStrategy[Frozen]:
    return st.builds(
        lambda kind, attendance, start: frozen(
            a_session(type=kind, attendance=attendance, starts_at=start, ends_at=start + timedelta(minutes=50))
        ),
        st.sampled_from(SessionType),
        st.sampled_from(Attendance),
        TIMES,
    )


def signed_notes() -> st.SearchStrategy[Frozen]:
    def note(kind: NoteFormat, text: str, at: datetime, extra: bool) -> Frozen:
        sections = {key: text for key, _ in SECTIONS[kind]}
        changed = a_note(format=kind, sections=sections, signed_at=at)
        return frozen(changed if extra else a_note(format=kind, sections=sections, signed_at=at, addenda=()))

    return st.builds(note, st.sampled_from(NoteFormat), NAMES, TIMES, st.booleans())


def intakes() -> st.SearchStrategy[Frozen]:
    def intake(answers: Answers, status: ResponseStatus, pen: PenHolder, replaced: bool) -> Frozen:
        capture = CaptureContext(CaptureChannel.IN_PERSON, held_pen=pen)
        amends = PRACTICE.id if status is ResponseStatus.AMENDED else None
        return frozen(an_intake(answers, status=status, capture=capture, replaced=replaced, amends=amends))

    return st.builds(
        intake, answers_to(WSL), st.sampled_from(ResponseStatus), st.sampled_from(PenHolder), st.booleans()
    )


def plans() -> st.SearchStrategy[Frozen]:
    return st.builds(
        lambda kind, status, on: frozen(a_plan(type=kind, status=status, reviewed_on=on)),
        st.sampled_from(PlanType),
        st.sampled_from(PlanStatus),
        DAYS,
    )


def programmes() -> st.SearchStrategy[Frozen]:
    """Any walk of allowed moves over the seven steps, with tasks between them."""

    @st.composite
    def walked(draw: st.DrawFn) -> Frozen:
        state, told = dict.fromkeys("1234567", StepState.NOT_STARTED), []
        for number in range(1, draw(st.integers(2, 25))):
            step = draw(st.sampled_from("1234567"))
            undone = draw(st.sampled_from((None, None, THEN + timedelta(days=number))))
            if state[step] is StepState.NOT_STARTED or draw(st.booleans()):
                to = draw(st.sampled_from(MOVES[state[step]]))
                told.append(an_entry(number, EntryKind.MOVE, step, to, undone_at=undone))
                state[step] = to if undone is None else state[step]
            else:
                task = draw(st.sampled_from(newest().step(step).tasks)).key
                value = draw(st.sampled_from(TaskState))
                told.append(an_entry(number, EntryKind.TASK, step, value, subject=task, undone_at=undone))
        return frozen(a_programme(*told))

    return walked()


def goals() -> st.SearchStrategy[Frozen]:
    return st.builds(
        lambda domain, status, review, words, author_id: frozen(
            a_goal(domain=domain, status=status, review=review, words=words, author_id=author_id)
        ),
        st.sampled_from(GoalDomain),
        st.sampled_from(GoalStatus),
        st.none() | st.sampled_from(GoalReview),
        WORDS,
        AUTHORS,
    )


def diagnoses() -> st.SearchStrategy[Frozen]:
    coded = st.tuples(st.sampled_from(DiagnosisCode), WORDS)
    found = st.builds(
        lambda what, category, clinical, verification, onset: Assessed(
            what[0], what[1], category=category, clinical_status=clinical, verification=verification, onset=onset
        ),
        st.one_of(coded, st.tuples(st.none(), NAMES)),
        st.sampled_from(DiagnosisCategory),
        st.sampled_from(ClinicalStatus),
        st.sampled_from(Verification),
        st.sampled_from(("", "2025", "2025-11", "2025-11-02")),
    )
    return st.builds(lambda now, step: frozen(a_diagnosis(now, step=step)), found, st.sampled_from(DiagnosisStep))


def referrals() -> st.SearchStrategy[Frozen]:
    return st.builds(
        lambda direction, kind, decision, urgency, author_id: frozen(
            a_referral(direction=direction, kind=kind, decision=decision, urgency=urgency, author_id=author_id)
        ),
        st.sampled_from(ReferralDirection),
        st.sampled_from(ReferralKind),
        st.sampled_from(ReferralDecision),
        st.sampled_from(Urgency),
        AUTHORS,
    )


def terms() -> st.SearchStrategy[ReleaseTerms]:
    classes = st.lists(st.sampled_from(ContentClass), min_size=1, unique=True).map(tuple)
    return st.builds(ReleaseTerms, NAMES, classes, st.sampled_from(ReleasePurpose), st.sampled_from(SendRoute))


def releases() -> st.SearchStrategy[Frozen]:
    return st.builds(
        lambda words, status, form, signed: frozen(a_release(terms=words, status=status, form=form, signed_on=signed)),
        terms(),
        st.sampled_from(ReleaseStatus),
        st.sampled_from(ReleaseForm),
        st.none() | DAYS,
    )


def consents() -> st.SearchStrategy[Frozen]:
    return st.builds(
        lambda kind, answer, on: frozen(a_consent(kind=kind, answer=answer, on=on)),
        st.sampled_from(ConsentKind),
        st.sampled_from(ConsentAnswer),
        DAYS,
    )


def departures() -> st.SearchStrategy[Frozen]:
    digests = st.sampled_from(("", "f" * 64))
    return st.builds(
        lambda door, words, digest, corrects: frozen(
            a_disclosure(left=Left(door, words.classes, (), digest), corrects=corrects)
        ),
        st.sampled_from(Door),
        terms(),
        digests,
        st.none() | st.just(PRACTICE.id),
    )


def summaries() -> st.SearchStrategy[Frozen]:
    sections = st.builds(Section, NAMES, st.lists(NAMES, min_size=1, max_size=3).map(tuple), st.sampled_from(IN_REPORT))
    return st.builds(
        lambda sections, file, at, stays: frozen(
            a_summary(words=SummaryWords("Harbour Clinic", THEN.date(), THEN.date(), sections), file=file, made_at=at),
            withheld=frozenset({a_summary().id} if stays else ()),
        ),
        st.lists(sections, min_size=1, max_size=4).map(tuple),
        st.binary(min_size=1, max_size=40),
        TIMES,
        st.booleans(),
    )


def events() -> st.SearchStrategy[Frozen]:
    return st.builds(
        lambda status, level, at, practice: frozen(
            an_event(status=status, level=level, opened_at=at), practice=practice
        ),
        st.sampled_from(EventStatus),
        st.sampled_from(EventLevel),
        TIMES,
        st.sampled_from((PRACTICE, FLAGGING)),
    )


def anything() -> st.SearchStrategy[Frozen]:
    """A record of any kind."""
    practices = st.builds(lambda name: frozen(Practice(PRACTICE.id, name, "UTC", 1, THEN)), NAMES)
    of_care = cases(), episodes(), held_sessions(), signed_notes(), intakes(), plans(), programmes(), goals(), events()
    return st.one_of(
        practices, people(), *of_care, diagnoses(), referrals(), releases(), consents(), departures(), summaries()
    )
