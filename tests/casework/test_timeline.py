"""The timeline of a case: everything once, page by page, in any choice; taken away as a table."""

import hashlib
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import Table, delete
from sqlalchemy.sql.visitors import iterate

from schemas.case_codes import TimelineKind, Voice
from schemas.instruments import find
from schemas.release_codes import ConsentAnswer, ConsentKind, ContentClass, Door, SaidHow
from schemas.request_codes import AskedBy, RefusalReason, RequestKind
from schemas.vocabulary import EventLevel, GoalDomain, PlanType
from service.casework import (
    cases,
    circumstances,
    contact_plans,
    disclosures,
    events,
    goals,
    note_life,
    notes,
    plans,
    proxies,
    releases,
    requests,
    reviews,
    supervision_records,
    timeline,
    walls,
)
from service.casework.copies import CopyWish
from service.casework.goals import GoalDraft
from service.domain import clock
from service.domain.actors import Actor
from service.domain.cases import OtherPerson
from service.domain.disclosures import to_the_client
from service.domain.proxies import Concern
from service.domain.relationship import RelationshipFacts
from service.domain.releases import Said
from service.domain.requests import Asking
from service.domain.supervision_records import TouchedWords
from service.domain.timeline import READ_BY, Happening, Wanted
from service.errors import Invalid, NotAllowed, NotFound
from service.store import disclosures as disclosure_store
from service.store.base import Base, db
from service.store.plans import PlanStepRow
from service.store.timeline import SOURCES
from tests import builders, prepared
from tests.builders import House

pytestmark = pytest.mark.usefixtures("context")
RATED = tuple(item.key for item in find("ssr", "1.0.0").asked() if item.key != "change")
PLANTED = "Planted-words-of-the-client"


@prepared.once
def a_full_case(house: House) -> str:
    """Something of every kind; whatever takes words holds PLANTED."""
    actor = house.therapist
    case = builders.add_case(actor, chosen_name=PLANTED)
    cases.change_other_person(actor, case.id, OtherPerson(PLANTED), version=case.version)
    for week in range(4):
        start = clock.now() - timedelta(days=7 * week + 1)
        session = builders.add_session(actor, case.id, starts_at=start, ends_at=start + timedelta(minutes=50))
        builders.add_note(actor, session.id, text=PLANTED, signed=True)
    builders.add_intake(actor, case.id)
    builders.add_plan(actor, case.id)
    events.open_event(actor, case.id, EventLevel.NEXT, prompt=PLANTED)
    goals.save_goal(actor, case.id, GoalDraft(GoalDomain.PERSONAL, PLANTED))
    circumstances.keep_facts(actor, case.id, RelationshipFacts(children=1), version=0)
    builders.add_diagnosis(actor, case.id, words=PLANTED)
    builders.add_referral(actor, case.id)
    builders.offer_step(actor, case.id)
    said = Said(ConsentKind.TREATMENT, ConsentAnswer.GIVEN, clock.now().date(), SaidHow.WRITTEN, PLANTED)
    releases.record_consent(actor, case.id, said)
    builders.add_release(actor, case.id)
    disclosures.record_disclosure(actor, case.id, to_the_client(), (ContentClass.ATTENDANCE,), PLANTED)
    meeting = builders.add_meeting(house.supervisor, actor, words=PLANTED)
    supervision_records.touch_case(house.supervisor, meeting.id, case.id, TouchedWords(PLANTED, PLANTED), version=None)
    return case.id


def plant_around(house: House, case_id: str) -> None:
    """What stands around a case, beside its plans: nothing of it is on paper that is taken away."""
    actor, today = house.therapist, clock.now().date()
    builders.add_contact_plan(actor, case_id)
    boundary = builders.add_boundary(actor, case_id, statement=PLANTED)
    contact_plans.put_boundary_away(actor, boundary.id, version=boundary.version)
    builders.add_tool(actor, case_id, what=PLANTED)
    builders.add_person(actor, case_id, name=PLANTED)
    builders.add_proxy(actor, case_id, name=PLANTED)
    reviews.keep_review(actor, case_id, PLANTED, Voice.CLIENT, version=0)
    asking = Asking(RequestKind.SUBPOENA, AskedBy.LAWYER, PLANTED, PLANTED, today)
    asked = requests.record_request(actor, case_id, asking)
    requests.refuse(actor, asked.id, RefusalReason.SUBPOENA_ALONE, words=PLANTED, version=asked.version)
    walls.hold(actor, case_id, "A hearing is coming, nothing may be lost")


def test_everything_stands_on_the_timeline_once_and_in_order(house: House) -> None:
    case_id = a_full_case(house)
    plant_around(house, case_id)
    found = timeline.read_timeline(house.therapist, case_id, Wanted(), most=200)
    assert {each.kind for each in found.happened} == set(TimelineKind)
    assert found.further is None
    assert all((one.at, one.row) > (other.at, other.row) for one, other in pairwise(found.happened))
    assert all(each.words for each in found.happened)


def test_pages_of_any_size_lose_and_repeat_nothing(house: House) -> None:
    case_id = a_full_case(house)
    whole = timeline.read_timeline(house.therapist, case_id, Wanted(), most=200).happened
    for most in (1, 3, 7):
        assert paged(house.therapist, case_id, most) == whole


def paged(actor: Actor, case_id: str, most: int) -> tuple[Happening, ...]:
    """The timeline, read in pages of so many."""
    found: list[Happening] = []
    wanted = Wanted()
    while True:
        part = timeline.read_timeline(actor, case_id, wanted, most=most)
        found += part.happened
        if part.further is None:
            return tuple(found)
        wanted = Wanted(before=part.further)


def test_a_choice_of_kinds_and_days_is_kept_to(house: House) -> None:
    case_id, today = a_full_case(house), clock.today("Europe/Dublin")
    kinds = frozenset({TimelineKind.SESSION, TimelineKind.GOAL})
    chosen = timeline.read_timeline(house.therapist, case_id, Wanted(kinds), most=200).happened
    assert {each.kind for each in chosen} == kinds
    day = today - timedelta(days=8)
    on_that_day = timeline.read_timeline(house.therapist, case_id, Wanted(kinds, day, day), most=200).happened
    assert [clock.local(each.at, "Europe/Dublin").date() for each in on_that_day] == [day]


def test_ratings_of_sessions_are_for_the_therapist_alone(house: House) -> None:
    case_id = builders.add_case(house.therapist).id
    answers = dict.fromkeys(RATED, "4")
    builders.add_intake(house.therapist, case_id, answers, instrument_key="ssr")
    forms = Wanted(frozenset({TimelineKind.FORM}))
    assert len(timeline.read_timeline(house.therapist, case_id, forms).happened) == 1
    assert timeline.read_timeline(house.supervisor, case_id, forms).happened == ()


def test_meetings_are_for_the_two_who_met_and_never_leave(house: House) -> None:
    case_id, today = a_full_case(house), clock.now().date()
    cases.assign_cover(house.therapist, case_id, house.peer.user_id, today)
    wanted = Wanted(frozenset({TimelineKind.SUPERVISION}))
    for person, seen in ((house.therapist, 1), (house.supervisor, 1), (house.peer, 0)):
        found = timeline.read_timeline(person, case_id, wanted).happened
        assert [each.local("Pacific/Auckland").date() for each in found] == [today] * seen
    assert "Supervision" not in timeline.export_timeline(house.therapist, case_id, Wanted()).decode()


def test_an_emergency_shows_neither_programme_nor_papers(house: House) -> None:
    case_id = a_full_case(house)
    plant_around(house, case_id)
    walls.break_glass(house.peer, cases.read_case(house.therapist, case_id).code, "Nobody else could be reached")
    seen = {each.kind for each in timeline.read_timeline(house.peer, case_id, Wanted(), most=200).happened}
    assert seen == set(TimelineKind) - READ_BY.keys() - {TimelineKind.SUPERVISION}
    assert timeline.read_timeline(house.peer, case_id, Wanted(frozenset(READ_BY))).happened == ()
    lines = words(house, case_id, TimelineKind.WALL)
    assert lines == ["Opened in an emergency", "Legal hold set"]


def words(house: House, case_id: str, kind: TimelineKind, reader: Actor | None = None) -> list[str]:
    found = timeline.read_timeline(reader or house.therapist, case_id, Wanted(frozenset({kind})), most=200).happened
    return [each.words for each in found]


def test_each_reader_sees_the_kinds_whose_pages_they_may_open(house: House) -> None:
    case_id = builders.add_case(house.therapist).id
    plant_around(house, case_id)
    proxies_seen = ["Somebody who could see it elsewhere: written"]
    assert words(house, case_id, TimelineKind.PROXY) == proxies_seen
    assert words(house, case_id, TimelineKind.PROXY, house.supervisor) == []
    with pytest.raises(NotAllowed):
        proxies.read_proxies(house.supervisor, case_id)
    assert words(house, case_id, TimelineKind.REQUEST, house.supervisor) == ["Subpoena: Refused", "Subpoena: Open"]


def test_what_follows_a_signature_has_its_lines(house: House) -> None:
    case_id = builders.add_case(house.therapist).id
    note = builders.add_note(house.therapist, builders.add_session(house.therapist, case_id).id, signed=True)
    notes.add_addendum(house.therapist, note.id, PLANTED)
    note_life.ask_amendment(house.therapist, note.id, PLANTED)
    note_life.say_error(house.therapist, note.id, "It belongs to the record of somebody else.")
    assert words(house, case_id, TimelineKind.NOTE) == [
        "Note: Said to be entered in error",
        "Note: The client asks for an amendment",
        "Addendum to a note",
        "Note signed",
    ]


def test_a_plan_says_what_was_done_with_it_and_when(house: House) -> None:
    case_id = builders.add_case(house.therapist).id
    plan = builders.add_plan(house.therapist, case_id)
    plan = plans.review_plan(house.therapist, plan.id, version=plan.version)
    newer = plans.start_plan(house.therapist, case_id, plan.type)
    newer = plans.activate_plan(house.therapist, newer.id, version=newer.version)
    plans.withdraw_plan(house.therapist, newer.id, version=newer.version)
    name = plan.type.label
    lines = [each.removeprefix(f"{name}: ") for each in words(house, case_id, TimelineKind.PLAN)]
    assert lines[0] == "Taken out of use"
    assert sorted(lines[1:3]) == ["Put in use", "Replaced by a newer version"]
    assert lines[3:] == ["Draft", "Looked at together", "Put in use", "Draft"]


def test_a_plan_of_before_its_steps_were_kept_says_how_it_stands(house: House) -> None:
    case_id = builders.add_case(house.therapist).id
    builders.add_plan(house.therapist, case_id)
    db.session.execute(delete(PlanStepRow))
    db.session.commit()
    assert words(house, case_id, TimelineKind.PLAN) == ["Plan for strong urges: In use"]


def test_a_release_that_was_revoked_was_signed_before(house: House) -> None:
    case_id = builders.add_case(house.therapist).id
    release = builders.add_release(house.therapist, case_id)
    releases.revoke_release(house.therapist, release.id, SaidHow.WRITTEN, version=release.version)
    states = {each.rpartition(": ")[2] for each in words(house, case_id, TimelineKind.RELEASE)}
    assert states == {"Prepared, not signed", "Signed", "Revoked"}


# table -> why nothing of it stands on the timeline
NOT_TOLD = {
    "bulk_case": "what left stands under what left",
    "case_assignment": "how things stand, without a time",
    "case_summary": "worked out from the rest",
    "client_case": "its changes stand there",
    "conflict": "a possible match of names, for those who settle it alone",
    "discharge": "the move of the episode stands there",
    "episode": "its moves stand there",
    "fhir_resource": "built from the rest",
    "glass_seen": "who took note, not what happened on the case",
    "handover": "the form that came of it stands there",
    "leak_verdict": "worked out from the rest",
    "outbox": "the work of the product",
    "outside_record": "what was taken over stands where it was put",
    "person_hash": "worked out from the rest",
    "psychotherapy_note": "for its author alone, which not even a count tells",
    "psychotherapy_grant": "for its author and whom it was opened to",
    "purge_certificate": "of a case that cannot be opened any more",
    "refusal": "an interval of forms, not something that happened",
    "schedule": "an interval of forms, not something that happened",
    "treatment_summary": "what left stands under what left",
    "supervision_action": "for the two who met, under their meeting",
}


def test_every_table_about_a_case_stands_on_the_timeline_or_says_why_not() -> None:
    """Compared with the tables themselves, so that a new noun is not forgotten."""
    told = {each.name for _kind, rows in SOURCES for each in iterate(rows()) if isinstance(each, Table)}
    about = {table for table in Base.metadata.sorted_tables if "case_id" in table.c}
    hang_on = {
        table
        for table in Base.metadata.sorted_tables
        if any(key.column.table in about and key.column.table.name != "client_case" for key in table.foreign_keys)
    }
    owed = {table.name for table in about | hang_on} | {"client_case"}
    assert owed - told == NOT_TOLD.keys()


def test_an_export_goes_on_to_the_very_beginning(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    case_id = a_full_case(house)
    whole = timeline.export_timeline(house.therapist, case_id, Wanted(frozenset({TimelineKind.SESSION})))
    monkeypatch.setattr(timeline, "BATCH", 3)
    assert timeline.export_timeline(house.therapist, case_id, Wanted(frozenset({TimelineKind.SESSION}))) == whole
    assert whole.count(b"Individual session") == 4


def test_nothing_around_a_case_is_on_paper_that_is_taken_away(house: House) -> None:
    case_id = builders.add_case(house.therapist).id
    without = timeline.export_timeline(house.therapist, case_id, Wanted())
    around = frozenset(TimelineKind) - {TimelineKind.DISCLOSURE}
    plant_quietly(house, case_id)
    assert timeline.export_timeline(house.therapist, case_id, Wanted(around)) == without


def plant_quietly(house: House, case_id: str) -> None:
    """All of that but somebody who could see it elsewhere, which keeps the table from leaving at all."""
    plant_around(house, case_id)
    (known,) = proxies.read_proxies(house.therapist, case_id).proxies
    proxies.put_proxy_away(house.therapist, known.card.id, version=known.card.version)


def test_a_table_holds_nobodys_words_and_asks_for_a_fresh_confirmation(house: House) -> None:
    case_id = a_full_case(house)
    told = timeline.export_timeline(house.therapist, case_id, Wanted()).decode()
    assert "Individual session: Attended" in told
    assert PLANTED not in told
    left = disclosure_store.of_case(case_id)[0]
    digest = hashlib.sha256(told.encode()).hexdigest()
    assert (left.left.door, left.left.digest, left.departure) == (Door.TIMELINE, digest, to_the_client())
    proxies.save_concern(house.therapist, case_id, Concern(names="The client"), version=0)
    with pytest.raises(Invalid):
        timeline.export_timeline(house.therapist, case_id, Wanted())
    assert disclosure_store.of_case(case_id)[0] == left
    unconfirmed = Actor(house.therapist.user_id, house.practice_id, house.therapist.role, "Ana Núñez")
    with pytest.raises(NotAllowed):
        timeline.export_timeline(unconfirmed, case_id, Wanted())
    with pytest.raises(NotAllowed):
        timeline.export_timeline(house.supervisor, case_id, Wanted())
    with pytest.raises(NotFound):
        timeline.export_timeline(house.peer, case_id, Wanted())


def test_a_table_says_neither_which_plan_there_is_nor_what_an_own_copy_is_of(house: House) -> None:
    case_id = builders.add_case(house.therapist).id
    builders.add_plan(house.therapist, case_id, PlanType.PL_LEAVE, active=False)
    plan = builders.add_plan(house.therapist, case_id, PlanType.PL_URGE)
    plans.copy_plan(house.therapist, plan.id, CopyWish("Notes", "At work"))
    told = timeline.export_timeline(house.therapist, case_id, Wanted()).decode()
    assert "Plan: Draft" in told and "Left: Client's own copy." in told
    assert [each.label for each in PlanType if each.label in told] == [] and "of a plan" not in told
